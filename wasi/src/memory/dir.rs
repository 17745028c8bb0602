//! Directories in memory.

use super::file::MemoryFile;
use super::path::{Place, resolve};
use super::tree::{Ino, Kind, Tree};
use super::{Shared, lock};
use crate::host::{Dir, DirEntry, ErrorCode, FileStat, NewTimes, Node, OpenHow, Result};
use std::any::Any;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A directory in memory that is open.
#[derive(Debug)]
pub struct MemoryDir {
    shared: Shared,
    ino: Ino,
}

impl MemoryDir {
    pub(super) fn new(shared: Shared, ino: Ino) -> Self {
        lock(&shared).open(ino);
        Self { shared, ino }
    }

    /// Does something to what a path names.
    fn with<T>(
        &self,
        path: &[u8],
        follow: bool,
        then: impl FnOnce(&mut Tree, Place) -> Result<T>,
    ) -> Result<T> {
        let mut tree = lock(&self.shared);
        let place = resolve(&tree, self.ino, path, follow)?;
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
        let ino = self.with(path, how.follow && !is_new, |tree, place| {
            if place.node.is_none() && how.create {
                if place.is_dir {
                    return Err(ErrorCode::IsDirectory);
                }
                let (dir, name) = place.vacant()?;
                return tree.create(dir, &name, Kind::File(Vec::new()));
            }
            let ino = place.found(tree)?;
            match &tree.node(ino).kind {
                _ if is_new => Err(ErrorCode::Exist),
                Kind::Symlink(_) => Err(ErrorCode::Loop),
                Kind::Dir(_) if how.write || how.create || how.truncate => {
                    Err(ErrorCode::IsDirectory)
                }
                Kind::File(_) if how.directory => Err(ErrorCode::NotDirectory),
                Kind::File(_) if how.truncate => tree.set_size(ino, 0).map(|()| ino),
                _ => Ok(ino),
            }
        })?;
        let file_type = lock(&self.shared).node(ino).file_type();
        let shared = self.shared.clone();
        Ok(match file_type {
            crate::host::FileType::Directory => Node::Dir(Box::new(MemoryDir::new(shared, ino))),
            _ => Node::File(Box::new(MemoryFile::new(shared, ino)), file_type),
        })
    }

    fn entries(&mut self) -> Result<Vec<DirEntry>> {
        let tree = lock(&self.shared);
        let entry = |(name, &ino): (&Vec<u8>, &Ino)| DirEntry {
            name: name.clone(),
            ino: ino.0,
            file_type: tree.node(ino).file_type(),
        };
        Ok(tree.entries(self.ino)?.iter().map(entry).collect())
    }

    fn stat(&mut self) -> Result<FileStat> {
        Ok(lock(&self.shared).stat(self.ino))
    }

    fn set_times(&mut self, times: NewTimes) -> Result<()> {
        lock(&self.shared).set_times(self.ino, times);
        Ok(())
    }

    fn stat_at(&mut self, path: &[u8], follow: bool) -> Result<FileStat> {
        self.with(path, follow, |tree, place| Ok(tree.stat(place.found(tree)?)))
    }

    fn set_times_at(&mut self, path: &[u8], follow: bool, times: NewTimes) -> Result<()> {
        self.with(path, follow, |tree, place| {
            tree.set_times(place.found(tree)?, times);
            Ok(())
        })
    }

    fn create_dir_at(&mut self, path: &[u8]) -> Result<()> {
        // A link that leads nowhere is something too.
        let path = without_slash(path);
        self.with(path, false, |tree, place| {
            let (dir, name) = place.vacant()?;
            tree.create(dir, &name, Kind::Dir(BTreeMap::new())).map(drop)
        })
    }

    fn remove_dir_at(&mut self, path: &[u8]) -> Result<()> {
        let path = without_slash(path);
        if path.rsplit(|&byte| byte == b'/').next() == Some(b".") {
            return Err(ErrorCode::Invalid);
        }
        self.with(path, false, |tree, place| {
            let ino = place.found(tree)?;
            if !tree.entries(ino)?.is_empty() {
                return Err(ErrorCode::NotEmpty);
            }
            // What it is relative to, reached by way of `..`, is not removed.
            let (dir, name) = place.entry.ok_or(ErrorCode::Busy)?;
            tree.unlink(dir, &name);
            Ok(())
        })
    }

