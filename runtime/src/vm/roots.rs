//! The references in the frames of guests.

use super::{ExitState, Slot};
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
        // the same stack after that has returned, or stands above.
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
