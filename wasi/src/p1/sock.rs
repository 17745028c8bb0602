//! Sockets: `sock_accept`, `sock_recv`, `sock_send`, `sock_shutdown`.
//!
//! A guest of WASI 0.1 cannot make a socket, only be given one that listens. What it accepts is a
//! descriptor like a file's, which `fd_read`, `fd_write` and `poll_oneoff` take as well.

use super::ctx::settle;
use super::rights::{self, FdFlags, RiFlags, Rights, SdFlags};
use super::table::{Descriptor, Object, OpenFile};
use super::{Errno, Fail, GuestMemory, Result, WasiP1Ctx, WasiTrap, fd};
use crate::host::{
    ClockId, Deadline, Direction, Handle, HostOp, HostRet, Interest, Io, NetOp, Source, WaitOp,
    When,
};

/// Accepts a connection on the listening socket `fd`, with the flags `flags` of a descriptor, of
/// which only 4 (do not block) is allowed, and writes its descriptor (`u32`) at `accepted_fd`. Waits
/// for one unless `fd` itself does not block.
///
/// Fails with [`Errno::Notsock`] if `fd` is no socket, with [`Errno::Inval`] if it does not listen,
/// and with [`Errno::Again`] if there is no connection and it does not block.
pub fn sock_accept(
    cx: &mut WasiP1Ctx,
    mem: &mut GuestMemory<'_>,
    fd: u32,
    flags: u32,
    accepted_fd: u32,
) -> Result {
    mem.check(accepted_fd, 4)?;
    let flags = rights::parse::<FdFlags>(flags)?;
    if !FdFlags::NONBLOCK.contains(flags) {
        return Err(Errno::Inval.into());
    }
    let descriptor = cx.fds.descriptor(fd)?;
    let (listener, is_impatient) = match &descriptor.object {
        Object::Listener(listener) => (listener.handle, listener.flags.contains(FdFlags::NONBLOCK)),
        Object::File(file) if file.is_socket() => return Err(Errno::Inval.into()),
        _ => return Err(Errno::Notsock.into()),
    };
    descriptor.require(Rights::SOCK_ACCEPT)?;
    let dropped = descriptor.dropped_inheriting;
    cx.fds.check_room()?;
    if is_impatient {
        require_ready(cx, Source::File(listener), Direction::Read)?;
    }
    let opened = cx.submit(NetOp::Accept { listener })?.opened()?;
    let file = OpenFile {
        handle: opened.handle,
        file_type: opened.file_type,
        readable: true,
        writable: true,
        flags,
        position: 0,
        error: None,
    };
    let connection = Descriptor {
        object: Object::File(file),
        dropped_base: dropped,
        dropped_inheriting: dropped,
    };
    let accepted = cx.fds.insert(connection);
    Ok(mem.write_u32(accepted_fd, accepted)?)
}

/// Receives from the connection `fd` into the iovecs `iovs`, and writes the number of bytes (`u32`)
/// at `nread`; 0 is the end. Flags: 1 leaves the bytes there to be received again, 2 waits until the
/// buffers are full or there is no more; where threads share the context it may be less. The flags
/// at `ro_flags` (`u16`) are always 0. An error that comes behind bytes is told by the next call.
///
/// Fails with [`Errno::Notsock`] if `fd` is no connection, with [`Errno::Again`] if there is nothing
/// and it does not block, and with [`Errno::Inval`] if the lengths add up to 2^32 or more.
#[expect(clippy::too_many_arguments, reason = "the signature is WASI's")]
pub fn sock_recv(
    cx: &mut WasiP1Ctx,
    mem: &mut GuestMemory<'_>,
    fd: u32,
    iovs: u32,
    iovs_len: u32,
    ri_flags: u32,
    nread: u32,
    ro_flags: u32,
) -> Result {
    mem.check(nread, 4)?;
    mem.check(ro_flags, 2)?;
    let flags = rights::parse::<RiFlags>(ri_flags)?;
    let (socket, is_impatient) = connection(cx, fd, Rights::FD_READ)?;
    if let Some(errno) = cx.fds.file(fd, Rights::empty())?.error.take() {
        return Err(errno.into());
    }
    let buffers = mem.buffers(iovs, iovs_len)?;
    let mut count = 0;
    while !buffers.is_empty() {
        let rest = buffers.behind(count);
        if rest.is_empty() {
            break;
        }
        // What came so far is given, whatever else comes.
        let more = match is_impatient {
            true => require_ready(cx, Source::File(socket), Direction::Read),
            false => Ok(()),
        };
        let op = match flags.contains(RiFlags::RECV_PEEK) {
            true => NetOp::Peek { socket }.into(),
            false => HostOp::Read { from: Source::File(socket), offset: 0 },
        };
        let more = more.and_then(|()| {
            rest.scatter(mem, |bufs| Ok(settle(cx.session.submit(op, Io::Read(bufs)))?.count()?))
        });
        let more = match more {
            Err(Fail::Trap(WasiTrap::Pending(_))) if count > 0 => break,
            Err(Fail::Code(errno)) if count > 0 => {
                cx.fds.file(fd, Rights::empty())?.error = Some(errno);
                break;
            }
            more => more?,
        };
        count += more;
        let waits_for_all = flags.contains(RiFlags::RECV_WAITALL) && !is_impatient;
        if more == 0 || !waits_for_all || flags.contains(RiFlags::RECV_PEEK) {
            break;
        }
    }
    mem.write(ro_flags, &[0, 0])?;
    Ok(mem.write_u32(nread, count as u32)?) // At most the lengths, whose sum is a `u32`.
}

