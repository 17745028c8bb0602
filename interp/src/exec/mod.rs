//! Handlers: what each instruction of threaded code does.
//!
//! An instruction is the word that leads to its handler, then its operands, unaligned, as many
//! bytes as [`Handler::LEN`] says. A handler is a type; its [`Handler::run`] is inlined into both
//! dispatch backends. Which operator it computes and where its operands come from are type
//! parameters, and its number is computed from them, so that lowering finds it by arithmetic
//! (`crate::lower::index`) and the backends list every one of them once (`exec::list`).
//!
//! Rules that keep the tail backend a chain of jumps: no handler lets the address of a local
//! escape, holds a value that needs dropping, or calls anything but cold functions with results in
//! registers.

pub mod aggregate;
pub mod atomic;
pub mod call;
pub mod continuation;
pub mod control;
pub mod exception;
pub mod fused;
pub mod join;
pub mod list;
pub mod memory;
pub mod numeric;
pub mod operand;
pub mod parametric;
pub mod reference;
pub mod table;
pub mod variable;
pub mod vector;

use rwasm_runtime::Trap;
use rwasm_runtime::vm::{Exit, ExitState, Slot, VmContext, VmStore};

/// The registers of the interpreter, held in the machine's own while it runs.
#[derive(Clone, Copy)]
pub struct Regs {
    /// The instruction.
    pub ip: *const u8,
    /// The frame: its first slot.
    pub fp: *mut Slot,
    /// The first byte of memory 0.
    pub mem: *mut u8,
    /// The accumulator for integers and references.
    pub acc: u64,
    /// The context of the instance.
    pub ctx: *mut VmContext,
    /// What is shared by the whole store, `ctx` included.
    pub store: *mut VmStore,
    /// The accumulator for `f32`.
    pub f32: f32,
    /// The accumulator for `f64`.
    pub f64: f64,
    /// The accumulator for vectors.
    pub v128: Vector,
}

/// What the machine passes a vector in.
#[cfg(target_arch = "x86_64")]
pub type Vector = core::arch::x86_64::__m128i;
/// What the machine passes a vector in.
#[cfg(target_arch = "aarch64")]
pub type Vector = core::arch::aarch64::uint8x16_t;
/// What the machine passes a vector in.
#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
pub type Vector = rwasm_runtime::V128;

/// What a vector's accumulator holds where nothing is known of it.
// SAFETY: all bits of a vector may be zero.
pub const NO_VECTOR: Vector = unsafe { core::mem::zeroed() };

/// What follows an instruction.
pub enum Step {
    /// The instruction at `ip`.
    Next,
    /// The same instruction once more, if memory 0 is longer than its context knows; else a trap.
    Refresh,
    /// Follow the distance that the accumulator counts to: `ip` is where a table of them begins, from
    /// where they count, and the accumulator is below its length.
    Table,
    /// Give back the fuel that this instruction, a charge, has taken, since there was too little, and
    /// end the run.
    OutOfFuel,
    /// The run ends.
    Exit(Exit),
}

/// An instruction.
pub trait Handler {
    /// Its number among all handlers.
    const INDEX: usize;
    /// How many bytes it takes, the handler's word included.
    const LEN: usize;
    /// Executes it and moves `ip` on, unless it ends the run.
    ///
    /// # Safety
    ///
    /// `r` must be the state of a run whose `ip` is at an instruction of this handler, in code that
    /// lowering made for the function whose frame `fp` is; slots of the frame lie in the value
    /// stack, and `ctx` is the context of the function's instance, whose store nobody borrows.
    unsafe fn run(r: &mut Regs) -> Step;
}

/// The bytes of the handler's word.
pub const WORD: usize = 8;

/// A value at any address. Unlike `read_unaligned` it has no checks in builds with debug
/// assertions, whose panics would take addresses of locals.
#[derive(Clone, Copy)]
#[repr(C, packed)]
pub struct Packed<T>(pub T);

impl Regs {
    /// The operand at `offset` bytes from the instruction.
    ///
    /// # Safety
    ///
    /// The instruction must have an operand of type `T` there.
    #[inline(always)]
    pub unsafe fn operand<T: Copy>(&self, offset: usize) -> T {
        // SAFETY: by contract.
        unsafe { (*self.ip.wrapping_add(offset).cast::<Packed<T>>()).0 }
    }

