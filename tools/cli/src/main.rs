//! The command line of rwasm. `docs/cli.md` says what it does; each command has a file here.

#![forbid(unsafe_code)]

mod args;
mod ask;
mod backtrace;
mod completion;
mod coredump;
mod dir;
mod dwarf;
mod engine;
mod entry;
mod exit;
mod grants;
mod imports;
mod inspect;
mod invoke;
mod json;
mod limits;
mod load;
mod policy;
mod record;
mod replay;
mod run;
mod strace;
mod units;
mod validate;
mod wast;

use args::Command;
use std::process::ExitCode;

fn main() -> ExitCode {
    let result = match args::parse(std::env::args_os().collect()) {
        Ok(Command::Run(args)) => run::run(args),
        Ok(Command::Strace(args)) => strace::strace(args),
        Ok(Command::Replay(args)) => replay::replay(&args),
        Ok(Command::Inspect(args)) => inspect::inspect(&args),
        Ok(Command::Validate(args)) => validate::validate(&args),
        Ok(Command::Wast(args)) => wast::wast(&args),
        Ok(Command::Completion(args)) => completion::completion(&args),
        Err(stop) => Err(stop),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(stop) => ExitCode::from(stop.report()),
    }
}
