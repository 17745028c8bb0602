//! `poll_oneoff`, and how an embedder ends a wait.

use crate::backend::on_every_backend;
use crate::guest::*;
use crate::host::TempDir;
use rustix::fs::{FileType, Mode, mknodat};
use rwasm_wasi::host::{InputStream, OsSource, Readiness};
use rwasm_wasi::p1::{Errno, Fail, GuestMemory, WasiTrap, functions as p1};
use rwasm_wasi::{MemoryInputPipe, WasiCtxBuilder, WasiP1Ctx};
use std::fs::File;
use std::io::{self, IoSliceMut, PipeReader, Read, Write};
use std::os::fd::AsFd;
use std::time::{Duration, Instant};

const MS: u64 = 1_000_000;
const SUBS: u32 = 4096;
const EVENTS: u32 = 8192;

enum Sub {
    Clock { id: u32, timeout: u64, flags: u16 },
    Read(u32),
    Write(u32),
}

fn put_sub(guest: &mut Guest, index: u32, sub: &Sub) {
    let at = SUBS + 48 * index;
    guest.put(at, &[0; 48]);
    guest.put(at, &u64::from(100 + index).to_le_bytes());
    match *sub {
        Sub::Clock { id, timeout, flags } => {
            guest.put(at + 16, &id.to_le_bytes());
            guest.put(at + 24, &timeout.to_le_bytes());
            guest.put(at + 40, &flags.to_le_bytes());
        }
        Sub::Read(fd) | Sub::Write(fd) => {
            guest.put(at + 8, &[if matches!(sub, Sub::Read(_)) { 1 } else { 2 }]);
            guest.put(at + 16, &fd.to_le_bytes());
        }
    }
}

/// Index of the subscription, errno, tag, bytes and flags.
type Event = (u64, u16, u8, u64, u8);

fn poll(guest: &mut Guest, subs: &[Sub]) -> Answer<Vec<Event>> {
    for (index, sub) in subs.iter().enumerate() {
        put_sub(guest, index as u32, sub);
    }
    let count = subs.len() as u32;
    guest.call(|cx, mem| p1::poll_oneoff(cx, mem, SUBS, EVENTS, count, OUT))?;
    let event = |index| {
        let at = EVENTS + 32 * index;
        let errno = u16::from_le_bytes(guest.get(at + 8, 2).try_into().unwrap());
        let tag = guest.bytes[at as usize + 10];
        (guest.u64_at(at) - 100, errno, tag, guest.u64_at(at + 16), guest.bytes[at as usize + 24])
    };
    Ok((0..guest.u32_at(OUT)).map(event).collect())
}

/// Standard input from a pipe of the host's.
struct Pipe(PipeReader);

impl InputStream for Pipe {
    fn read(&mut self, bufs: &mut [IoSliceMut<'_>]) -> io::Result<usize> {
        self.0.read_vectored(bufs)
    }
    fn readiness(&self) -> Readiness<'_> {
        let source: OsSource<'_> = self.0.as_fd();
        Readiness::Os(source)
    }
}

fn piped() -> (Guest, io::PipeWriter) {
    let (reader, writer) = io::pipe().unwrap();
    (Guest::new(WasiCtxBuilder::new().stdin(Pipe(reader)).build_p1()), writer)
}

#[test]
fn there_has_to_be_a_subscription_and_a_known_one() {
    let mut guest = Guest::new(WasiCtxBuilder::new().build_p1());
    assert_eq!(poll(&mut guest, &[]), Err(Errno::Inval));
    put_sub(&mut guest, 0, &Sub::Read(0));
    guest.put(SUBS + 8, &[3]);
    let polled = guest.call(|cx, mem| p1::poll_oneoff(cx, mem, SUBS, EVENTS, 1, OUT));
    assert_eq!(polled, Err(Errno::Inval));
    assert_eq!(poll(&mut guest, &[Sub::Clock { id: 1, timeout: 0, flags: 2 }]), Err(Errno::Inval));
}

