//! Limits of time and memory.

use crate::exit::{Stop, timed_out};
use crate::units;
use rwasm::wasi::Interrupt;
use rwasm::{Engine, ResourceLimiter};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

/// A time, and how it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Timeout {
    time: Duration,
    /// As the command line has it.
    pub text: String,
}

impl Timeout {
    /// The time that `text` is.
    pub fn parse(text: &str) -> Result<Self, String> {
        Ok(Timeout { time: units::duration(text)?, text: text.to_owned() })
    }
}

/// Whether the guest has ended, which is when its time stops.
#[derive(Clone, Default)]
pub struct Ended(Arc<AtomicBool>);

impl Ended {
    /// It has.
    pub fn set(&self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Ends the guest when its time has passed, wherever it is then; the program too if the guest
/// takes more than `grace` to notice.
pub fn stop_after(
    timeout: Timeout,
    engine: Engine,
    interrupt: Interrupt,
    grace: Duration,
    ended: Ended,
) {
    std::thread::spawn(move || {
        std::thread::sleep(timeout.time);
        engine.increment_epoch();
        interrupt.interrupt();
        // One instruction can take seconds, such as filling gigabytes.
        std::thread::sleep(grace);
        // Of a guest that has ended there may be much to tell.
        if !ended.0.load(Ordering::Relaxed) {
            Stop::Trap(timed_out(&timeout.text)).exit();
        }
    });
}

/// How much all memories of the guest take, and may take. Clones are the same limit.
#[derive(Clone)]
pub struct MemoryLimit {
    used: Arc<AtomicUsize>,
    most: usize,
}

impl MemoryLimit {
    /// So many bytes, or no limit.
    pub fn new(most: Option<u64>) -> Self {
        let most = most.map_or(usize::MAX, |most| usize::try_from(most).unwrap_or(usize::MAX));
        MemoryLimit { used: Arc::default(), most }
    }
}

impl ResourceLimiter for MemoryLimit {
    fn memory_growing(
        &mut self,
        current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> rwasm::Result<bool> {
        if maximum.is_some_and(|maximum| desired > maximum) {
            return Ok(false);
        }
        let more = |used: usize| {
            let used = used.saturating_add(desired.saturating_sub(current));
            (used <= self.most).then_some(used)
        };
        Ok(self.used.fetch_update(Ordering::Relaxed, Ordering::Relaxed, more).is_ok())
    }

    fn table_growing(
        &mut self,
        _current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> rwasm::Result<bool> {
        Ok(maximum.is_none_or(|maximum| desired <= maximum))
    }
}

#[test]
fn memory_is_limited_in_sum() {
    let mut limit = MemoryLimit::new(Some(100));
    assert!(limit.memory_growing(0, 60, None).unwrap());
    assert!(!limit.memory_growing(0, 60, None).unwrap());
    assert!(limit.memory_growing(60, 100, None).unwrap());
    assert!(!limit.memory_growing(100, 101, None).unwrap());
}
