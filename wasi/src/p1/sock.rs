//! Sockets: `sock_accept`, `sock_recv`, `sock_send`, `sock_shutdown`.
//!
//! A guest of WASI 0.1 cannot make a socket, only be given one, and no grant gives one yet. An
//! open descriptor is therefore never a socket.

use super::{Errno, GuestMemory, Result, WasiP1Ctx};

/// Accepts a connection on the listening socket `fd` and writes its descriptor (`u32`) at
/// `accepted_fd`.
///
/// Fails with [`Errno::Notsock`] if `fd` is no socket.
pub fn sock_accept(
    cx: &mut WasiP1Ctx,
    mem: &mut GuestMemory<'_>,
    fd: u32,
    flags: u32,
    accepted_fd: u32,
) -> Result {
    let _ = (mem, flags, accepted_fd);
    not_a_socket(cx, fd)
}

/// Receives from the socket `fd` into the iovecs `iovs`, and writes the number of bytes (`u32`)
/// at `nread` and flags (`u16`) at `ro_flags`.
///
/// Fails with [`Errno::Notsock`] if `fd` is no socket.
#[expect(clippy::too_many_arguments, reason = "the signature is WASI's")]
pub fn sock_recv(
    cx: &mut WasiP1Ctx,
    mem: &mut GuestMemory<'_>,
    fd: u32,
    iovs: u32,
    iovs_len: u32,
    ri_flags: u32,
    nread: u32,
    ro_flags: u32,
) -> Result {
    let _ = (mem, iovs, iovs_len, ri_flags, nread, ro_flags);
    not_a_socket(cx, fd)
}

/// Sends the ciovecs `iovs` to the socket `fd`, and writes the number of bytes (`u32`) at
/// `nwritten`.
///
/// Fails with [`Errno::Notsock`] if `fd` is no socket.
pub fn sock_send(
    cx: &mut WasiP1Ctx,
    mem: &mut GuestMemory<'_>,
    fd: u32,
    iovs: u32,
    iovs_len: u32,
    si_flags: u32,
    nwritten: u32,
) -> Result {
    let _ = (mem, iovs, iovs_len, si_flags, nwritten);
    not_a_socket(cx, fd)
}

/// Closes the socket `fd` for reading (`how` bit 0), writing (bit 1) or both.
///
/// Fails with [`Errno::Notsock`] if `fd` is no socket.
pub fn sock_shutdown(cx: &mut WasiP1Ctx, mem: &mut GuestMemory<'_>, fd: u32, how: u32) -> Result {
    let _ = (mem, how);
    not_a_socket(cx, fd)
}

fn not_a_socket(cx: &mut WasiP1Ctx, fd: u32) -> Result {
    cx.fds.descriptor(fd)?;
    Err(Errno::Notsock.into())
}
