//! The functions of WASI 0.1, called as linked guests call them: over bytes as guest memory and a
//! temporary directory, one in memory, or one in memory over another, as the world.
//!
//! What a guest, or somebody beside it, could try, and the tests of it; `cli` is `tools/cli/tests`:
//!
//! | what | tests |
//! |---|---|
//! | nothing granted; `..`, absolute paths, links that lead out | `escapes` |
//! | chains and loops of links, targets with a slash, links that dangle | `resolution` |
//! | directories that are moved | `escapes`, `resolution`; while a path is resolved: `races` |
//! | a directory that is swapped with a link while a path is resolved | `races` |
//! | magic links of `/proc` | `resolution` |
//! | NUL, long names, long paths | `resolution`; no UTF-8: `paths` |
//! | named pipes, sockets, devices | `resolution` |
//! | all of it without `openat2`, where it is forbidden, as another user than root | `reruns` |
//! | every call that changes something, under each grant | `read_only` |
//! | grants that are widened by moving files | `read_only` |
//! | numbers of descriptors, what is left open on the host | `table`, `descriptors` |
//! | pointers and lengths out of memory, odd, shared | `every_pointer`, `pointers` |
//! | pipes that nobody reads, full disks, closed streams | `streams`, `cli/streams.rs` |
//! | control sequences for terminals | `streams`, `cli/streams.rs`, `spec-tests/cli/names_evil.wat` |
//! | descriptors, randomness | `limits`; what an embedder refuses or bounds besides: `bounds` |
//! | directories with very many entries | `src/real/dir.rs`, `src/p1/table.rs` |
//! | waits that are to be ended | `polling`, `limits`, `cli/interruption.rs` |

mod backend;
mod bounds;
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
