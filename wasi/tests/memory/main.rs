//! The file system in memory.

mod alone;
mod beside;
mod dice;
#[path = "../host/mod.rs"]
mod host;
mod over;
