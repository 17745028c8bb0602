//! [`HostRet`]: what an operation gives.

use super::{DirEntry, ErrorCode, FileStat, FileType, Handle, Ready, Result, Written};

/// What an operation gives; which variant, the operation says.
///
/// The accessors answer [`ErrorCode::Io`] for another variant: only a decorator that lies can
/// bring that about, and it must not bring down the process.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "record", derive(serde::Serialize, serde::Deserialize))]
#[expect(missing_docs, reason = "the operations say what they give")]
#[non_exhaustive]
pub enum HostRet {
    Done,
    Flag(bool),
    Count(u64),
    Time(u64),
    Bytes(Vec<u8>),
    Strings(Vec<Vec<u8>>),
    Written(Written),
    Opened(Opened),
    Preopens(Vec<Preopen>),
    Handles(Vec<Handle>),
    Stat(FileStat),
    Entries(Vec<DirEntry>),
    /// In the order of the wait's interests and deadlines.
    Woken {
        ready: Vec<Option<Ready>>,
        elapsed: Vec<bool>,
    },
}

/// A file or directory just opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "record", derive(serde::Serialize, serde::Deserialize))]
pub struct Opened {
    /// Its number.
    pub handle: Handle,
    /// What it is.
    pub file_type: FileType,
}

/// A directory that was open at the start.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "record", derive(serde::Serialize, serde::Deserialize))]
pub struct Preopen {
    /// Its number.
    pub handle: Handle,
    /// The path the guest knows it by.
    pub name: Vec<u8>,
    /// Whether files below it can be written.
    pub writable: bool,
}

macro_rules! accessors {
    ($($name:ident $variant:ident $ty:ty;)*) => {
        impl HostRet {
            $(#[doc = concat!("The value of a `", stringify!($variant), "`.")]
            pub fn $name(self) -> Result<$ty> {
                match self { Self::$variant(value) => Ok(value), _ => Err(ErrorCode::Io) }
            })*
        }
    };
}

accessors! {
    flag Flag bool;
    count Count u64;
    time Time u64;
    bytes Bytes Vec<u8>;
    strings Strings Vec<Vec<u8>>;
    written Written Written;
    opened Opened Opened;
    preopens Preopens Vec<Preopen>;
    handles Handles Vec<Handle>;
    stat Stat FileStat;
    entries Entries Vec<DirEntry>;
}
