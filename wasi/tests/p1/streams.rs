//! Standard streams that fail, and terminals. Those of a process are in `tools/cli/tests/streams.rs`.

use crate::guest::*;
use rwasm_wasi::host::OutputStream;
use rwasm_wasi::p1::Errno;
use rwasm_wasi::{EscapedOutput, MemoryOutputPipe, WasiCtxBuilder};
use std::fs::File;
use std::io::{self, ErrorKind, IoSlice, Write};
use std::sync::{Arc, Mutex};

/// Output to whatever writes.
struct Output<W>(W);

impl<W: Write + Send> OutputStream for Output<W> {
    fn write(&mut self, bufs: &[IoSlice<'_>]) -> io::Result<usize> {
        self.0.write_vectored(bufs)
    }
}

fn writing_to(stream: impl OutputStream + 'static) -> Guest {
    Guest::new(WasiCtxBuilder::new().stdout(stream).build_p1())
}

#[test]
fn a_pipe_that_nobody_reads_is_an_errno() {
    let (reader, writer) = io::pipe().unwrap();
    let mut guest = writing_to(Output(writer));
    assert_eq!(guest.write(1, b"abc"), Ok(3));
    drop(reader);
    for _ in 0..2 {
        assert_eq!(guest.write(1, b"abc"), Err(Errno::Pipe));
    }
    assert_eq!(guest.write(1, b""), Ok(0));
}

#[test]
fn a_full_disk_is_an_errno() {
    let mut guest = writing_to(Output(File::options().write(true).open("/dev/full").unwrap()));
    assert_eq!(guest.write(1, b"abc"), Err(Errno::Nospc));
    let mut guest = Guest::in_dir("/dev");
    let fd = guest.open("full", 0, WRITE).unwrap();
    assert_eq!(guest.write(fd, b"abc"), Err(Errno::Nospc));
    assert_eq!(guest.write(fd, b"abc"), Err(Errno::Nospc), "again");
}

/// Takes a few bytes at a time, and fails now and then.
#[derive(Clone, Default)]
struct Terminal {
    shown: Arc<Mutex<Vec<u8>>>,
    takes: usize,
    calls: usize,
}

impl OutputStream for Terminal {
    fn write(&mut self, bufs: &[IoSlice<'_>]) -> io::Result<usize> {
        self.calls += 1;
        if self.calls.is_multiple_of(3) {
            return Err(ErrorKind::Interrupted.into());
        }
        let bytes: Vec<u8> = bufs.iter().flat_map(|buf| buf.iter()).copied().collect();
        let taken = bytes.len().min(self.takes);
        self.shown.lock().unwrap().extend_from_slice(&bytes[..taken]);
        Ok(taken)
    }
    fn is_terminal(&self) -> bool {
        true
    }
}

/// What a terminal gets of writes, each of which is done as a guest would: until all is written.
fn shown(takes: usize, writes: &[&[u8]]) -> String {
    let terminal = Terminal { takes, ..Terminal::default() };
    let mut guest = writing_to(EscapedOutput::new(terminal.clone()));
    assert_eq!(guest.fdstat(1).unwrap().0, 2, "a guest sees that it is a terminal");
    for &write in writes {
        let mut left = write;
        while !left.is_empty() {
            let taken = guest.write(1, left).unwrap() as usize;
            assert!((1..=left.len()).contains(&taken), "{taken} of {}", left.len());
            left = &left[taken..];
        }
    }
    drop(guest);
    let bytes = terminal.shown.lock().unwrap().clone();
    String::from_utf8(bytes).expect("a terminal gets nothing but UTF-8")
}

#[rustfmt::skip]
const CASES: &[(&[u8], &str)] = &[
    (b"plain\r\n\ttext\x08\x07", "plain\r\n\ttext\x08\x07"),
    ("größer 漢字 🦀".as_bytes(), "größer 漢字 🦀"),
    (b"\x1b[31mred\x1b[0m", "␛[31mred␛[0m"),
    (b"\x1b]0;title\x07\x1bc\x1bP\x1b\\", "␛]0;title\x07␛c␛P␛\\"),
    (b"\0\x01\x0b\x0c\x0e\x1a\x1f\x7f", "␀␁␋␌␎␚␟␡"),
    (b"\xc2\x9b31m \xc2\x80\xc2\x9f\xc2\xa0", "\u{fffd}31m \u{fffd}\u{fffd}\u{a0}"),
    (b"\x9b31m \x80\x90\x9d\x9f", "\u{fffd}31m \u{fffd}\u{fffd}\u{fffd}\u{fffd}"),
    // An escape in two and in three bytes, which no decoder should take for one.
    (b"\xc0\x9b[m \xe0\x80\x9b[m", "\u{fffd}\u{fffd}[m \u{fffd}\u{fffd}\u{fffd}[m"),
    (b"\xe2\x82\x1b[m", "\u{fffd}␛[m"),
    (b"\xc2\x1b[m\xc2\xc2\x9b", "\u{fffd}␛[m\u{fffd}\u{fffd}"),
    (b"\xff\xfe\xed\xa0\x80", "\u{fffd}\u{fffd}\u{fffd}\u{fffd}\u{fffd}"),
];

#[test]
fn a_terminal_is_shown_what_it_would_obey() {
    for &(bytes, expected) in CASES {
        for takes in [1, 2, 3, 7, 1000] {
            assert_eq!(shown(takes, &[bytes]), expected, "{takes} at a time");
        }
    }
}

#[test]
fn where_writes_begin_and_end_makes_no_difference() {
    for &(bytes, expected) in CASES {
        let single: Vec<&[u8]> = bytes.chunks(1).collect();
        assert_eq!(shown(1000, &single), expected);
        for at in 0..bytes.len() {
            let (before, after) = bytes.split_at(at);
            assert_eq!(shown(5, &[before, after]), expected, "{at}");
        }
    }
    let long = "\x1b".repeat(10_000);
    assert_eq!(shown(1000, &[long.as_bytes()]), "␛".repeat(10_000));
}

#[test]
fn a_character_that_never_ends_is_not_shown() {
    assert_eq!(shown(9, &[b"a\xe6\xbc"]), "a");
    assert_eq!(shown(9, &[b"a\xe6\xbc", b"b"]), "a\u{fffd}b");
}

#[test]
fn what_is_no_terminal_gets_the_bytes() {
    let pipe = MemoryOutputPipe::new(100);
    let mut guest = writing_to(pipe.clone());
    guest.write(1, b"\x1b[31m\x9b\xff").unwrap();
    assert_eq!(pipe.contents(), b"\x1b[31m\x9b\xff");
}

#[test]
fn an_error_of_a_terminal_is_the_guests() {
    let mut guest = writing_to(EscapedOutput::new(MemoryOutputPipe::new(3)));
    assert_eq!(guest.write(1, b"abc"), Ok(3));
    assert_eq!(guest.write(1, b"\x1b"), Err(Errno::Nospc));
    assert_eq!(guest.write(1, b"\x1b"), Err(Errno::Nospc));
}

/// Notes the longest of what is written to it at once.
#[derive(Clone, Default)]
struct Longest(Arc<Mutex<usize>>);

impl OutputStream for Longest {
    fn write(&mut self, bufs: &[IoSlice<'_>]) -> io::Result<usize> {
        let len: usize = bufs.iter().map(|buf| buf.len()).sum();
        let mut longest = self.0.lock().unwrap();
        *longest = len.max(*longest);
        Ok(len)
    }
}

#[test]
fn what_is_escaped_is_no_more_than_a_ready_stream_takes() {
    let longest = Longest::default();
    let mut output = EscapedOutput::new(longest.clone());
    output.write(&[IoSlice::new(b"\xf0\x9f\x98")]).unwrap();
    output.write(&[IoSlice::new(&[0x1b; 10_000])]).unwrap();
    let longest = *longest.0.lock().unwrap();
    assert!((3000..=4096).contains(&longest), "{longest}");
}
