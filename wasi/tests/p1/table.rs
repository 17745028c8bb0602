//! Random sequences of what changes the table of descriptors, beside a model of it: which numbers are
//! open, and on what. The host has as many open as the model says, and none in the end.

use crate::guest::*;
use crate::host::{TempDir, open_below};
use rwasm_wasi::p1::{Errno, Fail, GuestMemory, WasiTrap, functions as p1};
use rwasm_wasi::{DirPerms, FilePerms, WasiCtxBuilder, WasiP1Ctx};
use std::collections::BTreeMap;

/// What a descriptor is open on.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Object {
    Stream,
    /// The directory of all tests, or one below; they have the same files.
    Dir,
    /// The file that says this.
    File(&'static str),
}

const FILES: [&str; 3] = ["a", "b", "c"];
const MOST: usize = 12;

struct Model {
    open: BTreeMap<u32, Object>,
    random: u64,
}

impl Model {
    fn new(seed: u64) -> Self {
        let streams = (0..3).map(|fd| (fd, Object::Stream));
        let open = streams.chain([(3, Object::Dir), (4, Object::Dir)]).collect();
        Self { open, random: 0x9e37_79b9_7f4a_7c15_u64.wrapping_mul(seed) }
    }

    fn roll(&mut self, sides: usize) -> usize {
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        (self.random >> 33) as usize % sides
    }

    /// A number that is open, mostly.
    fn fd(&mut self) -> u32 {
        if self.roll(16) == 0 {
            return [MOST as u32, 99, u32::MAX][self.roll(3)];
        }
        self.roll(MOST) as u32
    }

    fn insert(&mut self, object: Object) -> Answer<u32> {
        let free = (0..MOST as u32).find(|fd| !self.open.contains_key(fd)).ok_or(Errno::Mfile)?;
        self.open.insert(free, object);
        Ok(free)
    }

    fn open_in(&mut self, dir: u32, object: Object) -> Answer<u32> {
        match self.open.get(&dir) {
            Some(Object::Dir) => self.insert(object),
            Some(Object::File(_)) => Err(Errno::Notdir),
            Some(Object::Stream) | None => Err(Errno::Badf),
        }
    }

    fn close(&mut self, fd: u32) -> Answer {
        self.open.remove(&fd).map(drop).ok_or(Errno::Badf)
    }

    fn renumber(&mut self, from: u32, to: u32) -> Answer {
        if !self.open.contains_key(&from) || !self.open.contains_key(&to) {
            return Err(Errno::Badf);
        }
        let object = self.open.remove(&from).unwrap();
        self.open.insert(to, object);
        Ok(())
    }

    /// How many descriptors of the host there are.
    fn of_host(&self) -> usize {
        self.open.values().filter(|object| **object != Object::Stream).count()
    }
}

fn context(dir: &TempDir) -> WasiP1Ctx {
    let mut builder = WasiCtxBuilder::new();
    let (all_dir, all_file) = (DirPerms::all(), FilePerms::all());
    builder.preopened_dir(&dir.0, "/", all_dir, all_file).unwrap();
    builder.preopened_dir(dir.0.join("sub"), "/sub", all_dir, all_file).unwrap();
    builder.max_descriptors(MOST).build_p1()
}

fn fixture() -> TempDir {
    let dir = TempDir::new();
    std::fs::create_dir(dir.0.join("sub")).unwrap();
    std::fs::create_dir(dir.0.join("sub/sub")).unwrap();
    for place in ["", "sub/", "sub/sub/"] {
        FILES.iter().for_each(|name| dir.write(&format!("{place}{name}"), name));
    }
    dir
}

/// What the guest can tell a descriptor from another by.
fn look(guest: &mut Guest, fd: u32) -> Option<Object> {
    match guest.fdstat(fd).ok()?.0 {
        3 => Some(Object::Dir),
        4 => {
            let read = guest.pread(fd, 9, 0).unwrap();
            FILES.into_iter().find(|name| name.as_bytes() == read).map(Object::File)
        }
        _ => Some(Object::Stream),
    }
}

fn step(guest: &mut Guest, model: &mut Model) {
    let fd = model.fd();
    match model.roll(8) {
        0..3 => {
            let name = FILES[model.roll(3)];
            let opened = guest.open_with(fd, 0, name, 0, READ, 0);
            assert_eq!(opened, model.open_in(fd, Object::File(name)));
        }
        3 => {
            let opened = guest.open_with(fd, 0, ".", DIRECTORY, 0, 0);
            assert_eq!(opened, model.open_in(fd, Object::Dir));
        }
        4 => {
            // What cannot be opened takes no number, nor is a file made if there is none left.
            let missing = guest.open_with(fd, 0, "none", 0, READ, 0);
            assert!(missing.is_err());
        }
        5 | 6 => {
            let to = model.fd();
            let answer = guest.call(|cx, mem| p1::fd_renumber(cx, mem, fd, to));
            assert_eq!(answer, model.renumber(fd, to), "{fd} to {to}");
        }
        _ => assert_eq!(guest.close(fd), model.close(fd), "{fd}"),
    }
}

#[test]
fn the_table_is_what_a_simple_model_says() {
    let dir = fixture();
    for seed in 1..40 {
        let mut model = Model::new(seed);
        let mut guest = Guest::new(context(&dir));
        for _ in 0..120 {
            step(&mut guest, &mut model);
            for fd in (0..MOST as u32 + 2).chain([u32::MAX]) {
                let found = look(&mut guest, fd);
                assert_eq!(found.as_ref(), model.open.get(&fd), "{fd} with seed {seed}");
            }
        }
        assert_eq!(open_below(&dir.0), model.of_host(), "seed {seed}");
        // In the middle of it: what is open then is closed.
        drop(guest);
        assert_eq!(open_below(&dir.0), 0, "seed {seed}");
    }
}

#[test]
fn a_guest_that_trapped_leaves_nothing_open() {
    let dir = fixture();
    let mut guest = Guest::new(context(&dir));
    for name in FILES {
        guest.open(name, 0, READ).unwrap();
    }
    assert_eq!(open_below(&dir.0), 5);
    guest.cx.interrupt_handle().interrupt();
    let mut mem = GuestMemory::new(&mut guest.bytes);
    // All zeros is a deadline that is past.
    let trapped = p1::poll_oneoff(&mut guest.cx, &mut mem, 1024, 2048, 1, 0);
    assert_eq!(trapped, Err(Fail::Trap(WasiTrap::Interrupted)));
    let trapped = p1::proc_exit(&mut guest.cx, &mut mem, 1);
    assert_eq!(trapped, Err(Fail::Trap(WasiTrap::Exit(1))));
    assert_eq!(open_below(&dir.0), 5);
    drop(guest);
    assert_eq!(open_below(&dir.0), 0);
}
