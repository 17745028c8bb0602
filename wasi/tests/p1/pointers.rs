//! Buffers that are not in memory, and how much of it can be used. Each pointer of each function is
//! in `every_pointer.rs`.

use crate::backend::on_every_backend;
use crate::guest::*;
use rwasm_wasi::p1::{Errno, functions as p1};

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
