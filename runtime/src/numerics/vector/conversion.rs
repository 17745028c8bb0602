//! Conversions between shapes: extension, narrowing, and between integers and floats.
//!
//! `as` is right for lanes for the reasons given in the scalar conversions.

use super::map;
use crate::V128;
use core::array::from_fn;

/// One row per operator: its name, the lanes it reads and those it gives, and the half it reads,
/// as the number of lanes to skip.
macro_rules! extend {
    ($($name:ident($from:ident) $to:ident $skip:literal;)*) => {$(
        #[inline(always)]
        pub fn $name(a: V128) -> V128 {
            let a: [$from; 16 / size_of::<$from>()] = a.into();
            V128::from(from_fn::<$to, { 16 / size_of::<$to>() }, _>(|i| a[i + $skip] as $to))
        }
    )*};
}

extend! {
    i16x8_extend_low_i8x16_s(i8)    i16 0;
    i16x8_extend_low_i8x16_u(u8)    u16 0;
    i16x8_extend_high_i8x16_s(i8)   i16 8;
    i16x8_extend_high_i8x16_u(u8)   u16 8;
    i32x4_extend_low_i16x8_s(i16)   i32 0;
    i32x4_extend_low_i16x8_u(u16)   u32 0;
    i32x4_extend_high_i16x8_s(i16)  i32 4;
    i32x4_extend_high_i16x8_u(u16)  u32 4;
    i64x2_extend_low_i32x4_s(i32)   i64 0;
    i64x2_extend_low_i32x4_u(u32)   u64 0;
    i64x2_extend_high_i32x4_s(i32)  i64 2;
    i64x2_extend_high_i32x4_u(u32)  u64 2;

    f64x2_convert_low_i32x4_s(i32)  f64 0;
    f64x2_convert_low_i32x4_u(u32)  f64 0;
    f64x2_promote_low_f32x4(f32)    f64 0;
}

/// One row per operator: its name, the lanes it reads and those it gives, in which `a` comes
/// before `b`. Lanes are read as signed even where the result is unsigned.
macro_rules! narrow {
    ($($name:ident($from:ident) $to:ident;)*) => {$(
        #[inline(always)]
        pub fn $name(a: V128, b: V128) -> V128 {
            const HALF: usize = 16 / size_of::<$from>();
            let (a, b): ([$from; HALF], [$from; HALF]) = (a.into(), b.into());
            V128::from(from_fn::<$to, { 2 * HALF }, _>(|i| {
                let lane = if i < HALF { a[i] } else { b[i - HALF] };
                lane.clamp($to::MIN as $from, $to::MAX as $from) as $to
            }))
        }
    )*};
}

narrow! {
    i8x16_narrow_i16x8_s(i16) i8;
    i8x16_narrow_i16x8_u(i16) u8;
    i16x8_narrow_i32x4_s(i32) i16;
    i16x8_narrow_i32x4_u(i32) u16;
}

#[inline(always)]
pub fn f32x4_convert_i32x4_s(a: V128) -> V128 {
    map::<i32, f32, 4>(a, |a| a as f32)
}

#[inline(always)]
pub fn f32x4_convert_i32x4_u(a: V128) -> V128 {
    map::<u32, f32, 4>(a, |a| a as f32)
}

#[inline(always)]
pub fn i32x4_trunc_sat_f32x4_s(a: V128) -> V128 {
    map::<f32, i32, 4>(a, |a| a as i32)
}

#[inline(always)]
pub fn i32x4_trunc_sat_f32x4_u(a: V128) -> V128 {
    map::<f32, u32, 4>(a, |a| a as u32)
}

#[inline(always)]
pub fn i32x4_trunc_sat_f64x2_s_zero(a: V128) -> V128 {
    let a: [f64; 2] = a.into();
    V128::from([a[0] as i32, a[1] as i32, 0, 0])
}

#[inline(always)]
pub fn i32x4_trunc_sat_f64x2_u_zero(a: V128) -> V128 {
    let a: [f64; 2] = a.into();
    V128::from([a[0] as u32, a[1] as u32, 0, 0])
}

#[inline(always)]
pub fn f32x4_demote_f64x2_zero(a: V128) -> V128 {
    let a: [f64; 2] = a.into();
    V128::from([a[0] as f32, a[1] as f32, 0.0, 0.0])
}
