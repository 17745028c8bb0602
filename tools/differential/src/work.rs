//! The search, its workers, and single cases.

use crate::args::Args;
use crate::check::{Counts, check};
use crate::generate::{Case, case, case_of};
use crate::totals::Totals;
use std::io::{BufRead, BufReader, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::process::{Child, Command, ExitCode, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::time::{Duration, Instant};

/// Where cases that differ are kept unless somebody says where.
const FOUND: &str = "target/differential-found";
/// How long a module may take before its worker is thought to hang.
const HANG: Duration = Duration::from_secs(120);
/// How many modules a worker runs, so that what engines leak or keep does not add up.
const LIFE: u64 = 3000;
/// Cases nest calls deeply, in guests and in hosts.
const STACK: usize = 256 << 20;

/// Runs one case and says what differs.
pub fn one(args: &Args, seed: u64, module: Option<&Path>) -> ExitCode {
    let found = match module {
        None => case(seed).ok_or_else(|| "this seed makes no module".to_owned()),
        Some(file) => std::fs::read(file)
            .map_err(|error| error.to_string())
            .and_then(|bytes| case_of(seed, &bytes)),
    };
    let case = match found {
        Ok(case) => case,
        Err(error) => {
            eprintln!("{error}");
            return ExitCode::from(2);
        }
    };
    if module.is_none() {
        println!("configuration {}, {} bytes", case.configuration, case.bytes.len());
    }
    if let Some(folder) = &args.keep
        && let Err(error) = write(folder, &case, "")
    {
        eprintln!("{error}");
        return ExitCode::from(2);
    }
    let mut counts = Counts::new();
    match guarded(|| check(&case, &mut counts)) {
        Ok(()) => {
            println!("no difference: {counts:?}");
            ExitCode::SUCCESS
        }
        Err(difference) => {
            println!("{difference}");
            ExitCode::FAILURE
        }
    }
}

/// Runs seed after seed, and says on standard output what came of each:
///
/// ```text
/// begin SEED
/// end CONFIGURATION,name=number,...
/// differs SEED
/// ```
pub fn worker(first: u64, step: u64) -> ExitCode {
    let mut out = std::io::stdout();
    for seed in (0..LIFE).map(|number| first + number * step) {
        if writeln!(out, "begin {seed}").is_err() {
            return ExitCode::FAILURE; // Nobody listens.
        }
        let Some(case) = case(seed) else { continue };
        let mut counts = Counts::from([("generated", 1)]);
        if guarded(|| check(&case, &mut counts)).is_err() {
            // Whoever finds out more does so in a process of its own.
            let _ = writeln!(out, "differs {seed}");
            return ExitCode::SUCCESS;
        }
        let mut line = format!("end {}", case.configuration);
        for (name, number) in counts {
            line += &format!(",{name}={number}");
        }
        let _ = writeln!(out, "{line}");
    }
    ExitCode::SUCCESS
}

/// Runs on a thread with a large stack; a panic is a difference.
fn guarded(check: impl FnOnce() -> Result<(), String> + Send) -> Result<(), String> {
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, || {
            catch_unwind(AssertUnwindSafe(check)).unwrap_or_else(|_| Err("a panic".into()))
        });
        thread.expect("a thread can be started").join().expect("panics are caught")
    })
}

/// Runs workers until the time is over.
pub fn search(args: &Args) -> ExitCode {
    println!("from seed {}, {} at a time", args.seed, args.jobs);
    let start = Instant::now();
    let (sender, receiver) = mpsc::channel();
    std::thread::scope(|scope| {
        for job in 0..args.jobs {
            let sender = sender.clone();
            scope.spawn(move || supervise(args, job, start + args.time, &sender));
        }
        drop(sender);
        let mut totals = Totals::default();
        let mut differ = 0;
        let mut told = start;
        for message in receiver {
            match message {
                Message::Counted(line) => totals.add(&line),
                Message::Differs(seed, what) => {
                    differ += 1;
                    keep(args, seed, &what);
                }
            }
            if told.elapsed() > Duration::from_secs(60) {
                told = Instant::now();
                let executed = totals.sum("executed");
                println!("{} s: {executed} modules, {differ} differ", start.elapsed().as_secs());
            }
        }
        println!("\n{totals}");
        println!("{} s from seed {}, {differ} differ", start.elapsed().as_secs(), args.seed);
        if differ == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    })
}

