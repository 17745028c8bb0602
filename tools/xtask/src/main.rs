//! Checks of the workspace, run as `cargo xtask COMMAND`.
//!
//! Each check prints what it looked at, then every finding, and fails if there is one. What takes
//! as long as one lets it is no check: `differential`. Nor are `opstats`, which counts, and `dist`, which builds.
#![forbid(unsafe_code)]

mod asm;
mod differential;
mod dispatch;
mod dist;
mod licenses;
mod no_c;
mod opstats;
mod tidy;
mod workspace;

use std::process::ExitCode;
use workspace::Workspace;

const USAGE: &str = "\
Usage: cargo xtask COMMAND

  tidy      layers, file headers and sizes, unsafe code, documents
  no-c      the runtime and the command line need no C compiler
  licenses  every dependency's licence is one that goes with ours
  dispatch  in the emitted assembly, every handler goes on by a jump

  differential [--time 10m] [--seed N] [--jobs N] [--keep DIR] [--only SEED [--module FILE]]
            random modules do the same in wasmtime
  opstats [--rows N]
            what programs execute, and what of it should be fused
  dist [--trace]
            the command line as one file that needs nothing else, in target/dist
";

/// What a check gives: a line that says what was looked at, and what it found wrong.
struct Report {
    summary: String,
    findings: Vec<String>,
}

/// A check that could not be made, and why.
type Result<T, E = Box<dyn std::error::Error>> = std::result::Result<T, E>;

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    if let ["differential", ..] = args.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        return differential::run(&args[1..]).unwrap_or_else(|error| {
            eprintln!("differential: {error}");
            ExitCode::FAILURE
        });
    }
    if let ["dist", ..] = args.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        return dist::run(&args[1..]).unwrap_or_else(|error| {
            eprintln!("dist: {error}");
            ExitCode::FAILURE
        });
    }
    if let ["opstats", ..] = args.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        return opstats::run(&args[1..]).unwrap_or_else(|error| {
            eprintln!("opstats: {error}");
            ExitCode::FAILURE
        });
    }
    let check: fn(&Workspace) -> Result<Report> =
        match args.iter().map(String::as_str).collect::<Vec<_>>()[..] {
            ["tidy"] => tidy::check,
            ["no-c"] => no_c::check,
            ["licenses"] => licenses::check,
            ["dispatch"] => dispatch::check,
            _ => {
                eprint!("{USAGE}");
                return ExitCode::from(2);
            }
        };
    match Workspace::load().and_then(|workspace| check(&workspace)) {
        Ok(report) => finish(&args[0], &report),
        Err(error) => {
            eprintln!("{}: {error}", args[0]);
            ExitCode::FAILURE
        }
    }
}

fn finish(name: &str, report: &Report) -> ExitCode {
    println!("{name}: {}", report.summary);
    for finding in &report.findings {
        println!("{name}: {finding}");
    }
    match report.findings.len() {
        0 => ExitCode::SUCCESS,
        count => {
            println!("{name}: {count} to put right");
            ExitCode::FAILURE
        }
    }
}
