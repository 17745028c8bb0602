//! Exceptions. Spec: *Execution → Control Instructions* (`throw`, `throw_ref`, `try_table`).
//!
//! Nothing happens where nothing is thrown: which instructions a `try_table` covers is known of
//! the function's code, and looked up when an exception passes its frame.

use super::list::Single;
use super::{Handler, Regs, Step, WORD, base, tri};
use rwasm_runtime::Trap;
use rwasm_runtime::vm::{Exit, ExitState, builtins};

/// `throw`: `[first value][0][tag: u32]`
pub struct Throw;

impl Handler for Throw {
    const INDEX: usize = base::SINGLE + Single::Throw as usize;
    const LEN: usize = WORD + 8;

    #[inline(always)]
    unsafe fn run(r: &mut Regs) -> Step {
        // SAFETY: operands are laid out as the type says; the store is not borrowed.
        unsafe {
            r.publish();
            let tag = *(*r.ctx).tags.wrapping_add(r.operand::<u32>(WORD + 4) as usize);
            let exception = tri!(r, builtins::exn_new(r.ctx, tag, r.slot(WORD)));
            r.raise(exception)
        }
    }
}

/// `throw_ref`: `[exception]`
pub struct ThrowRef;

impl Handler for ThrowRef {
    const INDEX: usize = base::SINGLE + Single::ThrowRef as usize;
    const LEN: usize = WORD + 2;

    #[inline(always)]
    unsafe fn run(r: &mut Regs) -> Step {
        // SAFETY: operands are laid out as the type says; the store is not borrowed.
        unsafe {
            let exception = r.read::<u64>(WORD);
            if exception == 0 {
                return r.trap(Trap::NullReference);
            }
            r.raise(exception)
        }
    }
}

impl Regs {
    /// Goes on where the exception is caught, or leaves the run with it.
    ///
    /// # Safety
    ///
    /// The registers must be those of a run at an instruction that throws.
    #[inline(always)]
    pub unsafe fn raise(&mut self, exception: u64) -> Step {
        // SAFETY: by contract.
        unsafe {
            let vm = self.store;
            (*vm).exit = ExitState::at(self.ip, self.fp, self.ctx);
            if !crate::enter::catch(self.ctx, exception) {
                return Step::Exit(Exit::EXCEPTION);
            }
            let ExitState { ip, fp, ctx, .. } = (*vm).exit;
            (self.ip, self.fp, self.ctx) = (ip, fp, ctx);
            self.reload_mem();
        }
        Step::Next
    }
}
