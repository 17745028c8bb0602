//! Edge cases by hand, and every lane of the vector operators against the scalar operators.

#![expect(clippy::type_complexity, reason = "tables of function pointers are plainest inline")]

use super::*;
use crate::{Trap, V128};
use core::array::from_fn;

const I32: [u32; 12] =
    [0, 1, 2, 31, 32, 33, 0x7f, 0x80, 0xffff, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff];

/// Quiet and signalling NaNs, zeros, subnormals, ties, and both sides of 2^23, 2^31, 2^32, 2^63.
const F32: [u32; 38] = [
    0,
    1,
    0x7f_ffff,
    0x80_0000,
    0x3eff_ffff,
    0x3f00_0000,
    0x3f00_0001,
    0x3f80_0000,
    0x3fbf_ffff,
    0x3fc0_0000,
    0x3fc0_0001,
    0x4020_0000,
    0x4060_0000,
    0x4a80_0001,
    0x4aff_ffff,
    0x4b00_0000,
    0x4b00_0001,
    0x4b80_0000,
    0x4eff_ffff,
    0x4f00_0000,
    0x4f7f_ffff,
    0x4f80_0000,
    0x5eff_ffff,
    0x5f00_0000,
    0x5f7f_ffff,
    0x5f80_0000,
    0x7f7f_ffff,
    0x7f80_0000,
    0x7f80_0001,
    0x7fa0_0000,
    0x7fc0_0000,
    0x7fc0_0001,
    0xffff_ffff,
    0xbf00_0000,
    0xbf7f_ffff,
    0xbf80_0000,
    0xcf00_0000,
    0xcf00_0001,
];

/// `F32`, each with both signs.
fn f32s() -> impl Iterator<Item = f32> + Clone {
    F32.into_iter().flat_map(|bits| [bits, bits ^ 1 << 31]).map(f32::from_bits)
}

/// `f32s` made wide with their NaNs' payloads, and what lies between them.
fn f64s() -> impl Iterator<Item = f64> + Clone {
    f32s().flat_map(|a| {
        let bits = match a.is_nan() {
            true => 0x7ff0_0000_0000_0000 | u64::from(a.to_bits() & 0x7f_ffff) << 29,
            false => f64::from(a).to_bits(),
        };
        [bits, bits + 1, bits.wrapping_sub(1), bits ^ 1 << 63].map(f64::from_bits)
    })
}

/// Equal bits, except that a NaN only needs to be quiet.
#[track_caller]
fn assert_same(actual: f64, expected: f64) {
    if expected.is_nan() {
        assert!(actual.is_nan() && actual.to_bits() >> 51 & 1 == 1, "{:#x}", actual.to_bits());
    } else {
        assert_eq!(actual.to_bits(), expected.to_bits(), "{actual:e} is not {expected:e}");
    }
}

#[track_caller]
fn assert_same32(actual: f32, expected: f32) {
    if expected.is_nan() {
        assert!(actual.is_nan() && actual.to_bits() >> 22 & 1 == 1, "{:#x}", actual.to_bits());
    } else {
        assert_eq!(actual.to_bits(), expected.to_bits(), "{actual:e} is not {expected:e}");
    }
}

#[test]
fn division_traps() {
    let (min, minus_one) = (1 << 31, u32::MAX);
    assert_eq!(i32_div_s(7, 0), Err(Trap::IntegerDivisionByZero));
    assert_eq!(i32_rem_u(7, 0), Err(Trap::IntegerDivisionByZero));
    assert_eq!(i32_div_s(min, minus_one), Err(Trap::IntegerOverflow));
    assert_eq!(i32_rem_s(min, minus_one), Ok(0));
    assert_eq!(i32_div_u(min, minus_one), Ok(0));
    assert_eq!(i32_div_s(-7i32 as u32, 2), Ok(-3i32 as u32));
    assert_eq!(i32_rem_s(-7i32 as u32, 2), Ok(-1i32 as u32));
    assert_eq!(i64_div_s(1 << 63, u64::MAX), Err(Trap::IntegerOverflow));
    assert_eq!(i64_rem_s(1 << 63, u64::MAX), Ok(0));
    assert_eq!(i64_div_u(1, 0), Err(Trap::IntegerDivisionByZero));
}

#[test]
fn shift_counts_are_modulo_the_width() {
    assert_eq!(i32_shl(1, 33), 2);
    assert_eq!(i32_shr_s(1 << 31, 63), u32::MAX);
    assert_eq!(i32_rotl(0x8000_0001, 33), 3);
    assert_eq!(i64_shl(1, 65), 2);
    assert_eq!(i64_shl(1, 1 << 32 | 1), 2);
    assert_eq!(i64_shr_u(u64::MAX, 127), 1);
    assert_eq!(i64_rotr(1, 65), 1 << 63);
    assert_eq!(i8x16_shl(i8x16_splat(1), 9), i8x16_splat(2));
    assert_eq!(i16x8_shr_s(i16x8_splat(0x8000), 16 + 15), i16x8_splat(0xffff));
    assert_eq!(i64x2_shr_u(i64x2_splat(4), 65), i64x2_splat(2));
}

