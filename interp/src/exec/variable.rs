//! Locals and globals. Spec: *Execution → Variable Instructions*.

use super::list::Single;
use super::operand::{A, I, Num, S, Source, Target, ToAcc, ToBoth};
use super::{Handler, Regs, Step, WORD, base};
use core::marker::PhantomData;
use rwasm_runtime::V128;
use rwasm_runtime::vm::VmGlobal;

/// `dst = src`, a slot or a whole slot's constant: `[dst][src]`
pub struct Move<X>(PhantomData<X>);

macro_rules! moves {
    ($($source:ident $number:ident;)*) => {$(
        impl Handler for Move<$source> {
            const INDEX: usize = base::SINGLE + Single::$number as usize;
            const LEN: usize = WORD + 2 + super::numeric::source_len($source::ID, 8);

            #[inline(always)]
            unsafe fn run(r: &mut Regs) -> Step {
                // SAFETY: operands are laid out as the type says; by contract of `run`.
                unsafe { r.write(WORD, $source::get::<u64>(r, WORD + 2)) };
                r.next(Self::LEN)
            }
        }
    )*};
}
moves! { S MoveS; I MoveI; }

/// `dst = imm`, zero-extended from 4 bytes: `[dst][imm: u32]`
pub struct Move32;

impl Handler for Move32 {
    const INDEX: usize = base::SINGLE + Single::Move32 as usize;
    const LEN: usize = WORD + 6;

    #[inline(always)]
    unsafe fn run(r: &mut Regs) -> Step {
        // SAFETY: operands are laid out as the type says; by contract of `run`.
        unsafe { r.write(WORD, u64::from(r.operand::<u32>(WORD + 2))) };
        r.next(Self::LEN)
    }
}

/// `dst = src`, two slots: `[dst][src]`
pub struct MoveV128<X>(PhantomData<X>);

impl Handler for MoveV128<S> {
    const INDEX: usize = base::SINGLE + Single::MoveV128S as usize;
    const LEN: usize = WORD + 4;

    #[inline(always)]
    unsafe fn run(r: &mut Regs) -> Step {
        // SAFETY: operands are laid out as the type says; by contract of `run`.
        unsafe { r.put_vector(WORD, r.vector(WORD + 2)) };
        r.next(Self::LEN)
    }
}

/// `dst = imm`, two slots: `[dst][16 bytes]`
impl Handler for MoveV128<I> {
    const INDEX: usize = base::SINGLE + Single::MoveV128I as usize;
    const LEN: usize = WORD + 18;

    #[inline(always)]
    unsafe fn run(r: &mut Regs) -> Step {
        // SAFETY: operands are laid out as the type says; by contract of `run`.
        unsafe { r.put_vector(WORD, r.operand::<V128>(WORD + 2)) };
        r.next(Self::LEN)
    }
}

impl Regs {
    /// The global whose index is the operand at `offset`.
    ///
    /// # Safety
    ///
    /// As for [`Regs::operand`], with the index of a global.
    #[inline(always)]
    unsafe fn global(&self, offset: usize) -> *mut VmGlobal {
        // SAFETY: by contract.
        unsafe { *(*self.ctx).globals.wrapping_add(self.operand::<u32>(offset) as usize) }
    }
}

/// `dst = global`: `[dst][global: u32]`
pub struct GlobalGet<T, D>(PhantomData<(T, D)>);

macro_rules! global_get {
    ($($ty:ident $target:ident $number:ident;)*) => {$(
        impl Handler for GlobalGet<$ty, $target> {
            const INDEX: usize = base::SINGLE + Single::$number as usize;
            const LEN: usize = WORD + 6;

            #[inline(always)]
            unsafe fn run(r: &mut Regs) -> Step {
                // SAFETY: operands are laid out as the type says; a global of the instance.
                unsafe {
                    let value = *r.global(WORD + 2).cast::<$ty>();
                    $target::put(r, WORD, value);
                }
                r.next(Self::LEN)
            }
        }
    )*};
}
global_get! {
    u64 ToAcc GlobalGetInt;
    u64 ToBoth GlobalGetIntBoth;
    f32 ToAcc GlobalGetF32;
    f32 ToBoth GlobalGetF32Both;
    f64 ToAcc GlobalGetF64;
    f64 ToBoth GlobalGetF64Both;
}

/// `dst = global`, a vector: `[dst][global: u32]`
pub struct GlobalGetV128;

impl Handler for GlobalGetV128 {
    const INDEX: usize = base::SINGLE + Single::GlobalGetV128 as usize;
    const LEN: usize = WORD + 6;

    #[inline(always)]
    unsafe fn run(r: &mut Regs) -> Step {
        // SAFETY: operands are laid out as the type says; a global of the instance.
        unsafe { r.put_vector(WORD, *r.global(WORD + 2).cast::<V128>()) };
        r.next(Self::LEN)
    }
}

/// `global = src`, the whole slot: `[global: u32][src]`
pub struct GlobalSet<T, X>(PhantomData<(T, X)>);

macro_rules! global_set {
    ($($ty:ident $source:ident $number:ident;)*) => {$(
        impl Handler for GlobalSet<$ty, $source> {
            const INDEX: usize = base::SINGLE + Single::$number as usize;
            const LEN: usize = WORD + 4 + super::numeric::source_len($source::ID, 8);

            #[inline(always)]
            unsafe fn run(r: &mut Regs) -> Step {
                // SAFETY: operands are laid out as the type says; a global of the instance.
                unsafe {
                    let value = $source::get::<$ty>(r, WORD + 4);
                    *r.global(WORD).cast::<u64>() = value.to_slot();
                }
                r.next(Self::LEN)
            }
        }
    )*};
}
global_set! {
    u64 S GlobalSetS;
    u64 A GlobalSetInt;
    u64 I GlobalSetI;
    f32 A GlobalSetF32;
    f64 A GlobalSetF64;
}

/// `global = src`, a vector: `[global: u32][src]`
pub struct GlobalSetV128;

impl Handler for GlobalSetV128 {
    const INDEX: usize = base::SINGLE + Single::GlobalSetV128 as usize;
    const LEN: usize = WORD + 6;

    #[inline(always)]
    unsafe fn run(r: &mut Regs) -> Step {
        // SAFETY: operands are laid out as the type says; a global of the instance.
        unsafe { *r.global(WORD).cast::<V128>() = r.vector(WORD + 4) };
        r.next(Self::LEN)
    }
}
