//! Operators whose left operand is in the accumulator and whose right one is computed on the way:
//! an access to memory or one more operator, without the accumulator being sent home for it.

use super::list;
use super::memory::{Access, Load, Own};
use super::numeric::{Bin, Binary, Un, Unary};
use super::operand::{A, Num, S, Source, Target, ToAcc, Value};
use super::{Handler, Regs, Step, WORD};
use core::marker::PhantomData;

/// A right operand that is computed on the way. Its encoding is what the instructions that compute
/// it have, one after the other, without the slots that their results would go to.
pub trait Computed {
    /// What it is.
    type Out: Num;
    /// The numbers of the instructions that compute it: one, or two of which the first is [`NONE`].
    const PARTS: [usize; 2];
    /// How many bytes it takes.
    const LEN: usize;
    /// Computes it from operands at `offset`; `None` if memory is shorter, as far as is known.
    ///
    /// # Safety
    ///
    /// As for [`Regs::operand`].
    unsafe fn get(r: &Regs, offset: usize) -> Option<Self::Out>;
}

/// No instruction.
pub const NONE: usize = u16::MAX as usize;

/// An operator on two operands. It must be one that cannot trap.
pub struct Ex<O, X, Y>(PhantomData<(O, X, Y)>);

impl<O: Binary, X: Source, Y: Source> Computed for Ex<O, X, Y> {
    type Out = O::Out;
    const PARTS: [usize; 2] = [NONE, Bin::<O, X, Y, ToAcc>::INDEX];
    const LEN: usize = Bin::<O, X, Y, ToAcc>::LEN - WORD - 2;

    #[inline(always)]
    unsafe fn get(r: &Regs, offset: usize) -> Option<O::Out> {
        // SAFETY: by contract.
        unsafe { O::eval(X::get(r, offset), Y::get(r, offset + X::len::<O::In>())).ok() }
    }
}

/// An operator on one operand in a slot. It must be one that cannot trap.
pub struct Cv<O>(PhantomData<O>);

impl<O: Unary> Computed for Cv<O> {
    type Out = O::Out;
    const PARTS: [usize; 2] = [NONE, Un::<O, S, ToAcc>::INDEX];
    const LEN: usize = 2;

    #[inline(always)]
    unsafe fn get(r: &Regs, offset: usize) -> Option<O::Out> {
        // SAFETY: by contract.
        unsafe { O::eval(<S as Source>::get(r, offset)).ok() }
    }
}

/// Where an access to memory is.
pub trait Place {
    /// The number of the instruction that computes it, or [`NONE`], and of the load that follows.
    const INDEX: usize;
    /// Whether the load finds the address in the accumulator.
    const IS_COMPUTED: bool;
    /// How many bytes it takes.
    const LEN: usize;
    /// The address.
    ///
    /// # Safety
    ///
    /// As for [`Computed::get`].
    unsafe fn get(r: &Regs, offset: usize) -> u64;
}

impl Place for S {
    const INDEX: usize = NONE;
    const IS_COMPUTED: bool = false;
    const LEN: usize = 2;

    #[inline(always)]
    unsafe fn get(r: &Regs, offset: usize) -> u64 {
        // SAFETY: by contract.
        unsafe { <S as Source>::get(r, offset) }
    }
}

/// A sum of two operands.
pub struct Sum<X, Y>(PhantomData<(X, Y)>);

type AddTo<X, Y> = Bin<list::op::I32Add, X, Y, ToAcc>;

impl<X: Source, Y: Source> Place for Sum<X, Y> {
    const INDEX: usize = AddTo::<X, Y>::INDEX;
    const IS_COMPUTED: bool = true;
    const LEN: usize = AddTo::<X, Y>::LEN - WORD - 2;

    #[inline(always)]
    unsafe fn get(r: &Regs, offset: usize) -> u64 {
        // SAFETY: by contract.
        unsafe { X::get::<u32>(r, offset).wrapping_add(Y::get(r, offset + X::len::<u32>())).into() }
    }
}

/// A load from memory 0, which one thread has.
pub struct Mem<L, P>(PhantomData<(L, P)>);

impl<L: Load, P: Place> Computed for Mem<L, P> {
    type Out = L::Out;
    const PARTS: [usize; 2] = [P::INDEX, load_index::<L, P>()];
    const LEN: usize = P::LEN + 4;

    #[inline(always)]
    unsafe fn get(r: &Regs, offset: usize) -> Option<L::Out> {
        // SAFETY: by contract; the access ends within the memory.
        unsafe {
            let end = r.end_in_mem0(P::get(r, offset), offset + P::LEN)?;
            Some(L::convert(Own::load(end.wrapping_sub(size_of::<L::Raw>()))))
        }
    }
}

const fn load_index<L: Load, P: Place>() -> usize {
    use super::memory::LoadMem;
    match P::IS_COMPUTED {
        true => LoadMem::<L, A, ToAcc, Own>::INDEX,
        false => LoadMem::<L, S, ToAcc, Own>::INDEX,
    }
}

/// `dst = op(accumulator, computed)`: `[dst][computed]`
pub struct Join<O, Y, D>(PhantomData<(O, Y, D)>);

impl<O: Binary, Y: Computed<Out = O::In>, D: Target> Handler for Join<O, Y, D> {
    const INDEX: usize = super::fused::FIRST_JOIN
        + super::fused::join_position(
            [Y::PARTS[0] as u16, Y::PARTS[1] as u16, O::ID as u16],
            D::ID,
        );
    const LEN: usize = WORD + 2 + Y::LEN;

    #[inline(always)]
    unsafe fn run(r: &mut Regs) -> Step {
        // SAFETY: operands are laid out as the type says; by contract of `run`.
        unsafe {
            let lhs = O::In::acc(r);
            let Some(rhs) = Y::get(r, WORD + 2) else { return Step::Refresh };
            match O::eval(lhs, rhs) {
                Ok(value) => D::put(r, WORD, value),
                Err(trap) => return r.trap(trap),
            }
        }
        r.next(Self::LEN)
    }
}

/// What a row of the list of joins is made of.
pub const fn row<O: Binary, Y: Computed<Out = O::In>, D: Target>() -> [u16; 4] {
    [Y::PARTS[0] as u16, Y::PARTS[1] as u16, O::ID as u16, D::ID as u16]
}
