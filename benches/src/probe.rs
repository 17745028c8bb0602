//! Trying an engine that may crash in a process of its own.
//!
//! Every program of this package that measures must hand its arguments to [`child`] first: the
//! process that is started is the same program, with the arguments of `rwasm-benches run`.

use crate::cli;
use std::collections::HashMap;
use std::process::{Command, ExitCode, Stdio};
use std::sync::Mutex;
use std::time::{Duration, Instant};

/// How long a kernel may take before the engine counts as hanging.
const PATIENCE: Duration = Duration::from_secs(20);

static KNOWN: Mutex<Option<HashMap<String, Result<(), String>>>> = Mutex::new(None);

/// If this process was started to try something, does that.
pub fn child() -> Option<ExitCode> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    (args.first().map(String::as_str) == Some("run")).then(|| cli::main(&args))
}

/// Runs a kernel with an engine in another process.
///
/// # Errors
///
/// With the reason if that crashes, hangs or gives a wrong result.
pub fn kernel(engine: &str, kernel: &str) -> Result<(), String> {
    let mut known = KNOWN.lock().expect("nothing panics while it is locked");
    let known = known.get_or_insert_default();
    known.entry(format!("{engine} {kernel}")).or_insert_with(|| run(engine, kernel)).clone()
}

fn run(engine: &str, kernel: &str) -> Result<(), String> {
    let exe = std::env::current_exe().map_err(|error| error.to_string())?;
    let mut command = Command::new(exe);
    command.args(["run", engine, kernel]).stdin(Stdio::null()).stdout(Stdio::null());
    let mut child =
        command.stderr(Stdio::piped()).spawn().map_err(|error| format!("no process: {error}"))?;
    let start = Instant::now();
    loop {
        match child.try_wait() {
            Ok(Some(_)) => break,
            Ok(None) if start.elapsed() < PATIENCE => std::thread::sleep(Duration::from_millis(2)),
            Ok(None) => {
                let _ = child.kill();
                let _ = child.wait();
                return Err("does not end".into());
            }
            Err(error) => return Err(error.to_string()),
        }
    }
    let output = child.wait_with_output().map_err(|error| error.to_string())?;
    if output.status.success() {
        return Ok(());
    }
    let message = String::from_utf8_lossy(&output.stderr);
    let message = message.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    match output.status.code() {
        Some(1) => Err(message.to_owned()),
        _ => Err(format!("crashes ({}) {message}", output.status)),
    }
}
