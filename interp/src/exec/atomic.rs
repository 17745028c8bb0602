//! Atomic accesses. Spec: the threads proposal, *Execution*.
//!
//! They are atomic on every memory, shared or not: a program that uses them expects the price.

use super::list::{Single, op};
use super::{Handler, Regs, Step, WORD, base, tri};
use core::marker::PhantomData;
use core::sync::atomic::Ordering::SeqCst;
use core::sync::atomic::{AtomicU8, AtomicU16, AtomicU32, AtomicU64};
use rwasm_parser::ops::*;
use rwasm_runtime::Trap;
use rwasm_runtime::vm::builtins;

/// The number in memory that an atomic operator works on.
pub trait Cell: Copy + PartialEq {
    /// What it is in memory.
    type Atomic;
    /// The low bits of an operand.
    fn wrap(value: u64) -> Self;
    /// Zero-extended.
    fn extend(self) -> u64;
    /// Reads it.
    fn load(cell: &Self::Atomic) -> Self;
    /// Writes it.
    fn store(self, cell: &Self::Atomic);
    /// Replaces it by `new` if it is `self`. Gives what it was.
    fn exchange(self, new: Self, cell: &Self::Atomic) -> Self;
}

// Guests are little-endian.
macro_rules! cells {
    ($($ty:ident $atomic:ident)*) => {$(
        impl Cell for $ty {
            type Atomic = $atomic;

            #[inline(always)]
            fn wrap(value: u64) -> Self {
                value as $ty
            }

            #[inline(always)]
            fn extend(self) -> u64 {
                self as u64
            }

            #[inline(always)]
            fn load(cell: &$atomic) -> Self {
                $ty::from_le(cell.load(SeqCst))
            }

            #[inline(always)]
            fn store(self, cell: &$atomic) {
                cell.store(self.to_le(), SeqCst);
            }

            #[inline(always)]
            fn exchange(self, new: Self, cell: &$atomic) -> Self {
                match cell.compare_exchange(self.to_le(), new.to_le(), SeqCst, SeqCst) {
                    Ok(old) | Err(old) => $ty::from_le(old),
                }
            }
        }
    )*};
}
cells! { u8 AtomicU8 u16 AtomicU16 u32 AtomicU32 u64 AtomicU64 }

