//! Every function with each of its pointers and lengths where there is no memory, at odd addresses,
//! and at the same address as another. The functions are those of the list from which they are
//! linked, and what their parameters are is told by name: a new name fails until it is told.

use crate::backend::{TestDir, on_every_backend};
use crate::guest::*;
use crate::host::{Snapshot, TempDir};
use rwasm_wasi::p1::{Errno, Fail, GuestMemory, Result, functions as p1};
use rwasm_wasi::{DirPerms, FilePerms, Loopback, WasiCtxBuilder, WasiP1Ctx};
use std::io::Write as _;
use std::ops::{Deref, DerefMut};
use std::os::unix::net::UnixStream;

/// A function, and how to call it.
struct Function {
    name: &'static str,
    params: &'static [(&'static str, &'static str)],
    call: fn(&mut WasiP1Ctx, &mut GuestMemory<'_>, &[u64]) -> Result,
}

/// What a parameter is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    Pointer,
    Length,
    Other,
}

macro_rules! functions {
    ($($name:ident($($param:ident: $ty:ident),*) -> $ret:ident;)*) => {
        vec![$(Function {
            name: stringify!($name),
            params: &[$((stringify!($param), stringify!($ty))),*],
            call: |cx, mem, args| {
                let mut args = args.iter();
                let _ = &mut args; // Some have none.
                p1::$name(cx, mem, $(next!($param args) as _),*)
            },
        }),*]
    };
}

macro_rules! next {
    ($param:ident $args:ident) => {
        *$args.next().unwrap()
    };
}

/// All of `wasi_snapshot_preview1`, and those of `wasi_unstable` that are others.
fn functions() -> Vec<Function> {
    use rwasm_wasi::p0::functions as p0;
    let mut functions: Vec<Function> = rwasm_wasi::for_each_p1_function!(functions);
    {
        use p0 as p1;
        functions.extend(functions! {
            fd_filestat_get(fd: i32, stat: i32) -> errno;
            fd_seek(fd: i32, offset: i64, whence: i32, newoffset: i32) -> errno;
            path_filestat_get(fd: i32, flags: i32, path: i32, path_len: i32, stat: i32) -> errno;
            poll_oneoff(subs: i32, events: i32, nsubscriptions: i32, nevents: i32) -> errno;
        });
    }
    functions
}

fn role((name, ty): (&str, &str)) -> Role {
    match name {
        _ if ty == "i64" => Role::Other,
        "argv" | "argv_buf" | "argc" | "argv_buf_size" | "environ" | "environ_buf" | "environc"
        | "environ_buf_size" | "resolution" | "time" | "stat" | "iovs" | "nread" | "nwritten"
        | "prestat" | "path" | "buf" | "bufused" | "newoffset" | "offset" | "old_path"
        | "new_path" | "subs" | "events" | "nevents" | "opened_fd" | "accepted_fd" | "ro_flags" => {
            Role::Pointer
        }
        "iovs_len" | "path_len" | "buf_len" | "old_path_len" | "new_path_len"
        | "nsubscriptions" => Role::Length,
        "fd" | "old_fd" | "new_fd" | "to" | "id" | "advice" | "flags" | "fst_flags" | "whence"
        | "dirflags" | "oflags" | "fdflags" | "old_flags" | "code" | "sig" | "ri_flags"
        | "si_flags" | "how" => Role::Other,
        name => panic!("what is the parameter `{name}`?"),
    }
}

/// Where there is what a pointer stands for, in a guest of [`guest`]; results have places apart.
fn address(index: usize, name: &str) -> u32 {
    match name {
        "iovs" => IOVS,
        "path" | "old_path" => PATH,
        "new_path" => PATH + 8,
        "subs" => IOVS + 64,
        _ => BUF + 512 * index as u32,
    }
}

/// Arguments with which the function has all that it asks for.
fn arguments(function: &Function) -> Vec<u64> {
    let is_of_dir = function.name.starts_with("path_")
        || ["fd_readdir", "fd_prestat_get", "fd_prestat_dir_name"].contains(&function.name);
    let argument = |(index, &param): (usize, &(&str, &str))| match (role(param), param.0) {
        (Role::Pointer, name) => address(index, name).into(),
        (_, "iovs_len" | "nsubscriptions") => 1,
        (_, "buf_len") => 64,
        (Role::Length, _) => 3,
        (_, "to") => FILE.into(),
        (_, "fd") if function.name == "sock_accept" => LISTENER.into(),
        (_, "fd") if function.name.starts_with("sock_") => CONNECTION.into(),
        (_, "how") => 1,
        (_, "fd" | "old_fd" | "new_fd") if is_of_dir => ROOT.into(),
        (_, "fd") => FILE.into(),
        (_, "rights_base") => READ,
        (_, "id" | "fst_flags") => 1,
        _ => 0,
    };
    function.params.iter().enumerate().map(argument).collect()
}

