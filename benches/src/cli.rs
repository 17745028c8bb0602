//! What the program does with its arguments.

use crate::engines::{Peer, by_name};
use crate::kernels::Kernel;
use crate::{Result, cases, io, table, text};
use std::process::ExitCode;
use std::sync::Arc;

const USAGE: &str = "\
usage: rwasm-benches table [FILTER…] [--seconds N] [--rounds N]
                              measure and print ratios; a filter is part of `group/name`
       rwasm-benches run ENGINE KERNEL [N] [TIMES]
                              run one kernel, for a profiler; fails if its result is wrong
       rwasm-benches compile ENGINE FILE [TIMES]
                              make a module of a file, for a profiler
       rwasm-benches start ENGINE FILE [TIMES]
                              the same, and run it up to its first call of an import
       rwasm-benches io ROUNDS NAME=COMMAND…
                              input and output of processes, as ratios to the first; a command has
                              {dir} for the guest's directory and {wasm} for its file
       rwasm-benches list     show what there is";

/// Runs the program.
pub fn main(args: &[String]) -> ExitCode {
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let result = match args[..] {
        ["table", ref rest @ ..] => table::Options::parse(rest).and_then(|options| {
            let all = cases::all(cases::Sizes::Full)?;
            table::print(all, &options)
        }),
        ["run", engine, kernel, ref rest @ ..] => run(engine, kernel, rest),
        ["compile", engine, file, ref rest @ ..] => {
            repeat(engine, file, rest, |peer, wasm| peer.compile(wasm))
        }
        ["start", engine, file, ref rest @ ..] => {
            repeat(engine, file, rest, |peer, wasm| peer.start(wasm))
        }
        ["io", rounds, ref commands @ ..] => {
            rounds.parse().map_err(text).and_then(|rounds| io::table(commands, rounds))
        }
        ["list"] => list(),
        _ => Err(USAGE.to_owned()),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("{message}");
            ExitCode::FAILURE
        }
    }
}

fn run(engine: &str, kernel: &str, rest: &[&str]) -> Result<()> {
    let engine = by_name(engine)?;
    let kernel = Kernel::by_name(kernel)?;
    let (n, expected) = match rest.first() {
        Some(n) => (n.parse().map_err(text)?, None),
        None => (kernel.full.n, Some(kernel.full.expected)),
    };
    let mut run = engine.kernel(&kernel.wasm)?;
    for _ in 0..rest.get(1).map_or(Ok(1), |times| times.parse()).map_err(text)? {
        let result = run(n)?;
        match expected {
            Some(expected) if expected != result => {
                return Err(format!("{}: result {result} instead of {expected}", kernel.name));
            }
            Some(_) => {}
            None => println!("{result}"),
        }
    }
    Ok(())
}

fn repeat(
    engine: &str,
    file: &str,
    rest: &[&str],
    work: fn(&dyn Peer, &Arc<[u8]>) -> Result<()>,
) -> Result<()> {
    let engine = by_name(engine)?;
    let wasm = std::fs::read(file).map_err(text)?.into();
    for _ in 0..rest.first().map_or(Ok(1), |times| times.parse()).map_err(text)? {
        work(&*engine, &wasm)?;
    }
    Ok(())
}

fn list() -> Result<()> {
    for case in cases::all(cases::Sizes::Full)? {
        println!("{}/{}", case.group, case.name);
    }
    Ok(())
}
