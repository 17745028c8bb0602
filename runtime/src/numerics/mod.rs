//! What every numeric and vector operator computes, as pure functions.
//!
//! Spec: *Execution → Numerics*. An operator's function has its mnemonic as its name, with `.`
//! written `_`, so callers write `numerics::i32_add`. Integers are unsigned (`i32` is a `u32`) and
//! the signed operators reinterpret them; tests and comparisons return `bool`; only operators that
//! can trap return a `Result`. Lane indices are taken modulo the number of lanes: validation has
//! bounded them, and no function here panics.
//!
//! These functions are the only definition: the interpreter's handlers inline them, constant
//! evaluation and the tests of other tiers call them.
#![expect(missing_docs, reason = "the names are the spec's own, and so are the meanings")]

mod conversion;
mod float;
mod integer;
mod rounding;
mod vector;
mod wide;

pub use conversion::*;
pub use float::*;
pub use integer::*;
pub use vector::*;
pub use wide::*;

#[cfg(test)]
mod tests;
