//! What only a directory has: `fd_readdir`, `fd_prestat_get`, `fd_prestat_dir_name`.

use crate::host::{DirEntry, FileType, FsOp, Handle};
use crate::p1::rights::Rights;
use crate::p1::table::{MAX_LISTED, Object};
use crate::p1::{Errno, GuestMemory, Result, WasiP1Ctx, types};
use std::sync::Arc;

/// Writes entries of the directory `fd` from the `cookie`th on, one after the other, into the
/// `buf_len` bytes at `buf`, and the number of bytes used (`u32`) at `bufused`. Each is a
/// `dirent` (24 bytes) and the name, `.` and `..` first.
///
/// The buffer is filled to the last byte if there is more, cutting an entry anywhere; a guest
/// that finds it not full has seen the end. It goes on with the `next` of the last entry it got
/// whole. Cookies stay good while entries come and go: what a guest sees is the directory as it
/// was when it last began at 0, unless it reads so many large ones at once that they are not kept
/// (a million entries).
///
/// ```text
/// 0 next:u64  8 ino:u64  16 namlen:u32  20 filetype:u8  24 name…
/// ```
///
/// Fails with [`Errno::Notdir`] if `fd` is a file, and with [`Errno::Nomem`] if the directory has
/// more entries than that.
pub fn fd_readdir(
    cx: &mut WasiP1Ctx,
    mem: &mut GuestMemory<'_>,
    fd: u32,
    buf: u32,
    buf_len: u32,
    cookie: u64,
    bufused: u32,
) -> Result {
    mem.check(buf, buf_len)?;
    mem.check(bufused, 4)?;
    let handle = cx.fds.dir(fd, Rights::FD_READDIR)?.handle;
    let listing = listing(cx, fd, handle, cookie == 0)?;
    let own_ino = match cookie {
        // That of `..` would tell about the outside, or not be had; its own is as good.
        0 | 1 => cx.submit(FsOp::Stat { handle })?.stat()?.ino,
        _ => 0, // Neither `.` nor `..` is written.
    };
    let entry = |index: u64| match index {
        0 => Some((&b"."[..], own_ino, FileType::Directory)),
        1 => Some((&b".."[..], own_ino, FileType::Directory)),
        _ => {
            let entry = listing.get(usize::try_from(index - 2).ok()?)?;
            Some((&entry.name[..], entry.ino, entry.file_type))
        }
    };

    let (mut used, mut index) = (0, cookie);
    while used < buf_len
        && let Some((name, ino, file_type)) = entry(index)
    {
        index += 1;
        let head = types::dirent(index, ino, name.len() as u32, file_type);
        for bytes in [&head[..], name] {
            // As much as fits; `used` stays at most `buf_len`.
            let bytes = &bytes[..bytes.len().min((buf_len - used) as usize)];
            if !bytes.is_empty() {
                mem.write(buf + used, bytes)?;
                used += bytes.len() as u32;
            }
        }
    }
    Ok(mem.write_u32(bufused, used)?)
}

/// Writes what the preopened directory `fd` is (`prestat`, 8 bytes) at `prestat`: tag 0 and the
/// length of its name.
///
/// Fails with [`Errno::Badf`] if `fd` is not preopened. Guests count up from 3 until then.
pub fn fd_prestat_get(
    cx: &mut WasiP1Ctx,
    mem: &mut GuestMemory<'_>,
    fd: u32,
    prestat: u32,
) -> Result {
    let name = preopen_name(cx, fd)?.ok_or(Errno::Badf)?;
    let len = u32::try_from(name.len()).map_err(|_| Errno::Overflow)?;
    Ok(mem.write(prestat, &types::prestat(len))?)
}

/// Writes the name of the preopened directory `fd` into the `path_len` bytes at `path`, without a
/// NUL.
///
/// Fails with [`Errno::Notdir`] if `fd` is not preopened, and with [`Errno::Nametoolong`] if the
/// name has more bytes.
pub fn fd_prestat_dir_name(
    cx: &mut WasiP1Ctx,
    mem: &mut GuestMemory<'_>,
    fd: u32,
    path: u32,
    path_len: u32,
) -> Result {
    let name = preopen_name(cx, fd)?.ok_or(Errno::Notdir)?;
    if name.len() > path_len as usize {
        return Err(Errno::Nametoolong.into());
    }
    Ok(mem.write(path, name)?)
}

fn preopen_name(cx: &mut WasiP1Ctx, fd: u32) -> Result<Option<&[u8]>> {
    Ok(match &cx.fds.descriptor(fd)?.object {
        Object::Dir(dir) => dir.preopen.as_deref(),
        Object::File(_) | Object::Stream(_) | Object::Listener(_) => None,
    })
}

/// The entries of the directory `fd`, read anew if asked to or if that never happened.
fn listing(cx: &mut WasiP1Ctx, fd: u32, handle: Handle, anew: bool) -> Result<Arc<Vec<DirEntry>>> {
    if !anew && let Some(listing) = &cx.fds.dir(fd, Rights::empty())?.listing {
        return Ok(listing.clone());
    }
    let listing = Arc::new(cx.submit(FsOp::Entries { dir: handle })?.entries()?);
    cx.fds.keep_listing(fd, listing.clone(), MAX_LISTED)?;
    Ok(listing)
}
