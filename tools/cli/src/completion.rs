//! `rwasm completion`

use crate::args::Cli;
use crate::exit::Stop;
use clap::{Args, CommandFactory};
use clap_complete::Shell;
use std::io::{Write, stdout};

/// Arguments of `rwasm completion`.
#[derive(Args, Debug)]
pub struct CompletionArgs {
    /// The shell
    shell: Shell,
}

/// Writes the script with which a shell completes rwasm's arguments.
pub fn completion(args: &CompletionArgs) -> Result<(), Stop> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "rwasm", &mut script);
    let _ = stdout().write_all(&script); // A reader that has gone away is no error.
    Ok(())
}
