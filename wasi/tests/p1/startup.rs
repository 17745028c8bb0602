//! Arguments, environment, clocks, randomness, streams and the end.

use crate::guest::*;
use rwasm_wasi::host::{Clock, ClockId, Interrupt, OsWait, Random, Woken};
use rwasm_wasi::p1::{Errno, Fail, GuestMemory, WasiTrap, functions as p1};
use rwasm_wasi::{MemoryInputPipe, MemoryOutputPipe, WasiCtxBuilder};

#[test]
fn arguments_and_environment_are_laid_out() {
    let mut builder = WasiCtxBuilder::new();
    builder.args(&["prog", "", "é"]).env("A", "1").env("B", "x=y").env("A", "2");
    let mut guest = Guest::new(builder.build_p1());
    guest.call(|cx, mem| p1::args_sizes_get(cx, mem, OUT, OUT + 4)).unwrap();
    assert_eq!((guest.u32_at(OUT), guest.u32_at(OUT + 4)), (3, 5 + 1 + 3));
    guest.call(|cx, mem| p1::args_get(cx, mem, OUT, BUF)).unwrap();
    assert_eq!(guest.get(BUF, 9), "prog\0\0é\0".as_bytes());
    let ptrs = [guest.u32_at(OUT), guest.u32_at(OUT + 4), guest.u32_at(OUT + 8)];
    assert_eq!(ptrs, [BUF, BUF + 5, BUF + 6]);
    guest.call(|cx, mem| p1::environ_sizes_get(cx, mem, OUT, OUT + 4)).unwrap();
    assert_eq!((guest.u32_at(OUT), guest.u32_at(OUT + 4)), (2, 6 + 4));
    guest.call(|cx, mem| p1::environ_get(cx, mem, OUT, BUF)).unwrap();
    assert_eq!(guest.get(BUF, 10), b"B=x=y\0A=2\0");
    for (ptrs, buf) in [(65_530, BUF), (OUT, 65_530), (u32::MAX, BUF), (OUT, u32::MAX)] {
        let got = guest.call(|cx, mem| p1::args_get(cx, mem, ptrs, buf));
        assert_eq!(got, Err(Errno::Fault), "{ptrs} {buf}");
    }
}

#[test]
fn there_are_two_clocks() {
    let mut guest = Guest::new(WasiCtxBuilder::new().build_p1());
    let mut last = 0;
    for _ in 0..3 {
        guest.call(|cx, mem| p1::clock_time_get(cx, mem, 1, 0, OUT)).unwrap();
        assert!(guest.u64_at(OUT) >= last.max(1));
        last = guest.u64_at(OUT);
    }
    assert!(last < 60_000_000_000, "does not tell how long the host has been up");
    guest.call(|cx, mem| p1::clock_time_get(cx, mem, 0, 0, OUT)).unwrap();
    assert!(guest.u64_at(OUT) > 1_700_000_000_000_000_000);
    for clock in [0, 1] {
        guest.call(|cx, mem| p1::clock_res_get(cx, mem, clock, OUT)).unwrap();
        assert!((1..=1_000_000_000).contains(&guest.u64_at(OUT)));
    }
    for clock in [2, 3, 4, u32::MAX] {
        let time = guest.call(|cx, mem| p1::clock_time_get(cx, mem, clock, 0, OUT));
        assert_eq!(time, Err(Errno::Inval));
        let res = guest.call(|cx, mem| p1::clock_res_get(cx, mem, clock, OUT));
        assert_eq!(res, Err(Errno::Inval));
    }
}

#[test]
fn randomness_fills_what_it_is_given() {
    let mut guest = Guest::new(WasiCtxBuilder::new().build_p1());
    guest.call(|cx, mem| p1::random_get(cx, mem, BUF, 4096)).unwrap();
    assert!(guest.get(BUF, 4096).iter().filter(|&&byte| byte == 0).count() < 100);
    assert_eq!(guest.get(BUF + 4096, 64), [0; 64]);
    guest.call(|cx, mem| p1::random_get(cx, mem, BUF, 0)).unwrap();
}