enum Message {
    Counted(String),
    Differs(u64, String),
}

/// Keeps one worker running.
fn supervise(args: &Args, job: u64, end: Instant, sender: &Sender<Message>) {
    let mut next = args.seed + job;
    while Instant::now() < end {
        let mut child = this()
            .args(["--worker", &args.jobs.to_string(), "--seed", &next.to_string()])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("this program can be run");
        let (last, finding) = watch(&mut child, end, sender);
        let _ = child.kill();
        let _ = child.wait();
        if let (Some(seed), Some(finding)) = (last, finding) {
            let _ = sender.send(Message::Differs(seed, finding));
        }
        next = last.map_or(next, |last| last + args.jobs);
    }
}

/// Listens to a worker until it ends or the time is over. Gives the seed that it began last, and
/// what is wrong with that.
fn watch(
    child: &mut Child,
    end: Instant,
    sender: &Sender<Message>,
) -> (Option<u64>, Option<String>) {
    let output = child.stdout.take().expect("its output is piped");
    let (lines, listener) = mpsc::channel();
    std::thread::spawn(move || {
        for line in BufReader::new(output).lines().map_while(Result::ok) {
            if lines.send(line).is_err() {
                return;
            }
        }
    });
    let (mut last, mut open) = (None, false);
    loop {
        match listener.recv_timeout(HANG) {
            Ok(line) => match line.split_once(' ') {
                Some(("begin", seed)) => {
                    if Instant::now() > end {
                        return (last, None);
                    }
                    (last, open) = (seed.parse().ok(), true);
                }
                Some(("end", counts)) => {
                    open = false;
                    let _ = sender.send(Message::Counted(counts.to_owned()));
                }
                Some(("differs", _)) => return (last, Some("differs".into())),
                _ => {}
            },
            Err(RecvTimeoutError::Timeout) => return (last, Some("hangs".into())),
            Err(RecvTimeoutError::Disconnected) => {
                let status = child.wait().expect("it is our child");
                let crashed = open && !status.success();
                return (last, crashed.then(|| format!("ends its process: {status}")));
            }
        }
    }
}

fn this() -> Command {
    Command::new(std::env::current_exe().expect("this program has a path"))
}

/// Writes a case down, with what a process of its own says about it.
fn keep(args: &Args, seed: u64, what: &str) {
    let output = this().args(["--only", &seed.to_string()]).stdin(Stdio::null()).output();
    let said = match (what, output) {
        ("differs", Ok(output)) => {
            let panicked = String::from_utf8_lossy(&output.stderr).into_owned();
            String::from_utf8_lossy(&output.stdout).into_owned() + &panicked
        }
        _ => format!("{what}\n"),
    };
    let reproduce = format!("cargo xtask differential --only {seed}");
    println!("\nseed {seed}: {said}reproduce with: {reproduce}\n");
    let folder = args.keep.as_deref().unwrap_or(Path::new(FOUND));
    if let Some(case) = case(seed)
        && let Err(error) = write(folder, &case, &format!("{said}{reproduce}\n"))
    {
        eprintln!("seed {seed} cannot be kept: {error}");
    }
}

fn write(folder: &Path, case: &Case, text: &str) -> std::io::Result<()> {
    std::fs::create_dir_all(folder)?;
    let file = |extension: &str| folder.join(format!("{}.{extension}", case.seed));
    std::fs::write(file("wasm"), &case.bytes)?;
    std::fs::write(file("txt"), text)?;
    let wat = wasmprinter::print_bytes(&case.bytes).map_err(std::io::Error::other)?;
    std::fs::write(file("wat"), wat)
}
