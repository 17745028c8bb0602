//! Paths that are resolved while somebody on the host moves things: nothing outside is reached.

use crate::guest::*;
use crate::host::{Snapshot, TempDir};
use rustix::fs::{CWD, RenameFlags, renameat_with};
use rwasm_wasi::p1::Errno;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// How long guest and host are at it.
const TIME: Duration = Duration::from_millis(300);

/// Has a guest in `dir` do something over and over while the host does something else.
fn while_host(dir: &Path, host: impl Fn() + Sync, mut guest_does: impl FnMut(&mut Guest)) {
    let done = AtomicBool::new(false);
    let mut guest = Guest::in_dir(dir);
    thread::scope(|scope| {
        scope.spawn(|| {
            while !done.load(Ordering::Relaxed) {
                host();
                // Or what the guest does would always wait for it, and come at the same moment.
                thread::sleep(Duration::from_micros(10));
            }
        });
        let _stop = Stop(&done); // Also if an assertion fails, or the thread would go on.
        let start = Instant::now();
        while start.elapsed() < TIME {
            guest_does(&mut guest);
        }
    });
}

struct Stop<'a>(&'a AtomicBool);

impl Drop for Stop<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Reads a file that should say `inside` if it can be read. Gives whether it could.
fn reads_inside(guest: &mut Guest, path: &str) -> bool {
    let Ok(fd) = guest.open_with(ROOT, FOLLOW, path, 0, READ, 0) else { return false };
    assert_eq!(guest.read(fd, 99).unwrap(), b"inside", "{path}");
    guest.close(fd).unwrap();
    true
}

/// A directory that is now what it is, and now a link to one outside.
fn swapped_with(target: impl FnOnce(&TempDir) -> String) {
    let dir = TempDir::new();
    for name in ["in", "in/sub", "out", "out/empty"] {
        fs::create_dir(dir.0.join(name)).unwrap();
    }
    dir.write("in/sub/file", "inside");
    dir.write("in/sub/other", "inside");
    dir.write("out/file", "outside");
    dir.write("out/other", "outside");
    symlink(target(&dir), dir.0.join("in/link")).unwrap();
    let before = Snapshot::of(&dir.0.join("out"));
    let (sub, link) = (dir.0.join("in/sub"), dir.0.join("in/link"));
    let (mut read, mut not_read) = (0, 0);
    while_host(
        &dir.0.join("in"),
        || renameat_with(CWD, &sub, CWD, &link, RenameFlags::EXCHANGE).unwrap(),
        |guest| {
            match reads_inside(guest, "sub/file") {
                true => read += 1,
                false => not_read += 1,
            }
            // What comes of them depends on the moment; what is outside must not.
            let _ = guest.open("sub/made", CREAT | TRUNC, WRITE).map(|fd| guest.close(fd));
            let _ = guest.open("sub/other", TRUNC, WRITE).map(|fd| guest.close(fd));
            let _ = guest.mkdir("sub/dir");
            let _ = guest.set_times_at("sub/file", FOLLOW, 0, 0, 2 | 8);
            let _ = guest.rename("sub/made", "sub/moved");
            let _ = guest.link(0, "sub/moved", "sub/linked");
            let _ = guest.symlink("x", "sub/symlink");
            let _ = guest.rmdir("sub/empty");
            for name in ["sub/moved", "sub/linked", "sub/symlink"] {
                let _ = guest.unlink(name);
            }
            let _ = guest.rmdir("sub/dir");
        },
    );
    assert_eq!(Snapshot::of(&dir.0.join("out")), before);
    println!("{read} reads, and {not_read} attempts");
}

#[test]
fn a_directory_swapped_with_a_relative_link_never_leads_out() {
    swapped_with(|_| "../out".to_owned());
}

#[test]
fn a_directory_swapped_with_an_absolute_link_never_leads_out() {
    swapped_with(|dir| dir.0.join("out").display().to_string());
}

#[test]
fn a_directory_that_is_moved_out_meanwhile_never_leads_out() {
    let dir = TempDir::new();
    for name in ["in", "in/a", "in/a/b", "elsewhere"] {
        fs::create_dir(dir.0.join(name)).unwrap();
    }
    // Two up from `in/a/b` is `in`, and two up from where `b` is moved to, what is around `in`.
    dir.write("in/file", "inside");
    dir.write("file", "outside");
    let (here, there) = (dir.0.join("in/a/b"), dir.0.join("elsewhere/b"));
    while_host(
        &dir.0.join("in"),
        || {
            fs::rename(&here, &there).unwrap();
            fs::rename(&there, &here).unwrap();
        },
        |guest| {
            reads_inside(guest, "a/b/../../file");
            let _ = guest.open("a/b/../../made", CREAT, WRITE).map(|fd| guest.close(fd));
            let _ = guest.mkdir("a/b/../../dir");
            let _ = guest.open("a/b", DIRECTORY, 0).map(|fd| {
                assert_eq!(guest.open_with(fd, 0, "../../file", 0, READ, 0), Err(Errno::Perm));
                guest.close(fd).unwrap();
            });
        },
    );
    assert!(!dir.0.join("made").exists());
    assert!(!dir.0.join("dir").exists());
    assert_eq!(dir.read("file"), "outside");
}
