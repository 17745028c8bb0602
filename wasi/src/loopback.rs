//! [`Loopback`]: connections that never leave the process.

use crate::host::{ErrorCode, File, Listener, Readiness, Result};
use crate::real::RealConnection;
use std::collections::VecDeque;
use std::io::{self, PipeReader, PipeWriter, Read as _, Write as _};
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::sync::{Arc, Mutex, PoisonError};

/// The embedder's end of an address that only it can connect to: for tests, and for guests that are
/// to be reached by way of the embedder alone. Clones are the same end.
///
/// ```
/// use rwasm_wasi::{Loopback, WasiCtxBuilder};
/// use std::io::Write;
///
/// let (network, listener) = Loopback::new()?;
/// let guest = WasiCtxBuilder::new().preopened_listener(listener).build_p1();
/// let mut stream = network.connect()?; // The guest accepts it when it comes to that.
/// stream.write_all(b"hello")?;
/// # std::io::Result::Ok(())
/// ```
#[derive(Clone, Debug)]
pub struct Loopback(Arc<Queue>);

/// How many connections may wait to be accepted.
const BACKLOG: usize = 128;

/// Connections that were made and not accepted yet.
#[derive(Debug)]
struct Queue {
    /// `None` when the guest is gone.
    connections: Mutex<Option<VecDeque<UnixStream>>>,
    /// Holds a byte for each of them, so that the listener can be waited for.
    bell: PipeWriter,
}

/// The guest's end of a [`Loopback`].
#[derive(Debug)]
pub struct LoopbackListener {
    queue: Arc<Queue>,
    bell: PipeReader,
}

impl Loopback {
    /// The two ends of a new address. Fails if the host has no descriptors for it.
    pub fn new() -> io::Result<(Self, LoopbackListener)> {
        let (reader, writer) = io::pipe()?;
        let connections = Mutex::new(Some(VecDeque::new()));
        let queue = Arc::new(Queue { connections, bell: writer });
        Ok((Self(Arc::clone(&queue)), LoopbackListener { queue, bell: reader }))
    }

    /// Connects to the guest, which may accept it later, or never. Fails if the guest is gone,
    /// or has let 128 connections wait.
    pub fn connect(&self) -> io::Result<UnixStream> {
        let (ours, theirs) = UnixStream::pair()?;
        let mut connections = self.0.lock();
        let connections = connections.as_mut().filter(|waiting| waiting.len() < BACKLOG);
        let connections = connections.ok_or(io::ErrorKind::ConnectionRefused)?;
        (&self.0.bell).write_all(&[0])?;
        connections.push_back(theirs);
        Ok(ours)
    }
}

impl Queue {
    fn lock(&self) -> std::sync::MutexGuard<'_, Option<VecDeque<UnixStream>>> {
        self.connections.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Listener for LoopbackListener {
    fn accept(&mut self) -> Result<Box<dyn File>> {
        let next = self.queue.lock().as_mut().and_then(VecDeque::pop_front);
        let next = next.ok_or(ErrorCode::WouldBlock)?;
        self.bell.read_exact(&mut [0])?; // It is there since before the connection.
        Ok(Box::new(RealConnection::new(next.into())?))
    }

    fn readiness(&self) -> Readiness<'_> {
        Readiness::Os(self.bell.as_fd())
    }
}

/// Who waits to be accepted learns that nobody will.
impl Drop for LoopbackListener {
    fn drop(&mut self) {
        *self.queue.lock() = None;
    }
}
