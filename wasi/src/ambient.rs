//! What is taken from the process itself: paths by name, its environment and arguments, its
//! standard streams, its clocks and randomness.
//!
//! **Invariant:** ambient authority is used in this file and nowhere else in the package. The
//! builder calls it for what the embedder asks for; clocks and randomness it takes unless the
//! embedder gives others.

use crate::EscapedOutput;
use crate::host::{Clock, InputStream, Listener, OutputStream, Random};
use crate::real::{RealClock, RealInput, RealListener, RealOutput, RealRandom};
use cap_std::ambient_authority;
use std::ffi::OsString;
use std::fs::File;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::path::Path;

/// Opens a directory by its path on the host.
pub fn open_dir(path: impl AsRef<Path>) -> io::Result<cap_std::fs::Dir> {
    cap_std::fs::Dir::open_ambient_dir(path, ambient_authority())
}

/// The process's arguments.
pub fn args() -> Vec<Vec<u8>> {
    std::env::args_os().map(OsString::into_encoded_bytes).collect()
}

/// The process's environment.
pub fn vars() -> Vec<(Vec<u8>, Vec<u8>)> {
    let bytes = OsString::into_encoded_bytes;
    std::env::vars_os().map(|(name, value)| (bytes(name), bytes(value))).collect()
}

/// The process's standard input.
pub fn stdin() -> Box<dyn InputStream> {
    Box::new(RealInput::new(io::stdin(), ambient_authority()))
}

/// The process's standard output, escaped if it is a terminal ([`EscapedOutput`]). What Rust code has
/// buffered for it is written first.
pub fn stdout() -> Box<dyn OutputStream> {
    escaped_on_terminal(raw_stdout())
}

/// The process's standard error, escaped if it is a terminal.
pub fn stderr() -> Box<dyn OutputStream> {
    escaped_on_terminal(raw_stderr())
}

fn escaped_on_terminal(stream: Box<dyn OutputStream>) -> Box<dyn OutputStream> {
    if stream.is_terminal() { Box::new(EscapedOutput::new(stream)) } else { stream }
}

/// As [`stdout`], but a terminal obeys what is written to it.
pub fn raw_stdout() -> Box<dyn OutputStream> {
    let stdout = io::stdout();
    let _ = io::Write::flush(&mut &stdout); // Its error comes again with the guest's first write.
    Box::new(RealOutput::new(stdout, ambient_authority()))
}

/// As [`stderr`], but a terminal obeys what is written to it.
pub fn raw_stderr() -> Box<dyn OutputStream> {
    Box::new(RealOutput::new(io::stderr(), ambient_authority()))
}

/// A file of the host, to be read.
pub fn input_file(path: impl AsRef<Path>) -> io::Result<Box<dyn InputStream>> {
    Ok(Box::new(RealInput::new(File::open(path)?, ambient_authority())))
}

/// As [`raw_output_file`], but escaped if it is a terminal.
pub fn output_file(path: impl AsRef<Path>) -> io::Result<Box<dyn OutputStream>> {
    raw_output_file(path).map(escaped_on_terminal)
}

/// A file of the host, to be written: made or emptied now. What is written goes to its end, so that
/// one file can be opened twice, as output and as errors.
pub fn raw_output_file(path: impl AsRef<Path>) -> io::Result<Box<dyn OutputStream>> {
    let file = File::options().append(true).create(true).open(path)?;
    if file.metadata()?.is_file() {
        file.set_len(0)?; // A device or a pipe has no length.
    }
    Ok(Box::new(RealOutput::new(file, ambient_authority())))
}

/// Listens for TCP connections at an address of the host.
pub fn tcp_listener(address: SocketAddr) -> io::Result<(Box<dyn Listener>, SocketAddr)> {
    let listener = TcpListener::bind(address)?;
    let address = listener.local_addr()?;
    Ok((Box::new(RealListener::new(listener)?), address))
}

/// The host's clocks; the monotonic one starts now.
pub fn clock() -> Box<dyn Clock> {
    Box::new(RealClock::new(ambient_authority()))
}

/// The host's randomness.
pub fn random() -> Box<dyn Random> {
    Box::new(RealRandom::new(ambient_authority()))
}
