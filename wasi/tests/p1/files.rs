//! Reading, writing, positions, sizes, times and flags of files.

use crate::backend::on_every_backend;
use crate::guest::*;
use crate::host::TempDir;
use rustix::fs::{FileType, Mode, mknodat};
use rwasm_wasi::p1::{Errno, functions as p1};
use std::os::unix::fs::FileTypeExt;

#[test]
fn what_is_written_is_read() {
    on_every_backend(|dir| {
        let mut guest = dir.guest();
        let fd = guest.open("f", CREAT | EXCL, READ | WRITE).unwrap();
        assert_eq!(fd, 4);
        assert_eq!(guest.write(fd, b"hello world"), Ok(11));
        assert_eq!(guest.tell(fd), Ok(11));
        assert_eq!(guest.seek(fd, 6, 0), Ok(6));
        assert_eq!(guest.read(fd, 100).unwrap(), b"world");
        assert_eq!(guest.read(fd, 100).unwrap(), b"");
        assert_eq!(guest.pwrite(fd, b"WORLD", 6), Ok(5));
        assert_eq!(guest.pread(fd, 100, 3).unwrap(), b"lo WORLD");
        assert_eq!(guest.tell(fd), Ok(11));
        assert_eq!(dir.read("f"), "hello WORLD");
    });
}

#[test]
fn contents_need_the_right_they_are_used_with() {
    on_every_backend(|dir| {
        dir.write("f", "abc");
        let mut guest = dir.guest();
        let reader = guest.open("f", 0, READ).unwrap();
        assert_eq!(guest.write(reader, b"x"), Err(Errno::Badf));
        assert_eq!(guest.pwrite(reader, b"x", 0), Err(Errno::Badf));
        assert_eq!(guest.set_size(reader, 0), Err(Errno::Inval));
        let writer = guest.open("f", 0, WRITE).unwrap();
        assert_eq!(guest.read(writer, 1), Err(Errno::Badf));
        assert_eq!(guest.pread(writer, 1, 0), Err(Errno::Badf));
        let neither = guest.open("f", CREAT, 0).unwrap();
        assert_eq!(guest.read(neither, 1), Err(Errno::Badf));
        assert_eq!(guest.write(neither, b"x"), Err(Errno::Badf));
        assert_eq!(dir.read("f"), "abc");
    });
}

#[test]
fn several_buffers_are_read_in_order() {
    on_every_backend(|dir| {
        dir.write("f", "abcdefghij");
        let mut guest = dir.guest();
        let fd = guest.open("f", 0, READ).unwrap();
        // Not in the order of their addresses, one of them empty.
        let count = guest.iovs(&[(BUF + 8, 3), (BUF, 0), (BUF, 2), (BUF + 20, 4)]);
        guest.call(|cx, mem| p1::fd_read(cx, mem, fd, IOVS, count, OUT)).unwrap();
        assert_eq!(guest.u32_at(OUT), 9);
        assert_eq!(guest.get(BUF + 8, 3), b"abc");
        assert_eq!(guest.get(BUF, 2), b"de");
        assert_eq!(guest.get(BUF + 20, 4), b"fghi");
        assert_eq!(guest.tell(fd), Ok(9));
    });
}

#[test]
fn overlapping_buffers_give_a_short_read() {
    on_every_backend(|dir| {
        dir.write("f", "abcdefghij");
        let mut guest = dir.guest();
        let fd = guest.open("f", 0, READ).unwrap();
        let count = guest.iovs(&[(BUF + 2, 4), (BUF, 4)]);
        guest.call(|cx, mem| p1::fd_read(cx, mem, fd, IOVS, count, OUT)).unwrap();
        assert_eq!((guest.u32_at(OUT), guest.get(BUF + 2, 4)), (4, &b"abcd"[..]));
    });
}

#[test]
fn no_buffers_move_nothing() {
    on_every_backend(|dir| {
        dir.write("f", "abc");
        let mut guest = dir.guest();
        let fd = guest.open("f", 0, READ | WRITE).unwrap();
        for iovs in [&[][..], &[(BUF, 0)], &[(BUF, 0), (BUF, 0)]] {
            let count = guest.iovs(iovs);
            guest.call(|cx, mem| p1::fd_read(cx, mem, fd, IOVS, count, OUT)).unwrap();
            assert_eq!(guest.u32_at(OUT), 0);
            guest.call(|cx, mem| p1::fd_write(cx, mem, fd, IOVS, count, OUT)).unwrap();
            assert_eq!(guest.u32_at(OUT), 0);
        }
        assert_eq!(guest.tell(fd), Ok(0));
    });
}

