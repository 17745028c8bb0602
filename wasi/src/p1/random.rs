//! Randomness: `random_get`.

use super::ctx::settle;
use super::{GuestMemory, Result, WasiP1Ctx};
use crate::host::{HostOp, Io};
use std::io::IoSliceMut;

/// Fills `buf_len` bytes at `buf` with randomness fit for secrets.
///
/// Fails with [`Errno::Io`](super::Errno::Io) and the like if the host has none.
pub fn random_get(cx: &mut WasiP1Ctx, mem: &mut GuestMemory<'_>, buf: u32, buf_len: u32) -> Result {
    mem.fill(buf, buf_len, |bytes| {
        let mut bufs = [IoSliceMut::new(bytes)];
        settle(cx.session.submit(HostOp::Random, Io::Read(&mut bufs))).map(drop)
    })
}
