//! A file system in memory: for tests, for guests that are given files by code, and for runs that
//! must be the same each time.

mod dir;
mod file;
mod lower;
mod node;
mod path;
mod tree;

pub use dir::MemoryDir;

use crate::host::{Clock, Dir, ErrorCode, Node, OpenHow, Result};
use std::io::{IoSlice, IoSliceMut};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tree::Tree;

type Shared = Arc<Mutex<Tree>>;

fn lock(shared: &Shared) -> MutexGuard<'_, Tree> {
    // Each operation leaves the tree whole, so a panic elsewhere left nothing half done.
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A file system in memory. Clones are the same file system.
///
/// It behaves as that of a POSIX system does, and depends on nothing but what is done to it: the
/// numbers of files count up, a directory's names are sorted, and time begins with the year 2000
/// ([`VirtualClock::Y2K`](crate::VirtualClock::Y2K)) and is a nanosecond later with every change.
///
/// ```
/// use rwasm_wasi::{DirPerms, FilePerms, MemoryFs, WasiCtxBuilder};
///
/// let fs = MemoryFs::new();
/// fs.write("etc/motd", "hello")?;
/// let cx = WasiCtxBuilder::new()
///     .preopened_custom_dir(fs.root(), "/", DirPerms::all(), FilePerms::all())
///     .build_p1();
/// assert_eq!(fs.read("etc/motd")?, b"hello");
/// # Ok::<(), rwasm_wasi::host::ErrorCode>(())
/// ```
#[derive(Clone, Debug)]
pub struct MemoryFs(Shared);

impl Default for MemoryFs {
    fn default() -> Self {
        Self::new()
    }
}

impl MemoryFs {
    /// What a file system takes unless it is told otherwise: 1 GiB.
    pub const CAPACITY: u64 = 1 << 30;

    /// An empty file system.
    pub fn new() -> Self {
        Self::with_capacity(Self::CAPACITY)
    }

    /// An empty file system that takes `bytes` of names and contents and then is full
    /// ([`ErrorCode::InsufficientSpace`]).
    pub fn with_capacity(bytes: u64) -> Self {
        Self(Arc::new(Mutex::new(Tree::new(bytes))))
    }

    /// A file system that has what is in `lower`, of which it only reads: what is changed or removed is
    /// so here alone. It takes `capacity` bytes of names, and of contents that are changed.
    ///
    /// A directory is read, as a whole, when somebody first looks into it, and a file as long as nobody
    /// has written to it; then it is copied. So the lower directory had better not change meanwhile: of
    /// what changes, guests may see the old or the new. The present is a little later than the last
    /// change that was seen there.
    /// What is neither a file nor a directory or symbolic link is there, but cannot be opened
    /// ([`ErrorCode::NoSuchDevice`]).
    ///
    /// ```
    /// use rwasm_wasi::MemoryFs;
    ///
    /// let below = MemoryFs::new();
    /// below.write("etc/motd", "hello")?;
    /// let fs = MemoryFs::over(below.root(), MemoryFs::CAPACITY)?;
    /// fs.write("etc/motd", "changed")?;
    /// assert_eq!(fs.read("etc/motd")?, b"changed");
    /// assert_eq!(below.read("etc/motd")?, b"hello");
    /// # Ok::<(), rwasm_wasi::host::ErrorCode>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If the directory tells nothing about itself.
    pub fn over(lower: impl Dir, capacity: u64) -> Result<Self> {
        let tree = Tree::over(Box::new(lower), capacity)?;
        Ok(Self(Arc::new(Mutex::new(tree))))
    }

    /// A file system that begins with a copy of all that is in `dir`, as [`MemoryFs::over`] shows it.
    /// It takes `capacity` bytes of names and contents, those that are copied included.
    ///
    /// ```
    /// use rwasm_wasi::{MemoryFs, RealDir, ambient};
    ///
    /// let src = RealDir::new(ambient::open_dir("src")?);
    /// let fs = MemoryFs::copy_of(&src, MemoryFs::CAPACITY)?;
    /// assert!(!fs.read("lib.rs")?.is_empty());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If something cannot be read, or takes more than that.
    pub fn copy_of(dir: &dyn Dir, capacity: u64) -> Result<Self> {
        let mut tree = Tree::over(dir.try_clone()?, capacity)?;
        tree.copy_all()?;
        Ok(Self(Arc::new(Mutex::new(tree))))
    }

    /// The same with times that are this clock's time of day, as long as that is later than what time
    /// would be without it: for guests that compare times with others.
    pub fn with_clock(self, clock: Box<dyn Clock>) -> Self {
        lock(&self.0).clock = Some(clock);
        self
    }

    /// Its root, to be given to a guest
    /// ([`WasiCtxBuilder::preopened_custom_dir`](crate::WasiCtxBuilder::preopened_custom_dir)).
    pub fn root(&self) -> MemoryDir {
        MemoryDir::root(self.0.clone())
    }

    /// A directory in it, to be given as the root is.
    ///
    /// # Errors
    ///
    /// If there is no such directory.
    pub fn dir(&self, path: impl AsRef<[u8]>) -> Result<MemoryDir> {
        MemoryDir::at(self.0.clone(), path.as_ref())
    }

    /// Writes a file, with the directories that it is in; one that is there is replaced.
    ///
    /// # Errors
    ///
    /// If the path cannot be that of a file, or the file system is full.
    pub fn write(&self, path: impl AsRef<[u8]>, contents: impl AsRef<[u8]>) -> Result<()> {
        let path = path.as_ref();
        if let Some(end) = path.iter().rposition(|&byte| byte == b'/') {
            self.create_dir_all(&path[..end])?;
        }
        let how = OpenHow {
            follow: true,
            write: true,
            create: true,
            truncate: true,
            ..OpenHow::default()
        };
        match self.root().open_at(path, how)? {
            Node::File(mut file, _) => file.write(&[IoSlice::new(contents.as_ref())], Some(0)),
            Node::Dir(_) => return Err(ErrorCode::IsDirectory),
        }?;
        Ok(())
    }

    /// Makes a directory, with those that it is in, as far as they are not there.
    ///
    /// # Errors
    ///
    /// If one of them is something else, or the file system is full.
    pub fn create_dir_all(&self, path: impl AsRef<[u8]>) -> Result<()> {
        let (path, mut root) = (path.as_ref(), self.root());
        let ends = (1..path.len()).filter(|&at| path[at] == b'/').chain([path.len()]);
        for end in ends.filter(|&end| end > 0) {
            match root.create_dir_at(&path[..end]) {
                Ok(()) | Err(ErrorCode::Exist) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// What a file contains.
    ///
    /// # Errors
    ///
    /// If there is no such file.
    pub fn read(&self, path: impl AsRef<[u8]>) -> Result<Vec<u8>> {
        let how = OpenHow { follow: true, read: true, ..OpenHow::default() };
        let Node::File(mut file, _) = self.root().open_at(path.as_ref(), how)? else {
            return Err(ErrorCode::IsDirectory);
        };
        let (mut bytes, mut chunk) = (Vec::new(), vec![0; 64 << 10]);
        loop {
            let read = file.read(&mut [IoSliceMut::new(&mut chunk)], bytes.len() as u64)?;
            if read == 0 {
                return Ok(bytes);
            }
            // A file of a lower directory may be larger than memory.
            bytes.try_reserve(read).map_err(|_| ErrorCode::InsufficientMemory)?;
            bytes.extend_from_slice(&chunk[..read.min(chunk.len())]);
        }
    }
}
