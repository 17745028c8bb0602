//! All of these tests again on hosts that are different: where the kernel has no `openat2`, and as
//! another user than root.
//!
//! With `openat2` the kernel keeps a path inside its directory; cap-std walks it by itself where
//! that fails with `ENOSYS`, which it remembers for the life of the process, or with `EPERM`, as
//! below some filters of containers. So the tests run in a process of their own, below a seccomp
//! filter that gives this answer: a filter of a thread is also that of the processes which it
//! starts, and needs no privileges.

use crate::host::TempDir;
use rustix::fs::{Mode, OFlags, ResolveFlags, openat2};
use rustix::io::Errno;
use seccompiler::{BpfProgram, SeccompAction, SeccompFilter};
use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::{Mutex, PoisonError};
use std::{env, fs, io, thread};

/// Nobody, on every system.
const OTHER_USER: u32 = 65_534;

/// The number of the call, which is the same for each architecture.
const SYS_OPENAT2: i64 = 437;

/// Held from where a program is written to where it runs: a process that another test starts in
/// between has what is open here until it runs its own program, and what is open to be written
/// cannot be run (`ETXTBSY`). No other test starts processes.
static SPAWNING: Mutex<()> = Mutex::new(());

fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

/// Runs the tests of this program that are not in this file.
fn rerun(other_user: bool) -> io::Result<()> {
    // What is built may lie where other users do not get to.
    let dir = TempDir::new();
    let program = dir.0.join("tests");
    let spawning = SPAWNING.lock().unwrap_or_else(PoisonError::into_inner);
    fs::copy(env::current_exe()?, &program)?;
    fs::set_permissions(&dir.0, fs::Permissions::from_mode(0o755))?;
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755))?;
    let mut command = Command::new(program);
    command.args(["--skip", "reruns::", "--test-threads", "2"]).current_dir(&dir.0);
    if other_user {
        command.uid(OTHER_USER).gid(OTHER_USER);
    }
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let child = command.spawn()?;
    drop(spawning);
    let output = child.wait_with_output()?;
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{text}{}", String::from_utf8_lossy(&output.stderr));
    assert!(text.contains("escapes::"), "the tests ran: {text}");
    Ok(())
}

/// Does something where `openat2` always fails so.
fn where_openat2_fails(errno: Errno, then: impl FnOnce() -> io::Result<()> + Send) {
    let arch = env::consts::ARCH.try_into().expect("seccomp filters know this architecture");
    let calls = BTreeMap::from([(SYS_OPENAT2, Vec::new())]);
    let fails = SeccompAction::Errno(errno.raw_os_error() as u32);
    let filter = SeccompFilter::new(calls, SeccompAction::Allow, fails, arch).unwrap();
    let filter = BpfProgram::try_from(filter).unwrap();
    thread::scope(|scope| {
        let filtered = scope.spawn(|| {
            seccompiler::apply_filter(&filter).expect("the kernel has seccomp filters");
            assert_eq!(has_openat2(), Err(errno));
            then()
        });
        filtered.join().unwrap().unwrap();
    });
}

fn has_openat2() -> rustix::io::Result<()> {
    let flags = OFlags::PATH | OFlags::CLOEXEC;
    openat2(rustix::fs::CWD, Path::new("."), flags, Mode::empty(), ResolveFlags::BENEATH).map(drop)
}

#[test]
fn without_openat2_everything_is_the_same() {
    where_openat2_fails(Errno::NOSYS, || rerun(false));
}

#[test]
fn where_openat2_is_forbidden_everything_is_the_same() {
    where_openat2_fails(Errno::PERM, || rerun(false));
}

#[test]
fn another_user_than_root_has_the_same() {
    if !is_root() {
        println!("skipped: only root can become another user, and the other tests run as one");
        return;
    }
    rerun(true).unwrap();
}

#[test]
fn another_user_than_root_has_the_same_without_openat2() {
    if !is_root() {
        println!("skipped: only root can become another user");
        return;
    }
    where_openat2_fails(Errno::NOSYS, || rerun(true));
}
