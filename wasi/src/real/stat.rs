//! File metadata and times between the operating system and the seam.

use crate::host::{FileStat, FileType, NewTime, NewTimes};
use cap_fs_ext::SystemTimeSpec;
use cap_std::fs::MetadataExt;
use cap_std::time::SystemTime;
use rustix::fs::{Stat, Timespec, Timestamps, UTIME_NOW, UTIME_OMIT};
use std::time::Duration;

const NANOS_PER_SEC: u64 = 1_000_000_000;

#[allow(clippy::unnecessary_cast, reason = "the types of the fields differ between platforms")]
pub(super) fn from_stat(stat: &Stat) -> FileStat {
    FileStat {
        dev: stat.st_dev as u64,
        ino: stat.st_ino as u64,
        file_type: from_mode(stat.st_mode),
        nlink: stat.st_nlink as u64,
        size: stat.st_size as u64,
        atim: nanos(stat.st_atime as i64, stat.st_atime_nsec as i64),
        mtim: nanos(stat.st_mtime as i64, stat.st_mtime_nsec as i64),
        ctim: nanos(stat.st_ctime as i64, stat.st_ctime_nsec as i64),
    }
}

pub(super) fn from_metadata(metadata: &cap_std::fs::Metadata) -> FileStat {
    FileStat {
        dev: metadata.dev(),
        ino: metadata.ino(),
        file_type: from_mode(metadata.mode()),
        nlink: metadata.nlink(),
        size: metadata.size(),
        atim: nanos(metadata.atime(), metadata.atime_nsec()),
        mtim: nanos(metadata.mtime(), metadata.mtime_nsec()),
        ctim: nanos(metadata.ctime(), metadata.ctime_nsec()),
    }
}

pub(super) fn from_mode(mode: rustix::fs::RawMode) -> FileType {
    from_file_type(rustix::fs::FileType::from_raw_mode(mode))
}

pub(super) fn from_file_type(file_type: rustix::fs::FileType) -> FileType {
    use rustix::fs::FileType as Os;
    match file_type {
        Os::RegularFile => FileType::RegularFile,
        Os::Directory => FileType::Directory,
        Os::Symlink => FileType::SymbolicLink,
        Os::Fifo => FileType::Fifo,
        Os::Socket => FileType::Socket,
        Os::CharacterDevice => FileType::CharacterDevice,
        Os::BlockDevice => FileType::BlockDevice,
        _ => FileType::Unknown,
    }
}

/// Times before 1970 read as 1970, and those after 2554 as the last that WASI can tell.
fn nanos(secs: i64, nanos: i64) -> u64 {
    match u64::try_from(secs) {
        Ok(secs) => secs.saturating_mul(NANOS_PER_SEC).saturating_add(nanos as u64),
        Err(_) => 0,
    }
}

/// For `futimens`.
pub(super) fn timestamps(times: NewTimes) -> Timestamps {
    Timestamps { last_access: timespec(times.atim), last_modification: timespec(times.mtim) }
}

fn timespec(time: NewTime) -> Timespec {
    match time {
        NewTime::Keep => Timespec { tv_sec: 0, tv_nsec: UTIME_OMIT as _ },
        NewTime::Now => Timespec { tv_sec: 0, tv_nsec: UTIME_NOW as _ },
        // At most 2^64 / 10^9, which is far below the limits of both fields.
        NewTime::At(nanos) => {
            Timespec { tv_sec: (nanos / NANOS_PER_SEC) as _, tv_nsec: (nanos % NANOS_PER_SEC) as _ }
        }
    }
}

/// For cap-std.
pub(super) fn system_time(time: NewTime) -> Option<SystemTimeSpec> {
    match time {
        NewTime::Keep => None,
        NewTime::Now => Some(SystemTimeSpec::SymbolicNow),
        NewTime::At(nanos) => {
            let since = Duration::from_nanos(nanos);
            Some(SystemTimeSpec::from(SystemTime::from_std(std::time::UNIX_EPOCH + since)))
        }
    }
}
