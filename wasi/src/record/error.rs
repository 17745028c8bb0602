//! [`ReplayError`]: why a recording cannot be replayed to its end.

use std::{error, fmt, io};

/// Why a recording cannot be replayed to its end. Operations are counted from 1.
#[derive(Debug)]
#[non_exhaustive]
pub enum ReplayError {
    /// It is no recording.
    NotARecording,
    /// It was written by a version of rwasm that has another format: this one.
    Version(String),
    /// It cannot be read.
    Io(io::Error),
    /// What is recorded of this operation makes no sense.
    Damaged {
        /// Which.
        operation: u64,
    },
    /// The recording ends before this operation: the run was ended from outside, or was still
    /// running.
    Incomplete {
        /// Which.
        operation: u64,
    },
    /// The guest does something else than it did when it was recorded.
    Diverged {
        /// Which operation is not the same.
        operation: u64,
        /// What was recorded.
        recorded: String,
        /// What the guest does now.
        now: String,
    },
}

impl fmt::Display for ReplayError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotARecording => f.write_str("it is no recording of rwasm"),
            Self::Version(version) => {
                write!(
                    f,
                    "it was recorded by rwasm {version}, whose recordings are written otherwise"
                )
            }
            Self::Io(error) => write!(f, "it cannot be read: {error}"),
            Self::Damaged { operation } => {
                write!(f, "the recording is damaged at operation {operation}")
            }
            Self::Incomplete { operation } => {
                write!(f, "the recording ends before operation {operation}")
            }
            Self::Diverged { operation, recorded, now } => write!(
                f,
                "the run diverges from its recording at operation {operation}\n  \
                 recorded: {recorded}\n  now:      {now}"
            ),
        }
    }
}

impl error::Error for ReplayError {
    fn source(&self) -> Option<&(dyn error::Error + 'static)> {
        match self {
            Self::Io(error) => Some(error),
            _ => None,
        }
    }
}

impl From<io::Error> for ReplayError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}
