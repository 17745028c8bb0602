//! Opening, naming, linking and removing.

use crate::backend::on_every_backend;
use crate::guest::*;
use rwasm_wasi::p1::Errno;

#[test]
fn open_flags_say_what_must_be_there() {
    on_every_backend(|dir| {
        dir.write("f", "abc");
        let mut guest = dir.guest();
        guest.mkdir("d").unwrap();
        assert_eq!(guest.open("none", 0, READ), Err(Errno::Noent));
        assert_eq!(guest.open("f", CREAT | EXCL, WRITE), Err(Errno::Exist));
        assert_eq!(guest.open("f", DIRECTORY, 0), Err(Errno::Notdir));
        assert_eq!(guest.open("f/", 0, READ), Err(Errno::Notdir));
        assert_eq!(guest.open("f/x", 0, READ), Err(Errno::Notdir));
        assert_eq!(guest.open("d", 0, WRITE), Err(Errno::Isdir));
        assert_eq!(guest.open("d", DIRECTORY, READ | WRITE), Err(Errno::Isdir));
        assert_eq!(guest.open("d", CREAT, 0), Err(Errno::Isdir));
        for oflags in [CREAT, TRUNC, CREAT | EXCL] {
            assert_eq!(guest.open("new", DIRECTORY | oflags, 0), Err(Errno::Inval));
        }
        assert_eq!(guest.open("f", 16, READ), Err(Errno::Inval));
        assert_eq!(guest.open("", 0, READ), Err(Errno::Noent));
        assert_eq!(guest.open("f\0", 0, READ), Err(Errno::Inval));
        assert_eq!(guest.open(&"n".repeat(300), 0, READ), Err(Errno::Nametoolong));
        assert!(guest.open("d/", 0, 0).is_ok());
        assert!(guest.open("d///", DIRECTORY, READ).is_ok());
        assert!(guest.open(".", DIRECTORY, 0).is_ok());
        let fd = guest.open("f", TRUNC, WRITE).unwrap();
        assert_eq!(guest.stat(fd).unwrap().size, 0);
        let fd = guest.open("made", CREAT, WRITE).unwrap();
        assert_eq!(guest.stat(fd).unwrap().filetype, 4);
        assert_eq!(guest.open_with(fd, 0, "x", CREAT, 0, 0), Err(Errno::Notdir));
        assert_eq!(guest.open_with(1, 0, "x", CREAT, 0, 0), Err(Errno::Badf));
        assert_eq!(guest.open_with(99, 0, "x", CREAT, 0, 0), Err(Errno::Badf));
    });
}

#[test]
fn paths_have_to_be_utf8() {
    on_every_backend(|dir| {
        let mut guest = dir.guest();
        guest.put(PATH, b"\xff\xfe");
        let opened = guest.call(|cx, mem| {
            rwasm_wasi::p1::functions::path_open(cx, mem, ROOT, 0, PATH, 2, 0, 0, 0, 0, OUT)
        });
        assert_eq!(opened, Err(Errno::Ilseq));
    });
}

#[test]
fn symbolic_links_are_followed_when_asked() {
    on_every_backend(|dir| {
        dir.write("f", "abc");
        let mut guest = dir.guest();
        guest.mkdir("d").unwrap();
        guest.symlink("f", "to_f").unwrap();
        guest.symlink("d", "to_d").unwrap();
        guest.symlink("none", "dangling").unwrap();
        guest.symlink("loop", "loop").unwrap();
        assert_eq!(guest.open("to_f", 0, READ), Err(Errno::Loop));
        assert_eq!(guest.open("to_d", 0, READ), Err(Errno::Loop));
        assert_eq!(guest.open("to_d", DIRECTORY, READ), Err(Errno::Loop));
        let fd = guest.open_with(ROOT, FOLLOW, "to_f", 0, READ, 0).unwrap();
        assert_eq!(guest.read(fd, 9).unwrap(), b"abc");
        assert!(guest.open_with(ROOT, FOLLOW, "to_d", DIRECTORY, 0, 0).is_ok());
        assert_eq!(guest.open_with(ROOT, FOLLOW, "to_f", DIRECTORY, 0, 0), Err(Errno::Notdir));
        assert_eq!(guest.open_with(ROOT, FOLLOW, "dangling", 0, READ, 0), Err(Errno::Noent));
        assert_eq!(guest.open_with(ROOT, FOLLOW, "loop", 0, READ, 0), Err(Errno::Loop));
        assert_eq!(guest.stat_at("to_f", 0).unwrap().filetype, 7);
        assert_eq!(guest.stat_at("to_f", FOLLOW).unwrap().filetype, 4);
        assert_eq!(guest.stat_at("to_f", 2).err(), Some(Errno::Inval));
        assert!(guest.open_with(ROOT, FOLLOW, "dangling", CREAT, WRITE, 0).is_ok());
        assert_eq!(dir.read("none"), "");
        // What a path with a slash behind it says cannot be made, wherever it would lead.
        guest.symlink("slash/", "slash").unwrap();
        assert_eq!(guest.open_with(ROOT, FOLLOW, "slash", 0, READ, 0), Err(Errno::Loop));
        let made = guest.open_with(ROOT, FOLLOW, "slash", CREAT, READ, 0);
        assert!(matches!(made, Err(Errno::Isdir | Errno::Inval)), "{made:?}");
    });
}

