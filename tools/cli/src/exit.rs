//! How the program ends: what it says, and its status.

use crate::backtrace;
use rwasm::wasi::I32Exit;
use rwasm::wasi::p1::WasiTrap;
use rwasm::{Error, Trap};
use std::fmt::Display;
use std::io::{Write as _, stderr, stdout};

/// Wrong usage of the command line.
const USAGE: u8 = 2;
/// The guest trapped: what a shell says of a program that was aborted.
const TRAP: u8 = 134;

/// Why the program ends early.
#[derive(Debug)]
pub enum Stop {
    /// Something went wrong.
    Error(String),
    /// The command line is wrong.
    Usage(String),
    /// The guest trapped, or the host ended it.
    Trap(String),
    /// The guest exits with this status.
    Exit(i32),
    /// There was only something to show, as with `--help`.
    Shown(String),
    /// All is said.
    Failed,
}

impl Stop {
    /// A failure that is a message.
    pub fn error(message: impl Display) -> Self {
        Stop::Error(message.to_string())
    }

    /// Says what there is to say and gives the status.
    pub fn report(self) -> u8 {
        let (status, message) = match self {
            Stop::Error(message) => (1, message),
            Stop::Usage(message) => (USAGE, message),
            Stop::Trap(message) => (TRAP, message),
            Stop::Exit(status) => return low_bits(status),
            Stop::Failed => return 1,
            Stop::Shown(text) => {
                say(&text);
                return 0;
            }
        };
        // Nobody is left to tell if that fails.
        let _ = writeln!(stderr(), "error: {}", plain(message.trim_end()));
        status
    }

    /// The same, and ends the program, whatever its other threads do.
    pub fn exit(self) -> ! {
        std::process::exit(self.report().into())
    }
}

/// Writes a line to standard output. A reader that has gone away is no error.
pub fn say(text: &str) {
    let _ = writeln!(stdout(), "{}", plain(text.trim_end()));
}

/// A text with nothing in it that a terminal obeys: names in a module may be anything.
fn plain(text: &str) -> String {
    let is_obeyed = |c: char| c.is_control() && c != '\n' && c != '\t';
    text.replace(is_obeyed, "\u{fffd}")
}

/// A status as the system keeps it, in eight bits; what is not 0 stays so.
fn low_bits(status: i32) -> u8 {
    match status as u8 {
        0 if status != 0 => 1,
        bits => bits,
    }
}

/// What to say of a guest that took too long.
pub fn timed_out(timeout: &str) -> String {
    format!("the guest was still running after {timeout} (--timeout)")
}

/// Whether the guest was ended from outside, wherever it was.
pub fn is_interruption(error: &Error) -> bool {
    error.downcast_ref::<Trap>() == Some(&Trap::Interrupt)
        || error.downcast_ref::<WasiTrap>() == Some(&WasiTrap::Interrupted)
}

/// What ended a guest, with what to add about its limits.
pub fn guest_ended(error: &Error, fuel: Option<u64>, timeout: Option<&str>) -> Stop {
    if let Some(exit) = error.downcast_ref::<I32Exit>() {
        return Stop::Exit(exit.0);
    }
    let trap = error.downcast_ref::<Trap>();
    let is_timed_out = is_interruption(error);
    let mut message = match (trap, timeout, fuel) {
        (_, Some(timeout), _) if is_timed_out => timed_out(timeout),
        (Some(Trap::OutOfFuel), _, Some(fuel)) => {
            format!("the guest has used all of its fuel (--fuel {fuel})")
        }
        (Some(trap), ..) => format!("the guest trapped: {trap}"),
        _ => format!("{error:#}"),
    };
    match error.backtrace() {
        None if trap.is_none() && !is_timed_out => Stop::Error(message),
        backtrace => {
            message += &backtrace.map(backtrace::show).unwrap_or_default();
            Stop::Trap(message)
        }
    }
}

#[test]
fn a_status_stays_a_failure() {
    assert_eq!([0, 7, 255, 256, -1].map(low_bits), [0, 7, 255, 1, 255]);
}
