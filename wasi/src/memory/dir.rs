//! Directories in memory.

use super::file::MemoryFile;
use super::node::{Ino, Kind};
use super::path::{Follow, PATH_BYTES, Place, resolve};
use super::tree::Tree;
use super::{Shared, lock};
use crate::host::{Dir, DirEntry, ErrorCode, FileStat, FileType, NewTimes, Node, OpenHow, Result};
use std::any::Any;
use std::sync::Arc;

/// A directory in memory that is open.
#[derive(Debug)]
pub struct MemoryDir {
    shared: Shared,
    ino: Ino,
}

impl MemoryDir {
    /// The root.
    pub(super) fn root(shared: Shared) -> Self {
        lock(&shared).open(Tree::ROOT);
        Self { shared, ino: Tree::ROOT }
    }

    /// The directory that a path names, from the root on.
    pub(super) fn at(shared: Shared, path: &[u8]) -> Result<Self> {
        let mut tree = lock(&shared);
        let ino = resolve(&mut tree, Tree::ROOT, path, Follow::Slash(true))?.found(&tree)?;
        tree.entries(ino)?; // Is an error if it is something else.
        tree.open(ino);
        drop(tree);
        Ok(Self { shared, ino })
    }

    /// A node that is open from now on: under the lock that it was found under, or another guest of
    /// the file system could remove it meanwhile.
    fn opened(&self, tree: &mut Tree, ino: Ino) -> Result<Node> {
        tree.open_contents(ino)?;
        tree.open(ino);
        let shared = self.shared.clone();
        Ok(match tree.node(ino).file_type() {
            FileType::Directory => Node::Dir(Box::new(Self { shared, ino })),
            file_type => Node::File(Box::new(MemoryFile { shared, ino }), file_type),
        })
    }

    /// Does something to what a path names.
    fn with<T>(
        &self,
        path: &[u8],
        follow: Follow,
        then: impl FnOnce(&mut Tree, Place) -> Result<T>,
    ) -> Result<T> {
        let mut tree = lock(&self.shared);
        let place = resolve(&mut tree, self.ino, path, follow)?;
        then(&mut tree, place)
    }

    /// The directory of another capability, if it is of the same file system.
    fn same(&self, dir: &dyn Dir) -> Result<Ino> {
        let dir = (dir as &dyn Any).downcast_ref::<MemoryDir>();
        let dir = dir.filter(|dir| Arc::ptr_eq(&dir.shared, &self.shared));
        dir.map(|dir| dir.ino).ok_or(ErrorCode::CrossDevice)
    }
}

impl Drop for MemoryDir {
    fn drop(&mut self) {
        lock(&self.shared).close(self.ino);
    }
}

impl Dir for MemoryDir {
    fn open_at(&mut self, path: &[u8], how: OpenHow) -> Result<Node> {
        if how.directory && (how.create || how.exclusive || how.truncate) {
            return Err(ErrorCode::Invalid);
        }
        let is_new = how.create && how.exclusive;
        let follow = match how.create {
            // A link to nothing is followed, so that what it says is made.
            true if how.follow && !is_new => Follow::ToMake,
            true => Follow::Never,
            false => Follow::Slash(how.follow),
        };
        self.with(path, follow, |tree, place| {
            if how.create && place.has_slash {
                return Err(ErrorCode::IsDirectory);
            }
            if how.create && !place.exists() {
                let (dir, name) = place.vacant()?;
                let ino = tree.create(dir, name, Kind::file())?;
                return self.opened(tree, ino);
            }
            let ino = place.found(tree)?;
            let ino = match &tree.node(ino).kind {
                _ if is_new => Err(ErrorCode::Exist),
                Kind::Symlink(_) => Err(ErrorCode::Loop),
                Kind::Dir(_) if how.write || how.create || how.truncate => {
                    Err(ErrorCode::IsDirectory)
                }
                Kind::File(_) | Kind::Special(_) if how.directory => Err(ErrorCode::NotDirectory),
                Kind::Special(_) => Err(ErrorCode::NoSuchDevice),
                Kind::File(_) if how.truncate => tree.set_size(ino, 0).map(|()| ino),
                _ => Ok(ino),
            }?;
            self.opened(tree, ino)
        })
    }

    fn entries(&mut self) -> Result<Vec<DirEntry>> {
        lock(&self.shared).list(self.ino)
    }

    fn stat(&mut self) -> Result<FileStat> {
        Ok(lock(&self.shared).stat(self.ino))
    }

    fn set_times(&mut self, times: NewTimes) -> Result<()> {
        lock(&self.shared).set_times(self.ino, times);
        Ok(())
    }

    fn stat_at(&mut self, path: &[u8], follow: bool) -> Result<FileStat> {
        self.with(path, Follow::Slash(follow), |tree, place| Ok(tree.stat(place.found(tree)?)))
    }

    fn set_times_at(&mut self, path: &[u8], follow: bool, times: NewTimes) -> Result<()> {
        self.with(path, Follow::Slash(follow), |tree, place| {
            tree.set_times(place.found(tree)?, times);
            Ok(())
        })
    }