/// What a guest of [`guest`] has open.
const LISTENER: u32 = 4;
const FILE: u32 = 5;
const CONNECTION: u32 = 6;

/// A guest, and those who connect to it.
struct Connected {
    guest: Guest,
    _peers: [UnixStream; 2],
}

impl Deref for Connected {
    type Target = Guest;
    fn deref(&self) -> &Guest {
        &self.guest
    }
}

impl DerefMut for Connected {
    fn deref_mut(&mut self) -> &mut Guest {
        &mut self.guest
    }
}

/// A guest that has arguments, variables, the file `old` open, a connection and another to come.
fn guest(dir: &TestDir) -> Connected {
    let (network, listener) = Loopback::new().unwrap();
    let peers = [network.connect().unwrap(), network.connect().unwrap()];
    (&peers[0]).write_all(b"abc").unwrap();
    let mut builder = WasiCtxBuilder::new();
    builder.args(&["argument", "another"]).env("NAME", "value").env("OTHER", "value");
    dir.preopen(&mut builder, ".", "/at", DirPerms::all(), FilePerms::all());
    builder.preopened_listener(listener);
    let mut guest = Guest::new(builder.build_p1());
    assert_eq!(guest.open("old", 0, READ | WRITE), Ok(FILE));
    guest.call(|cx, mem| p1::sock_accept(cx, mem, LISTENER, 0, OUT)).unwrap();
    assert_eq!(guest.u32_at(OUT), CONNECTION);
    put_inputs(&mut guest, 0);
    Connected { guest, _peers: peers }
}

/// Puts what pointers point to, so many bytes after where it is otherwise.
fn put_inputs(guest: &mut Guest, shift: u32) {
    guest.iovs(&[(BUF + 8000, 3)]);
    let iov: [u8; 8] = guest.get(IOVS, 8).try_into().unwrap();
    guest.put(IOVS + shift, &iov);
    guest.put(IOVS + 64 + shift, &[0; 56]); // A deadline of a clock that is past.
    guest.put(PATH + shift, b"old\0\0\0\0\0new");
}

fn call(guest: &mut Guest, function: &Function, args: &[u64]) -> Answer {
    let result = (function.call)(&mut guest.cx, &mut GuestMemory::new(&mut guest.bytes), args);
    match result {
        Err(Fail::Trap(_)) if function.name == "proc_exit" => Ok(()),
        result => answer(result),
    }
}

/// What a parameter must be for a test to give it each of some values.
fn with_each(wanted: Role, values: &[u32], mut then: impl FnMut(&Function, &[u64], &str)) {
    for function in functions() {
        let args = arguments(&function);
        for (index, &param) in function.params.iter().enumerate() {
            for &value in values.iter().filter(|_| role(param) == wanted) {
                let mut args = args.clone();
                args[index] = value.into();
                let what = format!("{} where {} is {value:#x}", function.name, param.0);
                then(&function, &args, &what);
            }
        }
    }
}

#[test]
fn a_pointer_to_no_memory_is_a_fault_and_nothing_happens() {
    on_every_backend(|dir| {
        dir.write("old", "abc");
        let mut guest = guest(dir);
        let end = guest.bytes.len() as u32;
        with_each(
            Role::Pointer,
            &[end, end - 1, u32::MAX, u32::MAX - 3],
            |function, args, what| {
                assert_eq!(call(&mut guest, function, args), Err(Errno::Fault), "{what}");
                put_inputs(&mut guest, 0);
            },
        );
        assert_eq!(guest.tell(FILE), Ok(0), "nothing was read or written");
        assert_eq!(guest.open("old", 0, READ), Ok(CONNECTION + 1), "nothing was opened or closed");
        assert_eq!(dir.read("old"), "abc");
        assert!(!dir.exists("new"));
    });
}

