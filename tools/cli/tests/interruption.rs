//! Guests that wait are ended: by `--timeout`, and by the user.
#![cfg(unix)]

mod process;

use process::{Guest, Pty, guest, rwasm};
use rustix::process::{Pid, Signal, kill_process};
use rustix::termios::tcgetattr;
use std::io::Read as _;
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, ChildStdin, Stdio};
use std::time::{Duration, Instant};

/// A guest that writes `ready`, and then does something for ever.
fn waiting(wait: &str) -> Guest {
    guest(&format!(
        r#"(module
  (import "wasi_snapshot_preview1" "fd_write"
    (func $write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_read"
    (func $read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "poll_oneoff"
    (func $poll (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "random_get" (func $random (param i32 i32) (result i32)))
  (memory (export "memory") 1024)
  (data (i32.const 64) "ready")
  ;; Of the monotonic clock, an hour from now; and of standard input.
  (data (i32.const 128) "\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\01\00\00\00\00\00\00\00")
  (data (i32.const 152) "\00\a0\b8\30\46\03\00\00")
  (data (i32.const 184) "\01")
  (func $buffer (param $at i32) (param $len i32)
    (i32.store (i32.const 0) (local.get $at))
    (i32.store (i32.const 4) (local.get $len)))
  (func (export "_start")
    (call $buffer (i32.const 64) (i32.const 5))
    (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))
    (loop $again
      {wait}
      (br $again))))"#
    ))
}

const SLEEPS: &str =
    "(drop (call $poll (i32.const 128) (i32.const 1024) (i32.const 1) (i32.const 8)))";
const POLLS: &str =
    "(drop (call $poll (i32.const 128) (i32.const 1024) (i32.const 2) (i32.const 8)))";
const READS: &str = "(call $buffer (i32.const 1024) (i32.const 64))
      (drop (call $read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 8)))";
const WRITES: &str = "(call $buffer (i32.const 1024) (i32.const 60000))
      (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))";
const ROLLS: &str = "(drop (call $random (i32.const 1024) (i32.const 67000000)))";
const COMPUTES: &str = "";

const WAITS: [(&str, &str); 6] = [
    ("sleeps", SLEEPS),
    ("polls", POLLS),
    ("reads", READS),
    ("writes to a pipe that is full", WRITES),
    ("makes randomness", ROLLS),
    ("computes", COMPUTES),
];

/// Starts a guest and gives it time to come to what it does for ever. Its input is open, and its
/// output is not read any more.
fn start(guest: &Guest, options: &[&str]) -> (Child, ChildStdin) {
    let mut command = rwasm(guest);
    command.args(options).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("rwasm can be run");
    let mut ready = [0; 5];
    child.stdout.as_mut().expect("it is piped").read_exact(&mut ready).expect("the guest writes");
    assert_eq!(&ready, b"ready");
    std::thread::sleep(Duration::from_millis(50));
    let stdin = child.stdin.take().expect("it is piped");
    (child, stdin)
}

/// Signals by which a user ends what runs. Whoever starts the tests may have SIGINT ignored, as a shell
/// does for what it starts in the background; it is ignored by what they start, too, then.
fn signals() -> &'static [Signal] {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let ignored = ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    let interrupt = 1 << (Signal::INT.as_raw() - 1);
    match ignored.unwrap_or(0) & interrupt {
        0 => &[Signal::INT, Signal::TERM],
        _ => &[Signal::TERM],
    }
}

/// Long enough for a machine that has other things to do, and no time for what waits for ever.
const GENEROUS: Duration = Duration::from_secs(20);

#[test]
fn a_timeout_ends_whatever_a_guest_waits_for() {
    for (name, wait) in WAITS {
        for options in [&["--timeout", "300ms"][..], &["--timeout", "300ms", "--threads"]] {
            let begun = Instant::now();
            let guest = waiting(wait);
            let (mut child, _stdin) = start(&guest, options);
            let status = child.wait().expect("it ends");
            assert_eq!(status.code(), Some(134), "a guest that {name}, {options:?}");
            assert!(begun.elapsed() < GENEROUS, "a guest that {name}, {options:?}");
            let mut message = String::new();
            child.stderr.take().unwrap().read_to_string(&mut message).unwrap();
            assert!(message.contains("still running after 300ms"), "{message}");
        }
    }
}

/// It dies of the signal, which is what a shell calls 130, so that a script that runs it ends, too.
#[test]
fn the_user_ends_whatever_a_guest_waits_for() {
    for (name, wait) in WAITS {
        for options in [&[][..], &["--threads"], &["--timeout", "1h"]] {
            for signal in signals() {
                let guest = waiting(wait);
                let (mut child, _stdin) = start(&guest, options);
                kill_process(Pid::from_child(&child), *signal).expect("it runs");
                let status = child.wait().expect("it ends");
                let number = Some(signal.as_raw());
                assert_eq!(status.signal(), number, "a guest that {name}, {options:?}");
            }
        }
    }
}

#[test]
fn a_terminal_is_left_as_it_was() {
    for (name, wait) in WAITS {
        let pty = Pty::open();
        let terminal = pty.terminal();
        let flags = || rustix::fs::fcntl_getfl(&terminal).unwrap();
        let mode = || format!("{:?}", tcgetattr(&terminal).unwrap());
        let before = (mode(), flags());
        let guest = waiting(wait);
        let mut command = rwasm(&guest);
        let share = || terminal.try_clone().unwrap();
        command.stdin(share()).stderr(share()).stdout(Stdio::piped());
        let mut child = command.spawn().expect("rwasm can be run");
        let mut ready = [0; 5];
        child.stdout.as_mut().unwrap().read_exact(&mut ready).expect("the guest writes");
        std::thread::sleep(Duration::from_millis(50));
        assert_eq!((mode(), flags()), before, "while a guest {name}");
        let signal = signals()[0];
        kill_process(Pid::from_child(&child), signal).expect("it runs");
        assert_eq!(child.wait().unwrap().signal(), Some(signal.as_raw()));
        assert_eq!((mode(), flags()), before, "after a guest {name}");
    }
}
