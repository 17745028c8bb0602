//! The descriptor table of one guest.

use super::Errno;
use super::rights::{FdFlags, Rights};
use crate::host::{DirEntry, FileType, Handle, Stream};
use std::sync::Arc;

type Result<T> = std::result::Result<T, Errno>;

/// How many entries of directories are kept for cookies, over all descriptors.
pub(super) const MAX_LISTED: usize = 1 << 20;

/// What a guest has open, by number. A new descriptor gets the lowest number that is free.
#[derive(Debug)]
pub(super) struct FdTable {
    slots: Vec<Option<Descriptor>>,
    /// How many descriptors the guest may have open.
    most: usize,
    /// No slot below this is free.
    lowest_free: usize,
}

/// An open descriptor.
#[derive(Debug)]
pub(super) struct Descriptor {
    pub object: Object,
    /// Rights that `fd_fdstat_set_rights` gave up. All others are there, as far as the object and
    /// its grant have a use for them: programs ask for rights carelessly, and runtimes that
    /// held them to it broke them.
    pub dropped_base: Rights,
    /// The same for what is opened through this one.
    pub dropped_inheriting: Rights,
}

/// What a descriptor stands for.
#[derive(Debug)]
pub(super) enum Object {
    Stream(Stream),
    File(OpenFile),
    Dir(OpenDir),
    Listener(OpenListener),
}

/// A socket that listens. A connection is an open file.
#[derive(Debug)]
pub(super) struct OpenListener {
    pub handle: Handle,
    pub flags: FdFlags,
}

/// An open file, and where in it the guest is.
#[derive(Debug)]
pub(super) struct OpenFile {
    pub handle: Handle,
    pub file_type: FileType,
    pub readable: bool,
    pub writable: bool,
    pub flags: FdFlags,
    pub position: u64,
    /// Of a connection, why it ended, which is not told yet: bytes came before it.
    pub error: Option<Errno>,
}

/// An open directory.
#[derive(Debug)]
pub(super) struct OpenDir {
    pub handle: Handle,
    /// The name it was preopened under.
    pub preopen: Option<Vec<u8>>,
    /// Whether files below it can be written.
    pub writable: bool,
    /// What the last listing from the start found, so that its cookies stay good while the guest
    /// adds and removes entries, unless there was too much to keep.
    pub listing: Option<Arc<Vec<DirEntry>>>,
}

impl OpenFile {
    /// Whether it has a position; a pipe or terminal has not.
    pub fn is_seekable(&self) -> bool {
        matches!(self.file_type, FileType::RegularFile | FileType::BlockDevice)
    }

    /// Whether it is a connection.
    pub fn is_socket(&self) -> bool {
        self.file_type == FileType::Socket
    }
}

impl Object {
    /// What such an object can be used for at all.
    pub fn rights(&self) -> Rights {
        match self {
            Self::Stream(Stream::In) => Rights::FD_READ | Rights::POLL_FD_READWRITE,
            Self::Stream(_) => Rights::FD_WRITE | Rights::POLL_FD_READWRITE,
            Self::Dir(_) => Rights::DIRECTORY,
            Self::Listener(_) => Rights::LISTENER,
            Self::File(file) if file.is_socket() => Rights::CONNECTION,
            Self::File(file) => {
                let mut rights = Rights::FILE;
                rights.set(Rights::FD_READ, file.readable);
                rights.set(Rights::FD_WRITE, file.writable);
                rights
            }
        }
    }

    /// What can be handed on through such an object.
    pub fn inheriting(&self) -> Rights {
        match self {
            Self::Stream(_) | Self::File(_) => self.rights(),
            Self::Listener(_) => Rights::CONNECTION,
            Self::Dir(dir) => {
                let mut rights = Rights::INHERITING;
                rights.set(Rights::FD_WRITE, dir.writable);
                rights
            }
        }
    }
}

impl Descriptor {
    pub fn new(object: Object) -> Self {
        Self { object, dropped_base: Rights::empty(), dropped_inheriting: Rights::empty() }
    }

    /// [`Errno::Notcapable`] if one of `rights` was given up.
    pub fn require(&self, rights: Rights) -> Result<()> {
        if self.dropped_base.intersects(rights) { Err(Errno::Notcapable) } else { Ok(()) }
    }

    /// What the world knows it by; [`Errno::Badf`] for a stream.
    pub fn handle(&self) -> Result<Handle> {
        match &self.object {
            Object::Stream(_) => Err(Errno::Badf),
            Object::File(file) => Ok(file.handle),
            Object::Dir(dir) => Ok(dir.handle),
            Object::Listener(listener) => Ok(listener.handle),
        }
    }
}

impl FdTable {
    /// A table with room for `most` descriptors.
    pub fn new(most: usize) -> Self {
        Self { slots: Vec::new(), most, lowest_free: 0 }
    }

