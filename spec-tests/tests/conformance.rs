//! Each script of the official testsuite is one test per dispatch backend, in normal mode and with
//! a collection of garbage at every allocation.

use libtest_mimic::{Arguments, Trial};
use rwasm_spec_tests::expected::Expected;
use rwasm_spec_tests::floor::Floor;
use rwasm_spec_tests::suite::{SETTINGS, Script, scripts};
use rwasm_wast::Counts;
use std::process::ExitCode;
use std::sync::{Arc, Mutex};

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let (scripts, corpora) = scripts().expect("the corpora can be read");
    if !corpora {
        eprintln!("no corpora in ../shared, and RWASM_CORPORA is not set: fewer scripts");
    }
    let number = scripts.len();
    let expected = Arc::new(Expected::read());
    let counted = Arc::new(Mutex::new(SETTINGS.map(|_| Counts::default())));
    let mut trials = Vec::new();
    for script in &scripts {
        for (at, setting) in SETTINGS.iter().enumerate() {
            let (script, expected) = (script.clone(), Arc::clone(&expected));
            let counted = Arc::clone(&counted);
            let name = format!("{}::{}", setting.name, script.name);
            trials.push(Trial::test(name, move || Ok(run(&script, at, &expected, &counted)?)));
        }
    }
    if corpora {
        let names: Vec<_> = scripts.iter().map(|script| script.name.clone()).collect();
        let expected = Arc::clone(&expected);
        trials.push(Trial::test("every entry of expected.toml is about a script", move || {
            let names: Vec<_> = names.iter().map(String::as_str).collect();
            match expected.stale(&names) {
                stale if stale.is_empty() => Ok(()),
                stale => Err(format!("about no script: {stale:?}").into()),
            }
        }));
    }
    let conclusion = libtest_mimic::run(&arguments, trials);
    let is_whole = conclusion.num_filtered_out == 0 && conclusion.num_ignored == 0;
    if arguments.list || !is_whole || conclusion.has_failed() {
        return conclusion.exit_code();
    }
    let counted = counted.lock().expect("no trial panics with it");
    for (setting, counts) in SETTINGS.iter().zip(&*counted) {
        if let Err(message) = Floor::read().check(corpora, number, counts) {
            eprintln!("{}: below floor.toml: {message}", setting.name);
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}

fn run(
    script: &Script,
    setting: usize,
    expected: &Expected,
    counted: &Mutex<[Counts; SETTINGS.len()]>,
) -> Result<(), String> {
    let ran = script.run(SETTINGS[setting]);
    if let Ok(report) = &ran {
        counted.lock().expect("no trial panics with it")[setting] += report.counts();
    }
    expected.check(&script.name, &ran)
}
