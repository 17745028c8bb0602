//! The bytes that objects are in, and which of them are free.
//!
//! The heap is cut into blocks. A block holds objects of one size class, or a large object takes
//! several blocks. Which cells are in use says one bit per eight bytes, set where an object begins:
//! a collection replaces these bits by its marks, and allocation looks for the next cell without
//! one. So free cells are on no list, and sweeping visits blocks and not objects.
//!
//! Every access is checked, so that whatever an offset is, nothing outside of the heap is touched.

use super::layout::Storage;
use crate::vm::Slot;
use alloc::vec::Vec;

/// The bytes of a block.
const BLOCK: usize = 16 << 10;
/// Every object begins at a multiple of this, and a bit stands for so many bytes.
const GRANULE: usize = 8;
const BLOCK_WORDS: usize = BLOCK / GRANULE / 64;
/// The least that the heap grows by.
const MIN_GROWTH: usize = 64 << 10;
/// The least that is allocated between two collections.
const MIN_THRESHOLD: usize = 1 << 20;
/// The most collections without much effect, one after the other, because the heap cannot grow.
const MAX_FUTILE: u32 = 16;
/// The bytes before the payload of an object: its type, and its length or size.
pub const HEADER: u32 = 8;

/// Sizes of cells: four to each power of two.
const SIZES: [u32; 32] = [
    8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384, 448, 512, 640,
    768, 896, 1024, 1280, 1536, 1792, 2048, 2560, 3072, 3584, 4096,
];
/// The largest object that shares a block.
const MAX_SMALL: usize = 4096;

/// The class of sizes up to a multiple of eight bytes.
const CLASS_OF: [u8; MAX_SMALL / GRANULE + 1] = {
    let mut table = [0; MAX_SMALL / GRANULE + 1];
    let (mut class, mut at) = (0, 0);
    while at < table.len() {
        if at * GRANULE > SIZES[class] as usize {
            class += 1;
        }
        table[at] = class as u8;
        at += 1;
    }
    table
};

// What a block is used for; a smaller number is a size class.
const FREE: u8 = 255;
/// A large object begins.
const LARGE: u8 = 254;
/// A large object goes on.
const LARGE_REST: u8 = 253;

/// Where objects of one size class are allocated.
#[derive(Default)]
struct Class {
    /// The next cell to look at, and the end of its block.
    next: u32,
    end: u32,
    /// Blocks with free cells that nobody looked at since the last collection.
    partial: Vec<u32>,
}

/// The bytes of objects.
#[derive(Default)]
pub struct Heap {
    bytes: Vec<u8>,
    /// Where objects begin.
    starts: Vec<u64>,
    /// During a collection, which objects are reached; else zeros.
    marks: Vec<u64>,
    blocks: Vec<u8>,
    classes: Vec<Class>,
    /// No block before it is free, as far as single blocks are asked for.
    first_free: usize,
    /// Where to look for room for large objects.
    first_large: usize,
    /// Bytes allocated since the last collection.
    allocated: usize,
    /// Bytes in use after the last collection.
    live: usize,
    futile: u32,
    max: usize,
}

impl Heap {
    /// A heap of no bytes, which can grow to `max` of them.
    pub fn new(max: usize) -> Self {
        // An offset has 32 bits.
        Heap { max: max.min(u32::MAX as usize) & !(BLOCK - 1), ..Heap::default() }
    }

    /// Its size in bytes.
    pub fn len(&self) -> usize {
        self.bytes.len()
    }

    /// The most bytes that it can have.
    pub fn max(&self) -> usize {
        self.max
    }

    /// The bytes in use after the last collection.
    #[cfg(test)]
    pub fn live(&self) -> usize {
        self.live
    }

    /// Whether so much was allocated since the last collection that the next is due.
    #[inline]
    pub fn is_due(&self) -> bool {
        self.allocated > MIN_THRESHOLD && self.allocated > self.live
    }

    /// Whether to collect because the heap could not grow: not if doing so had little effect many
    /// times, when the guest would do little else from now on. Asked again, it is worth another try.
    pub fn is_worth_collecting(&mut self) -> bool {
        self.futile = if self.allocated < self.len() / 64 { self.futile + 1 } else { 0 };
        let worth = self.futile <= MAX_FUTILE;
        if !worth {
            self.futile = 0;
        }
        worth
    }

    /// Finds room for an object of `size` bytes, whose contents are what was there before; `None`
    /// if the heap has to grow.
    #[inline]
    pub fn allocate(&mut self, size: usize) -> Option<u32> {
        if size > MAX_SMALL {
            return self.allocate_large(size);
        }
        let class = CLASS_OF[size.div_ceil(GRANULE)] as usize;
        let cell = SIZES[class];
        loop {
            let Class { next, end, .. } = self.classes.get_mut(class)?;
            while *next + cell <= *end {
                let at = *next;
                *next += cell;
                let (word, bit) = place(at);
                if self.starts[word] & bit == 0 {
                    self.starts[word] |= bit;
                    self.allocated += cell as usize;
                    return Some(at);
                }
            }
            self.next_block(class)?;
        }
    }

