//! Sessions that are bounded or refuse.

use crate::backend::on_every_backend;
use crate::guest::*;
use rwasm_wasi::host::{ErrorCode, FsOp, HostOp};
use rwasm_wasi::p1::{Errno, functions as p1};
use rwasm_wasi::{Loopback, MemoryOutputPipe, Quota, WasiCtx, WasiCtxBuilder, WasiP1Ctx, deny};

fn guest_in(builder: &mut WasiCtxBuilder, quota: Quota) -> Guest {
    let session = quota.limit(builder.build().into_session());
    Guest::new(WasiP1Ctx::new(WasiCtx::from_session(session)))
}

#[test]
fn what_is_written_is_counted_wherever_it_goes() {
    on_every_backend(|dir| {
        let stdout = MemoryOutputPipe::new(100);
        let mut builder = dir.builder();
        let mut guest = guest_in(builder.stdout(stdout.clone()), Quota::new().written(20));
        let fd = guest.open("f", CREAT, READ | WRITE).unwrap();
        assert_eq!(guest.write(fd, b"0123456789"), Ok(10));
        let set_size = |guest: &mut Guest, size| {
            guest.call(|cx, mem| p1::fd_filestat_set_size(cx, mem, fd, size))
        };
        assert_eq!(set_size(&mut guest, 21), Err(Errno::Dquot));
        assert_eq!(set_size(&mut guest, u64::MAX), Err(Errno::Dquot));
        assert_eq!(set_size(&mut guest, 13), Ok(()));
        assert_eq!(set_size(&mut guest, 0), Ok(()), "less is no more");
        assert_eq!(guest.pwrite(fd, b"x", 8), Err(Errno::Dquot), "nor is there room to skip");
        assert_eq!(guest.write(1, b"abcde"), Ok(5));
        assert_eq!(guest.write(1, b"fgh"), Ok(2), "as much as there is");
        assert_eq!(guest.write(1, b"h"), Err(Errno::Dquot));
        assert_eq!(guest.write(fd, b"h"), Err(Errno::Dquot));
        assert_eq!(guest.write(fd, b""), Ok(0));
        assert_eq!(stdout.contents(), b"abcdefg");
    });
}

#[test]
fn what_is_open_at_once_is_counted() {
    on_every_backend(|dir| {
        let (network, listener) = Loopback::new().unwrap();
        let mut builder = dir.builder();
        let mut guest = guest_in(builder.preopened_listener(listener), Quota::new().open(2));
        let _peer = network.connect().unwrap();
        let accept = |guest: &mut Guest| {
            guest.call(|cx, mem| p1::sock_accept(cx, mem, 4, 0, OUT))?;
            Ok(guest.u32_at(OUT))
        };
        let first = guest.open("a", CREAT, WRITE).unwrap();
        let second = guest.open("b", CREAT, WRITE).unwrap();
        assert_eq!(guest.open("a", 0, READ), Err(Errno::Mfile));
        assert_eq!(accept(&mut guest), Err(Errno::Mfile));
        guest.close(first).unwrap();
        let connection = accept(&mut guest).unwrap();
        assert_eq!(guest.open("a", 0, READ), Err(Errno::Mfile));
        guest.close(second).unwrap();
        assert_eq!(guest.open("none", 0, READ), Err(Errno::Noent));
        guest.open("a", 0, READ).unwrap();
        guest.close(connection).unwrap();
    });
}

#[test]
fn operations_are_refused() {
    on_every_backend(|dir| {
        let session = deny(dir.builder().build().into_session(), |op| match op {
            HostOp::Fs(FsOp::UnlinkAt { path, .. }) if path == b"kept" => Some(ErrorCode::Busy),
            HostOp::Random => Some(ErrorCode::Io),
            _ => None,
        });
        let mut guest = Guest::new(WasiP1Ctx::new(WasiCtx::from_session(session)));
        for name in ["kept", "other"] {
            let fd = guest.open(name, CREAT, WRITE).unwrap();
            guest.close(fd).unwrap();
        }
        assert_eq!(guest.unlink("kept"), Err(Errno::Busy));
        assert_eq!(guest.unlink("other"), Ok(()));
        let random = guest.call(|cx, mem| p1::random_get(cx, mem, BUF, 8));
        assert_eq!(random, Err(Errno::Io));
        guest.open("kept", 0, READ).unwrap();
    });
}
