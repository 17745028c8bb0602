//! [`HostSession`]: the one door between front ends and the world.

use super::{HostOp, HostRet, Interrupt, Io, Result};
use std::fmt;

/// An operation that is under way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "record", derive(serde::Serialize, serde::Deserialize))]
pub struct OpId(pub u64);

/// What came of an operation.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "record", derive(serde::Serialize, serde::Deserialize))]
pub enum Outcome {
    /// It is done, or failed.
    Ready(Result<HostRet>),
    /// It goes on by itself; the front end decides what its guest does meanwhile.
    Pending(OpId),
    /// The embedder ended the wait ([`Interrupt`]); the guest is not to go on.
    Interrupted,
}

/// Who answers operations: the [`World`](super::World), or a decorator around one that records,
/// replays, traces, limits or refuses.
pub trait Host: Send {
    /// Carries out `op`, or says why not. The bytes it moves are in `io`.
    fn submit(&mut self, op: HostOp, io: Io<'_, '_>) -> Outcome;

    /// Gives up an operation that was answered with [`Outcome::Pending`].
    fn cancel(&mut self, op: OpId) {
        let _ = op;
    }
}

/// One guest's access to the world.
pub struct HostSession {
    host: Box<dyn Host>,
    interrupt: Interrupt,
}

impl HostSession {
    /// A session that asks `host`, whose waits `interrupt` ends.
    pub fn new(host: impl Host + 'static, interrupt: Interrupt) -> Self {
        Self { host: Box::new(host), interrupt }
    }

    /// Puts a decorator around whoever answers so far.
    pub fn wrap<H: Host + 'static>(self, decorate: impl FnOnce(Box<dyn Host>) -> H) -> Self {
        Self { host: Box::new(decorate(self.host)), interrupt: self.interrupt }
    }

    /// Carries out `op`. This is the only way by which a front end touches the world.
    #[inline]
    pub fn submit(&mut self, op: HostOp, io: Io<'_, '_>) -> Outcome {
        self.host.submit(op, io)
    }

    /// Gives up an operation that was answered with [`Outcome::Pending`].
    pub fn cancel(&mut self, op: OpId) {
        self.host.cancel(op);
    }

    /// The handle that ends this session's waits.
    pub fn interrupt_handle(&self) -> Interrupt {
        self.interrupt.clone()
    }
}

impl fmt::Debug for HostSession {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HostSession").field("interrupt", &self.interrupt).finish_non_exhaustive()
    }
}
