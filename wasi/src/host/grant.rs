//! What may be done below a directory that was opened for a guest.

use super::{ErrorCode, Result};

bitflags::bitflags! {
    /// What a guest may do to a directory and to those opened below it.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct DirPerms: u8 {
        /// It can be listed, and what is in it can be looked up and opened.
        const READ = 0b1;
        /// Entries can be made, renamed, linked and removed, and times set.
        const MUTATE = 0b10;
    }
}

bitflags::bitflags! {
    /// What a guest may do to the files below a directory.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct FilePerms: u8 {
        /// They can be read.
        const READ = 0b1;
        /// They can be written, truncated and given other times.
        const WRITE = 0b10;
    }
}

/// The permissions of a preopened directory, inherited by everything opened through it.
///
/// A permission that is missing is refused with [`ErrorCode::NotPermitted`] before any
/// capability is asked, so that a file system someone else wrote cannot forget to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Grant {
    /// For directories.
    pub dir: DirPerms,
    /// For files.
    pub file: FilePerms,
}

impl Grant {
    pub(super) fn require_dir(self, perms: DirPerms) -> Result<()> {
        if self.dir.contains(perms) { Ok(()) } else { Err(ErrorCode::NotPermitted) }
    }

    pub(super) fn require_file(self, perms: FilePerms) -> Result<()> {
        if self.file.contains(perms) { Ok(()) } else { Err(ErrorCode::NotPermitted) }
    }

    /// Whether everything `other` allows is allowed here. A file may only be moved or linked to
    /// where nobody can do more to it than before.
    pub(super) fn covers(self, other: Self) -> bool {
        self.dir.contains(other.dir) && self.file.contains(other.file)
    }
}
