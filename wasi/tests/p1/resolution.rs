//! How paths are resolved: links in every form, names that are too long, magic links, and files that
//! are none. That no path leads out is in `escapes.rs`, and what happens while others move things
//! in `races.rs`.

use crate::backend::{Over, TestDir, on_every_backend};
use crate::guest::*;
use crate::host::{Snapshot, TempDir};
use rustix::fs::{FileType, Mode, mknodat};
use rwasm_wasi::p1::Errno;
use std::fs::File;
use std::os::fd::AsRawFd;
use std::os::unix::fs::symlink;
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::sync::mpsc;
use std::time::Duration;

type Call = fn(&mut Guest, &str) -> Answer;

/// Every call that takes a path, with a path. There is a file `file`.
const CALLS: &[(&str, Call)] = &[
    ("open", |guest, path| guest.open(path, 0, READ).map(drop)),
    ("open and follow", |guest, path| guest.open_with(ROOT, FOLLOW, path, 0, READ, 0).map(drop)),
    ("open to write", |guest, path| guest.open_with(ROOT, FOLLOW, path, 0, WRITE, 0).map(drop)),
    ("create", |guest, path| guest.open_with(ROOT, FOLLOW, path, CREAT, WRITE, 0).map(drop)),
    ("truncate", |guest, path| guest.open_with(ROOT, FOLLOW, path, TRUNC, WRITE, 0).map(drop)),
    ("stat", |guest, path| guest.stat_at(path, 0).map(drop)),
    ("stat and follow", |guest, path| guest.stat_at(path, FOLLOW).map(drop)),
    ("set times", |guest, path| guest.set_times_at(path, 0, 0, 0, 2 | 8)),
    ("set times and follow", |guest, path| guest.set_times_at(path, FOLLOW, 0, 0, 2 | 8)),
    ("readlink", |guest, path| guest.readlink(path, 9).map(drop)),
    ("link", |guest, path| guest.link(0, path, "new")),
    ("link to", |guest, path| guest.link(0, "file", path)),
    ("rename", |guest, path| guest.rename(path, "new")),
    ("rename to", |guest, path| guest.rename("file", path)),
    ("symlink", |guest, path| guest.symlink("file", path)),
    ("mkdir", |guest, path| guest.mkdir(path)),
    ("rmdir", |guest, path| guest.rmdir(path)),
    ("unlink", |guest, path| guest.unlink(path)),
];

/// The calls that go where a link leads.
fn following() -> impl Iterator<Item = &'static (&'static str, Call)> {
    CALLS.iter().filter(|(name, _)| {
        ["follow", "write", "create", "truncate"].iter().any(|word| name.contains(word))
    })
}

#[test]
fn a_chain_of_links_is_followed_to_its_end() {
    on_every_backend(|dir| {
        dir.write("file", "abc");
        let mut guest = dir.guest();
        guest.symlink("file", "link0").unwrap();
        for number in 1..50 {
            guest.symlink(&format!("link{}", number - 1), &format!("link{number}")).unwrap();
        }
        let fd = guest.open_with(ROOT, FOLLOW, "link7", 0, READ, 0).unwrap();
        assert_eq!(guest.read(fd, 9).unwrap(), b"abc");
        for (name, call) in following() {
            assert_eq!(call(&mut guest, "link49"), Err(Errno::Loop), "{name}");
        }
        assert_eq!(dir.read("file"), "abc");
    });
}

#[test]
fn links_that_lead_to_each_other_lead_nowhere() {
    on_every_backend(|dir| {
        let mut guest = dir.guest();
        guest.symlink("b", "a").unwrap();
        guest.symlink("a", "b").unwrap();
        guest.symlink("down/down", "down").unwrap();
        for (name, call) in following() {
            assert_eq!(call(&mut guest, "a"), Err(Errno::Loop), "{name}");
        }
        for (name, call) in CALLS.iter().filter(|(name, _)| !name.ends_with(" to")) {
            assert_eq!(call(&mut guest, "a/x"), Err(Errno::Loop), "{name}");
            assert_eq!(call(&mut guest, "down/x"), Err(Errno::Loop), "{name}");
        }
    });
}

