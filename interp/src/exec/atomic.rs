//! Atomic accesses. Spec: the threads proposal, *Execution*.
//!
//! Memories that threads share come later; until then every access has its memory to itself, so
//! plain ones with the checks of atomic ones are all it takes.

use super::list::{Single, op};
use super::{Handler, Packed, Regs, Step, WORD, base};
use core::marker::PhantomData;
use rwasm_parser::ops::*;
use rwasm_runtime::Trap;

/// The number in memory that an atomic operator works on.
pub trait Cell: Copy + PartialEq {
    /// The low bits of an operand.
    fn wrap(value: u64) -> Self;
    /// Zero-extended.
    fn extend(self) -> u64;
}

macro_rules! cells {
    ($($ty:ident)*) => {$(
        impl Cell for $ty {
            #[inline(always)]
            fn wrap(value: u64) -> Self {
                value as $ty
            }

            #[inline(always)]
            fn extend(self) -> u64 {
                self as u64
            }
        }
    )*};
}
cells! { u8 u16 u32 u64 }

impl Regs {
    /// Where an atomic access begins: as for [`Regs::start_in_any`], and aligned.
    ///
    /// # Safety
    ///
    /// As for [`Regs::start_in_any`].
    #[inline(always)]
    unsafe fn cell<C>(&self, addr: u64, offset: usize) -> Result<*mut Packed<C>, Trap> {
        // SAFETY: by contract.
        unsafe {
            let add = self.operand::<u64>(offset + 4);
            if !addr.wrapping_add(add).is_multiple_of(size_of::<C>() as u64) {
                return Err(Trap::UnalignedAtomic);
            }
            match self.start_in_any(addr, offset, size_of::<C>()) {
                Some(start) => Ok(start.cast()),
                None => Err(Trap::MemoryOutOfBounds),
            }
        }
    }
}

/// The cell of an access, or the end of the run.
macro_rules! cell {
    ($r:ident, $cell:ty) => {
        match $r.cell::<$cell>($r.read(WORD + 2), WORD + 4) {
            Ok(cell) => cell,
            Err(trap) => return $r.trap(trap),
        }
    };
}

/// An atomic operator: its cell, and for updates what becomes of the old value.
pub trait Atomic {
    /// Its number in its class.
    const ID: usize;
    /// What is in memory.
    type Cell: Cell;
    /// The new value of the cell.
    fn update(old: Self::Cell, operand: Self::Cell) -> Self::Cell;
}

macro_rules! atomics {
    ($class:ident |$old:ident, $operand:ident| $new:expr; $($name:ident $cell:ident)*) => {$(
        impl Atomic for op::$name {
            const ID: usize = $class::$name as usize;
            type Cell = $cell;

            #[inline(always)]
            fn update($old: $cell, $operand: $cell) -> $cell {
                let _ = $old;
                $new
            }
        }
    )*};
}
atomics! { AtomicLoadOp |old, operand| operand;
I32AtomicLoad u32 I64AtomicLoad u64 I32AtomicLoad8U u8 I32AtomicLoad16U u16
I64AtomicLoad8U u8 I64AtomicLoad16U u16 I64AtomicLoad32U u32 }
atomics! { AtomicStoreOp |old, operand| operand;
I32AtomicStore u32 I64AtomicStore u64 I32AtomicStore8 u8 I32AtomicStore16 u16
I64AtomicStore8 u8 I64AtomicStore16 u16 I64AtomicStore32 u32 }
atomics! { AtomicRmwOp |old, operand| old.wrapping_add(operand);
I32AtomicRmwAdd u32 I64AtomicRmwAdd u64 I32AtomicRmw8AddU u8 I32AtomicRmw16AddU u16
I64AtomicRmw8AddU u8 I64AtomicRmw16AddU u16 I64AtomicRmw32AddU u32 }
atomics! { AtomicRmwOp |old, operand| old.wrapping_sub(operand);
I32AtomicRmwSub u32 I64AtomicRmwSub u64 I32AtomicRmw8SubU u8 I32AtomicRmw16SubU u16
I64AtomicRmw8SubU u8 I64AtomicRmw16SubU u16 I64AtomicRmw32SubU u32 }
atomics! { AtomicRmwOp |old, operand| old & operand;
I32AtomicRmwAnd u32 I64AtomicRmwAnd u64 I32AtomicRmw8AndU u8 I32AtomicRmw16AndU u16
I64AtomicRmw8AndU u8 I64AtomicRmw16AndU u16 I64AtomicRmw32AndU u32 }
atomics! { AtomicRmwOp |old, operand| old | operand;
I32AtomicRmwOr u32 I64AtomicRmwOr u64 I32AtomicRmw8OrU u8 I32AtomicRmw16OrU u16
I64AtomicRmw8OrU u8 I64AtomicRmw16OrU u16 I64AtomicRmw32OrU u32 }
atomics! { AtomicRmwOp |old, operand| old ^ operand;
I32AtomicRmwXor u32 I64AtomicRmwXor u64 I32AtomicRmw8XorU u8 I32AtomicRmw16XorU u16
I64AtomicRmw8XorU u8 I64AtomicRmw16XorU u16 I64AtomicRmw32XorU u32 }
atomics! { AtomicRmwOp |old, operand| operand;
I32AtomicRmwXchg u32 I64AtomicRmwXchg u64 I32AtomicRmw8XchgU u8 I32AtomicRmw16XchgU u16
I64AtomicRmw8XchgU u8 I64AtomicRmw16XchgU u16 I64AtomicRmw32XchgU u32 }
atomics! { AtomicCmpxchgOp |old, operand| operand;
I32AtomicRmwCmpxchg u32 I64AtomicRmwCmpxchg u64 I32AtomicRmw8CmpxchgU u8
I32AtomicRmw16CmpxchgU u16 I64AtomicRmw8CmpxchgU u8 I64AtomicRmw16CmpxchgU u16
I64AtomicRmw32CmpxchgU u32 }

