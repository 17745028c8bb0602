//! Continuations. Spec: the proposal *Stack Switching*, *Execution*.
//!
//! What depends on the form of frames is the tier's own business.

use super::{func_of_slot, gc::failed, store};
use crate::Trap;
use crate::vm::{Exit, Slot, VmContext};

/// `cont.new`
#[inline(never)]
pub unsafe fn cont_new(ctx: *mut VmContext, func: u64) -> Result<u64, Exit> {
    // SAFETY: by the module's contract.
    unsafe {
        let func = func_of_slot(ctx, func);
        if func.is_null() {
            return Err(Exit::trap(Trap::NullFunctionReference));
        }
        store(ctx).cont_new(func).map_err(|error| failed(ctx, error))
    }
}

/// `cont.bind` of the `len` slots at `values`.
#[inline(never)]
pub unsafe fn cont_bind(
    ctx: *mut VmContext,
    cont: u64,
    values: *const Slot,
    len: usize,
) -> Result<u64, Exit> {
    // SAFETY: by the module's contract so many slots are there.
    unsafe {
        let values = super::gc::slots(values, len);
        store(ctx).cont_bind(cont, values).map_err(|error| failed(ctx, error))
    }
}

/// A number for a continuation of so many slots, to be given to `StoreInner::cont_set`.
#[inline(never)]
pub unsafe fn cont_reserve(ctx: *mut VmContext, slots: usize) -> Result<u64, Exit> {
    // SAFETY: by the module's contract.
    unsafe { store(ctx).cont_reserve(slots).map_err(|error| failed(ctx, error)) }
}
