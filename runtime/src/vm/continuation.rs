//! Continuations of guests: computations that did not begin, or that suspended themselves.
//! Spec: the proposal *Stack Switching*, *Execution*.
//!
//! A continuation that runs has its frames on the stack of whoever resumed it, as if it had been
//! called. When it suspends itself, they are copied from there, and copied back, somewhere else,
//! when it is resumed: frames are plain data that does not know where it lies. So there are no
//! stacks to manage, and everything that walks frames (backtraces, exceptions, collections) needs
//! to know nothing of continuations that run.
//!
//! A reference to a continuation is its number times eight, plus four: no other reference looks so.

use super::{Slot, VmContext, VmFunc};
use crate::store::StoreInner;
use crate::types::TypeId;
use crate::{Result, Trap};
use alloc::vec::Vec;
use core::mem;

/// A continuation that can be resumed.
pub enum Continuation {
    /// A call that has not begun.
    New {
        /// The function.
        func: *mut VmFunc,
        /// The first of its arguments.
        bound: Vec<Slot>,
    },
    /// A computation that suspended itself.
    Suspended(Suspended),
}

/// A computation that suspended itself: its frames, in the tier's own form.
pub struct Suspended {
    /// The slots of its frames, from the first of the outermost up to where the operator that
    /// suspended it has its results; behind them the first of these results.
    pub slots: Vec<Slot>,
    /// How many slots the frames take.
    pub len: usize,
    /// The instruction behind the one that suspended it.
    pub ip: *const u8,
    /// Where among the slots the innermost frame begins.
    pub fp: usize,
    /// The context of the innermost frame.
    pub ctx: *mut VmContext,
    /// The slot of the outermost frame that holds its return address.
    pub base_header: usize,
    /// The context of the outermost frame.
    pub base_ctx: *mut VmContext,
    /// The slots that its frames would take if each were as large as its function makes it.
    pub extent: usize,
    /// What types the results of the operator that suspended it have: those of this function's
    /// parameters or results.
    pub awaits: Awaits,
}

/// The types of what a suspended computation waits for.
#[derive(Clone, Copy, Debug)]
pub enum Awaits {
    /// The results of a tag of this type: `suspend`.
    Results(TypeId),
    /// The parameters of the continuation type of this function type: `switch`.
    Params(TypeId),
}

// SAFETY: the pointers lead into the same store, which is sent as a whole.
unsafe impl Send for Continuation {}
// SAFETY: as above; shared access to a store only reads.
unsafe impl Sync for Continuation {}

impl Continuation {
    fn slots(&self) -> &Vec<Slot> {
        match self {
            Continuation::New { bound, .. } => bound,
            Continuation::Suspended(suspended) => &suspended.slots,
        }
    }

    /// What its slots count against the store's limits.
    fn bytes(&self) -> usize {
        self.slots().capacity() * size_of::<Slot>()
    }

    /// Binds more of what it waits for.
    fn bind(&mut self, values: &[Slot]) {
        let slots = match self {
            Continuation::New { bound, .. } => bound,
            Continuation::Suspended(suspended) => &mut suspended.slots,
        };
        slots.reserve_exact(values.len());
        slots.extend_from_slice(values);
    }
}

enum Entry {
    /// Nobody refers to it.
    Free,
    /// It was resumed or bound, or is being made.
    Consumed,
    Alive(Continuation),
}

/// The continuations of a store, by number.
#[derive(Default)]
pub struct Continuations {
    list: Vec<Entry>,
    /// The numbers of the free entries, the lowest last.
    free: Vec<u32>,
    /// Bytes of the slots of those that can be resumed.
    bytes: usize,
    /// How many bytes the limiter allowed.
    granted: usize,
    /// Bytes made since the last collection, of entries and slots.
    made: usize,
    /// Memory of frames to be used again.
    spare: Vec<Vec<Slot>>,
}

/// The most continuations: their numbers have 29 bits in a reference.
const MAX: usize = 1 << 29;
/// The least that is made between two collections, in bytes.
const MIN_MADE: usize = 1 << 18;
/// The least that the limiter is asked for.
const GRANT: usize = 64 << 10;
/// How much memory is kept to be used again.
const SPARE: usize = 8;
const SPARE_SLOTS: usize = 1 << 10;

/// The reference to a continuation.
fn slot(number: u32) -> Slot {
    Slot::from(number << 3 | 4)
}

/// The number of the continuation that a slot refers to; `None` for null.
pub(crate) fn cont_number(slot: Slot) -> Option<u32> {
    let reference = slot as u32;
    (reference & 7 == 4).then_some(reference >> 3)
}

impl Continuations {
    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Whether a collection is worth its while, beside a heap of objects of so many bytes: so much
    /// was made that looking through everything costs no more than making it did.
    fn is_due(&self, heap: usize) -> bool {
        self.made > MIN_MADE.max((heap + self.total()) / 2)
    }

    /// What they count against the store's limits. Entries that are free or consumed take memory
    /// like others.
    fn total(&self) -> usize {
        self.bytes + self.list.len() * size_of::<Entry>()
    }

    /// The continuation with a number, if it can be resumed.
    pub fn get(&self, number: u32) -> Option<&Continuation> {
        match self.list.get(number as usize) {
            Some(Entry::Alive(continuation)) => Some(continuation),
            _ => None,
        }
    }

