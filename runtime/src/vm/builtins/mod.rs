//! What running code of every tier calls for the operators that are too big to be done in place.
//!
//! Every function takes the context of the running instance and fits the registers: no references,
//! no structures, results in at most two words. Failures are [`Exit`]s that end the run.
//!
//! # Safety
//!
//! One contract for all: `ctx` is the context of an instance whose code is running, which entered
//! through [`Func::call`](crate::Func::call) or [`Execution`](crate::Execution), and indices are
//! those of validated code. Nobody borrows the store then.
#![allow(clippy::missing_safety_doc, reason = "one contract for all, in the module's doc")]

mod continuation;
mod gc;
mod memory;
mod reference;
mod table;

pub use continuation::*;
pub use gc::*;
pub use memory::*;
pub use reference::*;
pub use table::*;

use super::{Exit, InstanceData, VmContext};
use crate::store::StoreInner;

/// The running instance.
unsafe fn instance<'a>(ctx: *mut VmContext) -> &'a mut InstanceData {
    // SAFETY: by the module's contract; builtins let go of the borrow before they return.
    unsafe { &mut *(*ctx).instance }
}

/// The store of the running instance.
unsafe fn store<'a>(ctx: *mut VmContext) -> &'a mut StoreInner {
    // SAFETY: as above.
    unsafe { &mut *(*(*ctx).store).store }
}

/// Where a range of `len` begins, if it ends within `bound`.
fn range(at: u64, len: u64, bound: usize) -> Option<usize> {
    (at.checked_add(len)? <= bound as u64).then_some(at as usize)
}

/// What growth returns to the guest when it failed.
const CANNOT_GROW: u64 = u64::MAX;

fn grown(ctx: *mut VmContext, result: crate::Result<Option<u64>>) -> Result<u64, Exit> {
    match result {
        Ok(before) => Ok(before.unwrap_or(CANNOT_GROW)),
        // SAFETY: by the module's contract.
        Err(error) => Err(unsafe { store(ctx) }.fail(error)),
    }
}
