//! Clocks that a guest's own doings move on.

use crate::host::{Clock, ClockId, ErrorCode, Interrupt, OsWait, Result, Woken};
use crate::real::wait_for_sources;
use std::time::Duration;

/// Clocks that do not look at the time: each reading is a microsecond later than the one before, so
/// that a guest which reads them until some time has passed gets there, and a wait takes no time but
/// moves them to where it ends. A guest that does the same reads the same.
///
/// They are for guests with one thread: where several share a context, one that waits lets the others
/// go on in the host's time, in which these clocks do not move.
#[derive(Clone, Debug)]
pub struct VirtualClock {
    /// Time of day at the start.
    start: u64,
    /// Whether that is the time of day throughout.
    is_fixed: bool,
    /// Since the start.
    elapsed: u64,
}

impl VirtualClock {
    /// How much later each reading is, in nanoseconds: also what the clocks give as their
    /// resolution.
    pub const STEP: u64 = 1000;

    /// 2000-01-01T00:00:00Z, in nanoseconds since 1970: when clocks start that nobody cares about.
    pub const Y2K: u64 = 946_684_800_000_000_000;

    /// Clocks that start with this time of day, in nanoseconds since 1970.
    pub fn starting_at(time: u64) -> Self {
        Self { start: time, is_fixed: false, elapsed: 0 }
    }

    /// Clocks of which that for the time of day always gives this, in nanoseconds since 1970.
    pub fn fixed_at(time: u64) -> Self {
        Self { start: time, is_fixed: true, elapsed: 0 }
    }
}

impl Clock for VirtualClock {
    fn now(&mut self, clock: ClockId) -> Result<u64> {
        match clock {
            ClockId::Realtime if self.is_fixed => return Ok(self.start),
            ClockId::Realtime | ClockId::Monotonic => {}
            ClockId::ProcessCpu | ClockId::ThreadCpu => return Err(ErrorCode::Invalid),
        }
        self.elapsed = self.elapsed.saturating_add(Self::STEP);
        Ok(match clock {
            ClockId::Realtime => self.start.saturating_add(self.elapsed),
            _ => self.elapsed,
        })
    }

    fn resolution(&mut self, clock: ClockId) -> Result<u64> {
        match clock {
            ClockId::Realtime | ClockId::Monotonic => Ok(Self::STEP),
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
            // Where nothing else ends the wait, what is outside decides how long it takes.
            let timeout = until.map(|_| Duration::ZERO);
            match (wait_for_sources(sources, timeout, interrupt)?, until) {
                (Some(woken), _) => return Ok(woken),
                (None, Some(until)) => {
                    self.elapsed = self.elapsed.max(until);
                    return Ok(Woken::Elapsed);
                }
                (None, None) => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reading_and_waiting_move_the_clocks_on() {
        let mut clock = VirtualClock::starting_at(VirtualClock::Y2K);
        assert_eq!(clock.now(ClockId::Monotonic), Ok(1000));
        assert_eq!(clock.now(ClockId::Realtime), Ok(VirtualClock::Y2K + 2000));
        let hour = 3_600_000_000_000;
        assert_eq!(clock.wait(Some(hour), &mut [], &Interrupt::new()), Ok(Woken::Elapsed));
        assert_eq!(clock.now(ClockId::Monotonic), Ok(hour + 1000));
        // A moment that has passed moves nothing back.
        assert_eq!(clock.wait(Some(5), &mut [], &Interrupt::new()), Ok(Woken::Elapsed));
        assert_eq!(clock.now(ClockId::Realtime), Ok(VirtualClock::Y2K + hour + 2000));
        assert_eq!(clock.now(ClockId::ProcessCpu), Err(ErrorCode::Invalid));
    }

    #[test]
    fn a_fixed_time_of_day_stays_while_time_passes() {
        let mut clock = VirtualClock::fixed_at(7);
        assert_eq!(clock.wait(Some(50_000), &mut [], &Interrupt::new()), Ok(Woken::Elapsed));
        assert_eq!(clock.now(ClockId::Realtime), Ok(7));
        assert_eq!(clock.now(ClockId::Monotonic), Ok(51_000));
    }

    #[test]
    fn an_interrupt_ends_a_wait_for_nothing() {
        let interrupt = Interrupt::new();
        interrupt.interrupt();
        let mut clock = VirtualClock::fixed_at(0);
        assert_eq!(clock.wait(None, &mut [], &interrupt), Ok(Woken::Interrupted));
    }
}
