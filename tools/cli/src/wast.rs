//! `rwasm wast`

use crate::engine::EngineArgs;
use crate::exit::{Stop, say};
use crate::load;
use clap::Args;
use rwasm::Features;
use rwasm_wast::{Counts, Options, Outcome, run};
use std::path::PathBuf;

/// Arguments of `rwasm wast`.
#[derive(Args, Debug)]
pub struct WastArgs {
    /// The specification scripts
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,

    #[command(flatten)]
    engine: EngineArgs,
}

/// Runs scripts, shows what fails in them, and counts.
pub fn wast(args: &WastArgs) -> Result<(), Stop> {
    // Scripts of proposals are run to try these out.
    let engine = args.engine.engine(Features::ALL)?;
    let mut counts = Counts::default();
    for file in &args.files {
        let path = file.display();
        let text = String::from_utf8(load::read(file)?)
            .map_err(|error| Stop::error(format!("{path} is no text: {error}")))?;
        let report = run(&engine, &text, &Options { prints: true }).map_err(|mut error| {
            error.set_path(file);
            Stop::error(format!("{path} is no script: {error}"))
        })?;
        for failure in report.failures() {
            if let Outcome::Failed(message) = &failure.outcome {
                say(&format!("{path}:{}: {}: {message}", failure.line, failure.kind));
            }
        }
        counts += report.counts();
    }
    let Counts { passed, failed, text_parser, .. } = counts;
    if text_parser > 0 {
        say(&format!("{text_parser} decided by the text parser"));
    }
    say(&format!("{passed} passed, {failed} failed"));
    if failed > 0 { Err(Stop::Failed) } else { Ok(()) }
}
