//! The file system in memory beside that of the host: the same random operations on both, which must
//! answer the same.

use rwasm_wasi::host::{
    Dir, ErrorCode, FileStat, FileType, FsOp, Handle, HostOp, HostRet, HostSession, Io, NewTime,
    NewTimes, Node, OpenHow, Outcome, Source,
};
use rwasm_wasi::{DirPerms, FilePerms, MemoryDir, MemoryFs, VirtualClock, WasiCtxBuilder};
use std::io::{IoSlice, IoSliceMut};

/// Numbers that depend on nothing but where they begin.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 33) as usize % sides
    }

    fn path(&mut self) -> Vec<u8> {
        const NAMES: [&str; 6] = ["a", "b", "c", "d", ".", ".."];
        let mut path = String::new();
        for _ in 0..1 + self.roll(3) {
            if !path.is_empty() {
                path += if self.roll(12) == 0 { "//" } else { "/" };
            }
            let names = if self.roll(3) == 0 { 6 } else { 4 };
            path += NAMES[self.roll(names)];
        }
        match self.roll(40) {
            0..4 => path + "/",
            4 => String::new(),
            5 => format!("/{path}"),
            6 => "n".repeat(256),
            _ => path,
        }
        .into_bytes()
    }

    fn handle(&mut self, open: &[(Handle, FileType)]) -> Handle {
        match open {
            [] => Handle(0),
            open => open[self.roll(open.len())].0,
        }
    }

    fn op(&mut self, dirs: &[(Handle, FileType)], all: &[(Handle, FileType)]) -> FsOp {
        let dir = if self.roll(3) == 0 { self.handle(dirs) } else { Handle(0) };
        let path = self.path();
        let mut flag = || self.roll(2) == 0;
        match (flag(), flag(), flag(), flag()) {
            (true, true, a, b) => {
                let how = OpenHow {
                    follow: flag(),
                    read: flag(),
                    write: flag(),
                    create: a,
                    exclusive: a && b && flag(),
                    truncate: flag() && flag(),
                    directory: flag() && flag(),
                    ..OpenHow::default()
                };
                FsOp::OpenAt { dir, path, how }
            }
            (true, false, true, true) => FsOp::CreateDirAt { dir, path },
            (true, false, true, false) => FsOp::RemoveDirAt { dir, path },
            (true, false, false, true) => FsOp::UnlinkAt { dir, path },
            (true, false, false, false) => FsOp::SymlinkAt { target: self.path(), dir, path },
            (false, true, true, _) => {
                FsOp::RenameAt { from_dir: dir, from: path, to_dir: Handle(0), to: self.path() }
            }
            (false, true, false, true) => {
                FsOp::LinkAt { from_dir: dir, from: path, to_dir: Handle(0), to: self.path() }
            }
            (false, true, false, false) if flag() => FsOp::ReadLinkAt { dir, path },
            (false, true, false, false) => {
                let times = NewTimes { atim: NewTime::At(7), mtim: NewTime::Keep };
                FsOp::SetTimesAt { dir, path, follow: flag(), times }
            }
            (false, false, true, true) => FsOp::StatAt { dir, path, follow: flag() },
            (false, false, true, false) => FsOp::Entries { dir },
            (false, false, false, true) => FsOp::Stat { handle: self.handle(all) },
            (false, false, false, false) => FsOp::Close { handle: self.handle(all) },
        }
    }
}

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

fn session(build: impl FnOnce(&mut WasiCtxBuilder)) -> HostSession {
    let mut builder = WasiCtxBuilder::new();
    build(&mut builder);
    builder.build().into_session()
}

struct TempDir(std::path::PathBuf);