/// Sends the ciovecs `iovs` to the connection `fd`, and writes the number of bytes (`u32`) at
/// `nwritten`. The count may be short at any time. No flag may be set.
///
/// Fails with [`Errno::Notsock`] if `fd` is no connection, and as
/// [`fd_write`](crate::p1::functions::fd_write) does.
pub fn sock_send(
    cx: &mut WasiP1Ctx,
    mem: &mut GuestMemory<'_>,
    fd: u32,
    iovs: u32,
    iovs_len: u32,
    si_flags: u32,
    nwritten: u32,
) -> Result {
    mem.check(nwritten, 4)?;
    if si_flags != 0 {
        return Err(Errno::Inval.into());
    }
    connection(cx, fd, Rights::FD_WRITE)?;
    fd::fd_write(cx, mem, fd, iovs, iovs_len, nwritten)
}

/// Ends the connection `fd` for receiving (`how` bit 0), sending (bit 1) or both.
///
/// Fails with [`Errno::Notsock`] if `fd` is no connection, with [`Errno::Inval`] if `how` is neither,
/// and with [`Errno::Notconn`] if the other side has ended it.
pub fn sock_shutdown(cx: &mut WasiP1Ctx, mem: &mut GuestMemory<'_>, fd: u32, how: u32) -> Result {
    let _ = mem;
    let how = rights::parse::<SdFlags>(how)?;
    let (socket, _) = connection(cx, fd, Rights::SOCK_SHUTDOWN)?;
    if how.is_empty() {
        return Err(Errno::Inval.into());
    }
    let (read, write) = (how.contains(SdFlags::RD), how.contains(SdFlags::WR));
    cx.submit(NetOp::Shutdown { socket, read, write }).map(drop)
}

/// The connection `fd`, and whether it does not block.
fn connection(cx: &mut WasiP1Ctx, fd: u32, rights: Rights) -> Result<(Handle, bool)> {
    let descriptor = cx.fds.descriptor(fd)?;
    let connection = match &descriptor.object {
        Object::File(file) if file.is_socket() => (file.handle, is_impatient(file)),
        Object::Listener(_) => return Err(Errno::Notconn.into()),
        _ => return Err(Errno::Notsock.into()),
    };
    descriptor.require(rights)?;
    Ok(connection)
}

/// Whether `file` is a connection that does not block.
pub(super) fn is_impatient(file: &OpenFile) -> bool {
    file.is_socket() && file.flags.contains(FdFlags::NONBLOCK)
}

/// [`Errno::Again`] if using `source` would wait.
pub(super) fn require_ready(cx: &mut WasiP1Ctx, source: Source, direction: Direction) -> Result {
    let wait = WaitOp {
        interests: vec![Interest { source, direction }],
        deadlines: vec![Deadline { clock: ClockId::Monotonic, when: When::In(0) }],
    };
    match cx.submit(HostOp::Wait(wait))? {
        HostRet::Woken { ready, .. } if ready.iter().any(Option::is_some) => Ok(()),
        _ => Err(Errno::Again.into()),
    }
}