#[test]
fn integer_extension() {
    assert_eq!(i32_extend8_s(0x180), 0xffff_ff80);
    assert_eq!(i32_extend16_s(0x17fff), 0x7fff);
    assert_eq!(i64_extend32_s(0x1_8000_0000), 0xffff_ffff_8000_0000);
    assert_eq!(i64_extend_i32_s(0x8000_0000), 0xffff_ffff_8000_0000);
    assert_eq!(i64_extend_i32_u(0x8000_0000), 0x8000_0000);
    assert_eq!((i32_clz(0), i32_ctz(0), i64_clz(0), i64_popcnt(u64::MAX)), (32, 32, 64, 64));
}

#[test]
fn wide_arithmetic() {
    assert_eq!(i64_add128(u64::MAX, 0, 1, 0), (0, 1));
    assert_eq!(i64_add128(u64::MAX, u64::MAX, 1, 0), (0, 0));
    assert_eq!(i64_sub128(0, 1, 1, 0), (u64::MAX, 0));
    assert_eq!(i64_mul_wide_s(u64::MAX, 2), (-2i64 as u64, u64::MAX));
    assert_eq!(i64_mul_wide_u(u64::MAX, 2), (-2i64 as u64, 1));
}

#[test]
fn truncation_is_exact_at_the_bounds() {
    let overflow: Result<u32, Trap> = Err(Trap::IntegerOverflow);
    let overflow64: Result<u64, Trap> = Err(Trap::IntegerOverflow);
    assert_eq!(i32_trunc_f64_s(2147483647.9), Ok(i32::MAX as u32));
    assert_eq!(i32_trunc_f64_s(2147483648.0), overflow);
    assert_eq!(i32_trunc_f64_s(-2147483648.9), Ok(1 << 31));
    assert_eq!(i32_trunc_f64_s(-2147483649.0), overflow);
    assert_eq!(i32_trunc_f32_s(2147483520.0), Ok(2147483520));
    assert_eq!(i32_trunc_f32_s(2147483648.0), overflow);
    assert_eq!(i32_trunc_f32_s(-2147483648.0), Ok(1 << 31));
    assert_eq!(i32_trunc_f32_s(-2147483904.0), overflow);
    assert_eq!(i32_trunc_f64_u(-0.99), Ok(0));
    assert_eq!(i32_trunc_f64_u(-1.0), overflow);
    assert_eq!(i32_trunc_f64_u(4294967295.9), Ok(u32::MAX));
    assert_eq!(i32_trunc_f32_u(4294967296.0), overflow);
    assert_eq!(i64_trunc_f64_s(-9223372036854775808.0), Ok(1 << 63));
    assert_eq!(i64_trunc_f64_s(-9223372036854777856.0), overflow64);
    assert_eq!(i64_trunc_f32_s(9223372036854775808.0), overflow64);
    assert_eq!(i64_trunc_f64_u(18446744073709549568.0), Ok(18446744073709549568));
    assert_eq!(i64_trunc_f32_u(18446744073709551616.0), overflow64);
    assert_eq!(i32_trunc_f32_s(f32::NAN), Err(Trap::BadConversionToInteger));
    assert_eq!(i64_trunc_f64_u(-f64::NAN), Err(Trap::BadConversionToInteger));
    assert_eq!(i64_trunc_f64_u(f64::INFINITY), overflow64);
}

#[test]
fn saturating_truncation_agrees_with_truncation() {
    fn expected(truncated: Result<u64, Trap>, negative: bool, min: u64, max: u64) -> u64 {
        match truncated {
            Ok(value) => value,
            Err(Trap::BadConversionToInteger) => 0,
            Err(_) if negative => min,
            Err(_) => max,
        }
    }
    for a in f64s() {
        let (negative, min, max) = (a < 0.0, 1 << 63, i64::MAX as u64);
        assert_eq!(i64_trunc_sat_f64_s(a), expected(i64_trunc_f64_s(a), negative, min, max));
        assert_eq!(i64_trunc_sat_f64_u(a), expected(i64_trunc_f64_u(a), negative, 0, u64::MAX));
        let (signed, unsigned) = (i32_trunc_f64_s(a), i32_trunc_f64_u(a));
        let signed = expected(signed.map(u64::from), negative, 1 << 31, i32::MAX as u64);
        let unsigned = expected(unsigned.map(u64::from), negative, 0, u32::MAX.into());
        assert_eq!(u64::from(i32_trunc_sat_f64_s(a)), signed);
        assert_eq!(u64::from(i32_trunc_sat_f64_u(a)), unsigned);
    }
    for a in f32s() {
        let wide = f64_promote_f32(a);
        assert_eq!(i32_trunc_f32_s(a), i32_trunc_f64_s(wide));
        assert_eq!(i32_trunc_f32_u(a), i32_trunc_f64_u(wide));
        assert_eq!(i64_trunc_f32_s(a), i64_trunc_f64_s(wide));
        assert_eq!(i64_trunc_f32_u(a), i64_trunc_f64_u(wide));
        assert_eq!(i32_trunc_sat_f32_s(a), i32_trunc_sat_f64_s(wide));
        assert_eq!(i64_trunc_sat_f32_u(a), i64_trunc_sat_f64_u(wide));
    }
}

