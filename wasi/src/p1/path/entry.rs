//! Names in directories: `path_create_directory`, `path_link`, `path_readlink`,
//! `path_remove_directory`, `path_rename`, `path_symlink`, `path_unlink_file`.

use super::{dir, read_path};
use crate::host::FsOp;
use crate::p1::rights::{self, LookupFlags, Rights};
use crate::p1::{Errno, GuestMemory, Result, WasiP1Ctx};

/// Makes a directory.
///
/// Fails with [`Errno::Exist`] if there is something of that name.
pub fn path_create_directory(
    cx: &mut WasiP1Ctx,
    mem: &mut GuestMemory<'_>,
    fd: u32,
    path: u32,
    path_len: u32,
) -> Result {
    let dir = dir(cx, fd, Rights::PATH_CREATE_DIRECTORY)?;
    let path = read_path(mem, path, path_len)?;
    cx.submit(FsOp::CreateDirAt { dir, path }).map(drop)
}

/// Gives what the old path names, itself also if a symbolic link, the new path as well.
///
/// Fails with [`Errno::Exist`] if there is something of the new name, with [`Errno::Inval`] if
/// `old_flags` asks for links to be followed, with [`Errno::Perm`] if it is a directory, or if
/// the new directory's grant allows more than the old one's, with [`Errno::Noent`] if the new
/// path ends in a slash, and with [`Errno::Xdev`] if the two are on different file systems.
#[expect(clippy::too_many_arguments, reason = "the signature is WASI's")]
pub fn path_link(
    cx: &mut WasiP1Ctx,
    mem: &mut GuestMemory<'_>,
    old_fd: u32,
    old_flags: u32,
    old_path: u32,
    old_path_len: u32,
    new_fd: u32,
    new_path: u32,
    new_path_len: u32,
) -> Result {
    let lookup = rights::parse::<LookupFlags>(old_flags)?;
    let from_dir = dir(cx, old_fd, Rights::PATH_LINK_SOURCE)?;
    let to_dir = dir(cx, new_fd, Rights::PATH_LINK_TARGET)?;
    let from = read_path(mem, old_path, old_path_len)?;
    let to = read_path(mem, new_path, new_path_len)?;
    if lookup.contains(LookupFlags::SYMLINK_FOLLOW) {
        return Err(Errno::Inval.into());
    }
    cx.submit(FsOp::LinkAt { from_dir, from, to_dir, to }).map(drop)
}

/// Writes what the symbolic link says into the `buf_len` bytes at `buf`, cutting it off where
/// they end, and the number of bytes (`u32`) at `bufused`.
///
/// Fails with [`Errno::Inval`] if it is no symbolic link, and with [`Errno::Perm`] if what it
/// says is absolute: that is a path of the host.
#[expect(clippy::too_many_arguments, reason = "the signature is WASI's")]
pub fn path_readlink(
    cx: &mut WasiP1Ctx,
    mem: &mut GuestMemory<'_>,
    fd: u32,
    path: u32,
    path_len: u32,
    buf: u32,
    buf_len: u32,
    bufused: u32,
) -> Result {
    mem.check(buf, buf_len)?;
    mem.check(bufused, 4)?;
    let dir = dir(cx, fd, Rights::PATH_READLINK)?;
    let path = read_path(mem, path, path_len)?;
    let target = cx.submit(FsOp::ReadLinkAt { dir, path })?.bytes()?;
    let used = target.len().min(buf_len as usize);
    mem.write(buf, &target[..used])?;
    Ok(mem.write_u32(bufused, used as u32)?) // At most `buf_len`.
}

/// Removes an empty directory.
///
/// Fails with [`Errno::Notempty`] if it is not, and with [`Errno::Notdir`] if it is something
/// else.
pub fn path_remove_directory(
    cx: &mut WasiP1Ctx,
    mem: &mut GuestMemory<'_>,
    fd: u32,
    path: u32,
    path_len: u32,
) -> Result {
    let dir = dir(cx, fd, Rights::PATH_REMOVE_DIRECTORY)?;
    let path = read_path(mem, path, path_len)?;
    cx.submit(FsOp::RemoveDirAt { dir, path }).map(drop)
}

/// Gives what the old path names the new path instead, replacing what has it.
///
/// Fails with [`Errno::Notempty`] if a directory is to replace one that is not empty, with
/// [`Errno::Notdir`] and [`Errno::Isdir`] if only one of the two is a directory, with
/// [`Errno::Perm`] if the new directory's grant allows more than the old one's, with
/// [`Errno::Inval`] if a directory is to move below itself, and with [`Errno::Xdev`] if the two
/// are on different file systems.
#[expect(clippy::too_many_arguments, reason = "the signature is WASI's")]
pub fn path_rename(
    cx: &mut WasiP1Ctx,
    mem: &mut GuestMemory<'_>,
    fd: u32,
    old_path: u32,
    old_path_len: u32,
    new_fd: u32,
    new_path: u32,
    new_path_len: u32,
) -> Result {
    let from_dir = dir(cx, fd, Rights::PATH_RENAME_SOURCE)?;
    let to_dir = dir(cx, new_fd, Rights::PATH_RENAME_TARGET)?;
    let from = read_path(mem, old_path, old_path_len)?;
    let to = read_path(mem, new_path, new_path_len)?;
    cx.submit(FsOp::RenameAt { from_dir, from, to_dir, to }).map(drop)
}

/// Makes a symbolic link at the new path, in the directory `fd`, that says the old path.
///
/// Fails with [`Errno::Exist`] if there is something of the new name, and with [`Errno::Perm`] if
/// the old path is absolute. It may lead nowhere, or out of the directory: following it is what
/// then fails.
pub fn path_symlink(
    cx: &mut WasiP1Ctx,
    mem: &mut GuestMemory<'_>,
    old_path: u32,
    old_path_len: u32,
    fd: u32,
    new_path: u32,
    new_path_len: u32,
) -> Result {
    let dir = dir(cx, fd, Rights::PATH_SYMLINK)?;
    let target = read_path(mem, old_path, old_path_len)?;
    let path = read_path(mem, new_path, new_path_len)?;
    cx.submit(FsOp::SymlinkAt { target, dir, path }).map(drop)
}

/// Removes the name of a file or symbolic link.
///
/// Fails with [`Errno::Isdir`] if it is a directory's.
pub fn path_unlink_file(
    cx: &mut WasiP1Ctx,
    mem: &mut GuestMemory<'_>,
    fd: u32,
    path: u32,
    path_len: u32,
) -> Result {
    let dir = dir(cx, fd, Rights::PATH_UNLINK_FILE)?;
    let path = read_path(mem, path, path_len)?;
    cx.submit(FsOp::UnlinkAt { dir, path }).map(drop)
}
