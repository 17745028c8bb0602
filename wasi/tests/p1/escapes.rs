//! No path leads out of a directory that was given, and nothing is given by default.

use crate::backend::{TestDir, on_every_backend};
use crate::guest::*;
use rwasm_wasi::p1::{Errno, functions as p1};
use rwasm_wasi::{WasiCtx, WasiP1Ctx};

/// A directory with `in/` to be given and `secret` beside it.
fn fixture(dir: &TestDir) -> Guest {
    dir.write("secret", "s");
    dir.create_dir("in");
    dir.create_dir("in/sub");
    dir.guest_in("in")
}

const OUTSIDE: [&str; 6] =
    ["../secret", "..", "/etc/passwd", "sub/../../secret", "sub/../..", "./../secret"];

#[test]
fn nothing_is_granted_by_default() {
    let mut guest = Guest::new(WasiP1Ctx::new(WasiCtx::default()));
    assert_eq!(guest.call(|cx, mem| p1::fd_prestat_get(cx, mem, 3, OUT)), Err(Errno::Badf));
    assert_eq!(guest.open("x", CREAT, WRITE), Err(Errno::Badf));
    assert_eq!(guest.read(0, 10).unwrap(), b"");
    assert_eq!(guest.write(1, b"gone"), Ok(4));
    guest.call(|cx, mem| p1::args_sizes_get(cx, mem, OUT, OUT + 4)).unwrap();
    assert_eq!((guest.u32_at(OUT), guest.u32_at(OUT + 4)), (0, 0));
    guest.call(|cx, mem| p1::environ_sizes_get(cx, mem, OUT, OUT + 4)).unwrap();
    assert_eq!((guest.u32_at(OUT), guest.u32_at(OUT + 4)), (0, 0));
}

#[test]
fn paths_outside_are_refused_by_every_function() {
    on_every_backend(|dir| {
        let mut guest = fixture(dir);
        guest.open("file", CREAT, WRITE).unwrap();
        for path in OUTSIDE {
            let perm = Err(Errno::Perm);
            assert_eq!(guest.open(path, 0, READ), perm.map(|()| 0), "open {path}");
            assert_eq!(guest.open(path, CREAT, WRITE), perm.map(|()| 0), "create {path}");
            assert_eq!(guest.stat_at(path, 0).err(), Some(Errno::Perm), "stat {path}");
            assert_eq!(guest.stat_at(path, FOLLOW).err(), Some(Errno::Perm), "stat {path}");
            assert_eq!(guest.set_times_at(path, FOLLOW, 0, 0, 10), perm, "set_times {path}");
            assert_eq!(guest.set_times_at(path, 0, 0, 0, 10), perm, "set_times {path}");
            assert_eq!(guest.link(0, path, "new"), perm, "link {path}");
            assert_eq!(guest.readlink(path, 10), perm.map(|()| String::new()), "readlink {path}");
            assert!(guest.unlink(path).is_err(), "unlink {path}");
            assert!(guest.rmdir(path).is_err(), "rmdir {path}");
            assert!(guest.mkdir(path).is_err(), "mkdir {path}");
            assert!(guest.rename(path, "new").is_err(), "rename {path}");
            assert!(guest.rename("file", path).is_err(), "rename to {path}");
            assert!(guest.link(0, "file", path).is_err(), "link to {path}");
            assert!(guest.symlink("file", path).is_err(), "symlink {path}");
        }
        assert_eq!(dir.read("secret"), "s");
    });
}

#[test]
fn symbolic_links_out_are_refused_when_followed() {
    on_every_backend(|dir| {
        let mut guest = fixture(dir);
        guest.symlink("../secret", "relative").unwrap();
        guest.symlink("sub/../..", "up").unwrap();
        guest.symlink("relative", "chain").unwrap();
        for path in ["relative", "up", "up/secret", "chain"] {
            let opened = guest.open_with(ROOT, FOLLOW, path, 0, READ, 0);
            assert_eq!(opened, Err(Errno::Perm), "{path}");
            assert_eq!(guest.stat_at(path, FOLLOW).err(), Some(Errno::Perm), "{path}");
            assert_eq!(guest.set_times_at(path, FOLLOW, 0, 0, 10), Err(Errno::Perm), "{path}");
        }
        assert_eq!(guest.readlink("relative", 100).unwrap(), "../secret");
        assert_eq!(
            guest.open_with(ROOT, FOLLOW, "relative", CREAT | TRUNC, WRITE, 0),
            Err(Errno::Perm)
        );
        assert_eq!(dir.read("secret"), "s");
    });
}

#[test]
fn absolute_symbolic_links_are_refused_when_followed() {
    on_every_backend(|dir| {
        dir.create_dir("in");
        if dir.symlink("/etc/passwd", "in/absolute").is_err() {
            assert!(matches!(dir, TestDir::Memory(_)), "only in memory nobody can make one");
            return;
        }
        dir.symlink("/etc", "in/absolute_dir").unwrap();
        let mut guest = dir.guest_in("in");
        for path in ["absolute", "absolute_dir/passwd"] {
            let opened = guest.open_with(ROOT, FOLLOW, path, 0, READ, 0);
            assert_eq!(opened, Err(Errno::Perm), "{path}");
            assert_eq!(guest.stat_at(path, FOLLOW).err(), Some(Errno::Perm), "{path}");
            assert_eq!(guest.set_times_at(path, FOLLOW, 0, 0, 10), Err(Errno::Perm), "{path}");
        }
        assert_eq!(guest.stat_at("absolute", 0).unwrap().filetype, 7);
        assert_eq!(guest.readlink("absolute", 100), Err(Errno::Perm));
    });
}

#[test]
fn absolute_symbolic_links_cannot_be_made() {
    on_every_backend(|dir| {
        let mut guest = fixture(dir);
        assert_eq!(guest.symlink("/", "x"), Err(Errno::Perm));
        assert_eq!(guest.symlink("/etc/passwd", "x"), Err(Errno::Perm));
    });
}

#[test]
fn dots_inside_are_resolved() {
    on_every_backend(|dir| {
        let mut guest = fixture(dir);
        dir.write("in/file", "f");
        let fd = guest.open("sub/.//../sub/../file", 0, READ).unwrap();
        assert_eq!(guest.read(fd, 10).unwrap(), b"f");
        let sub = guest.open("sub", DIRECTORY, 0).unwrap();
        // A directory that was opened is a boundary of its own.
        assert_eq!(guest.open_with(sub, 0, "../file", 0, READ, 0), Err(Errno::Perm));
    });
}

#[test]
fn a_directory_moved_away_is_still_a_boundary() {
    on_every_backend(|dir| {
        let mut guest = fixture(dir);
        let sub = guest.open("sub", DIRECTORY, 0).unwrap();
        dir.rename("in/sub", "moved");
        assert_eq!(guest.open_with(sub, 0, "../secret", 0, READ, 0), Err(Errno::Perm));
        assert!(guest.open_with(sub, 0, "new", CREAT, WRITE, 0).is_ok());
    });
}
