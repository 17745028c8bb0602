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

#[cfg(feature = "std")]
pub use blocking::{Waiters, Waiting};
#[cfg(not(feature = "std"))]
pub use never::{Waiters, Waiting};

#[cfg(feature = "std")]
mod blocking {
    use super::WaitResult;
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

    /// A wait that was interrupted. It keeps its place in the queue until somebody goes on with it
    /// or gives it up, so that no notification passes it by.
    pub struct Waiting {
        at: usize,
        waiter: Arc<Waiter>,
        end: Option<Instant>,
    }

    impl Waiting {
        /// The time that is left, if the wait has an end.
        pub fn left(&self) -> Option<Duration> {
            self.end.map(|end| end.saturating_duration_since(Instant::now()))
        }
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
        ) -> Result<WaitResult, Waiting> {
            // A time that no clock can hold never comes.
            let end = timeout.and_then(|timeout| Instant::now().checked_add(timeout));
            let mut queues = self.lock();
            if !is_expected() {
                return Ok(WaitResult::Mismatch);
            }
            let waiter = Arc::<Waiter>::default();
            queues.entry(at).or_default().push_back(waiter.clone());
            block(queues, Waiting { at, waiter, end }, is_interrupted)
        }

        /// Goes on with a wait that was interrupted.
        pub fn go_on(
            &self,
            waiting: Waiting,
            is_interrupted: Option<&dyn Fn() -> bool>,
        ) -> Result<WaitResult, Waiting> {
            block(self.lock(), waiting, is_interrupted)
        }

        /// Gives up a wait that was interrupted.
        pub fn give_up(&self, waiting: &Waiting) {
            leave(&mut self.lock(), waiting);
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

    /// Waits until the waiter is notified, its time is over or it is interrupted.
    fn block<'q>(
        mut queues: MutexGuard<'q, Queues>,
        waiting: Waiting,
        is_interrupted: Option<&dyn Fn() -> bool>,
    ) -> Result<WaitResult, Waiting> {
        // Whoever is interrupted waited a little, and so gets somewhere in the end.
        let mut paused = false;
        loop {
            if waiting.waiter.notified.load(Ordering::Relaxed) {
                return Ok(WaitResult::Ok);
            }
            let left = waiting.left();
            if left.is_some_and(|left| left.is_zero()) {
                leave(&mut queues, &waiting);
                return Ok(WaitResult::TimedOut);
            }
            if paused && is_interrupted.is_some_and(|is_interrupted| is_interrupted()) {
                return Err(waiting);
            }
            paused = true;
            let pause = match is_interrupted {
                Some(_) => Some(left.map_or(PERIOD, |left| left.min(PERIOD))),
                None => left,
            };
            queues = match pause {
                Some(pause) => {
                    let woken = waiting.waiter.changed.wait_timeout(queues, pause);
                    woken.unwrap_or_else(PoisonError::into_inner).0
                }
                None => {
                    let woken = waiting.waiter.changed.wait(queues);
                    woken.unwrap_or_else(PoisonError::into_inner)
                }
            };
        }
    }

    fn leave(queues: &mut Queues, waiting: &Waiting) {
        if let Some(queue) = queues.get_mut(&waiting.at) {
            queue.retain(|other| !Arc::ptr_eq(other, &waiting.waiter));
            if queue.is_empty() {
                queues.remove(&waiting.at);
            }
        }
    }
}

#[cfg(not(feature = "std"))]
mod never {
    use super::WaitResult;
    use core::time::Duration;

    /// A wait that was interrupted: there is none.
    pub enum Waiting {}

    impl Waiting {
        /// The time that is left.
        pub fn left(&self) -> Option<Duration> {
            match *self {}
        }
    }

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
        ) -> Result<WaitResult, Waiting> {
            Ok(if is_expected() { WaitResult::TimedOut } else { WaitResult::Mismatch })
        }

        /// Nobody was interrupted.
        pub fn go_on(
            &self,
            waiting: Waiting,
            _is_interrupted: Option<&dyn Fn() -> bool>,
        ) -> Result<WaitResult, Waiting> {
            match waiting {}
        }

        /// Nobody was interrupted.
        pub fn give_up(&self, waiting: &Waiting) {
            match *waiting {}
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
