//! Questions and what comes of their answers.

use super::*;

const ALL: &[(&str, &str)] =
    &[("files", "--dir HOST"), ("environment variables", "--env"), ("threads", "--threads")];

/// What is granted after these answers, and what was shown.
fn ask(args: RunArgs, wanted: &[(&str, &str)], answers: &str) -> (Result<RunArgs, Stop>, String) {
    let (mut args, mut shown) = (args, Vec::new());
    let asked = args.ask_for(wanted, &mut answers.as_bytes(), &mut shown);
    (asked.map(|()| args), String::from_utf8(shown).unwrap())
}

fn granted(answers: &str) -> RunArgs {
    ask(RunArgs::default(), ALL, answers).0.unwrap()
}

fn dirs(args: &RunArgs) -> Vec<(&str, &str, bool)> {
    let dirs = args.grants.dirs.iter();
    dirs.map(|dir| {
        (dir.host.to_str().unwrap(), &*dir.guest, dir.access == crate::dir::Access::ReadOnly)
    })
    .collect()
}

#[test]
fn empty_answers_grant_nothing() {
    let (args, shown) = ask(RunArgs::default(), ALL, "\n\n\n");
    let args = args.unwrap();
    assert!(args.grants.dirs.is_empty() && args.grants.env.is_empty());
    assert!(!args.grants.inherit_env && !args.threads);
    assert!(shown.ends_with("It gets none of that.\n\n"), "{shown}");
}

#[test]
fn directories_are_read_only_unless_it_is_said_otherwise() {
    let args = granted("src\n\n.::/d\nYes\nsrc::/s::ro\nsrc::/n\nno\n\n\n\n");
    let expected =
        [("src", "src", true), (".", "/d", false), ("src", "/s", true), ("src", "/n", true)];
    assert_eq!(dirs(&args), expected);
}

#[test]
fn what_is_not_there_is_asked_for_again() {
    let (args, shown) = ask(
        RunArgs::default(),
        ALL,
        "no where\n::/d\nsrc\nperhaps\ny\n\n\
        RWASM_NOT_HERE\n=1\nA=b c\n\nn\n",
    );
    let args = args.unwrap();
    assert_eq!(dirs(&args), [("src", "src", false)]);
    assert_eq!(args.grants.env, ["A=b c"]);
    for text in [
        "There is no directory `no where`",
        "There is no variable `RWASM_NOT_HERE`",
        "Please answer",
        "The same without questions: --dir src --env 'A=b c'\n",
    ] {
        assert!(shown.contains(text), "{shown}");
    }
}

#[test]
fn variables_and_threads() {
    let args = granted("\nall\ny\n");
    assert!(args.grants.inherit_env && args.threads && args.grants.env.is_empty());
    let args = granted("\nCARGO\n\nn\n"); // Cargo sets it for tests.
    assert!(args.grants.env == ["CARGO"] && !args.grants.inherit_env && !args.threads);
}

#[test]
fn addresses() {
    let sockets = [("sockets", "--tcplisten ADDRESS:PORT")];
    let (args, shown) = ask(RunArgs::default(), &sockets, "8080\n127.0.0.1:8080\n[::1]:0\n\n");
    assert_eq!(args.unwrap().grants.tcplisten, ["127.0.0.1:8080", "[::1]:0"]);
    assert!(shown.contains("There is no address `8080`"), "{shown}");
}

#[test]
fn an_end_is_no_answer() {
    for answers in ["", "src", "src\n", "\n", "\n\n", "\nA=1\n"] {
        assert!(ask(RunArgs::default(), ALL, answers).0.is_err(), "{answers:?}");
    }
}

#[test]
fn threads_are_not_asked_for_where_they_cannot_be() {
    let args = RunArgs { fuel: Some(1), ..RunArgs::default() };
    let (args, shown) = ask(args, &ALL[2..], "");
    assert!(!args.unwrap().threads);
    assert!(shown.contains("do not go together with `--fuel`"), "{shown}");
}

#[test]
fn nothing_that_is_shown_controls_the_terminal() {
    let args = RunArgs { file: "\x1b]0;good.wasm\x07\r\n".into(), ..RunArgs::default() };
    let (_, shown) = ask(args, ALL, "\x1b[2J\n\n\x1b[31m\n\n\n");
    assert!(!shown.contains(['\x1b', '\x07', '\r']), "{shown:?}");
}

#[test]
fn what_is_given_already_is_not_asked_for() {
    let asks: Vec<_> = crate::inspect::CAPABILITIES.iter().collect();
    let names = |args: &RunArgs| -> Vec<_> {
        args.wanted(&asks).into_iter().map(|(name, _)| name).collect()
    };
    let all = ["files", "environment variables", "threads", "sockets"];
    let mut args = RunArgs::default();
    assert_eq!(names(&args), all);
    args.grants.dirs = vec![Dir::parse(".").unwrap()];
    assert_eq!(names(&args), all[1..]);
    args.grants.env = vec!["A=1".into()];
    assert_eq!(names(&args), all[2..]);
    args.threads = true;
    assert_eq!(names(&args), all[3..]);
    args.grants.tcplisten = vec!["127.0.0.1:0".into()];
    assert!(names(&args).is_empty());
}
