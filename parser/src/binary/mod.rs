//! The binary format. Spec: *Binary Format*.

pub(crate) mod customs;
mod exprs;
mod imports;
mod module;
mod names;
mod preamble;
mod reader;
mod segments;
pub(crate) mod types;

pub use customs::{BranchHint, BranchHints};
pub(crate) use module::Builder;
pub use module::{Head, Rest};
pub(crate) use names::func_name;
pub use preamble::Encoding;
pub(crate) use reader::Reader;
