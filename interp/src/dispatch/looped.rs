//! The portable backend: a loop around a `match`.

#[cfg(opstats)]
use super::observe::{self, Known};
use super::{Backend, refresh};
use crate::exec::aggregate::*;
use crate::exec::atomic::*;
use crate::exec::call::*;
use crate::exec::continuation::*;
use crate::exec::control::*;
use crate::exec::exception::*;
use crate::exec::fused::Pair;
use crate::exec::join::*;
#[cfg(opstats)]
use crate::exec::list;
use crate::exec::list::op;
use crate::exec::memory::*;
use crate::exec::numeric::*;
use crate::exec::operand::*;
use crate::exec::parametric::*;
use crate::exec::reference::*;
use crate::exec::table::*;
use crate::exec::variable::*;
use crate::exec::vector::*;
use crate::exec::{Handler, Regs, Step, WORD};
use crate::list_handlers;
use rwasm_parser::{atomic_ops, custom_ops, memory_ops, vector_ops};
use rwasm_runtime::vm::Exit;

/// The portable backend.
///
/// It fuses two instructions at most: all of them are one function, and how long the compiler takes
/// for that grows faster than it.
pub static BACKEND: Backend =
    Backend { word: |number| number as u64, run, most_parts: 2, name: "loop" };

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

/// Runs an instruction until it wants nothing but to go on.
///
/// # Safety
///
/// As for [`Handler::run`].
#[inline(always)]
unsafe fn refreshed<H: Handler>(r: &mut Regs) -> Step {
    loop {
        // SAFETY: by contract.
        match unsafe { H::run(r) } {
            // SAFETY: by contract.
            Step::Refresh => match unsafe { refresh(r) } {
                Step::Exit(exit) => return Step::Exit(exit),
                _ => continue,
            },
            step => return step,
        }
    }
}

/// Runs two parts of a fused instruction.
///
/// # Safety
///
/// As for [`Handler::run`].
#[inline(never)]
unsafe fn outlined_pair<H: Handler, K: Handler>(r: &mut Regs) -> Step {
    // SAFETY: by contract; `ip` is moved to where each part expects it.
    unsafe {
        match refreshed::<H>(r) {
            Step::Next => {}
            step => return step,
        }
        r.ip = r.ip.wrapping_sub(WORD);
        refreshed::<K>(r)
    }
}

/// Whether fused instructions are part of the loop. In builds with debug assertions it is the
/// compiler that would take long.
const INLINED: bool = !cfg!(debug_assertions);

macro_rules! define_run {
    (
        { $($inlined:ty;)* } { $($called:ty;)* }
        { $([$h:ty][$k:ty];)* } { $([$a:ty][$b:ty][$c:ty];)* }
        { $([$p:ty][$q:ty][$s:ty][$t:ty];)* }
        { $([$o:ty][$y:ty][$d:ty];)* }
    ) => {
        /// Executes code whose words are numbers of handlers.
        ///
        /// # Safety
        ///
        /// As for [`Handler::run`], for every instruction that is reached.
        unsafe fn run(from: Regs) -> Exit {
            #[cfg(opstats)]
            static KNOWN: [Known; list::COUNT] = {
                let mut known = [Known::NONE; list::COUNT];
                $(known[<$inlined as Handler>::INDEX] = Known::of::<$inlined>();)*
                $(known[<$called as Handler>::INDEX] = Known::of::<$called>();)*
                $(known[Join::<$o, $y, $d>::INDEX] = Known::of::<Join<$o, $y, $d>>();)*
                $(known[<Pair<$h, $k>>::INDEX] = Known::of_pair::<$h, $k>();)*
                known
            };
            // Field by field: what is passed by address would be kept in memory.
            let Regs { ip, fp, mem, acc, ctx, store, f32, f64, v128 } = from;
            let mut r = Regs { ip, fp, mem, acc, ctx, store, f32, f64, v128 };
            // One copy for all handlers outside of the loop, whose address they take.
            let mut copy;
            // SAFETY: by contract.
            let mut number = unsafe { r.operand::<u64>(0) } as usize;
            loop {
                #[cfg(opstats)]
                observe::instruction(&KNOWN, number, &r);
                // SAFETY: by contract; of a fused instruction, what is yet to be done.
                let step = unsafe {
                    match number {
                        $(<$inlined as Handler>::INDEX => <$inlined as Handler>::run(&mut r),)*
                        $(Join::<$o, $y, $d>::INDEX => Join::<$o, $y, $d>::run(&mut r),)*
                        $(<Pair<$h, $k>>::INDEX => if !INLINED {
                            copy = r;
                            let step = outlined_pair::<$h, $k>(&mut copy);
                            r = copy;
                            step
                        } else { match <$h as Handler>::run(&mut r) {
                            Step::Next => {
                                r.ip = r.ip.wrapping_sub(WORD);
                                match <$k as Handler>::run(&mut r) {
                                    Step::Refresh => {
                                        number = <$k as Handler>::INDEX;
                                        Step::Refresh
                                    }
                                    step => step,
                                }
                            }
                            step => step,
                        }},)*
                        $(<$called as Handler>::INDEX => {
                            copy = r;
                            let step = outlined::<$called>(&mut copy);
                            r = copy;
                            step
                        })*
                        number => unreachable!("no handler has the number {number}"),
                    }
                };
                match step {
                    // SAFETY: by contract.
                    Step::Next => number = unsafe { r.operand::<u64>(0) } as usize,
                    Step::Table => {
                        // SAFETY: by contract of `Step::Table`.
                        number = unsafe {
                            r.branch(r.acc as usize * 4);
                            r.operand::<u64>(0)
                        } as usize;
                    }
                    other => {
                        // SAFETY: by contract.
                        let ended = unsafe {
                            match other {
                                Step::OutOfFuel => Step::Exit(out_of_fuel(r.ip, r.fp, r.ctx, r.store)),
                                Step::Refresh => refresh(&mut r),
                                step => step,
                            }
                        };
                        if let Step::Exit(exit) = ended {
                            #[cfg(opstats)]
                            observe::run_ended(&KNOWN);
                            return exit;
                        }
                    }
                }
            }
        }
    };
}
crate::for_each_handler!(define_run);
