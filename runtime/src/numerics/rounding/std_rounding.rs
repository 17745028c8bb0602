//! Rounding to an integer by the target's own instructions, which make NaNs quiet.

macro_rules! round {
    ($($f32:ident $f64:ident $method:ident;)*) => {$(
        #[inline(always)]
        pub fn $f32(a: f32) -> f32 {
            a.$method()
        }

        #[inline(always)]
        pub fn $f64(a: f64) -> f64 {
            a.$method()
        }
    )*};
}

round! {
    f32_ceil    f64_ceil    ceil;
    f32_floor   f64_floor   floor;
    f32_trunc   f64_trunc   trunc;
    f32_nearest f64_nearest round_ties_even;
}
