//! Vector operators.
//!
//! Spec: *Execution → Numerics → Vector Operations*, most of which apply a scalar operator to
//! every lane. Here too: an operator is a loop over arrays of lanes, in a shape that LLVM turns
//! into vector instructions when it optimises fully (`opt-level = 3`; below that the loops are
//! right, but stay scalar). Change a function's shape only with a look at its assembly.

use crate::V128;
use core::array::from_fn;

mod bitwise;
mod conversion;
mod float;
mod integer;
mod lane;
mod memory;
mod product;
mod relaxed;

pub use bitwise::*;
pub use conversion::*;
pub use float::*;
pub use integer::*;
pub use lane::*;
pub use memory::*;
pub use product::*;
pub use relaxed::*;

/// Applies `f` to the lanes of `a`.
#[inline(always)]
fn map<T: Copy, U, const N: usize>(a: V128, f: impl Fn(T) -> U) -> V128
where
    [T; N]: From<V128>,
    V128: From<[U; N]>,
{
    let a = <[T; N]>::from(a);
    V128::from(from_fn::<U, N, _>(|i| f(a[i])))
}

/// Applies `f` to the lanes of `a` and `b` at the same index.
#[inline(always)]
fn zip<T: Copy, U, const N: usize>(a: V128, b: V128, f: impl Fn(T, T) -> U) -> V128
where
    [T; N]: From<V128>,
    V128: From<[U; N]>,
{
    let (a, b) = (<[T; N]>::from(a), <[T; N]>::from(b));
    V128::from(from_fn::<U, N, _>(|i| f(a[i], b[i])))
}
