//! The host's source of randomness.

use crate::host::{Random, Result};
use cap_std::AmbientAuthority;
use rustix::rand::{GetRandomFlags, getrandom};

/// Randomness from the kernel, fit for secrets.
pub(crate) struct RealRandom(());

impl RealRandom {
    pub(crate) fn new(_: AmbientAuthority) -> Self {
        Self(())
    }
}

impl Random for RealRandom {
    fn fill(&mut self, mut buf: &mut [u8]) -> Result<()> {
        while !buf.is_empty() {
            let filled =
                rustix::io::retry_on_intr(|| getrandom(&mut *buf, GetRandomFlags::empty()))?;
            buf = &mut buf[filled..]; // The kernel fills no more than it was given.
        }
        Ok(())
    }
}
