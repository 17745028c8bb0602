//! Runs random modules in rwasm and in wasmtime, and compares what can be seen of them: results,
//! traps, exceptions, calls of the host, globals, memories and tables.
//!
//! `cargo xtask differential --time 10m` builds and runs this. Workers are processes of their own,
//! so that one that crashes or hangs says which module it was.
#![forbid(unsafe_code)]

mod args;
mod check;
mod generate;
mod operators;
#[allow(clippy::duplicate_mod, reason = "one file runs cases in either engine")]
#[allow(clippy::clone_on_copy, reason = "what rwasm lets anybody copy, wasmtime does not")]
mod ours;
mod program;
mod random;
mod rewrite;
#[allow(clippy::duplicate_mod, reason = "one file runs cases in either engine")]
mod theirs;
mod totals;
mod trace;
mod work;

use args::{Args, Task};
use std::process::ExitCode;

fn main() -> ExitCode {
    let args = match Args::parse(std::env::args().skip(1)) {
        Ok(args) => args,
        Err(error) => {
            eprint!("{error}\n\n{}", args::USAGE);
            return ExitCode::from(2);
        }
    };
    match args.task {
        Task::Search => work::search(&args),
        Task::Worker { first, step } => work::worker(first, step),
        Task::One { seed, ref module } => work::one(&args, seed, module.as_deref()),
    }
}
