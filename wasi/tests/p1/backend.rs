//! Where guests of the tests work: a directory of the host, and one in memory.

use crate::guest::{Guest, TempDir};
use rwasm_wasi::host::{Dir, ErrorCode, FileStat, FileType};
use rwasm_wasi::{DirPerms, FilePerms, MemoryFs, WasiCtxBuilder};
use std::os::unix::fs::{MetadataExt, symlink};

/// A directory that the test and its guests use.
pub enum TestDir {
    Host(TempDir),
    Memory(MemoryFs),
}

/// Does a test in a directory of each kind.
pub fn on_every_backend(test: impl Fn(&TestDir)) {
    for dir in [TestDir::Host(TempDir::new()), TestDir::Memory(MemoryFs::new())] {
        println!("in a directory of {}", dir.kind()); // Is shown if the test fails.
        test(&dir);
    }
}

impl TestDir {
    fn kind(&self) -> &'static str {
        match self {
            TestDir::Host(_) => "the host",
            TestDir::Memory(_) => "a file system in memory",
        }
    }

    pub fn write(&self, name: &str, contents: &str) {
        match self {
            TestDir::Host(dir) => dir.write(name, contents),
            TestDir::Memory(fs) => fs.write(name, contents).unwrap(),
        }
    }

    pub fn read(&self, name: &str) -> String {
        match self {
            TestDir::Host(dir) => dir.read(name),
            TestDir::Memory(fs) => String::from_utf8(fs.read(name).unwrap()).unwrap(),
        }
    }

    pub fn create_dir(&self, name: &str) {
        match self {
            TestDir::Host(dir) => std::fs::create_dir(dir.0.join(name)).unwrap(),
            TestDir::Memory(fs) => fs.create_dir_all(name).unwrap(),
        }
    }

    pub fn symlink(&self, target: &str, name: &str) -> Result<(), ErrorCode> {
        match self {
            TestDir::Host(dir) => Ok(symlink(target, dir.0.join(name))?),
            TestDir::Memory(fs) => fs.root().symlink_at(target.as_bytes(), name.as_bytes()),
        }
    }

    pub fn rename(&self, from: &str, to: &str) {
        match self {
            TestDir::Host(dir) => std::fs::rename(dir.0.join(from), dir.0.join(to)).unwrap(),
            TestDir::Memory(fs) => {
                fs.root().rename_at(from.as_bytes(), &fs.root(), to.as_bytes()).unwrap();
            }
        }
    }

    pub fn exists(&self, name: &str) -> bool {
        match self {
            TestDir::Host(dir) => dir.0.join(name).exists(),
            TestDir::Memory(fs) => stat(fs, name).is_ok(),
        }
    }

    pub fn is_dir(&self, name: &str) -> bool {
        match self {
            TestDir::Host(dir) => dir.0.join(name).is_dir(),
            TestDir::Memory(fs) => stat(fs, name).unwrap().file_type == FileType::Directory,
        }
    }

    /// When something was changed last, in nanoseconds.
    pub fn modified(&self, name: &str) -> u64 {
        match self {
            TestDir::Host(dir) => {
                let metadata = std::fs::metadata(dir.0.join(name)).unwrap();
                metadata.mtime() as u64 * 1_000_000_000 + metadata.mtime_nsec() as u64
            }
            TestDir::Memory(fs) => stat(fs, name).unwrap().mtim,
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
        match self {
            TestDir::Host(temp) => {
                builder.preopened_dir(temp.0.join(name), guest_path, dir, file).unwrap()
            }
            TestDir::Memory(fs) => {
                builder.preopened_custom_dir(fs.dir(name).unwrap(), guest_path, dir, file)
            }
        };
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
