//! The built program, guests for it, and pseudo terminals.
#![allow(dead_code, reason = "not every test needs everything")]

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use std::ffi::OsString;
use std::fs::{self, File};
use std::io::Read as _;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStringExt;
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

/// A module in a folder of its own, which is gone when the test is over.
pub struct Guest {
    pub dir: PathBuf,
    pub file: PathBuf,
}

/// A guest that is `text`.
pub fn guest(text: &str) -> Guest {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let dir = std::env::temp_dir().join(format!("rwasm-guest-{}-{number}", std::process::id()));
    fs::create_dir_all(&dir).expect("a folder can be made");
    let file = dir.join("guest.wat");
    fs::write(&file, text).expect("the guest can be written");
    Guest { dir, file }
}

impl Drop for Guest {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.dir);
    }
}

/// `rwasm run` of a guest, to which options can be added.
pub fn rwasm(guest: &Guest) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rwasm"));
    command.arg("run").arg(&guest.file).stdin(Stdio::null());
    command
}

/// A pseudo terminal: what is written to its terminal can be read.
pub struct Pty {
    side: OwnedFd,
    path: OsString,
}

impl Pty {
    pub fn open() -> Self {
        let side = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).expect("there are terminals");
        grantpt(&side).expect("it can be used");
        unlockpt(&side).expect("it can be used");
        let path = ptsname(&side, Vec::new()).expect("it has a name");
        Self { side, path: OsString::from_vec(path.into_bytes()) }
    }

    /// The terminal, opened once more.
    pub fn terminal(&self) -> File {
        let flags = rustix::fs::OFlags::NOCTTY.bits() as i32;
        let mut options = File::options();
        options.read(true).write(true).custom_flags(flags);
        options.open(&self.path).expect("a terminal can be opened")
    }

    /// All that was written to the terminal, when nobody has it open any more.
    pub fn read(self) -> String {
        let (mut bytes, mut side) = (Vec::new(), File::from(self.side));
        let _ = side.read_to_end(&mut bytes); // Its end is an error.
        String::from_utf8_lossy(&bytes).into_owned()
    }
}
