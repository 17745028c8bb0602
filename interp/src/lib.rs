//! Part of rwasm; use the crate `rwasm`, which alone has stability promises.
//!
//! The interpreter: function bodies are lowered to threaded code ([`mod@lower`]), which handlers
//! ([`exec`]) execute through one of two dispatch backends ([`dispatch`]).
#![no_std]
#![deny(unsafe_code)]
extern crate alloc;

#[allow(unsafe_code)]
mod code;
#[cfg(any(debug_assertions, opstats))]
#[doc(hidden)]
pub mod coverage;
#[allow(unsafe_code)]
pub mod dispatch;
#[allow(unsafe_code)]
mod enter;
#[allow(unsafe_code)]
pub mod exec;
pub mod lower;

use dispatch::Backend;
use rwasm_runtime::Dispatch;

/// The interpreter as a tier of the runtime.
#[derive(Clone, Copy, Debug, Default)]
pub struct Interpreter;

impl Interpreter {
    /// The interpreter.
    pub fn new() -> Self {
        Interpreter
    }

    /// The name of the dispatch backend that `dispatch` means in this build on this machine:
    /// `tail` or `loop`.
    pub fn backend_name(dispatch: Dispatch) -> &'static str {
        Backend::new(dispatch).name
    }
}
