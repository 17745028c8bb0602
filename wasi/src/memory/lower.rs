//! The directory that a file system in memory may have below it, of which it only reads.
//!
//! What is in the lower directory comes into the tree when somebody looks for it: the entries of a
//! directory all at once, each as a node that still has its contents below. From then on it is a node
//! like any other, so that nothing else has to know of the lower directory: to remove a name is to
//! remove it from the tree, and to move a directory is to move its node.

use super::node::{Contents, Entries, Ino, Kind, Node, Times};
use super::tree::{ENTRY_BYTES, Tree};
use crate::host::{self, Dir, ErrorCode, File, FileStat, FileType, OpenHow, Result};
use std::collections::BTreeMap;
use std::io::IoSliceMut;

/// How much of a file is read at once.
const CHUNK: usize = 1 << 16;

/// The lower directory.
pub(super) struct Lower {
    dir: Box<dyn Dir>,
    /// The nodes of files that have more names than anybody has come upon, by device and number.
    several: BTreeMap<(u64, u64), Ino>,
}

/// A file in the lower directory.
pub(super) struct LowerFile {
    /// Where it is.
    path: Vec<u8>,
    size: u64,
    /// While somebody has the node open.
    open: Option<Box<dyn File>>,
}

/// Something in a lower directory.
struct Found {
    name: Vec<u8>,
    stat: FileStat,
    kind: Kind,
}

impl Lower {
    pub fn new(dir: Box<dyn Dir>) -> Self {
        Self { dir, several: BTreeMap::new() }
    }

    /// Everything in one of its directories, sorted by name.
    fn list(&mut self, path: &[u8]) -> Result<Vec<Found>> {
        let how = OpenHow { read: true, directory: true, ..OpenHow::default() };
        let host::Node::Dir(mut dir) = self.dir.open_at(path, how)? else {
            return Err(ErrorCode::NotDirectory);
        };
        let mut names: Vec<_> = dir.entries()?.into_iter().map(|entry| entry.name).collect();
        names.sort();
        let mut list = Vec::with_capacity(names.len());
        for name in names {
            let stat = match dir.stat_at(&name, false) {
                Err(ErrorCode::NoEntry) => continue, // It is gone by now.
                stat => stat?,
            };
            let below = match path {
                b"." => name.clone(),
                path => [path, b"/", &name].concat(),
            };
            let kind = match stat.file_type {
                FileType::Directory => Kind::Dir(Entries::Below(below)),
                FileType::RegularFile => Kind::File(Contents::Below(LowerFile::new(below, &stat))),
                FileType::SymbolicLink => Kind::Symlink(read_link(&mut *dir, &name)?),
                other => Kind::Special(other),
            };
            list.push(Found { name, stat, kind });
        }
        Ok(list)
    }
}

/// What a symbolic link says. If it leads out in such a way that this is not told, something that
/// leads out too.
fn read_link(dir: &mut dyn Dir, name: &[u8]) -> Result<Vec<u8>> {
    match dir.read_link_at(name) {
        Err(ErrorCode::NotPermitted) => Ok(b"/".to_vec()),
        target => target,
    }
}

impl LowerFile {
    fn new(path: Vec<u8>, stat: &FileStat) -> Self {
        Self { path, size: stat.size, open: None }
    }

    pub fn path(&self) -> &[u8] {
        &self.path
    }

    pub fn size(&self) -> u64 {
        self.size
    }

    fn open(&mut self, lower: &mut Lower) -> Result<()> {
        if self.open.is_some() {
            return Ok(());
        }
        let how = OpenHow { read: true, ..OpenHow::default() };
        match lower.dir.open_at(&self.path, how)? {
            host::Node::File(mut file, FileType::RegularFile) => {
                self.size = file.stat()?.size;
                self.open = Some(file);
                Ok(())
            }
            _ => Err(ErrorCode::Io), // There was a file.
        }
    }

    /// To be called when nobody has the node open any more.
    pub fn close(&mut self) {
        self.open = None;
    }

    /// Reads as [`File::read`] does; somebody has to have the node open.
    pub fn read(&mut self, bufs: &mut [IoSliceMut<'_>], offset: u64) -> Result<usize> {
        self.open.as_mut().ok_or(ErrorCode::BadDescriptor)?.read(bufs, offset)
    }

    /// The first `most` bytes of the file, or all if it has less; fails if that is more than `room`.
    fn first(&mut self, most: u64, room: u64) -> Result<Vec<u8>> {
        let (mut bytes, mut chunk) = (Vec::new(), vec![0; CHUNK]);
        loop {
            let next = (CHUNK as u64).min(most - bytes.len() as u64) as usize;
            if next == 0 {
                bytes.shrink_to_fit(); // It was given twice as much each time.
                return Ok(bytes);
            }
            let mut bufs = [IoSliceMut::new(&mut chunk[..next])];
            let read = self.read(&mut bufs, bytes.len() as u64)?;
            if read == 0 {
                bytes.shrink_to_fit();
                return Ok(bytes);
            }
            if (bytes.len() + read) as u64 > room {
                return Err(ErrorCode::InsufficientSpace);
            }
            bytes.try_reserve(read).map_err(|_| ErrorCode::InsufficientMemory)?;
            bytes.extend_from_slice(&chunk[..read]);
        }
    }
}

impl Tree {
    /// A tree over a directory, which is empty but for what is in there.
    pub fn over(mut dir: Box<dyn Dir>, capacity: u64) -> Result<Self> {
        let stat = dir.stat()?;
        let mut tree = Self::new(capacity);
        // Its own, or files of two such trees could be taken for one.
        tree.dev = stat.dev.rotate_left(32) ^ stat.ino;
        tree.place(Self::ROOT, &stat, Kind::Dir(Entries::Below(b".".to_vec())));
        tree.lower = Some(Lower::new(dir));
        Ok(tree)
    }