#[test]
fn sleeping_takes_its_time() {
    let mut guest = Guest::new(WasiCtxBuilder::new().build_p1());
    for id in [0, 1] {
        let start = Instant::now();
        let events = poll(&mut guest, &[Sub::Clock { id, timeout: 20 * MS, flags: 0 }]).unwrap();
        assert!(start.elapsed() >= Duration::from_millis(20));
        assert_eq!(events, [(0, 0, 0, 0, 0)]);

        guest.call(|cx, mem| p1::clock_time_get(cx, mem, id, 0, OUT)).unwrap();
        let at = guest.u64_at(OUT) + 20 * MS;
        poll(&mut guest, &[Sub::Clock { id, timeout: at, flags: 1 }]).unwrap();
        guest.call(|cx, mem| p1::clock_time_get(cx, mem, id, 0, OUT)).unwrap();
        assert!(guest.u64_at(OUT) >= at);
    }
}

#[test]
fn the_first_deadline_wakes() {
    let mut guest = Guest::new(WasiCtxBuilder::new().build_p1());
    let clock = |timeout, flags| Sub::Clock { id: 1, timeout, flags };
    let events = poll(&mut guest, &[clock(60_000 * MS, 0), clock(MS, 0), clock(0, 1)]).unwrap();
    assert!(events.iter().any(|event| event.0 == 2));
    assert!(events.iter().all(|event| event.0 != 0));
}

#[test]
fn errors_are_events() {
    let mut guest = Guest::in_dir(std::env::temp_dir());
    let subs = [
        Sub::Clock { id: 1, timeout: 60_000 * MS, flags: 0 },
        Sub::Clock { id: 9, timeout: 0, flags: 0 },
        Sub::Read(99),
        Sub::Read(1),
        Sub::Write(0),
        Sub::Write(ROOT),
    ];
    let (badf, inval) = (Errno::Badf.raw(), Errno::Inval.raw());
    let events = poll(&mut guest, &subs).unwrap();
    let expected = [(1, inval, 0), (2, badf, 1), (3, badf, 1), (4, badf, 2), (5, badf, 2)];
    assert_eq!(events.iter().map(|e| (e.0, e.1, e.2)).collect::<Vec<_>>(), expected);
}

#[test]
fn files_and_memory_are_always_ready() {
    on_every_backend(|dir| {
        dir.write("f", "abcde");
        let mut builder = WasiCtxBuilder::new();
        let all = (rwasm_wasi::DirPerms::all(), rwasm_wasi::FilePerms::all());
        builder.stdin(MemoryInputPipe::new("x"));
        dir.preopen(&mut builder, ".", "/", all.0, all.1);
        let mut guest = Guest::new(builder.build_p1());
        let fd = guest.open("f", 0, READ | WRITE).unwrap();
        guest.seek(fd, 2, 0).unwrap();
        let subs =
            [Sub::Clock { id: 1, timeout: 60_000 * MS, flags: 0 }, Sub::Read(fd), Sub::Write(fd)];
        let events = poll(&mut guest, &subs).unwrap();
        assert_eq!(events, [(1, 0, 1, 3, 0), (2, 0, 2, 1, 0)]);
        guest.seek(fd, 0, 2).unwrap();
        assert_eq!(poll(&mut guest, &[Sub::Read(fd)]).unwrap(), [(0, 0, 1, 0, 1)]);
        let events = poll(&mut guest, &[Sub::Read(0), Sub::Write(1), Sub::Write(2)]).unwrap();
        assert_eq!(events.len(), 3);
    });
}

#[test]
fn a_pipe_is_ready_when_written_or_closed() {
    let (mut guest, mut writer) = piped();
    let clock = Sub::Clock { id: 1, timeout: 5 * MS, flags: 0 };
    let events = poll(&mut guest, &[clock, Sub::Read(0)]).unwrap();
    assert_eq!(events, [(0, 0, 0, 0, 0)]);
    writer.write_all(b"abc").unwrap();
    let clock = Sub::Clock { id: 1, timeout: 60_000 * MS, flags: 0 };
    let events = poll(&mut guest, &[clock, Sub::Read(0)]).unwrap();
    assert_eq!(events, [(1, 0, 1, 3, 0)]);
    assert_eq!(guest.read(0, 99).unwrap(), b"abc");
    drop(writer);
    assert_eq!(poll(&mut guest, &[Sub::Read(0)]).unwrap(), [(0, 0, 1, 0, 1)]);
    assert_eq!(guest.read(0, 99).unwrap(), b"");
}

