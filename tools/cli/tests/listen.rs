//! `--tcplisten`: a guest that is connected to, also where that is recorded and replayed.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Shutdown, TcpStream};
use std::path::Path;
use std::process::{Command, Stdio};

/// Starts `rwasm run` with a guest that gives back what it receives, in reverse, and gives its
/// status and what came back.
fn connect(options: &[&str], text: &str) -> (Option<i32>, String) {
    let guest = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../spec-tests/cli/listen.wat");
    let mut command = Command::new(env!("CARGO_BIN_EXE_rwasm"));
    command.args(["run", "--tcplisten", "127.0.0.1:0"]).args(options).arg(guest);
    let mut child = command.stderr(Stdio::piped()).spawn().expect("rwasm can be run");
    let mut line = String::new();
    let stderr = child.stderr.as_mut().expect("it is piped");
    BufReader::new(stderr).read_line(&mut line).expect("rwasm says where it listens");
    let address = line.trim().strip_prefix("listening at ").expect("rwasm says where it listens");

    let mut stream = TcpStream::connect(address).expect("the guest can be connected to");
    stream.write_all(text.as_bytes()).expect("the guest receives");
    stream.shutdown(Shutdown::Write).expect("the guest learns that this is all");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("the guest answers");
    (child.wait().expect("the guest ends").code(), answer)
}

#[test]
fn a_guest_is_connected_to() {
    assert_eq!(connect(&[], "hello"), (Some(5), "olleh".into()));
    assert_eq!(connect(&["--threads"], "hello"), (Some(5), "olleh".into()));
}

#[test]
fn a_recorded_connection_is_there_in_the_replay() {
    let recording = std::env::temp_dir().join(format!("rwasm-listen-{}.rec", std::process::id()));
    let path = recording.to_str().expect("temporary folders have plain names");
    assert_eq!(connect(&["--record", path], "recorded"), (Some(8), "dedrocer".into()));
    let mut command = Command::new(env!("CARGO_BIN_EXE_rwasm"));
    let replayed = command.args(["replay", path]).status().expect("rwasm can be run");
    let _ = std::fs::remove_file(&recording);
    assert_eq!(replayed.code(), Some(8));
}
