//! Paths: the `path_*` functions.
//!
//! A path is UTF-8 and relative to a directory the guest has open; it cannot lead out of it.
//! Common to all these functions, with the causes that are not said again:
//!
//! * [`Errno::Badf`]: the directory is a standard stream; [`Errno::Notdir`]: it is a file, or a
//!   component before the last is no directory;
//! * [`Errno::Perm`]: the path leads out, by `..`, as an absolute path or through a symbolic link,
//!   or the grant of the directory does not allow this;
//! * [`Errno::Ilseq`]: the path is not UTF-8; [`Errno::Inval`]: it has a NUL;
//!   [`Errno::Nametoolong`], [`Errno::Noent`], [`Errno::Loop`], [`Errno::Acces`]: as in POSIX.

mod entry;
mod open;
mod stat;

pub use entry::{
    path_create_directory, path_link, path_readlink, path_remove_directory, path_rename,
    path_symlink, path_unlink_file,
};
pub use open::path_open;
pub use stat::{path_filestat_get, path_filestat_set_times};

pub(crate) use stat::stat_at;

use super::rights::Rights;
use super::{Errno, GuestMemory, Result, WasiP1Ctx};
use crate::host::Handle;

/// How long a path may be, which is what Linux says. Who walks a path by itself, as cap-std does
/// where the kernel cannot be asked and a file system in memory always, would take longer ones, and
/// keeps a directory open for each component of it.
const MAX_PATH_BYTES: u32 = 4095;

/// The path in the `len` bytes at `ptr`.
fn read_path(mem: &GuestMemory<'_>, ptr: u32, len: u32) -> Result<Vec<u8>> {
    mem.check(ptr, len)?;
    if len > MAX_PATH_BYTES {
        return Err(Errno::Nametoolong.into());
    }
    let bytes = mem.slice(ptr, len)?;
    if std::str::from_utf8(&bytes).is_err() {
        return Err(Errno::Ilseq.into());
    }
    if bytes.contains(&0) {
        return Err(Errno::Inval.into());
    }
    Ok(bytes.to_vec())
}

fn dir(cx: &mut WasiP1Ctx, fd: u32, rights: Rights) -> Result<Handle> {
    Ok(cx.fds.dir(fd, rights)?.handle)
}
