//! The fast backend: each handler jumps to the next.
//!
//! Stable Rust does not promise that a call in tail position becomes a jump; LLVM makes it one if
//! the signature is the same, everything is passed in registers and no local's address escapes.
//! The handlers obey (see `exec`), `cargo xtask dispatch` reads the assembly and fails unless they
//! do, `build.rs` enables this backend only for builds and targets where that was seen, and
//! [`is_safe`] asks the machine itself.

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
use crate::exec::{Handler, Packed, Regs, Step};
use crate::list_handlers;
use rwasm_parser::{atomic_ops, custom_ops, memory_ops, vector_ops};
use rwasm_runtime::vm::{Exit, Slot, VmContext};

macro_rules! handler_fn {
    ($($abi:literal)?) => {
        /// A handler: the registers as arguments, all of them in the machine's registers.
        type HandlerFn = unsafe extern $($abi)? fn(
            *const u8, *mut Slot, *mut u8, u64, *mut VmContext, *mut Slot, f32, f64,
        ) -> Exit;

        /// Executes one instruction and jumps to the next.
        ///
        /// # Safety
        ///
        /// As for [`Handler::run`].
        unsafe extern $($abi)? fn handle<H: Handler>(
            ip: *const u8,
            fp: *mut Slot,
            mem: *mut u8,
            acc: u64,
            ctx: *mut VmContext,
            limit: *mut Slot,
            f32: f32,
            f64: f64,
        ) -> Exit {
            let mut r = Regs { ip, fp, mem, acc, ctx, limit, f32, f64 };
            // SAFETY: by contract.
            match unsafe { H::run(&mut r) } {
                // SAFETY: by contract; there is an instruction at `ip`.
                Step::Next => unsafe { next(r) },
                // SAFETY: by contract.
                Step::Refresh => unsafe {
                    refresh_and_retry(r.ip, r.fp, r.mem, r.acc, r.ctx, r.limit, r.f32, r.f64)
                },
                Step::Exit(exit) => exit,
            }
        }

        /// What [`Step::Refresh`] asks for.
        ///
        /// # Safety
        ///
        /// As for [`Handler::run`].
        #[cold]
        #[inline(never)]
        unsafe extern $($abi)? fn refresh_and_retry(
            ip: *const u8,
            fp: *mut Slot,
            mem: *mut u8,
            acc: u64,
            ctx: *mut VmContext,
            limit: *mut Slot,
            f32: f32,
            f64: f64,
        ) -> Exit {
            let mut r = Regs { ip, fp, mem, acc, ctx, limit, f32, f64 };
            // SAFETY: by contract.
            match unsafe { refresh(&mut r) } {
                // SAFETY: by contract; there is an instruction at `ip`.
                Step::Next => unsafe { next(r) },
                Step::Refresh => unreachable!("a refresh does not ask for itself"),
                Step::Exit(exit) => exit,
            }
        }

        /// For [`is_safe`]: a handler that passes on where its stack frame is.
        ///
        /// # Safety
        ///
        /// `ip` must lead to words of handlers, `fp` to a slot.
        #[inline(never)]
        unsafe extern $($abi)? fn probe(
            ip: *const u8,
            fp: *mut Slot,
            mem: *mut u8,
            acc: u64,
            ctx: *mut VmContext,
            limit: *mut Slot,
            f32: f32,
            f64: f64,
        ) -> Exit {
            // SAFETY: by contract.
            unsafe {
                *fp = stack_pointer();
                next(Regs { ip: ip.wrapping_add(8), fp, mem, acc, ctx, limit, f32, f64 })
            }
        }

        /// For [`is_safe`]: the end of the probes.
        ///
        /// # Safety
        ///
        /// None; it is a handler's signature.
        unsafe extern $($abi)? fn probed(
            _: *const u8,
            _: *mut Slot,
            _: *mut u8,
            _: u64,
            _: *mut VmContext,
            _: *mut Slot,
            _: f32,
            _: f64,
        ) -> Exit {
            Exit::RETURNED
        }
    };
}

// One convention on every system of an architecture: six integers and the floats in registers.
#[cfg(target_arch = "x86_64")]
handler_fn!("sysv64");
#[cfg(not(target_arch = "x86_64"))]
handler_fn!("C");

/// Goes to the instruction at `ip`.
///
/// # Safety
///
/// As for [`Handler::run`].
#[inline(always)]
unsafe fn next(r: Regs) -> Exit {
    // SAFETY: by contract; words of code made for this backend are handlers.
    unsafe {
        let handler = (*r.ip.cast::<Packed<HandlerFn>>()).0;
        handler(r.ip, r.fp, r.mem, r.acc, r.ctx, r.limit, r.f32, r.f64)
    }
}

/// The fast backend.
pub static BACKEND: Backend = Backend {
    // SAFETY: function pointers and `usize` have the same size and representation.
    words: unsafe { &*(&raw const HANDLERS).cast() },
    run: next,
    name: "tail",
};

macro_rules! define_handlers {
    ({ $($inlined:ty;)* } { $($called:ty;)* }) => {
        static HANDLERS: [HandlerFn; list::COUNT] = {
            let mut handlers: [HandlerFn; list::COUNT] = [handle::<Unreachable>; list::COUNT];
            $(handlers[<$inlined as Handler>::INDEX] = handle::<$inlined>;)*
            $(handlers[<$called as Handler>::INDEX] = handle::<$called>;)*
            handlers
        };

        /// The numbers of the listed handlers.
        #[cfg(test)]
        pub static NUMBERS: &[usize] =
            &[$(<$inlined as Handler>::INDEX,)* $(<$called as Handler>::INDEX,)*];
    };
}
crate::for_each_handler!(define_handlers);

/// Where the stack is now, roughly.
#[inline(always)]
fn stack_pointer() -> u64 {
    let sp: u64;
    // SAFETY: reads a register.
    unsafe {
        #[cfg(target_arch = "x86_64")]
        core::arch::asm!("mov {}, rsp", out(reg) sp, options(nomem, nostack, preserves_flags));
        #[cfg(target_arch = "aarch64")]
        core::arch::asm!("mov {}, sp", out(reg) sp, options(nomem, nostack, preserves_flags));
    }
    sp
}

/// Whether handlers of this build do jump: runs a few and looks whether the stack grows.
pub fn is_safe() -> bool {
    use core::sync::atomic::{AtomicU8, Ordering};
    static KNOWN: AtomicU8 = AtomicU8::new(0);
    match KNOWN.load(Ordering::Relaxed) {
        0 => {
            let safe = probe_stack();
            KNOWN.store(1 + u8::from(safe), Ordering::Relaxed);
            safe
        }
        known => known == 2,
    }
}

fn probe_stack() -> bool {
    let depth = |probes: usize| {
        let mut code = [probed as HandlerFn; 17];
        code[..probes].fill(probe);
        let mut slot: Slot = 0;
        let r = Regs {
            ip: code.as_ptr().cast(),
            fp: &raw mut slot,
            mem: core::ptr::null_mut(),
            acc: 0,
            ctx: core::ptr::null_mut(),
            limit: core::ptr::null_mut(),
            f32: 0.0,
            f64: 0.0,
        };
        // SAFETY: `code` is words of probes that use `ip` and `fp` only, ended by `probed`.
        unsafe { next(r) };
        slot
    };
    depth(1).abs_diff(depth(16)) < 64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_has_one_handler() {
        let mut numbers = NUMBERS.to_vec();
        numbers.sort_unstable();
        assert!(numbers.iter().copied().eq(0..list::COUNT));
    }

    #[test]
    fn handlers_of_this_build_jump() {
        assert!(is_safe());
    }
}