    /// Goes on to another block with objects of a class.
    #[cold]
    fn next_block(&mut self, class: usize) -> Option<()> {
        let block = match self.classes[class].partial.pop() {
            Some(block) => block as usize,
            None => {
                let free = self.blocks[self.first_free..].iter().position(|&kind| kind == FREE);
                let block = self.first_free + free.unwrap_or(self.blocks.len() - self.first_free);
                self.first_free = block;
                *self.blocks.get_mut(block)? = class as u8;
                block
            }
        };
        let start = (block * BLOCK) as u32;
        // No object is at 0, which is null.
        let first = if block == 0 { SIZES[class] } else { start };
        self.classes[class].next = first;
        self.classes[class].end = start + BLOCK as u32;
        Some(())
    }

    #[cold]
    fn allocate_large(&mut self, size: usize) -> Option<u32> {
        let (blocks, mut run) = (size.div_ceil(BLOCK), 0);
        // Not the first block: no object is at 0.
        let first = self.first_large.max(1);
        for at in first..self.blocks.len() {
            run = if self.blocks[at] == FREE { run + 1 } else { 0 };
            if run == blocks {
                let start = at + 1 - blocks;
                self.blocks[start..=at].fill(LARGE_REST);
                self.blocks[start] = LARGE;
                let offset = (start * BLOCK) as u32;
                let (word, bit) = place(offset);
                self.starts[word] |= bit;
                self.first_large = at + 1;
                self.allocated += blocks * BLOCK;
                return Some(offset);
            }
        }
        self.first_large = first.max(self.blocks.len() - run);
        None
    }

    /// How many bytes it has to grow by before an object of `size` bytes surely finds room.
    pub fn missing(&self, size: usize) -> usize {
        if size <= MAX_SMALL {
            return BLOCK;
        }
        let first = self.first_large.max(1);
        let rest = self.blocks.get(first..).unwrap_or(&[]);
        let free = rest.iter().rev().take_while(|&&kind| kind == FREE).count();
        let first_block = if self.blocks.is_empty() { BLOCK } else { 0 };
        (size.next_multiple_of(BLOCK) + first_block).saturating_sub(free * BLOCK)
    }

    /// How many bytes it had better grow by if `missing` are needed.
    pub fn growth(&self, missing: usize) -> usize {
        let better = (self.len() / 4).next_multiple_of(BLOCK).max(MIN_GROWTH).max(missing);
        better.min(self.max - self.len()).max(missing)
    }

    /// Grows by `more` bytes, a multiple of a block. Returns whether there was room.
    pub fn grow(&mut self, more: usize) -> bool {
        if more > self.max - self.len() {
            return false;
        }
        let len = self.len() + more;
        let words = len / GRANULE / 64;
        // Room for more than asked saves copies, and does without where that is too much.
        let reserved = self.bytes.try_reserve(more);
        let room = reserved.or_else(|_| self.bytes.try_reserve_exact(more)).is_ok()
            && self.starts.try_reserve(words - self.starts.len()).is_ok()
            && self.marks.try_reserve(words - self.marks.len()).is_ok()
            && self.blocks.try_reserve(more / BLOCK).is_ok();
        if !room {
            return false;
        }
        self.bytes.resize(len, 0);
        self.starts.resize(words, 0);
        self.marks.resize(words, 0);
        self.blocks.resize(len / BLOCK, FREE);
        if self.classes.is_empty() {
            self.classes.resize_with(SIZES.len(), Class::default);
        }
        self.futile = 0;
        true
    }

    /// Marks the object at `at`. Returns whether there is one that was not marked before.
    #[inline]
    pub fn mark(&mut self, at: u32) -> bool {
        let (word, bit) = place(at);
        match (self.starts.get(word), self.marks.get_mut(word)) {
            (Some(starts), Some(marks)) if starts & bit != 0 && *marks & bit == 0 => {
                *marks |= bit;
                true
            }
            _ => false,
        }
    }

    /// The first marked object at `from` or behind it.
    pub fn next_marked(&self, from: u32) -> Option<u32> {
        let (mut word, bit) = place(from);
        let mut bits = self.marks.get(word)? & !(bit - 1);
        while bits == 0 {
            word += 1;
            bits = *self.marks.get(word)?;
        }
        Some(((word * 64 + bits.trailing_zeros() as usize) * GRANULE) as u32)
    }

    /// Frees every object that is not marked, and takes the marks away.
    pub fn sweep(&mut self) {
        core::mem::swap(&mut self.starts, &mut self.marks);
        self.marks.fill(0);
        for class in &mut self.classes {
            (class.next, class.end) = (0, 0);
            class.partial.clear();
        }
        self.live = 0;
        let mut rest = 0;
        // From the end, so that blocks at the beginning are used first.
        for block in (0..self.blocks.len()).rev() {
            match self.blocks[block] {
                FREE => {}
                LARGE_REST => rest += 1,
                LARGE => {
                    match self.starts[block * BLOCK_WORDS] & 1 {
                        0 => self.blocks[block..=block + rest].fill(FREE),
                        _ => self.live += (rest + 1) * BLOCK,
                    }
                    rest = 0;
                }
                class => self.sweep_block(block, class as usize),
            }
        }
        (self.first_free, self.first_large, self.allocated) = (0, 1, 0);
    }

