//! Operators on floating-point lanes, by the scalar operators.

use super::{map, zip};
use crate::V128;
use crate::numerics as scalar;

/// One row per operator: its names for both shapes, each with the scalar operator for a lane.
macro_rules! unary {
    ($($f32x4:ident($f32:ident) $f64x2:ident($f64:ident);)*) => {$(
        #[inline(always)]
        pub fn $f32x4(a: V128) -> V128 {
            map::<f32, f32, 4>(a, |a| scalar::$f32(a))
        }

        #[inline(always)]
        pub fn $f64x2(a: V128) -> V128 {
            map::<f64, f64, 2>(a, |a| scalar::$f64(a))
        }
    )*};
}

unary! {
    f32x4_abs(f32_abs)         f64x2_abs(f64_abs);
    f32x4_neg(f32_neg)         f64x2_neg(f64_neg);
    f32x4_sqrt(f32_sqrt)       f64x2_sqrt(f64_sqrt);
    f32x4_ceil(f32_ceil)       f64x2_ceil(f64_ceil);
    f32x4_floor(f32_floor)     f64x2_floor(f64_floor);
    f32x4_trunc(f32_trunc)     f64x2_trunc(f64_trunc);
    f32x4_nearest(f32_nearest) f64x2_nearest(f64_nearest);
    canonical_f32x4(canonical_f32) canonical_f64x2(canonical_f64);
}

/// Rows as in [`unary!`].
macro_rules! binary {
    ($($f32x4:ident($f32:ident) $f64x2:ident($f64:ident);)*) => {$(
        #[inline(always)]
        pub fn $f32x4(a: V128, b: V128) -> V128 {
            zip::<f32, f32, 4>(a, b, |a, b| scalar::$f32(a, b))
        }

        #[inline(always)]
        pub fn $f64x2(a: V128, b: V128) -> V128 {
            zip::<f64, f64, 2>(a, b, |a, b| scalar::$f64(a, b))
        }
    )*};
}

binary! {
    f32x4_add(f32_add)   f64x2_add(f64_add);
    f32x4_sub(f32_sub)   f64x2_sub(f64_sub);
    f32x4_mul(f32_mul)   f64x2_mul(f64_mul);
    f32x4_div(f32_div)   f64x2_div(f64_div);
    f32x4_min(f32_min)   f64x2_min(f64_min);
    f32x4_max(f32_max)   f64x2_max(f64_max);
    f32x4_pmin(f32_pmin) f64x2_pmin(f64_pmin);
    f32x4_pmax(f32_pmax) f64x2_pmax(f64_pmax);
}

/// Rows as in [`unary!`]; where the scalar operator holds, all bits of a lane are set.
macro_rules! comparison {
    ($($f32x4:ident($f32:ident) $f64x2:ident($f64:ident);)*) => {$(
        #[inline(always)]
        pub fn $f32x4(a: V128, b: V128) -> V128 {
            zip::<f32, u32, 4>(a, b, |a, b| u32::from(scalar::$f32(a, b)).wrapping_neg())
        }

        #[inline(always)]
        pub fn $f64x2(a: V128, b: V128) -> V128 {
            zip::<f64, u64, 2>(a, b, |a, b| u64::from(scalar::$f64(a, b)).wrapping_neg())
        }
    )*};
}

comparison! {
    f32x4_eq(f32_eq) f64x2_eq(f64_eq);
    f32x4_ne(f32_ne) f64x2_ne(f64_ne);
    f32x4_lt(f32_lt) f64x2_lt(f64_lt);
    f32x4_gt(f32_gt) f64x2_gt(f64_gt);
    f32x4_le(f32_le) f64x2_le(f64_le);
    f32x4_ge(f32_ge) f64x2_ge(f64_ge);
}
