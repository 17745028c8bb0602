//! A box that running code holds pointers to.

use alloc::boxed::Box;
use core::ptr::NonNull;

/// Owns a value at a fixed address, to which running code may hold pointers.
///
/// Unlike a `Box` it makes no claim of being the only way to its value. The value may be borrowed
/// through it only while no code of its store runs, or by what that code itself called; the borrow
/// of the store that every path to a `VmBox` goes through sees to that.
pub struct VmBox<T>(NonNull<T>);

// SAFETY: a `VmBox` owns its value; pointers to it are followed by code of the same store only,
// which runs on the thread that borrows the store.
unsafe impl<T: Send> Send for VmBox<T> {}
// SAFETY: as above; a shared borrow gives shared access only.
unsafe impl<T: Sync> Sync for VmBox<T> {}

impl<T> VmBox<T> {
    /// Moves `value` to the heap.
    pub fn new(value: T) -> Self {
        VmBox(NonNull::from(Box::leak(Box::new(value))))
    }

    /// Where the value is.
    pub fn as_ptr(&self) -> *mut T {
        self.0.as_ptr()
    }

    /// Moves the value out.
    pub fn into_inner(self) -> T {
        let ptr = self.0.as_ptr();
        core::mem::forget(self);
        // SAFETY: the pointer comes from `Box::leak` in `new`, and `drop` does not run any more.
        *unsafe { Box::from_raw(ptr) }
    }
}

impl<T> core::ops::Deref for VmBox<T> {
    type Target = T;

    fn deref(&self) -> &T {
        // SAFETY: the pointer comes from a box that `self` owns; see the type for aliasing.
        unsafe { self.0.as_ref() }
    }
}

impl<T> core::ops::DerefMut for VmBox<T> {
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: as in `deref`, and `self` is borrowed mutably.
        unsafe { self.0.as_mut() }
    }
}

impl<T> Drop for VmBox<T> {
    fn drop(&mut self) {
        // SAFETY: the pointer comes from `Box::leak` in `new` and is freed here only.
        drop(unsafe { Box::from_raw(self.0.as_ptr()) });
    }
}
