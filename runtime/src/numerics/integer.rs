//! Integer operators on `i32` and `i64`.
//!
//! Spec: *Execution → Numerics → Integer Operations*.

use crate::Trap;

/// One row per operator: its `i32` name, its `i64` name, the signedness its operands are read
/// with, and its result.
macro_rules! binary {
    ($($i32:ident $i64:ident $u32:ident $u64:ident |$a:ident, $b:ident| $result:expr;)*) => {$(
        #[inline(always)]
        pub fn $i32(a: u32, b: u32) -> u32 {
            let ($a, $b) = (a as $u32, b as $u32);
            ($result) as u32
        }

        #[inline(always)]
        pub fn $i64(a: u64, b: u64) -> u64 {
            let ($a, $b) = (a as $u64, b as $u64);
            ($result) as u64
        }
    )*};
}

// Shift counts are modulo the width, which is what Rust's wrapping shifts do. The counts of `i64`
// shifts lose only bits above the modulus when they narrow to `u32`.
binary! {
    i32_add   i64_add   u32 u64 |a, b| a.wrapping_add(b);
    i32_sub   i64_sub   u32 u64 |a, b| a.wrapping_sub(b);
    i32_mul   i64_mul   u32 u64 |a, b| a.wrapping_mul(b);
    i32_and   i64_and   u32 u64 |a, b| a & b;
    i32_or    i64_or    u32 u64 |a, b| a | b;
    i32_xor   i64_xor   u32 u64 |a, b| a ^ b;
    i32_shl   i64_shl   u32 u64 |a, b| a.wrapping_shl(b as u32);
    i32_shr_s i64_shr_s i32 i64 |a, b| a.wrapping_shr(b as u32);
    i32_shr_u i64_shr_u u32 u64 |a, b| a.wrapping_shr(b as u32);
    i32_rotl  i64_rotl  u32 u64 |a, b| a.rotate_left(b as u32);
    i32_rotr  i64_rotr  u32 u64 |a, b| a.rotate_right(b as u32);
}

/// Rows as in [`binary!`]; the result is a `Result`.
macro_rules! division {
    ($($i32:ident $i64:ident $u32:ident $u64:ident |$a:ident, $b:ident| $result:expr;)*) => {$(
        #[inline(always)]
        pub fn $i32(a: u32, b: u32) -> Result<u32, Trap> {
            let ($a, $b) = (a as $u32, b as $u32);
            if $b == 0 {
                return Err(Trap::IntegerDivisionByZero);
            }
            let result: Result<$u32, Trap> = $result;
            result.map(|result| result as u32)
        }

        #[inline(always)]
        pub fn $i64(a: u64, b: u64) -> Result<u64, Trap> {
            let ($a, $b) = (a as $u64, b as $u64);
            if $b == 0 {
                return Err(Trap::IntegerDivisionByZero);
            }
            let result: Result<$u64, Trap> = $result;
            result.map(|result| result as u64)
        }
    )*};
}

// After the test for zero, the only quotient that `checked_div` cannot represent is `MIN / -1`;
// its remainder is 0, and no trap.
division! {
    i32_div_s i64_div_s i32 i64 |a, b| a.checked_div(b).ok_or(Trap::IntegerOverflow);
    i32_div_u i64_div_u u32 u64 |a, b| Ok(a / b);
    i32_rem_s i64_rem_s i32 i64 |a, b| Ok(a.wrapping_rem(b));
    i32_rem_u i64_rem_u u32 u64 |a, b| Ok(a % b);
}

/// One row per operator: its `i32` name, its `i64` name, and its result.
macro_rules! unary {
    ($($i32:ident $i64:ident |$a:ident| $result:expr;)*) => {$(
        #[inline(always)]
        pub fn $i32($a: u32) -> u32 {
            $result as u32
        }

        #[inline(always)]
        pub fn $i64($a: u64) -> u64 {
            $result as u64
        }
    )*};
}

unary! {
    i32_clz        i64_clz        |a| a.leading_zeros();
    i32_ctz        i64_ctz        |a| a.trailing_zeros();
    i32_popcnt     i64_popcnt     |a| a.count_ones();
    i32_extend8_s  i64_extend8_s  |a| a as i8;
    i32_extend16_s i64_extend16_s |a| a as i16;
}

#[inline(always)]
pub fn i64_extend32_s(a: u64) -> u64 {
    a as i32 as u64
}

#[inline(always)]
pub fn i32_eqz(a: u32) -> bool {
    a == 0
}

#[inline(always)]
pub fn i64_eqz(a: u64) -> bool {
    a == 0
}

/// Rows as in [`binary!`], with the comparison instead of a result.
macro_rules! comparison {
    ($($i32:ident $i64:ident $u32:ident $u64:ident $compare:tt;)*) => {$(
        #[inline(always)]
        pub fn $i32(a: u32, b: u32) -> bool {
            (a as $u32) $compare (b as $u32)
        }

        #[inline(always)]
        pub fn $i64(a: u64, b: u64) -> bool {
            (a as $u64) $compare (b as $u64)
        }
    )*};
}

comparison! {
    i32_eq   i64_eq   u32 u64 ==;
    i32_ne   i64_ne   u32 u64 !=;
    i32_lt_s i64_lt_s i32 i64 <;
    i32_lt_u i64_lt_u u32 u64 <;
    i32_gt_s i64_gt_s i32 i64 >;
    i32_gt_u i64_gt_u u32 u64 >;
    i32_le_s i64_le_s i32 i64 <=;
    i32_le_u i64_le_u u32 u64 <=;
    i32_ge_s i64_ge_s i32 i64 >=;
    i32_ge_u i64_ge_u u32 u64 >=;
}
