//! Grants that are not for everything: each call that changes something, under each of them.

use crate::backend::{TestDir, on_every_backend};
use crate::guest::*;
use crate::host::{Snapshot, TempDir};
use rwasm_wasi::p1::Errno;
use rwasm_wasi::{DirPerms, FilePerms, WasiCtxBuilder};
use std::os::unix::fs::symlink;

fn fixture(dir: &TestDir) {
    dir.write("f", "abc");
    dir.create_dir("d");
    dir.symlink("f", "l").unwrap();
}

type Change = fn(&mut Guest) -> Answer;

/// Every call that changes a directory.
const DIR_CHANGES: &[(&str, Change)] = &[
    ("create", |guest| guest.open("new", CREAT, READ).map(drop)),
    ("create exclusively", |guest| guest.open("new", CREAT | EXCL, WRITE).map(drop)),
    ("mkdir", |guest| guest.mkdir("new")),
    ("rmdir", |guest| guest.rmdir("d")),
    ("unlink", |guest| guest.unlink("f")),
    ("symlink", |guest| guest.symlink("f", "new")),
    ("link", |guest| guest.link(0, "f", "new")),
    ("rename", |guest| guest.rename("f", "new")),
    ("set times of a path", |guest| guest.set_times_at("d", 0, 0, 0, 2 | 8)),
    ("set times of a followed path", |guest| guest.set_times_at("l", FOLLOW, 0, 0, 2 | 8)),
    ("set times of the directory", |guest| guest.set_times(ROOT, 0, 0, 2 | 8)),
];

/// Every call that changes a file.
const FILE_CHANGES: &[(&str, Change)] = &[
    ("open for writing", |guest| guest.open("f", 0, WRITE).map(drop)),
    ("open for both", |guest| guest.open("f", 0, READ | WRITE).map(drop)),
    ("truncate", |guest| guest.open("f", TRUNC, READ).map(drop)),
    ("create", |guest| guest.open("new", CREAT, READ).map(drop)),
    ("set size", |guest| {
        let fd = guest.open("f", 0, READ)?;
        guest.set_size(fd, 0)
    }),
    ("set times", |guest| {
        let fd = guest.open("f", 0, READ)?;
        guest.set_times(fd, 0, 0, 2 | 8)
    }),
    ("set times of a path", |guest| guest.set_times_at("f", 0, 0, 0, 2 | 8)),
];

const LOOK: DirPerms = DirPerms::READ;
const MUTATE: DirPerms = DirPerms::MUTATE;
const FILE_READ: FilePerms = FilePerms::READ;
const FILE_WRITE: FilePerms = FilePerms::WRITE;
const NO_FILE: FilePerms = FilePerms::empty();

