//! [`Fail`]: why a function does not succeed, and whether the guest learns of it.

use super::Errno;
use crate::host::{ErrorCode, OpId};
use std::fmt;

/// Why a function does not succeed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fail {
    /// The guest gets this as the function's result.
    Code(Errno),
    /// The guest is not to go on.
    Trap(WasiTrap),
}

/// Why a guest is not to go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum WasiTrap {
    /// It called `proc_exit` with this status.
    Exit(u32),
    /// The embedder ended its wait ([`Interrupt`](crate::Interrupt)).
    Interrupted,
    /// It has to be suspended until the operation is done. Only a decorator or a capability of
    /// the embedder's own can answer so; those of this package finish what they begin.
    Pending(OpId),
}

/// A guest's exit status, as the error that its call fails with. It has wasmtime's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct I32Exit(pub i32);

impl From<Errno> for Fail {
    fn from(errno: Errno) -> Self {
        Self::Code(errno)
    }
}

impl From<ErrorCode> for Fail {
    fn from(code: ErrorCode) -> Self {
        Self::Code(code.into())
    }
}

impl From<WasiTrap> for Fail {
    fn from(trap: WasiTrap) -> Self {
        Self::Trap(trap)
    }
}

impl fmt::Display for Fail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Code(errno) => errno.fmt(f),
            Self::Trap(trap) => trap.fmt(f),
        }
    }
}

impl fmt::Display for WasiTrap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exit(code) => I32Exit(*code as i32).fmt(f),
            Self::Interrupted => f.write_str("interrupted while waiting in a WASI call"),
            Self::Pending(OpId(id)) => write!(f, "waiting for host operation {id}"),
        }
    }
}

impl fmt::Display for I32Exit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "exited with status {}", self.0)
    }
}

impl std::error::Error for Fail {}
impl std::error::Error for WasiTrap {}
impl std::error::Error for I32Exit {}
