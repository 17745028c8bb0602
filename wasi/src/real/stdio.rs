//! Standard streams over descriptors: those of the process, and files.
//!
//! They go straight to the descriptors. Their flags are never changed: the descriptors are shared
//! with whoever started the process, and a shell whose terminal was left non-blocking misbehaves.
//! A read therefore waits first, and so does a write where the system cannot be asked for one that
//! does not block; that it could block after all when someone else takes the input in between, or
//! fills the pipe, is the price.

use super::stat;
use crate::host::{FileType, InputStream, OutputStream, Readiness};
use cap_std::AmbientAuthority;
use std::io::{self, IoSlice, IoSliceMut, IsTerminal};
use std::os::fd::AsFd;

/// Standard input from a descriptor.
pub(crate) struct RealInput<S> {
    stream: S,
    /// Whether reads may have to wait; a regular file's never do.
    waits: bool,
}

impl<S: AsFd + IsTerminal + Send> RealInput<S> {
    pub(crate) fn new(stream: S, _: AmbientAuthority) -> Self {
        let waits = waits(&stream);
        Self { stream, waits }
    }
}

/// Whether using a descriptor may have to wait.
fn waits(stream: &impl AsFd) -> bool {
    rustix::fs::fstat(stream.as_fd())
        .is_ok_and(|stat| stat::from_mode(stat.st_mode) != FileType::RegularFile)
}

impl<S: AsFd + IsTerminal + Send> InputStream for RealInput<S> {
    fn read(&mut self, bufs: &mut [IoSliceMut<'_>]) -> io::Result<usize> {
        Ok(rustix::io::readv(self.stream.as_fd(), bufs)?)
    }

    fn readiness(&self) -> Readiness<'_> {
        if self.waits { Readiness::Os(self.stream.as_fd()) } else { Readiness::NOW }
    }

    fn is_terminal(&self) -> bool {
        self.stream.is_terminal()
    }
}

/// Standard output or error to a descriptor.
pub(crate) struct RealOutput<S> {
    stream: S,
    /// Whether writes may have to wait; a regular file's never do.
    waits: bool,
    /// Whether a single write can be asked not to block.
    at_once: bool,
}

impl<S: AsFd + IsTerminal + Send> RealOutput<S> {
    pub(crate) fn new(stream: S, _: AmbientAuthority) -> Self {
        let waits = waits(&stream);
        Self { stream, waits, at_once: cfg!(target_os = "linux") }
    }
}

impl<S: AsFd + IsTerminal + Send> OutputStream for RealOutput<S> {
    fn write(&mut self, bufs: &[IoSlice<'_>]) -> io::Result<usize> {
        Ok(rustix::io::writev(self.stream.as_fd(), bufs)?)
    }

    /// Pipes can since Linux 6.4, terminals cannot.
    #[cfg(target_os = "linux")]
    fn write_at_once(&mut self, bufs: &[IoSlice<'_>]) -> io::Result<usize> {
        use rustix::io::{Errno, ReadWriteFlags, pwritev2};
        if !self.at_once {
            return Err(io::ErrorKind::Unsupported.into());
        }
        // The offset stands for the descriptor's own position.
        match pwritev2(self.stream.as_fd(), bufs, u64::MAX, ReadWriteFlags::NOWAIT) {
            Err(Errno::OPNOTSUPP | Errno::NOSYS | Errno::INVAL) => {
                self.at_once = false;
                Err(io::ErrorKind::Unsupported.into())
            }
            written => Ok(written?),
        }
    }

    fn readiness(&self) -> Readiness<'_> {
        if self.waits { Readiness::Os(self.stream.as_fd()) } else { Readiness::NOW }
    }

    fn is_terminal(&self) -> bool {
        self.stream.is_terminal()
    }
}