#[test]
fn seeking_checks_where_to() {
    on_every_backend(|dir| {
        dir.write("f", "0123456789");
        let mut guest = dir.guest();
        let fd = guest.open("f", 0, READ).unwrap();
        assert_eq!(guest.seek(fd, -4, 2), Ok(6));
        assert_eq!(guest.seek(fd, 1, 1), Ok(7));
        assert_eq!(guest.seek(fd, -8, 1), Err(Errno::Inval));
        assert_eq!(guest.seek(fd, -1, 0), Err(Errno::Inval));
        assert_eq!(guest.seek(fd, 0, 3), Err(Errno::Inval));
        assert_eq!(guest.seek(fd, i64::MAX, 1), Err(Errno::Inval));
        assert_eq!(guest.tell(fd), Ok(7));
        assert_eq!(guest.seek(fd, 1000, 0), Ok(1000));
        assert_eq!(guest.read(fd, 1).unwrap(), b"");
        for stream in 0..3 {
            assert_eq!(guest.seek(stream, 0, 1), Err(Errno::Spipe));
            assert_eq!(guest.tell(stream), Err(Errno::Spipe));
        }
        assert_eq!(guest.pread(0, 1, 0), Err(Errno::Spipe));
        assert_eq!(guest.pwrite(1, b"x", 0), Err(Errno::Spipe));
        assert_eq!(guest.seek(ROOT, 0, 1), Err(Errno::Badf));
        assert_eq!(guest.tell(ROOT), Err(Errno::Badf));
    });
}

#[test]
fn appending_goes_to_the_end_wherever_the_position() {
    on_every_backend(|dir| {
        dir.write("f", "abc");
        let mut guest = dir.guest();
        let fd = guest.open_with(ROOT, 0, "f", 0, READ | WRITE, APPEND).unwrap();
        assert_eq!(guest.fdstat(fd).unwrap().1, APPEND as u16);
        assert_eq!(guest.write(fd, b"d"), Ok(1));
        assert_eq!(guest.tell(fd), Ok(4));
        guest.seek(fd, 0, 0).unwrap();
        dir.write("f", "abcdXX");
        assert_eq!(guest.write(fd, b"e"), Ok(1));
        assert_eq!(guest.tell(fd), Ok(7));
        assert_eq!(guest.pwrite(fd, b"f", 0), Ok(1));
        assert_eq!(guest.tell(fd), Ok(7));
        guest.call(|cx, mem| p1::fd_fdstat_set_flags(cx, mem, fd, 0)).unwrap();
        assert_eq!(guest.fdstat(fd).unwrap().1, 0);
        guest.seek(fd, 0, 0).unwrap();
        assert_eq!(guest.write(fd, b"A"), Ok(1));
        assert_eq!(guest.tell(fd), Ok(1));
        assert_eq!(dir.read("f"), "AbcdXXef");
    });
}

#[test]
fn appending_nothing_leaves_the_position() {
    on_every_backend(|dir| {
        dir.write("f", "abc");
        let mut guest = dir.guest();
        let fd = guest.open_with(ROOT, 0, "f", 0, READ | WRITE, APPEND).unwrap();
        assert_eq!(guest.write(fd, b"d"), Ok(1));
        guest.seek(fd, 2, 0).unwrap();
        assert_eq!(guest.write(fd, b""), Ok(0));
        assert_eq!(guest.tell(fd), Ok(2));
    });
}

#[test]
fn flags_of_descriptors_are_checked() {
    on_every_backend(|dir| {
        let mut guest = dir.guest();
        let mut set = |fd, flags| guest.call(|cx, mem| p1::fd_fdstat_set_flags(cx, mem, fd, flags));
        assert_eq!(set(1, 0), Err(Errno::Badf));
        assert_eq!(set(ROOT, 0), Err(Errno::Badf));
        let plain = guest.open("f", CREAT, WRITE).unwrap();
        let synced = guest.open_with(ROOT, 0, "f", 0, WRITE, 16).unwrap();
        assert_eq!(guest.fdstat(synced).unwrap().1, 16);
        let mut set = |fd, flags| guest.call(|cx, mem| p1::fd_fdstat_set_flags(cx, mem, fd, flags));
        assert_eq!(set(plain, 4), Ok(()));
        assert_eq!(set(plain, 16), Err(Errno::Inval));
        assert_eq!(set(plain, 32), Err(Errno::Inval));
        assert_eq!(set(plain, 1 << 16), Err(Errno::Inval));
        assert_eq!(set(synced, 16 | 1), Ok(()));
    });
}

#[test]
fn sizes_can_be_set() {
    on_every_backend(|dir| {
        dir.write("f", "abc");
        let mut guest = dir.guest();
        let fd = guest.open("f", 0, WRITE).unwrap();
        guest.set_size(fd, 5).unwrap();
        assert_eq!(dir.read("f"), "abc\0\0");
        guest.set_size(fd, 1).unwrap();
        assert_eq!(dir.read("f"), "a");
        assert!(guest.set_size(fd, u64::MAX).is_err());
        assert_eq!(guest.set_size(ROOT, 0), Err(Errno::Badf));
        assert_eq!(guest.set_size(1, 0), Err(Errno::Badf));
        assert_eq!(guest.call(|cx, mem| p1::fd_allocate(cx, mem, fd, 0, 9)), Err(Errno::Notsup));
        assert_eq!(guest.call(|cx, mem| p1::fd_allocate(cx, mem, ROOT, 0, 9)), Err(Errno::Badf));
    });
}

