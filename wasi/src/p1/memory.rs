//! [`GuestMemory`]: the one place where a guest's pointers are checked.
//!
//! A pointer is a `u32` and so is a length; their sum is taken in `u64`, and what leaves memory
//! is [`Errno::Fault`]. Alignment is not asked for: reads and writes are by bytes.

use super::Errno;
use std::io::{IoSlice, IoSliceMut};
use std::mem;
use std::ops::Range;

type Result<T> = std::result::Result<T, Errno>;

/// How many buffers one call moves. A guest that gives more gets a short count, as it may at any
/// time, and none is worth an allocation.
pub(super) const MAX_BUFFERS: usize = 16;

/// A guest's memory for the time of one call.
#[derive(Debug)]
pub struct GuestMemory<'a>(&'a mut [u8]);

impl<'a> GuestMemory<'a> {
    /// All of the guest's memory.
    pub fn new(bytes: &'a mut [u8]) -> Self {
        Self(bytes)
    }

    /// The bytes from `ptr` on, `len` of them.
    pub fn slice(&self, ptr: u32, len: u32) -> Result<&[u8]> {
        Ok(&self.0[self.range(ptr, len.into())?])
    }

    /// As [`GuestMemory::slice`], to be written.
    pub fn slice_mut(&mut self, ptr: u32, len: u32) -> Result<&mut [u8]> {
        let range = self.range(ptr, len.into())?;
        Ok(&mut self.0[range])
    }

    /// Fails if a write of `len` bytes at `ptr` would. A function checks where its result goes
    /// before it does anything that cannot be undone.
    pub fn check(&self, ptr: u32, len: u32) -> Result<()> {
        self.range(ptr, len.into()).map(drop)
    }

    /// As [`GuestMemory::check`], for `count` elements of `size` bytes.
    pub fn check_array(&self, ptr: u32, count: u32, size: u32) -> Result<()> {
        // Both factors are below 2^32.
        self.range(ptr, u64::from(count) * u64::from(size)).map(drop)
    }

    /// Writes `bytes` at `ptr`.
    pub fn write(&mut self, ptr: u32, bytes: &[u8]) -> Result<()> {
        let range = self.range(ptr, bytes.len() as u64)?;
        self.0[range].copy_from_slice(bytes);
        Ok(())
    }

    /// Writes a `u32`.
    pub fn write_u32(&mut self, ptr: u32, value: u32) -> Result<()> {
        self.write(ptr, &value.to_le_bytes())
    }

    /// Writes a `u64`.
    pub fn write_u64(&mut self, ptr: u32, value: u64) -> Result<()> {
        self.write(ptr, &value.to_le_bytes())
    }

    /// Reads a structure of `N` bytes.
    pub fn read<const N: usize>(&self, ptr: u32) -> Result<[u8; N]> {
        let mut bytes = [0; N];
        bytes.copy_from_slice(&self.0[self.range(ptr, N as u64)?]);
        Ok(bytes)
    }

    /// The buffers that an array of `count` iovecs names: the first [`MAX_BUFFERS`] that are not
    /// empty. [`Errno::Inval`] if their lengths add up to more than a count can say.
    pub(super) fn buffers(&self, iovs: u32, count: u32) -> Result<Buffers> {
        self.check_array(iovs, count, 8)?;
        let mut buffers = Buffers { ranges: [const { 0..0 }; MAX_BUFFERS], len: 0 };
        let mut total = 0u32;
        for index in 0..count {
            let iov = self.read::<8>(iovs + 8 * index)?; // Inside the array checked above.
            let (ptr, len) = super::types::iovec(iov);
            if len == 0 {
                continue;
            }
            if buffers.len == MAX_BUFFERS {
                break;
            }
            total = total.checked_add(len).ok_or(Errno::Inval)?;
            buffers.ranges[buffers.len] = self.range(ptr, len.into())?;
            buffers.len += 1;
        }
        Ok(buffers)
    }

    fn range(&self, ptr: u32, len: u64) -> Result<Range<usize>> {
        let end = u64::from(ptr).checked_add(len).ok_or(Errno::Fault)?;
        if end > self.0.len() as u64 {
            return Err(Errno::Fault);
        }
        Ok(ptr as usize..end as usize)
    }
}

/// Ranges of guest memory for one read or write.
///
/// Invariant: each of the first `len` ranges lies within the memory it was made from.
pub(super) struct Buffers {
    ranges: [Range<usize>; MAX_BUFFERS],
    len: usize,
}

impl Buffers {
    /// Calls `then` with the buffers' bytes.
    pub fn gather<T>(&self, mem: &GuestMemory<'_>, then: impl FnOnce(&[IoSlice<'_>]) -> T) -> T {
        if let [range] = self.ranges() {
            return then(&[IoSlice::new(&mem.0[range.clone()])]);
        }
        let mut slices = [IoSlice::new(&[]); MAX_BUFFERS];
        for (slice, range) in slices.iter_mut().zip(self.ranges()) {
            *slice = IoSlice::new(&mem.0[range.clone()]);
        }
        then(&slices[..self.len])
    }

    /// Calls `then` with the buffers to be filled. If they overlap it gets the first alone: a
    /// read may always be short.
    pub fn scatter<T>(
        &self,
        mem: &mut GuestMemory<'_>,
        then: impl FnOnce(&mut [IoSliceMut<'_>]) -> T,
    ) -> T {
        if let [range] = self.ranges() {
            return then(&mut [IoSliceMut::new(&mut mem.0[range.clone()])]);
        }
        let mut order: [usize; MAX_BUFFERS] = std::array::from_fn(|index| index);
        let order = &mut order[..self.len];
        order.sort_unstable_by_key(|&index| self.ranges[index].start);
        let disjoint = order.windows(2).all(|pair| {
            let [before, after] = pair else { return false };
            self.ranges[*before].end <= self.ranges[*after].start
        });
        if !disjoint {
            return then(&mut [IoSliceMut::new(&mut mem.0[self.ranges[0].clone()])]);
        }

        let mut slices: [_; MAX_BUFFERS] = std::array::from_fn(|_| IoSliceMut::new(&mut []));
        let (mut rest, mut start) = (&mut *mem.0, 0);
        for &mut index in order {
            let range = &self.ranges[index];
            let (piece, after) =
                mem::take(&mut rest)[range.start - start..].split_at_mut(range.len());
            slices[index] = IoSliceMut::new(piece);
            (rest, start) = (after, range.end);
        }
        then(&mut slices[..self.len])
    }

    /// Whether there is nothing to read or write.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    fn ranges(&self) -> &[Range<usize>] {
        &self.ranges[..self.len]
    }
}
