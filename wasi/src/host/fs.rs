//! The capability to use a directory: [`Dir`], and what is found in it: [`File`].
//!
//! Paths are bytes, relative to the directory, separated by `/`. Whoever implements [`Dir`]
//! promises that no path leads out of it: not `..`, not an absolute path, not a symbolic link.
//! Such a path fails with [`ErrorCode::NotPermitted`](super::ErrorCode::NotPermitted).

use super::{Direction, ErrorCode, Readiness, Result};
use std::any::Any;
use std::io::{IoSlice, IoSliceMut};

/// What a name stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "record", derive(serde::Serialize, serde::Deserialize))]
pub enum FileType {
    /// None of the others, or not known.
    Unknown,
    /// A block device.
    BlockDevice,
    /// A character device, such as a terminal.
    CharacterDevice,
    /// A directory.
    Directory,
    /// A named pipe.
    Fifo,
    /// A regular file.
    RegularFile,
    /// A socket.
    Socket,
    /// A symbolic link.
    SymbolicLink,
}

/// What is known about a file or directory. Times are nanoseconds since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "record", derive(serde::Serialize, serde::Deserialize))]
#[expect(missing_docs, reason = "the names are WASI's and POSIX's")]
pub struct FileStat {
    pub dev: u64,
    pub ino: u64,
    pub file_type: FileType,
    pub nlink: u64,
    pub size: u64,
    pub atim: u64,
    pub mtim: u64,
    pub ctim: u64,
}

/// A name in a directory. `.` and `..` are not listed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "record", derive(serde::Serialize, serde::Deserialize))]
pub struct DirEntry {
    /// The name, without any `/`.
    pub name: Vec<u8>,
    /// The inode number.
    pub ino: u64,
    /// What the name stands for.
    pub file_type: FileType,
}

/// What to do with a timestamp.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "record", derive(serde::Serialize, serde::Deserialize))]
pub enum NewTime {
    /// Leave it.
    Keep,
    /// Set it to the present.
    Now,
    /// Set it to this, in nanoseconds since 1970.
    At(u64),
}

/// New times of access and of modification.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "record", derive(serde::Serialize, serde::Deserialize))]
#[expect(missing_docs, reason = "the names are WASI's")]
pub struct NewTimes {
    pub atim: NewTime,
    pub mtim: NewTime,
}

/// How a file is going to be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "record", derive(serde::Serialize, serde::Deserialize))]
#[expect(missing_docs, reason = "the names are POSIX's")]
pub enum Advice {
    Normal,
    Sequential,
    Random,
    WillNeed,
    DontNeed,
    NoReuse,
}

/// How to open a path.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "record", derive(serde::Serialize, serde::Deserialize))]
pub struct OpenHow {
    /// Follow the last component if it is a symbolic link; else that is an error.
    pub follow: bool,
    /// The contents will be read.
    pub read: bool,
    /// The contents will be written. A directory cannot be opened so.
    pub write: bool,
    /// Make the file if there is none.
    pub create: bool,
    /// With `create`: fail if there is one.
    pub exclusive: bool,
    /// Empty the file.
    pub truncate: bool,
    /// Fail unless it is a directory.
    pub directory: bool,
    /// Writes return when data and metadata are stored.
    pub sync: bool,
    /// Writes return when the data are stored.
    pub dsync: bool,
    /// Reads are as synchronised as writes.
    pub rsync: bool,
}

/// What a write did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "record", derive(serde::Serialize, serde::Deserialize))]
pub struct Written {
    /// How many bytes were taken.
    pub bytes: u64,
    /// Where in the file the next byte would go.
    pub end: u64,
}

/// What opening a path gives.
pub enum Node {
    /// A directory.
    Dir(Box<dyn Dir>),
    /// Anything else.
    File(Box<dyn File>, FileType),
}

/// The capability to use a directory and all below it.
pub trait Dir: Any + Send {
    /// Opens `path`. Never blocks, not on a named pipe either.
    fn open_at(&mut self, path: &[u8], how: OpenHow) -> Result<Node>;
    /// Everything in the directory itself.
    fn entries(&mut self) -> Result<Vec<DirEntry>>;
    /// About the directory itself.
    fn stat(&mut self) -> Result<FileStat>;
    /// Sets the directory's own times.
    fn set_times(&mut self, times: NewTimes) -> Result<()>;
    /// About what `path` names.
    fn stat_at(&mut self, path: &[u8], follow: bool) -> Result<FileStat>;
    /// Sets the times of what `path` names.
    fn set_times_at(&mut self, path: &[u8], follow: bool, times: NewTimes) -> Result<()>;
    /// Makes a directory.
    fn create_dir_at(&mut self, path: &[u8]) -> Result<()>;
    /// Removes an empty directory.
    fn remove_dir_at(&mut self, path: &[u8]) -> Result<()>;
    /// Removes a name that is not a directory's.
    fn unlink_at(&mut self, path: &[u8]) -> Result<()>;
    /// What a symbolic link says.
    fn read_link_at(&mut self, path: &[u8]) -> Result<Vec<u8>>;
    /// Makes a symbolic link at `path` that says `target`, which must not be absolute.
    fn symlink_at(&mut self, target: &[u8], path: &[u8]) -> Result<()>;
    /// Gives what `from` names another name; fails with
    /// [`ErrorCode::CrossDevice`](super::ErrorCode::CrossDevice) if `to_dir` is of another kind.
    fn link_at(&mut self, from: &[u8], to_dir: &dyn Dir, to: &[u8]) -> Result<()>;
    /// Moves what `from` names; fails as [`Dir::link_at`] does.
    fn rename_at(&mut self, from: &[u8], to_dir: &dyn Dir, to: &[u8]) -> Result<()>;
    /// A second capability to the same directory.
    fn try_clone(&self) -> Result<Box<dyn Dir>>;
}

/// The capability to use an open file.
pub trait File: Send {
    /// Fills the buffers in order from `offset` on; 0 is the end. Where there is no position
    /// (a pipe, a terminal) the offset means nothing.
    fn read(&mut self, bufs: &mut [IoSliceMut<'_>], offset: u64) -> Result<usize>;
    /// Writes the buffers at `offset`, or at the file's end if that is `None`.
    fn write(&mut self, bufs: &[IoSlice<'_>], offset: Option<u64>) -> Result<Written>;
    /// As [`File::read`], but what was read is read again. Only a socket can do that.
    fn peek(&mut self, bufs: &mut [IoSliceMut<'_>]) -> Result<usize> {
        let _ = bufs;
        Err(ErrorCode::NotSocket)
    }
    /// Ends a connection in one direction or both. Only a socket can do that.
    fn shutdown(&mut self, read: bool, write: bool) -> Result<()> {
        let _ = (read, write);
        Err(ErrorCode::NotSocket)
    }
    /// Whether using the file would block.
    fn readiness(&self, direction: Direction) -> Readiness<'_>;
    /// About the file.
    fn stat(&mut self) -> Result<FileStat>;
    /// Sets the file's times.
    fn set_times(&mut self, times: NewTimes) -> Result<()>;
    /// Cuts or extends the file.
    fn set_size(&mut self, size: u64) -> Result<()>;
    /// Returns when everything written (with `data_only`, but its metadata) is stored.
    fn sync(&mut self, data_only: bool) -> Result<()>;
    /// Says how a part of the file is going to be used.
    fn advise(&mut self, offset: u64, len: u64, advice: Advice) -> Result<()>;
}
