//! Relaxed operators, as the deterministic profile fixes them.
//!
//! Spec: *Execution → Numerics → Relaxed Operations* and *Appendix → Profiles*. A choice that
//! depended on the host would be allowed, but then a saved run could not go on elsewhere.

use super::{f32x4_add, f32x4_mul, f32x4_neg, f64x2_add, f64x2_mul, f64x2_neg};
use super::{i32x4_add, i32x4_extadd_pairwise_i16x8_s, zip};
use crate::V128;

// The profile makes most of them synonyms.
pub use super::{
    f32x4_max as f32x4_relaxed_max, f32x4_min as f32x4_relaxed_min, f64x2_max as f64x2_relaxed_max,
    f64x2_min as f64x2_relaxed_min, i8x16_swizzle as i8x16_relaxed_swizzle,
    i16x8_q15mulr_sat_s as i16x8_relaxed_q15mulr_s,
    i32x4_trunc_sat_f32x4_s as i32x4_relaxed_trunc_f32x4_s,
    i32x4_trunc_sat_f32x4_u as i32x4_relaxed_trunc_f32x4_u,
    i32x4_trunc_sat_f64x2_s_zero as i32x4_relaxed_trunc_f64x2_s_zero,
    i32x4_trunc_sat_f64x2_u_zero as i32x4_relaxed_trunc_f64x2_u_zero,
    v128_bitselect as i8x16_relaxed_laneselect, v128_bitselect as i16x8_relaxed_laneselect,
    v128_bitselect as i32x4_relaxed_laneselect, v128_bitselect as i64x2_relaxed_laneselect,
};

// Unfused: the product is rounded before the addition.

#[inline(always)]
pub fn f32x4_relaxed_madd(a: V128, b: V128, c: V128) -> V128 {
    f32x4_add(f32x4_mul(a, b), c)
}

#[inline(always)]
pub fn f32x4_relaxed_nmadd(a: V128, b: V128, c: V128) -> V128 {
    f32x4_relaxed_madd(f32x4_neg(a), b, c)
}

#[inline(always)]
pub fn f64x2_relaxed_madd(a: V128, b: V128, c: V128) -> V128 {
    f64x2_add(f64x2_mul(a, b), c)
}

#[inline(always)]
pub fn f64x2_relaxed_nmadd(a: V128, b: V128, c: V128) -> V128 {
    f64x2_relaxed_madd(f64x2_neg(a), b, c)
}

/// Both operands are signed, and the sum of two products saturates.
#[inline(always)]
pub fn i16x8_relaxed_dot_i8x16_i7x16_s(a: V128, b: V128) -> V128 {
    // Two lanes of 8 bits are the halves of one of 16, which spares the shuffles.
    zip::<i16, i16, 8>(a, b, |a, b| {
        let low = i16::from(a as i8).wrapping_mul(i16::from(b as i8));
        let high = (a >> 8).wrapping_mul(b >> 8);
        low.saturating_add(high)
    })
}

#[inline(always)]
pub fn i32x4_relaxed_dot_i8x16_i7x16_add_s(a: V128, b: V128, c: V128) -> V128 {
    i32x4_add(i32x4_extadd_pairwise_i16x8_s(i16x8_relaxed_dot_i8x16_i7x16_s(a, b)), c)
}
