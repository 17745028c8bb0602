//! The beginning of a function: which of its locals have to be zeroed. Those that are written
//! before they are read, and before the first branch or call, need not be.

use super::*;
use crate::exec::control::ZeroSome;
use crate::exec::list::Single;
use crate::exec::{Handler, WORD};

/// What is known of locals while control goes straight on from the function's first operator.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    /// The slot of the first local that is no parameter.
    first: u16,
    /// How many slots such locals take.
    count: u16,
    /// Of the first 64, those that were written before they were read.
    written: u64,
    /// Of the first 64, those that were read before they were written.
    read: u64,
}

impl Entry {
    /// The bits of those of `slots` slots at `slot` that are among the first 64.
    fn bits(&self, slot: u16, slots: u32) -> u64 {
        let Some(at) = slot.checked_sub(self.first) else { return 0 };
        (u32::from(at)..u32::from(at) + slots)
            .filter(|&at| at < 64)
            .fold(0, |all, at| all | 1 << at)
    }

    fn is_written(&self, at: u16) -> bool {
        at < 64 && self.written & 1 << at != 0
    }

    /// Slots that were not written yet, ascending.
    pub fn unset(&self) -> impl Iterator<Item = u16> {
        let entry = *self;
        (0..entry.count).filter(move |&at| !entry.is_written(at)).map(move |at| entry.first + at)
    }
}

impl Lowering<'_> {
    /// Emits the instruction that zeroes locals, which may be taken back.
    pub fn zero_locals(&mut self, first: u16, end: u16) {
        let count = end - first;
        let at = self.op(zero(count));
        self.put_u16(first);
        if count > MOST {
            self.put_u16(count);
        }
        // It may change yet, so nothing is fused with it.
        self.bind_label();
        // A collection of garbage looks at references whenever it may happen.
        let has_references = self.b.reference_locals.iter().any(|&slot| slot >= first);
        if at == 0 && !has_references {
            self.entry = Some(Entry { first, count, written: 0, read: 0 });
        }
    }

    /// A local is read.
    pub fn read_local(&mut self, slot: u16, ty: ValType) {
        if let Some(entry) = &mut self.entry {
            entry.read |= entry.bits(slot, ty.slots()) & !entry.written;
        }
    }

    /// A local is written.
    pub fn wrote_local(&mut self, slot: u16, ty: ValType) {
        if let Some(entry) = &mut self.entry {
            entry.written |= entry.bits(slot, ty.slots()) & !entry.read;
        }
    }

    /// Control may go other ways from here on, so what is not written by now has to be zeroed.
    pub fn leave_entry(&mut self) {
        let Some(entry) = self.entry.take() else { return };
        let (first, last) = (entry.unset().next(), entry.unset().last());
        let Some((first, last)) = first.zip(last) else {
            self.first = if entry.count > MOST { ZERO_LEN } else { ZeroSome::<1>::LEN };
            return;
        };
        let count = last - first + 1;
        self.b.code[WORD..WORD + 2].copy_from_slice(&first.to_ne_bytes());
        match entry.count > MOST {
            true => self.b.code[WORD + 2..WORD + 4].copy_from_slice(&count.to_ne_bytes()),
            false => self.set_word(0, zero(count) as u16),
        }
    }
}

/// How many slots have a handler of their own.
const MOST: u16 = 8;
const ZERO_LEN: usize = crate::exec::control::Zero::LEN;

/// The handler that zeroes so many slots.
fn zero(count: u16) -> usize {
    let single = match count {
        1 => Single::Zero1,
        2 => Single::Zero2,
        3 => Single::Zero3,
        4 => Single::Zero4,
        5 => Single::Zero5,
        6 => Single::Zero6,
        7 => Single::Zero7,
        8 => Single::Zero8,
        _ => Single::Zero,
    };
    index::single(single)
}
