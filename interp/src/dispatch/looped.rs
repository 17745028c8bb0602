//! The portable backend: a loop around a `match`.

use super::{Backend, refresh};
use crate::exec::aggregate::*;
use crate::exec::atomic::*;
use crate::exec::call::*;
use crate::exec::continuation::*;
use crate::exec::control::*;
use crate::exec::exception::*;
use crate::exec::list::{self, op};
use crate::exec::memory::*;
use crate::exec::numeric::*;
use crate::exec::operand::*;
use crate::exec::parametric::*;
use crate::exec::reference::*;
use crate::exec::table::*;
use crate::exec::variable::*;
use crate::exec::vector::*;
use crate::exec::{Handler, Regs, Step};
use crate::list_handlers;
use rwasm_parser::{atomic_ops, custom_ops, memory_ops, vector_ops};
use rwasm_runtime::vm::Exit;

/// The portable backend.
pub static BACKEND: Backend = Backend { words: &WORDS, run, name: "loop" };

static WORDS: [usize; list::COUNT] = {
    let mut words = [0; list::COUNT];
    let mut i = 0;
    while i < list::COUNT {
        words[i] = i;
        i += 1;
    }
    words
};

/// Runs a handler outside of the loop, so that its code does not weigh on the loop's.
///
/// # Safety
///
/// As for [`Handler::run`].
#[inline(never)]
unsafe fn outlined<H: Handler>(r: &mut Regs) -> Step {
    // SAFETY: by contract.
    unsafe { H::run(r) }
}

macro_rules! define_run {
    ({ $($inlined:ty;)* } { $($called:ty;)* }) => {
        /// Executes code whose words are numbers of handlers.
        ///
        /// # Safety
        ///
        /// As for [`Handler::run`], for every instruction that is reached.
        unsafe fn run(from: Regs) -> Exit {
            // Field by field: what is passed by address would be kept in memory.
            let Regs { ip, fp, mem, acc, ctx, limit, f32, f64 } = from;
            let mut r = Regs { ip, fp, mem, acc, ctx, limit, f32, f64 };
            // One copy for all handlers outside of the loop, whose address they take.
            let mut copy;
            loop {
                // SAFETY: by contract.
                let step = unsafe {
                    match r.operand::<u64>(0) as usize {
                        $(<$inlined as Handler>::INDEX => match <$inlined as Handler>::run(&mut r) {
                            Step::Next => continue,
                            step => step,
                        },)*
                        $(<$called as Handler>::INDEX => {
                            copy = r;
                            let step = outlined::<$called>(&mut copy);
                            r = copy;
                            step
                        })*
                        number => unreachable!("no handler has the number {number}"),
                    }
                };
                let step = match step {
                    // SAFETY: by contract.
                    Step::Refresh => unsafe { refresh(&mut r) },
                    step => step,
                };
                if let Step::Exit(exit) = step {
                    return exit;
                }
            }
        }
    };
}
crate::for_each_handler!(define_run);
