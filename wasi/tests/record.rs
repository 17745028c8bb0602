//! Recordings and replays, by way of the seam.

use rwasm_wasi::host::{
    ClockId, ClockOp, Deadline, EnvOp, ErrorCode, FsOp, HostOp, HostRet, HostSession, Io, OpenHow,
    Outcome, Source, Stream, WaitOp, When,
};
use rwasm_wasi::record::{Recording, Replay, ReplayError};
use rwasm_wasi::{
    DirPerms, FilePerms, MemoryFs, MemoryInputPipe, MemoryOutputPipe, SinkOutput, WasiCtxBuilder,
};
use std::io::{IoSlice, IoSliceMut, Write};
use std::sync::{Arc, Mutex};

/// A file in memory, of which there can be two hands.
#[derive(Clone, Default)]
struct Shared(Arc<Mutex<Vec<u8>>>);

impl Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Shared {
    fn bytes(&self) -> Vec<u8> {
        self.0.lock().unwrap().clone()
    }
}

/// What a guest might do: everything that gives something back, and things that fail.
fn guest(session: &mut HostSession, text: &[u8]) -> Vec<(Outcome, Vec<u8>)> {
    let mut seen = Vec::new();
    let mut plain = |session: &mut HostSession, op: HostOp| {
        let outcome = session.submit(op, Io::None);
        seen.push((outcome.clone(), Vec::new()));
        outcome
    };
    plain(session, HostOp::Env(EnvOp::Vars));
    plain(session, HostOp::Fs(FsOp::Preopens));
    plain(session, HostOp::Clock(ClockOp::Now(ClockId::Realtime)));
    plain(session, HostOp::Clock(ClockOp::Now(ClockId::Monotonic)));
    let deadline = Deadline { clock: ClockId::Monotonic, when: When::In(1000) };
    plain(session, HostOp::Wait(WaitOp { interests: Vec::new(), deadlines: vec![deadline] }));
    let dir = rwasm_wasi::host::Handle(0);
    let path = b"notes".to_vec();
    plain(session, HostOp::Fs(FsOp::StatAt { dir, path: path.clone(), follow: true }));
    let how = OpenHow { read: true, write: true, create: true, ..OpenHow::default() };
    let opened = plain(session, HostOp::Fs(FsOp::OpenAt { dir, path, how }));
    plain(session, HostOp::Fs(FsOp::Entries { dir }));
    let Outcome::Ready(Ok(HostRet::Opened(file))) = opened else { panic!("{opened:?}") };
    let file = Source::File(file.handle);

    let (first, second) = text.split_at(2);
    let bufs = [IoSlice::new(first), IoSlice::new(second)];
    for to in [Source::Stream(Stream::Out), Source::Stream(Stream::Err), file] {
        let outcome = session.submit(HostOp::Write { to, offset: Some(0) }, Io::Write(&bufs));
        seen.push((outcome, Vec::new()));
    }
    let reads = [
        HostOp::Read { from: Source::Stream(Stream::In), offset: 0 },
        HostOp::Read { from: file, offset: 1 },
        HostOp::Read { from: Source::Stream(Stream::Out), offset: 0 },
        HostOp::Random,
    ];
    for op in reads {
        let (mut one, mut two) = ([0; 3], [0; 40]);
        let mut bufs = [IoSliceMut::new(&mut one), IoSliceMut::new(&mut two)];
        let outcome = session.submit(op, Io::Read(&mut bufs));
        seen.push((outcome, [&one[..], &two].concat()));
    }
    seen
}

/// A recorded run: the recording, and what the guest saw.
fn recorded(text: &[u8]) -> (Vec<u8>, Vec<(Outcome, Vec<u8>)>) {
    let file = Shared::default();
    let fs = MemoryFs::new();
    let session = WasiCtxBuilder::new()
        .env("LANG", "C")
        .stdin(MemoryInputPipe::new("typed by someone"))
        .stdout(MemoryOutputPipe::new(1000))
        .preopened_custom_dir(fs.root(), "/", DirPerms::all(), FilePerms::all())
        .build()
        .into_session();
    let recording = Recording::begin(file.clone(), b"about").unwrap();
    let seen = guest(&mut recording.record(session), text);
    recording.finish(b"end").unwrap();
    (file.bytes(), seen)
}

fn replay(bytes: Vec<u8>) -> (Replay, HostSession) {
    let (replay, about) = Replay::begin(std::io::Cursor::new(bytes)).unwrap();
    assert_eq!(about, b"about");
    let session = replay.session(Box::new(SinkOutput), Box::new(SinkOutput));
    (replay, session)
}