impl Drop for TempDir {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[test]
fn the_same_operations_have_the_same_answers() {
    for seed in 1..=40 {
        let path = std::env::temp_dir().join(format!("rwasm-memory-{}-{seed}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        let temp = TempDir(path);
        let (dir, file) = (DirPerms::all(), FilePerms::all());
        let mut real = session(|b| _ = b.preopened_dir(&temp.0, "/", dir, file).unwrap());
        let fs = MemoryFs::new();
        let mut memory = session(|b| _ = b.preopened_custom_dir(fs.root(), "/", dir, file));
        let mut dice = Dice(0x9e37_79b9_7f4a_7c15_u64.wrapping_mul(seed));
        let mut open: Vec<(Handle, FileType)> = Vec::new();
        let mut done = Vec::new();
        for _ in 0..1500 {
            let dirs: Vec<_> =
                open.iter().copied().filter(|(_, ty)| *ty == FileType::Directory).collect();
            let files: Vec<_> =
                open.iter().copied().filter(|(_, ty)| *ty == FileType::RegularFile).collect();
            if !files.is_empty() && dice.roll(4) == 0 {
                let (handle, offset) = (dice.handle(&files), dice.roll(50) as u64);
                let text = b"0123456789";
                let op = HostOp::Write {
                    to: Source::File(handle),
                    offset: (dice.roll(3) > 0).then_some(offset),
                };
                let io = [IoSlice::new(&text[..dice.roll(10)]), IoSlice::new(&text[..3])];
                let answers =
                    [&mut real, &mut memory].map(|host| host.submit(op.clone(), Io::Write(&io)));
                done.push(format!("{op:?} {answers:?}"));
                assert_eq!(answers[0], answers[1], "seed {seed}: {done:#?}");
                let op = HostOp::Read { from: Source::File(handle), offset: offset / 2 };
                let answers = [&mut real, &mut memory].map(|host| {
                    let mut bytes = [0; 40];
                    let (a, b) = bytes.split_at_mut(7);
                    let mut io = [IoSliceMut::new(a), IoSliceMut::new(b)];
                    (host.submit(op.clone(), Io::Read(&mut io)), bytes)
                });
                assert_eq!(answers[0], answers[1], "seed {seed}: {done:#?}");
                continue;
            }
            let op = dice.op(&dirs, &open);
            // A root that is closed is the end of the test.
            if op == (FsOp::Close { handle: Handle(0) }) {
                continue;
            }
            let answers = [&mut real, &mut memory]
                .map(|host| comparable(host.submit(HostOp::Fs(op.clone()), Io::None)));
            done.push(format!("{op:?} {answers:?}"));
            let [expected, found] = &answers;
            if expected != found && !is_free(&op, expected, found) {
                let last = done.len().saturating_sub(30);
                panic!("seed {seed}: {:#?}", &done[last..]);
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

fn open(dir: &mut dyn Dir, path: &str) -> Result<Node, ErrorCode> {
    dir.open_at(path.as_bytes(), OpenHow { read: true, ..OpenHow::default() })
}

#[test]
fn what_one_guest_removes_another_may_be_opening() {
    let fs = MemoryFs::new();
    let other = fs.clone();
    let remover = std::thread::spawn(move || {
        let mut root = other.root();
        for _ in 0..20_000 {
            other.write("a", "text").unwrap();
            root.unlink_at(b"a").unwrap();
        }
    });
    let mut root = fs.root();
    while !remover.is_finished() {
        match open(&mut root, "a") {
            Ok(Node::File(mut file, _)) => assert!(file.stat().unwrap().size <= 4),
            Ok(Node::Dir(_)) => panic!("it is a file"),
            Err(error) => assert_eq!(error, ErrorCode::NoEntry),
        }
    }
    remover.join().unwrap();
    assert!(root.entries().unwrap().is_empty());
}

#[test]
fn directories_count_those_in_them() {
    let fs = MemoryFs::new();
    fs.write("a/b/c", "").unwrap();
    let mut root = fs.root();
    let nlink =
        |root: &mut MemoryDir, path: &str| root.stat_at(path.as_bytes(), true).unwrap().nlink;
    assert_eq!([nlink(&mut root, "."), nlink(&mut root, "a"), nlink(&mut root, "a/b")], [3, 3, 2]);
    root.rename_at(b"a/b", &fs.root(), b"d").unwrap();
    assert_eq!([nlink(&mut root, "."), nlink(&mut root, "a"), nlink(&mut root, "d")], [4, 2, 2]);
    root.remove_dir_at(b"a").unwrap();
    assert_eq!(nlink(&mut root, "."), 3);
}

#[test]
fn a_directory_in_it_can_be_given_alone() {
    let fs = MemoryFs::new();
    fs.write("a/b/c", "text").unwrap();
    let mut dir = fs.dir("a/b").unwrap();
    assert!(open(&mut dir, "c").is_ok());
    assert_eq!(open(&mut dir, "../b").err(), Some(ErrorCode::NotPermitted));
    assert_eq!(fs.dir("a/b/c").err(), Some(ErrorCode::NotDirectory));
    assert_eq!(fs.dir("b").err(), Some(ErrorCode::NoEntry));
}

#[test]
fn times_begin_late_enough_to_be_calculated_with() {
    let mtim = MemoryFs::new().root().stat().unwrap().mtim;
    assert!((VirtualClock::Y2K..VirtualClock::Y2K + 1000).contains(&mtim));
}

#[test]
fn what_is_made_later_is_newer() {
    let fs = MemoryFs::new();
    let mut root = fs.root();
    let mut last = root.stat().unwrap().mtim;
    for name in ["a", "b", "c"] {
        root.create_dir_at(name.as_bytes()).unwrap();
        let made = root.stat_at(name.as_bytes(), false).unwrap().mtim;
        assert!(made > last);
        last = root.stat().unwrap().mtim;
        assert!(last >= made);
    }
}

#[test]
fn it_is_full_when_it_is_full_and_has_room_again_afterwards() {
    let fs = MemoryFs::with_capacity(4096);
    assert_eq!(fs.write("a", [0; 5000]), Err(ErrorCode::InsufficientSpace));
    let mut root = fs.root();
    root.unlink_at(b"a").unwrap();
    for _ in 0..100 {
        fs.write("a", [0; 3000]).unwrap();
        root.rename_at(b"a", &fs.root(), b"b").unwrap();
        root.unlink_at(b"b").unwrap();
    }
    assert_eq!(root.symlink_at(&[b'a'; 4096], b"l"), Err(ErrorCode::NameTooLong));
}
