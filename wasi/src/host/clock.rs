//! The capability to know the time and to let it pass.

use super::{Direction, Interrupt, OsSource, Ready, Result};

/// Which clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "record", derive(serde::Serialize, serde::Deserialize))]
pub enum ClockId {
    /// Time of day: nanoseconds since 1970-01-01T00:00:00Z.
    Realtime,
    /// Nanoseconds since some moment; never goes back.
    Monotonic,
    /// Processor time of the process.
    ProcessCpu,
    /// Processor time of the thread.
    ThreadCpu,
}

/// Something outside the process to wait for, and whether it came.
#[derive(Debug)]
pub struct OsWait<'a> {
    /// What to watch.
    pub source: OsSource<'a>,
    /// For what.
    pub direction: Direction,
    /// Set by the wait.
    pub ready: Option<Ready>,
}

/// Why a wait ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Woken {
    /// At least one source is ready.
    Ready,
    /// The deadline passed.
    Elapsed,
    /// The embedder's [`Interrupt`] was raised.
    Interrupted,
}

/// The capability to know the time and to let it pass. Waiting belongs here because whoever
/// invents the time also decides how long a wait takes.
pub trait Clock: Send {
    /// The time in nanoseconds. Fails with [`ErrorCode::Invalid`](super::ErrorCode::Invalid) for
    /// a clock that this one does not have.
    fn now(&mut self, clock: ClockId) -> Result<u64>;

    /// The clock's resolution in nanoseconds, at least 1. Fails as [`Clock::now`] does.
    fn resolution(&mut self, clock: ClockId) -> Result<u64>;

    /// Waits until the monotonic clock reads `until` (for ever if `None`), a source is ready or
    /// the interrupt is raised. Sources are looked at even if `until` has passed.
    fn wait(
        &mut self,
        until: Option<u64>,
        sources: &mut [OsWait<'_>],
        interrupt: &Interrupt,
    ) -> Result<Woken>;

    /// Gives other threads a turn.
    fn yield_now(&mut self) {}
}