#[test]
fn conversions_round_to_nearest() {
    assert_eq!(f32_convert_i32_s(16777217), 16777216.0);
    assert_eq!(f32_convert_i32_s(16777219), 16777220.0);
    assert_eq!(f32_convert_i64_u(u64::MAX), 18446744073709551616.0);
    assert_eq!(f64_convert_i64_s(u64::MAX), -1.0);
    assert_eq!(f32_demote_f64(1e300), f32::INFINITY);
    assert_same32(f32_demote_f64(f64::from_bits(0x7ff4_0000_0000_0000)), f32::NAN);
    assert_same(f64_promote_f32(f32::from_bits(0x7fa0_0000)), f64::NAN);
    assert_eq!(f64_promote_f32(f32::from_bits(0x7fc0_0000)).to_bits() << 1 >> 52, 0xfff);
}

#[test]
fn min_and_max() {
    assert_eq!(f32_min(0.0, -0.0).to_bits(), 1 << 31);
    assert_eq!(f32_min(-0.0, 0.0).to_bits(), 1 << 31);
    assert_eq!(f32_max(0.0, -0.0).to_bits(), 0);
    assert_eq!(f64_max(-0.0, 0.0).to_bits(), 0);
    for (a, b) in f32s().flat_map(|a| f32s().map(move |b| (a, b))) {
        let nan = a.is_nan() || b.is_nan();
        let min_is_a = a < b || a == b && a.is_sign_negative();
        let max_is_a = a > b || a == b && a.is_sign_positive();
        assert_same32(
            f32_min(a, b),
            if nan {
                f32::NAN
            } else if min_is_a {
                a
            } else {
                b
            },
        );
        assert_same32(
            f32_max(a, b),
            if nan {
                f32::NAN
            } else if max_is_a {
                a
            } else {
                b
            },
        );
        // The canonical NaN is right whatever the operands' payloads are.
        assert!(!nan || f32_min(a, b).to_bits() << 1 == 0xff80_0000);
    }
    // The pseudo-minimum is an operand unchanged, NaN or not.
    let signalling = f32::from_bits(0x7fa0_0000);
    assert_eq!(f32_pmin(signalling, 1.0).to_bits(), 0x7fa0_0000);
    assert_eq!(f32_pmin(1.0, signalling), 1.0);
    assert_eq!(f32_pmin(0.0, -0.0).to_bits(), 0);
}

#[test]
fn sign_operators_keep_payloads() {
    let signalling = f32::from_bits(0x7fa0_0001);
    assert_eq!(f32_neg(signalling).to_bits(), 0xffa0_0001);
    assert_eq!(f32_abs(f32_neg(signalling)).to_bits(), 0x7fa0_0001);
    assert_eq!(f32_copysign(signalling, -1.0).to_bits(), 0xffa0_0001);
    assert_eq!(f64_copysign(1.0, f64::from_bits(0xfff4_0000_0000_0000)), -1.0);
}

#[test]
fn nearest_breaks_ties_to_even() {
    for (a, nearest) in [(0.5, 0.0), (1.5, 2.0), (2.5, 2.0), (-0.5, -0.0), (-1.5, -2.0)] {
        assert_same32(f32_nearest(a), nearest);
        assert_same(f64_nearest(a.into()), nearest.into());
    }
    assert_same32(f32_nearest(8388607.5), 8388608.0);
    assert_same(f64_nearest(4503599627370495.5), 4503599627370496.0);
}

#[cfg(feature = "std")]
#[test]
fn rounding_agrees_with_std() {
    for a in f32s() {
        assert_same32(f32_ceil(a), a.ceil());
        assert_same32(f32_floor(a), a.floor());
        assert_same32(f32_trunc(a), a.trunc());
        assert_same32(f32_nearest(a), a.round_ties_even());
        assert_same32(rounding::portable_root::f32_sqrt(a), a.sqrt());
    }
    for a in f64s() {
        assert_same(f64_ceil(a), a.ceil());
        assert_same(f64_floor(a), a.floor());
        assert_same(f64_trunc(a), a.trunc());
        assert_same(f64_nearest(a), a.round_ties_even());
        assert_same(rounding::portable_root::f64_sqrt(a), a.sqrt());
    }
    // A walk over all exponents with changing significands.
    let mut bits = 1u64;
    for _ in 0..100_000 {
        bits = bits.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        let (a, b) = (f32::from_bits((bits >> 32) as u32), f64::from_bits(bits));
        assert_same32(f32_nearest(a), a.round_ties_even());
        assert_same(f64_floor(b), b.floor());
        assert_same32(rounding::portable_root::f32_sqrt(a), a.sqrt());
        assert_same(rounding::portable_root::f64_sqrt(b), b.sqrt());
    }
}

