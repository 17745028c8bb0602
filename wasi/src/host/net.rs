//! The capability to be connected to: [`Listener`]. A connection is a [`File`](super::File).

use super::{File, Readiness, Result};

/// The capability to accept connections at one address.
pub trait Listener: Send {
    /// The next connection. Fails with [`ErrorCode::WouldBlock`](super::ErrorCode::WouldBlock) if
    /// there is none yet.
    fn accept(&mut self) -> Result<Box<dyn File>>;

    /// Whether there is one.
    fn readiness(&self) -> Readiness<'_>;
}
