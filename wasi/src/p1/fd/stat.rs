//! What is known about a descriptor and its file: `fd_fdstat_get`, `fd_fdstat_set_flags`,
//! `fd_fdstat_set_rights`, `fd_filestat_get`, `fd_filestat_set_times`.

use crate::host::{FileStat, FileType, FsOp, HostOp, NewTime, NewTimes, Stream};
use crate::p1::rights::{self, FdFlags, FstFlags, Rights};
use crate::p1::table::Object;
use crate::p1::{Errno, GuestMemory, Result, WasiP1Ctx, types};

/// Writes what `fd` is (`fdstat`, 24 bytes) at `stat`: file type, flags, rights and the rights it
/// hands on. A standard stream is a character device if it is a terminal, else of unknown type.
///
/// ```text
/// 0 filetype:u8  2 flags:u16  8 rights_base:u64  16 rights_inheriting:u64
/// ```
pub fn fd_fdstat_get(cx: &mut WasiP1Ctx, mem: &mut GuestMemory<'_>, fd: u32, stat: u32) -> Result {
    let descriptor = cx.fds.descriptor(fd)?;
    let base = descriptor.object.rights() - descriptor.dropped_base;
    let inheriting = descriptor.object.inheriting() - descriptor.dropped_inheriting;
    let (file_type, flags) = match &descriptor.object {
        Object::File(file) => (file.file_type, file.flags),
        Object::Dir(_) => (FileType::Directory, FdFlags::empty()),
        Object::Listener(listener) => (FileType::Socket, listener.flags),
        &Object::Stream(stream) => (stream_type(cx, stream)?, FdFlags::empty()),
    };
    Ok(mem.write(stat, &types::fdstat(file_type, flags, base, inheriting))?)
}

/// Sets the flags of the file or socket `fd`: 1 (append) and 4 (do not block, which means something
/// for sockets alone) can be changed.
///
/// Fails with [`Errno::Badf`] if `fd` is no file, and with [`Errno::Inval`] if 2, 8 or 16
/// (synchronised reads and writes) are not as the file was opened.
pub fn fd_fdstat_set_flags(
    cx: &mut WasiP1Ctx,
    mem: &mut GuestMemory<'_>,
    fd: u32,
    flags: u32,
) -> Result {
    let _ = mem;
    let flags = rights::parse::<FdFlags>(flags)?;
    let descriptor = cx.fds.descriptor(fd)?;
    let missing = descriptor.require(Rights::FD_FDSTAT_SET_FLAGS);
    if let Object::Listener(listener) = &mut descriptor.object {
        missing?;
        if !FdFlags::NONBLOCK.contains(flags) {
            return Err(Errno::Inval.into());
        }
        listener.flags = flags;
        return Ok(());
    }
    let file = cx.fds.file(fd, Rights::FD_FDSTAT_SET_FLAGS)?;
    if (flags ^ file.flags).intersects(FdFlags::DSYNC | FdFlags::RSYNC | FdFlags::SYNC) {
        return Err(Errno::Inval.into());
    }
    file.flags = flags;
    Ok(())
}

/// Gives up all rights of `fd` but `rights_base`, and all it hands on but `rights_inheriting`.
///
/// Fails with [`Errno::Notcapable`] if either has a right that `fd` has not.
pub fn fd_fdstat_set_rights(
    cx: &mut WasiP1Ctx,
    mem: &mut GuestMemory<'_>,
    fd: u32,
    rights_base: u64,
    rights_inheriting: u64,
) -> Result {
    let _ = mem;
    let descriptor = cx.fds.descriptor(fd)?;
    let base = Rights::from_bits(rights_base).ok_or(Errno::Notcapable)?;
    let inheriting = Rights::from_bits(rights_inheriting).ok_or(Errno::Notcapable)?;
    let has_base = descriptor.object.rights() - descriptor.dropped_base;
    let has_inheriting = descriptor.object.inheriting() - descriptor.dropped_inheriting;
    if !has_base.contains(base) || !has_inheriting.contains(inheriting) {
        return Err(Errno::Notcapable.into());
    }
    descriptor.dropped_base |= has_base - base;
    descriptor.dropped_inheriting |= has_inheriting - inheriting;
    Ok(())
}

/// Writes what is known about the file or directory `fd` (`filestat`, 64 bytes) at `stat`. About
/// a standard stream nothing is known but whether it is a terminal.
///
/// ```text
/// 0 dev:u64  8 ino:u64  16 filetype:u8  24 nlink:u64  32 size:u64  40 atim:u64  48 mtim:u64
/// 56 ctim:u64
/// ```
pub fn fd_filestat_get(
    cx: &mut WasiP1Ctx,
    mem: &mut GuestMemory<'_>,
    fd: u32,
    stat: u32,
) -> Result {
    let found = stat_of(cx, fd)?;
    Ok(mem.write(stat, &types::filestat(&found))?)
}

/// What is known about the file, directory or stream `fd`.
pub(crate) fn stat_of(cx: &mut WasiP1Ctx, fd: u32) -> Result<FileStat> {
    let descriptor = cx.fds.descriptor(fd)?;
    Ok(match (&descriptor.object, descriptor.handle()) {
        (&Object::Stream(stream), _) => FileStat {
            dev: 0,
            ino: 0,
            file_type: stream_type(cx, stream)?,
            nlink: 0,
            size: 0,
            atim: 0,
            mtim: 0,
            ctim: 0,
        },
        (_, handle) => {
            descriptor.require(Rights::FD_FILESTAT_GET)?;
            let handle = handle?;
            cx.submit(FsOp::Stat { handle })?.stat()?
        }
    })
}

/// Sets the times of the file or directory `fd`: of access to `atim` (flag 1) or to now (2), of
/// modification to `mtim` (4) or to now (8). Without a flag a time stays.
///
/// Fails with [`Errno::Badf`] if `fd` is a stream, with [`Errno::Perm`] if what is there is
/// read-only, and with [`Errno::Inval`] if a time is to be both given and now.
pub fn fd_filestat_set_times(
    cx: &mut WasiP1Ctx,
    mem: &mut GuestMemory<'_>,
    fd: u32,
    atim: u64,
    mtim: u64,
    fst_flags: u32,
) -> Result {
    let _ = mem;
    let times = new_times(atim, mtim, fst_flags)?;
    let descriptor = cx.fds.descriptor(fd)?;
    let handle = descriptor.handle()?;
    descriptor.require(Rights::FD_FILESTAT_SET_TIMES)?;
    cx.submit(FsOp::SetTimes { handle, times }).map(drop)
}

/// The times that a guest asks for.
pub(in crate::p1) fn new_times(atim: u64, mtim: u64, fst_flags: u32) -> Result<NewTimes> {
    let flags = rights::parse::<FstFlags>(fst_flags)?;
    let new_time = |given, now, time| match (flags.contains(given), flags.contains(now)) {
        (true, true) => Err(Errno::Inval),
        (true, false) => Ok(NewTime::At(time)),
        (false, true) => Ok(NewTime::Now),
        (false, false) => Ok(NewTime::Keep),
    };
    Ok(NewTimes {
        atim: new_time(FstFlags::ATIM, FstFlags::ATIM_NOW, atim)?,
        mtim: new_time(FstFlags::MTIM, FstFlags::MTIM_NOW, mtim)?,
    })
}

fn stream_type(cx: &mut WasiP1Ctx, stream: Stream) -> Result<FileType> {
    Ok(match cx.submit(HostOp::IsTerminal(stream))?.flag()? {
        true => FileType::CharacterDevice,
        false => FileType::Unknown,
    })
}
