//! Threads that wait for a place in a shared memory. Spec: the threads proposal, *wait* and
//! *notify*.
//!
//! Whoever waits here blocks its thread, as `memory.atomic.wait` asks for. That is the one place in
//! this package where time passes without the embedder; it never tells a guest what time it is.

use core::time::Duration;

/// How a wait ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WaitResult {
    /// Somebody notified the place.
    Ok = 0,
    /// The value there was another one than expected.
    Mismatch = 1,
    /// The time was over.
    TimedOut = 2,
}

/// A wait was interrupted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Interrupted {
    /// The time that was left, if the wait had an end.
    pub left: Option<Duration>,
}

#[cfg(feature = "std")]
pub use blocking::Waiters;
#[cfg(not(feature = "std"))]
pub use never::Waiters;

#[cfg(feature = "std")]
mod blocking {
    use super::{Interrupted, WaitResult};
    use alloc::collections::{BTreeMap, VecDeque};
    use alloc::sync::Arc;
    use core::sync::atomic::{AtomicBool, Ordering};
    use core::time::Duration;
    use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
    use std::time::Instant;

    /// The threads that wait for places in one memory.
    #[derive(Default)]
    pub struct Waiters(Mutex<Queues>);

    /// Those that wait, by place; who came first is notified first.
    type Queues = BTreeMap<usize, VecDeque<Arc<Waiter>>>;

    #[derive(Default)]
    struct Waiter {
        notified: AtomicBool,
        changed: Condvar,
    }

    /// How often a wait that can be interrupted looks whether it is.
    const PERIOD: Duration = Duration::from_millis(5);

    impl Waiters {
        fn lock(&self) -> MutexGuard<'_, Queues> {
            self.0.lock().unwrap_or_else(PoisonError::into_inner)
        }

        /// Waits for the place `at` to be notified if `is_expected` says that its value is the
        /// expected one. `is_interrupted` is asked now and then, and may end the wait.
        pub fn wait(
            &self,
            at: usize,
            is_expected: impl FnOnce() -> bool,
            timeout: Option<Duration>,
            is_interrupted: Option<&dyn Fn() -> bool>,
        ) -> Result<WaitResult, Interrupted> {
            // A time that no clock can hold never comes.
            let end = timeout.and_then(|timeout| Instant::now().checked_add(timeout));
            let mut queues = self.lock();
            if !is_expected() {
                return Ok(WaitResult::Mismatch);
            }
            let waiter = Arc::<Waiter>::default();
            queues.entry(at).or_default().push_back(waiter.clone());
            // Whoever is interrupted waited a little, and so gets somewhere in the end.
            let mut paused = false;
            loop {
                if waiter.notified.load(Ordering::Relaxed) {
                    return Ok(WaitResult::Ok);
                }
                let left = end.map(|end| end.saturating_duration_since(Instant::now()));
                let is_over = left.is_some_and(|left| left.is_zero());
                if is_over
                    || paused && is_interrupted.is_some_and(|is_interrupted| is_interrupted())
                {
                    leave(&mut queues, at, &waiter);
                    return if is_over {
                        Ok(WaitResult::TimedOut)
                    } else {
                        Err(Interrupted { left })
                    };
                }
                paused = true;
                let pause = match is_interrupted {
                    Some(_) => Some(left.map_or(PERIOD, |left| left.min(PERIOD))),
                    None => left,
                };
                queues = match pause {
                    Some(pause) => {
                        let woken = waiter.changed.wait_timeout(queues, pause);
                        woken.unwrap_or_else(PoisonError::into_inner).0
                    }
                    None => {
                        let woken = waiter.changed.wait(queues);
                        woken.unwrap_or_else(PoisonError::into_inner)
                    }
                };
            }
        }

        /// Ends the waits of at most `count` threads for the place `at`. Returns how many they
        /// were.
        pub fn notify(&self, at: usize, count: u32) -> u32 {
            let mut queues = self.lock();
            let Some(queue) = queues.get_mut(&at) else { return 0 };
            let mut notified = 0;
            while notified < count
                && let Some(waiter) = queue.pop_front()
            {
                waiter.notified.store(true, Ordering::Relaxed);
                waiter.changed.notify_one();
                notified += 1;
            }
            if queue.is_empty() {
                queues.remove(&at);
            }
            notified
        }
    }

    fn leave(queues: &mut Queues, at: usize, waiter: &Arc<Waiter>) {
        if let Some(queue) = queues.get_mut(&at) {
            queue.retain(|other| !Arc::ptr_eq(other, waiter));
            if queue.is_empty() {
                queues.remove(&at);
            }
        }
    }
}

#[cfg(not(feature = "std"))]
mod never {
    use super::{Interrupted, WaitResult};
    use core::time::Duration;

    /// Without threads nobody can wait: time is over at once.
    #[derive(Default)]
    pub struct Waiters;

    impl Waiters {
        /// As with threads, none of which will notify.
        pub fn wait(
            &self,
            _at: usize,
            is_expected: impl FnOnce() -> bool,
            _timeout: Option<Duration>,
            _is_interrupted: Option<&dyn Fn() -> bool>,
        ) -> Result<WaitResult, Interrupted> {
            Ok(if is_expected() { WaitResult::TimedOut } else { WaitResult::Mismatch })
        }

        /// Nobody waits.
        pub fn notify(&self, _at: usize, _count: u32) -> u32 {
            0
        }
    }
}

/// A timeout as guests give it: nanoseconds, and for ever if it is negative.
pub fn timeout(nanoseconds: i64) -> Option<Duration> {
    u64::try_from(nanoseconds).ok().map(Duration::from_nanos)
}
