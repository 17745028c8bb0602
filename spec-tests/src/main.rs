//! Runs all scripts with all settings and prints the score of each folder.
//!
//! ```text
//! cargo run --release -p rwasm-spec-tests -- [--write] [-v] [FILTER…]
//! ```
//!
//! `--write` makes `docs/conformance.md` of it, `-v` shows each failure, and a filter is a part of
//! a script's name.

#![forbid(unsafe_code)]

use rwasm_spec_tests::document::document;
use rwasm_spec_tests::expected::Expected;
use rwasm_spec_tests::score::Scores;
use rwasm_spec_tests::suite::{SETTINGS, Script, scripts};
use rwasm_wast::{Outcome, Report};
use std::path::Path;
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::{fs, io, thread};

type Ran = Result<Report, String>;

fn main() -> io::Result<ExitCode> {
    let (flags, filters): (Vec<String>, Vec<String>) =
        std::env::args().skip(1).partition(|arg| arg.starts_with('-'));
    let has = |flag: &str| flags.iter().any(|found| found == flag);
    let (mut scripts, corpora) = scripts()?;
    if !filters.is_empty() {
        scripts.retain(|script| filters.iter().any(|filter| script.name.contains(filter)));
    }
    let expected = Expected::read();
    let mut surprises = 0;
    let mut scores = Vec::new();
    for setting in SETTINGS {
        let ran = run_all(&scripts, |script| script.run(setting));
        let mut score = Scores::default();
        for (script, ran) in scripts.iter().zip(&ran) {
            score.add(script, ran);
            if let Err(message) = expected.check(&script.name, ran) {
                surprises += 1;
                eprintln!("{} {}:\n{message}", setting.name, script.name);
            } else if has("-v") {
                show_failures(script, ran);
            }
        }
        scores.push(score);
    }
    let document = document(&scores, &expected, &scripts, corpora);
    println!("{document}");
    if has("--write") {
        let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/conformance.md");
        fs::write(docs, document)?;
    }
    match surprises {
        0 => Ok(ExitCode::SUCCESS),
        _ => {
            eprintln!("{surprises} scripts do not do what expected.toml says");
            Ok(ExitCode::FAILURE)
        }
    }
}

/// Runs the scripts on all cores.
fn run_all(scripts: &[Script], run: impl Fn(&Script) -> Ran + Sync) -> Vec<Ran> {
    let next = AtomicUsize::new(0);
    let ran = Mutex::new(Vec::new());
    let threads = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    let Some(script) = scripts.get(at) else { break };
                    let result = run(script);
                    ran.lock().expect("no thread panics with it").push((at, result));
                }
            });
        }
    });
    let mut ran = ran.into_inner().expect("no thread panicked with it");
    ran.sort_by_key(|(at, _)| *at);
    ran.into_iter().map(|(_, result)| result).collect()
}

fn show_failures(script: &Script, ran: &Ran) {
    match ran {
        Err(error) => eprintln!("{}: {error}", script.name),
        Ok(report) => report.failures().for_each(|it| {
            if let Outcome::Failed(message) = &it.outcome {
                eprintln!("{}:{}: {}: {message}", script.name, it.line, it.kind);
            }
        }),
    }
}
