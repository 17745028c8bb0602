//! Descriptors: the `fd_*` functions.

mod dir;
mod file;
mod io;
mod stat;
mod table;

pub use dir::{fd_prestat_dir_name, fd_prestat_get, fd_readdir};
pub use file::{
    fd_advise, fd_allocate, fd_datasync, fd_filestat_set_size, fd_seek, fd_sync, fd_tell,
};
pub use io::{fd_pread, fd_pwrite, fd_read, fd_write};
pub use stat::{
    fd_fdstat_get, fd_fdstat_set_flags, fd_fdstat_set_rights, fd_filestat_get,
    fd_filestat_set_times,
};
pub use table::{fd_close, fd_renumber};

pub(crate) use file::seek;
pub(super) use stat::new_times;
pub(crate) use stat::stat_of;
