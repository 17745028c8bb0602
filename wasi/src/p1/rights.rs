//! Flags and rights of WASI 0.1.

use super::Errno;

/// One flags type: its bits, and how a guest's number becomes one.
macro_rules! flags {
    ($($(#[$doc:meta])* $name:ident: $ty:ty { $($flag:ident = $value:expr;)* })*) => {$(
        bitflags::bitflags! {
            $(#[$doc])*
            #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
            pub(super) struct $name: $ty { $(const $flag = $value;)* }
        }
    )*};
}

flags! {
    /// How a descriptor reads and writes.
    FdFlags: u16 {
        APPEND = 1 << 0;
        DSYNC = 1 << 1;
        NONBLOCK = 1 << 2;
        RSYNC = 1 << 3;
        SYNC = 1 << 4;
    }
    /// How `path_open` opens.
    OFlags: u16 {
        CREAT = 1 << 0;
        DIRECTORY = 1 << 1;
        EXCL = 1 << 2;
        TRUNC = 1 << 3;
    }
    /// How a path is resolved.
    LookupFlags: u32 {
        SYMLINK_FOLLOW = 1 << 0;
    }
    /// Which times to set, and to what.
    FstFlags: u16 {
        ATIM = 1 << 0;
        ATIM_NOW = 1 << 1;
        MTIM = 1 << 2;
        MTIM_NOW = 1 << 3;
    }
    /// How `sock_recv` receives.
    RiFlags: u16 {
        RECV_PEEK = 1 << 0;
        RECV_WAITALL = 1 << 1;
    }
    /// Which directions of a socket to close.
    SdFlags: u8 {
        RD = 1 << 0;
        WR = 1 << 1;
    }
    /// What a descriptor may be used for.
    Rights: u64 {
        FD_DATASYNC = 1 << 0;
        FD_READ = 1 << 1;
        FD_SEEK = 1 << 2;
        FD_FDSTAT_SET_FLAGS = 1 << 3;
        FD_SYNC = 1 << 4;
        FD_TELL = 1 << 5;
        FD_WRITE = 1 << 6;
        FD_ADVISE = 1 << 7;
        FD_ALLOCATE = 1 << 8;
        PATH_CREATE_DIRECTORY = 1 << 9;
        PATH_CREATE_FILE = 1 << 10;
        PATH_LINK_SOURCE = 1 << 11;
        PATH_LINK_TARGET = 1 << 12;
        PATH_OPEN = 1 << 13;
        FD_READDIR = 1 << 14;
        PATH_READLINK = 1 << 15;
        PATH_RENAME_SOURCE = 1 << 16;
        PATH_RENAME_TARGET = 1 << 17;
        PATH_FILESTAT_GET = 1 << 18;
        PATH_FILESTAT_SET_SIZE = 1 << 19;
        PATH_FILESTAT_SET_TIMES = 1 << 20;
        FD_FILESTAT_GET = 1 << 21;
        FD_FILESTAT_SET_SIZE = 1 << 22;
        FD_FILESTAT_SET_TIMES = 1 << 23;
        PATH_SYMLINK = 1 << 24;
        PATH_REMOVE_DIRECTORY = 1 << 25;
        PATH_UNLINK_FILE = 1 << 26;
        POLL_FD_READWRITE = 1 << 27;
        SOCK_SHUTDOWN = 1 << 28;
        SOCK_ACCEPT = 1 << 29;
    }
}

/// Flags of a guest, of which no unknown bit may be set.
pub(super) fn parse<F: bitflags::Flags>(bits: u32) -> Result<F, Errno>
where
    F::Bits: TryFrom<u32>,
{
    F::Bits::try_from(bits).ok().and_then(F::from_bits).ok_or(Errno::Inval)
}

impl Rights {
    /// What a directory can be used for.
    pub const DIRECTORY: Self = Self::all()
        .difference(Self::FD_READ)
        .difference(Self::FD_WRITE)
        .difference(Self::FD_SEEK)
        .difference(Self::FD_TELL)
        .difference(Self::FD_ADVISE)
        .difference(Self::FD_ALLOCATE)
        .difference(Self::FD_FILESTAT_SET_SIZE)
        .difference(Self::POLL_FD_READWRITE)
        .difference(Self::SOCK_SHUTDOWN)
        .difference(Self::SOCK_ACCEPT);

    /// What a file can be used for, opened for reading and writing.
    pub const FILE: Self = Self::FD_DATASYNC
        .union(Self::FD_READ)
        .union(Self::FD_SEEK)
        .union(Self::FD_FDSTAT_SET_FLAGS)
        .union(Self::FD_SYNC)
        .union(Self::FD_TELL)
        .union(Self::FD_WRITE)
        .union(Self::FD_ADVISE)
        .union(Self::FD_ALLOCATE)
        .union(Self::FD_FILESTAT_GET)
        .union(Self::FD_FILESTAT_SET_SIZE)
        .union(Self::FD_FILESTAT_SET_TIMES)
        .union(Self::POLL_FD_READWRITE);

    /// What a socket that listens can be used for.
    pub const LISTENER: Self = Self::SOCK_ACCEPT
        .union(Self::FD_FDSTAT_SET_FLAGS)
        .union(Self::FD_FILESTAT_GET)
        .union(Self::POLL_FD_READWRITE);

    /// What a connection can be used for.
    pub const CONNECTION: Self = Self::FD_READ
        .union(Self::FD_WRITE)
        .union(Self::SOCK_SHUTDOWN)
        .union(Self::FD_FDSTAT_SET_FLAGS)
        .union(Self::FD_FILESTAT_GET)
        .union(Self::POLL_FD_READWRITE);

    /// What can be handed on through a directory.
    pub const INHERITING: Self = Self::DIRECTORY.union(Self::FILE);
}
