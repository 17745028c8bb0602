//! The WASI hosts of rwasm: what a guest can touch outside its sandbox.
//!
//! Part of rwasm; the crate `rwasm` is the one with stability promises.
//!
//! A front end ([`p1`]) holds the ABI of one WASI version and nothing else. It reaches the world
//! through one door, [`host::HostSession::submit`], behind which stand the capabilities that a
//! [`WasiCtx`] was given: directories, streams, clocks, randomness, arguments. What a context was
//! not given does not exist for its guest.
//!
//! | folder | what |
//! |---|---|
//! | [`host`] | the seam: operations, results, capability traits, grants, interruption |
//! | `loopback` | connections that never leave the process |
//! | `memory/` | a file system in memory, which may be over a directory |
//! | `record` | runs that are recorded and replayed (feature `record`) |
//! | `quota`, `deny` | decorators: how much a guest may use up, and what it may not do |
//! | `reproducible/` | clocks and randomness that are the same in every run |
//! | [`usage`] | what a guest used of what it was given |
//! | `real/` | the capabilities over cap-std and rustix |
//! | [`p1`] | WASI 0.1 (`wasi_snapshot_preview1`) |
//! | [`p0`] | what came before it (`wasi_unstable`): where that is different |
//! | [`threads`] | wasi-threads (`wasi::thread-spawn`) |
//! | [`ambient`] | the only file that takes anything from the process by name |
//!
//! ```
//! use rwasm_wasi::{MemoryOutputPipe, WasiCtxBuilder};
//! use rwasm_wasi::p1::{GuestMemory, functions};
//!
//! let stdout = MemoryOutputPipe::new(1024);
//! let mut cx = WasiCtxBuilder::new().stdout(stdout.clone()).build_p1();
//! let mut bytes = vec![0; 64];
//! bytes[..8].copy_from_slice(&[8, 0, 0, 0, 5, 0, 0, 0]); // One ciovec: 5 bytes at address 8.
//! bytes[8..13].copy_from_slice(b"hello");
//! functions::fd_write(&mut cx, &mut GuestMemory::new(&mut bytes), 1, 0, 1, 16).unwrap();
//! assert_eq!(stdout.contents(), b"hello");
//! ```

#![forbid(unsafe_code)]

pub mod ambient;
mod ctx;
mod deny;
mod escaped;
pub mod host;
mod loopback;
mod memory;
pub mod p0;
pub mod p1;
mod quota;
mod real;
#[cfg(feature = "record")]
pub mod record;
mod reproducible;
mod stream;
pub mod threads;
pub mod usage;

pub use ctx::{WasiCtx, WasiCtxBuilder};
pub use deny::deny;
pub use escaped::EscapedOutput;
pub use host::{DirPerms, FilePerms, InputStream, Interrupt, Listener, OutputStream};
pub use loopback::{Loopback, LoopbackListener};
pub use memory::{MemoryDir, MemoryFs};
pub use p1::{I32Exit, SharedP1Ctx, WasiP1Ctx};
pub use quota::Quota;
pub use real::RealDir;
pub use reproducible::{SeededRandom, VirtualClock};
pub use stream::{ClosedInput, MemoryInputPipe, MemoryOutputPipe, SinkOutput};
pub use threads::WasiThreads;