    /// The slot whose number is the operand at `offset`.
    ///
    /// # Safety
    ///
    /// As for [`Regs::operand`], with a slot number of the frame.
    #[inline(always)]
    pub unsafe fn slot(&self, offset: usize) -> *mut Slot {
        // SAFETY: by contract.
        self.fp.wrapping_add(unsafe { self.operand::<u16>(offset) } as usize)
    }

    /// Reads the slot whose number is the operand at `offset`.
    ///
    /// # Safety
    ///
    /// As for [`Regs::slot`].
    #[inline(always)]
    pub unsafe fn read<T: Copy>(&self, offset: usize) -> T {
        // SAFETY: by contract; values are at the beginning of their slots.
        unsafe { (*self.slot(offset).cast::<Packed<T>>()).0 }
    }

    /// Writes the slot whose number is the operand at `offset`.
    ///
    /// # Safety
    ///
    /// As for [`Regs::slot`].
    #[inline(always)]
    pub unsafe fn write<T: Copy>(&self, offset: usize, value: T) {
        // SAFETY: by contract.
        unsafe { *self.slot(offset).cast::<Packed<T>>() = Packed(value) }
    }

    /// Moves on by `len` bytes.
    #[inline(always)]
    pub fn next(&mut self, len: usize) -> Step {
        self.ip = self.ip.wrapping_add(len);
        Step::Next
    }

    /// Follows the branch whose distance from this instruction is the operand at `offset`.
    ///
    /// # Safety
    ///
    /// As for [`Regs::operand`].
    #[inline(always)]
    pub unsafe fn branch(&mut self, offset: usize) -> Step {
        // SAFETY: by contract.
        let distance = unsafe { self.operand::<i32>(offset) };
        self.ip = self.ip.wrapping_offset(distance as isize);
        Step::Next
    }

    /// Takes the base of memory 0 from the context, after something that may have moved it.
    ///
    /// # Safety
    ///
    /// `ctx` must be a context.
    #[inline(always)]
    pub unsafe fn reload_mem(&mut self) {
        // SAFETY: by contract.
        self.mem = unsafe { (*self.ctx).mem0_base };
    }

    /// Ends the run with a trap at this instruction.
    #[inline(always)]
    pub fn trap(&self, trap: Trap) -> Step {
        // SAFETY: `ctx` is the running context.
        Step::Exit(unsafe { leave(self.ip, self.fp, self.ctx, Exit::trap(trap).0) })
    }

    /// Ends the run at this instruction.
    #[inline(always)]
    pub fn exit(&self, exit: Exit) -> Step {
        // SAFETY: `ctx` is the running context.
        Step::Exit(unsafe { leave(self.ip, self.fp, self.ctx, exit.0) })
    }
}

/// Records where the run stopped.
///
/// # Safety
///
/// `ctx` must be a context.
#[cold]
#[inline(never)]
unsafe extern "C" fn leave(ip: *const u8, fp: *mut Slot, ctx: *mut VmContext, exit: u64) -> Exit {
    // SAFETY: by contract; the store's shared part outlives the run.
    unsafe {
        (*(*ctx).store).exit = ExitState::at(ip, fp, ctx);
    }
    Exit(exit)
}

/// Goes on after a fallible operation of the runtime, or ends the run.
macro_rules! tri {
    ($r:ident, $result:expr) => {
        match $result {
            Ok(value) => value,
            Err(exit) => return $r.exit(exit),
        }
    };
}
pub(crate) use tri;

