//! What only a file has: position, size, storage. `fd_seek`, `fd_tell`, `fd_advise`,
//! `fd_allocate`, `fd_datasync`, `fd_sync`, `fd_filestat_set_size`.

use crate::host::{FsOp, Handle};
use crate::p1::rights::Rights;
use crate::p1::table::{Object, OpenFile};
use crate::p1::types::{self, Whence};
use crate::p1::{Errno, GuestMemory, Result, WasiP1Ctx};

/// Moves the position of `fd` to `offset` from the start (`whence` 0), the position (1) or the
/// end (2), and writes it (`u64`) at `newoffset`. It may lie beyond the end.
///
/// Fails with [`Errno::Spipe`] if `fd` has no position, as a stream, with [`Errno::Badf`] if it
/// is a directory, and with [`Errno::Inval`] for another `whence` and for a position before 0 or
/// beyond 2^63.
pub fn fd_seek(
    cx: &mut WasiP1Ctx,
    mem: &mut GuestMemory<'_>,
    fd: u32,
    offset: u64,
    whence: u32,
    newoffset: u32,
) -> Result {
    seek(cx, mem, fd, offset, types::whence(whence), newoffset)
}

/// `fd_seek`, where what `whence` means is known, or that it means nothing.
pub(crate) fn seek(
    cx: &mut WasiP1Ctx,
    mem: &mut GuestMemory<'_>,
    fd: u32,
    offset: u64,
    whence: std::result::Result<Whence, Errno>,
    newoffset: u32,
) -> Result {
    mem.check(newoffset, 8)?;
    let (offset, whence) = (offset as i64, whence?);
    let file = seekable(cx, fd)?;
    let (handle, position) = (file.handle, file.position);
    // Asking where one is needs no more than the right to ask.
    let asks_only = whence == Whence::Current && offset == 0;
    let right = if asks_only { Rights::FD_TELL } else { Rights::FD_SEEK };
    cx.fds.descriptor(fd)?.require(right)?;
    let base = match whence {
        Whence::Start => 0,
        Whence::Current => position,
        Whence::End => cx.submit(FsOp::Stat { handle })?.stat()?.size,
    };
    let position = base
        .checked_add_signed(offset)
        .filter(|&position| position <= i64::MAX as u64)
        .ok_or(Errno::Inval)?;
    seekable(cx, fd)?.position = position;
    Ok(mem.write_u64(newoffset, position)?)
}

/// Writes the position of `fd` (`u64`) at `offset`.
///
/// Fails with [`Errno::Spipe`] if `fd` has no position, as a stream, and with [`Errno::Badf`] if
/// it is a directory.
pub fn fd_tell(cx: &mut WasiP1Ctx, mem: &mut GuestMemory<'_>, fd: u32, offset: u32) -> Result {
    let position = seekable(cx, fd)?.position;
    cx.fds.descriptor(fd)?.require(Rights::FD_TELL)?;
    Ok(mem.write_u64(offset, position)?)
}

/// Says how `len` bytes (0: all) of the file `fd` from `offset` on are going to be used: `advice`
/// is 0 normally, 1 in order, 2 at random, 3 soon, 4 not soon, 5 once.
///
/// Fails with [`Errno::Badf`] if `fd` is no file.
pub fn fd_advise(
    cx: &mut WasiP1Ctx,
    mem: &mut GuestMemory<'_>,
    fd: u32,
    offset: u64,
    len: u64,
    advice: u32,
) -> Result {
    let _ = mem;
    let handle = file(cx, fd, Rights::FD_ADVISE)?;
    let advice = types::advice(advice)?;
    cx.submit(FsOp::Advise { handle, offset, len, advice }).map(drop)
}

/// Is not supported, as in wasmtime, because not every file system of a host can do it: always
/// [`Errno::Notsup`], or [`Errno::Badf`] if `fd` is no file.
pub fn fd_allocate(
    cx: &mut WasiP1Ctx,
    mem: &mut GuestMemory<'_>,
    fd: u32,
    offset: u64,
    len: u64,
) -> Result {
    let _ = (mem, offset, len);
    file(cx, fd, Rights::FD_ALLOCATE)?;
    Err(Errno::Notsup.into())
}

/// Returns when the data written to `fd` are stored.
///
/// Fails with [`Errno::Badf`] if `fd` is no file, and with what the host says, as
/// [`Errno::Io`].
pub fn fd_datasync(cx: &mut WasiP1Ctx, mem: &mut GuestMemory<'_>, fd: u32) -> Result {
    let _ = mem;
    let handle = file(cx, fd, Rights::FD_DATASYNC)?;
    cx.submit(FsOp::Sync { handle, data_only: true }).map(drop)
}

/// Returns when the data written to `fd` and its metadata are stored.
///
/// Fails as [`fd_datasync`] does.
pub fn fd_sync(cx: &mut WasiP1Ctx, mem: &mut GuestMemory<'_>, fd: u32) -> Result {
    let _ = mem;
    let handle = file(cx, fd, Rights::FD_SYNC)?;
    cx.submit(FsOp::Sync { handle, data_only: false }).map(drop)
}

/// Cuts the file `fd` to `size` bytes, or extends it with zeros.
///
/// Fails with [`Errno::Badf`] if `fd` is no file, with [`Errno::Perm`] if files there are
/// read-only, with [`Errno::Inval`] if `fd` is not open for writing, and with [`Errno::Fbig`] if
/// files do not get so large.
pub fn fd_filestat_set_size(
    cx: &mut WasiP1Ctx,
    mem: &mut GuestMemory<'_>,
    fd: u32,
    size: u64,
) -> Result {
    let _ = mem;
    let handle = file(cx, fd, Rights::FD_FILESTAT_SET_SIZE)?;
    cx.submit(FsOp::SetSize { handle, size }).map(drop)
}

fn file(cx: &mut WasiP1Ctx, fd: u32, rights: Rights) -> Result<Handle> {
    Ok(cx.fds.file(fd, rights)?.handle)
}

fn seekable(cx: &mut WasiP1Ctx, fd: u32) -> Result<&mut OpenFile> {
    match &mut cx.fds.descriptor(fd)?.object {
        Object::File(file) if file.is_seekable() => Ok(file),
        Object::File(_) | Object::Stream(_) | Object::Listener(_) => Err(Errno::Spipe.into()),
        Object::Dir(_) => Err(Errno::Badf.into()),
    }
}
