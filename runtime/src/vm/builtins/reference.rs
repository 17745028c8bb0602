//! References to functions. Spec: *Execution → Instructions → Reference Instructions*.

use super::store;
use crate::types::TypeId;
use crate::vm::{VmContext, VmFunc, instance_func};
use core::ptr;
use rwasm_parser::FuncIdx;

/// `ref.func`
#[inline(never)]
pub unsafe fn ref_func(ctx: *mut VmContext, func: u32) -> u64 {
    // SAFETY: by the module's contract.
    unsafe {
        let func = instance_func(store(ctx), (*ctx).instance, FuncIdx(func));
        slot_of_func(func.as_ptr())
    }
}

/// The function that a slot refers to, or null.
#[inline(never)]
pub unsafe fn func_of_slot(ctx: *mut VmContext, slot: u64) -> *mut VmFunc {
    match slot {
        0 => ptr::null_mut(),
        // SAFETY: by the module's contract; validated code has only references that exist.
        _ => unsafe { store(ctx) }.funcs.get(slot as usize - 1).as_ptr(),
    }
}

/// The slot that refers to a function, which may be null.
#[inline]
pub unsafe fn slot_of_func(func: *mut VmFunc) -> u64 {
    // SAFETY: null, or a function of the running store.
    unsafe { func.as_ref() }.map_or(0, |func| u64::from(func.addr) + 1)
}

/// Whether functions of type `sub` can be called as ones of type `sup`.
#[inline(never)]
pub unsafe fn is_subtype(ctx: *mut VmContext, sub: TypeId, sup: TypeId) -> bool {
    // SAFETY: by the module's contract.
    unsafe { store(ctx) }.is_subtype(sub, sup)
}
