//! What a file system in memory is made of.

use super::lower::LowerFile;
use crate::host::{FileStat, FileType};
use std::collections::BTreeMap;

/// The number of a node. Numbers are not used again, so that they depend on nothing but what was
/// done before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Ino(pub u64);

/// What a node is.
pub(super) enum Kind {
    /// A file.
    File(Contents),
    /// A directory.
    Dir(Entries),
    /// What a symbolic link says.
    Symlink(Vec<u8>),
    /// Something of the lower directory that is none of these, such as a named pipe. It has names, but
    /// cannot be opened: what goes through it would not stay in memory.
    Special(FileType),
}

/// What is in a file.
pub(super) enum Contents {
    /// These bytes.
    Bytes(Vec<u8>),
    /// What is in a file of the lower directory: nobody has written to it yet.
    Below(LowerFile),
}

/// What is in a directory.
pub(super) enum Entries {
    /// These. Sorted, so that everyone lists them in the same order.
    Known(BTreeMap<Vec<u8>, Ino>),
    /// What is in the lower directory at this path: nobody has looked yet.
    Below(Vec<u8>),
}

/// A file, directory or symbolic link.
pub(super) struct Node {
    pub kind: Kind,
    /// How many names it has.
    pub links: u64,
    /// How many names it has in the lower directory that nobody has come upon yet.
    pub unseen: u64,
    /// How many have it open.
    pub opens: u64,
    /// The directory that has a directory: it has one name.
    pub parent: Option<Ino>,
    /// How many directories are in it.
    pub dirs: u64,
    pub times: Times,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Times {
    pub atim: u64,
    pub mtim: u64,
    pub ctim: u64,
}

impl Kind {
    /// An empty file.
    pub fn file() -> Self {
        Self::File(Contents::Bytes(Vec::new()))
    }

    /// An empty directory.
    pub fn dir() -> Self {
        Self::Dir(Entries::Known(BTreeMap::new()))
    }

    /// How many bytes it takes, besides those of an entry.
    pub fn taken(&self) -> u64 {
        let len = match self {
            Self::File(Contents::Bytes(bytes)) | Self::Symlink(bytes) => bytes.len(),
            Self::File(Contents::Below(file)) => file.path().len(),
            Self::Dir(Entries::Below(path)) => path.len(),
            Self::Dir(Entries::Known(_)) | Self::Special(_) => 0,
        };
        len as u64
    }
}

impl Node {
    /// A node without names, new at this time.
    pub fn new(kind: Kind, now: u64) -> Self {
        let times = Times { atim: now, mtim: now, ctim: now };
        Self { kind, links: 0, unseen: 0, opens: 0, parent: None, dirs: 0, times }
    }

    /// Whether nobody can get at it.
    pub fn is_lost(&self) -> bool {
        self.links == 0 && self.unseen == 0 && self.opens == 0
    }

    pub fn file_type(&self) -> FileType {
        match self.kind {
            Kind::File(_) => FileType::RegularFile,
            Kind::Dir(_) => FileType::Directory,
            Kind::Symlink(_) => FileType::SymbolicLink,
            Kind::Special(file_type) => file_type,
        }
    }

    /// How many bytes are in it.
    pub fn size(&self) -> u64 {
        match &self.kind {
            Kind::File(Contents::Bytes(bytes)) | Kind::Symlink(bytes) => bytes.len() as u64,
            Kind::File(Contents::Below(file)) => file.size(),
            Kind::Dir(_) | Kind::Special(_) => 0,
        }
    }

    /// What is known about it, but for its numbers.
    pub fn stat(&self) -> FileStat {
        let nlink = match &self.kind {
            // A directory is named by itself and by those in it.
            Kind::Dir(_) if self.links > 0 => 2 + self.dirs,
            _ => self.links.saturating_add(self.unseen),
        };
        let Times { atim, mtim, ctim } = self.times;
        let (file_type, size) = (self.file_type(), self.size());
        FileStat { dev: 0, ino: 0, file_type, nlink, size, atim, mtim, ctim }
    }
}
