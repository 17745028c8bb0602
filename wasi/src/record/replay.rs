//! [`Replay`]: a recorded run, run again.

use super::ReplayError;
use super::frame::{Answer, Frame, digest, read, read_head};
use crate::host::{
    Host, HostOp, HostRet, HostSession, Interrupt, Io, Outcome, OutputStream, Source, Stream,
};
use std::fmt;
use std::io::{self, BufReader, IoSlice, IoSliceMut, Read};
use std::sync::{Arc, Mutex, PoisonError};

/// A recorded run, which answers the guest as the world did then. Clones are the same replay.
#[derive(Clone)]
pub struct Replay(Arc<Mutex<State>>);

struct State {
    input: BufReader<Box<dyn Read + Send>>,
    /// How many operations were answered.
    done: u64,
    problem: Option<ReplayError>,
}

impl Replay {
    /// Begins a replay. Also gives the bytes that [`Recording::begin`](super::Recording::begin) was
    /// given.
    ///
    /// # Errors
    ///
    /// If this is no recording, or one that cannot be read.
    pub fn begin(input: impl Read + Send + 'static) -> Result<(Self, Vec<u8>), ReplayError> {
        let input: Box<dyn Read + Send> = Box::new(input);
        let mut input = BufReader::with_capacity(64 << 10, input);
        let about = read_head(&mut input)?;
        Ok((Self(Arc::new(Mutex::new(State { input, done: 0, problem: None }))), about))
    }

    /// A session that answers from the recording. What the guest wrote to standard output and
    /// error is written to these; nothing else touches the world.
    ///
    /// When the run diverges, the guest ends as if it were interrupted, and [`Replay::finish`] says
    /// why.
    pub fn session(
        &self,
        stdout: Box<dyn OutputStream>,
        stderr: Box<dyn OutputStream>,
    ) -> HostSession {
        let replayer = Replayer { replay: self.clone(), stdout, stderr };
        HostSession::new(replayer, Interrupt::new())
    }

    /// Ends the replay, and gives the bytes that
    /// [`Recording::finish`](super::Recording::finish) was given.
    ///
    /// # Errors
    ///
    /// If the run diverged, or ended before the recorded one.
    pub fn finish(&self) -> Result<Vec<u8>, ReplayError> {
        self.with(|state| match state.problem.take() {
            Some(problem) => Err(problem),
            None => match state.next()? {
                Some(Frame::End(end)) => Ok(end),
                Some(Frame::Operation(op, _)) => {
                    Err(state.diverged(op.to_string(), "the end of the run".into()))
                }
                None => Err(state.incomplete()),
            },
        })
    }

    /// The bytes that [`Recording::finish`](super::Recording::finish) was given for a recording, if it
    /// came to that: for who must know before a replay how it will end.
    ///
    /// # Errors
    ///
    /// If this is no recording, or one that cannot be read.
    pub fn end_of(input: impl Read) -> Result<Option<Vec<u8>>, ReplayError> {
        let mut input = BufReader::with_capacity(64 << 10, input);
        read_head(&mut input)?;
        for operation in 1.. {
            match read(&mut input, operation)? {
                Some(Frame::Operation(_, answer)) => {
                    io::copy(&mut (&mut input).take(answer.read), &mut io::sink())?;
                }
                Some(Frame::End(end)) => return Ok(Some(end)),
                None => break,
            }
        }
        Ok(None)
    }

    fn with<T>(&self, then: impl FnOnce(&mut State) -> T) -> T {
        // A panic in the middle leaves a replay that diverges, and says so.
        then(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl fmt::Debug for Replay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Replay").finish_non_exhaustive()
    }
}

impl State {
    fn next(&mut self) -> Result<Option<Frame>, ReplayError> {
        self.done += 1;
        read(&mut self.input, self.done)
    }

    /// The answer to `op`, which must be the next one of the recording.
    fn answer(&mut self, op: &HostOp, io: Io<'_, '_>) -> Result<Outcome, ReplayError> {
        let (recorded, answer) = match self.next()? {
            Some(Frame::Operation(recorded, answer)) => (recorded, answer),
            Some(Frame::End(_)) => {
                return Err(self.diverged("the end of the run".into(), op.to_string()));
            }
            None => return Err(self.incomplete()),
        };
        if recorded != *op {
            return Err(self.diverged(recorded.to_string(), op.to_string()));
        }
        let Answer { digest: recorded_digest, outcome, read } = answer;
        match io {
            Io::Write(buffers) if recorded_digest != Some(digest(buffers)) => {
                Err(self.diverged(op.to_string(), format!("{op} of other bytes")))
            }
            Io::Write(_) => Ok(outcome),
            Io::Read(buffers) => self.fill(buffers, read).map(|()| outcome),
            Io::None if read != 0 => Err(ReplayError::Damaged { operation: self.done }),
            Io::None => Ok(outcome),
        }
    }

    /// Fills the buffers with the `len` bytes that were read then.
    fn fill(&mut self, buffers: &mut [IoSliceMut<'_>], mut len: u64) -> Result<(), ReplayError> {
        for buffer in buffers {
            let piece = len.min(buffer.len() as u64);
            self.input.read_exact(&mut buffer[..piece as usize]).map_err(|error| {
                match error.kind() {
                    io::ErrorKind::UnexpectedEof => self.incomplete(),
                    _ => error.into(),
                }
            })?;
            len -= piece;
        }
        match len {
            0 => Ok(()),
            _ => Err(self.diverged("a longer read".into(), "a shorter one".into())),
        }
    }

    fn diverged(&self, recorded: String, now: String) -> ReplayError {
        ReplayError::Diverged { operation: self.done, recorded, now }
    }

    fn incomplete(&self) -> ReplayError {
        ReplayError::Incomplete { operation: self.done }
    }
}

/// Who answers from the recording.
struct Replayer {
    replay: Replay,
    stdout: Box<dyn OutputStream>,
    stderr: Box<dyn OutputStream>,
}

impl Host for Replayer {
    fn submit(&mut self, op: HostOp, io: Io<'_, '_>) -> Outcome {
        let output = match (&op, &io) {
            (HostOp::Write { to: Source::Stream(Stream::Out), .. }, Io::Write(buffers)) => {
                Some((&mut self.stdout, *buffers))
            }
            (HostOp::Write { to: Source::Stream(Stream::Err), .. }, Io::Write(buffers)) => {
                Some((&mut self.stderr, *buffers))
            }
            _ => None,
        };
        let outcome = self.replay.with(|state| {
            if state.problem.is_some() {
                return Outcome::Interrupted;
            }
            state.answer(&op, io).unwrap_or_else(|problem| {
                state.problem = Some(problem);
                Outcome::Interrupted
            })
        });
        if let (Some((stream, buffers)), Outcome::Ready(Ok(HostRet::Written(written)))) =
            (output, &outcome)
        {
            write_again(&mut **stream, buffers, written.bytes);
        }
        outcome
    }
}

/// Writes the first `left` bytes of the buffers. A reader that has gone away is no reason to answer
/// other than was recorded.
fn write_again(stream: &mut dyn OutputStream, buffers: &[IoSlice<'_>], mut left: u64) {
    for buffer in buffers {
        let mut piece = &buffer[..left.min(buffer.len() as u64) as usize];
        left -= piece.len() as u64;
        while !piece.is_empty() {
            match stream.write(&[IoSlice::new(piece)]) {
                Ok(0) => return,
                Ok(written) => piece = piece.get(written..).unwrap_or_default(),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => std::thread::yield_now(),
                Err(_) => return,
            }
        }
    }
}
