//! Where operands come from and where results go: slots, immediates, accumulators.

use super::{Regs, Vector};
pub use rwasm_runtime::V128;

/// A value in slots, an immediate or an accumulator.
pub trait Value: Copy {
    /// The accumulator's value, as this type.
    fn acc(r: &Regs) -> Self;
    /// Puts the value in its accumulator.
    fn set_acc(self, r: &mut Regs);
}

/// A value that takes one slot.
pub trait Num: Value {
    /// The whole slot that holds this value.
    fn to_slot(self) -> u64;
}

macro_rules! int_num {
    ($($ty:ident)*) => {$(
        impl Value for $ty {
            #[inline(always)]
            fn acc(r: &Regs) -> Self {
                r.acc as $ty
            }

            #[inline(always)]
            fn set_acc(self, r: &mut Regs) {
                r.acc = self as u64;
            }
        }

        impl Num for $ty {
            #[inline(always)]
            fn to_slot(self) -> u64 {
                self as u64
            }
        }
    )*};
}
int_num! { u32 u64 }

impl Value for bool {
    #[inline(always)]
    fn acc(r: &Regs) -> Self {
        r.acc as u32 != 0
    }

    #[inline(always)]
    fn set_acc(self, r: &mut Regs) {
        r.acc = self as u64;
    }
}

impl Num for bool {
    #[inline(always)]
    fn to_slot(self) -> u64 {
        self as u64
    }
}

impl Value for f32 {
    #[inline(always)]
    fn acc(r: &Regs) -> Self {
        r.f32
    }

    #[inline(always)]
    fn set_acc(self, r: &mut Regs) {
        r.f32 = self;
    }
}

impl Num for f32 {
    #[inline(always)]
    fn to_slot(self) -> u64 {
        u64::from(self.to_bits())
    }
}

impl Value for f64 {
    #[inline(always)]
    fn acc(r: &Regs) -> Self {
        r.f64
    }

    #[inline(always)]
    fn set_acc(self, r: &mut Regs) {
        r.f64 = self;
    }
}

impl Num for f64 {
    #[inline(always)]
    fn to_slot(self) -> u64 {
        self.to_bits()
    }
}

/// Where an operand comes from.
pub trait Source {
    /// Its number: 0 slot, 1 accumulator, 2 immediate.
    const ID: usize;
    /// How many bytes of the instruction it takes for a `T`.
    fn len<T>() -> usize;
    /// Reads the operand whose description is at `offset`.
    ///
    /// # Safety
    ///
    /// As for [`Regs::read`] or [`Regs::operand`].
    unsafe fn get<T: Value>(r: &Regs, offset: usize) -> T;
}

/// A slot of the frame, by its number in 2 bytes.
pub struct S;
/// The accumulator of the operand's type.
pub struct A;
/// A constant in the instruction.
pub struct I;

impl Source for S {
    const ID: usize = 0;

    #[inline(always)]
    fn len<T>() -> usize {
        2
    }

    #[inline(always)]
    unsafe fn get<T: Value>(r: &Regs, offset: usize) -> T {
        // SAFETY: by contract.
        unsafe { r.read(offset) }
    }
}

impl Source for A {
    const ID: usize = 1;

    #[inline(always)]
    fn len<T>() -> usize {
        0
    }

    #[inline(always)]
    unsafe fn get<T: Value>(r: &Regs, _: usize) -> T {
        T::acc(r)
    }
}

impl Source for I {
    const ID: usize = 2;

    #[inline(always)]
    fn len<T>() -> usize {
        size_of::<T>()
    }

    #[inline(always)]
    unsafe fn get<T: Value>(r: &Regs, offset: usize) -> T {
        // SAFETY: by contract.
        unsafe { r.operand(offset) }
    }
}

/// Where a result goes; the slot's number is always in the instruction.
pub trait Target {
    /// Its number: 0 accumulator only, 1 both.
    const ID: usize;
    /// Delivers `value`; the slot's number is the operand at `offset`.
    ///
    /// # Safety
    ///
    /// As for [`Regs::write`].
    unsafe fn put<T: Num>(r: &mut Regs, offset: usize, value: T);
}

/// To the accumulator only.
pub struct ToAcc;
/// To the accumulator and the slot.
pub struct ToBoth;

impl Target for ToAcc {
    const ID: usize = 0;

    #[inline(always)]
    unsafe fn put<T: Num>(r: &mut Regs, _: usize, value: T) {
        value.set_acc(r);
    }
}

impl Target for ToBoth {
    const ID: usize = 1;

    #[inline(always)]
    unsafe fn put<T: Num>(r: &mut Regs, offset: usize, value: T) {
        // SAFETY: by contract.
        unsafe { r.write(offset, value.to_slot()) };
        value.set_acc(r);
    }
}

impl Value for V128 {
    #[inline(always)]
    fn acc(r: &Regs) -> Self {
        // SAFETY: both are 16 bytes of any value.
        unsafe { core::mem::transmute(r.v128) }
    }

    #[inline(always)]
    fn set_acc(self, r: &mut Regs) {
        // SAFETY: both are 16 bytes of any value.
        r.v128 = unsafe { core::mem::transmute::<V128, Vector>(self) };
    }
}

impl Regs {
    /// Puts a vector in its accumulator, and in the two slots that begin at the one whose number is
    /// at `offset`. Every instruction that computes a vector does both.
    ///
    /// # Safety
    ///
    /// As for [`Regs::write`].
    #[inline(always)]
    pub unsafe fn put_vector(&mut self, offset: usize, value: V128) {
        // SAFETY: by contract.
        unsafe { self.write(offset, value) };
        value.set_acc(self);
    }

    /// Reads the vector in the two slots that begin at the one whose number is at `offset`.
    ///
    /// # Safety
    ///
    /// As for [`Regs::read`].
    #[inline(always)]
    pub unsafe fn vector(&self, offset: usize) -> V128 {
        // SAFETY: by contract.
        unsafe { self.read(offset) }
    }
}