    fn create_dir_at(&mut self, path: &[u8]) -> Result<()> {
        self.with(path, Follow::Never, |tree, place| {
            let (dir, name) = place.vacant()?;
            tree.create(dir, name, Kind::dir()).map(drop)
        })
    }

    fn remove_dir_at(&mut self, path: &[u8]) -> Result<()> {
        self.with(path, Follow::Never, |tree, place| {
            let (dir, name) = place.entry(ErrorCode::Invalid)?;
            match tree.entries(place.node()?)?.is_empty() {
                true => tree.unlink(dir, name),
                false => return Err(ErrorCode::NotEmpty),
            }
            Ok(())
        })
    }

    fn unlink_at(&mut self, path: &[u8]) -> Result<()> {
        self.with(path, Follow::Never, |tree, place| {
            let (dir, name) = place.entry(ErrorCode::IsDirectory)?;
            match tree.node(place.node()?).kind {
                Kind::Dir(_) => return Err(ErrorCode::IsDirectory),
                _ if place.has_slash => return Err(ErrorCode::NotDirectory),
                _ => tree.unlink(dir, name),
            }
            Ok(())
        })
    }

    fn read_link_at(&mut self, path: &[u8]) -> Result<Vec<u8>> {
        self.with(path, Follow::Slash(false), |tree, place| {
            match &tree.node(place.found(tree)?).kind {
                // It leads out, from the lower directory: nobody can make one here.
                Kind::Symlink(target) if target.starts_with(b"/") => Err(ErrorCode::NotPermitted),
                Kind::Symlink(target) => Ok(target.clone()),
                _ => Err(ErrorCode::Invalid),
            }
        })
    }

    fn symlink_at(&mut self, target: &[u8], path: &[u8]) -> Result<()> {
        match target.first() {
            None => return Err(ErrorCode::NoEntry),
            Some(b'/') => return Err(ErrorCode::NotPermitted),
            Some(_) if target.contains(&0) => return Err(ErrorCode::Invalid),
            // Whoever follows it has all its names at once.
            Some(_) if target.len() >= PATH_BYTES => return Err(ErrorCode::NameTooLong),
            Some(_) => {}
        }
        self.with(path, Follow::Never, |tree, place| {
            let (dir, name) = place.vacant()?;
            match place.has_slash {
                true => Err(ErrorCode::NoEntry),
                false => tree.create(dir, name, Kind::Symlink(target.to_vec())).map(drop),
            }
        })
    }

    fn link_at(&mut self, from: &[u8], to_dir: &dyn Dir, to: &[u8]) -> Result<()> {
        let to_dir = self.same(to_dir)?;
        self.with(from, Follow::Slash(false), |tree, from| {
            let to = resolve(tree, to_dir, to, Follow::Never)?;
            let ino = from.found(tree)?;
            let (dir, name) = to.vacant()?;
            match tree.node(ino).kind {
                _ if to.has_slash => Err(ErrorCode::NoEntry),
                Kind::Dir(_) => Err(ErrorCode::NotPermitted),
                _ => tree.link(dir, name, ino),
            }
        })
    }

    fn rename_at(&mut self, from: &[u8], to_dir: &dyn Dir, to: &[u8]) -> Result<()> {
        let to_dir = self.same(to_dir)?;
        self.with(from, Follow::Never, |tree, from| {
            let to = resolve(tree, to_dir, to, Follow::Never)?;
            let (old, new) = (from.entry(ErrorCode::Busy)?, to.entry(ErrorCode::Busy)?);
            let ino = from.node()?;
            let replaced = match to.node() {
                Err(ErrorCode::NoEntry) => None,
                known => Some(known?),
            };
            let is_dir = matches!(tree.node(ino).kind, Kind::Dir(_));
            if !is_dir && (from.has_slash || to.has_slash) {
                return Err(ErrorCode::NotDirectory);
            }
            if is_dir && tree.is_within(new.0, ino) {
                return Err(ErrorCode::Invalid);
            }
            if let Some(replaced) = replaced {
                // Two names of one file both stay.
                if replaced == ino {
                    return Ok(());
                }
                match tree.node(replaced).file_type() {
                    FileType::Directory if tree.is_within(old.0, replaced) => {
                        return Err(ErrorCode::NotEmpty);
                    }
                    FileType::Directory if !is_dir => return Err(ErrorCode::IsDirectory),
                    FileType::Directory if !tree.entries(replaced)?.is_empty() => {
                        return Err(ErrorCode::NotEmpty);
                    }
                    FileType::Directory => {}
                    _ if is_dir => return Err(ErrorCode::NotDirectory),
                    _ => {}
                }
                tree.unlink(new.0, new.1);
            }
            tree.rename(old, new)
        })
    }

    fn try_clone(&self) -> Result<Box<dyn Dir>> {
        lock(&self.shared).open(self.ino);
        Ok(Box::new(Self { shared: self.shared.clone(), ino: self.ino }))
    }
}
