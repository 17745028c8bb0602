//! What a guest used, as seen at the seam.

use rwasm_wasi::host::{
    ClockId, ClockOp, EnvOp, FsOp, Handle, HostOp, HostRet, HostSession, Io, OpenHow, Outcome,
};
use rwasm_wasi::usage::{Usage, Used};
use rwasm_wasi::{DirPerms, FilePerms, MemoryFs, WasiCtxBuilder};

const A: Handle = Handle(0);
const B: Handle = Handle(1);
const READ_ONLY: Handle = Handle(2);

/// What `guest` uses of three directories, the last read-only.
fn used(guest: impl FnOnce(&mut HostSession)) -> Used {
    let mut wasi = WasiCtxBuilder::new();
    for (name, dir, file) in [
        ("/a", DirPerms::all(), FilePerms::all()),
        ("/b", DirPerms::all(), FilePerms::all()),
        ("/r", DirPerms::READ, FilePerms::READ),
    ] {
        wasi.preopened_custom_dir(MemoryFs::new().root(), name, dir, file);
    }
    let usage = Usage::default();
    let mut session = usage.watch(wasi.build().into_session());
    session.submit(HostOp::Fs(FsOp::Preopens), Io::None);
    guest(&mut session);
    usage.used()
}

/// Whether each directory was used, and whether something was written there.
fn dirs(guest: impl FnOnce(&mut HostSession)) -> [(bool, bool); 3] {
    let used = used(guest);
    let dirs: Vec<_> = used.dirs.iter().map(|dir| (dir.used, dir.written)).collect();
    dirs.try_into().expect("there are three")
}

fn submit(session: &mut HostSession, op: FsOp) -> Outcome {
    session.submit(HostOp::Fs(op), Io::None)
}

fn open(session: &mut HostSession, dir: Handle, path: &str, how: OpenHow) -> Option<Handle> {
    match submit(session, FsOp::OpenAt { dir, path: path.into(), how }) {
        Outcome::Ready(Ok(HostRet::Opened(opened))) => Some(opened.handle),
        _ => None,
    }
}

fn make_dir(session: &mut HostSession, dir: Handle, path: &str) -> Outcome {
    submit(session, FsOp::CreateDirAt { dir, path: path.into() })
}

const UNUSED: (bool, bool) = (false, false);
const READ: (bool, bool) = (true, false);
const WRITTEN: (bool, bool) = (true, true);

fn reading() -> OpenHow {
    OpenHow { read: true, ..OpenHow::default() }
}

#[test]
fn knowing_its_directories_is_no_use_of_them() {
    assert_eq!(dirs(|_| {}), [UNUSED; 3]);
    let names = used(|_| {}).dirs.into_iter().map(|dir| dir.name);
    assert!(names.eq([b"/a", b"/b", b"/r"]));
}

#[test]
fn what_is_looked_for_in_vain_is_used() {
    let guest = |session: &mut HostSession| {
        assert_eq!(open(session, A, "nothing", reading()), None);
    };
    assert_eq!(dirs(guest), [READ, UNUSED, UNUSED]);
}

#[test]
fn what_is_below_counts_for_the_directory_that_was_granted() {
    let guest = |session: &mut HostSession| {
        make_dir(session, B, "sub");
        let sub = open(session, B, "sub", OpenHow { directory: true, ..reading() }).unwrap();
        submit(session, FsOp::Entries { dir: A });
        submit(session, FsOp::Entries { dir: sub });
        submit(session, FsOp::Close { handle: sub });
        // The number is given out again, for something below another directory.
        make_dir(session, A, "other");
        assert_eq!(open(session, A, "other", reading()), Some(sub));
        submit(session, FsOp::SetSize { handle: READ_ONLY, size: 0 });
    };
    assert_eq!(dirs(guest), [WRITTEN, WRITTEN, READ]);
}

#[test]
fn attempts_to_write_count_unless_they_are_refused() {
    let guest = |session: &mut HostSession| {
        make_dir(session, READ_ONLY, "new");
        submit(session, FsOp::UnlinkAt { dir: A, path: b"nothing".to_vec() });
        submit(session, FsOp::UnlinkAt { dir: B, path: b"../outside".to_vec() });
    };
    assert_eq!(dirs(guest), [WRITTEN, READ, READ]);
}

#[test]
fn whoever_moves_a_file_writes_in_both_directories() {
    let guest = |session: &mut HostSession| {
        let (from, to) = (b"x".to_vec(), b"y".to_vec());
        submit(session, FsOp::RenameAt { from_dir: A, from, to_dir: B, to });
    };
    assert_eq!(dirs(guest), [WRITTEN, WRITTEN, UNUSED]);
}

#[test]
fn a_file_that_is_opened_to_be_written_is() {
    let guest = |session: &mut HostSession| {
        let how = OpenHow { create: true, write: true, ..OpenHow::default() };
        open(session, A, "new", how).unwrap();
        open(session, B, "nothing", reading());
    };
    assert_eq!(dirs(guest), [WRITTEN, READ, UNUSED]);
}

#[test]
fn the_rest_is_noted_when_it_is_asked_for() {
    let is = |used: Used| [used.args, used.vars, used.time, used.randomness];
    let asks = |op: HostOp| used(|session| _ = session.submit(op, Io::Read(&mut [])));
    assert_eq!(is(used(|_| {})), [false; 4]);
    assert_eq!(is(asks(HostOp::Env(EnvOp::Args))), [true, false, false, false]);
    assert_eq!(is(asks(HostOp::Env(EnvOp::Vars))), [false, true, false, false]);
    let now = ClockOp::Now(ClockId::Realtime);
    assert_eq!(is(asks(HostOp::Clock(now))), [false, false, true, false]);
    assert_eq!(is(asks(HostOp::Random)), [false, false, false, true]);
}
