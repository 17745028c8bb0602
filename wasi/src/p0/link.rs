//! The functions as what modules import: those of 0.1 and the ones that differ.

use super::{MODULE, functions};
use crate::p1::link::{self, Enter, Own, Shared, errno, imports};
use crate::p1::trace::{Bits, traced};
use crate::{SharedP1Ctx, WasiP1Ctx};
use rwasm_runtime::{Caller, Linker, Module, Result};

/// The functions of 0.1 that are not those of snapshot 0: four differ, the last came later.
const NOT_SHARED: [&str; 5] =
    ["fd_filestat_get", "fd_seek", "path_filestat_get", "poll_oneoff", "sock_accept"];

/// Defines the functions of `wasi_unstable` in `linker`, as
/// [`p1::add_to_linker`](crate::p1::add_to_linker) does those of 0.1. A linker can have both.
///
/// # Errors
///
/// If `linker` has one of the names already.
pub fn add_to_linker<T: 'static>(
    linker: &mut Linker<T>,
    get: impl Fn(&mut T) -> &mut WasiP1Ctx + Copy + Send + Sync + 'static,
) -> Result<()> {
    add(linker, Own(get), &|_| true)
}

/// As [`add_to_linker`], but defines only what `module` imports.
///
/// # Errors
///
/// If `linker` has one of the names already.
pub fn add_imports_to_linker<T: 'static>(
    linker: &mut Linker<T>,
    module: &Module,
    get: impl Fn(&mut T) -> &mut WasiP1Ctx + Copy + Send + Sync + 'static,
) -> Result<()> {
    add(linker, Own(get), &|name| imports(module, MODULE, name))
}

/// As [`add_to_linker`], for guests of several threads that share a context.
///
/// # Errors
///
/// If `linker` has one of the names already.
pub fn add_shared_to_linker<T: 'static>(
    linker: &mut Linker<T>,
    get: impl Fn(&mut T) -> &SharedP1Ctx + Copy + Send + Sync + 'static,
) -> Result<()> {
    add(linker, Shared(get), &|_| true)
}

/// As [`add_shared_to_linker`], but defines only what `module` imports.
///
/// # Errors
///
/// If `linker` has one of the names already.
pub fn add_shared_imports_to_linker<T: 'static>(
    linker: &mut Linker<T>,
    module: &Module,
    get: impl Fn(&mut T) -> &SharedP1Ctx + Copy + Send + Sync + 'static,
) -> Result<()> {
    add(linker, Shared(get), &|name| imports(module, MODULE, name))
}

fn add<T: 'static>(
    linker: &mut Linker<T>,
    context: impl Enter<T>,
    wanted: &dyn Fn(&str) -> bool,
) -> Result<()> {
    define(linker, MODULE, context, wanted)?;
    link::define(linker, MODULE, context, &|name| !NOT_SHARED.contains(&name) && wanted(name))
}

link::definer! {
    fd_filestat_get(fd: i32, stat: i32) -> errno;
    fd_seek(fd: i32, offset: i64, whence: i32, newoffset: i32) -> errno;
    path_filestat_get(fd: i32, flags: i32, path: i32, path_len: i32, stat: i32) -> errno;
    poll_oneoff(subs: i32, events: i32, nsubscriptions: i32, nevents: i32) -> errno;
}
