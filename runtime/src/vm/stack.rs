//! The value stack: where the frames of guests live.

use super::Slot;
use crate::memory::Backing;
use crate::sync::Mutex;
use crate::{Engine, Error, Result};
use alloc::vec::Vec;
use core::mem::ManuallyDrop;

/// Slots kept free above the limit that running code compares with, so that a function with a
/// small frame needs no check of its own.
pub const RESERVE: usize = 4096;

/// A stack of slots, whose pages the platform provides when they are touched.
///
/// Slots that nobody has written hold zeros, or what they held in an earlier use.
pub struct ValueStack {
    backing: ManuallyDrop<Backing>,
    slots: usize,
    engine: Engine,
}

impl ValueStack {
    /// A stack of the engine's size, and the reserve that running code does not see.
    ///
    /// # Errors
    ///
    /// If the platform has not that much.
    pub fn new(engine: &Engine) -> Result<Self> {
        let bytes = engine.config().max_wasm_stack;
        let slots = (bytes / size_of::<Slot>()).clamp(64, isize::MAX as usize / 64) + RESERVE;
        let backing = match engine.stacks().take() {
            Some(backing) => backing,
            None => Backing::fixed(slots * size_of::<Slot>())
                .ok_or_else(|| Error::msg("there is no room for a value stack"))?,
        };
        Ok(ValueStack { backing: ManuallyDrop::new(backing), slots, engine: engine.clone() })
    }

    /// The first slot.
    pub fn base(&self) -> *mut Slot {
        self.backing.base().cast()
    }

    /// The slot above which no frame may begin.
    pub fn limit(&self) -> *mut Slot {
        self.base().wrapping_add(self.slots - RESERVE)
    }

    /// Whether `slot` lies in this stack.
    pub fn contains(&self, slot: *const Slot) -> bool {
        let start = self.base().addr();
        (start..start + self.slots * size_of::<Slot>()).contains(&slot.addr())
    }
}

impl Drop for ValueStack {
    fn drop(&mut self) {
        // SAFETY: nobody uses the stack any more.
        let backing = unsafe { ManuallyDrop::take(&mut self.backing) };
        self.engine.stacks().put(backing);
    }
}

/// Stacks of an engine that wait to be used again: making one costs more than a short run.
#[derive(Default)]
pub struct StackPool(Mutex<Vec<Backing>>);

impl StackPool {
    /// How many stacks wait at most.
    const COUNT: usize = 32;
    /// How much of each stays allocated.
    const KEPT_BYTES: usize = 64 << 10;

    fn take(&self) -> Option<Backing> {
        self.0.lock().pop()
    }

    fn put(&self, mut backing: Backing) {
        if self.0.lock().len() < Self::COUNT && backing.release_beyond(Self::KEPT_BYTES) {
            self.0.lock().push(backing);
        }
    }
}
