//! Listening sockets that a guest is given, and what it accepts: over TCP, and inside the process.

use crate::guest::*;
use rwasm_wasi::host::{
    Advice, Direction, ErrorCode, File, FileStat, FileType, Listener, NewTimes, Readiness, Written,
};
use rwasm_wasi::p1::{Errno, Fail, GuestMemory, WasiTrap, functions as p1};
use rwasm_wasi::{DirPerms, FilePerms, Loopback, MemoryFs, WasiCtxBuilder};
use std::io::{IoSlice, IoSliceMut, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::os::unix::net::UnixStream;
use std::thread;

const NONBLOCK: u32 = 4;
const PEEK: u32 = 1;
const WAITALL: u32 = 2;

/// What connects to a guest.
trait Peer: Read + Write + Send + 'static {
    fn finish(&self);
}

impl Peer for TcpStream {
    fn finish(&self) {
        self.shutdown(Shutdown::Write).unwrap();
    }
}

impl Peer for UnixStream {
    fn finish(&self) {
        self.shutdown(Shutdown::Write).unwrap();
    }
}

type Connect = Box<dyn Fn() -> Box<dyn Peer>>;

/// Does a test with a guest whose descriptor 3 listens.
fn on_every_network(test: impl Fn(Guest, Connect)) {
    let mut builder = WasiCtxBuilder::new();
    let any_port = SocketAddr::from(([127, 0, 0, 1], 0));
    let address = builder.preopened_tcp_listener(any_port).unwrap();
    assert_ne!(address.port(), 0);
    let guest = Guest::new(builder.build_p1());
    test(guest, Box::new(move || Box::new(TcpStream::connect(address).unwrap())));

    let (network, listener) = Loopback::new().unwrap();
    let guest = Guest::new(WasiCtxBuilder::new().preopened_listener(listener).build_p1());
    test(guest, Box::new(move || Box::new(network.connect().unwrap())));
}

impl Guest {
    fn accept(&mut self, fd: u32, flags: u32) -> Answer<u32> {
        self.call(|cx, mem| p1::sock_accept(cx, mem, fd, flags, OUT))?;
        Ok(self.u32_at(OUT))
    }

    fn receive(&mut self, fd: u32, lens: &[u32], flags: u32) -> Answer<Vec<u8>> {
        let mut at = BUF;
        let mut iovs = Vec::new();
        for &len in lens {
            iovs.push((at, len));
            at += len;
        }
        let count = self.iovs(&iovs);
        self.put(OUT, &[0xff; 8]);
        self.call(|cx, mem| p1::sock_recv(cx, mem, fd, IOVS, count, flags, OUT, OUT + 4))?;
        assert_eq!(self.get(OUT + 4, 4), [0, 0, 0xff, 0xff]);
        Ok(self.get(BUF, self.u32_at(OUT)).to_vec())
    }

    fn send(&mut self, fd: u32, bytes: &[u8]) -> Answer<u32> {
        self.put(BUF, bytes);
        let count = self.iovs(&[(BUF, bytes.len() as u32)]);
        self.call(|cx, mem| p1::sock_send(cx, mem, fd, IOVS, count, 0, OUT))?;
        Ok(self.u32_at(OUT))
    }

    /// Waits until a descriptor can be read.
    fn wait(&mut self, fd: u32) -> (u16, u64) {
        self.put(4096, &[0; 48]);
        self.put(4096 + 8, &[1]);
        self.put(4096 + 16, &fd.to_le_bytes());
        self.call(|cx, mem| p1::poll_oneoff(cx, mem, 4096, 8192, 1, OUT)).unwrap();
        assert_eq!(self.u32_at(OUT), 1);
        let errno = u16::from_le_bytes(self.get(8192 + 8, 2).try_into().unwrap());
        (errno, self.u64_at(8192 + 16))
    }
}

#[test]
fn a_connection_is_accepted_read_and_written() {
    on_every_network(|mut guest, connect| {
        let mut peer = connect();
        peer.write_all(b"hello").unwrap();
        assert_eq!(guest.wait(3), (0, 1));
        let fd = guest.accept(3, 0).unwrap();
        assert_eq!(fd, 4);
        assert_eq!(guest.wait(fd), (0, 5));
        assert_eq!(guest.receive(fd, &[2], 0).unwrap(), b"he");
        assert_eq!(guest.read(fd, 100).unwrap(), b"llo");
        assert_eq!(guest.send(fd, b"good "), Ok(5));
        assert_eq!(guest.write(fd, b"bye"), Ok(3));
        guest.close(fd).unwrap();
        let mut answer = String::new();
        peer.read_to_string(&mut answer).unwrap();
        assert_eq!(answer, "good bye");
        // The number is free, and the socket still listens.
        let _peer = connect();
        assert_eq!(guest.accept(3, 0), Ok(4));
    });
}

