//! [`deny`]: operations that a guest may not do.

use crate::host::{ErrorCode, Host, HostOp, HostSession, Io, OpId, Outcome};

/// The session, with operations refused for which `reason` gives an error.
///
/// ```
/// use rwasm_wasi::host::{ErrorCode, FsOp, HostOp};
/// use rwasm_wasi::{WasiCtx, WasiCtxBuilder, WasiP1Ctx, deny};
///
/// let session = WasiCtxBuilder::new().build().into_session();
/// let session = deny(session, |op| match op {
///     HostOp::Fs(FsOp::SymlinkAt { .. }) => Some(ErrorCode::NotPermitted),
///     _ => None,
/// });
/// let guest = WasiP1Ctx::new(WasiCtx::from_session(session));
/// ```
pub fn deny(
    session: HostSession,
    reason: impl FnMut(&HostOp) -> Option<ErrorCode> + Send + 'static,
) -> HostSession {
    session.wrap(|host| Denier { host, reason })
}

/// The decorator that refuses.
struct Denier<F> {
    host: Box<dyn Host>,
    reason: F,
}

impl<F: FnMut(&HostOp) -> Option<ErrorCode> + Send> Host for Denier<F> {
    fn submit(&mut self, op: HostOp, io: Io<'_, '_>) -> Outcome {
        match (self.reason)(&op) {
            Some(error) => Outcome::Ready(Err(error)),
            None => self.host.submit(op, io),
        }
    }

    fn cancel(&mut self, op: OpId) {
        self.host.cancel(op);
    }
}
