//! Sockets. Their descriptors are ours alone, so they are set not to block, and whoever uses them
//! waits first.

use crate::host::{
    Advice, Direction, ErrorCode, File, FileStat, FileType, Listener, NewTimes, Readiness, Result,
    Written,
};
use rustix::net::{RecvFlags, SendFlags, Shutdown, recv, send};
use std::io::{self, IoSlice, IoSliceMut};
use std::net::TcpListener;
use std::os::fd::{AsFd, OwnedFd};

/// A listening socket of the host.
pub(crate) struct RealListener(TcpListener);

impl RealListener {
    pub(crate) fn new(listener: TcpListener) -> io::Result<Self> {
        listener.set_nonblocking(true)?;
        Ok(Self(listener))
    }
}

impl Listener for RealListener {
    fn accept(&mut self) -> Result<Box<dyn File>> {
        let (stream, _) = self.0.accept()?;
        Ok(Box::new(RealConnection::new(stream.into())?))
    }

    fn readiness(&self) -> Readiness<'_> {
        Readiness::Os(self.0.as_fd())
    }
}

/// A connected stream socket of the host.
pub(crate) struct RealConnection(OwnedFd);

impl RealConnection {
    pub(crate) fn new(socket: OwnedFd) -> io::Result<Self> {
        rustix::io::ioctl_fionbio(&socket, true)?;
        Ok(Self(socket))
    }

    fn receive(&self, bufs: &mut [IoSliceMut<'_>], flags: RecvFlags) -> Result<usize> {
        // The first that takes something: a read may always be short.
        match bufs.iter_mut().find(|buf| !buf.is_empty()) {
            Some(buf) => Ok(recv(&self.0, &mut **buf, flags)?.0),
            None => Ok(0),
        }
    }
}

impl File for RealConnection {
    fn read(&mut self, bufs: &mut [IoSliceMut<'_>], _: u64) -> Result<usize> {
        self.receive(bufs, RecvFlags::empty())
    }

    fn peek(&mut self, bufs: &mut [IoSliceMut<'_>]) -> Result<usize> {
        self.receive(bufs, RecvFlags::PEEK)
    }

    fn write(&mut self, bufs: &[IoSlice<'_>], _: Option<u64>) -> Result<Written> {
        let bytes = match bufs.iter().find(|buf| !buf.is_empty()) {
            // The process may not ignore the signal.
            Some(buf) => send(&self.0, buf, SendFlags::NOSIGNAL)?,
            None => 0,
        };
        Ok(Written { bytes: bytes as u64, end: 0 })
    }

    fn shutdown(&mut self, read: bool, write: bool) -> Result<()> {
        let how = match (read, write) {
            (true, true) => Shutdown::Both,
            (true, false) => Shutdown::Read,
            (false, true) => Shutdown::Write,
            (false, false) => return Ok(()),
        };
        Ok(rustix::net::shutdown(&self.0, how)?)
    }

    fn readiness(&self, _: Direction) -> Readiness<'_> {
        Readiness::Os(self.0.as_fd())
    }

    /// Nothing but what it is: its numbers would tell about the host.
    fn stat(&mut self) -> Result<FileStat> {
        let file_type = FileType::Socket;
        Ok(FileStat { dev: 0, ino: 0, file_type, nlink: 0, size: 0, atim: 0, mtim: 0, ctim: 0 })
    }

    fn set_times(&mut self, _: NewTimes) -> Result<()> {
        Err(ErrorCode::Invalid)
    }

    fn set_size(&mut self, _: u64) -> Result<()> {
        Err(ErrorCode::Invalid)
    }

    fn sync(&mut self, _: bool) -> Result<()> {
        Err(ErrorCode::Invalid)
    }

    fn advise(&mut self, _: u64, _: u64, _: Advice) -> Result<()> {
        Err(ErrorCode::InvalidSeek)
    }
}
