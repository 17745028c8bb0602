//! The square root by integer arithmetic, for targets without `std`: exact, but not fast.

macro_rules! root {
    ($name:ident $float:ident $bits:ident $wide:ident) => {
        pub fn $name(a: $float) -> $float {
            const FRACTION_BITS: u32 = $float::MANTISSA_DIGITS - 1;
            const BIAS: i32 = $float::MAX_EXP - 1;

            if a.is_nan() {
                return a + a; // Makes it quiet.
            }
            if a == 0.0 || a == $float::INFINITY {
                return a;
            }
            if a < 0.0 {
                return $float::NAN;
            }

            // `a` is `significand * 2^exponent`, with the significand's top bit at FRACTION_BITS.
            let biased = (a.to_bits() >> FRACTION_BITS) as i32;
            let fraction = a.to_bits() & ((1 << FRACTION_BITS) - 1);
            let (significand, biased) = if biased == 0 {
                let shift = fraction.leading_zeros() - ($bits::BITS - 1 - FRACTION_BITS);
                (fraction << shift, 1 - shift as i32)
            } else {
                (fraction | 1 << FRACTION_BITS, biased)
            };
            let exponent = biased - BIAS - FRACTION_BITS as i32;

            // Shift such that what is left of the exponent is even and the root has exactly
            // FRACTION_BITS + 2 bits: one more than a significand, to round by.
            let mut shift = FRACTION_BITS as i32 + 2;
            shift += (exponent - shift) & 1;
            let root = ($wide::from(significand) << shift).isqrt() as $bits;

            // There are no ties: the square of an odd root is odd, but what was rooted is even,
            // so an odd root was rounded down and the true one is beyond the middle.
            let significand = (root + 1) >> 1;
            let biased = (exponent - shift) / 2 + 1 + BIAS + FRACTION_BITS as i32;
            // The significand's top bit adds 1 to the exponent; a carry beyond it adds another.
            $float::from_bits((((biased - 1) as $bits) << FRACTION_BITS) + significand)
        }
    };
}

root! { f32_sqrt f32 u32 u64 }
root! { f64_sqrt f64 u64 u128 }
