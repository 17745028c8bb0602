//! Waiting: `poll_oneoff`.

use super::rights::Rights;
use super::table::Object;
use super::types::{self, EVENT_SIZE, Event, Subscription, SubscriptionKind};
use super::{Errno, GuestMemory, Result, WasiP1Ctx};
use crate::host::{
    ClockId, Deadline, Direction, FileType, FsOp, HostOp, HostRet, Interest, Ready, Source, Stream,
    WaitOp, When,
};

/// A bound on what one call makes the host remember. wasmtime bounds it too, by bytes.
const MAX_SUBSCRIPTIONS: u32 = 1 << 16;

/// What became of a subscription, or where in the wait it stands.
enum Slot {
    /// Nothing to wait for: the event says why.
    Failed(Errno),
    Deadline(usize),
    Interest(usize),
}

/// Waits until at least one of the `nsubscriptions` subscriptions (48 bytes each) at `subs` is
/// met, and writes an event (32 bytes) for each that is at `events`, in their order, and their
/// number (`u32`) at `nevents`.
///
/// A subscription is met when a clock (0 or 1) reads a time or a duration has passed, or when a
/// descriptor can be read or written without waiting, be it that there is nothing more to read.
/// Files always can. An error of one subscription is in its event: [`Errno::Badf`] if the
/// descriptor is not open for that, [`Errno::Inval`] for another clock.
///
/// ```text
/// subscription  0 userdata:u64  8 tag:u8  16 clock:u32 24 timeout:u64 32 precision:u64 40 flags:u16
///                                         16 fd:u32
/// event         0 userdata:u64  8 error:u16  10 tag:u8  16 nbytes:u64  24 flags:u16
/// ```
///
/// Fails with [`Errno::Inval`] if there are no subscriptions, or for an unknown tag, and with
/// [`Errno::Nomem`] if there are more than 65536.
pub fn poll_oneoff(
    cx: &mut WasiP1Ctx,
    mem: &mut GuestMemory<'_>,
    subs: u32,
    events: u32,
    nsubscriptions: u32,
    nevents: u32,
) -> Result {
    poll(cx, mem, subs, events, nsubscriptions, nevents, types::subscription)
}

/// `poll_oneoff`, where a subscription has `SIZE` bytes and `read` knows what they say.
pub(crate) fn poll<const SIZE: usize>(
    cx: &mut WasiP1Ctx,
    mem: &mut GuestMemory<'_>,
    subs: u32,
    events: u32,
    nsubscriptions: u32,
    nevents: u32,
    read: fn(&[u8; SIZE]) -> std::result::Result<Subscription, Errno>,
) -> Result {
    if nsubscriptions == 0 {
        return Err(Errno::Inval.into());
    }
    mem.check_array(subs, nsubscriptions, SIZE as u32)?;
    mem.check_array(events, nsubscriptions, EVENT_SIZE as u32)?;
    mem.check(nevents, 4)?;
    if nsubscriptions > MAX_SUBSCRIPTIONS {
        return Err(Errno::Nomem.into());
    }

    let mut wait = WaitOp::default();
    let mut slots = Vec::with_capacity(nsubscriptions as usize);
    for index in 0..nsubscriptions {
        // Inside the array checked above.
        let subscription = read(&mem.read(subs + index * SIZE as u32)?)?;
        slots.push((subscription, subscribe(cx, subscription.kind, &mut wait)));
    }
    if slots.iter().any(|(_, slot)| matches!(slot, Slot::Failed(_))) {
        // An event is there already, so look at the others but do not wait for them.
        let at_once = Deadline { clock: ClockId::Monotonic, when: When::In(0) };
        wait.deadlines.push(at_once);
    }

    let HostRet::Woken { ready, elapsed } = cx.submit(HostOp::Wait(wait))? else {
        return Err(Errno::Io.into()); // As the accessors of `HostRet` answer.
    };
    let mut count = 0;
    for (subscription, slot) in slots {
        let event = match slot {
            Slot::Failed(error) => Some(failed(subscription, error)),
            Slot::Deadline(index) if elapsed.get(index) == Some(&true) => {
                Some(met(subscription, Ready { bytes: 0, hangup: false }))
            }
            Slot::Interest(index) => match ready.get(index).copied().flatten() {
                Some(ready) => Some(met(subscription, describe(cx, subscription.kind, ready)?)),
                None => None,
            },
            Slot::Deadline(_) => None,
        };
        if let Some(event) = event {
            // At most as many as subscriptions, so inside the array checked above.
            mem.write(events + count * EVENT_SIZE as u32, &types::event(event))?;
            count += 1;
        }
    }
    Ok(mem.write_u32(nevents, count)?)
}

