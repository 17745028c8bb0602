//! Conversions between numeric types.
//!
//! Spec: *Execution → Numerics → Conversions*. Rust's `as` truncates, saturates, rounds to nearest
//! and extends as the spec's operators do. From float to float it makes NaNs quiet, because the
//! hardware's conversions do.

#![expect(clippy::manual_range_contains, reason = "only some of the ranges are half-open")]

use crate::Trap;

/// One row per operator: its name, the operand's type, the type it is read as, the type it is
/// converted to, and the type of the result.
macro_rules! convert {
    ($($name:ident($from:ident) $read:ident $to:ident $result:ident;)*) => {$(
        #[inline(always)]
        pub fn $name(a: $from) -> $result {
            a as $read as $to as $result
        }
    )*};
}

convert! {
    i32_wrap_i64(u64)        u64 u32 u32;
    i64_extend_i32_s(u32)    i32 i64 u64;
    i64_extend_i32_u(u32)    u32 u64 u64;

    f32_convert_i32_s(u32)   i32 f32 f32;
    f32_convert_i32_u(u32)   u32 f32 f32;
    f32_convert_i64_s(u64)   i64 f32 f32;
    f32_convert_i64_u(u64)   u64 f32 f32;
    f64_convert_i32_s(u32)   i32 f64 f64;
    f64_convert_i32_u(u32)   u32 f64 f64;
    f64_convert_i64_s(u64)   i64 f64 f64;
    f64_convert_i64_u(u64)   u64 f64 f64;

    f32_demote_f64(f64)      f64 f32 f32;
    f64_promote_f32(f32)     f32 f64 f64;

    i32_trunc_sat_f32_s(f32) f32 i32 u32;
    i32_trunc_sat_f32_u(f32) f32 u32 u32;
    i32_trunc_sat_f64_s(f64) f64 i32 u32;
    i32_trunc_sat_f64_u(f64) f64 u32 u32;
    i64_trunc_sat_f32_s(f32) f32 i64 u64;
    i64_trunc_sat_f32_u(f32) f32 u64 u64;
    i64_trunc_sat_f64_s(f64) f64 i64 u64;
    i64_trunc_sat_f64_u(f64) f64 u64 u64;
}

/// One row per operator: its name, the operand's type, the type it is converted to, the type of
/// the result, and the bounds between which the operand must be, which no NaN is.
macro_rules! truncate {
    ($($name:ident($from:ident) $to:ident $result:ident $above:tt $low:literal < $high:literal;)*) => {$(
        #[inline(always)]
        pub fn $name(a: $from) -> Result<$result, Trap> {
            if a $above $low && a < $high {
                Ok(a as $to as $result)
            } else if a.is_nan() {
                Err(Trap::BadConversionToInteger)
            } else {
                Err(Trap::IntegerOverflow)
            }
        }
    )*};
}

// Every bound is exact in its type. A negative fraction beyond the least integer is in range; where
// the float is too coarse to have such a fraction, the comparison is with the least integer itself.
truncate! {
    i32_trunc_f32_s(f32) i32 u32 >= -2147483648.0 < 2147483648.0;
    i32_trunc_f32_u(f32) u32 u32 > -1.0 < 4294967296.0;
    i32_trunc_f64_s(f64) i32 u32 > -2147483649.0 < 2147483648.0;
    i32_trunc_f64_u(f64) u32 u32 > -1.0 < 4294967296.0;
    i64_trunc_f32_s(f32) i64 u64 >= -9223372036854775808.0 < 9223372036854775808.0;
    i64_trunc_f32_u(f32) u64 u64 > -1.0 < 18446744073709551616.0;
    i64_trunc_f64_s(f64) i64 u64 >= -9223372036854775808.0 < 9223372036854775808.0;
    i64_trunc_f64_u(f64) u64 u64 > -1.0 < 18446744073709551616.0;
}

#[inline(always)]
pub fn i32_reinterpret_f32(a: f32) -> u32 {
    a.to_bits()
}

#[inline(always)]
pub fn i64_reinterpret_f64(a: f64) -> u64 {
    a.to_bits()
}

#[inline(always)]
pub fn f32_reinterpret_i32(a: u32) -> f32 {
    f32::from_bits(a)
}

#[inline(always)]
pub fn f64_reinterpret_i64(a: u64) -> f64 {
    f64::from_bits(a)
}
