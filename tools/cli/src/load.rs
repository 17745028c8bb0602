//! Files to modules: binary or text, and why not.

use crate::exit::Stop;
use rwasm::{DecodeError, Engine, Error, Module};
use std::borrow::Cow;
use std::ffi::OsStr;
use std::io::Read;
use std::path::Path;
use std::{fs, io};

/// Reads the file `path`; `-` is standard input.
pub fn read(path: &Path) -> Result<Vec<u8>, Stop> {
    let bytes = if path == OsStr::new("-") {
        let mut bytes = Vec::new();
        io::stdin().read_to_end(&mut bytes).map(|_| bytes)
    } else {
        fs::read(path)
    };
    bytes.map_err(|error| {
        let mut message = format!("cannot read {}: {error}", path.display());
        let is_word = path.extension().is_none() && path.components().count() == 1;
        if error.kind() == io::ErrorKind::NotFound && is_word {
            message += "\nhelp: nor is it a command; see `rwasm --help`";
        }
        Stop::Error(message)
    })
}

/// The module in the binary format that `bytes` are, or are the text of.
///
/// # Errors
///
/// If they are neither, or a component.
pub fn to_binary<'a>(path: &Path, bytes: &'a [u8]) -> Result<Cow<'a, [u8]>, Stop> {
    let path_shown = path.display();
    if bytes.is_empty() {
        return Err(Stop::error(format!("{path_shown} is empty")));
    }
    // A prefix is a truncated module rather than text.
    let is_binary = bytes.starts_with(b"\0asm") || b"\0asm".starts_with(bytes);
    let bytes = if is_binary {
        Cow::Borrowed(bytes)
    } else if str::from_utf8(bytes).is_ok() {
        wat::Parser::new().parse_bytes(Some(path), bytes).map_err(|error| {
            Stop::error(format!("{path_shown} is not WebAssembly text: {error}"))
        })?
    } else {
        return Err(Stop::error(format!(
            "{path_shown} is not WebAssembly: it does not begin with `\\0asm`, and it is no text"
        )));
    };
    match bytes.starts_with(COMPONENT) {
        false => Ok(bytes),
        true => Err(Stop::error(format!(
            "{path_shown} is a component, which are not supported yet; \
             core modules are, such as those built for `wasm32-wasip1`"
        ))),
    }
}

/// How components begin.
const COMPONENT: &[u8] = b"\0asm\x0d\0\x01\0";

/// Decodes and validates a module.
pub fn module(engine: &Engine, path: &Path, bytes: Vec<u8>) -> Result<Module, Stop> {
    let bytes = match to_binary(path, &bytes)? {
        Cow::Borrowed(_) => bytes,
        Cow::Owned(bytes) => bytes,
    };
    Module::from_owned_binary(engine, bytes).map_err(|error| refused(path, &error))
}

/// Why a module is refused, for people.
pub fn refused(path: &Path, error: &Error) -> Stop {
    let path = path.display();
    let mut message = match error.downcast_ref::<DecodeError>() {
        Some(DecodeError::Malformed(error)) => format!("{path} is malformed: {error}"),
        Some(DecodeError::Invalid(error)) => format!("{path} is invalid: {error}"),
        None => format!("{path} cannot be executed: {error:#}"),
    };
    if let Some(feature) = needed_feature(&message) {
        message = format!("{message}\nhelp: `-W {feature}` turns this feature on");
    }
    Stop::Error(message)
}

/// The feature that a message names as needed.
fn needed_feature(message: &str) -> Option<&str> {
    let (_, rest) = message.split_once("needs the feature `")?;
    rest.split_once('`').map(|(feature, _)| feature)
}

#[test]
fn features_are_found_in_messages() {
    let message = "multiple memories (needs the feature `multi-memory`) (at offset 0x1)";
    assert_eq!(needed_feature(message), Some("multi-memory"));
    assert_eq!(needed_feature("unknown local"), None);
}
