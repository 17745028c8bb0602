//! Where guests of the tests work: a directory of the host, one in memory, and one in memory over
//! another of the host.

use crate::guest::Guest;
use crate::host::{Snapshot, TempDir};
use rwasm_wasi::host::{Dir, ErrorCode, FileStat, FileType};
use rwasm_wasi::{DirPerms, FilePerms, MemoryFs, RealDir, WasiCtxBuilder, ambient};
use std::cell::OnceCell;
use std::os::unix::fs::{MetadataExt, symlink};

/// A directory that the test and its guests use.
pub enum TestDir {
    Host(TempDir),
    Memory(MemoryFs),
    Over(Over),
}

/// A directory in memory over one of the host.
pub struct Over {
    pub lower: TempDir,
    /// There is none until a guest uses it: what was done before was done below.
    fs: OnceCell<(MemoryFs, Snapshot)>,
}

/// Where something is done to a directory.
enum Place<'a> {
    Host(&'a TempDir),
    Memory(&'a MemoryFs),
}

/// Does a test in a directory of each kind.
pub fn on_every_backend(test: impl Fn(&TestDir)) {
    let over = Over { lower: TempDir::new(), fs: OnceCell::new() };
    let memory = TestDir::Memory(MemoryFs::new());
    for dir in [TestDir::Host(TempDir::new()), memory, TestDir::Over(over)] {
        println!("{}", dir.kind()); // Is shown if the test fails.
        test(&dir);
        if let TestDir::Over(Over { lower, fs }) = dir
            && let Some((_, before)) = fs.into_inner()
        {
            assert_eq!(Snapshot::of(&lower.0), before, "the lower directory stays as it is");
        }
    }
}

impl Over {
    fn fs(&self) -> &MemoryFs {
        let make = || {
            let lower = RealDir::new(ambient::open_dir(&self.lower.0).unwrap());
            let fs = MemoryFs::over(lower, MemoryFs::CAPACITY).unwrap();
            (fs, Snapshot::of(&self.lower.0))
        };
        &self.fs.get_or_init(make).0
    }
}

impl TestDir {
    fn kind(&self) -> &'static str {
        match self {
            TestDir::Host(_) => "in a directory of the host",
            TestDir::Memory(_) => "in memory",
            TestDir::Over(_) => "in memory over a directory of the host",
        }
    }

    fn place(&self) -> Place<'_> {
        match self {
            TestDir::Host(dir) => Place::Host(dir),
            TestDir::Memory(fs) => Place::Memory(fs),
            TestDir::Over(Over { lower, fs }) => match fs.get() {
                Some((fs, _)) => Place::Memory(fs),
                None => Place::Host(lower),
            },
        }
    }

    pub fn write(&self, name: &str, contents: &str) {
        match self.place() {
            Place::Host(dir) => dir.write(name, contents),
            Place::Memory(fs) => fs.write(name, contents).unwrap(),
        }
    }

    pub fn read(&self, name: &str) -> String {
        match self.place() {
            Place::Host(dir) => dir.read(name),
            Place::Memory(fs) => String::from_utf8(fs.read(name).unwrap()).unwrap(),
        }
    }

    pub fn create_dir(&self, name: &str) {
        match self.place() {
            Place::Host(dir) => std::fs::create_dir(dir.0.join(name)).unwrap(),
            Place::Memory(fs) => fs.create_dir_all(name).unwrap(),
        }
    }

    pub fn symlink(&self, target: &str, name: &str) -> Result<(), ErrorCode> {
        match self.place() {
            Place::Host(dir) => Ok(symlink(target, dir.0.join(name))?),
            Place::Memory(fs) => fs.root().symlink_at(target.as_bytes(), name.as_bytes()),
        }
    }

    pub fn rename(&self, from: &str, to: &str) {
        match self.place() {
            Place::Host(dir) => std::fs::rename(dir.0.join(from), dir.0.join(to)).unwrap(),
            Place::Memory(fs) => {
                fs.root().rename_at(from.as_bytes(), &fs.root(), to.as_bytes()).unwrap();
            }
        }
    }

    pub fn exists(&self, name: &str) -> bool {
        match self.place() {
            Place::Host(dir) => dir.0.join(name).exists(),
            Place::Memory(fs) => stat(fs, name).is_ok(),
        }
    }

    pub fn is_dir(&self, name: &str) -> bool {
        match self.place() {
            Place::Host(dir) => dir.0.join(name).is_dir(),
            Place::Memory(fs) => stat(fs, name).unwrap().file_type == FileType::Directory,
        }
    }

    /// When something was changed last, in nanoseconds.
    pub fn modified(&self, name: &str) -> u64 {
        match self.place() {
            Place::Host(dir) => {
                let metadata = std::fs::metadata(dir.0.join(name)).unwrap();
                metadata.mtime() as u64 * 1_000_000_000 + metadata.mtime_nsec() as u64
            }
            Place::Memory(fs) => stat(fs, name).unwrap().mtim,
        }
    }

    /// A time that is not later than the present. In memory it is not that of the host, but that of
    /// the last change.
    pub fn now(&self) -> u64 {
        self.write("now", "");
        self.modified("now")
    }

    /// Gives `builder` a directory, as `guest_path`.
    pub fn preopen(
        &self,
        builder: &mut WasiCtxBuilder,
        name: &str,
        guest_path: &str,
        dir: DirPerms,
        file: FilePerms,
    ) {
        let fs = match self {
            TestDir::Host(temp) => {
                builder.preopened_dir(temp.0.join(name), guest_path, dir, file).unwrap();
                return;
            }
            TestDir::Memory(fs) => fs,
            TestDir::Over(over) => over.fs(),
        };
        builder.preopened_custom_dir(fs.dir(name).unwrap(), guest_path, dir, file);
    }

    /// A guest that may do anything here, as `/`.
    pub fn guest(&self) -> Guest {
        self.guest_with(DirPerms::all(), FilePerms::all())
    }

    pub fn guest_with(&self, dir: DirPerms, file: FilePerms) -> Guest {
        let mut builder = WasiCtxBuilder::new();
        self.preopen(&mut builder, ".", "/", dir, file);
        Guest::new(builder.build_p1())
    }

    /// A context of a guest that may do anything here, as `/`.
    pub fn builder(&self) -> WasiCtxBuilder {
        let mut builder = WasiCtxBuilder::new();
        self.preopen(&mut builder, ".", "/", DirPerms::all(), FilePerms::all());
        builder
    }

    /// A guest that may do anything in a directory here, as `/`.
    pub fn guest_in(&self, name: &str) -> Guest {
        let mut builder = WasiCtxBuilder::new();
        self.preopen(&mut builder, name, "/", DirPerms::all(), FilePerms::all());
        Guest::new(builder.build_p1())
    }
}

fn stat(fs: &MemoryFs, name: &str) -> Result<FileStat, ErrorCode> {
    fs.root().stat_at(name.as_bytes(), true)
}
