//! The clocks of the host.

use super::poll;
use crate::host::{Clock, ClockId, ErrorCode, Interrupt, OsWait, Result, Woken};
use cap_std::AmbientAuthority;
use rustix::time::{ClockId as Os, Timespec, clock_getres, clock_gettime};
use std::time::Duration;

/// The host's clocks. The monotonic one counts from its first reading, so that a guest does not
/// learn how long the host has been up.
pub(crate) struct RealClock {
    /// The first reading. Looking up how the system tells the time takes longer than a small guest
    /// runs.
    origin: Option<u64>,
}

impl RealClock {
    pub(crate) fn new(_: AmbientAuthority) -> Self {
        Self { origin: None }
    }

    fn monotonic(&mut self) -> u64 {
        let now = nanos(clock_gettime(Os::Monotonic));
        // Some guests take a reading of 0 for a clock that is broken.
        (now - *self.origin.get_or_insert(now)).max(1)
    }
}

impl Clock for RealClock {
    fn now(&mut self, clock: ClockId) -> Result<u64> {
        match clock {
            ClockId::Realtime => Ok(nanos(clock_gettime(Os::Realtime))),
            ClockId::Monotonic => Ok(self.monotonic()),
            // They tell about the host's other work, and no guest in sight asks for them.
            ClockId::ProcessCpu | ClockId::ThreadCpu => Err(ErrorCode::Invalid),
        }
    }

    fn resolution(&mut self, clock: ClockId) -> Result<u64> {
        match clock {
            ClockId::Realtime => Ok(nanos(clock_getres(Os::Realtime)).max(1)),
            ClockId::Monotonic => Ok(nanos(clock_getres(Os::Monotonic)).max(1)),
            ClockId::ProcessCpu | ClockId::ThreadCpu => Err(ErrorCode::Invalid),
        }
    }

    fn wait(
        &mut self,
        until: Option<u64>,
        sources: &mut [OsWait<'_>],
        interrupt: &Interrupt,
    ) -> Result<Woken> {
        loop {
            let left = until.map(|until| until.saturating_sub(self.monotonic()));
            match poll::wait(sources, left.map(Duration::from_nanos), interrupt)? {
                Some(woken) => return Ok(woken),
                None if left == Some(0) => return Ok(Woken::Elapsed),
                None => {}
            }
        }
    }

    fn yield_now(&mut self) {
        std::thread::yield_now();
    }
}

/// A time before 1970 reads as 1970.
fn nanos(time: Timespec) -> u64 {
    let secs = u64::try_from(time.tv_sec).unwrap_or(0);
    secs.saturating_mul(1_000_000_000).saturating_add(time.tv_nsec as u64)
}
