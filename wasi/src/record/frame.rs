//! The format of a recording.
//!
//! ```text
//! "rwasm recording "  version  "\n"
//! length: u64  the embedder's bytes
//! for each operation:  length: u32  0  operation  digest  outcome  count   then `count` bytes read
//! at the end:          length: u32  1  the embedder's bytes
//! ```
//!
//! Integers of fixed size are little-endian; a frame's length is without what was read. What stands
//! in a frame is written as `postcard` does.

use super::ReplayError;
use crate::host::{HostOp, Outcome};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use std::io::{self, BufRead, IoSlice, Read, Write};

/// Which version of the format this is: that of the crate, since the operations are its types.
pub(super) const VERSION: &str = env!("CARGO_PKG_VERSION");
const MAGIC: &str = "rwasm recording ";

const OPERATION: u8 = 0;
const END: u8 = 1;

/// What stands behind an operation in its frame.
#[derive(Debug, Deserialize, Serialize)]
pub(super) struct Answer {
    /// Of what was to be written, if something was.
    pub digest: Option<u64>,
    pub outcome: Outcome,
    /// How many bytes that were read follow the frame.
    pub read: u64,
}

/// A part of a recording.
#[derive(Debug)]
pub(super) enum Frame {
    Operation(HostOp, Answer),
    End(Vec<u8>),
}

/// Writes what stands before the first frame.
pub(super) fn write_head(out: &mut impl Write, about: &[u8]) -> io::Result<()> {
    writeln!(out, "{MAGIC}{VERSION}")?;
    out.write_all(&(about.len() as u64).to_le_bytes())?;
    out.write_all(about)
}

/// Reads it, and gives the embedder's bytes.
pub(super) fn read_head(input: &mut impl BufRead) -> Result<Vec<u8>, ReplayError> {
    let mut line = Vec::new();
    input.take(64).read_until(b'\n', &mut line)?;
    let text = line.strip_suffix(b"\n").and_then(|line| str::from_utf8(line).ok());
    let version = text.and_then(|line| line.strip_prefix(MAGIC));
    let version = version.ok_or(ReplayError::NotARecording)?;
    if version != VERSION {
        return Err(ReplayError::Version(version.to_owned()));
    }
    let damaged = ReplayError::Damaged { operation: 0 };
    let mut len = [0; 8];
    input.read_exact(&mut len).map_err(|_| ReplayError::Damaged { operation: 0 })?;
    bytes(input, u64::from_le_bytes(len))?.ok_or(damaged)
}

/// A frame being written.
#[derive(Debug, Default)]
pub(super) struct FrameBuffer(Vec<u8>);

impl FrameBuffer {
    /// Begins the frame of an operation, which is written before it is carried out.
    pub fn begin(&mut self, op: &HostOp) -> io::Result<()> {
        self.start(OPERATION);
        self.put(op)
    }

    /// Completes it.
    pub fn complete(&mut self, answer: &Answer) -> io::Result<&[u8]> {
        self.put(answer)?;
        self.finish()
    }

    /// The last frame.
    pub fn end(&mut self, end: &[u8]) -> io::Result<&[u8]> {
        self.start(END);
        self.0.extend_from_slice(end);
        self.finish()
    }

    fn start(&mut self, kind: u8) {
        self.0.clear();
        self.0.extend_from_slice(&[0, 0, 0, 0, kind]);
    }

    fn put(&mut self, value: &impl Serialize) -> io::Result<()> {
        self.0 =
            postcard::to_extend(value, std::mem::take(&mut self.0)).map_err(io::Error::other)?;
        Ok(())
    }

    fn finish(&mut self) -> io::Result<&[u8]> {
        let len = u32::try_from(self.0.len() - 4).map_err(io::Error::other)?;
        self.0[..4].copy_from_slice(&len.to_le_bytes()); // `start` made room for it.
        Ok(&self.0)
    }
}

/// The next frame; `operation` is its number. `None` at the end of the file, also if that is in the
/// middle of a frame: the recorder may have been killed there.
pub(super) fn read(input: &mut impl BufRead, operation: u64) -> Result<Option<Frame>, ReplayError> {
    let damaged = || ReplayError::Damaged { operation };
    let Some(len) = bytes(input, 4)? else { return Ok(None) };
    let len = u32::from_le_bytes(len.try_into().map_err(|_| damaged())?);
    let Some(frame) = bytes(input, len.into())? else { return Ok(None) };
    match frame.split_first() {
        Some((&OPERATION, rest)) => {
            let (op, rest) = take(rest).ok_or_else(damaged)?;
            let (answer, rest) = take(rest).ok_or_else(damaged)?;
            rest.is_empty().then_some(Some(Frame::Operation(op, answer))).ok_or_else(damaged)
        }
        Some((&END, rest)) => Ok(Some(Frame::End(rest.to_vec()))),
        _ => Err(damaged()),
    }
}

fn take<T: DeserializeOwned>(bytes: &[u8]) -> Option<(T, &[u8])> {
    postcard::take_from_bytes(bytes).ok()
}

/// The next `len` bytes, if there are so many. Takes no memory for what is not there.
fn bytes(input: &mut impl BufRead, len: u64) -> io::Result<Option<Vec<u8>>> {
    let mut bytes = Vec::new();
    input.take(len).read_to_end(&mut bytes)?;
    Ok((bytes.len() as u64 == len).then_some(bytes))
}

/// A number that tells other bytes apart from these (FNV-1a, 64 bits): so that a recording need
/// not hold what a guest writes.
pub(super) fn digest(buffers: &[IoSlice<'_>]) -> u64 {
    let bytes = buffers.iter().flat_map(|buffer| buffer.iter());
    bytes.fold(0xcbf2_9ce4_8422_2325, |digest, &byte| {
        (digest ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}