#[test]
fn times_can_be_set() {
    on_every_backend(|dir| {
        const SEC: u64 = 1_000_000_000;
        dir.write("f", "abc");
        let mut guest = dir.guest();
        guest.symlink("f", "l").unwrap();
        let fd = guest.open("f", 0, WRITE).unwrap();
        guest.set_times(fd, 1000 * SEC + 7, 2000 * SEC + 9, 1 | 4).unwrap();
        let stat = guest.stat(fd).unwrap();
        assert_eq!((stat.atim, stat.mtim), (1000 * SEC + 7, 2000 * SEC + 9));
        guest.set_times(fd, 5, 3000 * SEC, 4).unwrap();
        let stat = guest.stat_at("f", 0).unwrap();
        assert_eq!((stat.atim, stat.mtim), (1000 * SEC + 7, 3000 * SEC));
        guest.set_times_at("l", 0, 0, 4000 * SEC, 4).unwrap();
        assert_eq!(guest.stat_at("l", 0).unwrap().mtim, 4000 * SEC);
        assert_eq!(guest.stat_at("l", FOLLOW).unwrap().mtim, 3000 * SEC);
        guest.set_times_at("l", FOLLOW, 0, 5000 * SEC, 4).unwrap();
        assert_eq!(guest.stat_at("f", 0).unwrap().mtim, 5000 * SEC);
        let before = dir.now();
        guest.set_times(fd, 0, 0, 2 | 8).unwrap();
        assert!(guest.stat(fd).unwrap().mtim >= before);
        guest.set_times(ROOT, 1, 2 * SEC, 1 | 4).unwrap();
        assert_eq!(guest.stat(ROOT).unwrap().mtim, 2 * SEC);
        for both in [1 | 2, 4 | 8] {
            assert_eq!(guest.set_times(fd, 0, 0, both), Err(Errno::Inval));
            assert_eq!(guest.set_times_at("f", 0, 0, 0, both), Err(Errno::Inval));
        }
        assert_eq!(guest.set_times(fd, 0, 0, 16), Err(Errno::Inval));
        assert_eq!(guest.set_times(1, 0, 0, 2), Err(Errno::Badf));
    });
}

#[test]
fn storage_can_be_advised_and_synced() {
    on_every_backend(|dir| {
        let mut guest = dir.guest();
        let fd = guest.open("f", CREAT, WRITE).unwrap();
        for advice in 0..6 {
            guest.call(|cx, mem| p1::fd_advise(cx, mem, fd, 0, 0, advice)).unwrap();
        }
        assert_eq!(guest.call(|cx, mem| p1::fd_advise(cx, mem, fd, 0, 0, 6)), Err(Errno::Inval));
        assert_eq!(guest.call(|cx, mem| p1::fd_advise(cx, mem, ROOT, 0, 0, 0)), Err(Errno::Badf));
        guest.call(|cx, mem| p1::fd_sync(cx, mem, fd)).unwrap();
        guest.call(|cx, mem| p1::fd_datasync(cx, mem, fd)).unwrap();
        assert_eq!(guest.call(|cx, mem| p1::fd_sync(cx, mem, 1)), Err(Errno::Badf));
    });
}

#[test]
fn a_named_pipe_opens_without_waiting() {
    let dir = TempDir::new();
    mknodat(rustix::fs::CWD, dir.0.join("p"), FileType::Fifo, Mode::RWXU, 0).unwrap();
    assert!(std::fs::metadata(dir.0.join("p")).unwrap().file_type().is_fifo());
    let mut guest = Guest::in_dir(&dir.0);
    assert_eq!(guest.open("p", 0, WRITE), Err(Errno::Nxio));
    let reader = guest.open("p", 0, READ).unwrap();
    assert_eq!(guest.seek(reader, 0, 1), Err(Errno::Spipe));
    guest.set_times_at("p", FOLLOW, 0, 0, 2 | 8).unwrap();
    let writer = guest.open("p", 0, WRITE).unwrap();
    assert_eq!(guest.write(writer, b"through"), Ok(7));
    assert_eq!(guest.read(reader, 100).unwrap(), b"through");
    guest.close(writer).unwrap();
    assert_eq!(guest.read(reader, 100).unwrap(), b"");
}

#[test]
fn nobody_reads_the_other_end() {
    let dir = TempDir::new();
    mknodat(rustix::fs::CWD, dir.0.join("p"), FileType::Fifo, Mode::RWXU, 0).unwrap();
    let mut guest = Guest::in_dir(&dir.0);
    let reader = guest.open("p", 0, READ).unwrap();
    let writer = guest.open("p", 0, WRITE).unwrap();
    guest.close(reader).unwrap();
    assert_eq!(guest.write(writer, b"x"), Err(Errno::Pipe));
}
