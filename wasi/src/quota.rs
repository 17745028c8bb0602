//! [`Quota`]: how much of the world a guest may use up.

use crate::host::{
    ErrorCode, FsOp, Handle, Host, HostOp, HostRet, HostSession, Io, NetOp, OpId, Outcome, Source,
};
use std::io::IoSlice;

/// Bounds on what a guest uses up, as a decorator of its session.
///
/// ```
/// use rwasm_wasi::{Quota, WasiCtx, WasiCtxBuilder, WasiP1Ctx};
///
/// let session = WasiCtxBuilder::new().inherit_stdio().build().into_session();
/// let session = Quota::new().written(1 << 20).open(16).limit(session);
/// let guest = WasiP1Ctx::new(WasiCtx::from_session(session));
/// ```
#[derive(Clone, Debug)]
pub struct Quota {
    written: u64,
    open: usize,
}

impl Default for Quota {
    fn default() -> Self {
        Self::new()
    }
}

impl Quota {
    /// No bounds.
    pub fn new() -> Self {
        Self { written: u64::MAX, open: usize::MAX }
    }

    /// How many bytes the guest may write, to files, streams and sockets together, and by how much it
    /// may extend files without writing. A write that is more is cut short; when nothing is left it
    /// fails with [`ErrorCode::Quota`]. What is removed later does not count back.
    pub fn written(mut self, bytes: u64) -> Self {
        self.written = bytes;
        self
    }

    /// How many files, directories and connections the guest may have open at once, besides those
    /// that it had at the start. One more fails with [`ErrorCode::TooManyOpenFiles`].
    pub fn open(mut self, count: usize) -> Self {
        self.open = count;
        self
    }

    /// The session, from now on bounded.
    pub fn limit(self, session: HostSession) -> HostSession {
        session.wrap(|host| Limiter { host, left: self, opened: Vec::new() })
    }
}

/// The decorator that bounds.
struct Limiter {
    host: Box<dyn Host>,
    /// What is left of each.
    left: Quota,
    /// What the guest has opened.
    opened: Vec<Handle>,
}

impl Host for Limiter {
    fn submit(&mut self, op: HostOp, io: Io<'_, '_>) -> Outcome {
        match (&op, io) {
            (&HostOp::Write { to, offset }, Io::Write(bufs)) => {
                // What is skipped becomes part of the file as well.
                let hole = match (to, offset) {
                    (Source::File(handle), Some(offset)) => self.growth(handle, offset),
                    _ => 0,
                };
                self.write(op, hole, bufs)
            }
            (&HostOp::Fs(FsOp::SetSize { handle, size }), io) => {
                let growth = self.growth(handle, size);
                if growth > self.left.written {
                    return Outcome::Ready(Err(ErrorCode::Quota));
                }
                let outcome = self.host.submit(op, io);
                if matches!(outcome, Outcome::Ready(Ok(_))) {
                    self.left.written -= growth;
                }
                outcome
            }
            (HostOp::Fs(FsOp::OpenAt { .. }) | HostOp::Net(NetOp::Accept { .. }), io) => {
                if self.opened.len() >= self.left.open {
                    return Outcome::Ready(Err(ErrorCode::TooManyOpenFiles));
                }
                let outcome = self.host.submit(op, io);
                // Without a bound nobody asks how many there are.
                if let Outcome::Ready(Ok(HostRet::Opened(opened))) = outcome
                    && self.left.open != usize::MAX
                {
                    self.opened.push(opened.handle);
                }
                outcome
            }
            (&HostOp::Fs(FsOp::Close { handle }), io) => {
                self.opened.retain(|&opened| opened != handle);
                self.host.submit(op, io)
            }
            (_, io) => self.host.submit(op, io),
        }
    }

    fn cancel(&mut self, op: OpId) {
        self.host.cancel(op);
    }
}

impl Limiter {
    /// Writes what there is room for, `hole` bytes behind the end of the file.
    fn write(&mut self, op: HostOp, hole: u64, bufs: &[IoSlice<'_>]) -> Outcome {
        let wanted: u64 = bufs.iter().map(|buf| buf.len() as u64).sum();
        let room = self.left.written.saturating_sub(hole);
        let outcome = if wanted <= room {
            self.host.submit(op, Io::Write(bufs))
        } else if room == 0 {
            return Outcome::Ready(Err(ErrorCode::Quota));
        } else {
            let mut left = room;
            let beginning = bufs.iter().map(|buf| {
                let len = left.min(buf.len() as u64);
                left -= len;
                IoSlice::new(&buf[..len as usize]) // At most its length.
            });
            let beginning: Vec<_> = beginning.filter(|buf| !buf.is_empty()).collect();
            self.host.submit(op, Io::Write(&beginning))
        };
        if let Outcome::Ready(Ok(HostRet::Written(written))) = &outcome {
            let taken = if written.bytes == 0 { 0 } else { hole + written.bytes };
            self.left.written = self.left.written.saturating_sub(taken);
        }
        outcome
    }

    /// By how much a file is longer if it has this size.
    fn growth(&mut self, handle: Handle, size: u64) -> u64 {
        if self.left.written == u64::MAX {
            return 0;
        }
        match self.host.submit(FsOp::Stat { handle }.into(), Io::None) {
            Outcome::Ready(Ok(HostRet::Stat(stat))) => size.saturating_sub(stat.size),
            _ => 0, // What is wrong with it, the operation says.
        }
    }
}
