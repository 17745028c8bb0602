//! The file system in memory beside that of the host: the same random operations on both, which must
//! answer the same.

use crate::dice::Dice;
use crate::host::{Snapshot, TempDir};
use rwasm_wasi::host::{
    Dir, FileStat, FileType, FsOp, Handle, HostOp, HostRet, HostSession, Io, Outcome, Source,
};
use rwasm_wasi::{DirPerms, FilePerms, MemoryFs, RealDir, WasiCtxBuilder, ambient};
use std::io::{IoSlice, IoSliceMut};

/// What is the same everywhere of an answer.
fn comparable(outcome: Outcome) -> Outcome {
    let plain = |stat: FileStat| FileStat {
        dev: 0,
        ino: 0,
        // How large directories are, and which of them count as names of theirs, is the system's affair.
        size: if stat.file_type == FileType::Directory { 0 } else { stat.size },
        nlink: if stat.file_type == FileType::Directory { 0 } else { stat.nlink },
        atim: 0,
        mtim: 0,
        ctim: 0,
        ..stat
    };
    match outcome {
        Outcome::Ready(Ok(HostRet::Stat(stat))) => Outcome::Ready(Ok(HostRet::Stat(plain(stat)))),
        Outcome::Ready(Ok(HostRet::Entries(mut entries))) => {
            entries.sort_by(|a, b| a.name.cmp(&b.name));
            entries.iter_mut().for_each(|entry| entry.ino = 0);
            Outcome::Ready(Ok(HostRet::Entries(entries)))
        }
        other => other,
    }
}

fn open(temp: &TempDir) -> RealDir {
    RealDir::new(ambient::open_dir(&temp.0).unwrap())
}

fn session(dir: impl Dir) -> HostSession {
    let mut builder = WasiCtxBuilder::new();
    builder.preopened_custom_dir(dir, "/", DirPerms::all(), FilePerms::all());
    builder.build().into_session()
}

#[test]
fn the_same_operations_have_the_same_answers() {
    for seed in 1..=40 {
        let temp = TempDir::new();
        let memory = MemoryFs::new().root();
        beside(seed, [session(open(&temp)), session(memory)], 1500);
    }
}

/// Two directories of the host in which the same was done, so that many names are in them, with hard
/// and symbolic links among them.
fn twins(seed: u64) -> [TempDir; 2] {
    let twins = [TempDir::new(), TempDir::new()];
    beside(1000 + seed, twins.each_ref().map(|temp| session(open(temp))), 400);
    twins
}

#[test]
fn over_a_directory_answers_are_those_of_the_directory_which_stays_as_it_is() {
    for seed in 1..=40 {
        let [lower, real] = twins(seed);
        let before = Snapshot::of(&lower.0);
        let over = MemoryFs::over(open(&lower), MemoryFs::CAPACITY).unwrap();
        beside(seed, [session(open(&real)), session(over.root())], 1500);
        assert_eq!(Snapshot::of(&lower.0), before, "seed {seed}");
    }
}

#[test]
fn over_a_directory_in_memory_too() {
    for seed in 1..=40 {
        let [lower, real] = twins(seed);
        let lower = MemoryFs::copy_of(&open(&lower), MemoryFs::CAPACITY).unwrap();
        let middle = MemoryFs::over(lower.root(), MemoryFs::CAPACITY).unwrap();
        let over = MemoryFs::over(middle.root(), MemoryFs::CAPACITY).unwrap();
        beside(seed, [session(open(&real)), session(over.root())], 1500);
    }
}

#[test]
fn a_copy_is_like_the_directory_which_it_needs_no_longer() {
    for seed in 1..=40 {
        let [copied, real] = twins(seed);
        let copy = MemoryFs::copy_of(&open(&copied), MemoryFs::CAPACITY).unwrap();
        drop(copied);
        beside(seed, [session(open(&real)), session(copy.root())], 1500);
    }
}

