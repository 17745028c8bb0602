//! [`SharedP1Ctx`]: the state of a WASI 0.1 guest that runs on several threads.

use super::{Fail, Result, WasiP1Ctx, WasiTrap};
use crate::host::{Attempt, Impatient, Interrupt, Times};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// The state of one WASI 0.1 guest that runs on several threads, which have their descriptors in
/// common. Clones are the same state.
///
/// One thread uses it at a time. A call that has to wait lets the others go on meanwhile.
#[derive(Clone, Debug)]
pub struct SharedP1Ctx {
    cx: Arc<Mutex<WasiP1Ctx>>,
    attempt: Arc<Attempt>,
    interrupt: Interrupt,
}

/// How long a thread waits at most before it looks again.
const PAUSE: Duration = Duration::from_millis(5);

impl SharedP1Ctx {
    /// Shares a context.
    pub fn new(cx: WasiP1Ctx) -> Self {
        let (attempt, interrupt) = (Arc::<Attempt>::default(), cx.interrupt_handle());
        let WasiP1Ctx { session, fds, tracer } = cx;
        let session = session.wrap(|host| Impatient::new(host, Arc::clone(&attempt)));
        Self { cx: Arc::new(Mutex::new(WasiP1Ctx { session, fds, tracer })), attempt, interrupt }
    }

    /// The handle that ends the waits of all threads.
    pub fn interrupt_handle(&self) -> Interrupt {
        self.interrupt.clone()
    }

    /// Calls a function, as often as it takes for it not to wait.
    pub(super) fn call(&self, mut function: impl FnMut(&mut WasiP1Ctx) -> Result) -> Result {
        let mut since = None;
        loop {
            let mut cx = self.cx.lock().unwrap_or_else(PoisonError::into_inner);
            self.attempt.set(Times { since, left: None });
            let result = function(&mut cx);
            let times = self.attempt.times();
            drop(cx);
            if !matches!(result, Err(Fail::Trap(WasiTrap::Pending(_)))) {
                return result;
            }
            if self.interrupt.is_interrupted() {
                return Err(Fail::Trap(WasiTrap::Interrupted));
            }
            since = times.since;
            let left = times.left.map_or(PAUSE, Duration::from_nanos);
            std::thread::sleep(left.min(PAUSE));
        }
    }
}
