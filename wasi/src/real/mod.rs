//! The capabilities over cap-std and rustix.
//!
//! Nothing here opens a path by name or reaches for a global: whatever stands for the process's
//! own authority is made with an [`cap_std::AmbientAuthority`], which only
//! [`ambient`](crate::ambient) calls up. Each file is for Unix; another platform gets files of
//! its own beside them.

mod clock;
mod dir;
mod error;
mod file;
mod net;
mod poll;
mod random;
mod stat;
mod stdio;

pub(crate) use clock::RealClock;
pub use dir::RealDir;
pub(crate) use net::{RealConnection, RealListener};
pub(crate) use poll::wait as wait_for_sources;
pub(crate) use random::RealRandom;
pub(crate) use stdio::{RealInput, RealOutput};
