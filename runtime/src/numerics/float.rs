//! Floating-point operators on `f32` and `f64`.
//!
//! Spec: *Execution → Numerics → Floating-Point Operations*, and *NaN Propagation* there: a NaN
//! result may have any sign, must be quiet, and must be canonical if every NaN operand is.
//!
//! Relied on: the host's `+ - * / sqrt` are IEEE 754's, in round-to-nearest and with subnormals,
//! and return either the canonical NaN or an operand made quiet. That holds on every target with
//! 32-bit and 64-bit floating-point registers (the x87's are wider). Rust promises less: LLVM may
//! fold `x * 1.0` to `x` and so leave a signalling NaN as it is, but only for constants that it
//! sees; operands here come from a guest. Moves, `neg`, `abs` and `copysign` keep all bits.

use super::rounding;

/// One row per operator: its `f32` name, its `f64` name, and its result.
macro_rules! binary {
    ($($f32:ident $f64:ident |$a:ident, $b:ident| $result:expr;)*) => {$(
        #[inline(always)]
        pub fn $f32($a: f32, $b: f32) -> f32 {
            $result
        }

        #[inline(always)]
        pub fn $f64($a: f64, $b: f64) -> f64 {
            $result
        }
    )*};
}

// `pmin` and `pmax`, which only vectors have, are here for their lanes.
binary! {
    f32_add      f64_add      |a, b| a + b;
    f32_sub      f64_sub      |a, b| a - b;
    f32_mul      f64_mul      |a, b| a * b;
    f32_div      f64_div      |a, b| a / b;
    f32_copysign f64_copysign |a, b| a.copysign(b);
    f32_pmin     f64_pmin     |a, b| if b < a { b } else { a };
    f32_pmax     f64_pmax     |a, b| if a < b { b } else { a };
}

/// The number, or the canonical NaN.
#[inline(always)]
pub fn canonical_f32(a: f32) -> f32 {
    if a.is_nan() { f32::from_bits(0x7fc0_0000) } else { a }
}

/// The number, or the canonical NaN.
#[inline(always)]
pub fn canonical_f64(a: f64) -> f64 {
    if a.is_nan() { f64::from_bits(0x7ff8_0000_0000_0000) } else { a }
}

/// `min` and `max` without a branch. Each row has the comparison that selects the first operand
/// and the operator that joins the bits of equal operands: these differ for zeros only, where
/// `|` keeps the sign that `min` wants and `&` drops it for `max`.
///
/// The two selections are each one `minss` or `maxss`, in vectors `minps` and so on.
macro_rules! extremum {
    ($($f32:ident $f64:ident $compare:tt $join:tt;)*) => {$(
        #[inline(always)]
        pub fn $f32(a: f32, b: f32) -> f32 {
            let (first, second) = (if a $compare b { a } else { b }, if b $compare a { b } else { a });
            let joined = f32::from_bits(first.to_bits() $join second.to_bits());
            if a.is_nan() | b.is_nan() { f32::NAN } else { joined }
        }

        #[inline(always)]
        pub fn $f64(a: f64, b: f64) -> f64 {
            let (first, second) = (if a $compare b { a } else { b }, if b $compare a { b } else { a });
            let joined = f64::from_bits(first.to_bits() $join second.to_bits());
            if a.is_nan() | b.is_nan() { f64::NAN } else { joined }
        }
    )*};
}

extremum! {
    f32_min f64_min < |;
    f32_max f64_max > &;
}

/// One row per operator: its `f32` name, its `f64` name, and their results.
macro_rules! unary {
    ($($f32:ident $f64:ident |$a:ident| $result32:expr, $result64:expr;)*) => {$(
        #[inline(always)]
        pub fn $f32($a: f32) -> f32 {
            $result32
        }

        #[inline(always)]
        pub fn $f64($a: f64) -> f64 {
            $result64
        }
    )*};
}

unary! {
    f32_abs     f64_abs     |a| a.abs(), a.abs();
    f32_neg     f64_neg     |a| -a, -a;
    f32_sqrt    f64_sqrt    |a| rounding::f32_sqrt(a), rounding::f64_sqrt(a);
    f32_ceil    f64_ceil    |a| rounding::f32_ceil(a), rounding::f64_ceil(a);
    f32_floor   f64_floor   |a| rounding::f32_floor(a), rounding::f64_floor(a);
    f32_trunc   f64_trunc   |a| rounding::f32_trunc(a), rounding::f64_trunc(a);
    f32_nearest f64_nearest |a| rounding::f32_nearest(a), rounding::f64_nearest(a);
}

/// One row per operator: its `f32` name, its `f64` name, and the comparison.
macro_rules! comparison {
    ($($f32:ident $f64:ident $compare:tt;)*) => {$(
        #[inline(always)]
        pub fn $f32(a: f32, b: f32) -> bool {
            a $compare b
        }

        #[inline(always)]
        pub fn $f64(a: f64, b: f64) -> bool {
            a $compare b
        }
    )*};
}

comparison! {
    f32_eq f64_eq ==;
    f32_ne f64_ne !=;
    f32_lt f64_lt <;
    f32_gt f64_gt >;
    f32_le f64_le <=;
    f32_ge f64_ge >=;
}