#[test]
fn flags_of_receiving() {
    on_every_network(|mut guest, connect| {
        let mut peer = connect();
        let fd = guest.accept(3, 0).unwrap();
        peer.write_all(b"abc").unwrap();
        assert_eq!(guest.receive(fd, &[2, 2], PEEK).unwrap()[..2], *b"ab");
        assert_eq!(guest.receive(fd, &[0, 3], PEEK).unwrap(), b"abc");
        let later = thread::spawn(move || {
            for piece in [&b"de"[..], b"fgh"] {
                thread::sleep(std::time::Duration::from_millis(20));
                peer.write_all(piece).unwrap();
            }
            peer
        });
        assert_eq!(guest.receive(fd, &[1, 0, 3, 3], WAITALL).unwrap(), b"abcdefg");
        let peer = later.join().unwrap();
        peer.finish();
        // All that there is, though not as much as asked for.
        assert_eq!(guest.receive(fd, &[10], WAITALL).unwrap(), b"h");
        assert_eq!(guest.receive(fd, &[10], WAITALL).unwrap(), b"");
        assert_eq!(guest.receive(fd, &[10], 4), Err(Errno::Inval));
        assert_eq!(guest.receive(fd, &[], 0).unwrap(), b"");
    });
}

#[test]
fn sockets_that_do_not_block_say_again() {
    on_every_network(|mut guest, connect| {
        let set = |guest: &mut Guest, fd, flags| {
            guest.call(|cx, mem| p1::fd_fdstat_set_flags(cx, mem, fd, flags))
        };
        set(&mut guest, 3, NONBLOCK).unwrap();
        assert_eq!(set(&mut guest, 3, APPEND), Err(Errno::Inval));
        assert_eq!(guest.accept(3, 0), Err(Errno::Again));
        let mut peer = connect();
        let fd = guest.accept(3, NONBLOCK).unwrap();
        assert_eq!(guest.receive(fd, &[5], 0), Err(Errno::Again));
        assert_eq!(guest.receive(fd, &[5], PEEK), Err(Errno::Again));
        assert_eq!(guest.read(fd, 5), Err(Errno::Again));
        // Until the buffers between are full.
        let mut sent = 0;
        let full = loop {
            match guest.send(fd, &[7; 30_000]) {
                Ok(count) => sent += count as usize,
                Err(errno) => break errno,
            }
        };
        assert_eq!(full, Errno::Again);
        set(&mut guest, fd, 0).unwrap();
        let reader = thread::spawn(move || {
            let mut all = Vec::new();
            peer.read_to_end(&mut all).unwrap();
            all.len()
        });
        // Waits until there is room.
        let mut rest = 100_000;
        while rest > 0 {
            rest -= guest.send(fd, &vec![7; rest.min(30_000)]).unwrap() as usize;
        }
        guest.close(fd).unwrap();
        assert_eq!(reader.join().unwrap(), sent + 100_000);
    });
}

#[test]
fn each_direction_is_shut_down_alone() {
    on_every_network(|mut guest, connect| {
        let mut peer = connect();
        let fd = guest.accept(3, 0).unwrap();
        let shutdown =
            |guest: &mut Guest, fd, how| guest.call(|cx, mem| p1::sock_shutdown(cx, mem, fd, how));
        assert_eq!(shutdown(&mut guest, fd, 0), Err(Errno::Inval));
        assert_eq!(shutdown(&mut guest, fd, 4), Err(Errno::Inval));
        shutdown(&mut guest, fd, 2).unwrap();
        assert_eq!(guest.send(fd, b"x"), Err(Errno::Pipe));
        assert_eq!(peer.read(&mut [0; 4]).unwrap(), 0);
        peer.write_all(b"still").unwrap();
        assert_eq!(guest.receive(fd, &[5], WAITALL).unwrap(), b"still");
        shutdown(&mut guest, fd, 1).unwrap();
        assert_eq!(guest.receive(fd, &[5], 0).unwrap(), b"");
    });
}

#[test]
fn what_a_socket_is_not() {
    on_every_network(|mut guest, connect| {
        let _peer = connect();
        let fd = guest.accept(3, 0).unwrap();
        for socket in [3, fd] {
            assert_eq!(guest.seek(socket, 0, 0), Err(Errno::Spipe));
            let stat = guest.stat(socket).unwrap();
            assert_eq!((stat.filetype, stat.size, stat.ino), (6, 0, 0));
            let prestat = guest.call(|cx, mem| p1::fd_prestat_get(cx, mem, socket, OUT));
            assert_eq!(
                prestat,
                Err(Errno::Badf),
                "guests look for directories until there is this"
            );
            let sync = guest.call(|cx, mem| p1::fd_datasync(cx, mem, socket));
            assert!(sync.is_err());
            let open = guest.open_with(socket, 0, "x", 0, READ, 0);
            assert_eq!(open, Err(Errno::Notdir));
        }
        assert_eq!(guest.accept(fd, 0), Err(Errno::Inval), "a connection does not listen");
        assert_eq!(guest.accept(3, APPEND), Err(Errno::Inval));
        assert_eq!(guest.read(3, 4), Err(Errno::Badf));
        assert_eq!(guest.receive(3, &[4], 0), Err(Errno::Notconn));
        assert_eq!(guest.pread(fd, 4, 0), Err(Errno::Spipe));
        guest.close(3).unwrap();
        assert_eq!(guest.accept(3, 0), Err(Errno::Badf));
    });
}

