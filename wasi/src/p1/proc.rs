//! The process: `proc_exit`, `proc_raise`, `sched_yield`.

use super::{Errno, GuestMemory, Result, WasiP1Ctx, WasiTrap};
use crate::host::{ClockOp, HostOp};

/// Ends the guest with the status `code`: always [`WasiTrap::Exit`].
pub fn proc_exit(cx: &mut WasiP1Ctx, mem: &mut GuestMemory<'_>, code: u32) -> Result {
    let _ = (cx, mem);
    Err(WasiTrap::Exit(code).into())
}

/// There are no signals: always [`Errno::Notsup`].
pub fn proc_raise(cx: &mut WasiP1Ctx, mem: &mut GuestMemory<'_>, sig: u32) -> Result {
    let _ = (cx, mem, sig);
    Err(Errno::Notsup.into())
}

/// Lets the host's other threads have a turn.
pub fn sched_yield(cx: &mut WasiP1Ctx, mem: &mut GuestMemory<'_>) -> Result {
    let _ = mem;
    cx.submit(HostOp::Clock(ClockOp::Yield)).map(drop)
}
