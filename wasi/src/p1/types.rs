//! Structures of WASI 0.1 as they lie in guest memory, field by field, little-endian.

use super::Errno;
use super::rights::{FdFlags, Rights};
use crate::host::{Advice, ClockId, FileStat, FileType};

pub(super) const DIRENT_SIZE: usize = 24;
pub(super) const EVENT_SIZE: usize = 32;
pub(super) const FDSTAT_SIZE: usize = 24;
pub(super) const FILESTAT_SIZE: usize = 64;
pub(super) const PRESTAT_SIZE: usize = 8;
pub(super) const SUBSCRIPTION_SIZE: usize = 48;

/// Writes `field` at `offset` of a structure. Offsets are constants of this file and of snapshot 0's.
pub(crate) fn put<const N: usize>(bytes: &mut [u8], offset: usize, field: [u8; N]) {
    bytes[offset..offset + N].copy_from_slice(&field);
}

/// Reads the field at `offset` of a structure. Offsets are constants, as those of [`put`].
fn get<const N: usize>(bytes: &[u8], offset: usize) -> [u8; N] {
    let mut field = [0; N];
    field.copy_from_slice(&bytes[offset..offset + N]);
    field
}

/// `iovec` and `ciovec`: pointer and length.
pub(super) fn iovec(bytes: [u8; 8]) -> (u32, u32) {
    (u32::from_le_bytes(get(&bytes, 0)), u32::from_le_bytes(get(&bytes, 4)))
}

/// `filetype`.
pub(crate) fn filetype(file_type: FileType) -> u8 {
    match file_type {
        // There is no number for a named pipe, and a socket is of one of two kinds.
        FileType::Unknown | FileType::Fifo => 0,
        FileType::BlockDevice => 1,
        FileType::CharacterDevice => 2,
        FileType::Directory => 3,
        FileType::RegularFile => 4,
        FileType::Socket => 6,
        FileType::SymbolicLink => 7,
    }
}

/// `filestat`.
pub(super) fn filestat(stat: &FileStat) -> [u8; FILESTAT_SIZE] {
    let mut bytes = [0; FILESTAT_SIZE];
    put(&mut bytes, 0, stat.dev.to_le_bytes());
    put(&mut bytes, 8, stat.ino.to_le_bytes());
    put(&mut bytes, 16, [filetype(stat.file_type)]);
    put(&mut bytes, 24, stat.nlink.to_le_bytes());
    put(&mut bytes, 32, stat.size.to_le_bytes());
    put(&mut bytes, 40, stat.atim.to_le_bytes());
    put(&mut bytes, 48, stat.mtim.to_le_bytes());
    put(&mut bytes, 56, stat.ctim.to_le_bytes());
    bytes
}

/// `fdstat`.
pub(super) fn fdstat(
    file_type: FileType,
    flags: FdFlags,
    base: Rights,
    inheriting: Rights,
) -> [u8; FDSTAT_SIZE] {
    let mut bytes = [0; FDSTAT_SIZE];
    put(&mut bytes, 0, [filetype(file_type)]);
    put(&mut bytes, 2, flags.bits().to_le_bytes());
    put(&mut bytes, 8, base.bits().to_le_bytes());
    put(&mut bytes, 16, inheriting.bits().to_le_bytes());
    bytes
}

/// `prestat` of a directory (tag 0).
pub(super) fn prestat(name_len: u32) -> [u8; PRESTAT_SIZE] {
    let mut bytes = [0; PRESTAT_SIZE];
    put(&mut bytes, 4, name_len.to_le_bytes());
    bytes
}

/// `dirent`, which the name follows.
pub(super) fn dirent(next: u64, ino: u64, name_len: u32, file_type: FileType) -> [u8; DIRENT_SIZE] {
    let mut bytes = [0; DIRENT_SIZE];
    put(&mut bytes, 0, next.to_le_bytes());
    put(&mut bytes, 8, ino.to_le_bytes());
    put(&mut bytes, 16, name_len.to_le_bytes());
    put(&mut bytes, 20, [filetype(file_type)]);
    bytes
}