macro_rules! handlers {
    ($($(#[$doc:meta])* $name:ident $base:ident $len:literal |$r:ident| $body:block)*) => {$(
        $(#[$doc])*
        pub struct $name<O>(PhantomData<O>);

        impl<O: Atomic> Handler for $name<O> {
            const INDEX: usize = base::$base + O::ID;
            const LEN: usize = WORD + $len;

            #[inline(always)]
            unsafe fn run($r: &mut Regs) -> Step {
                // SAFETY: operands are laid out as the type says; `cell` checks the access.
                unsafe { $body }
                $r.next(Self::LEN)
            }
        }
    )*};
}

handlers! {
    /// `dst = mem[addr + offset]`: `[dst][addr][mem: u32][offset: u64]`
    AtomicLoad ATOMIC_LOAD 16 |r| {
        let cell = cell!(r, O::Cell);
        r.write(WORD, (*cell).0.extend());
    }
    /// `mem[addr + offset] = value`: `[value][addr][mem: u32][offset: u64]`
    AtomicStore ATOMIC_STORE 16 |r| {
        let cell = cell!(r, O::Cell);
        *cell = Packed(O::Cell::wrap(r.read(WORD)));
    }
    /// `dst = mem[addr + offset]`, which becomes `op(it, value)`:
    /// `[dst][addr][mem: u32][offset: u64][value]`
    AtomicRmw ATOMIC_RMW 18 |r| {
        let cell = cell!(r, O::Cell);
        let old = (*cell).0;
        *cell = Packed(O::update(old, O::Cell::wrap(r.read(WORD + 16))));
        r.write(WORD, old.extend());
    }
    /// `dst = mem[addr + offset]`, which becomes `value` if it was `expected`:
    /// `[dst][addr][mem: u32][offset: u64][expected][value]`
    AtomicCmpxchg ATOMIC_CMPXCHG 20 |r| {
        let cell = cell!(r, O::Cell);
        let old = (*cell).0;
        // What is expected of a narrow cell is wrapped to its width, as every engine does and the
        // specification came to say: https://github.com/WebAssembly/threads/issues/195
        if old == O::Cell::wrap(r.read(WORD + 16)) {
            *cell = Packed(O::Cell::wrap(r.read(WORD + 18)));
        }
        r.write(WORD, old.extend());
    }
}

/// `memory.atomic.notify` on a memory that is not shared, where nobody waits:
/// `[dst][addr][mem: u32][offset: u64]`
pub struct AtomicNotify;

impl Handler for AtomicNotify {
    const INDEX: usize = base::SINGLE + Single::AtomicNotify as usize;
    const LEN: usize = WORD + 16;

    #[inline(always)]
    unsafe fn run(r: &mut Regs) -> Step {
        // SAFETY: operands are laid out as the type says; `cell` checks the access.
        unsafe {
            let _ = cell!(r, u32);
            r.write(WORD, 0u64);
        }
        r.next(Self::LEN)
    }
}

/// `memory.atomic.wait32` and `wait64`: `[size: u16][addr][mem: u32][offset: u64]`
pub struct AtomicWait;

impl Handler for AtomicWait {
    const INDEX: usize = base::SINGLE + Single::AtomicWait as usize;
    const LEN: usize = WORD + 16;

    #[inline(always)]
    unsafe fn run(r: &mut Regs) -> Step {
        // SAFETY: operands are laid out as the type says; `cell` checks the access.
        unsafe {
            if r.operand::<u16>(WORD) == 8 {
                let _ = cell!(r, u64);
            } else {
                let _ = cell!(r, u32);
            }
        }
        r.trap(Trap::ExpectedSharedMemory)
    }
}
