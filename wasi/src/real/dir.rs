//! Directories over cap-std, which keeps paths inside them (with `openat2` where the kernel has
//! it, else by walking).

use super::file::RealFile;
use super::stat;
use crate::host::{Dir, DirEntry, ErrorCode, FileStat, FileType, NewTimes, Node, OpenHow, Result};
use cap_fs_ext::{DirExt, FollowSymlinks, OpenOptionsFollowExt, OpenOptionsSyncExt};
use cap_std::fs::{OpenOptions, OpenOptionsExt};
use rustix::fs::{AtFlags, Mode, OFlags};
use std::any::Any;
use std::ffi::OsStr;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::Path;

/// How many entries a directory may have to be listed, which is at once: they take at most 320 bytes
/// each.
const MAX_ENTRIES: usize = 1 << 20;

/// A directory of the host, such as [`ambient::open_dir`](crate::ambient::open_dir) opens.
pub struct RealDir(cap_std::fs::Dir);

impl RealDir {
    /// The directory as a capability for guests.
    pub fn new(dir: cap_std::fs::Dir) -> Self {
        Self(dir)
    }

    /// All entries, if they are no more than `most`.
    fn at_most(&mut self, most: usize) -> Result<Vec<DirEntry>> {
        // cap-std opens directories for paths alone, which cannot be listed.
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let listable = rustix::fs::openat(&self.0, ".", flags, Mode::empty())?;
        let mut entries = Vec::new();
        for entry in rustix::fs::Dir::new(listable)? {
            let entry = entry?;
            let name = entry.file_name().to_bytes().to_vec();
            if name == b"." || name == b".." {
                continue;
            }
            let file_type = match stat::from_file_type(entry.file_type()) {
                // Some file systems do not keep types in directories.
                FileType::Unknown => match self.stat_at(&name, false) {
                    Ok(stat) => stat.file_type,
                    Err(_) => FileType::Unknown, // It is gone by now.
                },
                known => known,
            };
            if entries.len() == most {
                return Err(ErrorCode::InsufficientMemory);
            }
            entries.push(DirEntry { name, ino: entry.ino(), file_type });
        }
        Ok(entries)
    }

    fn open_with(
        &self,
        path: &[u8],
        options: &OpenOptions,
    ) -> Result<(cap_std::fs::File, FileType)> {
        let file = self.0.open_with(as_path(path), options)?;
        let stat = rustix::fs::fstat(&file)?;
        Ok((file, stat::from_mode(stat.st_mode)))
    }
}

impl Dir for RealDir {
    fn open_at(&mut self, path: &[u8], how: OpenHow) -> Result<Node> {
        if how.directory && (how.create || how.exclusive || how.truncate) {
            return Err(ErrorCode::Invalid);
        }
        let (file, file_type) = self.open_with(path, &open_options(how))?;
        if file_type == FileType::Directory {
            let dir = cap_std::fs::Dir::from_std_file(file.into_std());
            return Ok(Node::Dir(Box::new(Self(dir))));
        }
        if how.directory {
            return Err(ErrorCode::NotDirectory);
        }
        Ok(Node::File(Box::new(RealFile::new(file, file_type)), file_type))
    }

    fn entries(&mut self) -> Result<Vec<DirEntry>> {
        self.at_most(MAX_ENTRIES)
    }

    fn stat(&mut self) -> Result<FileStat> {
        Ok(stat::from_stat(&rustix::fs::fstat(&self.0)?))
    }

    fn set_times(&mut self, times: NewTimes) -> Result<()> {
        let times = stat::timestamps(times);
        Ok(rustix::fs::utimensat(&self.0, ".", &times, AtFlags::SYMLINK_NOFOLLOW)?)
    }

    fn stat_at(&mut self, path: &[u8], follow: bool) -> Result<FileStat> {
        // cap-std leaves out of a path what says that it is a directory.
        let is_dir = says_directory(path);
        let path = as_path(path);
        let metadata = match follow || is_dir {
            true => self.0.metadata(path),
            false => self.0.symlink_metadata(path),
        }?;
        match is_dir && !metadata.is_dir() {
            true => Err(ErrorCode::NotDirectory),
            false => Ok(stat::from_metadata(&metadata)),
        }
    }

