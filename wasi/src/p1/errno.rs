//! [`Errno`]: the error numbers of WASI 0.1, and the one place that makes them of [`ErrorCode`]s.

use crate::host::ErrorCode;
use std::fmt;

/// One row per errno: number, name here, name in the specification.
macro_rules! errnos {
    ($($number:literal $name:ident $text:literal;)*) => {
        /// An error number of WASI 0.1.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[repr(u16)]
        pub enum Errno { $(#[doc = concat!("`", $text, "`")] $name = $number,)* }

        impl Errno {
            /// The specification's name.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }
        }
    };
}

errnos! {
     0 Success "success";
     1 TooBig "2big";
     2 Acces "acces";
     3 Addrinuse "addrinuse";
     4 Addrnotavail "addrnotavail";
     5 Afnosupport "afnosupport";
     6 Again "again";
     7 Already "already";
     8 Badf "badf";
     9 Badmsg "badmsg";
    10 Busy "busy";
    11 Canceled "canceled";
    12 Child "child";
    13 Connaborted "connaborted";
    14 Connrefused "connrefused";
    15 Connreset "connreset";
    16 Deadlk "deadlk";
    17 Destaddrreq "destaddrreq";
    18 Dom "dom";
    19 Dquot "dquot";
    20 Exist "exist";
    21 Fault "fault";
    22 Fbig "fbig";
    23 Hostunreach "hostunreach";
    24 Idrm "idrm";
    25 Ilseq "ilseq";
    26 Inprogress "inprogress";
    27 Intr "intr";
    28 Inval "inval";
    29 Io "io";
    30 Isconn "isconn";
    31 Isdir "isdir";
    32 Loop "loop";
    33 Mfile "mfile";
    34 Mlink "mlink";
    35 Msgsize "msgsize";
    36 Multihop "multihop";
    37 Nametoolong "nametoolong";
    38 Netdown "netdown";
    39 Netreset "netreset";
    40 Netunreach "netunreach";
    41 Nfile "nfile";
    42 Nobufs "nobufs";
    43 Nodev "nodev";
    44 Noent "noent";
    45 Noexec "noexec";
    46 Nolck "nolck";
    47 Nolink "nolink";
    48 Nomem "nomem";
    49 Nomsg "nomsg";
    50 Noprotoopt "noprotoopt";
    51 Nospc "nospc";
    52 Nosys "nosys";
    53 Notconn "notconn";
    54 Notdir "notdir";
    55 Notempty "notempty";
    56 Notrecoverable "notrecoverable";
    57 Notsock "notsock";
    58 Notsup "notsup";
    59 Notty "notty";
    60 Nxio "nxio";
    61 Overflow "overflow";
    62 Ownerdead "ownerdead";
    63 Perm "perm";
    64 Pipe "pipe";
    65 Proto "proto";
    66 Protonosupport "protonosupport";
    67 Prototype "prototype";
    68 Range "range";
    69 Rofs "rofs";
    70 Spipe "spipe";
    71 Srch "srch";
    72 Stale "stale";
    73 Timedout "timedout";
    74 Txtbsy "txtbsy";
    75 Xdev "xdev";
    76 Notcapable "notcapable";
}

impl Errno {
    /// The number, as the guest gets it.
    pub const fn raw(self) -> u16 {
        self as u16
    }
}

impl fmt::Display for Errno {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "errno {} ({})", self.raw(), self.name())
    }
}

impl From<ErrorCode> for Errno {
    fn from(code: ErrorCode) -> Self {
        match code {
            ErrorCode::Access => Self::Acces,
            ErrorCode::Already => Self::Already,
            ErrorCode::BadDescriptor => Self::Badf,
            ErrorCode::Busy => Self::Busy,
            ErrorCode::ConnectionAborted => Self::Connaborted,
            ErrorCode::ConnectionReset => Self::Connreset,
            ErrorCode::CrossDevice => Self::Xdev,
            ErrorCode::Deadlock => Self::Deadlk,
            ErrorCode::Exist => Self::Exist,
            ErrorCode::FileTooLarge => Self::Fbig,
            ErrorCode::IllegalByteSequence => Self::Ilseq,
            ErrorCode::InProgress => Self::Inprogress,
            ErrorCode::InsufficientMemory => Self::Nomem,
            ErrorCode::InsufficientSpace => Self::Nospc,
            ErrorCode::Interrupted => Self::Intr,
            ErrorCode::Invalid => Self::Inval,
            ErrorCode::InvalidSeek => Self::Spipe,
            ErrorCode::Io => Self::Io,
            ErrorCode::IsDirectory => Self::Isdir,
            ErrorCode::Loop => Self::Loop,
            ErrorCode::MessageSize => Self::Msgsize,
            ErrorCode::NameTooLong => Self::Nametoolong,
            ErrorCode::NoDevice => Self::Nodev,
            ErrorCode::NoEntry => Self::Noent,
            ErrorCode::NoLock => Self::Nolck,
            ErrorCode::NoSuchDevice => Self::Nxio,
            ErrorCode::NotDirectory => Self::Notdir,
            ErrorCode::NotConnected => Self::Notconn,
            ErrorCode::NotEmpty => Self::Notempty,
            ErrorCode::NotPermitted => Self::Perm,
            ErrorCode::NotRecoverable => Self::Notrecoverable,
            ErrorCode::NotSocket => Self::Notsock,
            ErrorCode::NotTerminal => Self::Notty,
            ErrorCode::Overflow => Self::Overflow,
            ErrorCode::Pipe => Self::Pipe,
            ErrorCode::Quota => Self::Dquot,
            ErrorCode::ReadOnly => Self::Rofs,
            ErrorCode::SystemFileTableFull => Self::Nfile,
            ErrorCode::TextFileBusy => Self::Txtbsy,
            ErrorCode::TooManyLinks => Self::Mlink,
            ErrorCode::TooManyOpenFiles => Self::Mfile,
            ErrorCode::Unsupported => Self::Notsup,
            ErrorCode::WouldBlock => Self::Again,
        }
    }
}
