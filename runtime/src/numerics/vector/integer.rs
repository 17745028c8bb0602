//! Operators on integer lanes. Lanes are signed or unsigned as the operator reads them.

use super::{map, zip};
use crate::V128;

/// One row per operator: its names with the lanes that they work on, and a lane of the result.
macro_rules! unary {
    ($($($name:ident($lane:ident))+ = |$a:ident| $result:expr;)*) => {$($(
        #[inline(always)]
        pub fn $name(a: V128) -> V128 {
            map::<$lane, $lane, { 16 / size_of::<$lane>() }>(a, |$a| $result)
        }
    )+)*};
}

unary! {
    i8x16_abs(i8) i16x8_abs(i16) i32x4_abs(i32) i64x2_abs(i64) = |a| a.wrapping_abs();
    i8x16_neg(i8) i16x8_neg(i16) i32x4_neg(i32) i64x2_neg(i64) = |a| a.wrapping_neg();
    i8x16_popcnt(u8) = |a| a.count_ones() as u8;
}

/// Rows as in [`unary!`].
macro_rules! binary {
    ($($($name:ident($lane:ident))+ = |$a:ident, $b:ident| $result:expr;)*) => {$($(
        #[inline(always)]
        pub fn $name(a: V128, b: V128) -> V128 {
            zip::<$lane, $lane, { 16 / size_of::<$lane>() }>(a, b, |$a, $b| $result)
        }
    )+)*};
}

binary! {
    i8x16_add(u8) i16x8_add(u16) i32x4_add(u32) i64x2_add(u64) = |a, b| a.wrapping_add(b);
    i8x16_sub(u8) i16x8_sub(u16) i32x4_sub(u32) i64x2_sub(u64) = |a, b| a.wrapping_sub(b);
    i16x8_mul(u16) i32x4_mul(u32) i64x2_mul(u64) = |a, b| a.wrapping_mul(b);

    i8x16_add_sat_s(i8) i16x8_add_sat_s(i16) = |a, b| a.saturating_add(b);
    i8x16_add_sat_u(u8) i16x8_add_sat_u(u16) = |a, b| a.saturating_add(b);
    i8x16_sub_sat_s(i8) i16x8_sub_sat_s(i16) = |a, b| a.saturating_sub(b);
    i8x16_sub_sat_u(u8) i16x8_sub_sat_u(u16) = |a, b| a.saturating_sub(b);

    i8x16_min_s(i8) i16x8_min_s(i16) i32x4_min_s(i32) = |a, b| a.min(b);
    i8x16_min_u(u8) i16x8_min_u(u16) i32x4_min_u(u32) = |a, b| a.min(b);
    i8x16_max_s(i8) i16x8_max_s(i16) i32x4_max_s(i32) = |a, b| a.max(b);
    i8x16_max_u(u8) i16x8_max_u(u16) i32x4_max_u(u32) = |a, b| a.max(b);

    i8x16_avgr_u(u8)  = |a, b| ((u32::from(a) + u32::from(b) + 1) >> 1) as u8;
    i16x8_avgr_u(u16) = |a, b| ((u32::from(a) + u32::from(b) + 1) >> 1) as u16;
    i16x8_q15mulr_sat_s(i16) =
        |a, b| ((i32::from(a) * i32::from(b) + 0x4000) >> 15).min(i32::from(i16::MAX)) as i16;
}

/// One row per operator: its names with the lanes that they work on, and the condition under
/// which all bits of a lane of the result are set.
macro_rules! comparison {
    ($($($name:ident($lane:ident))+ = |$a:ident, $b:ident| $condition:expr;)*) => {$($(
        #[inline(always)]
        pub fn $name(a: V128, b: V128) -> V128 {
            zip::<$lane, $lane, { 16 / size_of::<$lane>() }>(a, b, |$a, $b| {
                ($condition as $lane).wrapping_neg()
            })
        }
    )+)*};
}

