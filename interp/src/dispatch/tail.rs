//! The fast backend: each handler jumps to the next.
//!
//! Stable Rust does not promise that a call in tail position becomes a jump; LLVM makes it one if
//! the signature is the same, everything is passed in registers and no local's address escapes.
//! The handlers obey (see `exec`), `cargo xtask dispatch` reads the assembly and fails unless they
//! do, `build.rs` enables this backend only for builds and targets where that was seen, and
//! [`is_safe`] asks the machine itself.
#![allow(
    improper_ctypes_definitions,
    reason = "vectors are passed between functions of this file alone, all built in one way"
)]

use super::{Backend, did_not_jump, refresh};
use crate::exec::aggregate::*;
use crate::exec::atomic::*;
use crate::exec::call::*;
use crate::exec::continuation::*;
use crate::exec::control::*;
use crate::exec::exception::*;
use crate::exec::fused::{Pair, Quad, Triple};
use crate::exec::join::*;
use crate::exec::list::{self, op};
use crate::exec::memory::*;
use crate::exec::numeric::*;
use crate::exec::operand::*;
use crate::exec::parametric::*;
use crate::exec::reference::*;
use crate::exec::table::*;
use crate::exec::variable::*;
use crate::exec::vector::*;
use crate::exec::{Handler, NO_VECTOR, Packed, Regs, Step, Vector, WORD};
use crate::list_handlers;
use rwasm_parser::{atomic_ops, custom_ops, memory_ops, vector_ops};
use rwasm_runtime::vm::{Exit, Slot, VmContext, VmStore};

// One convention on every system of an architecture: six integers and the floats in registers.
#[cfg(target_arch = "x86_64")]
macro_rules! with_convention {
    ($then:ident $($rest:tt)*) => {
        $then! { "sysv64" $($rest)* }
    };
}
#[cfg(not(target_arch = "x86_64"))]
macro_rules! with_convention {
    ($then:ident $($rest:tt)*) => {
        $then! { "C" $($rest)* }
    };
}

macro_rules! handler_type {
    ($convention:literal) => {
        /// A handler: the registers as arguments, all of them in the machine's registers.
        type HandlerFn = unsafe extern $convention fn(
            *const u8, *mut Slot, *mut u8, u64, *mut VmContext, *mut VmStore, f32, f64, Vector,
        ) -> Exit;
    };
}
with_convention! { handler_type }

