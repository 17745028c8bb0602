//! The files, directories and links of one file system in memory.

use crate::host::{ErrorCode, FileStat, FileType, NewTime, NewTimes, Result};
use crate::reproducible::VirtualClock;
use std::collections::BTreeMap;

/// The number of a node. Numbers are not used again, so that they depend on nothing but what was
/// done before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Ino(pub u64);

/// What an entry and its node take of the capacity, besides the bytes of the name and of the file: about
/// what they take of the process's memory.
const ENTRY_BYTES: u64 = 256;

/// What a node is.
#[derive(Debug)]
pub(super) enum Kind {
    /// A file's bytes.
    File(Vec<u8>),
    /// A directory's entries. Sorted, so that everyone lists them in the same order.
    Dir(BTreeMap<Vec<u8>, Ino>),
    /// What a symbolic link says.
    Symlink(Vec<u8>),
}

/// A file, directory or symbolic link.
#[derive(Debug)]
pub(super) struct Node {
    pub kind: Kind,
    /// How many names it has.
    links: u64,
    /// How many have it open.
    opens: u64,
    /// The directory that has a directory: it has one name.
    parent: Option<Ino>,
    /// How many directories are in it.
    dirs: u64,
    times: Times,
}

#[derive(Clone, Copy, Debug)]
struct Times {
    atim: u64,
    mtim: u64,
    ctim: u64,
}

/// All nodes of a file system.
///
/// Invariant: every number in an entry is that of a node, and a node without names that nobody has
/// open is gone.
#[derive(Debug)]
pub(super) struct Tree {
    nodes: BTreeMap<Ino, Node>,
    next: u64,
    /// The present: a nanosecond later with every change.
    now: u64,
    /// How many bytes names and files take, and may take.
    used: u64,
    capacity: u64,
}

impl Node {
    pub fn file_type(&self) -> FileType {
        match self.kind {
            Kind::File(_) => FileType::RegularFile,
            Kind::Dir(_) => FileType::Directory,
            Kind::Symlink(_) => FileType::SymbolicLink,
        }
    }

    fn bytes(&self) -> u64 {
        match &self.kind {
            Kind::File(bytes) | Kind::Symlink(bytes) => bytes.len() as u64,
            Kind::Dir(_) => 0,
        }
    }
}

impl Tree {
    pub const ROOT: Ino = Ino(1);

    pub fn new(capacity: u64) -> Self {
        // Not 1970, from which guests would take away what does not go.
        let now = VirtualClock::Y2K;
        let mut tree = Self { nodes: BTreeMap::new(), next: 1, now, used: 0, capacity };
        // Its own name for ever.
        let root = tree.add(Kind::Dir(BTreeMap::new()));
        tree.node_mut(root).links = 1;
        tree
    }

    fn add(&mut self, kind: Kind) -> Ino {
        let ino = Ino(self.next);
        self.next += 1;
        let now = self.tick();
        let times = Times { atim: now, mtim: now, ctim: now };
        self.nodes.insert(ino, Node { kind, links: 0, opens: 0, parent: None, dirs: 0, times });
        ino
    }

    pub fn node(&self, ino: Ino) -> &Node {
        &self.nodes[&ino]
    }

    fn node_mut(&mut self, ino: Ino) -> &mut Node {
        self.nodes.get_mut(&ino).expect("what is named or open is a node")
    }

    /// The entries of a directory.
    pub fn entries(&self, dir: Ino) -> Result<&BTreeMap<Vec<u8>, Ino>> {
        match &self.node(dir).kind {
            Kind::Dir(entries) => Ok(entries),
            _ => Err(ErrorCode::NotDirectory),
        }
    }

    pub fn lookup(&self, dir: Ino, name: &[u8]) -> Result<Option<Ino>> {
        Ok(self.entries(dir)?.get(name).copied())
    }

    /// Notes that somebody has a node open.
    pub fn open(&mut self, ino: Ino) {
        self.node_mut(ino).opens += 1;
    }

    /// Notes that somebody has it open no longer.
    pub fn close(&mut self, ino: Ino) {
        self.node_mut(ino).opens -= 1;
        self.sweep(ino);
    }

    /// Forgets a node that nobody can get at.
    fn sweep(&mut self, ino: Ino) {
        let node = self.node(ino);
        if node.links == 0 && node.opens == 0 {
            self.used -= node.bytes();
            self.nodes.remove(&ino);
        }
    }

    fn tick(&mut self) -> u64 {
        self.now += 1;
        self.now
    }

    fn take(&mut self, bytes: u64) -> Result<()> {
        let used = self.used.checked_add(bytes).filter(|&used| used <= self.capacity);
        self.used = used.ok_or(ErrorCode::InsufficientSpace)?;
        Ok(())
    }

    /// Makes a node with a name in a directory that is there and does not have that name.
    pub fn create(&mut self, dir: Ino, name: &[u8], kind: Kind) -> Result<Ino> {
        if self.node(dir).links == 0 {
            return Err(ErrorCode::NoEntry); // It was removed while open.
        }
        let bytes = match &kind {
            Kind::Symlink(target) => target.len() as u64,
            _ => 0,
        };
        self.take(bytes + ENTRY_BYTES + name.len() as u64)?;
        let ino = self.add(kind);
        self.enter(dir, name, ino);
        Ok(ino)
    }

    /// Gives a node one more name.
    pub fn link(&mut self, dir: Ino, name: &[u8], ino: Ino) -> Result<()> {
        if self.node(dir).links == 0 {
            return Err(ErrorCode::NoEntry);
        }
        self.take(ENTRY_BYTES + name.len() as u64)?;
        self.enter(dir, name, ino);
        Ok(())
    }

