//! Files in memory.

use super::node::Ino;
use super::{Shared, lock};
use crate::host::{
    Advice, Direction, ErrorCode, File, FileStat, NewTimes, Readiness, Result, Written,
};
use std::io::{IoSlice, IoSliceMut};

/// A file in memory that is open.
#[derive(Debug)]
pub(super) struct MemoryFile {
    pub shared: Shared,
    /// A node that is noted as open.
    pub ino: Ino,
}

impl Drop for MemoryFile {
    fn drop(&mut self) {
        lock(&self.shared).close(self.ino);
    }
}

impl File for MemoryFile {
    fn read(&mut self, bufs: &mut [IoSliceMut<'_>], offset: u64) -> Result<usize> {
        lock(&self.shared).read(self.ino, bufs, offset)
    }

    fn write(&mut self, bufs: &[IoSlice<'_>], offset: Option<u64>) -> Result<Written> {
        lock(&self.shared).write(self.ino, offset, bufs.iter().map(|buf| &**buf))
    }

    fn readiness(&self, _: Direction) -> Readiness<'_> {
        Readiness::NOW
    }

    fn stat(&mut self) -> Result<FileStat> {
        Ok(lock(&self.shared).stat(self.ino))
    }

    fn set_times(&mut self, times: NewTimes) -> Result<()> {
        lock(&self.shared).set_times(self.ino, times);
        Ok(())
    }

    fn set_size(&mut self, size: u64) -> Result<()> {
        if size > i64::MAX as u64 {
            return Err(ErrorCode::Invalid);
        }
        lock(&self.shared).set_size(self.ino, size)
    }

    fn sync(&mut self, _: bool) -> Result<()> {
        Ok(())
    }

    fn advise(&mut self, _: u64, _: u64, _: Advice) -> Result<()> {
        Ok(())
    }
}
