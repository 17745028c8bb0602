//! Waiting for descriptors, with `poll`.

use crate::host::{Direction, ErrorCode, Interrupt, OsWait, Ready, Result, Woken};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use std::os::fd::AsFd;
use std::time::Duration;

/// How often to look at an interrupt that could not be given a descriptor.
const GLANCE: Duration = Duration::from_millis(50);

/// Waits once, for at most `timeout`. `None` says that nothing came: ask again or give up.
pub(crate) fn wait(
    sources: &mut [OsWait<'_>],
    timeout: Option<Duration>,
    interrupt: &Interrupt,
) -> Result<Option<Woken>> {
    let waker = interrupt.waker();
    if interrupt.is_interrupted() {
        return Ok(Some(Woken::Interrupted));
    }
    let timeout = match waker {
        Some(_) => timeout,
        None => Some(timeout.map_or(GLANCE, |timeout| timeout.min(GLANCE))),
    };

    let mut fds: Vec<PollFd<'_>> = sources
        .iter()
        .map(|wait| PollFd::from_borrowed_fd(wait.source, flags(wait.direction)))
        .collect();
    if let Some(waker) = waker {
        fds.push(PollFd::from_borrowed_fd(waker.as_fd(), PollFlags::IN));
    }
    match poll(&mut fds, timeout.map(timespec).as_ref()) {
        Ok(_) | Err(Errno::INTR) => {}
        Err(errno) => return Err(errno.into()),
    }
    let came: Vec<PollFlags> = fds.iter().map(PollFd::revents).collect();

    if interrupt.is_interrupted() {
        return Ok(Some(Woken::Interrupted));
    }
    if waker.is_some() && came.last().is_some_and(|flags| flags.contains(PollFlags::IN)) {
        interrupt.drain(); // It was reset: the wake-up is stale.
    }
    let mut any = false;
    for (wait, came) in sources.iter_mut().zip(came) {
        if came.contains(PollFlags::NVAL) {
            return Err(ErrorCode::BadDescriptor);
        }
        if !came.is_empty() {
            wait.ready = Some(describe(wait, came));
            any = true;
        }
    }
    Ok(any.then_some(Woken::Ready))
}

fn flags(direction: Direction) -> PollFlags {
    match direction {
        Direction::Read => PollFlags::IN,
        Direction::Write => PollFlags::OUT,
    }
}

fn describe(wait: &OsWait<'_>, came: PollFlags) -> Ready {
    let hangup = came.intersects(PollFlags::HUP | PollFlags::ERR);
    match wait.direction {
        Direction::Write => Ready { bytes: 1, hangup },
        Direction::Read => {
            let bytes = rustix::io::ioctl_fionread(wait.source).unwrap_or(1);
            // A pipe whose writer is gone may still hold what was written.
            Ready { bytes, hangup: hangup && bytes == 0 }
        }
    }
}

fn timespec(duration: Duration) -> Timespec {
    Timespec {
        tv_sec: duration.as_secs().try_into().unwrap_or(i64::MAX as _),
        tv_nsec: duration.subsec_nanos().into(),
    }
}