/// Vectors of all rotations of `lanes`, so that every value is in every lane.
fn vectors<T: Copy, const N: usize>(lanes: &[T]) -> impl Iterator<Item = V128> + Clone
where
    V128: From<[T; N]>,
{
    (0..lanes.len()).map(|k| V128::from(from_fn::<T, N, _>(|i| lanes[(i + k) % lanes.len()])))
}

type Unary = fn(V128) -> V128;
type Binary = fn(V128, V128) -> V128;

/// Checks each vector operator of `table` against the operator on lanes beside it.
fn assert_lanes<T: Copy, U, const N: usize>(lanes: &[T], table: &[(Binary, fn(T, T) -> U)])
where
    [T; N]: From<V128>,
    V128: From<[T; N]> + From<[U; N]>,
{
    let vectors = vectors::<T, N>(lanes);
    for (a, b) in vectors.clone().flat_map(|a| vectors.clone().map(move |b| (a, b))) {
        let (x, y): ([T; N], [T; N]) = (a.into(), b.into());
        for (row, (vector, scalar)) in table.iter().enumerate() {
            let expected = V128::from(from_fn::<U, N, _>(|i| scalar(x[i], y[i])));
            assert_eq!(vector(a, b), expected, "row {row} of {a:?}, {b:?}");
        }
    }
}

/// All bits set where `condition` holds.
fn mask<T: From<bool> + core::ops::Not<Output = T>>(condition: bool) -> T {
    if condition { !T::from(false) } else { T::from(false) }
}

#[test]
fn lanes_of_i32() {
    assert_lanes::<u32, u32, 4>(
        &I32,
        &[
            (i32x4_add, i32_add),
            (i32x4_sub, i32_sub),
            (i32x4_mul, i32_mul),
            (i32x4_eq, |a, b| mask(i32_eq(a, b))),
            (i32x4_ne, |a, b| mask(i32_ne(a, b))),
            (i32x4_lt_s, |a, b| mask(i32_lt_s(a, b))),
            (i32x4_lt_u, |a, b| mask(i32_lt_u(a, b))),
            (i32x4_gt_s, |a, b| mask(i32_gt_s(a, b))),
            (i32x4_gt_u, |a, b| mask(i32_gt_u(a, b))),
            (i32x4_le_s, |a, b| mask(i32_le_s(a, b))),
            (i32x4_le_u, |a, b| mask(i32_le_u(a, b))),
            (i32x4_ge_s, |a, b| mask(i32_ge_s(a, b))),
            (i32x4_ge_u, |a, b| mask(i32_ge_u(a, b))),
            (i32x4_min_s, |a, b| if i32_lt_s(a, b) { a } else { b }),
            (i32x4_min_u, |a, b| if i32_lt_u(a, b) { a } else { b }),
            (i32x4_max_s, |a, b| if i32_gt_s(a, b) { a } else { b }),
            (i32x4_max_u, |a, b| if i32_gt_u(a, b) { a } else { b }),
            (|a, _| i32x4_neg(a), |a, _| i32_sub(0, a)),
            (|a, _| i32x4_abs(a), |a, _| if i32_lt_s(a, 0) { i32_sub(0, a) } else { a }),
        ],
    );
    assert_lanes::<u32, f32, 4>(
        &I32,
        &[
            (|a, _| f32x4_convert_i32x4_s(a), |a, _| f32_convert_i32_s(a)),
            (|a, _| f32x4_convert_i32x4_u(a), |a, _| f32_convert_i32_u(a)),
        ],
    );
    for (a, count) in vectors::<u32, 4>(&I32).flat_map(|a| [0, 1, 31, 32, 33].map(|n| (a, n))) {
        let lanes: [u32; 4] = a.into();
        assert_eq!(i32x4_shl(a, count), lanes.map(|a| i32_shl(a, count)).into());
        assert_eq!(i32x4_shr_s(a, count), lanes.map(|a| i32_shr_s(a, count)).into());
        assert_eq!(i32x4_shr_u(a, count), lanes.map(|a| i32_shr_u(a, count)).into());
    }
}

