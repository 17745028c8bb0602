//! The references in the frames of guests.

use super::{Awaits, Continuation, ExitState, Slot, Suspended};
use crate::gc::is_traced;
use crate::store::StoreInner;
use crate::tier::RawFrame;
use alloc::sync::Arc;
use core::ops::ControlFlow;
use rwasm_parser::FuncIdx;

/// Shows every reference to `visit` that is in a frame of a guest: of those that run or wait for
/// the host, and of suspended runs.
pub fn visit_references(store: &StoreInner, visit: &mut dyn FnMut(Slot)) {
    let mut frames = Frames { visit, last: None };
    let running = store.activations.iter().copied().chain([store.vm.exit]);
    running.for_each(|state| frames.visit_state(store, state));
    store.runs.visit(|state| frames.visit_state(store, state));
    store.runs.visit_arguments(frames.visit);
}

/// Shows every reference that a continuation holds.
pub fn visit_continuation(store: &StoreInner, number: u32, visit: &mut dyn FnMut(Slot)) {
    let types = store.engine.types();
    let Some(continuation) = store.conts.get(number) else { return };
    let (func, waits_for_params, bound) = match continuation {
        Continuation::New { func, bound } => {
            // SAFETY: a function of the store.
            (unsafe { (**func).type_id }, true, &bound[..])
        }
        Continuation::Suspended(suspended) => {
            visit_suspended(store, suspended, visit);
            let (func, params) = match suspended.awaits {
                Awaits::Results(func) => (func, false),
                Awaits::Params(func) => (func, true),
            };
            (func, params, &suspended.slots[suspended.len..])
        }
    };
    let func = types.func(func);
    let mut bound = bound.iter();
    for &ty in if waits_for_params { func.params() } else { func.results() } {
        let Some(&slot) = bound.next() else { break };
        if is_traced(types, ty) {
            visit(slot);
        }
        if ty.slots() == 2 {
            bound.next();
        }
    }
}

/// Shows every reference in the frames of a continuation.
fn visit_suspended(store: &StoreInner, suspended: &Suspended, visit: &mut dyn FnMut(Slot)) {
    let fp = suspended.slots.as_ptr().wrapping_add(suspended.fp).cast_mut();
    // It stands behind the operator that suspended it, as one does that waits for the host.
    let state = ExitState::at(suspended.ip, fp, suspended.ctx).with_results(fp);
    Frames { visit, last: None }.visit_state(store, state);
}

/// Where a frame may stand: the module's code, the function, the place in it.
type Place = (*const (), FuncIdx, u32, bool);

struct Frames<'a> {
    visit: &'a mut dyn FnMut(Slot),
    /// The place of the frame before, and the slots that hold references there: recursion asks
    /// for the same again and again.
    last: Option<(Place, Arc<[u16]>)>,
}

impl Frames<'_> {
    fn visit_state(&mut self, store: &StoreInner, state: ExitState) {
        if state.ip.is_null() {
            return;
        }
        let mut visit = |frame: RawFrame| {
            self.visit_frame(&frame);
            ControlFlow::Continue(())
        };
        // SAFETY: the tier left its state there, and the frames are unchanged since: what ran on
        // the same stack after that has returned, or stands above. Those of a continuation are a
        // copy of which nobody else knows, and end with a return address to the host.
        unsafe { store.engine.tier().frames(state, &mut visit) };
    }

    fn visit_frame(&mut self, frame: &RawFrame) {
        // SAFETY: a context of this store, which begins its instance; nothing runs.
        let code = unsafe { &*(*frame.ctx).instance }.module.code();
        let code_ptr = core::ptr::from_ref(code).cast::<()>();
        let place = (code_ptr, frame.func, frame.code_offset, frame.innermost);
        let slots = match &self.last {
            Some((last, slots)) if *last == place => slots.clone(),
            _ => code.references(frame.func, frame.code_offset, frame.innermost),
        };
        for &slot in slots.iter() {
            // SAFETY: a slot of the frame, as the tier says, and inside the stack.
            (self.visit)(unsafe { *frame.fp.wrapping_add(slot as usize) });
        }
        self.last = Some((place, slots));
    }
}
