//! Clocks.

use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};
use rustix::time::{ClockId, clock_gettime};

/// What time is.
pub enum Clock {
    /// User cycles of this thread, from the processor's counters.
    Cycles(Box<dyn FnMut() -> u64>),
    /// Nanoseconds that this thread was executing.
    Cpu,
    /// Nanoseconds.
    Wall,
}

impl Clock {
    /// The best there is for work on one thread.
    pub fn of_thread() -> Clock {
        cycles().map_or(Clock::Cpu, Clock::Cycles)
    }

    /// What it counts.
    pub fn unit(&self) -> &'static str {
        match self {
            Clock::Cycles(_) => "user cycles",
            Clock::Cpu => "ns of CPU time",
            Clock::Wall => "ns of wall time",
        }
    }

    fn now(&mut self) -> u64 {
        let id = match self {
            Clock::Cycles(read) => return read(),
            Clock::Cpu => ClockId::ThreadCPUTime,
            Clock::Wall => ClockId::Monotonic,
        };
        let time = clock_gettime(id);
        time.tv_sec as u64 * 1_000_000_000 + time.tv_nsec as u64
    }

    /// How long `work` takes.
    pub fn time(&mut self, mut work: impl FnMut()) -> u64 {
        let start = self.now();
        work();
        (self.now() - start).max(1)
    }
}

/// A counter of user cycles, where the processor has them and the system lets us read them.
#[cfg(target_os = "linux")]
fn cycles() -> Option<Box<dyn FnMut() -> u64>> {
    use perf_event::{Builder, events::Hardware};
    let mut counter = Builder::new().kind(Hardware::CPU_CYCLES).build().ok()?;
    counter.enable().ok()?;
    // Some virtual machines open the counter and never count.
    let before = counter.read().ok()?;
    std::hint::black_box((0..10_000u64).fold(0, |a, b| std::hint::black_box(a ^ b)));
    (counter.read().ok()? > before).then(|| {
        Box::new(move || counter.read().expect("it was read before")) as Box<dyn FnMut() -> u64>
    })
}

#[cfg(not(target_os = "linux"))]
fn cycles() -> Option<Box<dyn FnMut() -> u64>> {
    None
}

/// Keeps this thread, and those it starts, on one processor while it lives, so that work which
/// would use all of them shows what one does.
pub struct OneCore(Option<CpuSet>);

impl OneCore {
    /// Stays on the last processor that the thread may use.
    pub fn pin() -> OneCore {
        let Ok(all) = sched_getaffinity(None) else { return OneCore(None) };
        let last = (0..CpuSet::MAX_CPU).rev().find(|&cpu| all.is_set(cpu));
        let mut one = CpuSet::new();
        let Some(last) = last else { return OneCore(None) };
        one.set(last);
        OneCore(sched_setaffinity(None, &one).is_ok().then_some(all))
    }
}

impl Drop for OneCore {
    fn drop(&mut self) {
        if let Some(all) = &self.0 {
            // Measuring goes on, only less steadily.
            let _ = sched_setaffinity(None, all);
        }
    }
}