    fn unlink_at(&mut self, path: &[u8]) -> Result<()> {
        self.with(path, false, |tree, place| {
            match tree.node(place.found(tree)?).kind {
                Kind::Dir(_) => Err(ErrorCode::IsDirectory),
                _ => {
                    let (dir, name) = place.entry.ok_or(ErrorCode::IsDirectory)?;
                    tree.unlink(dir, &name);
                    Ok(())
                }
            }
        })
    }

    fn read_link_at(&mut self, path: &[u8]) -> Result<Vec<u8>> {
        self.with(path, false, |tree, place| match &tree.node(place.found(tree)?).kind {
            Kind::Symlink(target) => Ok(target.clone()),
            _ => Err(ErrorCode::Invalid),
        })
    }

    fn symlink_at(&mut self, target: &[u8], path: &[u8]) -> Result<()> {
        match target.first() {
            None => return Err(ErrorCode::NoEntry),
            Some(b'/') => return Err(ErrorCode::NotPermitted),
            Some(_) if target.contains(&0) => return Err(ErrorCode::Invalid),
            Some(_) => {}
        }
        self.with(path, false, |tree, place| {
            if place.is_dir && place.node.is_none() {
                return Err(ErrorCode::NoEntry);
            }
            let (dir, name) = place.vacant()?;
            tree.create(dir, &name, Kind::Symlink(target.to_vec())).map(drop)
        })
    }

    fn link_at(&mut self, from: &[u8], to_dir: &dyn Dir, to: &[u8]) -> Result<()> {
        let to_dir = self.same(to_dir)?;
        self.with(from, false, |tree, place| {
            let ino = place.found(tree)?;
            if let Kind::Dir(_) = tree.node(ino).kind {
                return Err(ErrorCode::NotPermitted);
            }
            let to = resolve(tree, to_dir, to, false)?;
            if to.is_dir && to.node.is_none() {
                return Err(ErrorCode::NoEntry);
            }
            let (dir, name) = to.vacant()?;
            tree.link(dir, &name, ino)
        })
    }

    fn rename_at(&mut self, from: &[u8], to_dir: &dyn Dir, to: &[u8]) -> Result<()> {
        let to_dir = self.same(to_dir)?;
        self.with(from, false, |tree, place| {
            let ino = place.found(tree)?;
            let is_dir = matches!(tree.node(ino).kind, Kind::Dir(_));
            let target = resolve(tree, to_dir, to, false)?;
            if target.is_dir && !is_dir {
                return Err(ErrorCode::NotDirectory);
            }
            let (old_dir, old_name) = place.entry.ok_or(ErrorCode::Busy)?;
            let (new_dir, new_name) = target.entry.ok_or(ErrorCode::Busy)?;
            if is_dir && tree.is_within(new_dir, ino) {
                return Err(ErrorCode::Invalid);
            }
            if let Some(replaced) = target.node {
                if replaced == ino {
                    return Ok(()); // Two names of one file both stay.
                }
                match (&tree.node(replaced).kind, is_dir) {
                    (Kind::Dir(_), false) => return Err(ErrorCode::IsDirectory),
                    (Kind::Dir(entries), true) if !entries.is_empty() => {
                        return Err(ErrorCode::NotEmpty);
                    }
                    (Kind::File(_) | Kind::Symlink(_), true) => {
                        return Err(ErrorCode::NotDirectory);
                    }
                    _ => tree.unlink(new_dir, &new_name),
                }
            }
            tree.rename((old_dir, &old_name), (new_dir, &new_name))
        })
    }

    fn try_clone(&self) -> Result<Box<dyn Dir>> {
        Ok(Box::new(MemoryDir::new(self.shared.clone(), self.ino)))
    }
}

/// A path without the slashes behind it.
fn without_slash(path: &[u8]) -> &[u8] {
    let end = path.iter().rposition(|&byte| byte != b'/').map_or(path.len(), |last| last + 1);
    &path[..end]
}
