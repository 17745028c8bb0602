//! The capability to get random bytes.

use super::Result;

/// The capability to get random bytes.
pub trait Random: Send {
    /// Fills `buf`. A guest may use the bytes as secrets.
    fn fill(&mut self, buf: &mut [u8]) -> Result<()>;
}