/// Functions of a handler's type: name, parameters, the registers, body.
macro_rules! handler_fns {
    ($convention:literal
        $($(#[$meta:meta])* fn $name:ident($($param:ident)*) |$r:ident| $body:block)*) => {$(
        $(#[$meta])*
        ///
        /// # Safety
        ///
        /// As for [`Handler::run`].
        unsafe extern $convention fn $name<$($param: Handler),*>(
            ip: *const u8,
            fp: *mut Slot,
            mem: *mut u8,
            acc: u64,
            ctx: *mut VmContext,
            store: *mut VmStore,
            f32: f32,
            f64: f64,
            v128: Vector,
        ) -> Exit {
            let mut $r = Regs { ip, fp, mem, acc, ctx, store, f32, f64, v128 };
            // SAFETY: by contract, for all that is called here; `ip` is moved to where each part
            // of a fused instruction expects it.
            unsafe { $body }
        }
    )*};
}

/// Jumps to a function of a handler's type.
macro_rules! jump {
    ($to:expr, $r:ident) => {
        $to($r.ip, $r.fp, $r.mem, $r.acc, $r.ctx, $r.store, $r.f32, $r.f64, $r.v128)
    };
}

/// Executes one instruction of those that a handler consists of, and goes elsewhere unless it wants
/// nothing but to go on: to `retry` if it has to be tried once more.
macro_rules! part {
    ($r:ident, $part:ident, $retry:expr) => {
        match $part::run(&mut $r) {
            Step::Next => {}
            Step::Refresh => return jump!($retry, $r),
            Step::Table => return jump!(follow_table, $r),
            Step::OutOfFuel => return out_of_fuel($r.ip, $r.fp, $r.ctx, $r.store),
            Step::Exit(exit) => return exit,
        }
    };
}

with_convention! { handler_fns
    /// Executes one instruction and jumps to the next.
    fn handle(H) |r| {
        part!(r, H, refresh_and_retry);
        next(r)
    }

    /// Executes two instructions that are fused and jumps to the next.
    fn handle_pair(H K) |r| {
        part!(r, H, refresh_and_retry);
        r.ip = r.ip.wrapping_sub(WORD);
        part!(r, K, (refresh_and_retry_one::<K>));
        next(r)
    }

    /// Executes three instructions that are fused and jumps to the next.
    fn handle_triple(H K L) |r| {
        part!(r, H, refresh_and_retry);
        r.ip = r.ip.wrapping_sub(WORD);
        part!(r, K, (refresh_and_retry_two::<K, L>));
        r.ip = r.ip.wrapping_sub(WORD);
        part!(r, L, (refresh_and_retry_one::<L>));
        next(r)
    }

    /// Executes four instructions that are fused and jumps to the next.
    fn handle_quad(H K L M) |r| {
        part!(r, H, refresh_and_retry);
        r.ip = r.ip.wrapping_sub(WORD);
        part!(r, K, (refresh_and_retry_three::<K, L, M>));
        r.ip = r.ip.wrapping_sub(WORD);
        part!(r, L, (refresh_and_retry_two::<L, M>));
        r.ip = r.ip.wrapping_sub(WORD);
        part!(r, M, (refresh_and_retry_one::<M>));
        next(r)
    }

    /// What [`Step::Refresh`] asks for.
    #[cold]
    #[inline(never)]
    fn refresh_and_retry() |r| {
        match refresh(&mut r) {
            Step::Exit(exit) => exit,
            _ => next(r),
        }
    }

    /// What [`Step::Refresh`] asks for, of the last part of a fused instruction.
    #[cold]
    #[inline(never)]
    fn refresh_and_retry_one(H) |r| {
        match refresh(&mut r) {
            Step::Exit(exit) => exit,
            _ => jump!(handle::<H>, r),
        }
    }

    /// What [`Step::Refresh`] asks for, of the last part but one.
    #[cold]
    #[inline(never)]
    fn refresh_and_retry_two(H K) |r| {
        match refresh(&mut r) {
            Step::Exit(exit) => exit,
            _ => jump!((handle_pair::<H, K>), r),
        }
    }

    /// What [`Step::Refresh`] asks for, of the last part but two.
    #[cold]
    #[inline(never)]
    fn refresh_and_retry_three(H K L) |r| {
        match refresh(&mut r) {
            Step::Exit(exit) => exit,
            _ => jump!((handle_triple::<H, K, L>), r),
        }
    }

    /// For [`is_safe`]: passes on where its stack frame is, at the slot `fp`, and goes on with the
    /// next word.
    #[inline(never)]
    fn probe() |r| {
        *r.fp = stack_pointer();
        r.ip = r.ip.wrapping_add(WORD);
        next(r)
    }
}

macro_rules! follow_table {
    ($convention:literal) => {
        /// What [`Step::Table`] asks for.
        ///
        /// What follows reads its operands through `ip`. Were that added up from a distance which is
        /// loaded from a place that the guest's index says, all of it would wait for the index. So
        /// there is a piece of code for each index below 256, which loads its distance from a place of
        /// its own: which of them is next the processor predicts, as it predicts other branches.
        ///
        /// # Safety
        ///
        /// As for [`Handler::run`], and as [`Step::Table`] says.
        #[unsafe(naked)]
        unsafe extern $convention fn follow_table(
            ip: *const u8, fp: *mut Slot, mem: *mut u8, acc: u64, ctx: *mut VmContext,
            store: *mut VmStore,
            f32: f32, f64: f64, v128: Vector,
        ) -> Exit {
            // Pieces are 16 bytes long.
            #[cfg(target_arch = "x86_64")]
            core::arch::naked_asm!(
                "cmp rcx, 255",
                "ja 3f",
                "lea rax, [rip + 2f]",
                "mov r10d, ecx",
                "shl r10d, 4",
                "add rax, r10",
                "jmp rax",
                "3: movsxd rax, dword ptr [rdi + 4*rcx]",
                "add rdi, rax",
                "jmp qword ptr [rdi]",
                ".p2align 6",
                "2:",
                ".set rwasm_table_at, 0",
                ".rept 256",
                ".p2align 4",
                "movsxd rax, dword ptr [rdi + rwasm_table_at]",
                "add rdi, rax",
                "jmp qword ptr [rdi]",
                ".set rwasm_table_at, rwasm_table_at + 4",
                ".endr",
            );
            #[cfg(target_arch = "aarch64")]
            core::arch::naked_asm!(
                "cmp x3, #255",
                "b.hi 3f",
                "adr x9, 2f",
                "add x9, x9, x3, lsl #4",
                "br x9",
                "3: ldrsw x9, [x0, x3, lsl #2]",
                "add x0, x0, x9",
                "ldr x9, [x0]",
                "br x9",
                ".p2align 6",
                "2:",
                ".set rwasm_table_at, 0",
                ".rept 256",
                "ldrsw x9, [x0, #rwasm_table_at]",
                "add x0, x0, x9",
                "ldr x9, [x0]",
                "br x9",
                ".set rwasm_table_at, rwasm_table_at + 4",
                ".endr",
            );
        }
    };
}
with_convention! { follow_table }

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
        handler(r.ip, r.fp, r.mem, r.acc, r.ctx, r.store, r.f32, r.f64, r.v128)
    }
}

