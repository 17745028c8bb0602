//! Operators whose results have wider lanes: products, pairwise sums, and sums of products.
//!
//! Only `dot` can overflow: when all four factors are the least integer. It wraps then.

use super::zip;
use crate::V128;
use core::array::from_fn;

/// One row per operator: its name, the lanes it reads and those it gives, and the half it reads,
/// as the number of lanes to skip.
macro_rules! extmul {
    ($($name:ident($from:ident) $to:ident $skip:literal;)*) => {$(
        #[inline(always)]
        pub fn $name(a: V128, b: V128) -> V128 {
            let a: [$from; 16 / size_of::<$from>()] = a.into();
            let b: [$from; 16 / size_of::<$from>()] = b.into();
            V128::from(from_fn::<$to, { 16 / size_of::<$to>() }, _>(|i| {
                $to::from(a[i + $skip]).wrapping_mul($to::from(b[i + $skip]))
            }))
        }
    )*};
}

extmul! {
    i16x8_extmul_low_i8x16_s(i8)   i16 0;
    i16x8_extmul_low_i8x16_u(u8)   u16 0;
    i16x8_extmul_high_i8x16_s(i8)  i16 8;
    i16x8_extmul_high_i8x16_u(u8)  u16 8;
    i32x4_extmul_low_i16x8_s(i16)  i32 0;
    i32x4_extmul_low_i16x8_u(u16)  u32 0;
    i32x4_extmul_high_i16x8_s(i16) i32 4;
    i32x4_extmul_high_i16x8_u(u16) u32 4;
    i64x2_extmul_low_i32x4_s(i32)  i64 0;
    i64x2_extmul_low_i32x4_u(u32)  u64 0;
    i64x2_extmul_high_i32x4_s(i32) i64 2;
    i64x2_extmul_high_i32x4_u(u32) u64 2;
}

/// One row per operator: its name, the lanes it reads and those it gives.
macro_rules! extadd_pairwise {
    ($($name:ident($from:ident) $to:ident;)*) => {$(
        #[inline(always)]
        pub fn $name(a: V128) -> V128 {
            let a: [$from; 16 / size_of::<$from>()] = a.into();
            V128::from(from_fn::<$to, { 16 / size_of::<$to>() }, _>(|i| {
                $to::from(a[2 * i]).wrapping_add($to::from(a[2 * i + 1]))
            }))
        }
    )*};
}

extadd_pairwise! {
    i16x8_extadd_pairwise_i8x16_s(i8)  i16;
    i16x8_extadd_pairwise_i8x16_u(u8)  u16;
    i32x4_extadd_pairwise_i16x8_s(i16) i32;
    i32x4_extadd_pairwise_i16x8_u(u16) u32;
}

#[inline(always)]
pub fn i32x4_dot_i16x8_s(a: V128, b: V128) -> V128 {
    // Two lanes of 16 bits are the halves of one of 32, which spares the shuffles.
    zip::<i32, i32, 4>(a, b, |a, b| {
        let low = i32::from(a as i16).wrapping_mul(i32::from(b as i16));
        let high = (a >> 16).wrapping_mul(b >> 16);
        low.wrapping_add(high)
    })
}