impl Regs {
    /// Where an atomic access begins: as for [`Regs::start_in_any`], and aligned.
    ///
    /// # Safety
    ///
    /// As for [`Regs::start_in_any`].
    #[inline(always)]
    unsafe fn cell<'a, C: Cell>(&self, addr: u64, offset: usize) -> Result<&'a C::Atomic, Trap> {
        // SAFETY: by contract.
        unsafe {
            let add = self.operand::<u64>(offset + 4);
            if !addr.wrapping_add(add).is_multiple_of(size_of::<C>() as u64) {
                return Err(Trap::UnalignedAtomic);
            }
            match self.start_in_any(addr, offset, size_of::<C>()) {
                Some(start) => Ok(&*start.cast()),
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

/// An atomic operator and its cell.
pub trait Atomic {
    /// Its number in its class.
    const ID: usize;
    /// What is in memory.
    type Cell: Cell;
}

/// An atomic operator that updates its cell.
pub trait Update: Atomic {
    /// Updates the cell. Gives what it was.
    fn update(cell: &<Self::Cell as Cell>::Atomic, operand: Self::Cell) -> Self::Cell;
}

macro_rules! atomics {
    ($class:ident; $($name:ident $cell:ident)*) => {$(
        impl Atomic for op::$name {
            const ID: usize = $class::$name as usize;
            type Cell = $cell;
        }
    )*};
}
atomics! { AtomicLoadOp;
I32AtomicLoad u32 I64AtomicLoad u64 I32AtomicLoad8U u8 I32AtomicLoad16U u16
I64AtomicLoad8U u8 I64AtomicLoad16U u16 I64AtomicLoad32U u32 }
atomics! { AtomicStoreOp;
I32AtomicStore u32 I64AtomicStore u64 I32AtomicStore8 u8 I32AtomicStore16 u16
I64AtomicStore8 u8 I64AtomicStore16 u16 I64AtomicStore32 u32 }
atomics! { AtomicCmpxchgOp;
I32AtomicRmwCmpxchg u32 I64AtomicRmwCmpxchg u64 I32AtomicRmw8CmpxchgU u8
I32AtomicRmw16CmpxchgU u16 I64AtomicRmw8CmpxchgU u8 I64AtomicRmw16CmpxchgU u16
I64AtomicRmw32CmpxchgU u32 }

/// Updates: on little-endian machines the machine's own operation.
macro_rules! updates {
    ($fetch:ident |$old:ident, $operand:ident| $new:expr; $($name:ident $cell:ident)*) => {
        atomics! { AtomicRmwOp; $($name $cell)* }
        $(impl Update for op::$name {
            #[inline(always)]
            fn update(cell: &<$cell as Cell>::Atomic, $operand: $cell) -> $cell {
                if cfg!(target_endian = "little") {
                    return cell.$fetch($operand, SeqCst);
                }
                let mut $old = <$cell as Cell>::load(cell);
                loop {
                    let _ = $old;
                    let found = $old.exchange($new, cell);
                    if found == $old {
                        return found;
                    }
                    $old = found;
                }
            }
        })*
    };
}
updates! { fetch_add |old, operand| old.wrapping_add(operand);
I32AtomicRmwAdd u32 I64AtomicRmwAdd u64 I32AtomicRmw8AddU u8 I32AtomicRmw16AddU u16
I64AtomicRmw8AddU u8 I64AtomicRmw16AddU u16 I64AtomicRmw32AddU u32 }
updates! { fetch_sub |old, operand| old.wrapping_sub(operand);
I32AtomicRmwSub u32 I64AtomicRmwSub u64 I32AtomicRmw8SubU u8 I32AtomicRmw16SubU u16
I64AtomicRmw8SubU u8 I64AtomicRmw16SubU u16 I64AtomicRmw32SubU u32 }
updates! { fetch_and |old, operand| old & operand;
I32AtomicRmwAnd u32 I64AtomicRmwAnd u64 I32AtomicRmw8AndU u8 I32AtomicRmw16AndU u16
I64AtomicRmw8AndU u8 I64AtomicRmw16AndU u16 I64AtomicRmw32AndU u32 }
updates! { fetch_or |old, operand| old | operand;
I32AtomicRmwOr u32 I64AtomicRmwOr u64 I32AtomicRmw8OrU u8 I32AtomicRmw16OrU u16
I64AtomicRmw8OrU u8 I64AtomicRmw16OrU u16 I64AtomicRmw32OrU u32 }
updates! { fetch_xor |old, operand| old ^ operand;
I32AtomicRmwXor u32 I64AtomicRmwXor u64 I32AtomicRmw8XorU u8 I32AtomicRmw16XorU u16
I64AtomicRmw8XorU u8 I64AtomicRmw16XorU u16 I64AtomicRmw32XorU u32 }
updates! { swap |old, operand| operand;
I32AtomicRmwXchg u32 I64AtomicRmwXchg u64 I32AtomicRmw8XchgU u8 I32AtomicRmw16XchgU u16
I64AtomicRmw8XchgU u8 I64AtomicRmw16XchgU u16 I64AtomicRmw32XchgU u32 }

macro_rules! handlers {
    ($($(#[$doc:meta])* $name:ident<$bound:ident> $base:ident $len:literal |$r:ident| $body:block)*) => {$(
        $(#[$doc])*
        pub struct $name<O>(PhantomData<O>);

        impl<O: $bound> Handler for $name<O> {
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
    AtomicLoad<Atomic> ATOMIC_LOAD 16 |r| {
        let cell = cell!(r, O::Cell);
        r.write(WORD, O::Cell::load(cell).extend());
    }
    /// `mem[addr + offset] = value`: `[value][addr][mem: u32][offset: u64]`
    AtomicStore<Atomic> ATOMIC_STORE 16 |r| {
        let cell = cell!(r, O::Cell);
        O::Cell::wrap(r.read(WORD)).store(cell);
    }
    /// `dst = mem[addr + offset]`, which becomes `op(it, value)`:
    /// `[dst][addr][mem: u32][offset: u64][value]`
    AtomicRmw<Update> ATOMIC_RMW 18 |r| {
        let cell = cell!(r, O::Cell);
        let old = O::update(cell, O::Cell::wrap(r.read(WORD + 16)));
        r.write(WORD, old.extend());
    }
    /// `dst = mem[addr + offset]`, which becomes `value` if it was `expected`:
    /// `[dst][addr][mem: u32][offset: u64][expected][value]`
    AtomicCmpxchg<Atomic> ATOMIC_CMPXCHG 20 |r| {
        let cell = cell!(r, O::Cell);
        // What is expected of a narrow cell is wrapped to its width, as every engine does and the
        // specification came to say: https://github.com/WebAssembly/threads/issues/195
        let expected = O::Cell::wrap(r.read(WORD + 16));
        let old = expected.exchange(O::Cell::wrap(r.read(WORD + 18)), cell);
        r.write(WORD, old.extend());
    }
}

/// `memory.atomic.notify`: `[dst][addr][mem: u32][offset: u64][count]`
pub struct AtomicNotify;

impl Handler for AtomicNotify {
    const INDEX: usize = base::SINGLE + Single::AtomicNotify as usize;
    const LEN: usize = WORD + 18;

    #[inline(always)]
    unsafe fn run(r: &mut Regs) -> Step {
        // SAFETY: operands are laid out as the type says; `cell` checks the access.
        unsafe {
            let _ = cell!(r, u32);
            let at = r.read::<u64>(WORD + 2).wrapping_add(r.operand(WORD + 8));
            let count = r.read::<u32>(WORD + 16);
            let notified = builtins::atomic_notify(r.ctx, r.operand(WORD + 4), at, count);
            r.write(WORD, u64::from(notified));
        }
        r.next(Self::LEN)
    }
}

/// `memory.atomic.wait32` and `wait64`:
/// `[dst][addr][mem: u32][offset: u64][expected][timeout][size: u16]`, the timeout at home.
pub struct AtomicWait;

impl Handler for AtomicWait {
    const INDEX: usize = base::SINGLE + Single::AtomicWait as usize;
    const LEN: usize = WORD + 22;

    #[inline(always)]
    unsafe fn run(r: &mut Regs) -> Step {
        // SAFETY: operands are laid out as the type says; `cell` checks the access.
        unsafe {
            let is_64 = r.operand::<u16>(WORD + 20) == 8;
            if is_64 {
                let _ = cell!(r, u64);
            } else {
                let _ = cell!(r, u32);
            }
            let at = r.read::<u64>(WORD + 2).wrapping_add(r.operand(WORD + 8));
            let (expected, timeout) = (r.read(WORD + 16), r.slot(WORD + 18));
            let mem = r.operand(WORD + 4);
            let result = builtins::atomic_wait(r.ctx, mem, is_64, at, expected, timeout);
            r.write(WORD, tri!(r, result));
        }
        r.next(Self::LEN)
    }
}

/// `atomic.fence`
pub struct AtomicFence;

impl Handler for AtomicFence {
    const INDEX: usize = base::SINGLE + Single::AtomicFence as usize;
    const LEN: usize = WORD;

    #[inline(always)]
    unsafe fn run(r: &mut Regs) -> Step {
        core::sync::atomic::fence(SeqCst);
        r.next(Self::LEN)
    }
}
