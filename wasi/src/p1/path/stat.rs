//! What is known about what a path names: `path_filestat_get`, `path_filestat_set_times`.

use super::{dir, read_path};
use crate::host::{FileStat, FsOp};
use crate::p1::fd::new_times;
use crate::p1::rights::{self, LookupFlags, Rights};
use crate::p1::{GuestMemory, Result, WasiP1Ctx, types};

/// Writes what is known about what the path names (`filestat`, 64 bytes, laid out as
/// [`fd_filestat_get`](crate::p1::functions::fd_filestat_get) says) at `stat`. With bit 1 of
/// `flags` a symbolic link is followed, else it is what is named.
pub fn path_filestat_get(
    cx: &mut WasiP1Ctx,
    mem: &mut GuestMemory<'_>,
    fd: u32,
    flags: u32,
    path: u32,
    path_len: u32,
    stat: u32,
) -> Result {
    let found = stat_at(cx, mem, fd, flags, path, path_len)?;
    Ok(mem.write(stat, &types::filestat(&found))?)
}

/// What is known about what the path names.
pub(crate) fn stat_at(
    cx: &mut WasiP1Ctx,
    mem: &GuestMemory<'_>,
    fd: u32,
    flags: u32,
    path: u32,
    path_len: u32,
) -> Result<FileStat> {
    let follow = rights::parse::<LookupFlags>(flags)?.contains(LookupFlags::SYMLINK_FOLLOW);
    let dir = dir(cx, fd, Rights::PATH_FILESTAT_GET)?;
    let path = read_path(mem, path, path_len)?;
    Ok(cx.submit(FsOp::StatAt { dir, path, follow })?.stat()?)
}

/// Sets the times of what the path names, as
/// [`fd_filestat_set_times`](crate::p1::functions::fd_filestat_set_times) does. With bit 1 of
/// `flags` a symbolic link is followed, else it is what is named.
///
/// Fails with [`Errno::Inval`](crate::p1::Errno::Inval) if a time is to be both given and now.
#[expect(clippy::too_many_arguments, reason = "the signature is WASI's")]
pub fn path_filestat_set_times(
    cx: &mut WasiP1Ctx,
    mem: &mut GuestMemory<'_>,
    fd: u32,
    flags: u32,
    path: u32,
    path_len: u32,
    atim: u64,
    mtim: u64,
    fst_flags: u32,
) -> Result {
    let follow = rights::parse::<LookupFlags>(flags)?.contains(LookupFlags::SYMLINK_FOLLOW);
    let times = new_times(atim, mtim, fst_flags)?;
    let dir = dir(cx, fd, Rights::PATH_FILESTAT_SET_TIMES)?;
    let path = read_path(mem, path, path_len)?;
    cx.submit(FsOp::SetTimesAt { dir, path, follow, times }).map(drop)
}
