//! The abstract syntax. Spec: *Structure*.

mod idx;
mod module;
mod types;

pub use idx::*;
pub use module::*;
pub use types::*;
