//! `rwasm strace`: the calls of a guest, as they come or counted.

mod filter;
mod line;
mod summary;

use crate::exit::Stop;
use crate::run::RunArgs;
use clap::Args;
use filter::Filter;
use rwasm::wasi::p1::trace::{Call, Tracer};
use rwasm::wasi::{WasiCtx, WasiP1Ctx};
use std::collections::HashMap;
use std::fs::File;
use std::io::{self, LineWriter, Write, stderr};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, ThreadId};
use std::time::{Duration, Instant};
use summary::Summary;

/// Arguments of `rwasm strace`.
#[derive(Args, Debug)]
#[command(override_usage = "rwasm strace [OPTIONS] FILE [OPTIONS] [--] [ARGS]...")]
pub struct StraceArgs {
    /// Count the calls and their time instead of showing each
    #[arg(short = 'c', long, help_heading = "What is shown")]
    summary: bool,

    /// Which calls: `filesystem`, `file`, `descriptor`, `clock`, `random`, `poll`, `process`, `environment`, `network`, `all`, `none`
    /// or names of functions, several separated by commas; all but these after `!`
    #[arg(
        short = 'e',
        long = "expression",
        value_name = "[trace=][!]CALLS",
        value_parser = Filter::parse,
        help_heading = "What is shown"
    )]
    filter: Option<Filter>,

    /// Write to a file instead of standard error
    #[arg(short = 'o', long, value_name = "FILE", help_heading = "What is shown")]
    output: Option<PathBuf>,

    /// How many bytes of a path or of what is read and written, at most
    #[arg(
        short = 's',
        long,
        value_name = "N",
        default_value_t = 64,
        help_heading = "What is shown"
    )]
    string_limit: usize,

    /// How long each call took
    #[arg(short = 'T', long, help_heading = "What is shown")]
    times: bool,

    /// An object of JSON for each call, one a line
    #[arg(long, conflicts_with = "summary", help_heading = "What is shown")]
    json: bool,

    #[command(flatten)]
    run: RunArgs,
}

/// Runs a module as `rwasm run` does and shows its calls, and ends the program.
///
/// # Errors
///
/// If it does not come to running the module.
pub fn strace(mut args: Box<StraceArgs>) -> Result<(), Stop> {
    if args.run.record.is_some() {
        return Err(Stop::Usage("--record: a run is either recorded or traced".into()));
    }
    let output: Box<dyn Write + Send> = match &args.output {
        None => Box::new(stderr()),
        // What was shown is there also if the guest has to be killed.
        Some(path) => {
            let file = File::create(path).map_err(|error| {
                Stop::error(format!("-o {}: cannot write the file: {error}", path.display()))
            })?;
            Box::new(LineWriter::new(file))
        }
    };
    let shown = Shown { summary: Summary::default(), output, failed: None };
    let shown = Arc::new(Mutex::new(shown));
    let bytes = args.run.prepare()?;
    let learner = args.run.learner()?;
    let done = args.run.execute(bytes, || {
        let session = args.run.session(learner.as_ref())?;
        let mut context = WasiP1Ctx::new(WasiCtx::from_session(session));
        context.trace(Strace {
            shown: Arc::clone(&shown),
            filter: args.filter.clone().unwrap_or_default(),
            most_bytes: args.string_limit,
            counts: args.summary,
            times: args.times,
            json: args.json,
            since: HashMap::new(),
        });
        Ok(context)
    })?;
    let status = done.report();
    let status = learner.map_or(status, |learner| learner.finish(status));
    let mut shown = shown.lock().unwrap_or_else(PoisonError::into_inner);
    let Shown { summary, output, failed } = &mut *shown;
    if args.summary {
        *failed = output.write_all(summary.to_string().as_bytes()).err();
    }
    // That nobody reads standard error is no error.
    let error = failed.take().or(output.flush().err());
    if let (Some(error), Some(path)) = (error, &args.output) {
        let path = path.display();
        let failed = Stop::error(format!("-o {path}: cannot write the file: {error}")).report();
        std::process::exit(if status == 0 { failed } else { status }.into());
    }
    std::process::exit(status.into())
}

/// What was shown, and where.
struct Shown {
    summary: Summary,
    output: Box<dyn Write + Send>,
    /// Why not all was shown.
    failed: Option<io::Error>,
}

/// Who shows or counts the calls.
struct Strace {
    shown: Arc<Mutex<Shown>>,
    filter: Filter,
    most_bytes: usize,
    counts: bool,
    times: bool,
    json: bool,
    /// When the present call of each thread began.
    since: HashMap<ThreadId, Instant>,
}

impl Tracer for Strace {
    fn enter(&mut self, _: &'static str) {
        // A call that has to wait where threads share the context comes again.
        self.since.entry(thread::current().id()).or_insert_with(Instant::now);
    }

    fn leave(&mut self, call: Call) {
        let since = self.since.remove(&thread::current().id());
        let took = since.map_or(Duration::ZERO, |since| since.elapsed());
        if !self.filter.shows(call.name) {
            return;
        }
        let mut shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        if self.counts {
            shown.summary.count(&call, took);
            return;
        }
        let mut line = match self.json {
            true => line::json(&call, took).to_string(),
            false => line::text(&call),
        };
        if self.times && !self.json {
            line += &format!(" <{:.6}>", took.as_secs_f64());
        }
        line.push('\n');
        // The guest goes on if nobody can be told. A file's error is told at the end.
        let written = shown.output.write_all(line.as_bytes());
        shown.failed = shown.failed.take().or(written.err());
    }

    fn most_bytes(&self) -> usize {
        self.most_bytes
    }
}
