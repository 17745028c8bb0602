//! Collections: everything that roots lead to is marked, the rest is free.

use super::Gc;
use super::externs::{Externs, Object};
use super::heap::{HEADER, Heap};
use super::layout::{Layouts, Shape, Storage};
use crate::store::StoreInner;
use crate::types::TypeId;
use crate::vm::{Slot, cont_number};
use alloc::vec::Vec;
use rwasm_parser::{CompositeType, HeapType, Module, RefType};

/// The fewest objects that may wait to be looked into.
const MIN_STACK: usize = 1024;
/// The bytes of heap for each object that may wait: with one for every 64 bytes, no heap has to be
/// gone through more than a few times because too many wait.
const BYTES_PER_WAITING: usize = 64;

/// Marks what can be reached.
pub struct Marker<'a> {
    heap: &'a mut Heap,
    layouts: &'a Layouts,
    externs: &'a mut Externs,
    /// The continuations that are reached, and those of them that nobody looked into.
    conts: &'a mut (Vec<u64>, Vec<u32>),
    /// Objects that are marked and not looked into yet.
    stack: &'a mut Vec<u32>,
    most: usize,
    /// Whether objects are marked that nobody looked into because the stack was full.
    overflow: bool,
}

impl<'a> Marker<'a> {
    pub(super) fn new(gc: &'a mut Gc) -> Self {
        gc.externs.begin();
        let most = (gc.heap.len() / BYTES_PER_WAITING).max(MIN_STACK);
        Marker {
            heap: &mut gc.heap,
            layouts: &gc.layouts,
            externs: &mut gc.externs,
            conts: &mut gc.conts,
            stack: &mut gc.stack,
            most,
            overflow: false,
        }
    }

    /// Marks what a slot leads to, if that is an object, and everything that this leads to. Slots
    /// that hold something else do no harm.
    pub fn root(&mut self, slot: Slot) {
        let Ok(reference) = u32::try_from(slot) else { return };
        self.mark(reference);
        self.drain();
    }

    #[inline]
    fn mark(&mut self, reference: u32) {
        match reference & 3 {
            0 if reference.is_multiple_of(8) && self.heap.mark(reference) => self.wait(reference),
            0 => self.mark_cont(reference),
            2 => self.externs.mark(reference >> 2),
            _ => {}
        }
    }

    /// Marks a continuation, if it is one.
    #[cold]
    fn mark_cont(&mut self, reference: u32) {
        let Some(number) = cont_number(reference.into()) else { return };
        if let Some(word) = self.conts.0.get_mut(number as usize / 64)
            && *word >> (number % 64) & 1 == 0
        {
            *word |= 1 << (number % 64);
            self.conts.1.push(number);
        }
    }

    /// A continuation that is reached and that nobody looked into.
    fn next_cont(&mut self) -> Option<u32> {
        self.conts.1.pop()
    }

    /// Has an object looked into later, if there is something in it.
    #[inline]
    fn wait(&mut self, at: u32) {
        let layout = self.layouts.known(TypeId(self.heap.type_of(at)));
        if !layout.is_some_and(|layout| layout.has_refs()) {
            return;
        }
        if self.stack.len() == self.most || self.stack.try_reserve(1).is_err() {
            self.overflow = true;
            return;
        }
        self.stack.push(at);
    }

    #[inline]
    fn drain(&mut self) {
        while let Some(at) = self.stack.pop() {
            self.look_into(at);
        }
    }

    /// Marks what an object leads to.
    fn look_into(&mut self, at: u32) {
        let layouts = self.layouts;
        let Some(layout) = layouts.known(TypeId(self.heap.type_of(at))) else { return };
        match &layout.shape {
            Shape::Struct { refs, .. } | Shape::Exn { refs, .. } => {
                for offset in refs {
                    self.mark(self.heap.word(at + offset));
                }
            }
            Shape::Array(Storage::Ref) => {
                for i in 0..self.heap.len_of(at) {
                    self.mark(self.heap.word(at + HEADER + i * 4));
                }
            }
            Shape::Array(_) | Shape::None => {}
        }
    }

    /// Looks into marked objects that did not fit the stack.
    fn finish(&mut self) {
        while core::mem::take(&mut self.overflow) {
            let mut next = self.heap.next_marked(0);
            while let Some(at) = next {
                self.look_into(at);
                self.drain();
                next = at.checked_add(8).and_then(|behind| self.heap.next_marked(behind));
            }
        }
    }
}

impl StoreInner {
    /// Adds an object of the host. Returns its number, or `None` if there is no room.
    pub(crate) fn extern_new(&mut self, object: Object) -> Option<u32> {
        if self.gc.zeal || self.gc.externs.is_due() {
            self.collect(&[]);
        }
        self.gc.externs.push(object)
    }

    /// Frees the objects that nobody can reach. What `temps` leads to is kept too.
    pub(crate) fn collect(&mut self, temps: &[Slot]) {
        self.roots.prune();
        self.runs.prune();
        if self.gc.is_empty() && self.conts.is_empty() {
            return;
        }
        let mut gc = core::mem::take(&mut self.gc);
        gc.conts.0.clear();
        gc.conts.0.resize(self.conts.len().div_ceil(64), 0);
        let mut marker = Marker::new(&mut gc);
        self.mark_roots(temps, &mut marker);
        marker.finish();
        while let Some(number) = marker.next_cont() {
            crate::vm::visit_continuation(self, number, &mut |slot| marker.root(slot));
            marker.finish();
        }
        gc.heap.sweep();
        let marks = &gc.conts.0;
        self.conts.sweep(|number| marks[number as usize / 64] >> (number % 64) & 1 != 0);
        let dead = gc.externs.sweep();
        self.gc = gc;
        // The embedder's code runs last.
        drop(dead);
    }

    fn mark_roots(&self, temps: &[Slot], marker: &mut Marker<'_>) {
        let temps = temps.iter().chain(&self.temps).copied();
        temps.chain(self.roots.slots()).chain([self.pending_exn]).for_each(|s| marker.root(s));
        for global in self.globals.iter().filter(|global| global.traced) {
            marker.root(global.vm.value[0]);
        }
        for table in self.tables.iter().filter(|table| table.traced) {
            table.elems().iter().for_each(|&slot| marker.root(slot));
        }
        for instance in &self.instances {
            let module = instance.module.syntax();
            for (elem, slots) in module.elems.iter().zip(&instance.elems) {
                if !slots.is_empty() && is_traced(module, elem.ty) {
                    slots.iter().for_each(|&slot| marker.root(slot));
                }
            }
        }
        crate::vm::visit_references(self, &mut |slot| marker.root(slot));
    }
}

/// Whether references of a type of `module` are ones that a collection follows.
fn is_traced(module: &Module, ty: RefType) -> bool {
    use HeapType as H;
    match ty.heap_type() {
        H::Func | H::NoFunc => false,
        H::Concrete(idx) | H::Exact(idx) => {
            matches!(
                module.types.get(idx).composite,
                CompositeType::Struct(_) | CompositeType::Array(_) | CompositeType::Cont(_)
            )
        }
        _ => true,
    }
}