    /// Makes a node what was found in the lower directory.
    fn place(&mut self, ino: Ino, stat: &FileStat, kind: Kind) {
        self.advance(stat.ctim);
        self.swap_kind(ino, kind);
        let node = self.node_mut(ino);
        node.times = Times { atim: stat.atim, mtim: stat.mtim, ctim: stat.ctim };
        match node.kind {
            // Until somebody counts them.
            Kind::Dir(_) => node.dirs = stat.nlink.saturating_sub(2),
            _ => node.unseen = stat.nlink,
        }
    }

    /// Brings the entries of a directory into the tree, unless they are there.
    pub fn read_dir(&mut self, dir: Ino) -> Result<()> {
        let Self { nodes, lower: Some(lower), .. } = self else { return Ok(()) };
        let Some(Node { kind: Kind::Dir(Entries::Below(path)), .. }) = nodes.get(&dir) else {
            return Ok(());
        };
        let list = lower.list(path)?;
        let taken = |found: &Found| ENTRY_BYTES + found.name.len() as u64 + found.kind.taken();
        let sum = list.iter().map(taken).sum();
        self.take(sum)?;
        self.used -= sum; // There is room for it. Now one after the other.
        self.swap_kind(dir, Kind::dir());
        self.node_mut(dir).dirs = 0;
        for Found { name, stat, kind } in list {
            let ino = self.known_or_new(&stat, kind);
            self.used += ENTRY_BYTES + name.len() as u64;
            self.put(dir, name, ino);
        }
        Ok(())
    }

    /// The node of something in the lower directory. It is there already if it has several names.
    fn known_or_new(&mut self, stat: &FileStat, kind: Kind) -> Ino {
        let id = (stat.dev, stat.ino);
        let is_dir = matches!(kind, Kind::Dir(_));
        let known = self.lower.as_ref().and_then(|lower| lower.several.get(&id).copied());
        // A number may have been used again, for something else.
        let known = known.filter(|&ino| {
            !is_dir && stat.nlink > 1 && self.node(ino).file_type() == stat.file_type
        });
        let ino = known.unwrap_or_else(|| {
            let ino = self.add(Kind::file());
            self.place(ino, stat, kind);
            ino
        });
        if is_dir {
            return ino;
        }
        let node = self.node_mut(ino);
        node.unseen = node.unseen.saturating_sub(1);
        let has_more = node.unseen > 0;
        if let Some(lower) = &mut self.lower {
            match has_more {
                true => _ = lower.several.insert(id, ino),
                false => _ = lower.several.remove(&id),
            }
        }
        ino
    }

    /// Opens a file whose contents are below, for those who are going to read or write it.
    pub fn open_contents(&mut self, ino: Ino) -> Result<()> {
        let Self { nodes, lower: Some(lower), .. } = self else { return Ok(()) };
        match nodes.get_mut(&ino).map(|node| &mut node.kind) {
            Some(Kind::File(Contents::Below(file))) => file.open(lower),
            _ => Ok(()),
        }
    }

    /// Brings the first `most` bytes of a file into memory, or all if it has less: it is going to be
    /// changed. Somebody has to have it open, unless `most` is 0.
    pub fn copy_up(&mut self, ino: Ino, most: u64) -> Result<()> {
        let room = self.room();
        let Kind::File(Contents::Below(file)) = &mut self.node_mut(ino).kind else { return Ok(()) };
        let bytes = file.first(most, room)?;
        self.swap_kind(ino, Kind::File(Contents::Bytes(bytes)));
        Ok(())
    }

    /// Brings everything into memory, so that there is no lower directory afterwards.
    pub fn copy_all(&mut self) -> Result<()> {
        let mut rest = vec![Self::ROOT];
        while let Some(ino) = rest.pop() {
            match &self.node(ino).kind {
                Kind::Dir(_) => {
                    self.read_dir(ino)?;
                    rest.extend(self.entries(ino)?.values());
                }
                Kind::File(Contents::Below(_)) => {
                    self.open_contents(ino)?;
                    self.copy_up(ino, u64::MAX)?;
                }
                _ => {}
            }
        }
        self.lower = None;
        self.nodes.values_mut().for_each(|node| node.unseen = 0);
        Ok(())
    }
}
