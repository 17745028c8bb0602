//! Which arguments are rwasm's, and which are the guest's.

use super::*;

fn run(line: &str) -> (String, Vec<String>, String) {
    let args = std::iter::once("rwasm").chain(line.split_whitespace()).map(OsString::from);
    match parse(args.collect()) {
        Ok(Command::Run(args)) => {
            let shown = format!("{args:?}");
            let guest = args.args.iter().map(|arg| arg.to_string_lossy().into_owned()).collect();
            (args.file.to_string_lossy().into_owned(), guest, shown)
        }
        other => panic!("{line}: {other:?}"),
    }
}

fn guest(line: &str) -> Vec<String> {
    let (file, guest, _) = run(line);
    assert_eq!(file, "m.wasm", "{line}");
    guest
}

fn usage(line: &str) -> String {
    let args = std::iter::once("rwasm").chain(line.split_whitespace()).map(OsString::from);
    match parse(args.collect()) {
        Err(Stop::Usage(message)) => message,
        other => panic!("{line}: {other:?}"),
    }
}

#[test]
fn options_may_stand_before_and_after_the_file() {
    for line in ["run --fuel 7 m.wasm", "run m.wasm --fuel 7", "m.wasm --fuel=7", "--fuel 7 m.wasm"]
    {
        let (file, guest, shown) = run(line);
        assert_eq!(file, "m.wasm", "{line}");
        assert!(guest.is_empty() && shown.contains("fuel: Some(7)"), "{line}: {shown}");
    }
}

#[test]
fn the_first_argument_begins_the_guests() {
    assert_eq!(guest("run m.wasm a --fuel 7"), ["a", "--fuel", "7"]);
    assert_eq!(guest("run m.wasm --fuel 7 a -x"), ["a", "-x"]);
    assert_eq!(guest("m.wasm a -- b --help"), ["a", "--", "b", "--help"]);
    assert_eq!(guest("run m.wasm a --version"), ["a", "--version"]);
}

#[test]
fn two_dashes_begin_the_guests() {
    assert_eq!(guest("run m.wasm -- --fuel 7"), ["--fuel", "7"]);
    assert_eq!(guest("run m.wasm -- a -- b"), ["a", "--", "b"]);
    assert_eq!(guest("run m.wasm --fuel 7 -- -x"), ["-x"]);
    assert_eq!(guest("m.wasm -- -h"), ["-h"]);
    assert_eq!(guest("run -- m.wasm a"), ["a"]);
    assert_eq!(guest("run m.wasm --"), [""; 0]);
    assert_eq!(guest("run m.wasm - a"), ["-", "a"]);
}

#[test]
fn an_unknown_option_shows_the_form_with_two_dashes() {
    assert!(usage("run m.wasm --foo x").contains("rwasm run m.wasm -- --foo x\n"));
    assert!(usage("m.wasm --dir . -x").contains("rwasm run m.wasm --dir . -- -x\n"));
    assert!(usage("m.wasm --foo=1 a").contains("rwasm run m.wasm -- --foo=1 a\n"));
    assert!(usage("run m.wasm -5").contains("rwasm run m.wasm -- -5\n"));
    let before_the_file = usage("run --foo m.wasm");
    assert!(before_the_file.contains("`--foo`") && before_the_file.contains("follow its file"));
    assert!(usage("run m.wasm --fule 7").contains("there is `--fuel`"));
}

#[test]
fn wrong_values_are_wrong_usage() {
    assert!(usage("run m.wasm --fuel x").contains("--fuel"));
    assert!(usage("run m.wasm --timeout soon").contains("500ms"));
    assert!(usage("run m.wasm --max-memory lots").contains("64MiB"));
    assert!(usage("run m.wasm --dispatch quantum").contains("tail"));
    assert!(usage("run").contains("FILE"));
    assert!(usage("run m.wasm --dir").contains("--dir"));
}

#[test]
fn commands_are_recognised_by_the_first_word() {
    let parsed = |line: &str| {
        let args = std::iter::once("rwasm").chain(line.split_whitespace()).map(OsString::from);
        parse(args.collect())
    };
    assert!(matches!(parsed("validate m.wasm"), Ok(Command::Validate(_))));
    assert!(matches!(parsed("wast a.wast b.wast"), Ok(Command::Wast(_))));
    assert!(matches!(parsed("completion bash"), Ok(Command::Completion(_))));
    assert!(matches!(parsed("--help"), Err(Stop::Shown(_))));
    assert!(matches!(parsed("--version"), Err(Stop::Shown(_))));
    assert!(matches!(parsed("run --help"), Err(Stop::Shown(_))));
    assert!(matches!(parsed("run -W help"), Err(Stop::Shown(_))));
    assert!(matches!(parsed("--wasm=help"), Err(Stop::Shown(_))));
    assert!(matches!(parsed(""), Err(Stop::Usage(_))));
    assert_eq!(run("run run").0, "run");
}