/// Every call that changes something, and the permissions that it needs.
#[rustfmt::skip]
const CHANGES: &[(&str, DirPerms, FilePerms, Change)] = &[
    ("create", DirPerms::all(), FILE_WRITE, |guest| guest.open("new", CREAT, 0).map(drop)),
    ("create exclusively", DirPerms::all(), FILE_WRITE, |guest| {
        guest.open("new", CREAT | EXCL, WRITE).map(drop)
    }),
    ("create and read", DirPerms::all(), FilePerms::all(), |guest| {
        guest.open("new", CREAT, READ).map(drop)
    }),
    ("create in a directory below", DirPerms::all(), FILE_WRITE, |guest| {
        let sub = guest.open("d", DIRECTORY, 0)?;
        guest.open_with(sub, 0, "new", CREAT, WRITE, 0).map(drop)
    }),
    ("create through a link", DirPerms::all(), FILE_WRITE, |guest| {
        guest.open_with(ROOT, FOLLOW, "dangling", CREAT, WRITE, 0).map(drop)
    }),
    ("truncate", LOOK, FILE_WRITE, |guest| guest.open("f", TRUNC, 0).map(drop)),
    ("truncate and read", LOOK, FilePerms::all(), |guest| guest.open("f", TRUNC, READ).map(drop)),
    ("truncate through a link", LOOK, FILE_WRITE, |guest| {
        guest.open_with(ROOT, FOLLOW, "l", TRUNC, WRITE, 0).map(drop)
    }),
    ("write", LOOK, FILE_WRITE, |guest| {
        let fd = guest.open("f", 0, WRITE)?;
        guest.write(fd, b"new").map(drop)
    }),
    ("write at an offset", LOOK, FilePerms::all(), |guest| {
        let fd = guest.open("f", 0, READ | WRITE)?;
        guest.pwrite(fd, b"new", 1).map(drop)
    }),
    ("append", LOOK, FILE_WRITE, |guest| {
        let fd = guest.open_with(ROOT, 0, "f", 0, WRITE, APPEND as _)?;
        guest.write(fd, b"new").map(drop)
    }),
    ("set size", LOOK, FILE_WRITE, |guest| {
        let fd = guest.open("f", 0, WRITE)?;
        guest.set_size(fd, 1)
    }),
    ("set times of a file", LOOK, FilePerms::all(), |guest| {
        let fd = guest.open("f", 0, READ)?;
        guest.set_times(fd, 0, 0, 2 | 8)
    }),
    ("set times of a directory below", DirPerms::all(), NO_FILE, |guest| {
        let sub = guest.open("d", DIRECTORY, 0)?;
        guest.set_times(sub, 0, 0, 2 | 8)
    }),
    ("set times of the directory", MUTATE, NO_FILE, |guest| guest.set_times(ROOT, 0, 0, 2 | 8)),
    ("set times of a path", MUTATE, FILE_WRITE, |guest| guest.set_times_at("f", 0, 0, 0, 2 | 8)),
    ("set times of a directory's path", MUTATE, FILE_WRITE, |guest| {
        guest.set_times_at("d", 0, 0, 0, 2 | 8)
    }),
    ("set times through a link", MUTATE, FILE_WRITE, |guest| {
        guest.set_times_at("l", FOLLOW, 0, 0, 2 | 8)
    }),
    ("mkdir", MUTATE, NO_FILE, |guest| guest.mkdir("new")),
    ("rmdir", MUTATE, NO_FILE, |guest| guest.rmdir("d")),
    ("unlink", MUTATE, NO_FILE, |guest| guest.unlink("f")),
    ("symlink", MUTATE, NO_FILE, |guest| guest.symlink("f", "new")),
    ("link", MUTATE, NO_FILE, |guest| guest.link(0, "f", "new")),
    ("rename", MUTATE, NO_FILE, |guest| guest.rename("f", "new")),
    ("rename over another", MUTATE, NO_FILE, |guest| guest.rename("f", "g")),
];

#[test]
fn a_call_changes_nothing_without_the_permissions_that_it_needs() {
    let all_dir = [DirPerms::empty(), LOOK, MUTATE, DirPerms::all()];
    let all_file = [NO_FILE, FILE_READ, FILE_WRITE, FilePerms::all()];
    for (dir_perms, file_perms) in all_dir.iter().flat_map(|dir| all_file.map(|file| (*dir, file)))
    {
        for &(name, needs_dir, needs_file, change) in CHANGES {
            let dir = TempDir::new();
            dir.write("f", "abc");
            dir.write("g", "def");
            std::fs::create_dir(dir.0.join("d")).unwrap();
            symlink("f", dir.0.join("l")).unwrap();
            symlink("none", dir.0.join("dangling")).unwrap();
            let before = Snapshot::of(&dir.0);
            let mut guest = Guest::with_perms(&dir.0, dir_perms, file_perms);
            let answer = change(&mut guest);
            let after = Snapshot::of(&dir.0);
            let what = format!("{name} with {dir_perms:?} and {file_perms:?}");
            if dir_perms.contains(needs_dir) && file_perms.contains(needs_file) {
                assert_eq!(answer, Ok(()), "{what}");
                assert_ne!(after, before, "{what}");
            } else {
                assert_eq!(answer, Err(Errno::Perm), "{what}");
                assert_eq!(after, before, "{what}");
            }
        }
    }
}

fn assert_unchanged(dir: &TestDir) {
    assert_eq!(dir.read("f"), "abc");
    assert!(dir.is_dir("d"));
    assert!(!dir.exists("new"));
}

