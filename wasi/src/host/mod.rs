//! The seam between the WASI front ends and the world.
//!
//! A front end turns a guest's call into a [`HostOp`] and submits it to its [`HostSession`]; the
//! answer is an [`Outcome`]. Operations are plain data with owned bytes, so that a decorator
//! ([`Host`] around a [`Host`]) can log, refuse, replay or delay them. The bytes of reads and
//! writes stand beside the operation in [`Io`], borrowed from the guest's memory, so that they
//! are never copied here.
//!
//! **Invariant:** no front end touches the world but through [`HostSession::submit`].

mod clock;
mod env;
mod error;
mod fs;
mod grant;
mod interrupt;
mod net;
mod nodes;
mod op;
mod patience;
mod random;
mod ret;
mod session;
mod stdio;
mod text;
mod world;

pub use clock::{Clock, ClockId, OsWait, Woken};
pub use env::{Env, FixedEnv};
pub use error::ErrorCode;
pub use fs::{
    Advice, Dir, DirEntry, File, FileStat, FileType, NewTime, NewTimes, Node, OpenHow, Written,
};
pub use grant::{DirPerms, FilePerms, Grant};
pub use interrupt::Interrupt;
pub use net::Listener;
pub use nodes::Preopened;
pub use op::{ClockOp, Deadline, EnvOp, FsOp, HostOp, Interest, Io, NetOp, Source, WaitOp, When};
pub(crate) use patience::{Attempt, Impatient, Times};
pub use random::Random;
pub use ret::{HostRet, Opened, Preopen};
pub use session::{Host, HostSession, OpId, Outcome};
pub use stdio::{Direction, InputStream, OsSource, OutputStream, Readiness, Ready, Stdio, Stream};
pub use world::World;

/// A file or directory that a guest has open, numbered by the seam. The numbers are handed out
/// in an order that depends on the operations alone, never on the host.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "record", derive(serde::Serialize, serde::Deserialize))]
pub struct Handle(pub u32);

/// What a capability answers.
pub type Result<T> = std::result::Result<T, ErrorCode>;
