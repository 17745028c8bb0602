//! The open files and directories of one guest, and what their grants allow.

use super::{
    Dir, DirPerms, Direction, ErrorCode, File, FilePerms, FileStat, FileType, FsOp, Grant, Handle,
    HostRet, Listener, NewTimes, Node, OpenHow, Opened, Preopen, Readiness, Result,
};

/// A directory to be opened for a guest from the start.
pub struct Preopened {
    /// The directory.
    pub dir: Box<dyn Dir>,
    /// The path the guest knows it by.
    pub name: Vec<u8>,
    /// What it may do there.
    pub grant: Grant,
}

/// Open files and directories by [`Handle`].
///
/// Invariant: the grant of an entry is that of the directory it was opened through.
pub(super) struct Nodes {
    entries: Vec<Option<Entry>>,
    /// Numbers to use again, the last freed first.
    free: Vec<u32>,
    preopens: Vec<Preopen>,
    listeners: Vec<Handle>,
}

struct Entry {
    node: OpenNode,
    grant: Grant,
}

enum OpenNode {
    Dir(Box<dyn Dir>),
    File(OpenFile),
    Listener(Box<dyn Listener>),
}

/// An open file, and what it was opened for.
pub(super) struct OpenFile {
    pub file: Box<dyn File>,
    pub readable: bool,
    pub writable: bool,
}

/// What may be done with sockets, for which there are no such permissions.
const SOCKET: Grant = Grant { dir: DirPerms::empty(), file: FilePerms::all() };

impl Nodes {
    pub fn new(preopened: Vec<Preopened>, listeners: Vec<Box<dyn Listener>>) -> Self {
        let mut nodes = Self {
            entries: Vec::new(),
            free: Vec::new(),
            preopens: Vec::new(),
            listeners: Vec::new(),
        };
        for Preopened { dir, name, grant } in preopened {
            let handle = nodes.insert(Entry { node: OpenNode::Dir(dir), grant });
            let writable = grant.file.contains(FilePerms::WRITE);
            nodes.preopens.push(Preopen { handle, name, writable });
        }
        for listener in listeners {
            let handle = nodes.insert(Entry { node: OpenNode::Listener(listener), grant: SOCKET });
            nodes.listeners.push(handle);
        }
        nodes
    }

    /// The open file `handle`.
    pub fn file(&mut self, handle: Handle) -> Result<&mut OpenFile> {
        match &mut self.entry(handle)?.node {
            OpenNode::File(file) => Ok(file),
            OpenNode::Dir(_) | OpenNode::Listener(_) => Err(ErrorCode::BadDescriptor),
        }
    }