#[test]
fn sockets_stand_behind_directories() {
    let (_network, listener) = Loopback::new().unwrap();
    let root = MemoryFs::new().root();
    let mut builder = WasiCtxBuilder::new();
    builder.preopened_listener(listener);
    builder.preopened_custom_dir(root, "/", DirPerms::all(), FilePerms::all());
    let mut guest = Guest::new(builder.build_p1());
    guest.open("f", CREAT, READ | WRITE).unwrap();
    assert_eq!(guest.stat(4).unwrap().filetype, 6);
}

#[test]
fn a_guest_that_waits_for_a_connection_is_interrupted() {
    on_every_network(|mut guest, connect| {
        let interrupt = guest.cx.interrupt_handle();
        let waiting = thread::spawn(move || {
            let mem = &mut GuestMemory::new(&mut guest.bytes);
            let accepted = p1::sock_accept(&mut guest.cx, mem, 3, 0, OUT);
            (accepted, guest)
        });
        thread::sleep(std::time::Duration::from_millis(20));
        interrupt.interrupt();
        let (accepted, mut guest) = waiting.join().unwrap();
        assert_eq!(accepted, Err(Fail::Trap(WasiTrap::Interrupted)));
        interrupt.reset();
        let _peer = connect();
        assert_eq!(guest.accept(3, 0), Ok(4));
    });
}

#[test]
fn a_loopback_lets_so_many_wait_and_no_more() {
    let (network, listener) = Loopback::new().unwrap();
    let waiting: Vec<_> = (0..128).map(|_| network.connect().unwrap()).collect();
    assert!(network.connect().is_err());
    let mut guest = Guest::new(WasiCtxBuilder::new().preopened_listener(listener).build_p1());
    for _ in waiting {
        guest.accept(3, 0).unwrap();
    }
    assert!(network.connect().is_ok());
}

#[test]
fn who_waits_learns_that_the_guest_is_gone() {
    let (network, listener) = Loopback::new().unwrap();
    let guest = Guest::new(WasiCtxBuilder::new().preopened_listener(listener).build_p1());
    let mut waiting = network.connect().unwrap();
    drop(guest);
    assert_eq!(waiting.read(&mut [0; 4]).unwrap(), 0);
    assert!(network.connect().is_err());
}

/// Connections on which five bytes come, and then that they are broken, once.
struct Breaking;

/// One of them, and how often it was read.
struct Broken(u32);

impl Listener for Breaking {
    fn accept(&mut self) -> Result<Box<dyn File>, ErrorCode> {
        Ok(Box::new(Broken(0)))
    }

    fn readiness(&self) -> Readiness<'_> {
        Readiness::NOW
    }
}

impl File for Broken {
    fn read(&mut self, bufs: &mut [IoSliceMut<'_>], _: u64) -> Result<usize, ErrorCode> {
        self.0 += 1;
        match self.0 {
            1 => {
                bufs[0][..5].copy_from_slice(b"bytes");
                Ok(5)
            }
            2 => Err(ErrorCode::ConnectionReset),
            _ => Ok(0),
        }
    }

    fn write(&mut self, _: &[IoSlice<'_>], _: Option<u64>) -> Result<Written, ErrorCode> {
        Err(ErrorCode::Pipe)
    }

    fn readiness(&self, _: Direction) -> Readiness<'_> {
        Readiness::NOW
    }

    fn stat(&mut self) -> Result<FileStat, ErrorCode> {
        let file_type = FileType::Socket;
        Ok(FileStat { dev: 0, ino: 0, file_type, nlink: 0, size: 0, atim: 0, mtim: 0, ctim: 0 })
    }

    fn set_times(&mut self, _: NewTimes) -> Result<(), ErrorCode> {
        Err(ErrorCode::Invalid)
    }

    fn set_size(&mut self, _: u64) -> Result<(), ErrorCode> {
        Err(ErrorCode::Invalid)
    }

    fn sync(&mut self, _: bool) -> Result<(), ErrorCode> {
        Err(ErrorCode::Invalid)
    }

    fn advise(&mut self, _: u64, _: u64, _: Advice) -> Result<(), ErrorCode> {
        Err(ErrorCode::Invalid)
    }
}

#[test]
fn an_error_behind_bytes_is_told_after_them() {
    let mut guest = Guest::new(WasiCtxBuilder::new().preopened_listener(Breaking).build_p1());
    let fd = guest.accept(3, 0).unwrap();
    assert_eq!(guest.receive(fd, &[10], WAITALL).unwrap(), b"bytes");
    assert_eq!(guest.receive(fd, &[10], WAITALL), Err(Errno::Connreset));
    assert_eq!(guest.receive(fd, &[10], WAITALL).unwrap(), b"");
    let fd = guest.accept(3, 0).unwrap();
    assert_eq!(guest.receive(fd, &[10], WAITALL).unwrap(), b"bytes");
    assert_eq!(guest.read(fd, 10), Err(Errno::Connreset), "whichever call that is");
}