#[test]
fn a_replay_answers_as_the_world_did() {
    let (bytes, seen) = recorded(b"hello, world");
    let (replay, _) = Replay::begin(std::io::Cursor::new(bytes)).unwrap();
    let (stdout, stderr) = (MemoryOutputPipe::new(1000), MemoryOutputPipe::new(1000));
    let mut session = replay.session(Box::new(stdout.clone()), Box::new(stderr.clone()));
    assert_eq!(guest(&mut session, b"hello, world"), seen);
    assert_eq!(stdout.contents(), b"hello, world");
    assert_eq!(stderr.contents(), b"hello, world");
    assert_eq!(replay.finish().unwrap(), b"end");
    assert!(seen.iter().any(|(outcome, _)| *outcome == Outcome::Ready(Err(ErrorCode::NoEntry))));
}

#[test]
fn a_divergence_is_reported_where_it_happens() {
    let (bytes, _) = recorded(b"hello");

    // Other bytes are written.
    let (replayed, mut session) = replay(bytes.clone());
    guest(&mut session, b"jello");
    let error = replayed.finish().unwrap_err();
    assert!(matches!(error, ReplayError::Diverged { operation: 9, .. }), "{error}");
    assert!(error.to_string().contains("now:      write(stdout) of other bytes"), "{error}");

    // Another operation comes first; from then on nothing is answered.
    let (replayed, mut session) = replay(bytes.clone());
    assert_eq!(session.submit(HostOp::Env(EnvOp::Args), Io::None), Outcome::Interrupted);
    assert_eq!(session.submit(HostOp::Env(EnvOp::Vars), Io::None), Outcome::Interrupted);
    let error = replayed.finish().unwrap_err();
    assert!(matches!(error, ReplayError::Diverged { operation: 1, .. }), "{error}");
    assert!(error.to_string().contains("recorded: vars()\n  now:      args()"), "{error}");

    // The run ends early.
    let (replayed, _) = replay(bytes.clone());
    let error = replayed.finish().unwrap_err();
    assert!(error.to_string().contains("now:      the end of the run"), "{error}");

    // The run goes on.
    let (replayed, mut session) = replay(bytes);
    guest(&mut session, b"hello");
    assert_eq!(session.submit(HostOp::Env(EnvOp::Args), Io::None), Outcome::Interrupted);
    let error = replayed.finish().unwrap_err();
    assert!(error.to_string().contains("recorded: the end of the run"), "{error}");
}

#[test]
fn broken_recordings_are_refused() {
    let begin = |bytes: &[u8]| Replay::begin(std::io::Cursor::new(bytes.to_vec())).err();
    assert!(matches!(begin(b""), Some(ReplayError::NotARecording)));
    assert!(matches!(begin(b"\0asm\x01\0\0\0"), Some(ReplayError::NotARecording)));
    let other = begin(b"rwasm recording 0.0.1\n");
    assert!(matches!(other, Some(ReplayError::Version(version)) if version == "0.0.1"));

    let (bytes, _) = recorded(b"hello");
    let head = bytes.windows(5).position(|window| window == b"about").unwrap() + 5;
    // A recording that was cut anywhere is replayed up to there.
    for len in head..bytes.len() {
        let (replayed, mut session) = replay(bytes[..len].to_vec());
        let _ = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            // The guest needs its file to go on.
            guest(&mut session, b"hello")
        }));
        let error = replayed.finish().unwrap_err();
        assert!(matches!(error, ReplayError::Incomplete { .. }), "{len}: {error}");
    }
    // One of which a byte is another never brings the process down.
    for at in 0..bytes.len() {
        let mut bytes = bytes.clone();
        bytes[at] ^= 0x55;
        let Ok((replayed, _)) = Replay::begin(std::io::Cursor::new(bytes)) else { continue };
        let mut session = replayed.session(Box::new(SinkOutput), Box::new(SinkOutput));
        session.submit(HostOp::Env(EnvOp::Vars), Io::None);
        session.submit(HostOp::Fs(FsOp::Preopens), Io::None);
        session.submit(HostOp::Random, Io::Read(&mut [IoSliceMut::new(&mut [0; 10])]));
        assert!(replayed.finish().is_err());
    }
}

#[test]
fn a_full_disk_ends_the_recording_and_not_the_run() {
    struct Full(usize);
    impl Write for Full {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0 = self.0.checked_sub(bytes.len()).ok_or(std::io::ErrorKind::StorageFull)?;
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let recording = Recording::begin(Full(100), b"about").unwrap();
    let mut session = recording.record(WasiCtxBuilder::new().build().into_session());
    for _ in 0..10_000 {
        let op = HostOp::Clock(ClockOp::Now(ClockId::Realtime));
        assert!(matches!(session.submit(op, Io::None), Outcome::Ready(Ok(HostRet::Time(_)))));
    }
    let error = recording.finish(b"end").unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::StorageFull);
}
