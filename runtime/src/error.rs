//! The error of every operation that can fail in several ways.

use crate::backtrace::WasmBacktrace;
use crate::coredump::WasmCoreDump;
use alloc::{boxed::Box, string::String, vec::Vec};
use core::any::Any;
use core::error::Error as StdError;
use core::fmt;

/// Any error of this library or of a host function, one word wide.
///
/// What went wrong is kept as it was: [`Error::downcast_ref`] gives back a [`Trap`](crate::Trap),
/// a [`LinkError`](crate::LinkError), a decoder's or validator's error, or the embedder's own type
/// that a host function returned. Errors that passed through guest code carry its
/// [backtrace](Error::backtrace).
///
/// ```
/// use rwasm::{Context, Error, Trap};
///
/// let result: Result<(), Trap> = Err(Trap::IntegerOverflow);
/// let error: Error = result.context("counting").unwrap_err();
/// assert_eq!(error.to_string(), "counting");
/// assert_eq!(error.downcast_ref(), Some(&Trap::IntegerOverflow));
/// ```
pub struct Error(Box<Inner>);

struct Inner {
    source: Box<dyn StdError + Send + Sync>,
    /// What was being done, the innermost first.
    context: Vec<String>,
    backtrace: Option<WasmBacktrace>,
    coredump: Option<Box<WasmCoreDump>>,
}

/// A result whose error is [`Error`] unless said otherwise.
pub type Result<T, E = Error> = core::result::Result<T, E>;

impl Error {
    /// An error of a type of its own.
    pub fn new<E: StdError + Send + Sync + 'static>(error: E) -> Self {
        let (source, context) = (Box::new(error), Vec::new());
        Error(Box::new(Inner { source, context, backtrace: None, coredump: None }))
    }

    /// An error that is a message.
    pub fn msg(message: impl fmt::Display) -> Self {
        Error::new(Message(alloc::format!("{message}")))
    }

    /// The same error, with a line that says what was being done.
    #[must_use]
    pub fn context(mut self, context: impl fmt::Display) -> Self {
        self.0.context.push(alloc::format!("{context}"));
        self
    }

    /// Whether the error is an `E`.
    pub fn is<E: StdError + 'static>(&self) -> bool {
        self.downcast_ref::<E>().is_some()
    }

    /// The error as an `E`, if it is one; or its backtrace or core dump, if that is asked for.
    pub fn downcast_ref<E: StdError + 'static>(&self) -> Option<&E> {
        let backtrace = self.0.backtrace.as_ref().map(|backtrace| backtrace as &dyn Any);
        let coredump = self.0.coredump.as_deref().map(|coredump| coredump as &dyn Any);
        let source = self.0.source.downcast_ref();
        source.or_else(|| backtrace?.downcast_ref()).or_else(|| coredump?.downcast_ref())
    }

    /// The error as an `E`, if it is one.
    pub fn downcast_mut<E: StdError + 'static>(&mut self) -> Option<&mut E> {
        self.0.source.downcast_mut()
    }

    /// The error as an `E`, or unchanged if it is something else.
    ///
    /// # Errors
    ///
    /// `self`, if it is no `E`.
    pub fn downcast<E: StdError + 'static>(self) -> Result<E, Error> {
        let Inner { source, context, backtrace, coredump } = *self.0;
        match source.downcast() {
            Ok(error) => Ok(*error),
            Err(source) => Err(Error(Box::new(Inner { source, context, backtrace, coredump }))),
        }
    }

    /// The innermost cause.
    pub fn root_cause(&self) -> &(dyn StdError + 'static) {
        let mut cause: &(dyn StdError + 'static) = &*self.0.source;
        while let Some(next) = cause.source() {
            cause = next;
        }
        cause
    }

    /// Where in the guest the error passed, if it did.
    pub fn backtrace(&self) -> Option<&WasmBacktrace> {
        self.0.backtrace.as_ref()
    }

    /// Records where in the guest the error began; an error keeps the first such record.
    pub(crate) fn set_backtrace(&mut self, backtrace: WasmBacktrace) {
        self.0.backtrace.get_or_insert(backtrace);
    }

    /// Attaches a core dump; an error keeps the first.
    pub(crate) fn set_coredump(&mut self, coredump: impl FnOnce() -> WasmCoreDump) {
        self.0.coredump.get_or_insert_with(|| Box::new(coredump()));
    }

    /// Whether a backtrace was recorded already.
    pub(crate) fn has_backtrace(&self) -> bool {
        self.0.backtrace.is_some()
    }
}

impl<E: StdError + Send + Sync + 'static> From<E> for Error {
    fn from(error: E) -> Self {
        Error::new(error)
    }
}

impl From<Error> for Box<dyn StdError + Send + Sync> {
    fn from(error: Error) -> Self {
        Box::new(Reported(error))
    }
}

impl From<Error> for Box<dyn StdError> {
    fn from(error: Error) -> Self {
        Box::new(Reported(error))
    }
}

