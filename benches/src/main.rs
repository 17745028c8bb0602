//! The stand as a program: see `rwasm_benches::cli`.
#![forbid(unsafe_code)]

use std::process::ExitCode;

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    rwasm_benches::cli::main(&args)
}