#[test]
fn lanes_of_i64() {
    let lanes = [0, 1, 2, 1 << 31, 1 << 32, u64::MAX >> 1, 1 << 63, u64::MAX - 1, u64::MAX];
    assert_lanes::<u64, u64, 2>(
        &lanes,
        &[
            (i64x2_add, i64_add),
            (i64x2_sub, i64_sub),
            (i64x2_mul, i64_mul),
            (i64x2_eq, |a, b| mask(i64_eq(a, b))),
            (i64x2_ne, |a, b| mask(i64_ne(a, b))),
            (i64x2_lt_s, |a, b| mask(i64_lt_s(a, b))),
            (i64x2_gt_s, |a, b| mask(i64_gt_s(a, b))),
            (i64x2_le_s, |a, b| mask(i64_le_s(a, b))),
            (i64x2_ge_s, |a, b| mask(i64_ge_s(a, b))),
            (|a, _| i64x2_neg(a), |a, _| i64_sub(0, a)),
            (|a, _| i64x2_abs(a), |a, _| if i64_lt_s(a, 0) { i64_sub(0, a) } else { a }),
        ],
    );
}

#[test]
fn lanes_of_i16() {
    fn clamp(a: i32) -> i16 {
        a.clamp(-0x8000, 0x7fff) as i16
    }
    let lanes = [0, 1, -1, 2, 0x7f, 0x80, 0xff, 0x100, 0x4000, 0x7fff, -0x8000, -0x7fff];
    assert_lanes::<i16, i16, 8>(
        &lanes,
        &[
            (i16x8_add, |a, b| (i32::from(a) + i32::from(b)) as i16),
            (i16x8_sub, |a, b| (i32::from(a) - i32::from(b)) as i16),
            (i16x8_mul, |a, b| (i32::from(a) * i32::from(b)) as i16),
            (i16x8_add_sat_s, |a, b| clamp(i32::from(a) + i32::from(b))),
            (i16x8_sub_sat_s, |a, b| clamp(i32::from(a) - i32::from(b))),
            (i16x8_q15mulr_sat_s, |a, b| clamp((i32::from(a) * i32::from(b) + 0x4000) >> 15)),
            (i16x8_min_s, |a, b| if a < b { a } else { b }),
            (i16x8_max_s, |a, b| if a < b { b } else { a }),
            (i16x8_lt_s, |a, b| -i16::from(a < b)),
            (i16x8_ge_s, |a, b| -i16::from(a >= b)),
        ],
    );
    assert_lanes::<u16, u16, 8>(
        &lanes.map(|lane: i16| lane as u16),
        &[
            (i16x8_add_sat_u, |a, b| (u32::from(a) + u32::from(b)).min(0xffff) as u16),
            (i16x8_sub_sat_u, |a, b| (i32::from(a) - i32::from(b)).max(0) as u16),
            (i16x8_avgr_u, |a, b| (u32::from(a) + u32::from(b)).div_ceil(2) as u16),
            (i16x8_min_u, |a, b| if a < b { a } else { b }),
            (i16x8_max_u, |a, b| if a < b { b } else { a }),
            (i16x8_gt_u, |a, b| mask(a > b)),
            (i16x8_le_u, |a, b| mask(a <= b)),
        ],
    );
}

#[test]
fn lanes_of_i8() {
    let lanes = [0, 1, -1, 2, 0x0f, 0x10, 0x40, 0x55, 0x7e, 0x7f, -0x80, -0x7f, -0x40];
    assert_lanes::<i8, i8, 16>(
        &lanes,
        &[
            (i8x16_add, |a, b| (i32::from(a) + i32::from(b)) as i8),
            (i8x16_sub, |a, b| (i32::from(a) - i32::from(b)) as i8),
            (i8x16_add_sat_s, |a, b| (i32::from(a) + i32::from(b)).clamp(-0x80, 0x7f) as i8),
            (i8x16_sub_sat_s, |a, b| (i32::from(a) - i32::from(b)).clamp(-0x80, 0x7f) as i8),
            (i8x16_min_s, |a, b| if a < b { a } else { b }),
            (i8x16_max_s, |a, b| if a < b { b } else { a }),
            (i8x16_gt_s, |a, b| -i8::from(a > b)),
            (i8x16_le_s, |a, b| -i8::from(a <= b)),
            (|a, _| i8x16_popcnt(a), |a, _| i32_popcnt(u32::from(a as u8)) as i8),
            (|a, _| i8x16_abs(a), |a, _| i32::from(a).abs() as i8),
        ],
    );
    assert_lanes::<u8, u8, 16>(
        &lanes.map(|lane: i8| lane as u8),
        &[
            (i8x16_add_sat_u, |a, b| (u32::from(a) + u32::from(b)).min(0xff) as u8),
            (i8x16_sub_sat_u, |a, b| (i32::from(a) - i32::from(b)).max(0) as u8),
            (i8x16_avgr_u, |a, b| (u32::from(a) + u32::from(b)).div_ceil(2) as u8),
            (i8x16_min_u, |a, b| if a < b { a } else { b }),
            (i8x16_max_u, |a, b| if a < b { b } else { a }),
            (i8x16_lt_u, |a, b| mask(a < b)),
            (i8x16_ge_u, |a, b| mask(a >= b)),
        ],
    );
}

