//! Objects of guests, and the collector that frees them. Spec: *Execution → Runtime Structure →
//! Structure Instances*, *Array Instances*, *Exception Instances*.
//!
//! Objects are bytes in a heap of the store's own, which is safe Rust throughout. A reference is a
//! number of 32 bits, the same in frames (where it takes a slot) and in objects:
//!
//! - 0 is null,
//! - an `i31` is its 31 bits, shifted to the left, plus 1,
//! - an object of the host is its number times four, plus 2,
//! - a continuation is its number times eight, plus 4 (see `vm::continuation`),
//! - any other is the offset of an object in the heap, a multiple of 8.
//!
//! `any.convert_extern` and `extern.convert_any` therefore do nothing. References to functions are
//! numbers of 32 bits as well, and no matter of the collector.
//!
//! An object begins with its type's number and its length (of an array) or size in bytes. The
//! collector marks and sweeps; it moves nothing, so that references in the hands of hosts and
//! running code stay good. Roots are the handles of the embedder, globals, tables, element
//! segments, a pending exception, and the frames of guests, of which the tier knows the slots.

mod collect;
mod externs;
mod heap;
mod layout;
mod object;
mod roots;
#[cfg(test)]
mod tests;

pub(crate) use layout::{Layout, Shape, Storage, is_traced};
pub(crate) use roots::{Root, Roots};

use crate::EngineConfig;
use crate::vm::Slot;
use alloc::vec::Vec;
use externs::Externs;
use heap::Heap;
use layout::Layouts;

/// The objects of a store.
#[derive(Default)]
pub(crate) struct Gc {
    pub(crate) heap: Heap,
    pub(crate) layouts: Layouts,
    pub(crate) externs: Externs,
    /// For collections.
    stack: Vec<u32>,
    /// During a collection, which continuations are reached, and which of them are to be looked
    /// into.
    conts: (Vec<u64>, Vec<u32>),
    /// Whether every allocation collects first.
    zeal: bool,
}

impl Gc {
    /// No objects.
    pub fn new(config: &EngineConfig) -> Self {
        Gc { heap: Heap::new(config.max_gc_heap), zeal: config.gc_zeal, ..Gc::default() }
    }

    /// Whether every allocation collects first.
    pub fn zeal(&self) -> bool {
        self.zeal
    }

    fn is_empty(&self) -> bool {
        self.heap.len() == 0 && self.externs.is_empty()
    }
}

/// What a reference that is not null leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    /// An `i31`, zero-extended.
    I31(u32),
    /// The host's object with this number.
    Extern(u32),
    /// The object at this offset.
    Object(u32),
}

/// What a reference of the hierarchies of `any`, `extern` and `exn` leads to; `None` is null.
#[inline]
pub(crate) fn target(slot: Slot) -> Option<Target> {
    let reference = slot as u32;
    match reference & 3 {
        _ if reference == 0 => None,
        0 => Some(Target::Object(reference)),
        2 => Some(Target::Extern(reference >> 2)),
        _ => Some(Target::I31(reference >> 1)),
    }
}

/// The reference to an `i31`.
#[inline]
pub(crate) fn i31_slot(value: u32) -> Slot {
    Slot::from(value << 1 | 1)
}

/// The reference to an object of the host.
pub(crate) fn extern_slot(number: u32) -> Slot {
    Slot::from(number << 2 | 2)
}
