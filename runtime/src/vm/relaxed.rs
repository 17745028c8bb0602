//! Plain accesses to memories that threads share.
//!
//! Guests may race; Rust programs may not. So these accesses are atomic without any order, which
//! costs the same as a plain one where the address is aligned. An access that is not aligned is
//! made byte by byte, and may be torn, as the specification lets it be.
//!
//! Spec: the threads proposal, *Execution → Relaxed Memory Model*.

use core::sync::atomic::Ordering::Relaxed;
use core::sync::atomic::{AtomicU8, AtomicU16, AtomicU32, AtomicU64};

/// Bytes that are accessed together.
pub trait Bytes: Copy {
    /// Reads them.
    ///
    /// # Safety
    ///
    /// They must be in a memory that lives; whoever else accesses them meanwhile must do so
    /// atomically.
    unsafe fn load(ptr: *const u8) -> Self;

    /// Writes them.
    ///
    /// # Safety
    ///
    /// As for [`Bytes::load`].
    unsafe fn store(self, ptr: *mut u8);
}

macro_rules! words {
    ($($len:literal $word:ident $atomic:ident;)*) => {$(
        impl Bytes for [u8; $len] {
            #[inline(always)]
            unsafe fn load(ptr: *const u8) -> Self {
                if ptr.addr().is_multiple_of($len) {
                    // SAFETY: by contract, and aligned.
                    return unsafe { (*ptr.cast::<$atomic>()).load(Relaxed) }.to_ne_bytes();
                }
                // SAFETY: by contract.
                (unsafe { load_unaligned(ptr, $len) } as $word).to_le_bytes()
            }

            #[inline(always)]
            unsafe fn store(self, ptr: *mut u8) {
                if ptr.addr().is_multiple_of($len) {
                    let word = $word::from_ne_bytes(self);
                    // SAFETY: by contract, and aligned.
                    return unsafe { (*ptr.cast::<$atomic>()).store(word, Relaxed) };
                }
                // SAFETY: by contract.
                unsafe { store_unaligned(ptr, $len, $word::from_le_bytes(self).into()) }
            }
        }
    )*};
}
words! { 1 u8 AtomicU8; 2 u16 AtomicU16; 4 u32 AtomicU32; 8 u64 AtomicU64; }

impl Bytes for [u8; 16] {
    #[inline(always)]
    unsafe fn load(ptr: *const u8) -> Self {
        // SAFETY: by contract.
        let halves = unsafe { [<[u8; 8]>::load(ptr), <[u8; 8]>::load(ptr.wrapping_add(8))] };
        let [low, high] = halves.map(u64::from_ne_bytes).map(u128::from);
        (low.to_le() | high.to_le() << 64).to_le_bytes()
    }

    #[inline(always)]
    unsafe fn store(self, ptr: *mut u8) {
        let value = u128::from_le_bytes(self);
        // SAFETY: by contract.
        unsafe {
            (value as u64).to_le_bytes().store(ptr);
            ((value >> 64) as u64).to_le_bytes().store(ptr.wrapping_add(8));
        }
    }
}

/// Up to eight bytes as a little-endian number.
///
/// # Safety
///
/// As for [`Bytes::load`].
#[cold]
#[inline(never)]
unsafe extern "C" fn load_unaligned(ptr: *const u8, len: usize) -> u64 {
    let mut value = 0;
    for i in 0..len {
        // SAFETY: by contract.
        let byte = unsafe { (*ptr.wrapping_add(i).cast::<AtomicU8>()).load(Relaxed) };
        value |= u64::from(byte) << (8 * i);
    }
    value
}

/// The low bytes of `value`, the lowest first.
///
/// # Safety
///
/// As for [`Bytes::load`].
#[cold]
#[inline(never)]
unsafe extern "C" fn store_unaligned(ptr: *mut u8, len: usize, value: u64) {
    for i in 0..len {
        let byte = (value >> (8 * i)) as u8;
        // SAFETY: by contract.
        unsafe { (*ptr.wrapping_add(i).cast::<AtomicU8>()).store(byte, Relaxed) };
    }
}

/// Fills `len` bytes.
///
/// # Safety
///
/// As for [`Bytes::load`].
pub unsafe fn fill(ptr: *mut u8, byte: u8, len: usize) {
    // SAFETY: by contract; each access lies within the range.
    unsafe { forwards(ptr, len, |_| [byte; 8], |_| [byte]) }
}

/// Copies `bytes` to `ptr`.
///
/// # Safety
///
/// As for [`Bytes::load`].
pub unsafe fn write(ptr: *mut u8, bytes: &[u8]) {
    let word = |at: usize| {
        let mut word = [0; 8];
        word.copy_from_slice(&bytes[at..at + 8]);
        word
    };
    // SAFETY: by contract; each access lies within the range.
    unsafe { forwards(ptr, bytes.len(), word, |at| [bytes[at]]) }
}

