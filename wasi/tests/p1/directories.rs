//! Listing directories, and what preopened ones are called.

use crate::backend::on_every_backend;
use crate::guest::*;
use rwasm_wasi::p1::{Errno, functions as p1};
use rwasm_wasi::{DirPerms, FilePerms, WasiCtxBuilder};
use std::collections::BTreeSet;

#[derive(Debug)]
struct Entry {
    next: u64,
    ino: u64,
    filetype: u8,
    name: String,
}

/// One call: what came whole, and whether that was the end.
fn page(guest: &mut Guest, fd: u32, len: u32, cookie: u64) -> (Vec<Entry>, bool) {
    guest.call(|cx, mem| p1::fd_readdir(cx, mem, fd, BUF, len, cookie, OUT)).unwrap();
    let used = guest.u32_at(OUT);
    let (mut at, end) = (BUF, BUF + used);
    let mut entries = Vec::new();
    while end - at >= 24 && end - at - 24 >= guest.u32_at(at + 16) {
        let name_len = guest.u32_at(at + 16);
        entries.push(Entry {
            next: guest.u64_at(at),
            ino: guest.u64_at(at + 8),
            filetype: guest.bytes[at as usize + 20],
            name: String::from_utf8(guest.get(at + 24, name_len).to_vec()).unwrap(),
        });
        at += 24 + name_len;
    }
    (entries, used < len)
}

#[test]
fn an_empty_directory_lists_itself() {
    on_every_backend(|dir| {
        let mut guest = dir.guest();
        let ino = guest.stat(ROOT).unwrap().ino;
        let (entries, end) = page(&mut guest, ROOT, 256, 0);
        assert!(end);
        let [dot, dotdot] = &entries[..] else { panic!("{entries:?}") };
        assert_eq!((&dot.name[..], dot.next, dot.ino, dot.filetype), (".", 1, ino, 3));
        assert_eq!((&dotdot.name[..], dotdot.next, dotdot.filetype), ("..", 2, 3));
    });
}

#[test]
fn types_and_inodes_are_those_of_stat() {
    on_every_backend(|dir| {
        dir.write("f", "");
        let mut guest = dir.guest();
        guest.mkdir("d").unwrap();
        guest.symlink("f", "l").unwrap();
        let (entries, end) = page(&mut guest, ROOT, 4096, 0);
        assert!(end);
        assert_eq!(entries.len(), 5);
        for entry in &entries[2..] {
            let stat = guest.stat_at(&entry.name, 0).unwrap();
            assert_eq!((entry.ino, entry.filetype), (stat.ino, stat.filetype), "{}", entry.name);
        }
    });
}

#[test]
fn pages_of_any_size_give_every_entry_once() {
    on_every_backend(|dir| {
        for number in 0..100 {
            dir.write(&format!("file.{number}"), "");
        }
        let mut guest = dir.guest();
        for len in [32, 33, 64, 100, 257, 10_000] {
            let (mut seen, mut cookie, mut calls) = (Vec::new(), 0, 0);
            loop {
                let (entries, end) = page(&mut guest, ROOT, len, cookie);
                calls += 1;
                assert!(end || !entries.is_empty(), "page of {len} makes no progress");
                cookie = entries.last().map_or(cookie, |entry| entry.next);
                seen.extend(entries.into_iter().map(|entry| entry.name));
                if end {
                    break;
                }
            }
            assert_eq!(seen.len(), 102, "{len} bytes, {calls} calls");
            assert_eq!(seen.iter().collect::<BTreeSet<_>>().len(), 102);
        }
    });
}

#[test]
fn a_full_buffer_is_cut_anywhere() {
    on_every_backend(|dir| {
        let mut guest = dir.guest();
        for len in 0..=50 {
            guest.call(|cx, mem| p1::fd_readdir(cx, mem, ROOT, BUF, len, 0, OUT)).unwrap();
            assert_eq!(guest.u32_at(OUT), len, "25 bytes for `.` and 26 for `..`");
        }
        guest.call(|cx, mem| p1::fd_readdir(cx, mem, ROOT, BUF, 60, 0, OUT)).unwrap();
        assert_eq!(guest.u32_at(OUT), 51);
    });
}

