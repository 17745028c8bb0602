//! The files, directories and links of one file system in memory.

use super::lower::Lower;
use super::node::{Contents, Entries, Ino, Kind, Node};
use crate::host::{
    Clock, ClockId, DirEntry, ErrorCode, FileStat, NewTime, NewTimes, Result, Written,
};
use crate::reproducible::VirtualClock;
use std::collections::BTreeMap;
use std::fmt;
use std::io::IoSliceMut;

/// What an entry and its node take of the capacity, besides the bytes of the name and of the file: about
/// what they take of the process's memory.
pub(super) const ENTRY_BYTES: u64 = 256;

/// All nodes of a file system.
///
/// Invariant: every number in an entry is that of a node, and a node without names that nobody has
/// open is gone.
pub(super) struct Tree {
    pub nodes: BTreeMap<Ino, Node>,
    /// What is read and never changed.
    pub lower: Option<Lower>,
    pub dev: u64,
    next: u64,
    /// The present: a nanosecond later with every change.
    now: u64,
    /// What moves the present on besides.
    pub clock: Option<Box<dyn Clock>>,
    /// How many bytes names and files take, and may take.
    pub used: u64,
    capacity: u64,
}

impl Tree {
    pub const ROOT: Ino = Ino(1);

    pub fn new(capacity: u64) -> Self {
        // Not 1970, from which guests would take away what does not go.
        let now = VirtualClock::Y2K;
        let nodes = BTreeMap::new();
        let mut tree =
            Self { nodes, lower: None, dev: 0, next: 1, now, clock: None, used: 0, capacity };
        // Its own name for ever.
        let root = tree.add(Kind::dir());
        tree.node_mut(root).links = 1;
        tree
    }

    pub fn add(&mut self, kind: Kind) -> Ino {
        let ino = Ino(self.next);
        self.next += 1;
        let now = self.tick();
        self.nodes.insert(ino, Node::new(kind, now));
        ino
    }

    pub fn node(&self, ino: Ino) -> &Node {
        &self.nodes[&ino]
    }

    pub fn node_mut(&mut self, ino: Ino) -> &mut Node {
        self.nodes.get_mut(&ino).expect("what is named or open is a node")
    }

    /// The entries of a directory.
    pub fn entries(&mut self, dir: Ino) -> Result<&BTreeMap<Vec<u8>, Ino>> {
        self.read_dir(dir)?;
        match &self.node(dir).kind {
            Kind::Dir(Entries::Known(entries)) => Ok(entries),
            _ => Err(ErrorCode::NotDirectory),
        }
    }

    /// The entries of a directory, for a guest.
    pub fn list(&mut self, dir: Ino) -> Result<Vec<DirEntry>> {
        let entries: Vec<_> =
            self.entries(dir)?.iter().map(|(name, &ino)| (name.clone(), ino)).collect();
        let entry = |(name, ino): (_, Ino)| {
            let file_type = self.node(ino).file_type();
            DirEntry { name, ino: ino.0, file_type }
        };
        Ok(entries.into_iter().map(entry).collect())
    }

    pub fn lookup(&mut self, dir: Ino, name: &[u8]) -> Result<Option<Ino>> {
        Ok(self.entries(dir)?.get(name).copied())
    }

    /// Notes that somebody has a node open.
    pub fn open(&mut self, ino: Ino) {
        self.node_mut(ino).opens += 1;
    }

    /// Notes that somebody has it open no longer.
    pub fn close(&mut self, ino: Ino) {
        let node = self.node_mut(ino);
        node.opens -= 1;
        if let (0, Kind::File(Contents::Below(file))) = (node.opens, &mut node.kind) {
            file.close();
        }
        self.sweep(ino);
    }

    /// Forgets a node that nobody can get at.
    fn sweep(&mut self, ino: Ino) {
        let node = self.node(ino);
        if node.is_lost() {
            self.used -= node.kind.taken();
            self.nodes.remove(&ino);
        }
    }

    /// Makes a node something else, for which there is room.
    pub fn swap_kind(&mut self, ino: Ino, kind: Kind) {
        let new = kind.taken();
        let old = std::mem::replace(&mut self.node_mut(ino).kind, kind).taken();
        self.used = self.used - old + new;
    }

    fn tick(&mut self) -> u64 {
        self.now = self.now.saturating_add(1);
        // One that cannot be read does not move it.
        if let Some(Ok(now)) = self.clock.as_mut().map(|clock| clock.now(ClockId::Realtime)) {
            self.advance(now);
        }
        self.now
    }

    /// Makes the present no earlier than this.
    pub fn advance(&mut self, time: u64) {
        self.now = self.now.max(time);
    }

    /// How much there is room for.
    pub fn room(&self) -> u64 {
        self.capacity.saturating_sub(self.used)
    }

    pub fn take(&mut self, bytes: u64) -> Result<()> {
        if bytes == 0 {
            return Ok(()); // Also where a longer name was let pass.
        }
        let used = self.used.checked_add(bytes).filter(|&used| used <= self.capacity);
        self.used = used.ok_or(ErrorCode::InsufficientSpace)?;
        Ok(())
    }

