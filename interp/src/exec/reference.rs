//! References. Spec: *Execution → Reference Instructions*.

use super::list::Single;
use super::{Handler, Regs, Step, WORD, base};
use rwasm_runtime::Trap;
use rwasm_runtime::vm::builtins;

/// `ref.is_null`: `[dst][reference]`
pub struct RefIsNull;

impl Handler for RefIsNull {
    const INDEX: usize = base::SINGLE + Single::RefIsNull as usize;
    const LEN: usize = WORD + 4;

    #[inline(always)]
    unsafe fn run(r: &mut Regs) -> Step {
        // SAFETY: operands are laid out as the type says; by contract of `run`.
        unsafe { r.write(WORD, u64::from(r.read::<u64>(WORD + 2) == 0)) };
        r.next(Self::LEN)
    }
}

/// `ref.as_non_null`, in place: `[reference]`
pub struct RefAsNonNull;

impl Handler for RefAsNonNull {
    const INDEX: usize = base::SINGLE + Single::RefAsNonNull as usize;
    const LEN: usize = WORD + 2;

    #[inline(always)]
    unsafe fn run(r: &mut Regs) -> Step {
        // SAFETY: operands are laid out as the type says; by contract of `run`.
        if unsafe { r.read::<u64>(WORD) } == 0 {
            return r.trap(Trap::NullReference);
        }
        r.next(Self::LEN)
    }
}

/// `ref.func`: `[dst][func: u32]`
pub struct RefFunc;

impl Handler for RefFunc {
    const INDEX: usize = base::SINGLE + Single::RefFunc as usize;
    const LEN: usize = WORD + 6;

    #[inline(always)]
    unsafe fn run(r: &mut Regs) -> Step {
        // SAFETY: operands are laid out as the type says; the store is not borrowed.
        unsafe { r.write(WORD, builtins::ref_func(r.ctx, r.operand(WORD + 2))) };
        r.next(Self::LEN)
    }
}
