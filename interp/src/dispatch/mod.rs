//! Dispatch: how one instruction leads to the next.
//!
//! Two backends are made from the same list of handlers. In [`tail`] the word of an instruction is
//! the address of its handler, which ends in a jump to the next one; in [`looped`] it is the
//! handler's number, and one loop around one `match` executes all. Which of the two runs is fixed
//! per engine, since code is made for one of them.

pub mod looped;
#[cfg(opstats)]
mod observe;
#[cfg(tail_dispatch)]
pub mod tail;

use crate::exec::{Handler, Regs, Step, call};
use rwasm_runtime::engine::Dispatch;
use rwasm_runtime::vm::Exit;

/// A way to execute code.
pub struct Backend {
    /// The word that the instructions of a handler begin with, by the handler's number.
    ///
    /// Panics if there is no handler of that number.
    pub word: fn(usize) -> u64,
    /// Executes code from the state it is given.
    ///
    /// Callers make the promises of [`Handler::run`].
    pub run: unsafe fn(Regs) -> Exit,
    /// How many instructions it has fused handlers for.
    pub most_parts: usize,
    /// Its name.
    pub name: &'static str,
}

impl Backend {
    /// The backend that `dispatch` asks for, as far as it is safe in this build.
    pub fn new(dispatch: Dispatch) -> &'static Backend {
        #[cfg(tail_dispatch)]
        if dispatch != Dispatch::Loop && tail::is_safe() {
            return &tail::BACKEND;
        }
        let _ = dispatch;
        &looped::BACKEND
    }
}

/// At the end of a run of the class `CLASS`, in builds with debug assertions: whether all handlers
/// on its way did what their backend takes them to do.
///
/// # Safety
///
/// `r.ctx` must be a context or null.
#[inline(always)]
pub unsafe fn check_end<const CLASS: usize>(r: &Regs) {
    #[cfg(tail_dispatch)]
    // SAFETY: by contract.
    unsafe {
        tail::check_native_stack::<CLASS>(r);
    }
    let _ = r;
}

/// The native stack is `depth` bytes deep at the end of a run, but is `known` bytes deep elsewhere.
#[cfg(tail_dispatch)]
#[cold]
#[inline(never)]
fn did_not_jump(depth: usize, known: usize) -> ! {
    panic!("a handler did not jump: the native stack is {depth} bytes deep instead of {known}")
}

/// What every backend does with [`Step::Refresh`]: looks at the memory itself.
///
/// # Safety
///
/// As for [`Handler::run`].
#[inline(always)]
unsafe fn refresh(r: &mut Regs) -> Step {
    // SAFETY: by contract; an access to memory 0 was made, so there is one.
    unsafe {
        let mem = *(*r.ctx).mems;
        let (base, len) = ((*mem).base, (*mem).len());
        if len <= (*r.ctx).mem0_len {
            return r.trap(rwasm_runtime::Trap::MemoryOutOfBounds);
        }
        (*r.ctx).mem0_base = base;
        (*r.ctx).mem0_len = len;
        r.mem = base;
    }
    Step::Next
}

/// The length of the instruction behind every call that may leave the instance.
pub const RESTORE_CTX_LEN: usize = call::RestoreCtx::LEN;