/// Does so many random operations in two directories, the first being right.
fn beside(seed: u64, mut hosts: [HostSession; 2], count: usize) {
    let mut dice = Dice::new(seed);
    let mut open: Vec<(Handle, FileType)> = Vec::new();
    let mut done = Vec::new();
    for _ in 0..count {
        let dirs: Vec<_> =
            open.iter().copied().filter(|(_, ty)| *ty == FileType::Directory).collect();
        let files: Vec<_> =
            open.iter().copied().filter(|(_, ty)| *ty == FileType::RegularFile).collect();
        if !files.is_empty() && dice.roll(4) == 0 {
            let [expected, found] = use_file(&mut hosts, &mut dice, &files, &mut done);
            assert_eq!(expected, found, "seed {seed}: {:#?}", last(&done));
            continue;
        }
        let op = dice.op(&dirs, &open);
        // A root that is closed is the end of the test.
        if op == (FsOp::Close { handle: Handle(0) }) {
            continue;
        }
        let answers =
            hosts.each_mut().map(|host| comparable(host.submit(HostOp::Fs(op.clone()), Io::None)));
        done.push(format!("{op:?} {answers:?}"));
        let [expected, found] = &answers;
        if expected != found && !is_free(&op, expected, found) {
            panic!("seed {seed}: {:#?}: {op:?}: {expected:?}, and not {found:?}", last(&done));
        }
        match (&op, expected) {
            (FsOp::Close { handle }, _) => open.retain(|(known, _)| known != handle),
            (_, Outcome::Ready(Ok(HostRet::Opened(opened)))) => {
                open.push((opened.handle, opened.file_type));
            }
            _ => {}
        }
    }
}

/// What was done before something went wrong.
fn last(done: &[String]) -> &[String] {
    &done[done.len().saturating_sub(20)..]
}

/// Writes to one of these files and reads from it.
fn use_file(
    hosts: &mut [HostSession; 2],
    dice: &mut Dice,
    files: &[(Handle, FileType)],
    done: &mut Vec<String>,
) -> [(Option<Outcome>, Outcome, [u8; 40]); 2] {
    let (handle, offset) = (dice.handle(files), dice.roll(50) as u64);
    let text = b"0123456789";
    let write =
        HostOp::Write { to: Source::File(handle), offset: (dice.roll(3) > 0).then_some(offset) };
    let out = [IoSlice::new(&text[..dice.roll(10)]), IoSlice::new(&text[..3])];
    // Some files are only read.
    let is_written = handle.0 % 3 > 0;
    let read = HostOp::Read { from: Source::File(handle), offset: offset / 2 };
    let answers = hosts.each_mut().map(|host| {
        let written = is_written.then(|| host.submit(write.clone(), Io::Write(&out)));
        let mut bytes = [0; 40];
        let (a, b) = bytes.split_at_mut(7);
        let mut bufs = [IoSliceMut::new(a), IoSliceMut::new(b)];
        (written, host.submit(read.clone(), Io::Read(&mut bufs)), bytes)
    });
    done.push(format!("{write:?} {read:?} {answers:?}"));
    answers
}

/// Whether both answers are refusals of which either will do: where a slash or a dot is at the end
/// of a path, or two paths are wrong, cap-std looks at them in another order than the kernel.
fn is_free(op: &FsOp, expected: &Outcome, found: &Outcome) -> bool {
    if !matches!((expected, found), (Outcome::Ready(Err(_)), Outcome::Ready(Err(_)))) {
        return false;
    }
    let is_plain = |path: &[u8]| !path.is_empty() && !path.ends_with(b"/") && !path.ends_with(b".");
    match op {
        FsOp::OpenAt { path, .. } | FsOp::UnlinkAt { path, .. } => !is_plain(path),
        FsOp::LinkAt { .. } | FsOp::RenameAt { .. } | FsOp::SymlinkAt { .. } => true,
        _ => false,
    }
}