    /// The descriptor `fd`; [`Errno::Badf`] if there is none.
    pub fn descriptor(&mut self, fd: u32) -> Result<&mut Descriptor> {
        self.slots.get_mut(fd as usize).and_then(Option::as_mut).ok_or(Errno::Badf)
    }

    /// The file `fd`; [`Errno::Badf`] for anything else.
    pub fn file(&mut self, fd: u32, rights: Rights) -> Result<&mut OpenFile> {
        let descriptor = self.descriptor(fd)?;
        let missing = descriptor.require(rights);
        match &mut descriptor.object {
            Object::File(file) => missing.map(|()| file),
            Object::Stream(_) | Object::Dir(_) | Object::Listener(_) => Err(Errno::Badf),
        }
    }

    /// The directory `fd`; [`Errno::Notdir`] for a file, [`Errno::Badf`] for a stream.
    pub fn dir(&mut self, fd: u32, rights: Rights) -> Result<&mut OpenDir> {
        let descriptor = self.descriptor(fd)?;
        let missing = descriptor.require(rights);
        match &mut descriptor.object {
            Object::Dir(dir) => missing.map(|()| dir),
            Object::File(_) | Object::Listener(_) => Err(Errno::Notdir),
            Object::Stream(_) => Err(Errno::Badf),
        }
    }

    /// [`Errno::Mfile`] if [`FdTable::insert`] would find no room.
    pub fn check_room(&self) -> Result<()> {
        if self.first_free() < self.most { Ok(()) } else { Err(Errno::Mfile) }
    }

    /// Gives `descriptor` a number. There is room for it (see [`FdTable::check_room`]).
    pub fn insert(&mut self, descriptor: Descriptor) -> u32 {
        let index = self.first_free();
        if index == self.slots.len() {
            self.slots.push(None);
        }
        self.slots[index] = Some(descriptor);
        self.lowest_free = index + 1;
        index as u32
    }

    /// Frees the number `fd`; [`Errno::Badf`] if nothing has it.
    pub fn remove(&mut self, fd: u32) -> Result<Descriptor> {
        let slot = self.slots.get_mut(fd as usize).ok_or(Errno::Badf)?;
        let descriptor = slot.take().ok_or(Errno::Badf)?;
        self.lowest_free = self.lowest_free.min(fd as usize);
        Ok(descriptor)
    }

    /// Moves `from` to the number `to`, which has to be open. Gives what was there.
    pub fn renumber(&mut self, from: u32, to: u32) -> Result<Option<Descriptor>> {
        self.descriptor(to)?;
        if from == to {
            return Ok(None);
        }
        let descriptor = self.remove(from)?;
        Ok(self.slots[to as usize].replace(descriptor)) // `to` is open: see the first line.
    }

    /// Keeps what was found in the directory `fd`. If that makes more than `most` entries with those
    /// of other directories, the others are dropped, and read again when they are asked for.
    pub fn keep_listing(
        &mut self,
        fd: u32,
        listing: Arc<Vec<DirEntry>>,
        most: usize,
    ) -> Result<()> {
        self.dir(fd, Rights::empty())?.listing = Some(listing);
        let kept = self.listings().flat_map(|listing| listing.as_deref()).map(Vec::len);
        if kept.fold(0, usize::saturating_add) > most {
            let listing = self.dir(fd, Rights::empty())?.listing.take();
            self.listings().for_each(|listing| *listing = None);
            self.dir(fd, Rights::empty())?.listing = listing;
        }
        Ok(())
    }

    fn listings(&mut self) -> impl Iterator<Item = &mut Option<Arc<Vec<DirEntry>>>> {
        self.slots.iter_mut().flatten().filter_map(|descriptor| match &mut descriptor.object {
            Object::Dir(dir) => Some(&mut dir.listing),
            _ => None,
        })
    }

    fn first_free(&self) -> usize {
        let from = self.lowest_free.min(self.slots.len());
        let free = self.slots[from..].iter().position(Option::is_none);
        free.map_or(self.slots.len(), |offset| from + offset)
    }
}

#[test]
fn listings_are_dropped_when_they_are_too_much() {
    let mut table = FdTable::new(9);
    let entry = DirEntry { name: b"name".to_vec(), ino: 1, file_type: FileType::Unknown };
    let listing = Arc::new(vec![entry; 40]);
    for number in 0..3 {
        let handle = Handle(number);
        let dir = OpenDir { handle, preopen: None, writable: true, listing: None };
        table.insert(Descriptor::new(Object::Dir(dir)));
        table.keep_listing(number, listing.clone(), 100).unwrap();
    }
    let mut is_kept = |fd| table.dir(fd, Rights::empty()).unwrap().listing.is_some();
    assert_eq!([0, 1, 2].map(&mut is_kept), [false, false, true]);
    // One alone is kept whatever it is, since somebody reads it now.
    table.keep_listing(0, listing, 10).unwrap();
    assert!(table.dir(0, Rights::empty()).unwrap().listing.is_some());
}
