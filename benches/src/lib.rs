//! Benchmarks of rwasm beside its peers: every engine in one process, on the same modules.
//!
//! Machines are noisy, so nothing here is judged by itself: an engine's time counts as its ratio to
//! ours in the same run. `cargo bench -p rwasm-benches` runs criterion's groups
//! (`benches/peers.rs`) and then prints the table of ratios ([`table`]);
//! `cargo run --release -p rwasm-benches -- table` prints the table alone, in a program built as
//! the command line is. `docs/performance.md` says how to read it.
#![forbid(unsafe_code)]

pub mod cases;
pub mod cli;
pub mod engines;
pub mod io;
pub mod kernels;
pub mod probe;
pub mod table;
pub mod timing;

/// Why an engine cannot run something, for people to read.
pub type Result<T> = std::result::Result<T, String>;

/// Turns any error into its message.
pub(crate) fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}
