//! Standard streams, and what it means that something is ready.

use std::io::{self, IoSlice, IoSliceMut};

/// What the operating system can be asked to watch.
#[cfg(unix)]
pub type OsSource<'a> = std::os::fd::BorrowedFd<'a>;
/// What the operating system can be asked to watch.
#[cfg(windows)]
pub type OsSource<'a> = std::os::windows::io::BorrowedHandle<'a>;

/// One of the three standard streams.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "record", derive(serde::Serialize, serde::Deserialize))]
pub enum Stream {
    /// Standard input.
    In,
    /// Standard output.
    Out,
    /// Standard error.
    Err,
}

/// What one waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "record", derive(serde::Serialize, serde::Deserialize))]
pub enum Direction {
    /// A read that does not block.
    Read,
    /// A write that does not block.
    Write,
}

/// How something is ready.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "record", derive(serde::Serialize, serde::Deserialize))]
pub struct Ready {
    /// Bytes known to be available; for writes, at least this much fits.
    pub bytes: u64,
    /// The other end is closed, or a file's end is reached.
    pub hangup: bool,
}

/// Whether a read or write would block.
#[derive(Debug)]
pub enum Readiness<'a> {
    /// It would not.
    Ready(Ready),
    /// Ask the operating system.
    Os(OsSource<'a>),
}

impl Readiness<'_> {
    /// Ready, with nothing known about how much.
    pub const NOW: Self = Self::Ready(Ready { bytes: 1, hangup: false });
}

/// Where a guest's standard input comes from.
pub trait InputStream: Send {
    /// Fills the buffers in order with what is there; 0 is the end. Called when
    /// [`InputStream::readiness`] allows.
    fn read(&mut self, bufs: &mut [IoSliceMut<'_>]) -> io::Result<usize>;

    /// Whether a read would block.
    fn readiness(&self) -> Readiness<'_> {
        Readiness::NOW
    }

    /// Whether a person types it.
    fn is_terminal(&self) -> bool {
        false
    }
}

/// Where a guest's standard output or error goes.
pub trait OutputStream: Send {
    /// Writes the buffers in order, or as much as can be.
    fn write(&mut self, bufs: &[IoSlice<'_>]) -> io::Result<usize>;

    /// As [`OutputStream::write`], but never blocks: fails with [`io::ErrorKind::WouldBlock`] instead,
    /// or with [`io::ErrorKind::Unsupported`] where the stream cannot be written so. Called where
    /// [`OutputStream::readiness`] is the operating system's to say.
    fn write_at_once(&mut self, bufs: &[IoSlice<'_>]) -> io::Result<usize> {
        let _ = bufs;
        Err(io::ErrorKind::Unsupported.into())
    }

    /// Whether a write would block.
    fn readiness(&self) -> Readiness<'_> {
        Readiness::NOW
    }

    /// Whether a person reads it.
    fn is_terminal(&self) -> bool {
        false
    }
}

impl OutputStream for Box<dyn OutputStream> {
    fn write(&mut self, bufs: &[IoSlice<'_>]) -> io::Result<usize> {
        (**self).write(bufs)
    }

    fn write_at_once(&mut self, bufs: &[IoSlice<'_>]) -> io::Result<usize> {
        (**self).write_at_once(bufs)
    }

    fn readiness(&self) -> Readiness<'_> {
        (**self).readiness()
    }

    fn is_terminal(&self) -> bool {
        (**self).is_terminal()
    }
}

/// The capability to use standard streams.
pub struct Stdio {
    /// Standard input.
    pub stdin: Box<dyn InputStream>,
    /// Standard output.
    pub stdout: Box<dyn OutputStream>,
    /// Standard error.
    pub stderr: Box<dyn OutputStream>,
}

impl Stdio {
    /// Whether a person is at the other end of `stream`.
    pub fn is_terminal(&self, stream: Stream) -> bool {
        match stream {
            Stream::In => self.stdin.is_terminal(),
            Stream::Out => self.stdout.is_terminal(),
            Stream::Err => self.stderr.is_terminal(),
        }
    }

    /// Whether using `stream` would block.
    pub fn readiness(&self, stream: Stream) -> Readiness<'_> {
        match stream {
            Stream::In => self.stdin.readiness(),
            Stream::Out => self.stdout.readiness(),
            Stream::Err => self.stderr.readiness(),
        }
    }
}
