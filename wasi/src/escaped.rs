//! [`EscapedOutput`]: what guests write to terminals, without what terminals obey.

use crate::host::{OutputStream, Readiness};
use std::io::{self, ErrorKind, IoSlice};

/// Output in which control characters are made visible, so that a guest cannot move the cursor over
/// what others wrote, answer for the user, or set what a terminal lets programs set.
///
/// Only line feed, carriage return, tab, backspace and bell stay what they are. Instead of another
/// control character its picture is written (`␛` for escape), and U+FFFD instead of those of the
/// second set (U+0080 to U+009F) and of what is no UTF-8: decoders do not agree about what that is.
/// A character may come in several writes.
///
/// The process's own streams are escaped where they are terminals
/// ([`WasiCtxBuilder::inherit_stdout`](crate::WasiCtxBuilder::inherit_stdout)).
///
/// ```
/// use rwasm_wasi::host::OutputStream;
/// use rwasm_wasi::{EscapedOutput, MemoryOutputPipe};
/// use std::io::IoSlice;
///
/// let terminal = MemoryOutputPipe::new(1024);
/// let mut output = EscapedOutput::new(terminal.clone());
/// assert_eq!(output.write(&[IoSlice::new(b"\x1b[2J\xc3")])?, 5);
/// assert_eq!(output.write(&[IoSlice::new(b"\xa9\n")])?, 2);
/// assert_eq!(terminal.contents(), "␛[2Jé\n".as_bytes());
/// # std::io::Result::Ok(())
/// ```
pub struct EscapedOutput<S: OutputStream> {
    stream: S,
    /// The beginning of a character that is not complete.
    begun: Vec<u8>,
    /// What the stream did not take of what was written.
    unsent: Vec<u8>,
}

/// How many bytes of a guest's are written at once; a write may be short at any time. Each may become
/// three, with those of a character that was begun, and 4096 are what a stream that is ready takes.
const AT_ONCE: usize = 4096 / 3 - 4;

impl<S: OutputStream> EscapedOutput<S> {
    /// Escapes what is written to `stream`.
    pub fn new(stream: S) -> Self {
        Self { stream, begun: Vec::new(), unsent: Vec::new() }
    }

    /// Writes what is left from before. Fails as the stream does, and goes on there the next time.
    fn send(&mut self) -> io::Result<()> {
        while !self.unsent.is_empty() {
            match self.stream.write(&[IoSlice::new(&self.unsent)]) {
                Ok(0) => return Err(ErrorKind::WriteZero.into()),
                Ok(sent) => drop(self.unsent.drain(..sent.min(self.unsent.len()))),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

impl<S: OutputStream> OutputStream for EscapedOutput<S> {
    fn write(&mut self, bufs: &[IoSlice<'_>]) -> io::Result<usize> {
        self.send()?;
        let bytes: Vec<u8> =
            bufs.iter().flat_map(|buf| buf.iter()).take(AT_ONCE).copied().collect();
        let (text, begun) = escape(&[&self.begun[..], &bytes].concat());
        let len = text.len();
        self.unsent = text;
        if let Err(error) = self.send()
            && self.unsent.len() == len
        {
            self.unsent.clear(); // The guest will come with the same bytes.
            return Err(error);
        }
        self.begun = begun;
        Ok(bytes.len())
    }

    fn readiness(&self) -> Readiness<'_> {
        self.stream.readiness()
    }

    fn is_terminal(&self) -> bool {
        self.stream.is_terminal()
    }
}

impl<S: OutputStream> Drop for EscapedOutput<S> {
    fn drop(&mut self) {
        let _ = self.send(); // Nobody is left to tell if that fails.
    }
}

/// `bytes` as text that a terminal only shows, and the beginning of a character at their end.
fn escape(bytes: &[u8]) -> (Vec<u8>, Vec<u8>) {
    let (mut text, mut read) = (String::new(), 0);
    for chunk in bytes.utf8_chunks() {
        text.extend(chunk.valid().chars().map(visible));
        let invalid = chunk.invalid();
        read += chunk.valid().len() + invalid.len();
        if invalid.is_empty() {
            continue;
        }
        let is_cut = std::str::from_utf8(invalid).is_err_and(|error| error.error_len().is_none());
        if is_cut && read == bytes.len() {
            return (text.into_bytes(), invalid.to_vec());
        }
        text.push(char::REPLACEMENT_CHARACTER);
    }
    (text.into_bytes(), Vec::new())
}

/// What is shown instead of a character, if it is one that a terminal obeys.
fn visible(char: char) -> char {
    match char {
        '\n' | '\r' | '\t' | '\x08' | '\x07' => char,
        // The pictures are in the order of what they show.
        '\0'..='\x1f' => {
            char::from_u32(0x2400 + u32::from(char)).unwrap_or(char::REPLACEMENT_CHARACTER)
        }
        '\x7f' => '\u{2421}',
        '\u{80}'..='\u{9f}' => char::REPLACEMENT_CHARACTER,
        char => char,
    }
}
