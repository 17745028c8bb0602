//! [`GuestMemory`]: the one place where a guest's pointers are checked.
//!
//! A pointer is a `u32` and so is a length; their sum is taken in `u64`, and what leaves memory
//! is [`Errno::Fault`]. Alignment is not asked for: reads and writes are by bytes.

use super::Errno;
use rwasm_runtime::SharedMemory;
use std::borrow::Cow;
use std::io::{IoSlice, IoSliceMut};
use std::mem;
use std::ops::Range;

type Result<T> = std::result::Result<T, Errno>;

/// How many buffers one call moves. A guest that gives more gets a short count, as it may at any
/// time, and none is worth an allocation.
pub(super) const MAX_BUFFERS: usize = 16;

/// How many bytes one call moves from or to a shared memory, which is by way of a copy.
const MAX_COPIED: usize = 1 << 20;

/// A guest's memory for the time of one call.
#[derive(Debug)]
pub struct GuestMemory<'a>(Bytes<'a>);

#[derive(Debug)]
enum Bytes<'a> {
    Own(&'a mut [u8]),
    /// Other threads may change them at any time, so they are copied out and in.
    Shared(&'a SharedMemory),
}

impl<'a> GuestMemory<'a> {
    /// All of the guest's memory.
    pub fn new(bytes: &'a mut [u8]) -> Self {
        Self(Bytes::Own(bytes))
    }

    /// All of a memory that threads share.
    pub fn shared(memory: &'a SharedMemory) -> Self {
        Self(Bytes::Shared(memory))
    }

    /// The bytes from `ptr` on, `len` of them.
    pub fn slice(&self, ptr: u32, len: u32) -> Result<Cow<'_, [u8]>> {
        let range = self.range(ptr, len.into())?;
        Ok(match &self.0 {
            Bytes::Own(bytes) => Cow::Borrowed(&bytes[range]),
            Bytes::Shared(memory) => Cow::Owned(copied(memory, range)),
        })
    }

    /// Has `fill` write the `len` bytes at `ptr`, piece by piece. What it does not write becomes
    /// zero, or stays as it was.
    pub fn fill<E: From<Errno>>(
        &mut self,
        ptr: u32,
        len: u32,
        mut fill: impl FnMut(&mut [u8]) -> std::result::Result<(), E>,
    ) -> std::result::Result<(), E> {
        let range = self.range(ptr, len.into())?;
        match &mut self.0 {
            Bytes::Own(bytes) => fill(&mut bytes[range]),
            Bytes::Shared(memory) => {
                let mut piece = vec![0; range.len().min(MAX_COPIED)];
                for at in range.clone().step_by(MAX_COPIED) {
                    let piece = &mut piece[..(range.end - at).min(MAX_COPIED)];
                    fill(piece)?;
                    memory.write(at, piece).map_err(|_| Errno::Fault)?;
                }
                Ok(())
            }
        }
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
        match &mut self.0 {
            Bytes::Own(own) => own[range].copy_from_slice(bytes),
            Bytes::Shared(memory) => {
                memory.write(range.start, bytes).map_err(|_| Errno::Fault)?;
            }
        }
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
        let range = self.range(ptr, N as u64)?;
        match &self.0 {
            Bytes::Own(own) => bytes.copy_from_slice(&own[range]),
            Bytes::Shared(memory) => {
                memory.read(range.start, &mut bytes).map_err(|_| Errno::Fault)?;
            }
        }
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
        let len = match &self.0 {
            Bytes::Own(bytes) => bytes.len(),
            Bytes::Shared(memory) => memory.data_size(),
        };
        if end > len as u64 {
            return Err(Errno::Fault);
        }
        Ok(ptr as usize..end as usize)
    }
}

/// A copy of bytes of a shared memory, which only grows: the range was within it before.
fn copied(memory: &SharedMemory, range: Range<usize>) -> Vec<u8> {
    let mut bytes = vec![0; range.len()];
    let read = memory.read(range.start, &mut bytes);
    debug_assert!(read.is_ok(), "a range that was checked");
    bytes
}

