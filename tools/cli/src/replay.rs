//! `rwasm replay`

use crate::engine::Dispatch;
use crate::exit::Stop;
use crate::record::{About, End};
use clap::Args;
use rwasm::wasi::record::{Replay, ReplayError};
use rwasm::wasi::{WasiCtx, WasiP1Ctx, ambient};
use std::fs::File;
use std::io::{Seek, SeekFrom};
use std::path::PathBuf;

/// Arguments of `rwasm replay`.
#[derive(Args, Debug)]
pub struct ReplayArgs {
    /// What `rwasm run --record` wrote
    #[arg(value_name = "RECORDING")]
    file: PathBuf,

    /// Let a terminal obey control sequences that the guest wrote to it; else they are shown
    #[arg(long)]
    raw_terminal: bool,

    /// How the interpreter goes from one instruction to the next
    #[arg(long, value_name = "HOW", help_heading = "Engine")]
    dispatch: Option<Dispatch>,
}

/// Runs a recorded run again, and ends the program.
///
/// # Errors
///
/// If it does not come to running the module.
pub fn replay(args: &ReplayArgs) -> Result<(), Stop> {
    let path = args.file.display();
    let unreadable = |error: ReplayError| Stop::error(format!("cannot replay {path}: {error}"));
    let mut file = File::open(&args.file)
        .map_err(|error| Stop::error(format!("cannot read {path}: {error}")))?;

    let end = Replay::end_of(file.try_clone().map_err(|error| unreadable(error.into()))?);
    let end = end.map_err(unreadable)?;
    let end: Option<End> = match end {
        Some(end) => Some(postcard::from_bytes(&end).map_err(Stop::error)?),
        None => None,
    };
    file.seek(SeekFrom::Start(0)).map_err(|error| unreadable(error.into()))?;
    let (replay, about) = Replay::begin(file).map_err(unreadable)?;
    let about: About = postcard::from_bytes(&about).map_err(Stop::error)?;

    let mut run = about.run_args();
    run.engine.dispatch = args.dispatch;
    let fuel_at_timeout = end.as_ref().and_then(|end| end.fuel_at_timeout);
    run.fuel = fuel_at_timeout.or(run.fuel);
    let mut done = run.execute(about.module, || {
        let session = match args.raw_terminal {
            true => replay.session(ambient::raw_stdout(), ambient::raw_stderr()),
            false => replay.session(ambient::stdout(), ambient::stderr()),
        };
        Ok(WasiP1Ctx::new(WasiCtx::from_session(session)))
    })?;
    if let (Some(_), Err(Stop::Trap(message))) = (fuel_at_timeout, &mut done.result) {
        let place = message.find('\n').map_or("", |end| &message[end..]);
        *message = format!("the guest was stopped here by its timeout when it was recorded{place}");
    }
    let status = match (replay.finish(), end) {
        (Ok(_), Some(End { status, .. })) => {
            let now = done.report();
            if now != status {
                let message = format!("the run was recorded to end with status {status}");
                Stop::Error(message).report();
            }
            now
        }
        (Ok(_), None) => done.report(),
        (Err(error), _) => Stop::Error(format!("{path}: {error}")).report(),
    };
    std::process::exit(status.into())
}