    fn enter(&mut self, dir: Ino, name: &[u8], ino: Ino) {
        let now = self.tick();
        let node = self.node_mut(ino);
        node.links += 1;
        node.times.ctim = now;
        let is_dir = matches!(node.kind, Kind::Dir(_));
        node.parent = is_dir.then_some(dir);
        let dir = self.node_mut(dir);
        dir.dirs += u64::from(is_dir);
        (dir.times.mtim, dir.times.ctim) = (now, now);
        if let Kind::Dir(entries) = &mut dir.kind {
            entries.insert(name.to_vec(), ino);
        }
    }

    /// Takes a name from a directory, and returns what it was the name of.
    fn leave(&mut self, dir: Ino, name: &[u8]) -> Option<Ino> {
        let now = self.tick();
        let node = self.node_mut(dir);
        let Kind::Dir(entries) = &mut node.kind else { return None };
        let ino = entries.remove(name)?;
        (node.times.mtim, node.times.ctim) = (now, now);
        let node = self.node_mut(ino);
        node.links -= 1;
        node.times.ctim = now;
        let was_dir = node.parent.take().is_some();
        self.node_mut(dir).dirs -= u64::from(was_dir);
        Some(ino)
    }

    /// Takes a name from a directory that has it.
    pub fn unlink(&mut self, dir: Ino, name: &[u8]) {
        let Some(ino) = self.leave(dir, name) else { return };
        self.used -= ENTRY_BYTES + name.len() as u64;
        self.sweep(ino);
    }

    /// Gives what has a name in one directory a name in another instead, which is there and does not
    /// have that name.
    pub fn rename(&mut self, from: (Ino, &[u8]), to: (Ino, &[u8])) -> Result<()> {
        if self.node(to.0).links == 0 {
            return Err(ErrorCode::NoEntry);
        }
        let ino = self.leave(from.0, from.1).ok_or(ErrorCode::NoEntry)?;
        // A longer name is let pass: nobody expects this to fail for want of space.
        self.used = self.used - from.1.len() as u64 + to.1.len() as u64;
        self.enter(to.0, to.1, ino);
        Ok(())
    }

    /// Whether `dir` is `ancestor`, or somewhere below it.
    pub fn is_within(&self, dir: Ino, ancestor: Ino) -> bool {
        core::iter::successors(Some(dir), |&dir| self.node(dir).parent).any(|dir| dir == ancestor)
    }

    pub fn stat(&self, ino: Ino) -> FileStat {
        let node = self.node(ino);
        let nlink = match &node.kind {
            // A directory is named by itself and by those in it.
            Kind::Dir(_) if node.links > 0 => 2 + node.dirs,
            _ => node.links,
        };
        let Times { atim, mtim, ctim } = node.times;
        FileStat {
            dev: 0,
            ino: ino.0,
            file_type: node.file_type(),
            nlink,
            size: node.bytes(),
            atim,
            mtim,
            ctim,
        }
    }

    pub fn set_times(&mut self, ino: Ino, times: NewTimes) {
        let now = self.tick();
        let node = self.node_mut(ino);
        for (time, new) in [(&mut node.times.atim, times.atim), (&mut node.times.mtim, times.mtim)]
        {
            match new {
                NewTime::Keep => {}
                NewTime::Now => *time = now,
                NewTime::At(nanos) => *time = nanos,
            }
        }
        node.times.ctim = now;
    }

    /// A file's bytes.
    pub fn file(&self, ino: Ino) -> Result<&[u8]> {
        match &self.node(ino).kind {
            Kind::File(bytes) => Ok(bytes),
            _ => Err(ErrorCode::BadDescriptor),
        }
    }

    /// Cuts or extends a file.
    pub fn set_size(&mut self, ino: Ino, size: u64) -> Result<()> {
        let old = self.file(ino)?.len() as u64;
        self.take(size.saturating_sub(old))?;
        let now = self.tick();
        let node = self.node_mut(ino);
        let Kind::File(bytes) = &mut node.kind else { return Err(ErrorCode::BadDescriptor) };
        // What fits in the capacity may still be more than the system has.
        let len = usize::try_from(size).unwrap_or(usize::MAX);
        if bytes.try_reserve_exact(len.saturating_sub(bytes.len())).is_err() {
            self.used -= size.saturating_sub(old);
            return Err(ErrorCode::InsufficientMemory);
        }
        bytes.resize(len, 0);
        (node.times.mtim, node.times.ctim) = (now, now);
        self.used -= old.saturating_sub(size);
        Ok(())
    }

    /// Writes to a file, which is extended as far as it has to be.
    pub fn write<'a>(
        &mut self,
        ino: Ino,
        offset: u64,
        bufs: impl Iterator<Item = &'a [u8]> + Clone,
    ) -> Result<u64> {
        let len = bufs.clone().map(|buf| buf.len() as u64).sum::<u64>();
        let end = offset.checked_add(len).ok_or(ErrorCode::FileTooLarge)?;
        if len == 0 {
            return Ok(0);
        }
        if end > self.file(ino)?.len() as u64 {
            self.set_size(ino, end)?;
        }
        let now = self.tick();
        let node = self.node_mut(ino);
        (node.times.mtim, node.times.ctim) = (now, now);
        let Kind::File(bytes) = &mut node.kind else { return Err(ErrorCode::BadDescriptor) };
        let mut at = offset as usize;
        for buf in bufs {
            bytes[at..at + buf.len()].copy_from_slice(buf);
            at += buf.len();
        }
        Ok(len)
    }
}
