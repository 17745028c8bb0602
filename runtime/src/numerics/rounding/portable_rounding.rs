//! Rounding to an integer in plain arithmetic, without branches, so that lanes vectorise.
//!
//! Floats of at least 2^(p-1), where p is the precision, have no fraction bits. Adding that power
//! to a smaller magnitude therefore rounds it to an integer, ties to even, and subtracting it
//! again is exact. Magnitudes that are integers already get 0 added instead, which keeps them;
//! NaNs also take that way, and either addition makes them quiet.

macro_rules! round {
    ($float:ident $when:ident, $nearest:ident $ceil:ident $floor:ident $trunc:ident) => {
        /// `value` if `condition`, else 0: an `and` with the mask that a comparison gives.
        #[inline(always)]
        fn $when(condition: bool, value: $float) -> $float {
            $float::from_bits(if condition { value.to_bits() } else { 0 })
        }

        #[inline(always)]
        pub fn $nearest(a: $float) -> $float {
            const INTEGERS: $float = 1.0 / $float::EPSILON;
            let magnitude = a.abs();
            let shift = $when(magnitude < INTEGERS, INTEGERS);
            ((magnitude + shift) - shift).copysign(a)
        }

        #[inline(always)]
        pub fn $floor(a: $float) -> $float {
            let nearest = $nearest(a);
            nearest - $when(nearest > a, 1.0)
        }

        // The sign is lost where -1 + 1 should be -0.
        #[inline(always)]
        pub fn $ceil(a: $float) -> $float {
            let nearest = $nearest(a);
            (nearest + $when(nearest < a, 1.0)).copysign(a)
        }

        #[inline(always)]
        pub fn $trunc(a: $float) -> $float {
            let magnitude = a.abs();
            let nearest = $nearest(magnitude);
            (nearest - $when(nearest > magnitude, 1.0)).copysign(a)
        }
    };
}

round! { f32 f32_when, f32_nearest f32_ceil f32_floor f32_trunc }
round! { f64 f64_when, f64_nearest f64_ceil f64_floor f64_trunc }
