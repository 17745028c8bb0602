//! [`Usage`]: what a guest used of what it was given.

use crate::host::{
    EnvOp, ErrorCode, FsOp, Handle, Host, HostOp, HostRet, HostSession, Io, NetOp, OpId, Outcome,
};
use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

/// Watches what a guest uses. Clones watch the same guest.
///
/// ```
/// use rwasm_wasi::usage::Usage;
/// use rwasm_wasi::{WasiCtx, WasiCtxBuilder, WasiP1Ctx};
///
/// let usage = Usage::default();
/// let session = WasiCtxBuilder::new().env("LANG", "C").build().into_session();
/// let guest = WasiP1Ctx::new(WasiCtx::from_session(usage.watch(session)));
/// // … the guest runs …
/// assert!(!usage.used().vars); // It could have done without `LANG`.
/// ```
#[derive(Clone, Default)]
pub struct Usage(Arc<Mutex<State>>);

/// What a guest has used so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Used {
    /// The directories that were open at the start, in their order.
    pub dirs: Vec<UsedDir>,
    /// Whether it asked for its arguments.
    pub args: bool,
    /// Whether it asked for environment variables. It gets all of them at once.
    pub vars: bool,
    /// Whether it looked at a clock or waited.
    pub time: bool,
    /// Whether it used a socket that listens.
    pub sockets: bool,
    /// Whether it asked for randomness.
    pub randomness: bool,
}

/// How a guest has used a directory.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UsedDir {
    /// The path the guest knows it by.
    pub name: Vec<u8>,
    /// Whether it used the directory or something in it, or tried to: it is told something else
    /// where there is no such directory.
    pub used: bool,
    /// Whether it did something there that it may not where it may only read, or failed at that
    /// for another reason.
    pub written: bool,
}

#[derive(Default)]
struct State {
    used: Used,
    /// The place in `used.dirs` of the directory that each open one or file was opened through.
    origins: HashMap<Handle, usize>,
}

impl Usage {
    /// The session, from now on watched.
    pub fn watch(&self, session: HostSession) -> HostSession {
        session.wrap(|host| Watcher { host, usage: self.clone() })
    }

    /// What was used so far.
    pub fn used(&self) -> Used {
        self.with(|state| state.used.clone())
    }

    fn with<T>(&self, then: impl FnOnce(&mut State) -> T) -> T {
        // What it holds can be used whatever panicked: each of its changes stands for itself.
        then(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl fmt::Debug for Usage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Usage").field(&self.used()).finish()
    }
}

/// The decorator that watches.
struct Watcher {
    host: Box<dyn Host>,
    usage: Usage,
}

impl Host for Watcher {
    fn submit(&mut self, op: HostOp, io: Io<'_, '_>) -> Outcome {
        match &op {
            HostOp::Fs(fs) => {
                let touch = Touch::of(fs);
                let outcome = self.host.submit(op, io);
                self.usage.with(|state| state.note(touch, &outcome));
                return outcome;
            }
            HostOp::Env(env) => self.usage.with(|state| match env {
                EnvOp::Args => state.used.args = true,
                EnvOp::Vars => state.used.vars = true,
            }),
            HostOp::Clock(_) | HostOp::Wait(_) => self.usage.with(|state| state.used.time = true),
            HostOp::Net(NetOp::Listeners) => {} // Every front end asks for them.
            HostOp::Net(_) => self.usage.with(|state| state.used.sockets = true),
            HostOp::Random => self.usage.with(|state| state.used.randomness = true),
            _ => {} // Streams are not chosen, and files were noted when they were opened.
        }
        self.host.submit(op, io)
    }

    fn cancel(&mut self, op: OpId) {
        self.host.cancel(op);
    }
}

/// What an operation on files and directories does to its handles.
#[derive(Default)]
struct Touch {
    /// What it is about.
    handles: [Option<Handle>; 2],
    /// Whether it is one that a read-only directory refuses.
    writes: bool,
    /// Whether its handle can be used no more.
    closes: bool,
}

impl Touch {
    fn of(op: &FsOp) -> Self {
        let reads = |handle: &Handle| Touch { handles: [Some(*handle), None], ..Touch::default() };
        let writes = |handle: &Handle| Touch { writes: true, ..reads(handle) };
        match op {
            FsOp::Preopens => Touch::default(),
            FsOp::Close { handle } => Touch { closes: true, ..reads(handle) },
            FsOp::OpenAt { dir, how, .. } if how.write || how.create || how.truncate => writes(dir),
            FsOp::OpenAt { dir, .. }
            | FsOp::Entries { dir }
            | FsOp::StatAt { dir, .. }
            | FsOp::ReadLinkAt { dir, .. } => reads(dir),
            FsOp::Stat { handle } | FsOp::Sync { handle, .. } | FsOp::Advise { handle, .. } => {
                reads(handle)
            }
            FsOp::SetTimes { handle, .. } | FsOp::SetSize { handle, .. } => writes(handle),
            FsOp::SetTimesAt { dir, .. }
            | FsOp::CreateDirAt { dir, .. }
            | FsOp::RemoveDirAt { dir, .. }
            | FsOp::UnlinkAt { dir, .. }
            | FsOp::SymlinkAt { dir, .. } => writes(dir),
            FsOp::LinkAt { from_dir, to_dir, .. } | FsOp::RenameAt { from_dir, to_dir, .. } => {
                Touch { handles: [Some(*from_dir), Some(*to_dir)], ..writes(from_dir) }
            }
        }
    }
}

impl State {
    /// Notes an operation and what came of it.
    fn note(&mut self, touch: Touch, outcome: &Outcome) {
        let State { used, origins } = self;
        let Touch { handles, writes, closes } = touch;
        if closes {
            handles.iter().flatten().for_each(|handle| _ = origins.remove(handle));
            return;
        }
        // A read-only directory would have given the same answer.
        let is_refused = matches!(outcome, Outcome::Ready(Err(ErrorCode::NotPermitted)));
        for handle in handles.iter().flatten() {
            let Some(dir) = origins.get(handle).and_then(|&origin| used.dirs.get_mut(origin))
            else {
                continue;
            };
            dir.used = true;
            dir.written |= writes && !is_refused;
        }
        match outcome {
            Outcome::Ready(Ok(HostRet::Preopens(preopens))) => {
                used.dirs.resize_with(preopens.len(), UsedDir::default);
                for (origin, (preopen, dir)) in preopens.iter().zip(&mut used.dirs).enumerate() {
                    origins.insert(preopen.handle, origin);
                    dir.name.clone_from(&preopen.name);
                }
            }
            Outcome::Ready(Ok(HostRet::Opened(opened))) => {
                let origin = handles[0].and_then(|dir| origins.get(&dir).copied());
                origin.into_iter().for_each(|origin| _ = origins.insert(opened.handle, origin));
            }
            _ => {}
        }
    }
}
