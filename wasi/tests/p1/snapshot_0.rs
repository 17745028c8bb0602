//! Where `wasi_unstable` is not `wasi_snapshot_preview1`.

use crate::backend::on_every_backend;
use crate::guest::*;
use rwasm_wasi::WasiCtxBuilder;
use rwasm_wasi::p0::functions as p0;
use rwasm_wasi::p1::Errno;

const SUBS: u32 = 4096;
const EVENTS: u32 = 8192;

#[test]
fn seeking_numbers_its_origins_differently() {
    on_every_backend(|dir| {
        dir.write("f", "0123456789");
        let mut guest = dir.guest();
        let fd = guest.open("f", 0, READ).unwrap();
        let mut seek = |offset: i64, whence| {
            guest.call(|cx, mem| p0::fd_seek(cx, mem, fd, offset as u64, whence, OUT))?;
            Ok(guest.u64_at(OUT))
        };
        assert_eq!(seek(4, 2), Ok(4), "from the start");
        assert_eq!(seek(1, 0), Ok(5), "from the position");
        assert_eq!(seek(-1, 1), Ok(9), "from the end");
        assert_eq!(seek(0, 3), Err(Errno::Inval));
        assert_eq!(seek(-1, 2), Err(Errno::Inval));
    });
}

#[test]
fn what_is_known_about_files_has_a_shorter_number_of_links() {
    on_every_backend(|dir| {
        dir.write("f", "abc");
        let mut guest = dir.guest();
        let fd = guest.open("f", 0, READ).unwrap();
        let expected = guest.stat(fd).unwrap();
        let (path, len) = guest.path("f");
        for by_path in [false, true] {
            guest.put(OUT, &[0xff; 64]);
            let got = guest.call(|cx, mem| match by_path {
                false => p0::fd_filestat_get(cx, mem, fd, OUT),
                true => p0::path_filestat_get(cx, mem, ROOT, 0, path, len, OUT),
            });
            assert_eq!(got, Ok(()));
            let found = Filestat {
                ino: guest.u64_at(OUT + 8),
                filetype: guest.bytes[OUT as usize + 16],
                nlink: guest.u32_at(OUT + 20).into(),
                size: guest.u64_at(OUT + 24),
                atim: guest.u64_at(OUT + 32),
                mtim: guest.u64_at(OUT + 40),
            };
            assert_eq!(found, expected);
            assert_eq!(guest.get(OUT + 56, 8), [0xff; 8], "it has 56 bytes");
        }
    });
}

#[test]
fn subscriptions_are_longer_by_the_identifier_of_a_clock() {
    let mut guest = Guest::new(WasiCtxBuilder::new().build_p1());
    // The monotonic clock, at its time 1, which is past; and standard output.
    guest.put(SUBS, &7u64.to_le_bytes());
    guest.put(SUBS + 16, &u64::MAX.to_le_bytes());
    guest.put(SUBS + 24, &1u32.to_le_bytes());
    guest.put(SUBS + 32, &1u64.to_le_bytes());
    guest.put(SUBS + 48, &1u16.to_le_bytes());
    guest.put(SUBS + 56, &8u64.to_le_bytes());
    guest.put(SUBS + 56 + 8, &[2]);
    guest.put(SUBS + 56 + 16, &1u32.to_le_bytes());
    let mut poll = |subs| {
        guest.call(|cx, mem| p0::poll_oneoff(cx, mem, subs, EVENTS, 2, OUT))?;
        let event = |at| (guest.u64_at(at), guest.get(at + 8, 3).to_vec());
        Ok((guest.u32_at(OUT), event(EVENTS), event(EVENTS + 32)))
    };
    assert_eq!(poll(SUBS), Ok((2, (7, vec![0, 0, 0]), (8, vec![0, 0, 2]))));
    assert_eq!(poll((1 << 16) - 111), Err(Errno::Fault), "two have 112 bytes");
}
