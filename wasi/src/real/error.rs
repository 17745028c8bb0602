//! I/O errors as [`ErrorCode`]s: the one place where that is decided.

use crate::host::ErrorCode;
use rustix::io::Errno;
use std::io::{self, ErrorKind};

impl From<io::Error> for ErrorCode {
    fn from(error: io::Error) -> Self {
        match error.raw_os_error() {
            Some(raw) => Errno::from_raw_os_error(raw).into(),
            None => from_kind(error.kind()),
        }
    }
}

/// For errors that were made by a library and not by the operating system.
fn from_kind(kind: ErrorKind) -> ErrorCode {
    match kind {
        // How cap-std says that a path led out of its directory.
        ErrorKind::PermissionDenied => ErrorCode::NotPermitted,
        ErrorKind::NotFound => ErrorCode::NoEntry,
        ErrorKind::AlreadyExists => ErrorCode::Exist,
        ErrorKind::InvalidInput | ErrorKind::InvalidData => ErrorCode::Invalid,
        ErrorKind::BrokenPipe | ErrorKind::WriteZero => ErrorCode::Pipe,
        ErrorKind::Interrupted => ErrorCode::Interrupted,
        ErrorKind::WouldBlock => ErrorCode::WouldBlock,
        ErrorKind::Unsupported => ErrorCode::Unsupported,
        ErrorKind::OutOfMemory => ErrorCode::InsufficientMemory,
        ErrorKind::StorageFull => ErrorCode::InsufficientSpace,
        ErrorKind::QuotaExceeded => ErrorCode::Quota,
        ErrorKind::FileTooLarge => ErrorCode::FileTooLarge,
        _ => ErrorCode::Io,
    }
}

impl From<Errno> for ErrorCode {
    fn from(errno: Errno) -> Self {
        match errno {
            Errno::ACCESS => Self::Access,
            // The same number as WOULDBLOCK on every Unix that is supported.
            Errno::AGAIN => Self::WouldBlock,
            Errno::ALREADY => Self::Already,
            Errno::BADF => Self::BadDescriptor,
            Errno::BUSY => Self::Busy,
            Errno::CONNABORTED => Self::ConnectionAborted,
            Errno::CONNRESET => Self::ConnectionReset,
            Errno::DEADLK => Self::Deadlock,
            Errno::DQUOT => Self::Quota,
            Errno::EXIST => Self::Exist,
            Errno::FBIG => Self::FileTooLarge,
            Errno::ILSEQ => Self::IllegalByteSequence,
            Errno::INPROGRESS => Self::InProgress,
            Errno::INTR => Self::Interrupted,
            Errno::INVAL => Self::Invalid,
            Errno::ISDIR => Self::IsDirectory,
            Errno::LOOP => Self::Loop,
            Errno::MFILE => Self::TooManyOpenFiles,
            Errno::MLINK => Self::TooManyLinks,
            Errno::MSGSIZE => Self::MessageSize,
            Errno::NAMETOOLONG => Self::NameTooLong,
            Errno::NFILE => Self::SystemFileTableFull,
            Errno::NODEV => Self::NoDevice,
            Errno::NOENT => Self::NoEntry,
            Errno::NOLCK => Self::NoLock,
            Errno::NOMEM => Self::InsufficientMemory,
            Errno::NOSPC => Self::InsufficientSpace,
            Errno::NOSYS | Errno::NOTSUP => Self::Unsupported,
            Errno::NOTCONN => Self::NotConnected,
            Errno::NOTDIR => Self::NotDirectory,
            Errno::NOTEMPTY => Self::NotEmpty,
            Errno::NOTRECOVERABLE => Self::NotRecoverable,
            Errno::NOTSOCK => Self::NotSocket,
            Errno::NOTTY => Self::NotTerminal,
            Errno::NXIO => Self::NoSuchDevice,
            Errno::OVERFLOW => Self::Overflow,
            Errno::PERM => Self::NotPermitted,
            Errno::PIPE => Self::Pipe,
            Errno::ROFS => Self::ReadOnly,
            Errno::SPIPE => Self::InvalidSeek,
            Errno::TXTBSY => Self::TextFileBusy,
            Errno::XDEV => Self::CrossDevice,
            _ => Self::Io,
        }
    }
}
