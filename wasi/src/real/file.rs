//! Open files.

use super::stat;
use crate::host::{
    Advice, Direction, File, FileStat, FileType, NewTimes, Readiness, Ready, Result, Written,
};
use rustix::fs::OFlags;
use rustix::io::{pread, preadv, pwrite, pwritev, readv, retry_on_intr, writev};
use std::io::{IoSlice, IoSliceMut};
use std::num::NonZeroU64;
use std::os::fd::AsFd;

/// An open file of the host that is no directory.
pub(super) struct RealFile {
    file: cap_std::fs::File,
    file_type: FileType,
    /// Whether the descriptor is set to append, so that one write both finds the end and stays
    /// there however many others append.
    appending: bool,
}

impl RealFile {
    pub(super) fn new(file: cap_std::fs::File, file_type: FileType) -> Self {
        Self { file, file_type, appending: false }
    }

    /// Whether it has a position; a pipe or terminal has not.
    fn is_seekable(&self) -> bool {
        matches!(self.file_type, FileType::RegularFile | FileType::BlockDevice)
    }

    fn set_appending(&mut self, appending: bool) -> Result<()> {
        if self.appending != appending {
            let mut flags = rustix::fs::fcntl_getfl(&self.file)?;
            flags.set(OFlags::APPEND, appending);
            rustix::fs::fcntl_setfl(&self.file, flags)?;
            self.appending = appending;
        }
        Ok(())
    }
}

impl File for RealFile {
    fn read(&mut self, bufs: &mut [IoSliceMut<'_>], offset: u64) -> Result<usize> {
        if !self.is_seekable() {
            return Ok(readv(&self.file, bufs)?);
        }
        // The kernel is done sooner with one buffer than with a list of one.
        Ok(match bufs {
            [buf] => retry_on_intr(|| pread(&self.file, &mut **buf, offset))?,
            bufs => retry_on_intr(|| preadv(&self.file, bufs, offset))?,
        })
    }

    fn write(&mut self, bufs: &[IoSlice<'_>], offset: Option<u64>) -> Result<Written> {
        if !self.is_seekable() {
            return Ok(Written { bytes: writev(&self.file, bufs)? as u64, end: 0 });
        }
        self.set_appending(offset.is_none())?;
        match offset {
            Some(offset) => {
                let bytes = match bufs {
                    [buf] => retry_on_intr(|| pwrite(&self.file, buf, offset))?,
                    bufs => retry_on_intr(|| pwritev(&self.file, bufs, offset))?,
                } as u64;
                Ok(Written { bytes, end: offset.saturating_add(bytes) })
            }
            None => {
                let bytes = retry_on_intr(|| writev(&self.file, bufs))? as u64;
                Ok(Written { bytes, end: rustix::fs::tell(&self.file)? })
            }
        }
    }

    fn readiness(&self, _: Direction) -> Readiness<'_> {
        match self.is_seekable() {
            true => Readiness::Ready(Ready { bytes: 1, hangup: false }),
            false => Readiness::Os(self.file.as_fd()),
        }
    }

    fn stat(&mut self) -> Result<FileStat> {
        Ok(stat::from_stat(&rustix::fs::fstat(&self.file)?))
    }

    fn set_times(&mut self, times: NewTimes) -> Result<()> {
        Ok(rustix::fs::futimens(&self.file, &stat::timestamps(times))?)
    }

    fn set_size(&mut self, size: u64) -> Result<()> {
        Ok(retry_on_intr(|| rustix::fs::ftruncate(&self.file, size))?)
    }

    fn sync(&mut self, data_only: bool) -> Result<()> {
        match data_only {
            true => self.file.sync_data()?,
            false => self.file.sync_all()?,
        }
        Ok(())
    }

    fn advise(&mut self, offset: u64, len: u64, advice: Advice) -> Result<()> {
        use rustix::fs::Advice as Os;
        let advice = match advice {
            Advice::Normal => Os::Normal,
            Advice::Sequential => Os::Sequential,
            Advice::Random => Os::Random,
            Advice::WillNeed => Os::WillNeed,
            Advice::DontNeed => Os::DontNeed,
            Advice::NoReuse => Os::NoReuse,
        };
        Ok(rustix::fs::fadvise(&self.file, offset, NonZeroU64::new(len), advice)?)
    }
}
