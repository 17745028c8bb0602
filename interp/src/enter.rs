//! The interpreter as a tier: entering code from the host, and looking at the frames of a run that
//! was left.

use crate::Interpreter;
use crate::code::{CodeModule, FuncEntry, Place, code_of};
use crate::dispatch::{Backend, RESTORE_CTX_LEN};
use crate::exec::call::{RestoreCtx, ReturnTo};
use crate::exec::{Handler, NO_VECTOR, Packed, Regs};
use alloc::sync::Arc;
use core::ops::ControlFlow;
use core::ptr::NonNull;
use core::sync::atomic::Ordering;
use rwasm_parser::{Module, TagIdx};
use rwasm_runtime::tier::{Code, RawFrame, Tier};
use rwasm_runtime::types::TypeId;
use rwasm_runtime::vm::{Exit, ExitState, Slot, VmContext, VmFunc, VmStore, builtins};
use rwasm_runtime::{EngineConfig, Result, Trap};

impl Tier for Interpreter {
    fn prepare(
        &self,
        module: &Arc<Module<'static>>,
        types: &Arc<[TypeId]>,
        config: &EngineConfig,
    ) -> Result<Arc<dyn Code>> {
        Ok(CodeModule::new(module, types, config, Backend::new(config.dispatch)))
    }

    unsafe fn resume(&self, _vm: *mut VmStore, state: ExitState) -> Exit {
        // SAFETY: by contract of the trait.
        unsafe { resume(state) }
    }

    unsafe fn frames(&self, state: ExitState, visit: &mut dyn FnMut(RawFrame) -> ControlFlow<()>) {
        // SAFETY: by contract of the trait.
        unsafe { frames(state, visit) }
    }
}

/// Calls a function from outside of the interpreter.
///
/// # Safety
///
/// As for [`rwasm_runtime::vm::Entry`]; the function must be one of this tier.
pub unsafe extern "C" fn enter(
    _ctx: *mut VmContext,
    func: NonNull<VmFunc>,
    slots: *mut Slot,
) -> Exit {
    // SAFETY: by contract; the frame begins below the limit, above which there is a reserve that
    // is larger than any list of parameters.
    unsafe {
        let func = func.as_ref();
        let entry = &*func.code.cast::<FuncEntry>();
        if slots > (*func.store).stack_limit {
            return Exit::trap(Trap::StackOverflow);
        }
        let module = &*entry.module;
        let finish = module.finish(entry.class);
        *slots.wrapping_add(entry.header as usize) = ReturnTo::new(finish, 0).0;
        let r = Regs {
            ip: entry.code.load(Ordering::Acquire),
            fp: slots,
            mem: (*func.ctx).mem0_base,
            acc: core::ptr::from_ref(entry) as u64,
            ctx: func.ctx,
            store: func.store,
            f32: 0.0,
            f64: 0.0,
            v128: NO_VECTOR,
        };
        (module.backend.run)(r)
    }
}

/// Goes on with a run that was left. Like [`enter`] it is no function that panics can leave, which
/// would skip the end of the run.
///
/// # Safety
///
/// As for [`rwasm_runtime::tier::Tier::resume`].
pub unsafe extern "C" fn resume(state: ExitState) -> Exit {
    let ExitState { ip, fp, ctx, results, mirrored } = state;
    // SAFETY: by contract.
    unsafe {
        let Some(module) = code_of(ctx) else { return Exit::trap(Trap::StackOverflow) };
        let mem = (*ctx).mem0_base;
        let store = (*ctx).store;
        let (f32, f64, v128) = (0.0, 0.0, NO_VECTOR);
        let mut r = Regs { ip, fp, mem, acc: 0, ctx, store, f32, f64, v128 };
        if !results.is_null() {
            r.load_result(*results);
        }
        if mirrored != ExitState::NO_SLOT {
            r.acc = *fp.wrapping_add(mirrored as usize);
        }
        (module.backend.run)(r)
    }
}

/// Finds the frame of the running activation that catches an exception, beginning at the exit
/// state of the context's store, and makes that the state to go on with. Returns whether there is
/// one; if not, the exception is pending in the store.
///
/// # Safety
///
/// The exit state must be that of an instruction that throws, in code of this tier.
#[cold]
#[inline(never)]
pub unsafe fn catch(ctx: *mut VmContext, exception: u64) -> bool {
    // SAFETY: by contract.
    unsafe {
        let vm = (*ctx).store;
        let tag = builtins::exn_tag(ctx, exception);
        let mut found = None;
        each_frame((*vm).exit, &mut |module, place, innermost, ctx, fp| {
            let tags = (*ctx).tags;
            let catches = |idx: TagIdx| *tags.wrapping_add(idx.index()) == tag;
            found =
                module.clause(place, innermost, catches).map(|(ip, clause)| (ip, clause, ctx, fp));
            if found.is_some() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        let Some((ip, clause, ctx, fp)) = found else {
            (*(*vm).store).pending_exn = exception;
            return false;
        };
        if clause.tag.is_some() {
            builtins::exn_payload(ctx, exception, fp.wrapping_add(clause.values as usize));
        }
        if let Some(slot) = clause.reference {
            *fp.wrapping_add(slot as usize) = exception;
        }
        (*vm).exit = ExitState::at(ip, fp, ctx);
        true
    }
}

/// Shows the frames of the activation that was left at `state`.
///
/// # Safety
///
/// As for [`rwasm_runtime::tier::Tier::frames`].
pub unsafe fn frames(state: ExitState, visit: &mut dyn FnMut(RawFrame) -> ControlFlow<()>) {
    // SAFETY: by contract.
    unsafe {
        each_frame(state, &mut |_, place, innermost, ctx, fp| {
            visit(RawFrame { ctx, func: place.func, code_offset: place.offset, innermost, fp })
        });
    }
}

/// What is told of a frame: the code, the place in it, whether it is the innermost, the context,
/// the first slot.
pub type EachFrame<'a> =
    dyn FnMut(&CodeModule, &Place, bool, *mut VmContext, *mut Slot) -> ControlFlow<()> + 'a;

/// Visits the frames of the activation that was left at `state`, the innermost first.
///
/// # Safety
///
/// As for [`frames`].
pub unsafe fn each_frame(state: ExitState, visit: &mut EachFrame<'_>) {
    let ExitState { mut ip, mut fp, mut ctx, results, .. } = state;
    // A run that waits for the host stands behind its call, as a caller does.
    let mut innermost = results.is_null();
    while !ip.is_null() {
        // SAFETY: by contract `ctx` and `fp` are those of a frame that stands at `ip`; frames were
        // made by calls, which `exec::call` describes.
        unsafe {
            let Some(module) = code_of(ctx) else { return };
            let Some(place) = module.place(ip) else { return };
            if visit(module, &place, innermost, ctx, fp).is_break() {
                return;
            }
            innermost = false;
            let to = ReturnTo(*fp.wrapping_add(place.header as usize));
            ip = to.ip();
            if module.is_finish(ip) {
                return;
            }
            fp = fp.wrapping_sub(to.distance());
            let word = (*ip.cast::<Packed<u64>>()).0;
            if word == (module.backend.word)(RestoreCtx::INDEX) {
                let own = (*ip.wrapping_add(8).cast::<Packed<u16>>()).0 as usize;
                ctx = *fp.wrapping_add(own + 1) as *mut VmContext;
                ip = ip.wrapping_add(RESTORE_CTX_LEN);
            }
        }
    }
}
