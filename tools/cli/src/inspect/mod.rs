//! `rwasm inspect`

mod capability;
mod features;
mod fields;
mod page;
mod producers;
mod report;
mod text;

use crate::engine::EngineArgs;
use crate::exit::{Stop, say};
use crate::load;
#[cfg(test)]
pub use capability::CAPABILITIES;
pub use capability::{Capability, Grant};
use clap::Args;
pub use report::Report;
use rwasm::Features;
use std::path::PathBuf;

/// Arguments of `rwasm inspect`.
#[derive(Args, Debug)]
pub struct InspectArgs {
    /// The module, binary or text; `-` is standard input
    #[arg(value_name = "FILE")]
    file: PathBuf,

    /// Show everything, however much there is of it
    #[arg(long)]
    all: bool,

    /// Write it as JSON, for programs, and all of it
    #[arg(long)]
    json: bool,
}

/// Says what a module asks for, and what it is made of.
///
/// # Errors
///
/// If the file is no valid module.
pub fn inspect(args: &InspectArgs) -> Result<(), Stop> {
    let engine = EngineArgs::default().engine(Features::ALL)?;
    let module = load::module(&engine, &args.file, load::read(&args.file)?)?;
    let report = Report::of(&args.file, &module)?;
    say(&match args.json {
        true => format!("{:#}", fields::report(&report)),
        false => text::report(&report, args.all),
    });
    Ok(())
}
