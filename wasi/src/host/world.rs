//! [`World`]: the host that carries operations out, with the capabilities it was given.

use super::nodes::Nodes;
use super::patience::beginning;
use super::{
    Clock, ClockId, ClockOp, Deadline, Direction, Env, EnvOp, ErrorCode, Host, HostOp, HostRet,
    Interest, Interrupt, Io, Listener, NetOp, OsWait, Outcome, Preopened, Random, Readiness,
    Result, Source, Stdio, Stream, WaitOp, When, Woken, Written,
};
use std::io::{IoSlice, IoSliceMut};

/// A set of capabilities, and the open files of the guest that uses them.
///
/// Operations on files and streams are carried out at once, on the calling thread. An operation
/// that has to wait waits here too, watching the [`Interrupt`].
pub struct World {
    nodes: Nodes,
    stdio: Stdio,
    clock: Box<dyn Clock>,
    random: Box<dyn Random>,
    env: Box<dyn Env>,
    interrupt: Interrupt,
}

/// How many bytes of randomness are made before an interrupt is looked for: some milliseconds.
const RANDOM_AT_ONCE: usize = 1 << 20;

/// Why an operation gives nothing.
enum Stop {
    Failed(ErrorCode),
    Interrupted,
}

impl From<ErrorCode> for Stop {
    fn from(code: ErrorCode) -> Self {
        Self::Failed(code)
    }
}

impl Host for World {
    fn submit(&mut self, op: HostOp, io: Io<'_, '_>) -> Outcome {
        match self.carry_out(op, io) {
            Ok(ret) => Outcome::Ready(Ok(ret)),
            Err(Stop::Failed(code)) => Outcome::Ready(Err(code)),
            Err(Stop::Interrupted) => Outcome::Interrupted,
        }
    }
}

impl World {
    /// A world with these capabilities, directories and listening sockets.
    pub fn new(
        preopened: Vec<Preopened>,
        listeners: Vec<Box<dyn Listener>>,
        stdio: Stdio,
        clock: Box<dyn Clock>,
        random: Box<dyn Random>,
        env: Box<dyn Env>,
        interrupt: Interrupt,
    ) -> Self {
        Self { nodes: Nodes::new(preopened, listeners), stdio, clock, random, env, interrupt }
    }

    fn carry_out(&mut self, op: HostOp, io: Io<'_, '_>) -> std::result::Result<HostRet, Stop> {
        match (op, io) {
            (HostOp::Read { from, offset }, Io::Read(bufs)) => self.read(from, offset, bufs),
            (HostOp::Write { to, offset }, Io::Write(bufs)) => self.write(to, offset, bufs),
            (HostOp::Random, Io::Read(bufs)) => self.fill(bufs),
            (HostOp::Wait(wait), _) => self.wait(&wait),
            (HostOp::Fs(op), _) => Ok(self.nodes.submit(op)?),
            (HostOp::Net(op), io) => self.net(op, io),
            (HostOp::IsTerminal(stream), _) => Ok(HostRet::Flag(self.stdio.is_terminal(stream))),
            (HostOp::Clock(op), _) => Ok(self.clock(op)?),
            (HostOp::Env(EnvOp::Args), _) => Ok(HostRet::Strings(self.env.args())),
            (HostOp::Env(EnvOp::Vars), _) => Ok(HostRet::Strings(self.env.vars())),
            _ => Err(ErrorCode::Invalid.into()), // A read or write without its buffers.
        }
    }