struct Fixed;

impl Clock for Fixed {
    fn now(&mut self, _: ClockId) -> rwasm_wasi::host::Result<u64> {
        Ok(42)
    }
    fn resolution(&mut self, _: ClockId) -> rwasm_wasi::host::Result<u64> {
        Ok(7)
    }
    fn wait(
        &mut self,
        _: Option<u64>,
        _: &mut [OsWait<'_>],
        _: &Interrupt,
    ) -> rwasm_wasi::host::Result<Woken> {
        Ok(Woken::Elapsed)
    }
}

impl Random for Fixed {
    fn fill(&mut self, buf: &mut [u8]) -> rwasm_wasi::host::Result<()> {
        buf.fill(9);
        Ok(())
    }
}

#[test]
fn capabilities_can_be_replaced() {
    let mut guest = Guest::new(WasiCtxBuilder::new().clock(Fixed).random(Fixed).build_p1());
    guest.call(|cx, mem| p1::clock_time_get(cx, mem, 0, 0, OUT)).unwrap();
    assert_eq!(guest.u64_at(OUT), 42);
    guest.call(|cx, mem| p1::clock_res_get(cx, mem, 1, OUT)).unwrap();
    assert_eq!(guest.u64_at(OUT), 7);
    guest.call(|cx, mem| p1::random_get(cx, mem, BUF, 3)).unwrap();
    assert_eq!(guest.get(BUF, 4), [9, 9, 9, 0]);
}

#[test]
fn streams_can_be_memory() {
    let (out, err) = (MemoryOutputPipe::new(8), MemoryOutputPipe::new(8));
    let mut builder = WasiCtxBuilder::new();
    builder.stdin(MemoryInputPipe::new("input")).stdout(out.clone()).stderr(err.clone());
    let mut guest = Guest::new(builder.build_p1());
    assert_eq!(guest.read(0, 3).unwrap(), b"inp");
    assert_eq!(guest.read(0, 9).unwrap(), b"ut");
    assert_eq!(guest.read(0, 9).unwrap(), b"");
    guest.put(BUF, b"abcdef");
    let count = guest.iovs(&[(BUF, 2), (BUF + 4, 2)]);
    guest.call(|cx, mem| p1::fd_write(cx, mem, 1, IOVS, count, OUT)).unwrap();
    assert_eq!(guest.u32_at(OUT), 4);
    assert_eq!(out.contents(), b"abef");
    assert_eq!(guest.write(2, b"error text"), Ok(8));
    assert_eq!(guest.write(2, b"x"), Err(Errno::Nospc));
    assert_eq!(err.contents(), b"error te");
    assert_eq!(guest.write(0, b"x"), Err(Errno::Badf));
    assert_eq!(guest.read(1, 1), Err(Errno::Badf));
    assert_eq!(guest.stat(1).unwrap().filetype, 0);
}

#[test]
fn the_end_is_a_trap() {
    let mut cx = WasiCtxBuilder::new().build_p1();
    let exit = p1::proc_exit(&mut cx, &mut GuestMemory::new(&mut []), 33);
    assert_eq!(exit, Err(Fail::Trap(WasiTrap::Exit(33))));
    let raise = p1::proc_raise(&mut cx, &mut GuestMemory::new(&mut []), 9);
    assert_eq!(raise, Err(Fail::Code(Errno::Notsup)));
    assert_eq!(p1::sched_yield(&mut cx, &mut GuestMemory::new(&mut [])), Ok(()));
}

macro_rules! count_rows {
    ($($name:ident($($arg:ident: $ty:ident),*) -> $ret:ident;)*) => {
        [$((stringify!($name), stringify!($ret), &[$(stringify!($ty)),*])),*]
    };
}

#[test]
fn the_list_has_every_function() {
    let rows: [(&str, &str, &[&str]); 46] = rwasm_wasi::for_each_p1_function!(count_rows);
    assert_eq!(rows.iter().filter(|(_, ret, _)| *ret == "never").count(), 1);
    assert!(rows.contains(&("fd_seek", "errno", &["i32", "i64", "i32", "i32"])));
}