#[test]
fn a_slash_behind_a_target_asks_for_a_directory() {
    on_every_backend(|dir| {
        dir.write("file", "abc");
        dir.create_dir("d");
        let mut guest = dir.guest();
        for (target, name) in [("d/", "to_d"), ("file/", "to_file"), ("new/", "dangling")] {
            guest.symlink(target, name).unwrap();
        }
        assert!(guest.open_with(ROOT, FOLLOW, "to_d", DIRECTORY, READ, 0).is_ok());
        assert_eq!(guest.stat_at("to_d", FOLLOW).unwrap().filetype, 3);
        assert!(guest.open_with(ROOT, FOLLOW, "to_d/", 0, READ, 0).is_ok());
        for path in ["to_file", "to_file/", "file/"] {
            assert_eq!(guest.open_with(ROOT, FOLLOW, path, 0, READ, 0), Err(Errno::Notdir));
            assert_eq!(guest.stat_at(path, FOLLOW).err(), Some(Errno::Notdir), "{path}");
        }
        // Such a path cannot be that of a file which is made. The kernel and cap-std, which walks
        // where the kernel cannot be asked, have different names for that.
        for path in ["dangling", "dangling/", "new/", "to_file", "file/"] {
            let made = guest.open_with(ROOT, FOLLOW, path, CREAT, WRITE, 0);
            assert!(made.is_err(), "{path}");
        }
        assert!(!dir.exists("new"));
        assert_eq!(dir.read("file"), "abc");
    });
}

/// The kernel follows a link that has a slash behind it whatever it is told, so nobody may give it such
/// a name: that was a hole in cap-std (RUSTSEC-2026-0269) where it walks by itself.
#[test]
fn a_slash_behind_a_link_does_not_lead_out() {
    on_every_backend(|dir| {
        dir.create_dir("in");
        dir.create_dir("in/sub");
        dir.create_dir("outside");
        dir.create_dir("outside/empty");
        dir.write("outside/secret", "s");
        dir.write("secret", "s");
        dir.write("in/file", "f");
        let absolute = match dir {
            TestDir::Host(host) | TestDir::Over(Over { lower: host, .. }) => {
                Some(host.0.join("outside").display().to_string())
            }
            TestDir::Memory(_) => None, // There nobody can make one.
        };
        let mut links = vec![];
        for target in ["..", "../outside", "../outside/empty", "../secret", "sub/../../outside"] {
            links.push(target.to_owned());
        }
        links.extend(absolute);
        let mut names = Vec::new();
        for target in &links {
            for end in ["", "/", "//", "/.", "/./"] {
                let name = format!("link{}", names.len());
                dir.symlink(&format!("{target}{end}"), &format!("in/{name}")).unwrap();
                dir.symlink(&name, &format!("in/to_{name}")).unwrap();
                dir.symlink(&format!("{name}/"), &format!("in/slash_{name}")).unwrap();
                names.push(name);
            }
        }
        let mut guest = dir.guest_in("in");
        let modified =
            |dir: &TestDir| ["outside", "outside/secret", "secret"].map(|name| dir.modified(name));
        let before = modified(dir);
        for name in
            names.iter().flat_map(|name| ["", "to_", "slash_"].map(|to| format!("{to}{name}")))
        {
            for (call_name, call) in following() {
                assert!(call(&mut guest, &name).is_err(), "{call_name} {name}");
            }
            for end in ["/", "//", "/.", "/./", "/..", "/../", "/secret", "/empty/"] {
                for (call_name, call) in CALLS {
                    let path = format!("{name}{end}");
                    let answer = call(&mut guest, &path);
                    assert!(answer.is_err(), "{call_name} {path}");
                }
                let path = format!("{name}{end}");
                assert!(guest.open(&path, DIRECTORY, 0).is_err(), "{path}");
                assert!(
                    guest.open_with(ROOT, FOLLOW, &path, DIRECTORY, READ, 0).is_err(),
                    "{path}"
                );
            }
        }
        assert_eq!(modified(dir), before);
        assert_eq!(dir.read("secret"), "s");
        assert!(dir.exists("outside/empty") && !dir.exists("outside/new"));
    });
}

#[test]
fn a_link_that_dangles_outside_makes_nothing_there() {
    on_every_backend(|dir| {
        dir.create_dir("in");
        dir.create_dir("in/sub");
        let mut guest = dir.guest_in("in");
        guest.symlink("../made", "out").unwrap();
        guest.symlink("sub/../../made", "round").unwrap();
        guest.symlink("out", "chain").unwrap();
        guest.symlink("made", "inside").unwrap();
        for path in ["out", "round", "chain"] {
            for oflags in [CREAT, CREAT | TRUNC] {
                let made = guest.open_with(ROOT, FOLLOW, path, oflags, WRITE, 0);
                assert_eq!(made, Err(Errno::Perm), "{path}");
            }
            let made = guest.open_with(ROOT, FOLLOW, path, CREAT | EXCL, WRITE, 0);
            assert_eq!(made, Err(Errno::Exist), "{path}");
            assert!(guest.open(path, CREAT, WRITE).is_err(), "{path}");
            assert_eq!(guest.mkdir(path), Err(Errno::Exist));
        }
        assert!(!dir.exists("made"));
        assert!(guest.open_with(ROOT, FOLLOW, "inside", CREAT, WRITE, 0).is_ok());
        assert!(dir.exists("in/made"));
    });
}

