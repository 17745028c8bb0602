//! Policies that are learned from runs of real guests, which run alike with them.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::{env, fs};

/// A guest, its options and arguments, and what is learned: a line that the policy has.
type Run = (&'static str, &'static [&'static str], &'static [&'static str], &'static str);

#[rustfmt::skip]
const RUNS: &[Run] = &[
    ("rust/rtools.wasm", &["--dir", "in"], &["tree", "in"], r#"dir = ["in::ro"]"#),
    ("rust/rtools.wasm", &["--env", "K=V"], &["env"], r#"env = { K = "V" }"#),
    ("c/wasitest.wasm", &["--dir", "in::/data"], &["/data", "x"], r#"dir = ["in::/data"]"#),
    ("prebuilt/boolector.wasm", &["--dir", "in::/d"], &["-m", "/d/q.smt2"], r#"dir = ["in::/d::ro"]"#),
    ("prebuilt/micropython-wasi.wasm", &["--trap-unknown-imports", "--dir", "in"],
        &["-c", "print(open('in/q.smt2').read())"], "trap-unknown-imports = true"),
    ("go/jsonbench.wasm", &[], &["5"], "# It looks at clocks or waits."),
];

#[test]
fn a_run_with_the_policy_that_was_learned_from_it_is_the_same() {
    let Some(guests) = guests() else {
        eprintln!("skipped: no guests in ../shared, and RWASM_GUESTS is not set");
        return;
    };
    let work = env::temp_dir().join(format!("rwasm-learn-{}", std::process::id()));
    for (guest, options, args, line) in RUNS {
        for folder in ["in", "unused"] {
            fs::create_dir_all(work.join(folder)).expect("a folder can be made");
        }
        fs::copy(guests.join("prebuilt/q.smt2"), work.join("in/q.smt2")).expect("it can be filled");
        let run = |options: &[&str]| {
            let mut command = Command::new(env!("CARGO_BIN_EXE_rwasm"));
            command.current_dir(&work).arg("run").args(options);
            output(command.arg(guests.join(guest)).arg("--").args(*args))
        };
        let learn = [options, &["--dir", "unused", "--learn", "policy.toml"][..]].concat();
        let learned = run(&learn);
        let policy = fs::read_to_string(work.join("policy.toml")).expect("there is a policy");
        assert!(
            !learned.stdout.is_empty(),
            "{guest}: {}",
            String::from_utf8_lossy(&learned.stderr)
        );
        assert!(policy.lines().any(|known| known == *line), "{guest} has the policy:\n{policy}");
        assert!(!policy.contains("unused"), "{guest} has the policy:\n{policy}");

        let with_policy = run(&["--policy", "policy.toml"]);
        assert_eq!(learned, with_policy, "{guest} with the policy:\n{policy}");
        fs::remove_dir_all(&work).expect("the folder can be removed");
    }
}

fn output(command: &mut Command) -> Output {
    command.stdin(Stdio::null()).output().expect("rwasm can be run")
}

/// Where the guests of WASI 0.1 are.
fn guests() -> Option<PathBuf> {
    let folder = match env::var_os("RWASM_GUESTS") {
        Some(folder) => PathBuf::from(folder),
        None => Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/guests"),
    };
    folder.join("wasi-p1").canonicalize().ok()
}
