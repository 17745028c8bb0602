//! Part of rwasm; use the crate `rwasm`, which alone has stability promises.
//!
//! The binary format of WebAssembly and its validation: bytes become a validated [`Module`], and
//! each function body is read by one [`walk()`] that decodes, validates and hands every operator to
//! a [`Sink`].
#![no_std]
#![forbid(unsafe_code)]
extern crate alloc;

mod binary;
mod error;
mod features;
mod limits;
pub mod ops;
pub mod syntax;
mod valid;
pub mod walk;

pub use binary::{BranchHint, BranchHints, Encoding, Head, Rest};
pub use error::{DecodeError, Invalid, Malformed};
pub use features::Features;
pub use limits::{DecodeConfig, DecodeLimits};
pub use syntax::*;
pub use walk::{At, Null, Scratch, Sink, WalkError, validate, walk};