#[test]
fn no_function_takes_a_nul() {
    on_every_backend(|dir| {
        dir.write("file", "abc");
        let mut guest = dir.guest();
        for (name, call) in CALLS {
            for path in ["\0", "file\0", "fi\0le", "file\0/x", "\0file"] {
                assert_eq!(call(&mut guest, path), Err(Errno::Inval), "{name} {path:?}");
            }
        }
        assert_eq!(guest.symlink("fi\0le", "new"), Err(Errno::Inval));
        assert!(!dir.exists("new"));
    });
}

#[test]
fn names_and_paths_have_a_length_that_is_too_much() {
    on_every_backend(|dir| {
        dir.write("file", "abc");
        dir.create_dir("d");
        let mut guest = dir.guest();
        let name = "n".repeat(256);
        for (call_name, call) in CALLS {
            for path in [name.clone(), format!("d/{name}"), format!("{name}/x")] {
                assert_eq!(call(&mut guest, &path), Err(Errno::Nametoolong), "{call_name}");
            }
            for len in [4096, 4097, 9000] {
                let path = "./".repeat(len / 2) + if len % 2 == 0 { "" } else { "x" };
                assert_eq!(call(&mut guest, &path), Err(Errno::Nametoolong), "{call_name} {len}");
            }
        }
        assert_eq!(guest.symlink(&"t".repeat(4096), "new"), Err(Errno::Nametoolong));
        assert!(!dir.exists("new"));
        let longest = "./".repeat(2045) + "file";
        let fd = guest.open(&longest, 0, READ).unwrap();
        assert_eq!(guest.read(fd, 9).unwrap(), b"abc");
        assert!(guest.open(&"n".repeat(255), CREAT, WRITE).is_ok());
    });
}

/// `/proc` has links that are no paths: the kernel goes at once to what they stand for. Who was
/// given `/proc` was not given that.
#[test]
fn magic_links_are_not_followed() {
    let outside = TempDir::new();
    outside.write("secret", "s");
    let Some(dir) = File::open(&outside.0).ok().filter(|_| Path::new("/proc/self/fd").exists())
    else {
        println!("skipped: there is no /proc");
        return;
    };
    let file = File::options().read(true).write(true).open(outside.0.join("secret")).unwrap();
    let (_, pipe) = std::io::pipe().unwrap();
    let before = Snapshot::of(&outside.0);
    let mut guest = Guest::in_dir("/proc");
    for process in ["self", "thread-self", &std::process::id().to_string()] {
        let (dir, file, pipe) = (dir.as_raw_fd(), file.as_raw_fd(), pipe.as_raw_fd());
        let absolute = outside.0.display();
        for path in [
            format!("{process}/fd/{dir}/secret"),
            format!("{process}/root{absolute}/secret"),
            format!("{process}/cwd/Cargo.toml"),
        ] {
            for (name, call) in CALLS {
                let answer = call(&mut guest, &path);
                assert!(
                    matches!(answer, Err(Errno::Perm | Errno::Loop)),
                    "{name} {path} {answer:?}"
                );
            }
        }
        for path in [
            format!("{process}/fd/{dir}"),
            format!("{process}/fd/{file}"),
            format!("{process}/fd/{pipe}"),
            format!("{process}/root"),
            format!("{process}/cwd"),
            format!("{process}/exe"),
        ] {
            for (name, call) in following() {
                assert!(call(&mut guest, &path).is_err(), "{name} {path}");
            }
            assert!(guest.open(&path, 0, READ).is_err(), "{path}");
            assert!(guest.open(&format!("{path}/"), 0, READ).is_err(), "{path}/");
            assert!(guest.open(&format!("{path}/."), 0, READ).is_err(), "{path}/.");
        }
    }
    assert_eq!(Snapshot::of(&outside.0), before);
}

/// What `then` gives; fails if that takes too long.
fn without_waiting<T: Send + 'static>(then: impl FnOnce() -> T + Send + 'static) -> T {
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || sender.send(then()));
    receiver.recv_timeout(Duration::from_secs(20)).expect("it comes to an end by itself")
}

