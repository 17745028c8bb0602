//! Arguments: `args_get`, `args_sizes_get`.

use super::{Errno, GuestMemory, Result, WasiP1Ctx};
use crate::host::{EnvOp, HostOp};

/// Writes the arguments: pointers to them as an array at `argv`, themselves from `argv_buf` on,
/// each ended by a NUL. How much room they need, [`args_sizes_get`] says.
///
/// ```text
/// argv      ptr to "a"  ptr to "bc"
/// argv_buf  'a' 00 'b' 'c' 00
/// ```
pub fn args_get(cx: &mut WasiP1Ctx, mem: &mut GuestMemory<'_>, argv: u32, argv_buf: u32) -> Result {
    let strings = cx.submit(HostOp::Env(EnvOp::Args))?.strings()?;
    write_strings(mem, &strings, argv, argv_buf)
}

/// Writes the number of arguments (`u32`) at `argc`, and the bytes they need (`u32`) at
/// `argv_buf_size`.
///
/// Fails with [`Errno::Overflow`] if that is more than the guest can address.
pub fn args_sizes_get(
    cx: &mut WasiP1Ctx,
    mem: &mut GuestMemory<'_>,
    argc: u32,
    argv_buf_size: u32,
) -> Result {
    let strings = cx.submit(HostOp::Env(EnvOp::Args))?.strings()?;
    write_sizes(mem, &strings, argc, argv_buf_size)
}

/// Writes NUL-ended `strings` from `buf` on, and pointers to them at `ptrs`.
pub(super) fn write_strings(
    mem: &mut GuestMemory<'_>,
    strings: &[Vec<u8>],
    mut ptrs: u32,
    mut buf: u32,
) -> Result {
    for string in strings {
        mem.write_u32(ptrs, buf)?;
        mem.write(buf, string)?;
        let len = u32::try_from(string.len()).map_err(|_| Errno::Overflow)?;
        let nul = buf.checked_add(len).ok_or(Errno::Fault)?;
        mem.write(nul, &[0])?;
        // What was written ends inside memory, so at most at 2^32: only the sums can be there.
        (ptrs, buf) = (ptrs.wrapping_add(4), nul.wrapping_add(1));
    }
    Ok(())
}

/// Writes the number of `strings` and the bytes that [`write_strings`] needs for them.
pub(super) fn write_sizes(
    mem: &mut GuestMemory<'_>,
    strings: &[Vec<u8>],
    count: u32,
    size: u32,
) -> Result {
    let bytes: usize = strings.iter().map(|string| string.len() + 1).sum();
    let number = u32::try_from(strings.len()).map_err(|_| Errno::Overflow)?;
    let bytes = u32::try_from(bytes).map_err(|_| Errno::Overflow)?;
    mem.write_u32(count, number)?;
    mem.write_u32(size, bytes)?;
    Ok(())
}