/// Adds what a subscription waits for to `wait`.
fn subscribe(cx: &mut WasiP1Ctx, kind: SubscriptionKind, wait: &mut WaitOp) -> Slot {
    let (fd, direction) = match kind {
        SubscriptionKind::Clock { id, timeout, absolute } => {
            let clock = match types::clockid(id) {
                Ok(clock @ (ClockId::Realtime | ClockId::Monotonic)) => clock,
                _ => return Slot::Failed(Errno::Inval),
            };
            let when = if absolute { When::At(timeout) } else { When::In(timeout) };
            wait.deadlines.push(Deadline { clock, when });
            return Slot::Deadline(wait.deadlines.len() - 1);
        }
        SubscriptionKind::FdRead(fd) => (fd, Direction::Read),
        SubscriptionKind::FdWrite(fd) => (fd, Direction::Write),
    };
    match source(cx, fd, direction) {
        Ok(source) => {
            wait.interests.push(Interest { source, direction });
            Slot::Interest(wait.interests.len() - 1)
        }
        Err(errno) => Slot::Failed(errno),
    }
}

fn source(cx: &mut WasiP1Ctx, fd: u32, direction: Direction) -> std::result::Result<Source, Errno> {
    let descriptor = cx.fds.descriptor(fd)?;
    let source = match &descriptor.object {
        Object::Stream(stream) if (*stream == Stream::In) == (direction == Direction::Read) => {
            Source::Stream(*stream)
        }
        Object::File(file) => Source::File(file.handle),
        Object::Listener(listener) if direction == Direction::Read => Source::File(listener.handle),
        Object::Stream(_) | Object::Dir(_) | Object::Listener(_) => return Err(Errno::Badf),
    };
    descriptor.require(Rights::POLL_FD_READWRITE)?;
    Ok(source)
}

/// For a regular file, what is left of it; else what the wait found.
fn describe(cx: &mut WasiP1Ctx, kind: SubscriptionKind, ready: Ready) -> Result<Ready> {
    let SubscriptionKind::FdRead(fd) = kind else { return Ok(ready) };
    let Ok(file) = cx.fds.file(fd, Rights::empty()) else { return Ok(ready) };
    if file.file_type != FileType::RegularFile {
        return Ok(ready);
    }
    let (handle, position) = (file.handle, file.position);
    let bytes = cx.submit(FsOp::Stat { handle })?.stat()?.size.saturating_sub(position);
    Ok(Ready { bytes, hangup: bytes == 0 })
}

fn met(subscription: Subscription, ready: Ready) -> Event {
    Event {
        userdata: subscription.userdata,
        error: Errno::Success,
        tag: tag(subscription.kind),
        nbytes: ready.bytes,
        hangup: ready.hangup,
    }
}

fn failed(subscription: Subscription, error: Errno) -> Event {
    Event { error, ..met(subscription, Ready { bytes: 0, hangup: false }) }
}

fn tag(kind: SubscriptionKind) -> u8 {
    match kind {
        SubscriptionKind::Clock { .. } => 0,
        SubscriptionKind::FdRead(_) => 1,
        SubscriptionKind::FdWrite(_) => 2,
    }
}
