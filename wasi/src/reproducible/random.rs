//! Randomness that a seed decides.

use crate::host::{Random, Result};
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// Bytes that look random and are the same for the same seed, on every machine and in every version
/// (ChaCha20). Whoever knows the seed knows them, so they are no secrets.
#[derive(Clone, Debug)]
pub struct SeededRandom(ChaCha20Rng);

impl SeededRandom {
    /// The bytes of a seed.
    pub fn new(seed: u64) -> Self {
        Self(ChaCha20Rng::seed_from_u64(seed))
    }
}

impl Random for SeededRandom {
    fn fill(&mut self, buf: &mut [u8]) -> Result<()> {
        self.0.fill_bytes(buf);
        Ok(())
    }
}

#[test]
fn a_seed_gives_the_same_bytes_for_ever() {
    let mut bytes = [0; 8];
    SeededRandom::new(7).fill(&mut bytes).unwrap();
    assert_eq!(bytes, [25, 69, 74, 39, 183, 82, 249, 5]);
}