    /// Makes a node with a name in a directory that is there and does not have that name.
    pub fn create(&mut self, dir: Ino, name: &[u8], kind: Kind) -> Result<Ino> {
        if self.node(dir).links == 0 {
            return Err(ErrorCode::NoEntry); // It was removed while open.
        }
        self.take(kind.taken() + ENTRY_BYTES + name.len() as u64)?;
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
        self.node_mut(ino).times.ctim = now;
        let times = &mut self.node_mut(dir).times;
        (times.mtim, times.ctim) = (now, now);
        self.put(dir, name.to_vec(), ino);
    }

    /// Puts a name into a directory whose entries are known.
    pub fn put(&mut self, dir: Ino, name: Vec<u8>, ino: Ino) {
        let node = self.node_mut(ino);
        node.links += 1;
        let is_dir = matches!(node.kind, Kind::Dir(_));
        node.parent = is_dir.then_some(dir);
        let dir = self.node_mut(dir);
        dir.dirs += u64::from(is_dir);
        if let Kind::Dir(Entries::Known(entries)) = &mut dir.kind {
            entries.insert(name, ino);
        }
    }

    /// Takes a name from a directory, and returns what it was the name of.
    fn leave(&mut self, dir: Ino, name: &[u8]) -> Option<Ino> {
        let now = self.tick();
        let node = self.node_mut(dir);
        let Kind::Dir(Entries::Known(entries)) = &mut node.kind else { return None };
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
        FileStat { dev: self.dev, ino: ino.0, ..self.node(ino).stat() }
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

    /// Reads from a file that somebody has open.
    pub fn read(&mut self, ino: Ino, bufs: &mut [IoSliceMut<'_>], offset: u64) -> Result<usize> {
        let bytes = match &mut self.node_mut(ino).kind {
            Kind::File(Contents::Bytes(bytes)) => bytes,
            Kind::File(Contents::Below(file)) => return file.read(bufs, offset),
            _ => return Err(ErrorCode::BadDescriptor),
        };
        let start = usize::try_from(offset).map_or(bytes.len(), |offset| offset.min(bytes.len()));
        let mut rest = &bytes[start..];
        let all = rest.len();
        for buf in bufs {
            let (now, later) = rest.split_at(rest.len().min(buf.len()));
            buf[..now.len()].copy_from_slice(now);
            rest = later;
        }
        Ok(all - rest.len())
    }

    /// A file's bytes, the first `most` at least.
    fn bytes_mut(&mut self, ino: Ino, most: u64) -> Result<&mut Vec<u8>> {
        self.copy_up(ino, most)?;
        match &mut self.node_mut(ino).kind {
            Kind::File(Contents::Bytes(bytes)) => Ok(bytes),
            _ => Err(ErrorCode::BadDescriptor),
        }
    }

    /// Cuts or extends a file.
    pub fn set_size(&mut self, ino: Ino, size: u64) -> Result<()> {
        let old = self.bytes_mut(ino, size)?.len() as u64;
        self.take(size.saturating_sub(old))?;
        // What fits in the capacity may still be more than the system has.
        let len = usize::try_from(size).unwrap_or(usize::MAX);
        let bytes = self.bytes_mut(ino, size)?;
        if bytes.try_reserve_exact(len.saturating_sub(bytes.len())).is_err() {
            self.used -= size.saturating_sub(old);
            return Err(ErrorCode::InsufficientMemory);
        }
        bytes.resize(len, 0);
        if size < old {
            // What counts as room is room again.
            bytes.shrink_to_fit();
        }
        self.used -= old.saturating_sub(size);
        self.touch(ino);
        Ok(())
    }

    /// Notes that a file was changed.
    fn touch(&mut self, ino: Ino) {
        let now = self.tick();
        let times = &mut self.node_mut(ino).times;
        (times.mtim, times.ctim) = (now, now);
    }

    /// Writes to a file, which is extended as far as it has to be; at its end if there is no offset.
    /// Somebody has to have it open.
    pub fn write<'a>(
        &mut self,
        ino: Ino,
        offset: Option<u64>,
        bufs: impl Iterator<Item = &'a [u8]> + Clone,
    ) -> Result<Written> {
        let bytes = bufs.clone().map(|buf| buf.len() as u64).sum::<u64>();
        if bytes == 0 {
            return Ok(Written { bytes, end: offset.unwrap_or(self.node(ino).size()) });
        }
        let size = self.bytes_mut(ino, u64::MAX)?.len() as u64;
        let offset = offset.unwrap_or(size);
        let end = offset.checked_add(bytes).ok_or(ErrorCode::FileTooLarge)?;
        if end > size {
            self.set_size(ino, end)?;
        }
        let mut at = offset as usize;
        let contents = self.bytes_mut(ino, u64::MAX)?;
        for buf in bufs {
            contents[at..at + buf.len()].copy_from_slice(buf);
            at += buf.len();
        }
        self.touch(ino);
        Ok(Written { bytes, end })
    }
}

impl fmt::Debug for Tree {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { nodes, used, capacity, .. } = self;
        f.debug_struct("Tree")
            .field("nodes", &nodes.len())
            .field("used", used)
            .field("capacity", capacity)
            .finish_non_exhaustive()
    }
}