    /// Whether using the file or listening socket `handle` would block.
    pub fn readiness(&self, handle: Handle, direction: Direction) -> Result<Readiness<'_>> {
        match self.entries.get(handle.0 as usize) {
            Some(Some(Entry { node: OpenNode::File(file), .. })) => {
                Ok(file.file.readiness(direction))
            }
            Some(Some(Entry { node: OpenNode::Listener(listener), .. })) => {
                Ok(listener.readiness())
            }
            _ => Err(ErrorCode::BadDescriptor),
        }
    }

    /// The sockets that were listening at the start.
    pub fn listeners(&self) -> &[Handle] {
        &self.listeners
    }

    /// Accepts a connection, if there is one.
    pub fn accept(&mut self, listener: Handle) -> Result<Opened> {
        let OpenNode::Listener(listener) = &mut self.entry(listener)?.node else {
            return Err(ErrorCode::NotSocket);
        };
        let file = OpenFile { file: listener.accept()?, readable: true, writable: true };
        let handle = self.insert(Entry { node: OpenNode::File(file), grant: SOCKET });
        Ok(Opened { handle, file_type: FileType::Socket })
    }

    /// Carries out `op` if the grants allow it.
    pub fn submit(&mut self, op: FsOp) -> Result<HostRet> {
        use DirPerms as D;
        match op {
            FsOp::Preopens => return Ok(HostRet::Preopens(self.preopens.clone())),
            FsOp::OpenAt { dir, path, how } => {
                return self.open_at(dir, &path, how).map(HostRet::Opened);
            }
            FsOp::Stat { handle } => return self.stat(handle).map(HostRet::Stat),
            FsOp::Entries { dir } => {
                return self.dir(dir, D::READ)?.entries().map(HostRet::Entries);
            }
            FsOp::StatAt { dir, path, follow } => {
                return self.dir(dir, D::READ)?.stat_at(&path, follow).map(HostRet::Stat);
            }
            FsOp::ReadLinkAt { dir, path } => {
                return self.dir(dir, D::READ)?.read_link_at(&path).map(HostRet::Bytes);
            }
            FsOp::Close { handle } => self.close(handle),
            FsOp::SetTimes { handle, times } => self.set_times(handle, times),
            FsOp::SetSize { handle, size } => self.set_size(handle, size),
            FsOp::Sync { handle, data_only } => self.file(handle)?.file.sync(data_only),
            FsOp::Advise { handle, offset, len, advice } => {
                self.file(handle)?.file.advise(offset, len, advice)
            }
            FsOp::SetTimesAt { dir, path, follow, times } => {
                self.entry(dir)?.grant.require_file(FilePerms::WRITE)?;
                self.dir(dir, D::MUTATE)?.set_times_at(&path, follow, times)
            }
            FsOp::CreateDirAt { dir, path } => self.dir(dir, D::MUTATE)?.create_dir_at(&path),
            FsOp::RemoveDirAt { dir, path } => self.dir(dir, D::MUTATE)?.remove_dir_at(&path),
            FsOp::UnlinkAt { dir, path } => self.dir(dir, D::MUTATE)?.unlink_at(&path),
            FsOp::SymlinkAt { target, dir, path } => {
                self.dir(dir, D::MUTATE)?.symlink_at(&target, &path)
            }
            FsOp::LinkAt { from_dir, from, to_dir, to } => {
                let to_dir = self.destination(from_dir, to_dir)?;
                self.dir(from_dir, D::MUTATE)?.link_at(&from, &*to_dir, &to)
            }
            FsOp::RenameAt { from_dir, from, to_dir, to } => {
                let to_dir = self.destination(from_dir, to_dir)?;
                self.dir(from_dir, D::MUTATE)?.rename_at(&from, &*to_dir, &to)
            }
        }?;
        Ok(HostRet::Done)
    }

    fn open_at(&mut self, dir: Handle, path: &[u8], how: OpenHow) -> Result<Opened> {
        let grant = self.entry(dir)?.grant;
        if how.create {
            grant.require_dir(DirPerms::MUTATE)?;
        }
        if how.create || how.truncate || how.write {
            grant.require_file(FilePerms::WRITE)?;
        }
        // What is there may be a directory, which can be opened so, unless it would be changed.
        if how.read && (how.create || how.truncate) {
            grant.require_file(FilePerms::READ)?;
        }
        let (node, file_type) = match self.dir(dir, DirPerms::READ)?.open_at(path, how)? {
            Node::Dir(dir) => (OpenNode::Dir(dir), FileType::Directory),
            Node::File(file, file_type) => {
                if how.read {
                    grant.require_file(FilePerms::READ)?;
                }
                let file = OpenFile { file, readable: how.read, writable: how.write };
                (OpenNode::File(file), file_type)
            }
        };
        Ok(Opened { handle: self.insert(Entry { node, grant }), file_type })
    }

    fn stat(&mut self, handle: Handle) -> Result<FileStat> {
        match &mut self.entry(handle)?.node {
            OpenNode::Dir(dir) => dir.stat(),
            OpenNode::File(file) => file.file.stat(),
            // Nothing but what it is: its numbers would tell about the host.
            OpenNode::Listener(_) => Ok(FileStat {
                dev: 0,
                ino: 0,
                file_type: FileType::Socket,
                nlink: 0,
                size: 0,
                atim: 0,
                mtim: 0,
                ctim: 0,
            }),
        }
    }

    fn set_times(&mut self, handle: Handle, times: NewTimes) -> Result<()> {
        let Entry { node, grant } = self.entry(handle)?;
        match node {
            OpenNode::Dir(dir) => {
                grant.require_dir(DirPerms::MUTATE)?;
                dir.set_times(times)
            }
            OpenNode::File(file) => {
                grant.require_file(FilePerms::WRITE)?;
                file.file.set_times(times)
            }
            OpenNode::Listener(_) => Err(ErrorCode::Invalid),
        }
    }

    fn set_size(&mut self, handle: Handle, size: u64) -> Result<()> {
        self.entry(handle)?.grant.require_file(FilePerms::WRITE)?;
        let file = self.file(handle)?;
        // What ftruncate says of a descriptor that was not opened for writing.
        if !file.writable {
            return Err(ErrorCode::Invalid);
        }
        file.file.set_size(size)
    }

    /// The directory something in `from` is to be linked or moved to. It must not allow more
    /// than `from` does: a guest could otherwise widen its own grant.
    fn destination(&mut self, from: Handle, to: Handle) -> Result<Box<dyn Dir>> {
        let from_grant = self.entry(from)?.grant;
        let to_grant = self.entry(to)?.grant;
        if !from_grant.covers(to_grant) {
            return Err(ErrorCode::NotPermitted);
        }
        self.dir(to, DirPerms::MUTATE)?.try_clone()
    }

    /// The open directory `handle`, if its grant has `perms`.
    fn dir(&mut self, handle: Handle, perms: DirPerms) -> Result<&mut dyn Dir> {
        let Entry { node, grant } = self.entry(handle)?;
        let OpenNode::Dir(dir) = node else { return Err(ErrorCode::NotDirectory) };
        grant.require_dir(perms)?;
        Ok(&mut **dir)
    }

    fn entry(&mut self, handle: Handle) -> Result<&mut Entry> {
        self.entries
            .get_mut(handle.0 as usize)
            .and_then(Option::as_mut)
            .ok_or(ErrorCode::BadDescriptor)
    }

    fn insert(&mut self, entry: Entry) -> Handle {
        if let Some(index) = self.free.pop() {
            self.entries[index as usize] = Some(entry); // `free` holds numbers of `entries`.
            return Handle(index);
        }
        self.entries.push(Some(entry));
        Handle(self.entries.len() as u32 - 1) // The host runs out of descriptors long before.
    }

    fn close(&mut self, handle: Handle) -> Result<()> {
        self.entry(handle)?;
        self.entries[handle.0 as usize] = None; // It exists: the line above found it.
        self.free.push(handle.0);
        Ok(())
    }
}