#[test]
fn lanes_of_f32() {
    let unary: [(Unary, fn(f32) -> f32); 7] = [
        (f32x4_abs, f32_abs),
        (f32x4_neg, f32_neg),
        (f32x4_sqrt, f32_sqrt),
        (f32x4_ceil, f32_ceil),
        (f32x4_floor, f32_floor),
        (f32x4_trunc, f32_trunc),
        (f32x4_nearest, f32_nearest),
    ];
    let binary: [(Binary, fn(f32, f32) -> f32); 6] = [
        (f32x4_add, f32_add),
        (f32x4_sub, f32_sub),
        (f32x4_mul, f32_mul),
        (f32x4_div, f32_div),
        (f32x4_min, f32_min),
        (f32x4_max, f32_max),
    ];
    for a in f32s() {
        for (vector, scalar) in unary {
            let [lane, .., last]: [f32; 4] = vector(V128::from([a, 1.0, -0.0, a])).into();
            // A NaN with its sign operators applied need not be quiet.
            if !a.is_nan() || scalar(a).to_bits() & 1 << 22 != 0 {
                assert_same32(lane, scalar(a));
                assert_same32(last, scalar(a));
            }
        }
        for (b, (vector, scalar)) in f32s().flat_map(|b| binary.map(|row| (b, row))) {
            let [_, lane, ..]: [f32; 4] =
                vector([0.0, a, b, a].into(), [0.0, b, a, a].into()).into();
            assert_same32(lane, scalar(a, b));
        }
    }
    let lanes: [f32; 38] = F32.map(f32::from_bits);
    assert_lanes::<f32, u32, 4>(
        &lanes,
        &[
            (f32x4_eq, |a, b| mask(f32_eq(a, b))),
            (f32x4_ne, |a, b| mask(f32_ne(a, b))),
            (f32x4_lt, |a, b| mask(f32_lt(a, b))),
            (f32x4_gt, |a, b| mask(f32_gt(a, b))),
            (f32x4_le, |a, b| mask(f32_le(a, b))),
            (f32x4_ge, |a, b| mask(f32_ge(a, b))),
            (f32x4_pmin, |a, b| f32_pmin(a, b).to_bits()),
            (f32x4_pmax, |a, b| f32_pmax(a, b).to_bits()),
            (|a, _| i32x4_trunc_sat_f32x4_s(a), |a, _| i32_trunc_sat_f32_s(a)),
            (|a, _| i32x4_trunc_sat_f32x4_u(a), |a, _| i32_trunc_sat_f32_u(a)),
        ],
    );
}

#[test]
fn lanes_of_f64() {
    let unary: [(Unary, fn(f64) -> f64); 5] = [
        (f64x2_sqrt, f64_sqrt),
        (f64x2_ceil, f64_ceil),
        (f64x2_floor, f64_floor),
        (f64x2_trunc, f64_trunc),
        (f64x2_nearest, f64_nearest),
    ];
    for a in f64s() {
        for (vector, scalar) in unary {
            let [low, high]: [f64; 2] = vector(V128::from([a, a])).into();
            assert_same(low, scalar(a));
            assert_same(high, scalar(a));
        }
        let truncated = [i32_trunc_sat_f64_s(a), i32_trunc_sat_f64_s(-a), 0, 0].into();
        assert_eq!(i32x4_trunc_sat_f64x2_s_zero([a, -a].into()), truncated);
        let truncated = [i32_trunc_sat_f64_u(a), i32_trunc_sat_f64_u(-a), 0, 0].into();
        assert_eq!(i32x4_trunc_sat_f64x2_u_zero([a, -a].into()), truncated);
    }
    let two = [2.0, -3.0].into();
    assert_eq!(f64x2_mul(two, two), [4.0, 9.0].into());
    assert_eq!(f64x2_lt(two, f64x2_splat(0.0)), [0, u64::MAX].into());
    assert_eq!(f32x4_demote_f64x2_zero(two), [2.0f32, -3.0, 0.0, 0.0].into());
    assert_eq!(f64x2_promote_low_f32x4([2.0f32, -3.0, 7.0, 7.0].into()), two);
    assert_eq!(f64x2_convert_low_i32x4_s([2u32, -3i32 as u32, 7, 7].into()), two);
    assert_eq!(f64x2_convert_low_i32x4_u([2, u32::MAX, 7, 7].into()), [2.0, 4294967295.0].into());
}

