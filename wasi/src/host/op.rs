//! [`HostOp`]: everything a guest can ask of the world, as data.

use super::{Advice, ClockId, Direction, Handle, NewTimes, OpenHow, Stream};
use std::io::{IoSlice, IoSliceMut};

/// One request of a guest to the world.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "record", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub enum HostOp {
    /// Fill [`Io::Read`] from `from`; a file is read at `offset`. Gives `Count`. May wait.
    Read {
        /// Stream or file.
        from: Source,
        /// Where in the file.
        offset: u64,
    },
    /// Write [`Io::Write`] to `to`; a file is written at `offset`, at its end if that is `None`.
    /// Gives `Written`. May wait.
    Write {
        /// Stream or file.
        to: Source,
        /// Where in the file.
        offset: Option<u64>,
    },
    /// Whether a person is at the other end of the stream. Gives `Flag`.
    IsTerminal(Stream),
    /// Use a file or directory.
    Fs(FsOp),
    /// Use a socket.
    Net(NetOp),
    /// Use a clock.
    Clock(ClockOp),
    /// Wait for sources and deadlines. Gives `Woken`.
    Wait(WaitOp),
    /// Fill [`Io::Read`] with random bytes. Gives `Done`.
    Random,
    /// Ask how one was started.
    Env(EnvOp),
}

/// The guest memory that an operation reads into or writes from, standing beside it so that
/// nothing is copied.
#[derive(Debug)]
pub enum Io<'a, 'b> {
    /// The operation moves no bytes.
    None,
    /// To be filled in this order.
    Read(&'a mut [IoSliceMut<'b>]),
    /// To be written in this order.
    Write(&'a [IoSlice<'b>]),
}

/// What can be read, written and waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "record", derive(serde::Serialize, serde::Deserialize))]
pub enum Source {
    /// A standard stream.
    Stream(Stream),
    /// An open file.
    File(Handle),
}

/// An operation on files and directories. `dir` is an open directory, and paths are relative to
/// it; what each does is said at the method of [`Dir`](super::Dir) or [`File`](super::File) that
/// has its name.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "record", derive(serde::Serialize, serde::Deserialize))]
#[expect(missing_docs, reason = "the fields are the parameters of the methods named alike")]
#[non_exhaustive]
pub enum FsOp {
    /// The directories that were open at the start. Gives `Preopens`.
    Preopens,
    /// Gives `Opened`.
    OpenAt { dir: Handle, path: Vec<u8>, how: OpenHow },
    /// Forgets a handle. Gives `Done`.
    Close { handle: Handle },
    /// Gives `Stat`.
    Stat { handle: Handle },
    /// Gives `Done`.
    SetTimes { handle: Handle, times: NewTimes },
    /// Gives `Done`.
    SetSize { handle: Handle, size: u64 },
    /// Gives `Done`.
    Sync { handle: Handle, data_only: bool },
    /// Gives `Done`.
    Advise { handle: Handle, offset: u64, len: u64, advice: Advice },
    /// Gives `Entries`.
    Entries { dir: Handle },
    /// Gives `Stat`.
    StatAt { dir: Handle, path: Vec<u8>, follow: bool },
    /// Gives `Done`.
    SetTimesAt { dir: Handle, path: Vec<u8>, follow: bool, times: NewTimes },
    /// Gives `Done`.
    CreateDirAt { dir: Handle, path: Vec<u8> },
    /// Gives `Done`.
    RemoveDirAt { dir: Handle, path: Vec<u8> },
    /// Gives `Done`.
    UnlinkAt { dir: Handle, path: Vec<u8> },
    /// Gives `Bytes`.
    ReadLinkAt { dir: Handle, path: Vec<u8> },
    /// Gives `Done`.
    SymlinkAt { target: Vec<u8>, dir: Handle, path: Vec<u8> },
    /// Gives `Done`.
    LinkAt { from_dir: Handle, from: Vec<u8>, to_dir: Handle, to: Vec<u8> },
    /// Gives `Done`.
    RenameAt { from_dir: Handle, from: Vec<u8>, to_dir: Handle, to: Vec<u8> },
}

/// An operation on sockets. What a connection sends and receives is read and written like a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "record", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub enum NetOp {
    /// The sockets that were listening at the start. Gives `Handles`.
    Listeners,
    /// Accept a connection. Gives `Opened`. May wait.
    Accept {
        /// On which socket.
        listener: Handle,
    },
    /// Fill [`Io::Read`] with what was received, and leave it there. Gives `Count`. May wait.
    Peek {
        /// From which connection.
        socket: Handle,
    },
    /// End a connection in one direction or both. Gives `Done`.
    Shutdown {
        /// Which connection.
        socket: Handle,
        /// Nothing more is received.
        read: bool,
        /// Nothing more is sent.
        write: bool,
    },
}

/// An operation on a clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "record", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub enum ClockOp {
    /// The time. Gives `Time`.
    Now(ClockId),
    /// The resolution. Gives `Time`.
    Resolution(ClockId),
    /// Give other threads a turn. Gives `Done`.
    Yield,
}

/// An operation on the program's start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "record", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub enum EnvOp {
    /// The arguments. Gives `Strings`.
    Args,
    /// The environment, each `NAME=VALUE`. Gives `Strings`.
    Vars,
}

/// A wait, which ends with the first interest or deadline that is met.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "record", derive(serde::Serialize, serde::Deserialize))]
pub struct WaitOp {
    /// What to wait for.
    pub interests: Vec<Interest>,
    /// When to stop waiting.
    pub deadlines: Vec<Deadline>,
}

/// One thing to wait for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "record", derive(serde::Serialize, serde::Deserialize))]
pub struct Interest {
    /// Of what.
    pub source: Source,
    /// For what.
    pub direction: Direction,
}

/// A moment to wait for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "record", derive(serde::Serialize, serde::Deserialize))]
pub struct Deadline {
    /// By which clock.
    pub clock: ClockId,
    /// The moment.
    pub when: When,
}

/// A moment, in nanoseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "record", derive(serde::Serialize, serde::Deserialize))]
pub enum When {
    /// When the clock reads this.
    At(u64),
    /// This much later than now.
    In(u64),
}
