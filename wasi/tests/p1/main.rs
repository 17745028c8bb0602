//! The functions of WASI 0.1, called as linked guests call them: over bytes as guest memory and a
//! temporary directory, one in memory, or one in memory over another, as the world.

mod backend;
mod descriptors;
mod directories;
mod escapes;
mod every_pointer;
mod files;
mod guest;
#[path = "../host/mod.rs"]
mod host;
mod limits;
mod paths;
mod pointers;
mod polling;
mod races;
mod read_only;
#[cfg(target_os = "linux")]
mod reruns;
mod resolution;
mod seam;
mod snapshot_0;
mod sockets;
mod startup;
mod streams;
mod table;
