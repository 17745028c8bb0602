//! How much of the host's a guest can take. Lengths of paths are in `resolution.rs`, entries of
//! directories in `src/real/dir.rs` and `src/p1/table.rs`.

use crate::backend::on_every_backend;
use crate::guest::*;
use crate::host::{TempDir, open_below};
use rwasm_wasi::host::Random;
use rwasm_wasi::p1::{Errno, Fail, GuestMemory, WasiTrap, functions as p1};
use rwasm_wasi::{Interrupt, WasiCtx, WasiCtxBuilder};

#[test]
fn a_guest_cannot_use_up_the_descriptors_of_its_host() {
    on_every_backend(|dir| {
        dir.write("f", "abc");
        let mut guest = dir.guest();
        let most = WasiCtx::MAX_DESCRIPTORS as u32;
        for expected in 4..most {
            let opened = match expected % 2 {
                0 => guest.open("f", 0, READ),
                _ => guest.open(".", DIRECTORY, 0),
            };
            assert_eq!(opened, Ok(expected));
        }
        assert_eq!(guest.open("f", TRUNC, READ | WRITE), Err(Errno::Mfile));
        assert_eq!(guest.open("new", CREAT, WRITE), Err(Errno::Mfile));
        assert!(!dir.exists("new"));
        assert_eq!(dir.read("f"), "abc");
        guest.close(100).unwrap();
        assert_eq!(guest.open("new", CREAT, WRITE), Ok(100));
        assert_eq!(guest.open("f", 0, READ), Err(Errno::Mfile));
    });
}

#[test]
fn calls_take_descriptors_of_the_host_for_a_moment_only() {
    let dir = TempDir::new();
    dir.write("f", "abc");
    let mut guest = Guest::in_dir(&dir.0);
    guest.mkdir("d").unwrap();
    guest.symlink("f", "l").unwrap();
    let before = open_below(&dir.0);
    for _ in 0..50 {
        let _ = guest.stat_at("l", FOLLOW);
        let _ = guest.set_times_at("l", FOLLOW, 0, 0, 2 | 8);
        let _ = guest.link(0, "f", "g");
        let _ = guest.rename("g", "d/g");
        let _ = guest.unlink("d/g");
        let _ = guest.open("f", CREAT | EXCL, WRITE);
        let _ = guest.call(|cx, mem| p1::fd_readdir(cx, mem, ROOT, BUF, 999, 0, OUT));
        let _ = guest.open("none/x", 0, READ);
        let _ = guest.open_with(ROOT, FOLLOW, "l/x", 0, READ, 0);
    }
    assert_eq!(open_below(&dir.0), before);
}

#[test]
fn an_embedder_says_how_many_descriptors() {
    let dir = TempDir::new();
    let mut builder = WasiCtxBuilder::new();
    let all = (rwasm_wasi::DirPerms::all(), rwasm_wasi::FilePerms::all());
    builder.preopened_dir(&dir.0, "/", all.0, all.1).unwrap().max_descriptors(5);
    let mut guest = Guest::new(builder.build_p1());
    assert_eq!(guest.open("f", CREAT, WRITE), Ok(4));
    assert_eq!(guest.open("f", 0, WRITE), Err(Errno::Mfile));
}

/// Counts how much it is asked for at once, and ends the guest after a while.
struct Slow {
    filled: usize,
    interrupt: Interrupt,
}

impl Random for Slow {
    fn fill(&mut self, buf: &mut [u8]) -> rwasm_wasi::host::Result<()> {
        assert!(buf.len() <= 1 << 20, "{} bytes at once", buf.len());
        self.filled += buf.len();
        assert!(self.filled <= 8 << 20, "it goes on after it was interrupted");
        if self.filled >= 4 << 20 {
            self.interrupt.interrupt();
        }
        Ok(())
    }
}

#[test]
fn randomness_is_made_in_pieces_and_can_be_ended() {
    let interrupt = Interrupt::new();
    let random = Slow { filled: 0, interrupt: interrupt.clone() };
    let mut cx = WasiCtxBuilder::new().interrupt(interrupt).random(random).build_p1();
    let mut bytes = vec![0; 64 << 20];
    let len = bytes.len() as u32;
    let filled = p1::random_get(&mut cx, &mut GuestMemory::new(&mut bytes), 0, len);
    assert_eq!(filled, Err(Fail::Trap(WasiTrap::Interrupted)));
}
