//! [`Interrupt`]: how an embedder ends a guest that waits.
//!
//! The interpreter notices deadlines and fuel by itself, but not while the guest is inside a host
//! call. Every wait in the seam therefore also watches this flag.

use std::io::{PipeReader, PipeWriter, Read, Write};
use std::sync::atomic::{AtomicBool, Ordering, fence};
use std::sync::{Arc, OnceLock};

/// A handle that ends a guest's present and future waits, from any thread.
///
/// A wait that ends so does not return to the guest: the call traps with
/// [`WasiTrap::Interrupted`](crate::p1::WasiTrap::Interrupted). Making randomness counts as a wait,
/// because a guest can ask for gigabytes. Clones share one flag.
#[derive(Clone, Debug, Default)]
pub struct Interrupt(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    raised: AtomicBool,
    /// Made by the first wait, so that a run which never waits costs no descriptors. `None`
    /// inside means that the host had none to give; waits then look at the flag now and again.
    waker: OnceLock<Option<(PipeReader, PipeWriter)>>,
}

impl Interrupt {
    /// A handle that has not been raised.
    pub fn new() -> Self {
        Self::default()
    }

    /// Ends the wait the guest is in, and every later one at once, until [`Interrupt::reset`].
    pub fn interrupt(&self) {
        if self.0.raised.swap(true, Ordering::SeqCst) {
            return;
        }
        // Either this thread sees the pipe, or the waiter that made it sees the flag.
        fence(Ordering::SeqCst);
        if let Some(Some((_, writer))) = self.0.waker.get() {
            // A full pipe is readable, and a closed one has no waiter.
            let _ = (&mut &*writer).write(&[0]);
        }
    }

    /// Whether waits are to end.
    pub fn is_interrupted(&self) -> bool {
        self.0.raised.load(Ordering::SeqCst)
    }

    /// Lets the guest wait again.
    pub fn reset(&self) {
        self.0.raised.store(false, Ordering::SeqCst);
    }

    /// What a wait is to watch besides its own sources: readable once the handle is raised.
    /// `None` if the host is out of descriptors. Look at [`Interrupt::is_interrupted`] after
    /// calling this and before waiting.
    pub fn waker(&self) -> Option<&PipeReader> {
        let waker = self.0.waker.get_or_init(|| std::io::pipe().ok());
        fence(Ordering::SeqCst);
        waker.as_ref().map(|(reader, _)| reader)
    }

    /// Takes back a wake-up that [`Interrupt::reset`] made stale. Call only when the waker is
    /// readable, or this blocks.
    pub fn drain(&self) {
        if let Some(Some((reader, _))) = self.0.waker.get() {
            let _ = (&mut &*reader).read(&mut [0; 16]);
        }
    }
}
