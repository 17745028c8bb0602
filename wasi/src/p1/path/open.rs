//! Opening: `path_open`.

use super::read_path;
use crate::host::{FileType, FsOp, OpenHow, Opened};
use crate::p1::rights::{self, FdFlags, LookupFlags, OFlags, Rights};
use crate::p1::table::{Descriptor, Object, OpenDir, OpenFile};
use crate::p1::{Errno, GuestMemory, Result, WasiP1Ctx};

/// Opens the path in the `path_len` bytes at `path`, relative to the directory `fd`, and writes
/// the new descriptor (`u32`) at `opened_fd`: the lowest number that is free.
///
/// * `dirflags`: 1 follows the last component if it is a symbolic link.
/// * `oflags`: 1 makes the file if there is none, 2 wants a directory, 4 with 1 wants to make it,
///   8 empties it.
/// * `rights_base`: of these only `fd_read` (2) and `fd_write` (64) say anything; contents can be
///   read and written only with them. Other rights are there whether asked for or not, unless
///   `fd` was made to hand on fewer; `rights_inheriting` says nothing.
/// * `fdflags`: 1 appends, 2, 8 and 16 synchronise, 4 changes nothing.
///
/// Opening never waits: not for the other end of a named pipe either.
///
/// Fails with [`Errno::Exist`] and [`Errno::Noent`] as the flags say, with [`Errno::Isdir`] if a
/// directory is to be written, with [`Errno::Notdir`] if it is not one but should be or has a
/// slash behind it, with [`Errno::Loop`] if it is a symbolic link that is not to be followed,
/// with [`Errno::Inval`] if a directory is to be made or emptied, with [`Errno::Perm`] if the
/// grant forbids what is asked, and with [`Errno::Mfile`] if too much is open.
#[expect(clippy::too_many_arguments, reason = "the signature is WASI's")]
pub fn path_open(
    cx: &mut WasiP1Ctx,
    mem: &mut GuestMemory<'_>,
    fd: u32,
    dirflags: u32,
    path: u32,
    path_len: u32,
    oflags: u32,
    rights_base: u64,
    rights_inheriting: u64,
    fdflags: u32,
    opened_fd: u32,
) -> Result {
    let _ = rights_inheriting;
    mem.check(opened_fd, 4)?;
    let lookup = rights::parse::<LookupFlags>(dirflags)?;
    let oflags = rights::parse::<OFlags>(oflags)?;
    let flags = rights::parse::<FdFlags>(fdflags)?;
    let asked = Rights::from_bits_truncate(rights_base);

    let mut needs = Rights::PATH_OPEN;
    needs.set(Rights::PATH_CREATE_FILE, oflags.contains(OFlags::CREAT));
    needs.set(Rights::PATH_FILESTAT_SET_SIZE, oflags.contains(OFlags::TRUNC));
    let dir = cx.fds.dir(fd, needs)?;
    let (dir, writable) = (dir.handle, dir.writable);
    let withheld = cx.fds.descriptor(fd)?.dropped_inheriting;
    if (asked & withheld).intersects(Rights::FD_READ | Rights::FD_WRITE) {
        return Err(Errno::Notcapable.into());
    }
    cx.fds.check_room()?;

    let how = OpenHow {
        follow: lookup.contains(LookupFlags::SYMLINK_FOLLOW),
        read: asked.contains(Rights::FD_READ),
        write: asked.contains(Rights::FD_WRITE),
        create: oflags.contains(OFlags::CREAT),
        exclusive: oflags.contains(OFlags::EXCL),
        truncate: oflags.contains(OFlags::TRUNC),
        directory: oflags.contains(OFlags::DIRECTORY),
        sync: flags.contains(FdFlags::SYNC),
        dsync: flags.contains(FdFlags::DSYNC),
        rsync: flags.contains(FdFlags::RSYNC),
    };
    let path = read_path(mem, path, path_len)?;
    let Opened { handle, file_type } = cx.submit(FsOp::OpenAt { dir, path, how })?.opened()?;

    let object = match file_type {
        FileType::Directory => {
            Object::Dir(OpenDir { handle, preopen: None, writable, listing: None })
        }
        _ => Object::File(OpenFile {
            handle,
            file_type,
            readable: how.read,
            writable: how.write,
            flags,
            position: 0,
            error: None,
        }),
    };
    let opened =
        cx.fds.insert(Descriptor { object, dropped_base: withheld, dropped_inheriting: withheld });
    Ok(mem.write_u32(opened_fd, opened)?)
}