    /// How many numbers are in use.
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// Frees the numbers that `is_marked` says nobody refers to.
    pub fn sweep(&mut self, is_marked: impl Fn(u32) -> bool) {
        (self.made, self.bytes) = (0, 0);
        self.free.clear();
        let mut len = 0;
        for (number, entry) in self.list.iter_mut().enumerate().rev() {
            if !is_marked(number as u32) {
                *entry = Entry::Free;
                if len > 0 {
                    self.free.push(number as u32);
                }
                continue;
            }
            len = len.max(number + 1);
            if let Entry::Alive(continuation) = entry {
                self.bytes += continuation.bytes();
            }
        }
        self.list.truncate(len);
        self.list.shrink_to(len * 2);
        self.free.shrink_to(len);
    }
}

impl StoreInner {
    /// A number for a continuation that will take so many slots.
    ///
    /// # Errors
    ///
    /// If there is no room.
    pub fn cont_reserve(&mut self, slots: usize) -> Result<Slot> {
        if self.gc.zeal() || self.conts.is_due(self.gc.heap.len()) {
            self.collect(&[]);
        }
        let bytes = size_of::<Entry>() + slots * size_of::<Slot>();
        if !self.has_room_for_cont(bytes)? {
            self.collect(&[]);
            if !self.has_room_for_cont(bytes)? {
                return Err(Trap::AllocationTooLarge.into());
            }
        }
        let conts = &mut self.conts;
        let number = match conts.free.pop() {
            Some(number) => number,
            None if conts.list.len() == MAX || conts.list.try_reserve(1).is_err() => {
                return Err(Trap::AllocationTooLarge.into());
            }
            None => {
                conts.list.push(Entry::Free);
                conts.list.len() as u32 - 1
            }
        };
        conts.list[number as usize] = Entry::Consumed;
        conts.made += size_of::<Entry>();
        Ok(slot(number))
    }

    /// Whether the engine and the limiter allow so many bytes more: continuations count against the
    /// heap of collected objects.
    fn has_room_for_cont(&mut self, more: usize) -> Result<bool> {
        let (heap, max) = (self.gc.heap.len(), self.gc.heap.max());
        let bytes = self.conts.total().saturating_add(more);
        if heap.saturating_add(bytes) > max {
            return Ok(false);
        }
        let granted = self.conts.granted;
        if bytes <= granted {
            return Ok(true);
        }
        let grant = bytes.max(granted + (granted / 4).max(GRANT)).min(max - heap);
        let allowed = match &mut self.limiter {
            Some(limiter) => {
                let (now, then) = (heap + granted, heap + grant);
                limiter.ask(self.data, |l| l.gc_heap_growing(now, then, Some(max)))?
            }
            None => true,
        };
        if allowed {
            self.conts.granted = grant;
        }
        Ok(allowed)
    }

    /// Makes a reserved number that of `continuation`.
    pub fn cont_set(&mut self, reference: Slot, continuation: Continuation) {
        let conts = &mut self.conts;
        if let Some(number) = cont_number(reference)
            && let Some(entry) = conts.list.get_mut(number as usize)
        {
            let bytes = continuation.bytes();
            conts.bytes += bytes;
            conts.made += bytes;
            *entry = Entry::Alive(continuation);
        }
    }

    /// Takes a continuation to resume it, which nobody can do again.
    ///
    /// # Errors
    ///
    /// If the reference is null, or that was done.
    pub fn cont_take(&mut self, reference: Slot) -> Result<Continuation, Trap> {
        let conts = &mut self.conts;
        let number = cont_number(reference).ok_or(Trap::NullContinuationReference)?;
        let entry = conts.list.get_mut(number as usize);
        match entry.map(|entry| mem::replace(entry, Entry::Consumed)) {
            Some(Entry::Alive(continuation)) => {
                conts.bytes = conts.bytes.saturating_sub(continuation.bytes());
                Ok(continuation)
            }
            _ => Err(Trap::ContinuationAlreadyConsumed),
        }
    }

    /// Memory for the frames of a continuation, which take so many slots: not much more than that,
    /// since it may be kept.
    pub fn cont_buffer(&mut self, slots: usize) -> Vec<Slot> {
        let spare = &mut self.conts.spare;
        let fits = |buffer: &Vec<Slot>| (slots..=slots * 2).contains(&buffer.capacity());
        match spare.iter().rposition(fits) {
            Some(index) => spare.swap_remove(index),
            None => Vec::with_capacity(slots),
        }
    }

    /// Takes such memory back.
    pub fn cont_recycle(&mut self, mut slots: Vec<Slot>) {
        if slots.capacity() > SPARE_SLOTS {
            return;
        }
        let spare = &mut self.conts.spare;
        if spare.len() == SPARE {
            spare.remove(0); // Nobody wanted it for the longest time.
        }
        slots.clear();
        spare.push(slots);
    }

    /// `cont.new`
    ///
    /// # Errors
    ///
    /// If there is no room.
    pub(crate) fn cont_new(&mut self, func: *mut VmFunc) -> Result<Slot> {
        let reference = self.cont_reserve(0)?;
        self.cont_set(reference, Continuation::New { func, bound: Vec::new() });
        Ok(reference)
    }

    /// `cont.bind`
    ///
    /// # Errors
    ///
    /// If the reference is null or consumed, or there is no room.
    pub(crate) fn cont_bind(&mut self, reference: Slot, values: &[Slot]) -> Result<Slot> {
        let number = cont_number(reference).ok_or(Trap::NullContinuationReference)?;
        let known = self.conts.get(number).ok_or(Trap::ContinuationAlreadyConsumed)?;
        let bound = self.cont_reserve(known.slots().len() + values.len())?;
        let mut continuation = self.cont_take(reference)?;
        continuation.bind(values);
        self.cont_set(bound, continuation);
        Ok(bound)
    }
}
