//! Descriptor numbers and rights.

use crate::backend::{Over, TestDir, on_every_backend};
use crate::guest::*;
use crate::host::open_below;
use rwasm_wasi::p1::{Errno, functions as p1};

fn renumber(guest: &mut Guest, from: u32, to: u32) -> Answer {
    guest.call(|cx, mem| p1::fd_renumber(cx, mem, from, to))
}

#[test]
fn the_lowest_free_number_is_used() {
    on_every_backend(|dir| {
        let mut guest = dir.guest();
        let fds: Vec<u32> = (0..4).map(|_| guest.open("f", CREAT, READ).unwrap()).collect();
        assert_eq!(fds, [4, 5, 6, 7]);
        guest.close(6).unwrap();
        guest.close(4).unwrap();
        assert_eq!(guest.close(4), Err(Errno::Badf));
        let again: Vec<u32> = (0..3).map(|_| guest.open("f", 0, READ).unwrap()).collect();
        assert_eq!(again, [4, 6, 8]);
    });
}

#[test]
fn renumbering_closes_the_target() {
    on_every_backend(|dir| {
        dir.write("a", "a");
        dir.write("b", "b");
        let mut guest = dir.guest();
        let a = guest.open("a", 0, READ).unwrap();
        let b = guest.open("b", 0, READ).unwrap();
        renumber(&mut guest, a, a).unwrap();
        renumber(&mut guest, a, b).unwrap();
        assert_eq!(guest.read(b, 9).unwrap(), b"a");
        assert_eq!(guest.read(a, 9), Err(Errno::Badf));
        assert_eq!(renumber(&mut guest, b, a), Err(Errno::Badf));
        assert_eq!(renumber(&mut guest, a, b), Err(Errno::Badf));
        assert_eq!(renumber(&mut guest, b, 100), Err(Errno::Badf));
        assert_eq!(renumber(&mut guest, b, u32::MAX), Err(Errno::Badf));
        renumber(&mut guest, b, 1).unwrap();
        assert_eq!(guest.write(1, b"x"), Err(Errno::Badf), "standard output is a file now");
        renumber(&mut guest, 1, ROOT).unwrap();
        assert_eq!(guest.open("a", 0, READ), Err(Errno::Notdir));
    });
}

#[test]
fn standard_streams_and_directories_can_be_closed() {
    on_every_backend(|dir| {
        let mut guest = dir.guest();
        for fd in 0..4 {
            guest.close(fd).unwrap();
            assert_eq!(guest.fdstat(fd).err(), Some(Errno::Badf));
        }
        assert_eq!(guest.write(1, b"x"), Err(Errno::Badf));
    });
}

#[test]
fn descriptors_of_the_host_are_given_back() {
    on_every_backend(|dir| {
        dir.write("f", "");
        let mut guest = dir.guest();
        let host = match dir {
            TestDir::Host(dir) | TestDir::Over(Over { lower: dir, .. }) => dir,
            TestDir::Memory(_) => return, // It has none.
        };
        let ours = || open_below(&host.0);
        let before = ours();
        for _ in 0..50 {
            let fd = guest.open("f", 0, READ).unwrap();
            let sub = guest.open(".", DIRECTORY, 0).unwrap();
            renumber(&mut guest, fd, sub).unwrap();
            guest.close(sub).unwrap();
            assert_eq!(guest.open("f", DIRECTORY, 0), Err(Errno::Notdir));
        }
        assert_eq!(ours(), before);
    });
}

#[test]
fn rights_say_what_is_possible() {
    on_every_backend(|dir| {
        let mut guest = dir.guest();
        let fd = guest.open("f", CREAT, READ).unwrap();
        let (filetype, _, base, _) = guest.fdstat(fd).unwrap();
        assert_eq!((filetype, base & (READ | WRITE)), (4, READ));
        let (filetype, _, base, inheriting) = guest.fdstat(ROOT).unwrap();
        assert_eq!((filetype, base & (READ | WRITE | 1 << 2)), (3, 0));
        assert_eq!(inheriting & (READ | WRITE), READ | WRITE);
        assert_eq!(guest.fdstat(0).unwrap().0, 0, "not a terminal");
        assert_eq!(guest.fdstat(0).unwrap().2 & (READ | WRITE), READ);
        assert_eq!(guest.fdstat(1).unwrap().2 & (READ | WRITE), WRITE);
    });
}

#[test]
fn rights_can_be_given_up_but_not_taken_back() {
    on_every_backend(|dir| {
        dir.write("f", "abc");
        let mut guest = dir.guest();
        let set = |guest: &mut Guest, fd, base, inheriting| {
            guest.call(|cx, mem| p1::fd_fdstat_set_rights(cx, mem, fd, base, inheriting))
        };
        let fd = guest.open("f", 0, READ | WRITE).unwrap();
        let (_, _, base, inheriting) = guest.fdstat(fd).unwrap();
        set(&mut guest, fd, base, inheriting).unwrap();
        set(&mut guest, fd, base & !READ, inheriting).unwrap();
        assert_eq!(guest.fdstat(fd).unwrap().2, base & !READ);
        assert_eq!(guest.read(fd, 1), Err(Errno::Notcapable));
        assert_eq!(guest.write(fd, b"x"), Ok(1));
        assert_eq!(set(&mut guest, fd, base, inheriting), Err(Errno::Notcapable));
        assert_eq!(set(&mut guest, fd, 1 << 63, 0), Err(Errno::Notcapable));

        let (_, _, base, inheriting) = guest.fdstat(ROOT).unwrap();
        set(&mut guest, ROOT, base & !(1 << 19), inheriting & !WRITE).unwrap();
        assert_eq!(guest.open("f", TRUNC, READ), Err(Errno::Notcapable));
        assert_eq!(guest.open("f", 0, WRITE), Err(Errno::Notcapable));
        let sub = guest.open(".", DIRECTORY, 0).unwrap();
        assert_eq!(guest.open_with(sub, 0, "f", 0, WRITE, 0), Err(Errno::Notcapable));
        assert!(guest.open_with(sub, 0, "f", 0, READ, 0).is_ok());
    });
}

#[test]
fn nothing_is_a_socket() {
    let mut guest = Guest::in_dir(std::env::temp_dir());
    for (fd, errno) in [(1, Errno::Notsock), (ROOT, Errno::Notsock), (99, Errno::Badf)] {
        let errno = Err(errno);
        assert_eq!(guest.call(|cx, mem| p1::sock_accept(cx, mem, fd, 0, OUT)), errno);
        assert_eq!(guest.call(|cx, mem| p1::sock_recv(cx, mem, fd, IOVS, 0, 0, OUT, OUT)), errno);
        assert_eq!(guest.call(|cx, mem| p1::sock_send(cx, mem, fd, IOVS, 0, 0, OUT)), errno);
        assert_eq!(guest.call(|cx, mem| p1::sock_shutdown(cx, mem, fd, 3)), errno);
    }
}