/// Executes code from the state it is given.
///
/// # Safety
///
/// As for [`Handler::run`].
#[inline(never)]
unsafe fn run(r: Regs) -> Exit {
    if !CHECKS_STACK {
        // SAFETY: by contract.
        return unsafe { next(r) };
    }
    // SAFETY: by contract; the store's shared part outlives the run, and nobody borrows it.
    unsafe {
        let vm = r.store;
        let outer = core::mem::replace(&mut (*vm).native_stack, stack_pointer() as usize);
        let exit = next(r);
        (*vm).native_stack = outer;
        exit
    }
}

/// Whether every run that ends normally is looked at: were there a handler on its way that called
/// the next one instead of jumping to it, the native stack would be deeper than elsewhere.
const CHECKS_STACK: bool = cfg!(debug_assertions);

/// At the end of a run of the class `CLASS`: whether the native stack is as deep as it always is
/// there.
///
/// # Safety
///
/// `r.ctx` must be a context or null.
#[inline(always)]
pub unsafe fn check_native_stack<const CLASS: usize>(r: &Regs) {
    use core::sync::atomic::{AtomicUsize, Ordering};
    /// How deep it is, by class.
    static DEPTHS: [AtomicUsize; 4] = [const { AtomicUsize::new(0) }; 4];
    if !CHECKS_STACK || r.ctx.is_null() {
        return;
    }
    // SAFETY: by contract.
    let entered = unsafe { (*r.store).native_stack };
    if entered == 0 {
        return; // By the portable backend.
    }
    let depth = entered.wrapping_sub(stack_pointer() as usize);
    let known = DEPTHS[CLASS].load(Ordering::Relaxed);
    if known == 0 {
        DEPTHS[CLASS].store(depth, Ordering::Relaxed);
    } else if known != depth {
        did_not_jump(depth, known);
    }
}

/// The fast backend.
pub static BACKEND: Backend = Backend { word, run, most_parts: 4, name: "tail" };

/// One handler's line in the table of [`define_handlers`].
#[cfg(target_os = "linux")]
macro_rules! offset {
    ($($handler:tt)*) => {
        ".long {} - ."
    };
}

/// What the table of handlers is called, which is a name in the whole program.
#[cfg(target_os = "linux")]
macro_rules! table {
    () => {
        concat!("rwasm_interp_handlers_", env!("CARGO_PKG_VERSION"))
    };
}

