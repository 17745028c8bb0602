//! Snapshot 0 of WASI, which came before 0.1: the front end for modules that import
//! `wasi_unstable`.
//!
//! It is [`p1`](crate::p1) on the same contexts, but for four functions that number or lay out
//! something differently, and without `sock_accept`. Errnos, rights, flags and the other structures
//! are those of 0.1. Only what differs is here.

pub mod functions;
mod link;
pub(crate) mod types;

pub use link::{
    add_imports_to_linker, add_shared_imports_to_linker, add_shared_to_linker, add_to_linker,
};

/// The name under which guests import these functions.
pub const MODULE: &str = "wasi_unstable";