    /// Fills buffers with randomness, of which a guest can ask for gigabytes.
    fn fill(&mut self, bufs: &mut [IoSliceMut<'_>]) -> std::result::Result<HostRet, Stop> {
        for buf in bufs {
            for piece in buf.chunks_mut(RANDOM_AT_ONCE) {
                if self.interrupt.is_interrupted() {
                    return Err(Stop::Interrupted);
                }
                self.random.fill(piece)?;
            }
        }
        Ok(HostRet::Done)
    }

    fn read(
        &mut self,
        from: Source,
        offset: u64,
        bufs: &mut [IoSliceMut<'_>],
    ) -> std::result::Result<HostRet, Stop> {
        loop {
            let read = match from {
                Source::Stream(Stream::In) => {
                    self.wait_until_ready(from, Direction::Read)?;
                    self.stdio.stdin.read(bufs).map_err(ErrorCode::from)
                }
                Source::Stream(_) => Err(ErrorCode::BadDescriptor),
                Source::File(handle) => {
                    if !self.nodes.file(handle)?.readable {
                        return Err(ErrorCode::BadDescriptor.into());
                    }
                    self.wait_until_ready(from, Direction::Read)?;
                    self.nodes.file(handle)?.file.read(bufs, offset)
                }
            };
            match read {
                // Someone else took what was there. The source says how to wait for more.
                Err(ErrorCode::WouldBlock) => {}
                Err(ErrorCode::Interrupted) if !self.interrupt.is_interrupted() => {}
                Err(ErrorCode::Interrupted) => return Err(Stop::Interrupted),
                result => return Ok(HostRet::Count(result? as u64)),
            }
        }
    }

    fn write(
        &mut self,
        to: Source,
        offset: Option<u64>,
        bufs: &[IoSlice<'_>],
    ) -> std::result::Result<HostRet, Stop> {
        loop {
            let written = match to {
                Source::Stream(Stream::In) => Err(ErrorCode::BadDescriptor),
                Source::Stream(stream) => match self.stdio.readiness(stream) {
                    Readiness::Ready(_) => self.write_stream(stream, bufs),
                    Readiness::Os(_) => match self.write_stream_at_once(stream, bufs) {
                        Err(ErrorCode::Unsupported) => {
                            // The stream blocks, so this waits where an interrupt is seen.
                            self.wait_until_ready(to, Direction::Write)?;
                            self.write_stream(stream, &beginning(bufs))
                        }
                        written => written,
                    },
                },
                Source::File(handle) => match self.nodes.file(handle)? {
                    file if !file.writable => Err(ErrorCode::BadDescriptor),
                    file => file.file.write(bufs, offset),
                },
            };
            match written {
                Err(ErrorCode::WouldBlock) => self.wait_until_ready(to, Direction::Write)?,
                Err(ErrorCode::Interrupted) if !self.interrupt.is_interrupted() => {}
                Err(ErrorCode::Interrupted) => return Err(Stop::Interrupted),
                result => return Ok(HostRet::Written(result?)),
            }
        }
    }

    fn net(&mut self, op: NetOp, io: Io<'_, '_>) -> std::result::Result<HostRet, Stop> {
        match (op, io) {
            (NetOp::Listeners, _) => Ok(HostRet::Handles(self.nodes.listeners().to_vec())),
            (NetOp::Accept { listener }, _) => {
                let source = Source::File(listener);
                self.retry(source, Direction::Read, |nodes| nodes.accept(listener))
                    .map(HostRet::Opened)
            }
            (NetOp::Peek { socket }, Io::Read(bufs)) => {
                let source = Source::File(socket);
                let peek = |nodes: &mut Nodes| nodes.file(socket)?.file.peek(bufs);
                let count = self.retry(source, Direction::Read, peek)?;
                Ok(HostRet::Count(count as u64))
            }
            (NetOp::Shutdown { socket, read, write }, _) => {
                self.nodes.file(socket)?.file.shutdown(read, write)?;
                Ok(HostRet::Done)
            }
            (NetOp::Peek { .. }, _) => Err(ErrorCode::Invalid.into()),
        }
    }

    /// Does something as often as it takes for it not to block.
    fn retry<T>(
        &mut self,
        source: Source,
        direction: Direction,
        mut attempt: impl FnMut(&mut Nodes) -> Result<T>,
    ) -> std::result::Result<T, Stop> {
        loop {
            match attempt(&mut self.nodes) {
                Err(ErrorCode::WouldBlock) => self.wait_until_ready(source, direction)?,
                Err(ErrorCode::Interrupted) if !self.interrupt.is_interrupted() => {}
                Err(ErrorCode::Interrupted) => return Err(Stop::Interrupted),
                result => return Ok(result?),
            }
        }
    }

    fn write_stream_at_once(&mut self, stream: Stream, bufs: &[IoSlice<'_>]) -> Result<Written> {
        let written = match stream {
            Stream::In => return Err(ErrorCode::BadDescriptor),
            Stream::Out => self.stdio.stdout.write_at_once(bufs),
            Stream::Err => self.stdio.stderr.write_at_once(bufs),
        };
        Ok(Written { bytes: written? as u64, end: 0 })
    }

    fn write_stream(&mut self, stream: Stream, bufs: &[IoSlice<'_>]) -> Result<Written> {
        let written = match stream {
            Stream::In => return Err(ErrorCode::BadDescriptor),
            Stream::Out => self.stdio.stdout.write(bufs),
            Stream::Err => self.stdio.stderr.write(bufs),
        };
        Ok(Written { bytes: written? as u64, end: 0 })
    }

    fn clock(&mut self, op: ClockOp) -> Result<HostRet> {
        match op {
            ClockOp::Now(clock) => self.clock.now(clock).map(HostRet::Time),
            ClockOp::Resolution(clock) => self.clock.resolution(clock).map(HostRet::Time),
            ClockOp::Yield => {
                self.clock.yield_now();
                Ok(HostRet::Done)
            }
        }
    }

    /// Returns when using `source` will not block.
    fn wait_until_ready(
        &mut self,
        source: Source,
        direction: Direction,
    ) -> std::result::Result<(), Stop> {
        let Self { nodes, stdio, clock, interrupt, .. } = self;
        let Readiness::Os(os) = readiness(nodes, stdio, source, direction)? else { return Ok(()) };
        let mut waits = [OsWait { source: os, direction, ready: None }];
        match clock.wait(None, &mut waits, interrupt)? {
            Woken::Interrupted => Err(Stop::Interrupted),
            Woken::Ready | Woken::Elapsed => Ok(()),
        }
    }

    fn wait(&mut self, wait: &WaitOp) -> std::result::Result<HostRet, Stop> {
        let now = self.clock.now(ClockId::Monotonic)?;
        let mut targets = Vec::with_capacity(wait.deadlines.len());
        for deadline in &wait.deadlines {
            targets.push(now.saturating_add(self.time_left(deadline)?));
        }

        let Self { nodes, stdio, clock, interrupt, .. } = self;
        let mut ready = vec![None; wait.interests.len()];
        let mut asked = Vec::new();
        let mut waits = Vec::new();
        for (index, &Interest { source, direction }) in wait.interests.iter().enumerate() {
            match readiness(nodes, stdio, source, direction)? {
                Readiness::Ready(now) => ready[index] = Some(now),
                Readiness::Os(os) => {
                    asked.push(index);
                    waits.push(OsWait { source: os, direction, ready: None });
                }
            }
        }

        // What the operating system knows is asked even if something is ready already, so that
        // one busy source cannot hide the others.
        let until = match ready.iter().any(Option::is_some) {
            true => Some(now),
            false => targets.iter().copied().min(),
        };
        if clock.wait(until, &mut waits, interrupt)? == Woken::Interrupted {
            return Err(Stop::Interrupted);
        }
        for (index, wait) in asked.into_iter().zip(waits) {
            ready[index] = wait.ready;
        }
        let now = self.clock.now(ClockId::Monotonic)?;
        let elapsed = targets.into_iter().map(|target| target <= now).collect();
        Ok(HostRet::Woken { ready, elapsed })
    }

    fn time_left(&mut self, deadline: &Deadline) -> Result<u64> {
        match deadline.when {
            When::In(nanos) => Ok(nanos),
            When::At(nanos) => Ok(nanos.saturating_sub(self.clock.now(deadline.clock)?)),
        }
    }
}

fn readiness<'a>(
    nodes: &'a Nodes,
    stdio: &'a Stdio,
    source: Source,
    direction: Direction,
) -> Result<Readiness<'a>> {
    match source {
        Source::Stream(stream) => Ok(stdio.readiness(stream)),
        Source::File(handle) => nodes.readiness(handle, direction),
    }
}
