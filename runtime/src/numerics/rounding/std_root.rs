//! The square root, by the standard library.

#[inline(always)]
pub fn f32_sqrt(a: f32) -> f32 {
    a.sqrt()
}

#[inline(always)]
pub fn f64_sqrt(a: f64) -> f64 {
    a.sqrt()
}
