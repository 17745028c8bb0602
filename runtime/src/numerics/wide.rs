//! Operators on 128-bit integers, each given and returned as two `i64` halves, low half first.
//!
//! Spec: the wide-arithmetic proposal.

#[inline(always)]
pub fn i64_add128(a_low: u64, a_high: u64, b_low: u64, b_high: u64) -> (u64, u64) {
    halves(whole(a_low, a_high).wrapping_add(whole(b_low, b_high)))
}

#[inline(always)]
pub fn i64_sub128(a_low: u64, a_high: u64, b_low: u64, b_high: u64) -> (u64, u64) {
    halves(whole(a_low, a_high).wrapping_sub(whole(b_low, b_high)))
}

#[inline(always)]
pub fn i64_mul_wide_s(a: u64, b: u64) -> (u64, u64) {
    halves((i128::from(a as i64) * i128::from(b as i64)) as u128)
}

#[inline(always)]
pub fn i64_mul_wide_u(a: u64, b: u64) -> (u64, u64) {
    halves(u128::from(a) * u128::from(b))
}

#[inline(always)]
fn whole(low: u64, high: u64) -> u128 {
    u128::from(high) << 64 | u128::from(low)
}

#[inline(always)]
fn halves(whole: u128) -> (u64, u64) {
    (whole as u64, (whole >> 64) as u64)
}
