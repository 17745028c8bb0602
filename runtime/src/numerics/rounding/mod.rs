//! Rounding to an integer, and the square root: the operators that `core` lacks.
//!
//! Spec: *Execution → Numerics → Floating-Point Operations* (`fceil`, `ffloor`, `ftrunc`,
//! `fnearest`, `fsqrt`).
//!
//! `std` has these as methods. Its square root is one instruction wherever there is hardware
//! floating point. Its rounding is a call on baseline x86-64, for which an interpreter's handler
//! pays with a frame and spills, so `std` rounds only where the instruction is sure to exist.
//! Measured alone and as a chain of dependencies, the call took 1 to 3 ns where glibc found SSE4.1,
//! and the arithmetic 4 to 7 ns; vectors decide for the latter, which does all lanes in that time.

#[cfg(any(test, not(feature = "std")))]
pub(super) mod portable_root;
#[cfg(not(feature = "std"))]
pub(super) use portable_root::{f32_sqrt, f64_sqrt};

#[cfg(feature = "std")]
mod std_root;
#[cfg(feature = "std")]
pub(super) use std_root::{f32_sqrt, f64_sqrt};

#[cfg_attr(
    all(feature = "std", any(target_arch = "aarch64", target_feature = "sse4.1")),
    path = "std_rounding.rs"
)]
#[cfg_attr(
    not(all(feature = "std", any(target_arch = "aarch64", target_feature = "sse4.1"))),
    path = "portable_rounding.rs"
)]
mod to_integer;
pub(super) use to_integer::{
    f32_ceil, f32_floor, f32_nearest, f32_trunc, f64_ceil, f64_floor, f64_nearest, f64_trunc,
};