    fn set_times_at(&mut self, path: &[u8], follow: bool, times: NewTimes) -> Result<()> {
        let (atim, mtim) = (stat::system_time(times.atim), stat::system_time(times.mtim));
        if !follow {
            return Ok(self.0.set_symlink_times(as_path(path), atim, mtim)?);
        }
        // cap-std would open a named pipe for writing and hang, so look for a way that does not.
        for how in [
            OpenHow { follow, read: true, ..OpenHow::default() },
            OpenHow { follow, write: true, ..OpenHow::default() },
        ] {
            match self.open_with(path, &open_options(how)) {
                Ok((file, _)) => {
                    return Ok(rustix::fs::futimens(&file, &stat::timestamps(times))?);
                }
                Err(ErrorCode::Access) => {}
                Err(code) => return Err(code),
            }
        }
        Ok(self.0.set_times(as_path(path), atim, mtim)?)
    }

    fn create_dir_at(&mut self, path: &[u8]) -> Result<()> {
        Ok(self.0.create_dir(as_path(path))?)
    }

    fn remove_dir_at(&mut self, path: &[u8]) -> Result<()> {
        // cap-std reads a trailing slash as `/.`, which POSIX refuses to remove.
        Ok(self.0.remove_dir(as_path(without_slashes(path)))?)
    }

    fn unlink_at(&mut self, path: &[u8]) -> Result<()> {
        Ok(self.0.remove_file_or_symlink(as_path(path))?)
    }

    fn read_link_at(&mut self, path: &[u8]) -> Result<Vec<u8>> {
        Ok(self.0.read_link(as_path(path))?.into_os_string().into_vec())
    }

    fn symlink_at(&mut self, target: &[u8], path: &[u8]) -> Result<()> {
        // An absolute target would name something outside; cap-std refuses it.
        Ok(DirExt::symlink(&self.0, as_path(target), as_path(path))?)
    }

    fn link_at(&mut self, from: &[u8], to_dir: &dyn Dir, to: &[u8]) -> Result<()> {
        let to_dir = same_kind(to_dir)?;
        Ok(self.0.hard_link(as_path(from), &to_dir.0, as_path(to))?)
    }

    fn rename_at(&mut self, from: &[u8], to_dir: &dyn Dir, to: &[u8]) -> Result<()> {
        let to_dir = same_kind(to_dir)?;
        // As above; what is renamed is the link itself, if it is one.
        let is_dir = from.ends_with(b"/") || to.ends_with(b"/");
        if is_dir && self.stat_at(without_slashes(from), false)?.file_type != FileType::Directory {
            return Err(ErrorCode::NotDirectory);
        }
        Ok(self.0.rename(as_path(from), &to_dir.0, as_path(to))?)
    }

    fn try_clone(&self) -> Result<Box<dyn Dir>> {
        Ok(Box::new(Self(self.0.try_clone()?)))
    }
}

/// Always non-blocking: a named pipe opens at once, and whoever reads it waits first.
fn open_options(how: OpenHow) -> OpenOptions {
    let write = how.write || how.create || how.truncate;
    let mut options = OpenOptions::new();
    options
        .read(how.read || !write)
        .write(write)
        .create(how.create)
        .create_new(how.create && how.exclusive)
        .truncate(how.truncate)
        .custom_flags(OFlags::NOCTTY.bits() as _)
        .nonblock(true)
        .sync(how.sync)
        .dsync(how.dsync)
        .rsync(how.rsync)
        .follow(if how.follow { FollowSymlinks::Yes } else { FollowSymlinks::No });
    options
}

fn same_kind(dir: &dyn Dir) -> Result<&RealDir> {
    (dir as &dyn Any).downcast_ref().ok_or(ErrorCode::CrossDevice)
}

/// Whether a path ends in such a way that it can only be a directory's.
fn says_directory(path: &[u8]) -> bool {
    path.ends_with(b"/") || path.ends_with(b"/.")
}

/// A path without the slashes behind it, unless it has nothing else.
fn without_slashes(path: &[u8]) -> &[u8] {
    let last = path.iter().rposition(|&byte| byte != b'/');
    last.map_or(path, |last| &path[..=last])
}

fn as_path(bytes: &[u8]) -> &Path {
    Path::new(OsStr::from_bytes(bytes))
}

#[test]
fn directories_that_are_too_large_are_not_listed() {
    let path = std::env::temp_dir().join(format!("rwasm-wasi-entries-{}", std::process::id()));
    for name in ["a", "b", "c"] {
        std::fs::create_dir_all(path.join(name)).unwrap();
    }
    let mut dir = RealDir::new(crate::ambient::open_dir(&path).unwrap());
    assert_eq!(dir.at_most(3).unwrap().len(), 3);
    assert_eq!(dir.at_most(2), Err(ErrorCode::InsufficientMemory));
    std::fs::remove_dir_all(path).unwrap();
}
