//! Numbers and structures of snapshot 0 that differ from those of 0.1.

use crate::host::FileStat;
use crate::p1::Errno;
use crate::p1::types::{Subscription, Whence, filetype, put, subscription_with_clock_at};

const FILESTAT_SIZE: usize = 56;
const SUBSCRIPTION_SIZE: usize = 56;

/// Reads a `whence`.
pub(super) fn whence(whence: u32) -> Result<Whence, Errno> {
    match whence {
        0 => Ok(Whence::Current),
        1 => Ok(Whence::End),
        2 => Ok(Whence::Start),
        _ => Err(Errno::Inval),
    }
}

/// `filestat`.
pub(super) fn filestat(stat: &FileStat) -> [u8; FILESTAT_SIZE] {
    let nlink = u32::try_from(stat.nlink).unwrap_or(u32::MAX);
    let mut bytes = [0; FILESTAT_SIZE];
    put(&mut bytes, 0, stat.dev.to_le_bytes());
    put(&mut bytes, 8, stat.ino.to_le_bytes());
    put(&mut bytes, 16, [filetype(stat.file_type)]);
    put(&mut bytes, 20, nlink.to_le_bytes());
    put(&mut bytes, 24, stat.size.to_le_bytes());
    put(&mut bytes, 32, stat.atim.to_le_bytes());
    put(&mut bytes, 40, stat.mtim.to_le_bytes());
    put(&mut bytes, 48, stat.ctim.to_le_bytes());
    bytes
}

/// Reads a `subscription`; an unknown tag or flag is [`Errno::Inval`].
pub(crate) fn subscription(bytes: &[u8; SUBSCRIPTION_SIZE]) -> Result<Subscription, Errno> {
    subscription_with_clock_at(24, bytes) // Behind the clock's identifier.
}
