//! Memories in ordinary allocations.

use alloc::alloc::{Layout, alloc_zeroed, dealloc};
use core::ptr;

/// What the first byte is aligned to: every access of a guest is aligned if its address is.
const ALIGN: usize = 16;

/// A zeroed allocation that may move when it grows.
///
/// The allocator is asked for zeroed memory, which for large sizes comes untouched from the
/// platform.
pub struct Vector {
    base: *mut u8,
    len: usize,
}

// SAFETY: the allocation is owned and is plain bytes.
unsafe impl Send for Vector {}
// SAFETY: as above; shared access only reads.
unsafe impl Sync for Vector {}

impl Vector {
    /// `len` zero bytes, or `None` if there is no room.
    pub fn new(len: usize) -> Option<Self> {
        if len == 0 {
            return Some(Vector { base: ptr::without_provenance_mut(ALIGN), len });
        }
        // SAFETY: the layout is not empty.
        let base = unsafe { alloc_zeroed(Self::layout(len)?) };
        (!base.is_null()).then_some(Vector { base, len })
    }

    fn layout(len: usize) -> Option<Layout> {
        Layout::from_size_align(len, ALIGN).ok()
    }

    /// Where the memory begins.
    pub fn base(&self) -> *mut u8 {
        self.base
    }

    /// How many bytes there are.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Grows to `len` bytes. Returns whether there was room.
    pub fn grow_to(&mut self, len: usize) -> bool {
        let Some(mut larger) = Vector::new(len.max(self.len)) else { return false };
        larger.data_mut(self.len).copy_from_slice(self.data(self.len));
        *self = larger;
        true
    }

    /// The first `len` bytes.
    pub fn data(&self, len: usize) -> &[u8] {
        assert!(len <= self.len, "the length of a memory is never beyond its allocation");
        // SAFETY: initialised bytes of the allocation, reached through the pointer that running
        // code uses too, so that neither invalidates the other.
        unsafe { core::slice::from_raw_parts(self.base, len) }
    }

    /// The first `len` bytes.
    pub fn data_mut(&mut self, len: usize) -> &mut [u8] {
        assert!(len <= self.len, "the length of a memory is never beyond its allocation");
        // SAFETY: as in `data`, and `self` is borrowed mutably.
        unsafe { core::slice::from_raw_parts_mut(self.base, len) }
    }
}

impl Drop for Vector {
    fn drop(&mut self) {
        if let Some(layout) = Self::layout(self.len).filter(|layout| layout.size() > 0) {
            // SAFETY: allocated in `new` with the same layout, and freed here only.
            unsafe { dealloc(self.base, layout) }
        }
    }
}
