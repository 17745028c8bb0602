//! Descriptor numbers: `fd_close`, `fd_renumber`.

use crate::p1::{GuestMemory, Result, WasiP1Ctx};

/// Closes `fd`. Its number is free from then on, also if closing fails. A standard stream is
/// closed for the guest only.
pub fn fd_close(cx: &mut WasiP1Ctx, mem: &mut GuestMemory<'_>, fd: u32) -> Result {
    let _ = mem;
    let descriptor = cx.fds.remove(fd)?;
    cx.release(descriptor)
}

/// Gives what `fd` stands for the number `to`, closing what had it; `fd` is free from then on.
/// Preopened directories and standard streams move like anything else.
///
/// Fails with [`Errno::Badf`](crate::p1::Errno::Badf) if either is not open: a guest cannot pick
/// a number that is free.
pub fn fd_renumber(cx: &mut WasiP1Ctx, mem: &mut GuestMemory<'_>, fd: u32, to: u32) -> Result {
    let _ = mem;
    match cx.fds.renumber(fd, to)? {
        Some(replaced) => cx.release(replaced),
        None => Ok(()),
    }
}