#[test]
fn opening_a_named_pipe_does_not_wait_for_its_other_end() {
    let dir = TempDir::new();
    mknodat(rustix::fs::CWD, dir.0.join("pipe"), FileType::Fifo, Mode::RWXU, 0).unwrap();
    symlink("pipe", dir.0.join("link")).unwrap();
    let path = dir.0.clone();
    without_waiting(move || {
        let mut guest = Guest::in_dir(path);
        for name in ["pipe", "link"] {
            let mut open =
                |oflags, rights| guest.open_with(ROOT, FOLLOW, name, oflags, rights, 0).map(drop);
            assert_eq!(open(0, READ), Ok(()));
            assert_eq!(open(0, READ | WRITE), Ok(()));
            assert_eq!(open(DIRECTORY, READ), Err(Errno::Notdir));
            // There are readers now: the two from above.
            assert_eq!(open(0, WRITE), Ok(()));
            assert_eq!(open(CREAT | TRUNC, WRITE), Ok(()));
            assert_eq!(guest.set_times_at(name, FOLLOW, 0, 0, 2 | 8), Ok(()));
            assert_eq!(guest.stat_at(name, FOLLOW).unwrap().filetype, 0);
            for fd in 4..8 {
                guest.close(fd).unwrap();
            }
            let mut open =
                |oflags, rights| guest.open_with(ROOT, FOLLOW, name, oflags, rights, 0).map(drop);
            assert_eq!(open(0, WRITE), Err(Errno::Nxio), "nobody reads");
            assert_eq!(open(CREAT, WRITE), Err(Errno::Nxio), "nobody reads");
        }
    });
}

#[test]
fn sockets_cannot_be_opened() {
    let dir = TempDir::new();
    let _listener = UnixListener::bind(dir.0.join("socket")).unwrap();
    let path = dir.0.clone();
    without_waiting(move || {
        let mut guest = Guest::in_dir(path);
        for rights in [0, READ, WRITE, READ | WRITE] {
            assert_eq!(guest.open("socket", 0, rights), Err(Errno::Nxio));
        }
        assert_eq!(guest.open("socket", CREAT | TRUNC, WRITE), Err(Errno::Nxio));
        assert!(guest.stat_at("socket", 0).is_ok());
    });
}

/// In a directory that has them, which is a grant of them.
#[test]
fn devices_are_files_without_a_position() {
    without_waiting(|| {
        let mut guest = Guest::in_dir("/dev");
        let zero = guest.open("zero", 0, READ).unwrap();
        assert_eq!(guest.read(zero, 4).unwrap(), [0; 4]);
        assert_eq!(guest.pread(zero, 4, 0), Err(Errno::Spipe));
        assert_eq!(guest.seek(zero, 0, 0), Err(Errno::Spipe));
        let null = guest.open("null", CREAT | TRUNC, READ | WRITE).unwrap();
        assert_eq!(guest.write(null, b"abc"), Ok(3));
        assert_eq!(guest.read(null, 4).unwrap(), b"");
        assert_eq!(guest.stat(null).unwrap().filetype, 2);
        assert_eq!(guest.set_size(null, 5), Err(Errno::Inval));
    });
}

/// What the host moves does not take a guest along to what is beside it now.
#[test]
fn a_directory_that_is_moved_has_no_new_parents_for_the_guest() {
    on_every_backend(|dir| {
        dir.create_dir("in");
        dir.create_dir("in/a");
        dir.create_dir("in/a/b");
        dir.create_dir("elsewhere");
        dir.write("elsewhere/secret", "s");
        dir.write("secret", "s");
        let mut guest = dir.guest_in("in");
        let a = guest.open("a", DIRECTORY, 0).unwrap();
        let b = guest.open("a/b", DIRECTORY, 0).unwrap();
        dir.rename("in/a", "elsewhere/a");
        for fd in [a, b] {
            for path in ["../secret", "../../secret", "..", "./../secret", "../../elsewhere/secret"]
            {
                assert_eq!(guest.open_with(fd, 0, path, 0, READ, 0), Err(Errno::Perm), "{path}");
                assert!(guest.open_with(fd, 0, path, CREAT, WRITE, 0).is_err(), "{path}");
            }
        }
        // The directory that was given may be moved itself.
        dir.rename("in", "elsewhere/in");
        assert_eq!(guest.open("../secret", 0, READ), Err(Errno::Perm));
        assert!(guest.open("new", CREAT, WRITE).is_ok());
        assert_eq!(guest.open_with(a, 0, "b/../../secret", 0, READ, 0), Err(Errno::Perm));
        let is_host = matches!(dir, TestDir::Host(_));
        assert!(!is_host || dir.exists("elsewhere/in/new"));
    });
}