#[test]
fn a_busy_source_does_not_hide_another() {
    let (mut guest, mut writer) = piped();
    writer.write_all(b"abc").unwrap();
    let events = poll(&mut guest, &[Sub::Write(1), Sub::Read(0)]).unwrap();
    assert_eq!(events, [(0, 0, 2, 1, 0), (1, 0, 1, 3, 0)]);
}

/// Runs `wait` and interrupts it after 30 ms.
fn interrupted(
    guest: &mut Guest,
    wait: impl FnOnce(&mut WasiP1Ctx, &mut GuestMemory<'_>) -> rwasm_wasi::p1::Result,
) {
    let handle = guest.cx.interrupt_handle();
    let (start, thread) = (Instant::now(), {
        let handle = handle.clone();
        std::thread::spawn(move || {
            std::thread::sleep(Duration::from_millis(30));
            handle.interrupt();
        })
    });
    let result = wait(&mut guest.cx, &mut GuestMemory::new(&mut guest.bytes));
    assert_eq!(result, Err(Fail::Trap(WasiTrap::Interrupted)));
    assert!(start.elapsed() < Duration::from_secs(10), "{:?}", start.elapsed());
    thread.join().unwrap();
    assert!(handle.is_interrupted());
    handle.reset();
}

#[test]
fn an_embedder_can_end_a_sleep() {
    let mut guest = Guest::new(WasiCtxBuilder::new().build_p1());
    put_sub(&mut guest, 0, &Sub::Clock { id: 1, timeout: 60_000 * MS, flags: 0 });
    for _ in 0..2 {
        interrupted(&mut guest, |cx, mem| p1::poll_oneoff(cx, mem, SUBS, EVENTS, 1, OUT));
    }
    // A wake-up that was taken back does not shorten a later sleep.
    let start = Instant::now();
    poll(&mut guest, &[Sub::Clock { id: 1, timeout: 20 * MS, flags: 0 }]).unwrap();
    assert!(start.elapsed() >= Duration::from_millis(20));
}

#[test]
fn an_embedder_can_end_a_read() {
    let (mut guest, _writer) = piped();
    let count = guest.iovs(&[(BUF, 9)]);
    interrupted(&mut guest, |cx, mem| p1::fd_read(cx, mem, 0, IOVS, count, OUT));
    put_sub(&mut guest, 0, &Sub::Read(0));
    interrupted(&mut guest, |cx, mem| p1::poll_oneoff(cx, mem, SUBS, EVENTS, 1, OUT));
}

#[test]
fn an_embedder_can_end_a_write() {
    let dir = TempDir::new();
    let pipe = dir.0.join("pipe");
    mknodat(rustix::fs::CWD, &pipe, FileType::Fifo, Mode::RWXU, 0).unwrap();
    // Nobody reads, but somebody could.
    let _reader = File::options().read(true).write(true).open(&pipe).unwrap();
    let mut builder = WasiCtxBuilder::new();
    let mut guest = Guest::new(builder.stdout_file(&pipe).unwrap().build_p1());
    let count = guest.iovs(&[(BUF, 30_000)]);
    interrupted(&mut guest, |cx, mem| {
        loop {
            p1::fd_write(cx, mem, 1, IOVS, count, OUT)?;
        }
    });
}

#[test]
fn an_interrupt_from_before_ends_the_first_wait() {
    let mut guest = Guest::new(WasiCtxBuilder::new().build_p1());
    guest.cx.interrupt_handle().interrupt();
    put_sub(&mut guest, 0, &Sub::Clock { id: 1, timeout: 60_000 * MS, flags: 0 });
    let mut mem = GuestMemory::new(&mut guest.bytes);
    let result = p1::poll_oneoff(&mut guest.cx, &mut mem, SUBS, EVENTS, 1, OUT);
    assert_eq!(result, Err(Fail::Trap(WasiTrap::Interrupted)));
}
