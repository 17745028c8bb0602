//! Random operations.

use rwasm_wasi::host::{FileType, FsOp, Handle, NewTime, NewTimes, OpenHow};

/// Numbers that depend on nothing but where they begin.
pub struct Dice(u64);

impl Dice {
    /// Numbers that are others with each seed.
    pub fn new(seed: u64) -> Self {
        Self(0x9e37_79b9_7f4a_7c15_u64.wrapping_mul(seed))
    }

    pub fn roll(&mut self, sides: usize) -> usize {
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

    pub fn handle(&mut self, open: &[(Handle, FileType)]) -> Handle {
        match open {
            [] => Handle(0),
            open => open[self.roll(open.len())].0,
        }
    }

    /// An operation, mostly on the first directory.
    pub fn op(&mut self, dirs: &[(Handle, FileType)], all: &[(Handle, FileType)]) -> FsOp {
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
