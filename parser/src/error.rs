//! Why bytes are not a valid module.

use alloc::borrow::Cow;
use alloc::boxed::Box;
use core::fmt;

/// What went wrong and where; boxed so that the results of hot functions stay small.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Report {
    offset: usize,
    message: Cow<'static, str>,
}

macro_rules! errors {
    ($($(#[$doc:meta])* $name:ident)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub struct $name(Box<Report>);

        impl $name {
            /// An error at `offset` from the start of the module. The message begins with the
            /// wording of the official testsuite and goes on with what was expected and found.
            #[cold]
            pub fn new(offset: usize, message: impl Into<Cow<'static, str>>) -> Self {
                Self(Box::new(Report { offset, message: message.into() }))
            }

            /// Where it happened, in bytes from the start of the module.
            pub fn offset(&self) -> usize {
                self.0.offset
            }

            /// What happened, without the offset.
            pub fn message(&self) -> &str {
                &self.0.message
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{} (at offset {:#x})", self.0.message, self.0.offset)
            }
        }

        impl core::error::Error for $name {}
    )*};
}

errors! {
    /// The bytes are not in the binary format.
    Malformed
    /// A rule of validation is broken, or a limit of [`DecodeLimits`](crate::DecodeLimits) passed.
    Invalid
}

/// Why a module was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DecodeError {
    /// The bytes are not in the binary format.
    Malformed(Malformed),
    /// They are, but break a rule.
    Invalid(Invalid),
}

impl DecodeError {
    /// Where it happened, in bytes from the start of the module.
    pub fn offset(&self) -> usize {
        match self {
            DecodeError::Malformed(error) => error.offset(),
            DecodeError::Invalid(error) => error.offset(),
        }
    }

    /// What happened, without the offset.
    pub fn message(&self) -> &str {
        match self {
            DecodeError::Malformed(error) => error.message(),
            DecodeError::Invalid(error) => error.message(),
        }
    }
}

impl From<Malformed> for DecodeError {
    fn from(error: Malformed) -> Self {
        DecodeError::Malformed(error)
    }
}

impl From<Invalid> for DecodeError {
    fn from(error: Invalid) -> Self {
        DecodeError::Invalid(error)
    }
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            DecodeError::Malformed(error) => error.fmt(f),
            DecodeError::Invalid(error) => error.fmt(f),
        }
    }
}

impl core::error::Error for DecodeError {}

#[test]
fn errors_are_one_word() {
    assert_eq!(size_of::<Result<(), Invalid>>(), size_of::<usize>());
}