/// Handlers that stand alone, are not on any hot path and go on to the next instruction: name,
/// bytes of operands, body.
macro_rules! single_handlers {
    ($($(#[$doc:meta])* $name:ident $len:literal |$r:ident| $body:block)*) => {$(
        $(#[$doc])*
        pub struct $name;

        impl $crate::exec::Handler for $name {
            const INDEX: usize = $crate::exec::base::SINGLE + $crate::exec::list::Single::$name as usize;
            const LEN: usize = $crate::exec::WORD + $len;

            #[inline(always)]
            unsafe fn run($r: &mut $crate::exec::Regs) -> $crate::exec::Step {
                // SAFETY: operands are laid out as the type says; the store is not borrowed.
                unsafe { $body }
                $r.next(Self::LEN)
            }
        }
    )*};
}
pub(crate) use single_handlers;

/// Where the numbers of each family of handlers begin.
pub mod base {
    use rwasm_parser::ops::*;

    /// Unary operators: `UnOp`, `TestOp`, `CvtOp`.
    pub const UNARY: usize = 0;
    /// How many unary operators there are.
    pub const UNARY_OPS: usize = UnOp::COUNT + TestOp::COUNT + CvtOp::COUNT;
    /// Binary operators: `BinOp`, `RelOp`.
    pub const BINARY: usize = UNARY + UNARY_OPS * 4;
    /// How many binary operators there are.
    pub const BINARY_OPS: usize = BinOp::COUNT + RelOp::COUNT;
    /// Comparing branches.
    pub const BRANCH: usize = BINARY + BINARY_OPS * 10;
    /// Loads from memory 0. Accesses of memories that threads share follow those of others, here
    /// and below.
    pub const LOAD: usize = BRANCH + RelOp::COUNT * 10;
    /// Loads from any memory.
    pub const LOAD_ANY: usize = LOAD + LoadOp::COUNT * 8;
    /// Stores to memory 0.
    pub const STORE: usize = LOAD_ANY + LoadOp::COUNT * 2;
    /// Stores to any memory.
    pub const STORE_ANY: usize = STORE + StoreOp::COUNT * 12;
    /// Vector operators of all classes.
    pub const VUNARY: usize = STORE_ANY + StoreOp::COUNT * 2;
    /// `[v128 v128] -> [v128]`
    pub const VBINARY: usize = VUNARY + VUnOp::COUNT * 2;
    /// `[v128 v128 v128] -> [v128]`
    pub const VTERNARY: usize = VBINARY + VBinOp::COUNT * 3;
    /// `[v128] -> [i32]`
    pub const VTEST: usize = VTERNARY + VTernOp::COUNT * 4;
    /// `[v128 i32] -> [v128]`
    pub const VSHIFT: usize = VTEST + VTestOp::COUNT * 4;
    /// A number to all lanes.
    pub const VSPLAT: usize = VSHIFT + VShiftOp::COUNT * 4;
    /// A lane to a number.
    pub const VEXTRACT: usize = VSPLAT + VSplatOp::COUNT * 2;
    /// A number to a lane.
    pub const VREPLACE: usize = VEXTRACT + VExtractOp::COUNT * 2;
    /// Vector loads from memory 0.
    pub const VLOAD: usize = VREPLACE + VReplaceOp::COUNT * 4;
    /// Vector loads from any memory.
    pub const VLOAD_ANY: usize = VLOAD + VLoadOp::COUNT * 2;
    /// `v128.store` to memory 0.
    pub const VSTORE: usize = VLOAD_ANY + VLoadOp::COUNT * 2;
    /// `v128.store` to any memory.
    pub const VSTORE_ANY: usize = VSTORE + VStoreOp::COUNT * 4;
    /// Loads of a lane.
    pub const VLOAD_LANE: usize = VSTORE_ANY + VStoreOp::COUNT * 2;
    /// Stores of a lane.
    pub const VSTORE_LANE: usize = VLOAD_LANE + VLoadLaneOp::COUNT * 2;
    /// Atomic accesses.
    pub const ATOMIC_LOAD: usize = VSTORE_LANE + VStoreLaneOp::COUNT * 2;
    /// `[addr t] -> []`
    pub const ATOMIC_STORE: usize = ATOMIC_LOAD + AtomicLoadOp::COUNT;
    /// `[addr t] -> [t]`
    pub const ATOMIC_RMW: usize = ATOMIC_STORE + AtomicStoreOp::COUNT;
    /// `[addr t t] -> [t]`
    pub const ATOMIC_CMPXCHG: usize = ATOMIC_RMW + AtomicRmwOp::COUNT;
    /// Wide arithmetic.
    pub const WIDE: usize = ATOMIC_CMPXCHG + AtomicCmpxchgOp::COUNT;
    /// Everything that stands alone: see `exec::list`.
    pub const SINGLE: usize = WIDE + WideOp::COUNT;
}