/// Fills `bytes` with those from `ptr` on.
///
/// # Safety
///
/// As for [`Bytes::load`].
pub unsafe fn read(ptr: *const u8, bytes: &mut [u8]) {
    let (words, rest) = bytes.as_chunks_mut::<8>();
    let start = words.len() * 8;
    // SAFETY: by contract; each access lies within the range.
    unsafe {
        for (i, word) in words.iter_mut().enumerate() {
            *word = Bytes::load(ptr.wrapping_add(i * 8));
        }
        for (i, byte) in rest.iter_mut().enumerate() {
            [*byte] = Bytes::load(ptr.wrapping_add(start + i));
        }
    }
}

/// Copies `len` bytes between ranges that may overlap.
///
/// # Safety
///
/// As for [`Bytes::load`], for both ranges.
pub unsafe fn copy(dst: *mut u8, src: *const u8, len: usize) {
    // SAFETY: by contract; each access lies within the ranges.
    unsafe {
        if dst.addr().wrapping_sub(src.addr()) >= len {
            let word = |at: usize| Bytes::load(src.wrapping_add(at));
            return forwards(dst, len, word, |at| Bytes::load(src.wrapping_add(at)));
        }
        // The end of `src` is read before it is written.
        let mut at = len;
        while at >= 8 {
            at -= 8;
            <[u8; 8]>::load(src.wrapping_add(at)).store(dst.wrapping_add(at));
        }
        while at > 0 {
            at -= 1;
            <[u8; 1]>::load(src.wrapping_add(at)).store(dst.wrapping_add(at));
        }
    }
}

/// Writes `len` bytes from the first to the last: eight at a time, and the rest one by one.
///
/// # Safety
///
/// As for [`Bytes::load`].
unsafe fn forwards(
    ptr: *mut u8,
    len: usize,
    word: impl Fn(usize) -> [u8; 8],
    byte: impl Fn(usize) -> [u8; 1],
) {
    let words = len / 8 * 8;
    // SAFETY: by contract.
    unsafe {
        for at in (0..words).step_by(8) {
            word(at).store(ptr.wrapping_add(at));
        }
        for at in words..len {
            byte(at).store(ptr.wrapping_add(at));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Bytes in words, so that addresses are aligned as memories are.
    fn buffer() -> [u128; 8] {
        core::array::from_fn(|i| u128::from_le_bytes(core::array::from_fn(|j| (i * 16 + j) as u8)))
    }

    #[test]
    fn every_alignment_reads_and_writes_the_same() {
        let mut buffer = buffer();
        let base = buffer.as_mut_ptr().cast::<u8>();
        for at in 0..32 {
            // SAFETY: within the buffer, which nobody else uses.
            unsafe {
                let expected: [u8; 16] = core::array::from_fn(|j| (at + j) as u8);
                assert_eq!(<[u8; 16]>::load(base.wrapping_add(at)), expected);
                assert_eq!(<[u8; 8]>::load(base.wrapping_add(at)), expected[..8]);
                assert_eq!(<[u8; 2]>::load(base.wrapping_add(at)), expected[..2]);
                expected.store(base.wrapping_add(at));
                [expected[0], expected[1], expected[2], expected[3]].store(base.wrapping_add(at));
            }
        }
        assert_eq!(buffer, self::buffer());
    }

    #[test]
    fn copies_overlap() {
        for (dst, src) in [(3, 9), (9, 3), (0, 0), (40, 1)] {
            for len in [0, 1, 7, 8, 30] {
                let (mut ours, mut theirs) = (buffer(), buffer());
                let base = ours.as_mut_ptr().cast::<u8>();
                // SAFETY: within the buffers, which nobody else uses.
                unsafe {
                    copy(base.wrapping_add(dst), base.wrapping_add(src), len);
                    let base = theirs.as_mut_ptr().cast::<u8>();
                    core::ptr::copy(base.wrapping_add(src), base.wrapping_add(dst), len);
                }
                assert_eq!(ours, theirs);
            }
        }
    }

    #[test]
    fn ranges_are_filled_read_and_written() {
        let mut buffer = buffer();
        let base = buffer.as_mut_ptr().cast::<u8>();
        let mut bytes = [0; 21];
        // SAFETY: within the buffer, which nobody else uses.
        unsafe {
            fill(base.wrapping_add(1), 7, 13);
            write(base.wrapping_add(14), b"some more");
            read(base.wrapping_add(2), &mut bytes);
        }
        assert_eq!(bytes, *b"\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07some more");
    }
}
