//! Runs that are recorded and replayed, by the built program: real guests, where nothing is left
//! of what they were given.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::{env, fs};

/// A guest, and what it is given. `DIR` is a folder of its own, which is gone when it is replayed.
struct Run {
    guest: &'static str,
    options: &'static [&'static str],
    args: &'static [&'static str],
    stdin: &'static str,
    /// A part of what it writes, so that it is known to have done something.
    writes: &'static str,
}

#[rustfmt::skip]
const RUNS: &[Run] = &[
    Run { guest: "c/wasitest.wasm", options: &["--dir", "DIR::/data", "--env", "GREETING=hi"],
        args: &["/data", "x", "y z"], stdin: "abc\n", writes: "hello WORLD" },
    Run { guest: "go/jsonbench.wasm", options: &[], args: &["500"], stdin: "", writes: "go json in=" },
    Run { guest: "go/stdin_poll.wasm", options: &[], args: &[], stdin: "l1\nl2\n", writes: "line 2: l2" },
    Run { guest: "zig/ztools.wasm", options: &["--dir", "DIR::/data"], args: &["a", "b"], stdin: "",
        writes: "argc 3" },
    Run { guest: "prebuilt/micropython-wasi.wasm", options: &["--trap-unknown-imports"],
        args: &["-c", "print(sum(range(10)))"], stdin: "", writes: "45" },
    Run { guest: "prebuilt/boolector.wasm", options: &["--dir", "DIR::/d"], args: &["-m", "/d/q.smt2"],
        stdin: "", writes: "sat" },
    Run { guest: "rust/rtools.wasm", options: &["--env", "K=V"], args: &["env"], stdin: "", writes: "K" },
    Run { guest: "rust/rtools.wasm", options: &["--dir", "DIR::/d"], args: &["tree", "/d"], stdin: "",
        writes: "q.smt2" },
];

#[test]
fn a_replay_writes_the_same_without_what_was_there() {
    let Some(guests) = guests() else {
        eprintln!("skipped: no guests in ../shared, and RWASM_GUESTS is not set");
        return;
    };
    let work = env::temp_dir().join(format!("rwasm-replay-{}", std::process::id()));
    for run in RUNS {
        let (dir, recording) = (work.join("dir"), work.join("run.rwasm"));
        fs::create_dir_all(&dir).expect("a folder can be made");
        let formula = guests.join("prebuilt/q.smt2");
        fs::copy(formula, dir.join("q.smt2")).expect("the folder can be filled");
        let options = run.options.iter().map(|word| word.replace("DIR", &dir.to_string_lossy()));
        let options: Vec<_> = options.collect();

        let mut command = rwasm(&work);
        command.arg("run").args(options).arg("--record").arg(&recording);
        command.arg(guests.join(run.guest)).arg("--").args(run.args);
        let recorded = output(&mut command, run.stdin);
        let written = String::from_utf8_lossy(&recorded.stdout).into_owned()
            + &String::from_utf8_lossy(&recorded.stderr);
        assert!(written.contains(run.writes), "{} wrote {written}", run.guest);

        fs::remove_dir_all(&dir).expect("the folder can be removed");
        let mut command = rwasm(Path::new("/"));
        command.env("GREETING", "bye").arg("replay").arg(&recording);
        let replayed = output(&mut command, "something else\n");
        assert_eq!(recorded, replayed, "{} {:?}", run.guest, run.args);
    }
    let _ = fs::remove_dir_all(work);
}

fn rwasm(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rwasm"));
    command.current_dir(folder);
    command
}

fn output(command: &mut Command, stdin: &str) -> Output {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("rwasm can be run");
    // A guest that reads nothing may be gone already.
    let _ = child.stdin.take().expect("it is piped").write_all(stdin.as_bytes());
    child.wait_with_output().expect("rwasm ends")
}

/// Where the guests of WASI 0.1 are.
fn guests() -> Option<PathBuf> {
    let folder = match env::var_os("RWASM_GUESTS") {
        Some(folder) => PathBuf::from(folder),
        None => Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/guests"),
    };
    folder.join("wasi-p1").canonicalize().ok()
}
