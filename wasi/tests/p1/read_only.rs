//! Grants that are not for everything: each call that changes something, under each of them.

use crate::backend::{TestDir, on_every_backend};
use crate::guest::*;
use rwasm_wasi::p1::Errno;
use rwasm_wasi::{DirPerms, FilePerms, WasiCtxBuilder};

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
