//! `rwasm validate`

use crate::engine::EngineArgs;
use crate::exit::{Stop, say};
use crate::load;
use clap::Args;
use rwasm::{Engine, Features, Module};
use std::path::{Path, PathBuf};

/// Arguments of `rwasm validate`.
#[derive(Args, Debug)]
pub struct ValidateArgs {
    /// The modules, binary or text; `-` is standard input
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,

    #[command(flatten)]
    engine: EngineArgs,
}

/// Says of each file whether it is a valid module.
pub fn validate(args: &ValidateArgs) -> Result<(), Stop> {
    let engine = args.engine.engine(Features::default())?;
    let mut result = Ok(());
    for file in &args.files {
        match check(&engine, file) {
            Ok(()) => say(&format!("{}: valid", file.display())),
            Err(stop) => {
                stop.report();
                result = Err(Stop::Failed);
            }
        }
    }
    result
}

fn check(engine: &Engine, file: &Path) -> Result<(), Stop> {
    let bytes = load::read(file)?;
    let bytes = load::to_binary(file, &bytes)?;
    Module::validate(engine, &bytes).map_err(|error| load::refused(file, &error))
}
