//! Standard streams as a shell gives them: terminals, pipes that nobody reads, full disks, none at all.
#![cfg(unix)]

mod process;

use process::{Pty, guest, rwasm};
use std::fs::File;
use std::io::Read as _;
use std::process::{Command, Stdio};

/// A guest that writes `bytes` (as the text format has them) to a descriptor in pieces of `piece`
/// bytes, and exits with the errno of the first write that fails.
fn writer(bytes: &str, len: u32, piece: u32, fd: u32, times: u32) -> String {
    format!(
        r#"(module
  (import "wasi_snapshot_preview1" "fd_write"
    (func $write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory (export "memory") 1)
  (data (i32.const 64) "{bytes}")
  (func (export "_start") (local $at i32) (local $errno i32) (local $times i32)
    (loop $again
      (local.set $at (i32.const 0))
      (loop $next
        (i32.store (i32.const 0) (i32.add (i32.const 64) (local.get $at)))
        (i32.store (i32.const 4) (i32.const {piece}))
        (local.set $errno
          (call $write (i32.const {fd}) (i32.const 0) (i32.const 1) (i32.const 8)))
        (if (local.get $errno) (then (call $exit (local.get $errno))))
        (local.set $at (i32.add (local.get $at) (i32.load (i32.const 8))))
        (br_if $next (i32.lt_u (local.get $at) (i32.const {len}))))
      (local.set $times (i32.add (local.get $times) (i32.const 1)))
      (br_if $again (i32.lt_u (local.get $times) (i32.const {times}))))))"#
    )
}

const RED: &str = "\\1b[31m\\c3\\bc\\c2\\9b!\\n";

/// What a terminal as standard output or error gets from a guest that writes there.
fn on_terminal(options: &[&str], piece: u32, fd: u32) -> String {
    let guest = guest(&writer(RED, 11, piece, fd, 1));
    let pty = Pty::open();
    let mut command = rwasm(&guest);
    command.args(options);
    match fd {
        1 => command.stdout(pty.terminal()),
        _ => command.stderr(pty.terminal()),
    };
    let status = command.status().expect("rwasm can be run");
    drop(command); // It has the terminal open.
    assert_eq!(status.code(), Some(0));
    pty.read()
}

#[test]
fn a_terminal_shows_control_sequences_of_guests() {
    for fd in [1, 2] {
        for piece in [11, 1] {
            assert_eq!(on_terminal(&[], piece, fd), "␛[31mü\u{fffd}!\r\n", "{fd} {piece}");
        }
        let threads = ["--threads"];
        assert_eq!(on_terminal(&threads, 11, fd), "␛[31mü\u{fffd}!\r\n", "{fd}");
    }
}

#[test]
fn a_terminal_obeys_them_if_it_is_said() {
    for fd in [1, 2] {
        assert_eq!(on_terminal(&["--raw-terminal"], 11, fd), "\x1b[31mü\u{9b}!\r\n");
    }
}

/// Recordings come from strangers.
#[test]
fn a_replay_is_trusted_no_more_than_a_run() {
    let guest = guest(&writer(RED, 11, 11, 1, 1));
    let recording = guest.dir.join("recording");
    let recorded = rwasm(&guest).arg("--record").arg(&recording).output().unwrap();
    assert_eq!(recorded.stdout, "\x1b[31mü\u{9b}!\n".as_bytes());
    for (options, shown) in
        [(&[][..], "␛[31mü\u{fffd}!\r\n"), (&["--raw-terminal"], "\x1b[31mü\u{9b}!\r\n")]
    {
        let pty = Pty::open();
        let mut command = Command::new(env!("CARGO_BIN_EXE_rwasm"));
        command.arg("replay").arg(&recording).args(options).stdout(pty.terminal());
        assert_eq!(command.status().unwrap().code(), Some(0));
        drop(command);
        assert_eq!(pty.read(), shown, "{options:?}");
    }
}

#[test]
fn what_is_no_terminal_gets_the_bytes() {
    let guest = guest(&writer(RED, 11, 11, 1, 1));
    let output = rwasm(&guest).output().expect("rwasm can be run");
    assert_eq!(output.stdout, "\x1b[31mü\u{9b}!\n".as_bytes());
}

/// Nor does rwasm itself write what is in names.
#[test]
fn messages_have_nothing_that_a_terminal_obeys() {
    let guest = guest(r#"(module (import "a\1b[2J" "b\c2\9b" (func)) (func (export "_start")))"#);
    let pty = Pty::open();
    let mut command = rwasm(&guest);
    command.stderr(pty.terminal()).status().expect("rwasm can be run");
    drop(command);
    let shown = pty.read();
    assert!(shown.contains("`a\u{fffd}[2J::b\u{fffd}`"), "{shown}");
    assert!(!shown.contains('\x1b'), "{shown}");
}

#[test]
fn a_pipe_that_nobody_reads_is_an_errno_and_no_signal() {
    for options in [&[][..], &["--threads"]] {
        let guest = guest(&writer("abc", 3, 3, 1, u32::MAX));
        let mut child = rwasm(&guest).args(options).stdout(Stdio::piped()).spawn().unwrap();
        let mut some = [0; 3];
        let mut stdout = child.stdout.take().expect("it is piped");
        stdout.read_exact(&mut some).expect("the guest writes");
        drop(stdout);
        assert_eq!(child.wait().unwrap().code(), Some(64), "errno `pipe`");
    }
}

#[test]
fn a_full_disk_is_an_errno() {
    let guest = guest(&writer("abc", 3, 3, 1, 1));
    let full = File::options().write(true).open("/dev/full").unwrap();
    let status = rwasm(&guest).stdout(full).status().unwrap();
    assert_eq!(status.code(), Some(51), "errno `nospc`");
    let status = rwasm(&guest).args(["--stdout", "/dev/full"]).status().unwrap();
    assert_eq!(status.code(), Some(51), "errno `nospc`");
}

/// Whatever is opened next would get the number of a closed stream, and what is written there.
#[test]
fn a_closed_stream_is_nobody_elses() {
    for closed in [">&-", "2>&-", "<&-", ">&- 2>&- <&-"] {
        for fd in [1, 2] {
            let guest = guest(&writer("abc", 3, 3, fd, 1));
            let recording = guest.dir.join("recording");
            let script = format!("exec \"$0\" run --record \"$1\" \"$2\" {closed}");
            let mut command = Command::new("sh");
            command.args(["-c", &script, env!("CARGO_BIN_EXE_rwasm")]);
            let output = command.arg(&recording).arg(&guest.file).output().unwrap();
            assert_eq!(output.status.code(), Some(0), "{closed} {fd}");
            let replayed = Command::new(env!("CARGO_BIN_EXE_rwasm"))
                .arg("replay")
                .arg(&recording)
                .output()
                .unwrap();
            assert_eq!(replayed.status.code(), Some(0), "{closed} {fd}: the recording is good");
            let written = if fd == 1 { replayed.stdout } else { replayed.stderr };
            assert_eq!(written, b"abc");
        }
    }
}
