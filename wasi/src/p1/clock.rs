//! Clocks: `clock_res_get`, `clock_time_get`.

use super::{GuestMemory, Result, WasiP1Ctx, types};
use crate::host::{ClockOp, HostOp};

/// Writes the resolution of the clock `id` in nanoseconds (`u64`) at `resolution`.
///
/// Clocks are 0 (time of day) and 1 (monotonic). Fails with
/// [`Errno::Inval`](super::Errno::Inval) for any other; 2 and 3 (processor time) are known to
/// WASI but not given to guests.
pub fn clock_res_get(
    cx: &mut WasiP1Ctx,
    mem: &mut GuestMemory<'_>,
    id: u32,
    resolution: u32,
) -> Result {
    let clock = types::clockid(id)?;
    let nanos = cx.submit(HostOp::Clock(ClockOp::Resolution(clock)))?.time()?;
    Ok(mem.write_u64(resolution, nanos)?)
}

/// Writes the time of the clock `id` in nanoseconds (`u64`) at `time`. The precision asked for is
/// not needed: the clock is read afresh each time.
///
/// Fails as [`clock_res_get`] does.
pub fn clock_time_get(
    cx: &mut WasiP1Ctx,
    mem: &mut GuestMemory<'_>,
    id: u32,
    precision: u64,
    time: u32,
) -> Result {
    let _ = precision;
    let clock = types::clockid(id)?;
    let nanos = cx.submit(HostOp::Clock(ClockOp::Now(clock)))?.time()?;
    Ok(mem.write_u64(time, nanos)?)
}
