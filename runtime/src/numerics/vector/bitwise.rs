//! Operators on a vector as 128 bits.

use crate::V128;
use core::array::from_fn;

#[inline(always)]
pub fn v128_not(a: V128) -> V128 {
    V128::from_bits(!a.to_bits())
}

#[inline(always)]
pub fn v128_and(a: V128, b: V128) -> V128 {
    V128::from_bits(a.to_bits() & b.to_bits())
}

#[inline(always)]
pub fn v128_andnot(a: V128, b: V128) -> V128 {
    V128::from_bits(a.to_bits() & !b.to_bits())
}

#[inline(always)]
pub fn v128_or(a: V128, b: V128) -> V128 {
    V128::from_bits(a.to_bits() | b.to_bits())
}

#[inline(always)]
pub fn v128_xor(a: V128, b: V128) -> V128 {
    V128::from_bits(a.to_bits() ^ b.to_bits())
}

/// The bits of `a` where `mask` has ones, and those of `b` where it has zeros.
#[inline(always)]
pub fn v128_bitselect(a: V128, b: V128, mask: V128) -> V128 {
    // In halves: LLVM takes `u128`s apart here, and does not find its way back to a vector.
    let (a, b, mask): ([u64; 2], [u64; 2], [u64; 2]) = (a.into(), b.into(), mask.into());
    V128::from(from_fn::<u64, 2, _>(|i| (a[i] & mask[i]) | (b[i] & !mask[i])))
}

#[inline(always)]
pub fn v128_any_true(a: V128) -> bool {
    a.to_bits() != 0
}
