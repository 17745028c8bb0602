//! [`ErrorCode`]: why an operation failed, in words that no platform or WASI version owns.

use std::fmt;

/// One row per code: variant, text.
macro_rules! error_codes {
    ($($name:ident $text:literal;)*) => {
        /// Why an operation failed. A front end turns it into its own errno or error-code.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[cfg_attr(feature = "record", derive(serde::Serialize, serde::Deserialize))]
        #[non_exhaustive]
        pub enum ErrorCode { $(#[doc = concat!("Error: ", $text, ".")] $name,)* }

        impl fmt::Display for ErrorCode {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(match self { $(Self::$name => $text,)* })
            }
        }
    };
}

error_codes! {
    Access "permission denied";
    Already "connection already in progress";
    BadDescriptor "bad descriptor";
    Busy "resource busy";
    ConnectionAborted "connection aborted";
    ConnectionReset "connection reset";
    CrossDevice "operation spans two file systems";
    Deadlock "resource deadlock would occur";
    Exist "file exists";
    FileTooLarge "file too large";
    IllegalByteSequence "illegal byte sequence";
    InProgress "operation in progress";
    InsufficientMemory "out of memory";
    InsufficientSpace "no space left on device";
    Interrupted "interrupted by a signal";
    Invalid "invalid argument";
    InvalidSeek "not seekable";
    Io "input/output error";
    IsDirectory "is a directory";
    Loop "too many levels of symbolic links";
    MessageSize "message too long";
    NameTooLong "name too long";
    NoDevice "no such device";
    NoEntry "no such file or directory";
    NoLock "no locks available";
    NoSuchDevice "no such device or address";
    NotDirectory "not a directory";
    NotConnected "not connected";
    NotEmpty "directory not empty";
    NotPermitted "operation not permitted";
    NotRecoverable "state not recoverable";
    NotSocket "not a socket";
    NotTerminal "not a terminal";
    Overflow "value too large";
    Pipe "broken pipe";
    Quota "disk quota exceeded";
    ReadOnly "read-only file system";
    SystemFileTableFull "too many files open in system";
    TextFileBusy "text file busy";
    TooManyLinks "too many links";
    TooManyOpenFiles "too many open files";
    Unsupported "not supported";
    WouldBlock "would block";
}

impl std::error::Error for ErrorCode {}
