//! WASI 0.1: the front end for core modules that import `wasi_snapshot_preview1`.
//!
//! Each of the 46 functions is a plain function over a [`WasiP1Ctx`] and the guest's memory:
//! parameters are the wasm ones bit for bit, and results go to the addresses the guest gave.
//! `functions` has them all; [`for_each_p1_function!`](crate::for_each_p1_function) lists them
//! for code that links them, and [`add_to_linker`] is that code for our own runtime.
//!
//! What is common to all: a pointer or length that leaves memory is [`Errno::Fault`], an unknown
//! bit in a flags parameter or an unknown enum value is [`Errno::Inval`], a number that is no
//! open descriptor is [`Errno::Badf`], and a right that `fd_fdstat_set_rights` gave up is
//! [`Errno::Notcapable`]. Nothing is changed by a call that fails so. The documentation of a
//! function lists what it can fail with besides.
//!
//! Snapshot 0, which came before, is [`p0`](crate::p0): the same functions but for a few.
//!
//! Where the specification leaves room, behaviour is that of wasmtime, so that programs tested
//! there run here.

mod args;
mod clock;
mod ctx;
mod environ;
mod errno;
mod fail;
pub(crate) mod fd;
mod memory;
pub(crate) mod path;
pub(crate) mod poll;
mod proc;
mod random;
mod rights;
mod shared;
mod sock;
mod table;
pub mod trace;
pub(crate) mod types;

#[macro_use]
mod list;
pub(crate) mod link;

/// The functions of `wasi_snapshot_preview1`, under their own names.
pub mod functions {
    pub use super::args::{args_get, args_sizes_get};
    pub use super::clock::{clock_res_get, clock_time_get};
    pub use super::environ::{environ_get, environ_sizes_get};
    pub use super::fd::{
        fd_advise, fd_allocate, fd_close, fd_datasync, fd_fdstat_get, fd_fdstat_set_flags,
        fd_fdstat_set_rights, fd_filestat_get, fd_filestat_set_size, fd_filestat_set_times,
        fd_pread, fd_prestat_dir_name, fd_prestat_get, fd_pwrite, fd_read, fd_readdir, fd_renumber,
        fd_seek, fd_sync, fd_tell, fd_write,
    };
    pub use super::path::{
        path_create_directory, path_filestat_get, path_filestat_set_times, path_link, path_open,
        path_readlink, path_remove_directory, path_rename, path_symlink, path_unlink_file,
    };
    pub use super::poll::poll_oneoff;
    pub use super::proc::{proc_exit, proc_raise, sched_yield};
    pub use super::random::random_get;
    pub use super::sock::{sock_accept, sock_recv, sock_send, sock_shutdown};
}

pub use ctx::WasiP1Ctx;
pub use errno::Errno;
pub use fail::{Fail, I32Exit, WasiTrap};
pub use link::{
    add_imports_to_linker, add_shared_imports_to_linker, add_shared_to_linker, add_to_linker,
};
pub use memory::GuestMemory;
pub use shared::SharedP1Ctx;

/// The name under which guests import these functions.
pub const MODULE: &str = "wasi_snapshot_preview1";

/// What a function gives.
pub type Result<T = ()> = std::result::Result<T, Fail>;
