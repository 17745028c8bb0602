//! `rwasm strace`: the calls of a guest, as they come or counted.

mod filter;
mod line;
mod summary;

use crate::exit::Stop;
use crate::load;
use crate::run::RunArgs;
use clap::Args;
use filter::Filter;
use rwasm::wasi::p1::trace::{Call, Tracer};
use std::fs::File;
use std::io::{BufWriter, Write, stderr};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use summary::Summary;

/// Arguments of `rwasm strace`.
#[derive(Args, Debug)]
#[command(override_usage = "rwasm strace [OPTIONS] FILE [OPTIONS] [--] [ARGS]...")]
pub struct StraceArgs {
    /// Count the calls and their time instead of showing each
    #[arg(short = 'c', long, help_heading = "What is shown")]
    summary: bool,

    /// Which calls: `filesystem`, `file`, `clock`, `random`, `poll`, `process`, `environment`, `network` or
    /// names of functions, several separated by commas; all but these after `!`
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
    #[arg(long, help_heading = "What is shown")]
    json: bool,

    #[command(flatten)]
    run: RunArgs,
}

/// Runs a module as `rwasm run` does and shows its calls, and ends the program.
///
/// # Errors
///
/// If it does not come to running the module.
pub fn strace(args: &StraceArgs) -> Result<(), Stop> {
    if args.run.record.is_some() {
        return Err(Stop::Usage("--record: a run is either recorded or traced".into()));
    }
    let output: Box<dyn Write + Send> = match &args.output {
        None => Box::new(stderr()),
        Some(path) => {
            let file = File::create(path).map_err(|error| {
                Stop::error(format!("-o {}: cannot write the file: {error}", path.display()))
            })?;
            Box::new(BufWriter::new(file))
        }
    };
    let shown = Shown { summary: Summary::default(), output };
    let shown = Arc::new(Mutex::new(shown));
    let bytes = load::read(&args.run.file)?;
    let done = args.run.execute(bytes, || {
        let mut context = args.run.context()?;
        context.trace(Strace {
            shown: Arc::clone(&shown),
            filter: args.filter.clone().unwrap_or_default(),
            most_bytes: args.string_limit,
            counts: args.summary,
            times: args.times,
            json: args.json,
            since: None,
        });
        Ok(context)
    })?;
    let status = done.report();
    let mut shown = shown.lock().unwrap_or_else(PoisonError::into_inner);
    let Shown { summary, output } = &mut *shown;
    if args.summary {
        let _ = output.write_all(summary.to_string().as_bytes());
    }
    // That nobody reads standard error is no error.
    if let (Err(error), Some(path)) = (output.flush(), &args.output) {
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
}

/// Who shows or counts the calls.
struct Strace {
    shown: Arc<Mutex<Shown>>,
    filter: Filter,
    most_bytes: usize,
    counts: bool,
    times: bool,
    json: bool,
    /// When the present call began.
    since: Option<Instant>,
}

impl Tracer for Strace {
    fn enter(&mut self, _: &'static str) {
        self.since = Some(Instant::now());
    }

    fn leave(&mut self, call: Call) {
        let took = self.since.take().map_or(Duration::ZERO, |since| since.elapsed());
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
        let _ = shown.output.write_all(line.as_bytes());
    }

    fn most_bytes(&self) -> usize {
        self.most_bytes
    }
}