#[test]
fn narrowing_saturates_and_extension_does_not() {
    let a = V128::from([0i16, -1, 127, 128, -128, -129, 32767, -32768]);
    let signed = [0i8, -1, 127, 127, -128, -128, 127, -128];
    let unsigned = [0u8, 0, 127, 128, 0, 0, 255, 0];
    let narrowed: [i8; 16] = i8x16_narrow_i16x8_s(a, V128::ZERO).into();
    assert_eq!((&narrowed[..8], &narrowed[8..]), (&signed[..], &[0; 8][..]));
    let narrowed: [u8; 16] = i8x16_narrow_i16x8_u(V128::ZERO, a).into();
    assert_eq!((&narrowed[..8], &narrowed[8..]), (&[0; 8][..], &unsigned[..]));
    let b = V128::from([65535i32, 65536, -1, i32::MIN]);
    assert_eq!(i16x8_narrow_i32x4_u(b, b), [65535u16, 65535, 0, 0, 65535, 65535, 0, 0].into());
    let narrowed = [32767i16, 32767, -1, -32768, 32767, 32767, -1, -32768];
    assert_eq!(i16x8_narrow_i32x4_s(b, b), narrowed.into());

    let bytes = V128(from_fn(|i| 0xf8u8.wrapping_add(i as u8)));
    assert_eq!(i16x8_extend_low_i8x16_s(bytes), [-8i16, -7, -6, -5, -4, -3, -2, -1].into());
    assert_eq!(i16x8_extend_high_i8x16_u(bytes), [0u16, 1, 2, 3, 4, 5, 6, 7].into());
    assert_eq!(i64x2_extend_high_i32x4_s(b), [-1i64, i32::MIN.into()].into());
    assert_eq!(i64x2_extend_high_i32x4_u(b), [0xffff_ffffu64, 0x8000_0000].into());
}

#[test]
fn products_and_pairwise_sums() {
    let least = i16x8_splat(0x8000);
    assert_eq!(i16x8_q15mulr_sat_s(least, least), i16x8_splat(0x7fff));
    assert_eq!(i32x4_dot_i16x8_s(least, least), i32x4_splat(0x8000_0000));
    let a = V128::from([1i16, 2, -3, 4, 5, -6, 7, 32767]);
    assert_eq!(i32x4_dot_i16x8_s(a, a), [5i32, 25, 61, 49 + 32767 * 32767].into());
    assert_eq!(i32x4_extmul_low_i16x8_s(a, least), [-32768i32, -65536, 98304, -131072].into());
    assert_eq!(i32x4_extmul_high_i16x8_u(least, least), i32x4_splat(0x4000_0000));
    assert_eq!(i32x4_extadd_pairwise_i16x8_s(a), [3i32, 1, -1, 32774].into());
    assert_eq!(i16x8_extadd_pairwise_i8x16_u(i8x16_splat(0xff)), i16x8_splat(510));
    assert_eq!(i16x8_extadd_pairwise_i8x16_s(i8x16_splat(0x80)), i16x8_splat(0xff00));
    assert_eq!(i16x8_extmul_low_i8x16_s(i8x16_splat(0x80), i8x16_splat(0x80)), i16x8_splat(0x4000));
    assert_eq!(
        i64x2_extmul_low_i32x4_u(i32x4_splat(!0), i32x4_splat(!0)),
        i64x2_splat(!0 << 33 | 1)
    );
}

#[test]
fn lane_movement() {
    let a = V128(from_fn(|i| 0x80 | i as u8));
    let indices = V128(from_fn(|i| [0, 15, 16, 31, 32, 127, 128, 255][i % 8]));
    let swizzled = [0x80, 0x8f, 0, 0, 0, 0, 0, 0, 0x80, 0x8f, 0, 0, 0, 0, 0, 0];
    assert_eq!(i8x16_swizzle(a, indices), V128(swizzled));
    assert_eq!(i8x16_relaxed_swizzle(a, indices), V128(swizzled));
    let reversed = i8x16_shuffle(V128::ZERO, a, from_fn(|i| 31 - i as u8));
    assert_eq!(reversed, V128(from_fn(|i| 0x8f - i as u8)));

    assert_eq!(i8x16_extract_lane_s(a, 1), 0xffff_ff81);
    assert_eq!(i8x16_extract_lane_u(a, 17), 0x81, "lanes are modulo their number");
    assert_eq!(i16x8_extract_lane_s(a, 7), 0xffff_8f8e);
    assert_eq!(i64x2_extract_lane(a, 1), 0x8f8e_8d8c_8b8a_8988);
    assert_eq!(f64x2_extract_lane(f64x2_replace_lane(a, 1, 1.5), 1), 1.5);
    assert_eq!(i8x16_replace_lane(V128::ZERO, 15, 0x1ff).to_bits(), 0xff << 120);
    assert_eq!(f32x4_replace_lane(V128::ZERO, 1, 1.0).to_bits(), 0x3f80_0000 << 32);
}

