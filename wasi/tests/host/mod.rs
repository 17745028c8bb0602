//! Directories of the host that tests work in.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::ffi::OsStringExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

/// A directory that is gone when the test is over.
pub struct TempDir(pub PathBuf);

impl TempDir {
    pub fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("rwasm-wasi-{}-{number}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub fn write(&self, name: &str, contents: &str) {
        fs::write(self.0.join(name), contents).unwrap();
    }

    pub fn read(&self, name: &str) -> String {
        fs::read_to_string(self.0.join(name)).unwrap()
    }
}

/// How many descriptors of this process are open on something in `dir`.
#[allow(dead_code, reason = "not every test looks")]
pub fn open_below(dir: &Path) -> usize {
    let open = fs::read_dir("/proc/self/fd").into_iter().flatten().flatten();
    let targets = open.filter_map(|entry| fs::read_link(entry.path()).ok());
    targets.filter(|target| target.starts_with(dir)).count()
}

impl Drop for TempDir {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// All that can be known of a directory, but for when it was read.
#[derive(Debug, PartialEq)]
pub struct Snapshot(BTreeMap<PathBuf, (Vec<u8>, [i64; 7])>);

impl Snapshot {
    pub fn of(dir: &Path) -> Self {
        let mut snapshot = Self(BTreeMap::new());
        snapshot.add(dir);
        snapshot
    }

    fn add(&mut self, path: &Path) {
        let metadata = fs::symlink_metadata(path).unwrap();
        let contents = match metadata.file_type() {
            ty if ty.is_dir() => {
                fs::read_dir(path).unwrap().for_each(|entry| self.add(&entry.unwrap().path()));
                Vec::new()
            }
            ty if ty.is_file() => fs::read(path).unwrap(),
            ty if ty.is_symlink() => fs::read_link(path).unwrap().into_os_string().into_vec(),
            _ => Vec::new(),
        };
        let known = [
            metadata.ino() as i64,
            metadata.nlink() as i64,
            metadata.mode() as i64,
            metadata.mtime(),
            metadata.mtime_nsec(),
            metadata.ctime(),
            metadata.ctime_nsec(),
        ];
        self.0.insert(path.to_owned(), (contents, known));
    }
}
