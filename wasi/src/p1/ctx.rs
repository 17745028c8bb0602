//! [`WasiP1Ctx`]: the state of one WASI 0.1 guest.

use super::rights::FdFlags;
use super::table::{Descriptor, FdTable, Object, OpenDir, OpenListener};
use super::trace::Tracer;
use super::{Errno, Fail, Result, WasiTrap};
use crate::WasiCtx;
use crate::host::{FsOp, HostOp, HostRet, HostSession, Interrupt, Io, NetOp, Outcome, Stream};
use std::fmt;

/// The state of one WASI 0.1 guest: its descriptors, and its access to the world.
pub struct WasiP1Ctx {
    pub(super) session: HostSession,
    pub(super) fds: FdTable,
    /// Who hears of every call.
    pub(super) tracer: Option<Box<dyn Tracer>>,
}

impl WasiP1Ctx {
    /// A guest with the standard streams as descriptors 0 to 2, the context's directories from 3 on,
    /// and behind them its listening sockets: guests look for directories until there is something else.
    pub fn new(cx: WasiCtx) -> Self {
        let fds = FdTable::new(cx.max_descriptors());
        let mut cx = Self { session: cx.into_session(), fds, tracer: None };
        for stream in [Stream::In, Stream::Out, Stream::Err] {
            cx.fds.insert(Descriptor::new(Object::Stream(stream)));
        }
        // A decorator that refuses even this leaves a guest without directories.
        let preopens = cx.submit(FsOp::Preopens).and_then(|ret| Ok(ret.preopens()?));
        for preopen in preopens.unwrap_or_default() {
            cx.fds.insert(Descriptor::new(Object::Dir(OpenDir {
                handle: preopen.handle,
                preopen: Some(preopen.name),
                writable: preopen.writable,
                listing: None,
            })));
        }
        let listeners = cx.submit(NetOp::Listeners).and_then(|ret| Ok(ret.handles()?));
        for handle in listeners.unwrap_or_default() {
            let listener = OpenListener { handle, flags: FdFlags::empty() };
            cx.fds.insert(Descriptor::new(Object::Listener(listener)));
        }
        cx
    }

    /// The handle that ends the guest's waits, from any thread.
    pub fn interrupt_handle(&self) -> Interrupt {
        self.session.interrupt_handle()
    }

    /// Carries out an operation that moves no bytes.
    pub(super) fn submit(&mut self, op: impl Into<HostOp>) -> Result<HostRet> {
        settle(self.session.submit(op.into(), Io::None))
    }

    /// Tells the world that the guest is done with what `descriptor` stood for.
    pub(super) fn release(&mut self, descriptor: Descriptor) -> Result {
        match descriptor.handle() {
            Ok(handle) => self.submit(FsOp::Close { handle }).map(drop),
            Err(_) => Ok(()), // Standard streams belong to the embedder and stay open.
        }
    }
}

impl fmt::Debug for WasiP1Ctx {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("WasiP1Ctx");
        debug.field("session", &self.session).field("fds", &self.fds).finish_non_exhaustive()
    }
}

/// What an outcome means to a guest that waits for it.
pub(super) fn settle(outcome: Outcome) -> Result<HostRet> {
    match outcome {
        Outcome::Ready(Ok(ret)) => Ok(ret),
        Outcome::Ready(Err(code)) => Err(Fail::Code(Errno::from(code))),
        Outcome::Interrupted => Err(Fail::Trap(WasiTrap::Interrupted)),
        Outcome::Pending(op) => Err(Fail::Trap(WasiTrap::Pending(op))),
    }
}

impl From<NetOp> for HostOp {
    fn from(op: NetOp) -> Self {
        Self::Net(op)
    }
}

impl From<FsOp> for HostOp {
    fn from(op: FsOp) -> Self {
        Self::Fs(op)
    }
}
