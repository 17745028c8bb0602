//! Operators that make, read, replace and move lanes.

use super::{map, zip};
use crate::V128;
use core::array::from_fn;

/// One row per shape: the name of its `splat`, the value that it takes, and the lane.
macro_rules! splat {
    ($($name:ident($value:ident) $lane:ident;)*) => {$(
        #[inline(always)]
        pub fn $name(value: $value) -> V128 {
            V128::from([value as $lane; 16 / size_of::<$lane>()])
        }
    )*};
}

splat! {
    i8x16_splat(u32) u8;
    i16x8_splat(u32) u16;
    i32x4_splat(u32) u32;
    i64x2_splat(u64) u64;
    f32x4_splat(f32) f32;
    f64x2_splat(f64) f64;
}

/// One row per operator: its name, the lane, and the value that it gives.
macro_rules! extract_lane {
    ($($name:ident $lane:ident $value:ident;)*) => {$(
        #[inline(always)]
        pub fn $name(a: V128, lane: u8) -> $value {
            const LANES: usize = 16 / size_of::<$lane>();
            <[$lane; LANES]>::from(a)[usize::from(lane) % LANES] as $value
        }
    )*};
}

extract_lane! {
    i8x16_extract_lane_s i8  u32;
    i8x16_extract_lane_u u8  u32;
    i16x8_extract_lane_s i16 u32;
    i16x8_extract_lane_u u16 u32;
    i32x4_extract_lane   u32 u32;
    i64x2_extract_lane   u64 u64;
    f32x4_extract_lane   f32 f32;
    f64x2_extract_lane   f64 f64;
}

/// One row per operator: its name, the value that it takes, the lane, and its bits.
macro_rules! replace_lane {
    ($($name:ident($value:ident) $lane:ident $bits:ident;)*) => {$(
        #[inline(always)]
        pub fn $name(a: V128, lane: u8, value: $value) -> V128 {
            const LANES: usize = 16 / size_of::<$lane>();
            let value = $bits::from_le_bytes((value as $lane).to_le_bytes());
            let at = lane as $bits % LANES as $bits;
            // Chosen lane by lane: who reads a vector of which a lane was written in memory waits.
            let numbers = V128::from(from_fn::<$bits, LANES, _>(|i| i as $bits));
            zip(a, numbers, move |lane, number| if number == at { value } else { lane })
        }
    )*};
}

replace_lane! {
    i8x16_replace_lane(u32) u8  u8;
    i16x8_replace_lane(u32) u16 u16;
    i32x4_replace_lane(u32) u32 u32;
    i64x2_replace_lane(u64) u64 u64;
    f32x4_replace_lane(f32) f32 u32;
    f64x2_replace_lane(f64) f64 u64;
}

/// The bytes of `a` and `b`, in that order, at the indices that `lanes` has.
#[inline(always)]
pub fn i8x16_shuffle(a: V128, b: V128, lanes: [u8; 16]) -> V128 {
    let bytes: [u8; 32] = from_fn(|i| if i < 16 { a.0[i] } else { b.0[i - 16] });
    V128(from_fn(|i| bytes[usize::from(lanes[i]) % 32]))
}

/// The bytes of `a` at the indices that `indices` has; 0 for an index beyond the last.
#[inline(always)]
pub fn i8x16_swizzle(a: V128, indices: V128) -> V128 {
    // Without a branch: index 16 of the table stands for all that are out of range.
    let table: [u8; 32] = from_fn(|i| if i < 16 { a.0[i] } else { 0 });
    map::<u8, u8, 16>(indices, |i| table[usize::from(i.min(16))])
}
