//! [`Recording`]: a run that is being recorded.

use super::frame::{Answer, FrameBuffer, digest, write_head};
use crate::host::{
    FileType, FsOp, Handle, Host, HostOp, HostRet, HostSession, Io, OpId, Outcome, Source,
};
use std::collections::HashSet;
use std::fmt;
use std::io::{self, IoSliceMut, Write};
use std::sync::{Arc, Mutex, PoisonError};

/// A run that is being recorded. Clones are the same recording.
///
/// Begun before the guest's front end is made, so that nothing escapes it:
///
/// ```
/// use rwasm_wasi::record::{Recording, Replay};
/// use rwasm_wasi::{SinkOutput, WasiCtx, WasiCtxBuilder, WasiP1Ctx};
///
/// let (reader, writer) = std::io::pipe()?; // A file would do as well.
/// let recording = Recording::begin(writer, b"which module this was")?;
/// let session = WasiCtxBuilder::new().env("LANG", "C").build().into_session();
/// let guest = WasiP1Ctx::new(WasiCtx::from_session(recording.record(session)));
/// // … the guest runs …
/// recording.finish(b"how it ended")?;
///
/// let (replay, about) = Replay::begin(reader)?;
/// let session = replay.session(Box::new(SinkOutput), Box::new(SinkOutput));
/// let guest = WasiP1Ctx::new(WasiCtx::from_session(session));
/// // … the same module runs in the same way …
/// assert_eq!(replay.finish()?, b"how it ended");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Recording(Arc<Mutex<Log>>);

struct Log {
    out: io::BufWriter<Box<dyn Write + Send>>,
    frame: FrameBuffer,
    /// Why the recording is not complete.
    failed: Option<io::Error>,
}

impl Recording {
    /// Begins a recording with the embedder's own bytes. Fails if they cannot be written.
    pub fn begin(out: impl Write + Send + 'static, about: &[u8]) -> io::Result<Self> {
        let out: Box<dyn Write + Send> = Box::new(out);
        let mut out = io::BufWriter::with_capacity(64 << 10, out);
        write_head(&mut out, about)?;
        out.flush()?;
        Ok(Self(Arc::new(Mutex::new(Log { out, frame: FrameBuffer::default(), failed: None }))))
    }

    /// The session, from now on recorded.
    pub fn record(&self, session: HostSession) -> HostSession {
        session.wrap(|host| Recorder { host, log: self.clone(), waits: HashSet::new() })
    }

    /// Ends the recording with the embedder's own bytes. Fails if something could not be written,
    /// now or since it began.
    pub fn finish(&self, end: &[u8]) -> io::Result<()> {
        self.with(|log| {
            let Log { out, frame, failed } = log;
            if let Some(error) = failed.take() {
                return Err(error);
            }
            out.write_all(frame.end(end)?)?;
            out.flush()
        })
    }

    fn with<T>(&self, then: impl FnOnce(&mut Log) -> T) -> T {
        // No panic can leave a log half changed: what it holds is bytes in order.
        then(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Log {
    /// Does something to the log, unless that failed before.
    fn attempt(&mut self, then: impl FnOnce(&mut Self) -> io::Result<()>) {
        if self.failed.is_none() {
            self.failed = then(self).err();
        }
    }
}

impl fmt::Debug for Recording {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Recording").finish_non_exhaustive()
    }
}

/// The decorator that records.
struct Recorder {
    host: Box<dyn Host>,
    log: Recording,
    /// What was opened and is neither a file nor a directory: reading it may wait.
    waits: HashSet<Handle>,
}

impl Host for Recorder {
    fn submit(&mut self, op: HostOp, io: Io<'_, '_>) -> Outcome {
        let may_wait = match &op {
            HostOp::Read { from: Source::Stream(_), .. } => true,
            HostOp::Read { from: Source::File(handle), .. } => self.waits.contains(handle),
            op => matches!(op, HostOp::Wait(_) | HostOp::Net(_)),
        };
        self.log.with(|log| {
            log.attempt(|log| log.frame.begin(&op));
            if may_wait {
                // The run may be ended while it waits.
                log.attempt(|log| log.out.flush());
            }
        });
        if let HostOp::Fs(FsOp::Close { handle }) = &op {
            self.waits.remove(handle);
        }
        match io {
            Io::None => {
                let outcome = self.host.submit(op, Io::None);
                if let Outcome::Ready(Ok(HostRet::Opened(opened))) = &outcome
                    && !matches!(opened.file_type, FileType::RegularFile | FileType::Directory)
                {
                    self.waits.insert(opened.handle);
                }
                self.answered(outcome, None, &[])
            }
            Io::Write(buffers) => {
                let digest = digest(buffers);
                let outcome = self.host.submit(op, Io::Write(buffers));
                self.answered(outcome, Some(digest), &[])
            }
            Io::Read(buffers) => {
                let outcome = self.host.submit(op, Io::Read(&mut *buffers));
                self.answered(outcome, None, buffers)
            }
        }
    }

    fn cancel(&mut self, op: OpId) {
        self.host.cancel(op);
    }
}

impl Recorder {
    fn answered(
        &self,
        outcome: Outcome,
        digest: Option<u64>,
        buffers: &[IoSliceMut<'_>],
    ) -> Outcome {
        let read = read_bytes(&outcome, buffers);
        let answer = Answer { digest, outcome, read };
        self.log.with(|log| {
            log.attempt(|Log { out, frame, .. }| {
                out.write_all(frame.complete(&answer)?)?;
                let mut left = answer.read;
                for buffer in buffers {
                    let len = left.min(buffer.len() as u64);
                    out.write_all(&buffer[..len as usize])?;
                    left -= len;
                }
                Ok(())
            });
        });
        answer.outcome
    }
}

/// How many bytes of the buffers an operation has filled.
fn read_bytes(outcome: &Outcome, buffers: &[IoSliceMut<'_>]) -> u64 {
    let room: u64 = buffers.iter().map(|buffer| buffer.len() as u64).sum();
    match outcome {
        Outcome::Ready(Ok(HostRet::Count(count))) => room.min(*count),
        Outcome::Ready(Ok(_)) => room, // Randomness fills all.
        _ => 0,
    }
}