/// Ranges of guest memory for one read or write.
///
/// Invariant: each of the first `len` ranges lies within the memory it was made from.
pub(super) struct Buffers {
    ranges: [Range<usize>; MAX_BUFFERS],
    len: usize,
}

impl Buffers {
    /// Calls `then` with the buffers' bytes. Of a shared memory it gets some of the first alone: a
    /// write may always be short.
    pub fn gather<T>(&self, mem: &GuestMemory<'_>, then: impl FnOnce(&[IoSlice<'_>]) -> T) -> T {
        let bytes = match &mem.0 {
            Bytes::Own(bytes) => &**bytes,
            Bytes::Shared(memory) => {
                return then(&[IoSlice::new(&copied(memory, self.first_piece()))]);
            }
        };
        if let [range] = self.ranges() {
            return then(&[IoSlice::new(&bytes[range.clone()])]);
        }
        let mut slices = [IoSlice::new(&[]); MAX_BUFFERS];
        for (slice, range) in slices.iter_mut().zip(self.ranges()) {
            *slice = IoSlice::new(&bytes[range.clone()]);
        }
        then(&slices[..self.len])
    }

    /// Calls `then` with the buffers to be filled, which says how many bytes it filled. If they
    /// overlap, or the memory is shared, it gets the first alone: a read may always be short.
    pub fn scatter<E>(
        &self,
        mem: &mut GuestMemory<'_>,
        then: impl FnOnce(&mut [IoSliceMut<'_>]) -> std::result::Result<u64, E>,
    ) -> std::result::Result<u64, E> {
        let bytes = match &mut mem.0 {
            Bytes::Own(bytes) => &mut **bytes,
            Bytes::Shared(memory) => {
                let range = self.first_piece();
                let mut piece = vec![0; range.len()];
                let count = then(&mut [IoSliceMut::new(&mut piece)])?;
                let filled = piece.get(..count as usize).unwrap_or(&piece);
                let written = memory.write(range.start, filled);
                debug_assert!(written.is_ok(), "a range that was checked");
                return Ok(count);
            }
        };
        if let [range] = self.ranges() {
            return then(&mut [IoSliceMut::new(&mut bytes[range.clone()])]);
        }
        let mut order: [usize; MAX_BUFFERS] = std::array::from_fn(|index| index);
        let order = &mut order[..self.len];
        order.sort_unstable_by_key(|&index| self.ranges[index].start);
        let disjoint = order.windows(2).all(|pair| {
            let [before, after] = pair else { return false };
            self.ranges[*before].end <= self.ranges[*after].start
        });
        if !disjoint {
            return then(&mut [IoSliceMut::new(&mut bytes[self.ranges[0].clone()])]);
        }

        let mut slices: [_; MAX_BUFFERS] = std::array::from_fn(|_| IoSliceMut::new(&mut []));
        let (mut rest, mut start) = (bytes, 0);
        for &mut index in order {
            let range = &self.ranges[index];
            let (piece, after) =
                mem::take(&mut rest)[range.start - start..].split_at_mut(range.len());
            slices[index] = IoSliceMut::new(piece);
            (rest, start) = (after, range.end);
        }
        then(&mut slices[..self.len])
    }

    /// What is behind the first `count` bytes.
    pub fn behind(&self, mut count: u64) -> Buffers {
        let mut rest = Buffers { ranges: [const { 0..0 }; MAX_BUFFERS], len: 0 };
        for range in self.ranges() {
            let skipped = count.min(range.len() as u64);
            count -= skipped;
            let range = range.start + skipped as usize..range.end; // At most its length.
            if !range.is_empty() {
                rest.ranges[rest.len] = range;
                rest.len += 1;
            }
        }
        rest
    }

    /// As much of the first buffer as is copied at once.
    fn first_piece(&self) -> Range<usize> {
        let Range { start, end } = self.ranges[0].clone();
        start..end.min(start + MAX_COPIED)
    }

    /// Whether there is nothing to read or write.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    fn ranges(&self) -> &[Range<usize>] {
        &self.ranges[..self.len]
    }
}