macro_rules! define_handlers {
    (
        { $($inlined:ty;)* } { $($called:ty;)* }
        { $([$h:ty][$k:ty];)* } { $([$a:ty][$b:ty][$c:ty];)* }
        { $([$p:ty][$q:ty][$s:ty][$t:ty];)* }
        { $([$o:ty][$y:ty][$d:ty];)* }
    ) => {
        /// The numbers of the listed handlers.
        const NUMBERS: [usize; list::COUNT] = [
            $(<$inlined as Handler>::INDEX,)* $(<$called as Handler>::INDEX,)*
            $(Join::<$o, $y, $d>::INDEX,)*
            $(<Pair<$h, $k>>::INDEX,)* $(<Triple<$a, $b, $c>>::INDEX,)*
            $(<Quad<$p, $q, $s, $t>>::INDEX,)*
        ];

        // Where each of them is, counted from where that is written. Pointers instead would have
        // to be relocated when a process starts, in pages that it then has for itself.
        #[cfg(target_os = "linux")]
        core::arch::global_asm!(
            ".pushsection .rodata.rwasm_interp_handlers,\"a\",%progbits",
            ".p2align 2",
            concat!(".hidden \"", table!(), "\""),
            concat!(".globl \"", table!(), "\""),
            concat!("\"", table!(), "\":"),
            $(offset!($inlined),)* $(offset!($called),)* $(offset!($o $y $d),)*
            $(offset!($h $k),)* $(offset!($a $b $c),)* $(offset!($p $q $s $t),)*
            ".popsection",
            $(sym handle::<$inlined>,)* $(sym handle::<$called>,)*
            $(sym handle::<Join<$o, $y, $d>>,)*
            $(sym handle_pair::<$h, $k>,)* $(sym handle_triple::<$a, $b, $c>,)*
            $(sym handle_quad::<$p, $q, $s, $t>,)*
        );

        #[cfg(not(target_os = "linux"))]
        static HANDLERS: [HandlerFn; list::COUNT] = [
            $(handle::<$inlined>,)* $(handle::<$called>,)*
            $(handle::<Join<$o, $y, $d>>,)*
            $(handle_pair::<$h, $k>,)* $(handle_triple::<$a, $b, $c>,)*
            $(handle_quad::<$p, $q, $s, $t>,)*
        ];
    };
}
crate::for_each_handler!(define_handlers);

#[cfg(target_os = "linux")]
unsafe extern "C" {
    /// Where the listed handlers are, each counted from its own element.
    #[link_name = table!()]
    static HANDLERS: [i32; list::COUNT];
}

/// Where in the list each number is.
static POSITIONS: [u16; list::COUNT] = {
    let mut positions = [0; list::COUNT];
    let mut at = 0;
    while at < list::COUNT {
        positions[NUMBERS[at]] = at as u16;
        at += 1;
    }
    positions
};

/// The address of a handler.
fn word(number: usize) -> u64 {
    let position = POSITIONS[number] as usize;
    #[cfg(target_os = "linux")]
    {
        // SAFETY: the assembler has written that many elements, and nobody changes them.
        let offset = unsafe { &HANDLERS[position] };
        (&raw const *offset).addr().wrapping_add_signed(*offset as isize) as u64
    }
    #[cfg(not(target_os = "linux"))]
    {
        HANDLERS[position] as usize as u64
    }
}

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
        let mut code = [handle::<Finish<0>> as HandlerFn; 17];
        code[..probes].fill(probe);
        let mut slot: Slot = 0;
        let r = Regs {
            ip: code.as_ptr().cast(),
            fp: &raw mut slot,
            mem: core::ptr::null_mut(),
            acc: 0,
            ctx: core::ptr::null_mut(),
            store: core::ptr::null_mut(),
            f32: 0.0,
            f64: 0.0,
            v128: NO_VECTOR,
        };
        // SAFETY: `code` is words of probes that use `ip` and `fp` only, ended by a handler that uses nothing.
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
