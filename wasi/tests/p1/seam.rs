//! The seam: a decorator sees every operation and can answer in the world's place.

use crate::backend::on_every_backend;
use crate::guest::*;
use rwasm_wasi::host::{ErrorCode, FsOp, Host, HostOp, HostRet, Io, OpId, Outcome};
use rwasm_wasi::p1::{Errno, Fail, GuestMemory, WasiTrap, functions as p1};
use rwasm_wasi::{DirPerms, FilePerms, WasiCtx, WasiCtxBuilder, WasiP1Ctx};
use std::sync::{Arc, Mutex};

/// Logs operations, bytes included, and refuses to remove anything.
struct Decorator {
    inner: Box<dyn Host>,
    log: Arc<Mutex<Vec<String>>>,
}

impl Host for Decorator {
    fn submit(&mut self, op: HostOp, io: Io<'_, '_>) -> Outcome {
        let mut line = format!("{op:?}");
        if let Io::Write(bufs) = &io {
            let bytes: Vec<u8> = bufs.iter().flat_map(|buf| buf.to_vec()).collect();
            line += &format!(" {:?}", String::from_utf8_lossy(&bytes));
        }
        self.log.lock().unwrap().push(line);
        match op {
            HostOp::Fs(FsOp::UnlinkAt { .. }) => Outcome::Ready(Err(ErrorCode::ReadOnly)),
            op => self.inner.submit(op, io),
        }
    }
}

#[test]
fn a_decorator_sees_and_decides() {
    on_every_backend(|dir| {
        let log = Arc::new(Mutex::new(Vec::new()));
        let mut builder = WasiCtxBuilder::new();
        dir.preopen(&mut builder, ".", "/", DirPerms::all(), FilePerms::all());
        let session = builder.build().into_session();
        let session = session.wrap(|inner| Decorator { inner, log: log.clone() });
        let mut guest = Guest::new(WasiP1Ctx::new(WasiCtx::from_session(session)));
        let fd = guest.open("f", CREAT, WRITE).unwrap();
        guest.write(fd, b"seen").unwrap();
        assert_eq!(guest.unlink("f"), Err(Errno::Rofs));
        guest.close(fd).unwrap();
        let log = log.lock().unwrap();
        assert_eq!(log.len(), 6, "{log:#?}");
        assert!(log[2].starts_with("Fs(OpenAt { dir: Handle(0)"), "{}", log[2]);
        assert!(log[3].contains("Handle(1)") && log[3].ends_with(r#""seen""#), "{}", log[3]);
        assert_eq!(dir.read("f"), "seen");
    });
}

/// Answers from a list, as a replay does, and without any world.
struct Script(Vec<Outcome>);

impl Host for Script {
    fn submit(&mut self, _: HostOp, io: Io<'_, '_>) -> Outcome {
        if let Io::Read(bufs) = io {
            bufs.iter_mut().for_each(|buf| buf.fill(b'r'));
        }
        self.0.remove(0)
    }
}

fn scripted(outcomes: impl IntoIterator<Item = Outcome>) -> Guest {
    let preopens = Outcome::Ready(Ok(HostRet::Preopens(Vec::new())));
    let listeners = Outcome::Ready(Ok(HostRet::Handles(Vec::new())));
    let script = Script([preopens, listeners].into_iter().chain(outcomes).collect());
    let interrupt = rwasm_wasi::Interrupt::new();
    let session = rwasm_wasi::host::HostSession::new(script, interrupt);
    Guest::new(WasiP1Ctx::new(WasiCtx::from_session(session)))
}

#[test]
fn a_guest_needs_no_world_to_be_answered() {
    let mut guest = scripted([Outcome::Ready(Ok(HostRet::Count(3)))]);
    assert_eq!(guest.read(0, 3).unwrap(), b"rrr");
}

#[test]
fn an_operation_under_way_suspends_the_guest() {
    let mut guest = scripted([Outcome::Pending(OpId(7))]);
    let mut mem = GuestMemory::new(&mut guest.bytes);
    let result = p1::sched_yield(&mut guest.cx, &mut mem);
    assert_eq!(result, Err(Fail::Trap(WasiTrap::Pending(OpId(7)))));
}

#[test]
fn an_answer_of_the_wrong_kind_is_an_error_of_the_call() {
    let mut guest = scripted([Outcome::Ready(Ok(HostRet::Done))]);
    assert_eq!(guest.read(0, 3), Err(Errno::Io));
}

#[test]
fn a_context_can_move_between_threads() {
    fn is_send<T: Send + 'static>() {}
    is_send::<WasiP1Ctx>();
    is_send::<WasiCtx>();
    is_send::<WasiCtxBuilder>();
}