/// `subscription`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Subscription {
    pub userdata: u64,
    pub kind: SubscriptionKind,
}

/// `subscription_u`.
#[derive(Clone, Copy, Debug)]
pub(crate) enum SubscriptionKind {
    /// The clock's number is not yet known to be one.
    Clock {
        id: u32,
        timeout: u64,
        absolute: bool,
    },
    FdRead(u32),
    FdWrite(u32),
}

/// Reads a `subscription`; an unknown tag or flag is [`Errno::Inval`].
pub(super) fn subscription(bytes: &[u8; SUBSCRIPTION_SIZE]) -> Result<Subscription, Errno> {
    subscription_with_clock_at(16, bytes)
}

/// As [`subscription`], where the number of a clock is at `clock`, and what else there is about it
/// follows. The precision, behind the timeout, is a hint that is not taken.
pub(crate) fn subscription_with_clock_at(
    clock: usize,
    bytes: &[u8],
) -> Result<Subscription, Errno> {
    let fd = u32::from_le_bytes(get(bytes, 16));
    let kind = match bytes[8] {
        0 => SubscriptionKind::Clock {
            id: u32::from_le_bytes(get(bytes, clock)),
            timeout: u64::from_le_bytes(get(bytes, clock + 8)),
            absolute: match u16::from_le_bytes(get(bytes, clock + 24)) {
                0 => false,
                1 => true,
                _ => return Err(Errno::Inval),
            },
        },
        1 => SubscriptionKind::FdRead(fd),
        2 => SubscriptionKind::FdWrite(fd),
        _ => return Err(Errno::Inval),
    };
    Ok(Subscription { userdata: u64::from_le_bytes(get(bytes, 0)), kind })
}

/// `event`. Its type is the tag of its subscription.
#[derive(Clone, Copy, Debug)]
pub(super) struct Event {
    pub userdata: u64,
    pub error: Errno,
    pub tag: u8,
    pub nbytes: u64,
    pub hangup: bool,
}

/// Lays an [`Event`] out.
pub(super) fn event(event: Event) -> [u8; EVENT_SIZE] {
    let mut bytes = [0; EVENT_SIZE];
    put(&mut bytes, 0, event.userdata.to_le_bytes());
    put(&mut bytes, 8, event.error.raw().to_le_bytes());
    put(&mut bytes, 10, [event.tag]);
    put(&mut bytes, 16, event.nbytes.to_le_bytes());
    put(&mut bytes, 24, u16::from(event.hangup).to_le_bytes());
    bytes
}

/// `whence`, which snapshot 0 has other numbers for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Whence {
    Start,
    Current,
    End,
}

/// Reads a `whence`.
pub(super) fn whence(whence: u32) -> Result<Whence, Errno> {
    match whence {
        0 => Ok(Whence::Start),
        1 => Ok(Whence::Current),
        2 => Ok(Whence::End),
        _ => Err(Errno::Inval),
    }
}

/// `clockid`.
pub(super) fn clockid(id: u32) -> Result<ClockId, Errno> {
    match id {
        0 => Ok(ClockId::Realtime),
        1 => Ok(ClockId::Monotonic),
        2 => Ok(ClockId::ProcessCpu),
        3 => Ok(ClockId::ThreadCpu),
        _ => Err(Errno::Inval),
    }
}

/// `advice`.
pub(super) fn advice(advice: u32) -> Result<Advice, Errno> {
    match advice {
        0 => Ok(Advice::Normal),
        1 => Ok(Advice::Sequential),
        2 => Ok(Advice::Random),
        3 => Ok(Advice::WillNeed),
        4 => Ok(Advice::DontNeed),
        5 => Ok(Advice::NoReuse),
        _ => Err(Errno::Inval),
    }
}