#[test]
fn a_length_beyond_memory_is_a_fault_and_nothing_happens() {
    on_every_backend(|dir| {
        dir.write("old", "abc");
        let mut guest = guest(dir);
        let lengths =
            [1 << 16, 1 << 29, (1 << 29) + 1, 1 << 31, u32::MAX / 8, u32::MAX - 1, u32::MAX];
        with_each(Role::Length, &lengths, |function, args, what| {
            let answer = call(&mut guest, function, args);
            let is_right = match answer {
                // It is only how much there may be: the name is written where it has room.
                Ok(()) => function.name == "fd_prestat_dir_name",
                answer => answer == Err(Errno::Fault),
            };
            assert!(is_right, "{what}: {answer:?}");
            put_inputs(&mut guest, 0);
        });
        assert_eq!(guest.tell(FILE), Ok(0), "nothing was read or written");
        assert_eq!(dir.read("old"), "abc");
        assert!(!dir.exists("new"));
    });
}

/// A guest in a directory of its own, where a call may change what it likes.
fn fresh() -> (TestDir, Connected) {
    let dir = TestDir::Host(TempDir::new());
    dir.write("old", "abc");
    let guest = guest(&dir);
    (dir, guest)
}

#[test]
fn no_alignment_is_asked_for() {
    for function in functions() {
        let (_dir, mut guest) = fresh();
        let args = arguments(&function);
        let expected = call(&mut guest, &function, &args);
        for shift in [1, 2, 3] {
            let (_dir, mut guest) = fresh();
            put_inputs(&mut guest, shift);
            let mut args = args.clone();
            for (arg, &param) in args.iter_mut().zip(function.params) {
                *arg += if role(param) == Role::Pointer { shift.into() } else { 0 };
            }
            assert_eq!(call(&mut guest, &function, &args), expected, "{} {shift}", function.name);
        }
    }
}

/// What comes of them is the guest's affair, but not what is around its memory.
#[test]
fn pointers_may_be_the_same() {
    for function in functions() {
        let args = arguments(&function);
        let pointers: Vec<usize> = (0..args.len())
            .filter(|&index| role(function.params[index]) == Role::Pointer)
            .collect();
        for &from in &pointers {
            let (TestDir::Host(dir), mut guest) = fresh() else { unreachable!() };
            let outside = Snapshot::of(&dir.0);
            let mut all_same = args.clone();
            pointers.iter().for_each(|&index| all_same[index] = args[from]);
            let answer = call(&mut guest, &function, &all_same);
            if answer.is_err() {
                assert_eq!(Snapshot::of(&dir.0), outside, "{} {answer:?}", function.name);
            }
            for &to in &pointers {
                let (_dir, mut guest) = fresh();
                let mut two_same = args.clone();
                two_same[to] = args[from];
                let _ = call(&mut guest, &function, &two_same);
            }
        }
    }
}

#[test]
fn buffers_that_overlap_are_filled_one_after_the_other_or_in_part() {
    on_every_backend(|dir| {
        dir.write("old", "0123456789");
        for iovs in
            [&[(BUF, 4), (BUF + 2, 4)][..], &[(BUF + 2, 4), (BUF, 4)], &[(BUF, 4), (BUF, 4)]]
        {
            let mut guest = guest(dir);
            let count = guest.iovs(iovs);
            guest.call(|cx, mem| p1::fd_read(cx, mem, FILE, IOVS, count, OUT)).unwrap();
            let (start, read) = (iovs[0].0, guest.u32_at(OUT));
            assert!((1..=4).contains(&read), "{iovs:?}");
            assert_eq!(guest.get(start, read), &b"0123"[..read as usize], "{iovs:?}");
            assert_eq!(guest.tell(FILE), Ok(read.into()));
            // The count may be where the bytes go, and comes last.
            let count = guest.iovs(&[(BUF, 4)]);
            guest.call(|cx, mem| p1::fd_read(cx, mem, FILE, IOVS, count, BUF)).unwrap();
            assert_eq!(guest.u32_at(BUF), 4);
            // Nor is an array safe from what it has the call do.
            let count = guest.iovs(&[(IOVS, 8), (BUF, 4)]);
            guest.call(|cx, mem| p1::fd_pread(cx, mem, FILE, IOVS, count, 0, OUT)).unwrap();
            assert_eq!(guest.get(IOVS, 8), b"01234567");
        }
    });
}
