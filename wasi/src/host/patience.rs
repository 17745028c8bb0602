//! [`Impatient`]: a host that never waits, for contexts that several threads use in turn.

use super::{
    ClockId, ClockOp, Deadline, Direction, Host, HostOp, HostRet, Interest, Io, NetOp, OpId,
    Outcome, Result, Source, WaitOp, When,
};
use std::io::IoSlice;
use std::sync::{Arc, Mutex, PoisonError};

/// A decorator that answers [`Outcome::Pending`] where the host would wait. Nothing has happened
/// then, and the same operation is to be submitted again.
pub(crate) struct Impatient {
    host: Box<dyn Host>,
    attempt: Arc<Attempt>,
}

/// What is known of the operation that is submitted over and over.
#[derive(Debug, Default)]
pub(crate) struct Attempt(Mutex<Times>);

/// In nanoseconds of the monotonic clock.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Times {
    /// When it was submitted first: relative deadlines count from then on.
    pub since: Option<u64>,
    /// How long it is until its next deadline.
    pub left: Option<u64>,
}

impl Attempt {
    /// Begins or goes on with an operation.
    pub fn set(&self, times: Times) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = times;
    }

    /// What is known of it now.
    pub fn times(&self) -> Times {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How many bytes a stream takes without waiting that is ready to be written to: a pipe need not
/// have room for more.
const AT_ONCE: usize = 4096;

/// So many bytes of `bufs` from the first on, or all.
pub(super) fn beginning<'a>(bufs: &'a [IoSlice<'_>]) -> Vec<IoSlice<'a>> {
    let mut left = AT_ONCE;
    let cut = |buf: &'a IoSlice<'_>| {
        let len = buf.len().min(left);
        left -= len;
        IoSlice::new(&buf[..len])
    };
    // An empty one is none that a stream would have to look at.
    bufs.iter().map(cut).filter(|buf| !buf.is_empty()).collect()
}

/// The answer to an operation that has to wait.
const PENDING: Outcome = Outcome::Pending(OpId(0));

impl Impatient {
    pub fn new(host: Box<dyn Host>, attempt: Arc<Attempt>) -> Self {
        Self { host, attempt }
    }

    fn now(&mut self) -> Result<u64> {
        match self.host.submit(HostOp::Clock(ClockOp::Now(ClockId::Monotonic)), Io::None) {
            Outcome::Ready(ret) => ret?.time(),
            _ => Ok(0),
        }
    }

    /// Looks at what is waited for, and does not wait.
    fn look(&mut self, mut wait: WaitOp) -> Outcome {
        let now = match self.now() {
            Ok(now) => now,
            Err(error) => return Outcome::Ready(Err(error)),
        };
        let mut times = self.attempt.times();
        let waited = now.saturating_sub(*times.since.get_or_insert(now));
        for deadline in &mut wait.deadlines {
            if let When::In(nanos) = &mut deadline.when {
                *nanos = nanos.saturating_sub(waited);
                times.left = Some(times.left.map_or(*nanos, |left| left.min(*nanos)));
            }
        }
        self.attempt.set(times);
        wait.deadlines.push(Deadline { clock: ClockId::Monotonic, when: When::In(0) });
        match self.host.submit(HostOp::Wait(wait), Io::None) {
            Outcome::Ready(Ok(HostRet::Woken { ready, mut elapsed })) => {
                elapsed.pop();
                match ready.iter().any(Option::is_some) || elapsed.contains(&true) {
                    true => Outcome::Ready(Ok(HostRet::Woken { ready, elapsed })),
                    false => PENDING,
                }
            }
            other => other,
        }
    }

    /// The answer to a read or write of `source` that would wait.
    fn waits_for(&mut self, source: Source, direction: Direction) -> Option<Outcome> {
        let interest = Interest { source, direction };
        let wait = WaitOp { interests: vec![interest], deadlines: Vec::new() };
        match self.look(wait) {
            // What is wrong with it, the operation says better.
            Outcome::Ready(_) => None,
            waits => Some(waits),
        }
    }
}

impl Host for Impatient {
    fn submit(&mut self, op: HostOp, io: Io<'_, '_>) -> Outcome {
        match op {
            HostOp::Wait(wait) => return self.look(wait),
            HostOp::Read { from, .. } => {
                if let Some(waits) = self.waits_for(from, Direction::Read) {
                    return waits;
                }
            }
            HostOp::Net(NetOp::Accept { listener: handle } | NetOp::Peek { socket: handle }) => {
                if let Some(waits) = self.waits_for(Source::File(handle), Direction::Read) {
                    return waits;
                }
            }
            // Of a file that has no room at once, as a socket, as much is taken as there is.
            HostOp::Write { to: to @ Source::File(_), .. } => {
                if let Some(waits) = self.waits_for(to, Direction::Write) {
                    return waits;
                }
            }
            HostOp::Write { to: to @ Source::Stream(_), .. } => {
                if let Some(waits) = self.waits_for(to, Direction::Write) {
                    return waits;
                }
                if let Io::Write(bufs) = io {
                    return self.host.submit(op, Io::Write(&beginning(bufs)));
                }
            }
            _ => {}
        }
        self.host.submit(op, io)
    }

    fn cancel(&mut self, op: OpId) {
        self.host.cancel(op);
    }
}