impl AsRef<dyn StdError + Send + Sync> for Error {
    fn as_ref(&self) -> &(dyn StdError + Send + Sync + 'static) {
        &*self.0.source
    }
}

/// An [`Error`] where a standard error is asked for.
struct Reported(Error);

impl StdError for Reported {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.0.source.source()
    }
}

impl fmt::Display for Reported {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for Reported {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The outermost context, or the error itself; with `{:#}` the whole chain on one line.
impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !f.alternate() {
            return match self.0.context.last() {
                Some(context) => f.write_str(context),
                None => self.0.source.fmt(f),
            };
        }
        for context in self.0.context.iter().rev() {
            write!(f, "{context}: ")?;
        }
        self.0.source.fmt(f)?;
        let mut cause = self.0.source.source();
        while let Some(error) = cause {
            write!(f, ": {error}")?;
            cause = error.source();
        }
        Ok(())
    }
}

/// The whole chain, one cause a line, then the guest's backtrace.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")?;
        let contexts = self.0.context.iter().rev().skip(1);
        let mut causes: Vec<String> = contexts.cloned().collect();
        if !self.0.context.is_empty() {
            causes.push(alloc::format!("{}", self.0.source));
        }
        let mut cause = self.0.source.source();
        while let Some(error) = cause {
            causes.push(alloc::format!("{error}"));
            cause = error.source();
        }
        if !causes.is_empty() {
            f.write_str("\n\nCaused by:")?;
            for cause in causes {
                write!(f, "\n    {cause}")?;
            }
        }
        match &self.0.backtrace {
            Some(backtrace) if !backtrace.frames().is_empty() => write!(f, "\n\n{backtrace}"),
            _ => Ok(()),
        }
    }
}

#[derive(Debug)]
struct Message(String);

impl fmt::Display for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl StdError for Message {}

/// Says of a failure what was being done.
pub trait Context<T> {
    /// The same result; an error gets a line that says what was being done.
    ///
    /// # Errors
    ///
    /// That of `self`.
    fn context(self, context: impl fmt::Display) -> Result<T>;

    /// As [`Context::context`], with a line that is made only if it is needed.
    ///
    /// # Errors
    ///
    /// That of `self`.
    fn with_context<C: fmt::Display>(self, context: impl FnOnce() -> C) -> Result<T>;
}

impl<T, E: Into<Error>> Context<T> for Result<T, E> {
    fn context(self, context: impl fmt::Display) -> Result<T> {
        self.map_err(|error| error.into().context(context))
    }

    fn with_context<C: fmt::Display>(self, context: impl FnOnce() -> C) -> Result<T> {
        self.map_err(|error| error.into().context(context()))
    }
}

impl<T> Context<T> for Option<T> {
    fn context(self, context: impl fmt::Display) -> Result<T> {
        self.ok_or_else(|| Error::msg(context))
    }

    fn with_context<C: fmt::Display>(self, context: impl FnOnce() -> C) -> Result<T> {
        self.ok_or_else(|| Error::msg(context()))
    }
}

/// A module could not be instantiated because an import is missing or is something else.
///
/// Spec: *Execution → Modules → Instantiation*; scripts assert it with `assert_unlinkable`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkError {
    /// The name of the module that the import is from.
    pub module: String,
    /// The import's name there.
    pub name: String,
    /// The kind and type that the import asks for, for people.
    pub expected: String,
    /// What is there, for people; `None` if nothing is.
    pub found: Option<String>,
}

impl fmt::Display for LinkError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let LinkError { module, name, expected, found } = self;
        match found {
            None => write!(f, "unknown import: `{module}::{name}` ({expected}) is not defined"),
            Some(found) => write!(
                f,
                "incompatible import type for `{module}::{name}`: expected {expected}, found {found}"
            ),
        }
    }
}

impl StdError for LinkError {}

/// The module is valid, and needs what this version does not execute yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unsupported(String);

impl Unsupported {
    /// `what` is needed and missing; a plural.
    pub fn new(what: impl fmt::Display) -> Self {
        Unsupported(alloc::format!("{what} are not supported yet"))
    }
}

impl fmt::Display for Unsupported {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl StdError for Unsupported {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Trap;

    #[test]
    fn an_error_is_one_word() {
        assert_eq!(size_of::<Error>(), size_of::<usize>());
        assert_eq!(size_of::<Result<()>>(), size_of::<usize>());
    }

    #[test]
    fn an_error_gives_back_what_it_was_made_of() {
        let error = Error::from(Trap::IntegerOverflow).context("calling `f`");
        assert_eq!(error.downcast_ref::<Trap>(), Some(&Trap::IntegerOverflow));
        assert_eq!(alloc::format!("{error}"), "calling `f`");
        assert_eq!(alloc::format!("{error:#}"), "calling `f`: integer overflow");
        assert_eq!(error.downcast::<Trap>().unwrap(), Trap::IntegerOverflow);
    }
}
