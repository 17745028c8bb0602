//! Environment variables: `environ_get`, `environ_sizes_get`.

use super::args::{write_sizes, write_strings};
use super::{GuestMemory, Result, WasiP1Ctx};
use crate::host::{EnvOp, HostOp};

/// Writes the environment: pointers to its variables as an array at `environ`, themselves from
/// `environ_buf` on, each as `NAME=VALUE` ended by a NUL. How much room they need,
/// [`environ_sizes_get`] says.
pub fn environ_get(
    cx: &mut WasiP1Ctx,
    mem: &mut GuestMemory<'_>,
    environ: u32,
    environ_buf: u32,
) -> Result {
    let strings = cx.submit(HostOp::Env(EnvOp::Vars))?.strings()?;
    write_strings(mem, &strings, environ, environ_buf)
}

/// Writes the number of variables (`u32`) at `environc`, and the bytes they need (`u32`) at
/// `environ_buf_size`.
///
/// Fails with [`Errno::Overflow`](super::Errno::Overflow) if that is more than the guest can
/// address.
pub fn environ_sizes_get(
    cx: &mut WasiP1Ctx,
    mem: &mut GuestMemory<'_>,
    environc: u32,
    environ_buf_size: u32,
) -> Result {
    let strings = cx.submit(HostOp::Env(EnvOp::Vars))?.strings()?;
    write_sizes(mem, &strings, environc, environ_buf_size)
}