#[test]
fn cookies_survive_removal() {
    on_every_backend(|dir| {
        for number in 0..50 {
            dir.write(&format!("f{number}"), "");
        }
        let mut guest = dir.guest();
        let (mut cookie, mut removed) = (0, 0);
        loop {
            let (entries, end) = page(&mut guest, ROOT, 128, cookie);
            for entry in &entries {
                cookie = entry.next;
                if entry.filetype == 4 {
                    guest.unlink(&entry.name).unwrap();
                    removed += 1;
                }
            }
            if end {
                break;
            }
        }
        assert_eq!(removed, 50);
        assert_eq!(page(&mut guest, ROOT, 128, 0).0.len(), 2, "listing anew sees the change");
    });
}

#[test]
fn a_cookie_beyond_the_end_lists_nothing() {
    on_every_backend(|dir| {
        let mut guest = dir.guest();
        for cookie in [2, 3, 1 << 40, u64::MAX] {
            assert_eq!(page(&mut guest, ROOT, 128, cookie).0.len(), 0);
        }
    });
}

#[test]
fn only_directories_are_listed() {
    on_every_backend(|dir| {
        dir.write("f", "");
        let mut guest = dir.guest();
        let file = guest.open("f", 0, READ).unwrap();
        let mut list = |fd| guest.call(|cx, mem| p1::fd_readdir(cx, mem, fd, BUF, 64, 0, OUT));
        assert_eq!(list(file), Err(Errno::Notdir));
        assert_eq!(list(1), Err(Errno::Badf));
        assert_eq!(list(99), Err(Errno::Badf));
    });
}

#[test]
fn nothing_is_in_a_directory_that_was_removed() {
    on_every_backend(|dir| {
        dir.create_dir("d");
        let mut guest = dir.guest();
        let fd = guest.open("d", DIRECTORY, 0).unwrap();
        guest.rmdir("d").unwrap();
        assert_eq!(page(&mut guest, fd, 256, 2).0.len(), 0);
        for name in ["f", &"n".repeat(300)] {
            assert_eq!(guest.open_with(fd, 0, name, 0, READ, 0), Err(Errno::Noent));
            assert_eq!(guest.open_with(fd, 0, name, CREAT, WRITE, 0), Err(Errno::Noent));
            assert_eq!(guest.rename_between(fd, name, ROOT, "x"), Err(Errno::Noent));
        }
    });
}

#[test]
fn directories_have_no_contents() {
    on_every_backend(|dir| {
        let mut guest = dir.guest();
        assert_eq!(guest.read(ROOT, 1), Err(Errno::Badf));
        assert_eq!(guest.pread(ROOT, 1, 0), Err(Errno::Badf));
        assert_eq!(guest.write(ROOT, b"x"), Err(Errno::Badf));
        assert_eq!(guest.pwrite(ROOT, b"x", 0), Err(Errno::Badf));
    });
}

#[test]
fn preopened_directories_have_names() {
    on_every_backend(|dir| {
        let all = (DirPerms::all(), FilePerms::all());
        let mut builder = WasiCtxBuilder::new();
        dir.preopen(&mut builder, ".", "/first", all.0, all.1);
        dir.preopen(&mut builder, ".", "zwei", all.0, all.1);
        let mut guest = Guest::new(builder.build_p1());
        for (fd, name) in [(3, "/first"), (4, "zwei")] {
            guest.call(|cx, mem| p1::fd_prestat_get(cx, mem, fd, OUT)).unwrap();
            assert_eq!((guest.u32_at(OUT), guest.u32_at(OUT + 4)), (0, name.len() as u32));
            let len = name.len() as u32;
            let mut get =
                |len| guest.call(|cx, mem| p1::fd_prestat_dir_name(cx, mem, fd, BUF, len));
            assert_eq!(get(len - 1), Err(Errno::Nametoolong));
            assert_eq!(get(len + 1), Ok(()));
            assert_eq!(guest.get(BUF, len), name.as_bytes());
        }
        let opened = guest.open(".", DIRECTORY, 0).unwrap();
        for (fd, dir_name_errno) in [(opened, Errno::Notdir), (1, Errno::Notdir), (99, Errno::Badf)]
        {
            let prestat = guest.call(|cx, mem| p1::fd_prestat_get(cx, mem, fd, OUT));
            assert_eq!(prestat, Err(Errno::Badf));
            let name = guest.call(|cx, mem| p1::fd_prestat_dir_name(cx, mem, fd, BUF, 99));
            assert_eq!(name, Err(dir_name_errno));
        }
    });
}