#[test]
fn tests_and_masks() {
    assert!(!v128_any_true(V128::ZERO) && v128_any_true(V128::from_bits(1 << 127)));
    assert!(i8x16_all_true(i8x16_splat(1)) && !i8x16_all_true(i16x8_splat(1)));
    assert!(i16x8_all_true(i16x8_splat(1)) && !i16x8_all_true(i32x4_splat(1)));
    assert!(i32x4_all_true(i32x4_splat(1)) && !i32x4_all_true(i64x2_splat(1)));
    assert!(i64x2_all_true(i64x2_splat(1)) && !i64x2_all_true(V128::from_bits(1)));
    // The sign of each lane alone, amid ones in all bits that are no sign.
    for lane in 0..16 {
        let sign = |width: u32| V128::from_bits((1 << (width - 1)) << (lane * width % 128));
        assert_eq!(i8x16_bitmask(v128_or(sign(8), i8x16_splat(0x7f))), 1 << lane);
        assert_eq!(i16x8_bitmask(v128_or(sign(16), i16x8_splat(0x7fff))), 1 << (lane % 8));
        assert_eq!(i32x4_bitmask(v128_or(sign(32), i32x4_splat(!0 >> 1))), 1 << (lane % 4));
        assert_eq!(i64x2_bitmask(v128_or(sign(64), i64x2_splat(!0 >> 1))), 1 << (lane % 2));
    }
    assert_eq!(i8x16_bitmask(V128([0xff; 16])), 0xffff);
    assert_eq!(i16x8_bitmask(V128([0xff; 16])), 0xff);
}

#[test]
fn bitwise() {
    let (a, b, c) = (i8x16_splat(0b1100), i8x16_splat(0b1010), i8x16_splat(0b0110));
    assert_eq!(v128_andnot(a, b), i8x16_splat(0b0100));
    assert_eq!(v128_xor(a, b), i8x16_splat(0b0110));
    assert_eq!(v128_not(a), i8x16_splat(0b1111_0011));
    assert_eq!(v128_bitselect(a, b, c), i8x16_splat(0b1100));
    assert_eq!(i64x2_relaxed_laneselect(a, b, c), i8x16_splat(0b1100));
}

#[test]
fn loads() {
    let bytes = 0x8081_0203_0405_0687;
    let lanes = [-121i16, 6, 5, 4, 3, 2, -127, -128];
    assert_eq!(v128_load8x8_s(bytes), lanes.into());
    assert_eq!(v128_load8x8_u(bytes), lanes.map(|lane| lane & 0xff).into());
    assert_eq!(v128_load16x4_s(bytes), [0x687i32, 0x405, 0x203, -0x7f7f].into());
    assert_eq!(v128_load16x4_u(bytes), [0x687i32, 0x405, 0x203, 0x8081].into());
    assert_eq!(v128_load32x2_s(bytes), [0x0405_0687, 0x8081_0203u32 as i32 as i64].into());
    assert_eq!(v128_load32x2_u(bytes), [0x0405_0687u64, 0x8081_0203].into());
    assert_eq!(v128_load8_splat(7), V128([7; 16]));
    assert_eq!(v128_load64_zero(bytes).to_bits(), bytes.into());
    assert_eq!(v128_load16_lane(V128::ZERO, 7, 0xffff).to_bits(), 0xffff << 112);
    assert_eq!(v128_store32_lane(V128::from_bits(0xff << 120), 3), 0xff00_0000);
}

#[test]
fn relaxed() {
    // (1 + 2^-12)^2 needs one bit more than an `f32` has, which only a fused operator keeps.
    let a = f32x4_splat(1.0 + 1.0 / 4096.0);
    assert_eq!(f32x4_relaxed_madd(a, a, f32x4_splat(-1.0 - 1.0 / 2048.0)), V128::ZERO);
    let (two, three) = (f64x2_splat(2.0), f64x2_splat(3.0));
    assert_eq!(f64x2_relaxed_nmadd(two, three, f64x2_splat(1.0)), f64x2_splat(-5.0));

    let least = i8x16_splat(0x80);
    assert_eq!(i16x8_relaxed_dot_i8x16_i7x16_s(least, least), i16x8_splat(0x7fff));
    let a = V128(from_fn(|i| i as u8));
    let dot = i16x8_relaxed_dot_i8x16_i7x16_s(a, a);
    assert_eq!(dot, [1i16, 13, 41, 85, 145, 221, 313, 421].into());
    let sum = i32x4_relaxed_dot_i8x16_i7x16_add_s(a, a, [0u32, 1, 2, 3].into());
    assert_eq!(sum, [14u32, 127, 368, 737].into());
}

#[test]
fn vectors_print_as_hexadecimal() {
    assert_eq!(
        alloc::format!("{:?}", V128::from_bits(0xab)),
        alloc::format!("V128(0x{:032x})", 0xab)
    );
}