#[test]
fn symbolic_links_are_read_and_cut_off() {
    on_every_backend(|dir| {
        dir.write("f", "");
        let mut guest = dir.guest();
        guest.symlink("target", "l").unwrap();
        assert_eq!(guest.readlink("l", 100).unwrap(), "target");
        assert_eq!(guest.readlink("l", 4).unwrap(), "targ");
        assert_eq!(guest.readlink("l", 0).unwrap(), "");
        assert_eq!(guest.readlink("f", 9), Err(Errno::Inval));
        assert_eq!(guest.readlink("none", 9), Err(Errno::Noent));
        assert_eq!(guest.symlink("x", "l"), Err(Errno::Exist));
        assert_eq!(guest.symlink("x", "new/"), Err(Errno::Noent));
    });
}

#[test]
fn removing_tells_files_from_directories() {
    on_every_backend(|dir| {
        let mut guest = dir.guest();
        guest.mkdir("d").unwrap();
        assert_eq!(guest.mkdir("d"), Err(Errno::Exist));
        guest.open("d/f", CREAT, WRITE).unwrap();
        assert_eq!(guest.unlink("d"), Err(Errno::Isdir));
        assert_eq!(guest.unlink("d/"), Err(Errno::Isdir));
        assert_eq!(guest.unlink("d/f/"), Err(Errno::Notdir));
        assert_eq!(guest.unlink("none"), Err(Errno::Noent));
        assert_eq!(guest.rmdir("d"), Err(Errno::Notempty));
        assert_eq!(guest.rmdir("d/f"), Err(Errno::Notdir));
        assert_eq!(guest.rmdir("d/f/"), Err(Errno::Notdir));
        assert_eq!(guest.rmdir("none"), Err(Errno::Noent));
        guest.unlink("d/f").unwrap();
        guest.rmdir("d/").unwrap();
        assert_eq!(guest.stat_at("d", 0).err(), Some(Errno::Noent));
        guest.symlink("none", "l").unwrap();
        guest.unlink("l").unwrap();
    });
}

#[test]
fn hard_links_share_a_file() {
    on_every_backend(|dir| {
        dir.write("f", "abc");
        let mut guest = dir.guest();
        guest.mkdir("d").unwrap();
        guest.link(0, "f", "d/g").unwrap();
        let (f, g) = (guest.stat_at("f", 0).unwrap(), guest.stat_at("d/g", 0).unwrap());
        assert_eq!((f.ino, f.nlink), (g.ino, 2));
        assert_eq!(guest.link(0, "f", "d/g"), Err(Errno::Exist));
        assert_eq!(guest.link(0, "f", "f"), Err(Errno::Exist));
        assert_eq!(guest.link(0, "d", "e"), Err(Errno::Perm));
        assert_eq!(guest.link(0, "f", "new/"), Err(Errno::Noent));
        assert_eq!(guest.link(FOLLOW, "f", "new"), Err(Errno::Inval));
        guest.symlink("none", "l").unwrap();
        guest.link(0, "l", "l2").unwrap();
        assert_eq!(guest.stat_at("l2", 0).unwrap().filetype, 7);
    });
}

#[test]
fn renaming_replaces_like_with_like() {
    on_every_backend(|dir| {
        dir.write("f", "1");
        dir.write("g", "2");
        let mut guest = dir.guest();
        guest.mkdir("d").unwrap();
        guest.mkdir("e").unwrap();
        guest.rename("f", "g").unwrap();
        assert_eq!(dir.read("g"), "1");
        assert_eq!(guest.rename("f", "x"), Err(Errno::Noent));
        assert_eq!(guest.rename("g", "d"), Err(Errno::Isdir));
        assert_eq!(guest.rename("d", "g"), Err(Errno::Notdir));
        guest.rename("d", "e").unwrap();
        guest.mkdir("d").unwrap();
        guest.rename("g", "e/g").unwrap();
        assert_eq!(guest.rename("d", "e"), Err(Errno::Notempty));
        assert_eq!(guest.rename("e", "e/sub"), Err(Errno::Inval));
        guest.rename("d/", "h").unwrap();
        guest.rename("h", "i/").unwrap();
        assert_eq!(guest.stat_at("i", 0).unwrap().filetype, 3);
    });
}
