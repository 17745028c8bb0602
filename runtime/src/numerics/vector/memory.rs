//! What vector loads make of the bytes that they read, and what lane stores write.
//!
//! Bytes are given and returned as an integer, the first byte lowest.

use super::*;

/// One row per operator: its name, the integer it takes, and the result.
macro_rules! load {
    ($($name:ident($bytes:ident: $integer:ident) $result:expr;)*) => {$(
        #[inline(always)]
        pub fn $name($bytes: $integer) -> V128 {
            $result
        }
    )*};
}

load! {
    v128_load8x8_s(bytes: u64)     map::<i16, i16, 8>(v128_load8x8_u(bytes), |a| a as i8 as i16);
    v128_load8x8_u(bytes: u64)     V128::from([spread(bytes as u32), spread((bytes >> 32) as u32)]);
    v128_load16x4_s(bytes: u64)    i32x4_extend_low_i16x8_s(v128_load64_zero(bytes));
    v128_load16x4_u(bytes: u64)    i32x4_extend_low_i16x8_u(v128_load64_zero(bytes));
    v128_load32x2_s(bytes: u64)    i64x2_extend_low_i32x4_s(v128_load64_zero(bytes));
    v128_load32x2_u(bytes: u64)    i64x2_extend_low_i32x4_u(v128_load64_zero(bytes));

    v128_load8_splat(bytes: u8)    i8x16_splat(bytes.into());
    v128_load16_splat(bytes: u16)  i16x8_splat(bytes.into());
    v128_load32_splat(bytes: u32)  i32x4_splat(bytes);
    v128_load64_splat(bytes: u64)  i64x2_splat(bytes);

    v128_load32_zero(bytes: u32)   V128::from_bits(bytes.into());
    v128_load64_zero(bytes: u64)   V128::from_bits(bytes.into());
}

/// Zero-extends four bytes to 16 bits each. LLVM takes the bytes of an integer apart one by one;
/// this takes a few operations on all of them.
#[inline(always)]
fn spread(bytes: u32) -> u64 {
    let pairs = (u64::from(bytes) | u64::from(bytes) << 16) & 0x0000_ffff_0000_ffff;
    (pairs | pairs << 8) & 0x00ff_00ff_00ff_00ff
}

/// One row per width: the names of its load and store, its integer, and the lane operators.
macro_rules! lane {
    ($($load:ident $store:ident($integer:ident) $replace:ident $extract:ident;)*) => {$(
        #[inline(always)]
        pub fn $load(a: V128, lane: u8, bytes: $integer) -> V128 {
            $replace(a, lane, bytes.into())
        }

        #[inline(always)]
        pub fn $store(a: V128, lane: u8) -> $integer {
            $extract(a, lane) as $integer
        }
    )*};
}

lane! {
    v128_load8_lane  v128_store8_lane(u8)   i8x16_replace_lane i8x16_extract_lane_u;
    v128_load16_lane v128_store16_lane(u16) i16x8_replace_lane i16x8_extract_lane_u;
    v128_load32_lane v128_store32_lane(u32) i32x4_replace_lane i32x4_extract_lane;
    v128_load64_lane v128_store64_lane(u64) i64x2_replace_lane i64x2_extract_lane;
}
