//! The WASI testsuite's programs of WASI 0.1 and of wasi-threads, each on each dispatch backend; those
//! of WASI 0.1 also where all that they find outside is in memory, or all that they change.

use libtest_mimic::{Arguments, Failed, Trial};
use rwasm_spec_tests::corpora::corpora;
use rwasm_spec_tests::expected::Expected;
use rwasm_spec_tests::program::{Program, TempDir, World};
use rwasm_spec_tests::suite::BACKENDS;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// What the JSON beside a program says of it.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Manifest {
    root: Option<PathBuf>,
    args: Vec<String>,
    env: BTreeMap<String, String>,
    exit_code: i32,
    stdout: Option<String>,
}

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let mut trials = Vec::new();
    match corpora() {
        None => eprintln!("skipped: no corpora in ../shared, and RWASM_CORPORA is not set"),
        Some(corpora) => {
            for language in ["assemblyscript", "c", "rust"] {
                let folder = format!("wasi/tests/{language}/testsuite/wasm32-wasip1");
                let programs = programs(&corpora.join(folder));
                assert!(!programs.is_empty(), "the WASI testsuite has no programs in {language}");
                for program in programs {
                    add_trials(&mut trials, "wasi", language, &program, World::Host);
                    add_trials(&mut trials, "wasi-memory", language, &program, World::Memory);
                    add_trials(&mut trials, "wasi-over", language, &program, World::Over);
                }
            }
            for program in programs(&corpora.join("wasi/tests/proposals/wasi-threads")) {
                // Threads wait in the host's time.
                add_trials(&mut trials, "wasi", "threads", &program, World::Host);
            }
        }
    }
    libtest_mimic::run(&arguments, trials).exit_code()
}

fn programs(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("the WASI testsuite can be read");
    let paths = entries.map(|entry| entry.expect("the WASI testsuite can be listed").path());
    let mut programs: Vec<_> = paths
        .filter(|path| path.extension().is_some_and(|extension| extension == "wasm"))
        .collect();
    programs.sort();
    programs
}

fn add_trials(trials: &mut Vec<Trial>, suite: &str, language: &str, program: &Path, world: World) {
    let stem = program.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    for (backend, dispatch) in BACKENDS {
        let (program, name) = (program.to_owned(), format!("{suite}/{language}/{stem}"));
        let threads = language == "threads";
        trials.push(Trial::test(format!("{backend}::{name}"), move || {
            let passed = run(&program, dispatch, threads, world);
            match (Expected::read().reason(&name), passed) {
                (None, passed) => Ok(passed?),
                (Some(_), Err(_)) => Ok(()),
                (Some(reason), Ok(())) => {
                    Err(Failed::from(format!("passes, but expected.toml says: {reason}")))
                }
            }
        }));
    }
}

fn run(file: &Path, dispatch: rwasm::Dispatch, threads: bool, world: World) -> Result<(), String> {
    let manifest: Manifest = match fs::read(file.with_extension("json")) {
        Ok(json) => serde_json::from_slice(&json).map_err(|error| error.to_string())?,
        Err(_) => Manifest::default(),
    };
    let root = manifest.root.map(|root| {
        let copy = TempDir::copy_of(&file.with_file_name(root));
        // Empty folders are not in the corpora; programs in C write to this one.
        fs::create_dir_all(copy.path().join("writeable")).expect("folders can be made");
        copy
    });
    let program = Program {
        file: file.to_owned(),
        args: manifest.args,
        env: manifest.env.into_iter().collect(),
        dirs: root.iter().map(|root| (root.path().to_owned(), "/".to_owned())).collect(),
        threads,
        world,
        ..Program::default()
    };
    let ended = program.run(dispatch).map_err(|error| format!("{error:?}"))?;
    if ended.status != manifest.exit_code {
        let status = manifest.exit_code;
        return Err(format!("expected the status {status}: {ended:#?}"));
    }
    match manifest.stdout {
        Some(stdout) if stdout != ended.stdout => Err(format!("expected {stdout:?}: {ended:#?}")),
        _ => Ok(()),
    }
}
