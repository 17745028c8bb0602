//! The functions of snapshot 0 that differ from those of 0.1.

use super::types;
use crate::p1::{GuestMemory, Result, WasiP1Ctx, fd, path, poll};

/// As [`p1`'s](crate::p1::functions::fd_seek), but `whence` is 0 for the position, 1 for the end
/// and 2 for the start.
pub fn fd_seek(
    cx: &mut WasiP1Ctx,
    mem: &mut GuestMemory<'_>,
    fd: u32,
    offset: u64,
    whence: u32,
    newoffset: u32,
) -> Result {
    fd::seek(cx, mem, fd, offset, types::whence(whence), newoffset)
}

/// As [`p1`'s](crate::p1::functions::fd_filestat_get), but what is known (`filestat`) has 56 bytes.
/// Links that are more than fit into their number are as many as do.
///
/// ```text
/// 0 dev:u64  8 ino:u64  16 filetype:u8  20 nlink:u32  24 size:u64  32 atim:u64  40 mtim:u64
/// 48 ctim:u64
/// ```
pub fn fd_filestat_get(
    cx: &mut WasiP1Ctx,
    mem: &mut GuestMemory<'_>,
    fd: u32,
    stat: u32,
) -> Result {
    let found = fd::stat_of(cx, fd)?;
    Ok(mem.write(stat, &types::filestat(&found))?)
}

/// As [`p1`'s](crate::p1::functions::path_filestat_get), but what is known is laid out as
/// [`fd_filestat_get`] says.
pub fn path_filestat_get(
    cx: &mut WasiP1Ctx,
    mem: &mut GuestMemory<'_>,
    fd: u32,
    flags: u32,
    path: u32,
    path_len: u32,
    stat: u32,
) -> Result {
    let found = path::stat_at(cx, mem, fd, flags, path, path_len)?;
    Ok(mem.write(stat, &types::filestat(&found))?)
}

/// As [`p1`'s](crate::p1::functions::poll_oneoff), but a subscription has 56 bytes: that to a clock
/// begins with a number that means nothing here.
///
/// ```text
/// subscription  0 userdata:u64  8 tag:u8  16 identifier:u64 24 clock:u32 32 timeout:u64 …
///                                         … 40 precision:u64 48 flags:u16
///                                         16 fd:u32
/// ```
pub fn poll_oneoff(
    cx: &mut WasiP1Ctx,
    mem: &mut GuestMemory<'_>,
    subs: u32,
    events: u32,
    nsubscriptions: u32,
    nevents: u32,
) -> Result {
    poll::poll(cx, mem, subs, events, nsubscriptions, nevents, types::subscription)
}
