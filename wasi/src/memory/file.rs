//! Files in memory.

use super::tree::Ino;
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
        let tree = lock(&self.shared);
        let bytes = tree.file(self.ino)?;
        let start = usize::try_from(offset).map_or(bytes.len(), |offset| offset.min(bytes.len()));
        let mut rest = &bytes[start..];
        let all = rest.len();
        for buf in bufs {
            let (now, later) = rest.split_at(rest.len().min(buf.len()));
            buf[..now.len()].copy_from_slice(now);
            rest = later;
        }
        Ok(all - rest.len())
    }

    fn write(&mut self, bufs: &[IoSlice<'_>], offset: Option<u64>) -> Result<Written> {
        let mut tree = lock(&self.shared);
        let offset = match offset {
            Some(offset) => offset,
            None => tree.file(self.ino)?.len() as u64,
        };
        let bytes = tree.write(self.ino, offset, bufs.iter().map(|buf| &**buf))?;
        Ok(Written { bytes, end: offset + bytes })
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