    fn sweep_block(&mut self, block: usize, class: usize) {
        let words = &self.starts[block * BLOCK_WORDS..(block + 1) * BLOCK_WORDS];
        let used = words.iter().map(|word| word.count_ones() as usize).sum::<usize>();
        if used == 0 {
            self.blocks[block] = FREE;
            return;
        }
        let cell = SIZES[class] as usize;
        self.live += used * cell;
        if used < BLOCK / cell {
            self.classes[class].partial.push(block as u32);
        }
    }

    /// Writes the header of an object.
    #[inline]
    pub fn set_header(&mut self, at: u32, ty: u32, len: u32) {
        self.put(at, ty.to_le_bytes());
        self.put(at + 4, len.to_le_bytes());
    }

    /// The type of an object.
    #[inline]
    pub fn type_of(&self, at: u32) -> u32 {
        self.word(at)
    }

    /// The length of an array, or the size of another object.
    #[inline]
    pub fn len_of(&self, at: u32) -> u32 {
        self.word(at.wrapping_add(4))
    }

    /// Four bytes, as a number.
    #[inline]
    pub fn word(&self, at: u32) -> u32 {
        u32::from_le_bytes(self.take(at))
    }

    /// Writes four bytes.
    #[inline]
    pub fn set_word(&mut self, at: u32, value: u32) {
        self.put(at, value.to_le_bytes());
    }

    #[inline]
    fn take<const N: usize>(&self, at: u32) -> [u8; N] {
        *self.bytes[at as usize..].first_chunk().expect("an offset into an object")
    }

    #[inline]
    fn put<const N: usize>(&mut self, at: u32, value: [u8; N]) {
        *self.bytes[at as usize..].first_chunk_mut().expect("an offset into an object") = value;
    }

    /// Reads a field or element; all but vectors use the first slot. `signed` is how a packed one
    /// is extended.
    #[inline]
    pub fn read(&self, at: u32, storage: Storage, signed: bool) -> [Slot; 2] {
        let slot = match (storage, signed) {
            (Storage::I8, false) => self.take::<1>(at)[0].into(),
            (Storage::I8, true) => i32::from(self.take::<1>(at)[0] as i8) as u32 as Slot,
            (Storage::I16, false) => u16::from_le_bytes(self.take(at)).into(),
            (Storage::I16, true) => i32::from(i16::from_le_bytes(self.take(at))) as u32 as Slot,
            (Storage::Word | Storage::Ref | Storage::Untraced, _) => self.word(at).into(),
            (Storage::Double, _) => Slot::from_le_bytes(self.take(at)),
            (Storage::Vector, _) => {
                let low = Slot::from_le_bytes(self.take(at));
                return [low, Slot::from_le_bytes(self.take(at.wrapping_add(8)))];
            }
        };
        [slot, 0]
    }

    /// Writes a field or element, which takes as many slots as its storage says.
    #[inline]
    pub fn write(&mut self, at: u32, storage: Storage, value: &[Slot]) {
        let slot = value[0];
        match storage {
            Storage::I8 => self.put(at, [slot as u8]),
            Storage::I16 => self.put(at, (slot as u16).to_le_bytes()),
            Storage::Word | Storage::Ref | Storage::Untraced => self.set_word(at, slot as u32),
            Storage::Double => self.put(at, slot.to_le_bytes()),
            Storage::Vector => {
                self.put(at, slot.to_le_bytes());
                self.put(at.wrapping_add(8), value[1].to_le_bytes());
            }
        }
    }

    /// Bytes of an object.
    pub fn bytes_mut(&mut self, at: u32, len: usize) -> &mut [u8] {
        &mut self.bytes[at as usize..][..len]
    }

    /// Copies bytes inside the heap; the ranges may overlap.
    pub fn copy(&mut self, dst: u32, src: u32, len: usize) {
        let src = src as usize;
        self.bytes.copy_within(src..src + len, dst as usize);
    }

    /// Writes `len` elements of the same value.
    pub fn fill(&mut self, at: u32, storage: Storage, value: &[Slot], len: usize) {
        let size = storage.size() as usize;
        if len == 0 {
            return;
        }
        self.write(at, storage, value);
        let bytes = &mut self.bytes[at as usize..][..len * size];
        if size == 1 {
            bytes.fill(bytes[0]);
            return;
        }
        // Each step doubles what is written.
        let (end, mut done) = (bytes.len(), size);
        while done < end {
            let more = done.min(end - done);
            bytes.copy_within(..more, done);
            done += more;
        }
    }
}

/// The word and the bit that stand for the granule at `at`.
#[inline]
fn place(at: u32) -> (usize, u64) {
    let granule = at as usize / GRANULE;
    (granule / 64, 1 << (granule % 64))
}
