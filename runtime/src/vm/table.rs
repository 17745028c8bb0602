//! Table instances. Spec: *Execution → Runtime Structure → Table Instances*.

use super::builtins::slot_of_func;
use super::{Slot, VmFunc, VmTable};
use crate::gc::is_traced;
use crate::types::TypeRegistry;
use alloc::vec::Vec;
use core::ptr;
use rwasm_parser::{Limits, TableType};

/// A table instance.
#[repr(C)]
pub struct TableInst {
    /// What running code sees; first, so that a pointer to it is a pointer to the instance.
    pub vm: VmTable,
    /// The table's type as declared, engine-wide.
    pub ty: TableType,
    /// Whether the elements are references that a collection follows.
    pub traced: bool,
    /// Owns the elements, which everybody reaches through `vm.base`.
    elems: Vec<u64>,
}

impl TableInst {
    /// An empty table.
    pub fn new(types: &TypeRegistry, ty: TableType) -> Self {
        let is_func = types.is_func(ty.element.heap_type());
        let traced = is_traced(types, ty.element.into());
        let vm = VmTable { base: ptr::null_mut(), len: 0, is_func };
        let mut table = TableInst { vm, ty, traced, elems: Vec::new() };
        table.vm.base = table.elems.as_mut_ptr();
        table
    }

    /// Grows to `len` elements, the new ones `init`. Returns whether there was room.
    pub fn grow_to(&mut self, len: usize, init: u64) -> bool {
        let more = len.saturating_sub(self.elems.len());
        if self.elems.try_reserve(more).is_err() {
            return false;
        }
        self.elems.resize(len, init);
        self.vm.base = self.elems.as_mut_ptr();
        self.vm.len = len;
        true
    }

    /// The table's type with its present size as the least.
    pub fn present_type(&self) -> TableType {
        TableType { limits: Limits { min: self.vm.len as u64, ..self.ty.limits }, ..self.ty }
    }

    /// The element at `at` as a slot.
    pub fn slot(&self, at: usize) -> Option<Slot> {
        let elem = *self.elems().get(at)?;
        Some(match self.vm.is_func {
            // SAFETY: a table of functions holds null and pointers to functions of its store.
            true => unsafe { slot_of_func(elem as *mut VmFunc) },
            false => elem,
        })
    }

    /// The elements: pointers to functions in tables of functions, else slots.
    pub fn elems(&self) -> &[u64] {
        // SAFETY: the vector's elements, through the pointer that running code uses too.
        unsafe { core::slice::from_raw_parts(self.vm.base, self.vm.len) }
    }

    /// The elements, as in [`TableInst::elems`].
    pub fn elems_mut(&mut self) -> &mut [u64] {
        // SAFETY: as in `elems`, and `self` is borrowed mutably.
        unsafe { core::slice::from_raw_parts_mut(self.vm.base, self.vm.len) }
    }
}
