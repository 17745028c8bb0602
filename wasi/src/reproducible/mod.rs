//! Capabilities that are the same in every run: clocks and randomness.

mod clock;
mod random;

pub use clock::VirtualClock;
pub use random::SeededRandom;