comparison! {
    i8x16_eq(u8) i16x8_eq(u16) i32x4_eq(u32) i64x2_eq(u64) = |a, b| (a == b);
    i8x16_ne(u8) i16x8_ne(u16) i32x4_ne(u32) i64x2_ne(u64) = |a, b| (a != b);
    i8x16_lt_s(i8) i16x8_lt_s(i16) i32x4_lt_s(i32) i64x2_lt_s(i64) = |a, b| (a < b);
    i8x16_gt_s(i8) i16x8_gt_s(i16) i32x4_gt_s(i32) i64x2_gt_s(i64) = |a, b| (a > b);
    i8x16_le_s(i8) i16x8_le_s(i16) i32x4_le_s(i32) i64x2_le_s(i64) = |a, b| (a <= b);
    i8x16_ge_s(i8) i16x8_ge_s(i16) i32x4_ge_s(i32) i64x2_ge_s(i64) = |a, b| (a >= b);
    i8x16_lt_u(u8) i16x8_lt_u(u16) i32x4_lt_u(u32) = |a, b| (a < b);
    i8x16_gt_u(u8) i16x8_gt_u(u16) i32x4_gt_u(u32) = |a, b| (a > b);
    i8x16_le_u(u8) i16x8_le_u(u16) i32x4_le_u(u32) = |a, b| (a <= b);
    i8x16_ge_u(u8) i16x8_ge_u(u16) i32x4_ge_u(u32) = |a, b| (a >= b);
}

/// Rows as in [`unary!`]; the count is modulo the width of a lane.
macro_rules! shift {
    ($($($name:ident($lane:ident))+ = |$a:ident, $count:ident| $result:expr;)*) => {$($(
        #[inline(always)]
        pub fn $name(a: V128, count: u32) -> V128 {
            let $count = count;
            map::<$lane, $lane, { 16 / size_of::<$lane>() }>(a, |$a| $result)
        }
    )+)*};
}

shift! {
    i8x16_shl(u8)   i16x8_shl(u16)   i32x4_shl(u32)   i64x2_shl(u64)   = |a, n| a.wrapping_shl(n);
    i8x16_shr_s(i8) i16x8_shr_s(i16) i32x4_shr_s(i32) i64x2_shr_s(i64) = |a, n| a.wrapping_shr(n);
    i8x16_shr_u(u8) i16x8_shr_u(u16) i32x4_shr_u(u32) i64x2_shr_u(u64) = |a, n| a.wrapping_shr(n);
}

/// One row per operator: its name and the lanes that it tests.
macro_rules! all_true {
    ($($name:ident($lane:ident);)*) => {$(
        // `fold`, not `all`: without an early exit this is one comparison of the whole vector.
        #[inline(always)]
        pub fn $name(a: V128) -> bool {
            let lanes: [$lane; 16 / size_of::<$lane>()] = a.into();
            lanes.iter().fold(true, |all, &lane| all & (lane != 0))
        }
    )*};
}

all_true! {
    i8x16_all_true(u8);
    i16x8_all_true(u16);
    i32x4_all_true(u32);
    i64x2_all_true(u64);
}

// LLVM does not find `pmovmskb` in safe code, so a multiplication gathers the sign bits of each
// half: it moves the lowest bit of lane `i` to bit `i` of the uppermost lanes, without carries.

#[inline(always)]
pub fn i8x16_bitmask(a: V128) -> u32 {
    let halves: [u64; 2] = a.into();
    let [low, high] = halves.map(|half| {
        let signs = half >> 7 & 0x0101_0101_0101_0101;
        (signs.wrapping_mul(0x0102_0408_1020_4080) >> 56) as u32
    });
    low | high << 8
}

#[inline(always)]
pub fn i16x8_bitmask(a: V128) -> u32 {
    let halves: [u64; 2] = a.into();
    let [low, high] = halves.map(|half| {
        let signs = half >> 15 & 0x0001_0001_0001_0001;
        (signs.wrapping_mul(0x1000_2000_4000_8000) >> 60) as u32
    });
    low | high << 4
}

#[inline(always)]
pub fn i32x4_bitmask(a: V128) -> u32 {
    let lanes: [u32; 4] = a.into();
    lanes[0] >> 31 | lanes[1] >> 31 << 1 | lanes[2] >> 31 << 2 | lanes[3] >> 31 << 3
}

#[inline(always)]
pub fn i64x2_bitmask(a: V128) -> u32 {
    let lanes: [u64; 2] = a.into();
    (lanes[0] >> 63 | lanes[1] >> 63 << 1) as u32
}
