//! Many small values at fixed addresses.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::mem::MaybeUninit;
use core::ptr::NonNull;

/// How many values are allocated at once.
const CHUNK: usize = 32;

/// Owns values at fixed addresses, by number, to which running code may hold pointers.
///
/// It is to many values what a [`VmBox`](super::VmBox) is to one. They are freed with the arena and
/// not dropped, which `Copy` makes sure they need not be.
pub struct Arena<T: Copy> {
    chunks: Vec<NonNull<MaybeUninit<[T; CHUNK]>>>,
    len: usize,
}

// SAFETY: as for `VmBox`.
unsafe impl<T: Copy + Send> Send for Arena<T> {}
// SAFETY: as for `VmBox`.
unsafe impl<T: Copy + Sync> Sync for Arena<T> {}

impl<T: Copy> Arena<T> {
    /// No values.
    pub const fn new() -> Self {
        Arena { chunks: Vec::new(), len: 0 }
    }

    /// How many values there are.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Adds a value, whose number is the number of values before. Returns where it is.
    pub fn push(&mut self, value: T) -> NonNull<T> {
        if self.len.is_multiple_of(CHUNK) {
            self.chunks.push(NonNull::from(Box::leak(Box::new_uninit())));
        }
        let place = self.place(self.len);
        // SAFETY: inside a chunk, and no value was there before.
        unsafe { place.write(value) };
        self.len += 1;
        place
    }

    /// Where the value with a number is.
    ///
    /// # Panics
    ///
    /// If there is none.
    #[inline]
    pub fn get(&self, number: usize) -> NonNull<T> {
        assert!(number < self.len, "numbers come from `push`");
        self.place(number)
    }

    #[inline]
    fn place(&self, number: usize) -> NonNull<T> {
        let chunk = self.chunks[number / CHUNK].cast::<T>();
        // SAFETY: a chunk has so many values.
        unsafe { chunk.add(number % CHUNK) }
    }
}

impl<T: Copy> core::ops::Index<usize> for Arena<T> {
    type Output = T;

    fn index(&self, number: usize) -> &T {
        // SAFETY: `get` checked that a value was written there.
        unsafe { self.get(number).as_ref() }
    }
}

impl<T: Copy> Drop for Arena<T> {
    fn drop(&mut self) {
        for chunk in &self.chunks {
            // SAFETY: the pointer comes from `Box::leak` in `push` and is freed here only.
            drop(unsafe { Box::from_raw(chunk.as_ptr()) });
        }
    }
}

#[test]
fn values_stay_where_they_are() {
    let mut arena = Arena::new();
    let places: Vec<_> = (0..100_u32).map(|i| arena.push(i)).collect();
    assert_eq!(arena.len(), 100);
    for (i, place) in places.into_iter().enumerate() {
        assert_eq!(arena.get(i), place);
        assert_eq!(arena[i], i as u32);
    }
}
