//! Every function, with each of its pointers out of bounds: nothing panics, nothing is changed,
//! and what needs the memory fails with `fault`.

use crate::backend::on_every_backend;
use crate::guest::*;
use rwasm_wasi::p1::{Errno, functions as p1};

/// Pointers of which none has a byte behind it.
const BAD: [u32; 4] = [1 << 16, (1 << 16) - 1, u32::MAX, u32::MAX - 3];

#[test]
fn results_outside_memory_are_faults() {
    on_every_backend(|dir| {
        dir.write("f", "abc");
        let mut guest = dir.guest();
        let fd = guest.open("f", 0, READ | WRITE).unwrap();
        guest.symlink("f", "l").unwrap();
        let count = guest.iovs(&[(BUF, 3)]);
        let (link, link_len) = guest.path2("l");
        let (path, len) = guest.path("new");
        for bad in BAD {
            let fault =
                |name: &str, result: Answer| assert_eq!(result, Err(Errno::Fault), "{name}");
            macro_rules! faults {
            ($($name:ident($($arg:expr),*);)*) => {
                $(fault(stringify!($name), guest.call(|cx, mem| p1::$name(cx, mem, $($arg),*)));)*
            };
        }
            faults! {
                args_sizes_get(bad, OUT);
                args_sizes_get(OUT, bad);
                environ_sizes_get(bad, OUT);
                environ_sizes_get(OUT, bad);
                clock_res_get(1, bad);
                clock_time_get(1, 0, bad);
                fd_fdstat_get(fd, bad);
                fd_filestat_get(fd, bad);
                fd_prestat_get(ROOT, bad);
                fd_read(fd, IOVS, count, bad);
                fd_write(fd, IOVS, count, bad);
                fd_pread(fd, IOVS, count, 0, bad);
                fd_pwrite(fd, IOVS, count, 0, bad);
                fd_read(fd, bad, 1, OUT);
                fd_write(fd, bad, 1, OUT);
                fd_readdir(ROOT, bad, 64, 0, OUT);
                fd_readdir(ROOT, BUF, 64, 0, bad);
                fd_seek(fd, 0, 0, bad);
                fd_tell(fd, bad);
                path_create_directory(ROOT, bad, 3);
                path_filestat_get(ROOT, 0, bad, 3, OUT);
                path_filestat_get(ROOT, 0, link, link_len, bad);
                path_filestat_set_times(ROOT, 0, bad, 3, 0, 0, 0);
                path_link(ROOT, 0, bad, 3, ROOT, path, len);
                path_link(ROOT, 0, link, link_len, ROOT, bad, 3);
                path_open(ROOT, 0, bad, 3, CREAT, WRITE, 0, 0, OUT);
                path_open(ROOT, 0, path, len, CREAT, WRITE, 0, 0, bad);
                path_readlink(ROOT, bad, 3, BUF, 9, OUT);
                path_readlink(ROOT, link, link_len, bad, 9, OUT);
                path_readlink(ROOT, link, link_len, BUF, 9, bad);
                path_remove_directory(ROOT, bad, 3);
                path_rename(ROOT, bad, 3, ROOT, path, len);
                path_rename(ROOT, link, link_len, ROOT, bad, 3);
                path_symlink(bad, 3, ROOT, path, len);
                path_symlink(link, link_len, ROOT, bad, 3);
                path_unlink_file(ROOT, bad, 3);
                poll_oneoff(bad, BUF, 1, OUT);
                poll_oneoff(IOVS, bad, 1, OUT);
                poll_oneoff(IOVS, BUF, 1, bad);
                random_get(bad, 8);
            }
        }
        assert_eq!(guest.tell(fd), Ok(0), "nothing was read or written");
        assert_eq!(dir.read("f"), "abc");
        assert!(!dir.exists("new"));
        assert_eq!(guest.open("f", 0, READ), Ok(fd + 1), "nothing was opened");
    });
}

#[test]
fn buffers_outside_memory_are_faults() {
    on_every_backend(|dir| {
        dir.write("f", "abc");
        let mut guest = dir.guest();
        let fd = guest.open("f", 0, READ | WRITE).unwrap();
        for iov in [(BUF, u32::MAX), (u32::MAX, u32::MAX), (65_530, 10), (u32::MAX, 1)] {
            for iovs in [&[iov][..], &[(BUF, 1), iov]] {
                let count = guest.iovs(iovs);
                let read = guest.call(|cx, mem| p1::fd_read(cx, mem, fd, IOVS, count, OUT));
                assert!(matches!(read, Err(Errno::Fault | Errno::Inval)), "{iovs:?} {read:?}");
                let write = guest.call(|cx, mem| p1::fd_write(cx, mem, fd, IOVS, count, OUT));
                assert!(matches!(write, Err(Errno::Fault | Errno::Inval)), "{iovs:?} {write:?}");
            }
        }
        assert_eq!(dir.read("f"), "abc");
    });
}

#[test]
fn overflowing_counts_are_faults() {
    on_every_backend(|dir| {
        dir.write("f", "abc");
        let mut guest = dir.guest();
        let fd = guest.open("f", 0, READ | WRITE).unwrap();
        for count in [1 << 29, u32::MAX / 8, u32::MAX] {
            let read = guest.call(|cx, mem| p1::fd_read(cx, mem, fd, IOVS, count, OUT));
            assert_eq!(read, Err(Errno::Fault));
            let poll = guest.call(|cx, mem| p1::poll_oneoff(cx, mem, IOVS, BUF, count, OUT));
            assert_eq!(poll, Err(Errno::Fault));
        }
        assert_eq!(guest.call(|cx, mem| p1::random_get(cx, mem, 8, u32::MAX)), Err(Errno::Fault));
        let readdir = guest.call(|cx, mem| p1::fd_readdir(cx, mem, ROOT, 8, u32::MAX, 0, OUT));
        assert_eq!(readdir, Err(Errno::Fault));
    });
}

#[test]
fn many_buffers_give_a_short_count() {
    on_every_backend(|dir| {
        dir.write("f", &"x".repeat(500));
        let mut guest = dir.guest();
        let fd = guest.open("f", 0, READ).unwrap();
        let iovs: Vec<(u32, u32)> = (0..100).map(|index| (BUF + 2 * index, 2)).collect();
        let count = guest.iovs(&iovs);
        guest.call(|cx, mem| p1::fd_read(cx, mem, fd, IOVS, count, OUT)).unwrap();
        assert_eq!(guest.u32_at(OUT), 32);
        assert_eq!(guest.get(BUF, 33), [&[b'x'; 32][..], &[0]].concat());
    });
}

#[test]
fn the_last_byte_of_memory_can_be_used() {
    let mut guest = Guest::in_dir(std::env::temp_dir());
    guest.call(|cx, mem| p1::clock_time_get(cx, mem, 1, 0, (1 << 16) - 8)).unwrap();
    guest.call(|cx, mem| p1::random_get(cx, mem, (1 << 16) - 1, 1)).unwrap();
    guest.call(|cx, mem| p1::random_get(cx, mem, 1 << 16, 0)).unwrap();
}
