//! The value stack: where the frames of guests live.

use super::Slot;
use crate::memory::Backing;
use crate::{Error, Result};

/// Slots kept free above the limit that running code compares with, so that a function with a
/// small frame needs no check of its own.
pub const RESERVE: usize = 4096;

/// A stack of slots, zero at first; the platform provides its pages when they are touched.
pub struct ValueStack {
    backing: Backing,
    slots: usize,
}

impl ValueStack {
    /// A stack of `size_bytes`, and the reserve that running code does not see.
    ///
    /// # Errors
    ///
    /// If the platform has not that much.
    pub fn new(size_bytes: usize) -> Result<Self> {
        let slots = (size_bytes / size_of::<Slot>()).clamp(64, isize::MAX as usize / 64) + RESERVE;
        let backing = Backing::fixed(slots * size_of::<Slot>());
        let backing = backing.ok_or_else(|| Error::msg("there is no room for a value stack"))?;
        Ok(ValueStack { backing, slots })
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
