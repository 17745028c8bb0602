//! Streams that are not the process's: memory, nothing, and nowhere.

use crate::host::{InputStream, OutputStream};
use std::io::{self, ErrorKind, IoSlice, IoSliceMut, Read};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Standard input at its end. What a guest has unless it is given something.
#[derive(Clone, Copy, Debug, Default)]
pub struct ClosedInput;

impl InputStream for ClosedInput {
    fn read(&mut self, _: &mut [IoSliceMut<'_>]) -> io::Result<usize> {
        Ok(0)
    }
}

/// Output that is thrown away. What a guest has unless it is given something.
#[derive(Clone, Copy, Debug, Default)]
pub struct SinkOutput;

impl OutputStream for SinkOutput {
    fn write(&mut self, bufs: &[IoSlice<'_>]) -> io::Result<usize> {
        Ok(bufs.iter().map(|buf| buf.len()).sum())
    }
}

/// Input from memory.
#[derive(Clone, Debug, Default)]
pub struct MemoryInputPipe(io::Cursor<Vec<u8>>);

impl MemoryInputPipe {
    /// Input that ends after `bytes`.
    pub fn new(bytes: impl Into<Vec<u8>>) -> Self {
        Self(io::Cursor::new(bytes.into()))
    }
}

impl InputStream for MemoryInputPipe {
    fn read(&mut self, bufs: &mut [IoSliceMut<'_>]) -> io::Result<usize> {
        self.0.read_vectored(bufs)
    }
}

/// Output to memory. Clones share what was written, so that one can be given away and the other
/// looked at.
#[derive(Clone, Debug)]
pub struct MemoryOutputPipe {
    capacity: usize,
    written: Arc<Mutex<Vec<u8>>>,
}

impl MemoryOutputPipe {
    /// A pipe that takes `capacity` bytes and then fails as a full disk does.
    pub fn new(capacity: usize) -> Self {
        Self { capacity, written: Arc::default() }
    }

    /// What was written so far.
    pub fn contents(&self) -> Vec<u8> {
        self.lock().clone()
    }

    fn lock(&self) -> MutexGuard<'_, Vec<u8>> {
        // Bytes are appended whole, so a panic elsewhere left nothing half done.
        self.written.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl OutputStream for MemoryOutputPipe {
    fn write(&mut self, bufs: &[IoSlice<'_>]) -> io::Result<usize> {
        let mut written = self.lock();
        let room = self.capacity.saturating_sub(written.len());
        let before = written.len();
        for buf in bufs {
            let room = self.capacity.saturating_sub(written.len());
            written.extend_from_slice(&buf[..buf.len().min(room)]);
        }
        let taken = written.len() - before;
        if taken == 0 && room == 0 && bufs.iter().any(|buf| !buf.is_empty()) {
            return Err(ErrorKind::StorageFull.into());
        }
        Ok(taken)
    }
}