#[test]
fn nothing_changes_below_a_read_only_directory() {
    on_every_backend(|dir| {
        fixture(dir);
        let mut guest = dir.guest_with(DirPerms::READ, FilePerms::READ);
        let modified = |name| dir.modified(name);
        let before = (modified("."), modified("f"), modified("d"));
        for (name, change) in DIR_CHANGES.iter().chain(FILE_CHANGES) {
            assert_eq!(change(&mut guest), Err(Errno::Perm), "{name}");
        }
        assert_unchanged(dir);
        assert_eq!((modified("."), modified("f"), modified("d")), before);
        let fd = guest.open("f", 0, READ).unwrap();
        assert_eq!(guest.read(fd, 9).unwrap(), b"abc");
        assert_eq!(guest.fdstat(ROOT).unwrap().3 & WRITE, 0);
    });
}

#[test]
fn grants_are_inherited_by_directories_below() {
    on_every_backend(|dir| {
        fixture(dir);
        dir.write("d/f", "abc");
        let mut guest = dir.guest_with(DirPerms::READ, FilePerms::READ);
        let sub = guest.open("d", DIRECTORY, 0).unwrap();
        assert_eq!(guest.open_with(sub, 0, "f", 0, WRITE, 0), Err(Errno::Perm));
        assert_eq!(guest.open_with(sub, 0, "new", CREAT, 0, 0), Err(Errno::Perm));
        assert_eq!(guest.set_times(sub, 0, 0, 2 | 8), Err(Errno::Perm));
    });
}

#[test]
fn files_can_be_read_only_where_directories_are_not() {
    on_every_backend(|dir| {
        fixture(dir);
        let mut guest = dir.guest_with(DirPerms::all(), FilePerms::READ);
        for (name, change) in FILE_CHANGES {
            assert_eq!(change(&mut guest), Err(Errno::Perm), "{name}");
        }
        assert_unchanged(dir);
        guest.rename("f", "g").unwrap();
    });
}

#[test]
fn directories_can_be_read_only_where_files_are_not() {
    on_every_backend(|dir| {
        fixture(dir);
        let mut guest = dir.guest_with(DirPerms::READ, FilePerms::all());
        for (name, change) in DIR_CHANGES {
            assert_eq!(change(&mut guest), Err(Errno::Perm), "{name}");
        }
        assert_unchanged(dir);
        let fd = guest.open("f", TRUNC, WRITE).unwrap();
        guest.write(fd, b"x").unwrap();
        assert_eq!(dir.read("f"), "x");
    });
}

#[test]
fn nothing_is_seen_without_the_right_to_read() {
    on_every_backend(|dir| {
        fixture(dir);
        let mut guest = dir.guest_with(DirPerms::MUTATE, FilePerms::all());
        assert_eq!(guest.open("f", 0, READ), Err(Errno::Perm));
        assert_eq!(guest.stat_at("f", 0).err(), Some(Errno::Perm));
        assert_eq!(guest.readlink("l", 9), Err(Errno::Perm));
        let mut guest = dir.guest_with(DirPerms::READ, FilePerms::WRITE);
        assert_eq!(guest.open("f", 0, READ), Err(Errno::Perm));
        assert!(guest.open("f", 0, WRITE).is_ok());
        assert!(guest.open("d", DIRECTORY, READ).is_ok());
    });
}

#[test]
fn a_grant_cannot_be_widened_by_moving_a_file() {
    on_every_backend(|dir| {
        fixture(dir);
        let mut builder = WasiCtxBuilder::new();
        dir.preopen(&mut builder, ".", "/ro", DirPerms::all(), FilePerms::READ);
        dir.preopen(&mut builder, "d", "/rw", DirPerms::all(), FilePerms::all());
        let mut guest = Guest::new(builder.build_p1());
        assert_eq!(guest.link_between(3, 0, "f", 4, "f"), Err(Errno::Perm));
        assert_eq!(guest.rename_between(3, "f", 4, "f"), Err(Errno::Perm));
        guest.open_with(4, 0, "g", CREAT, WRITE, 0).unwrap();
        guest.rename_between(4, "g", 3, "g").unwrap();
        assert_unchanged(dir);
    });
}
