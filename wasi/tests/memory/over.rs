//! A file system in memory over a directory, beyond what random operations show.

use rwasm_wasi::host::{Dir, DirEntry, ErrorCode, File, FileType, Node, OpenHow};
use rwasm_wasi::{MemoryDir, MemoryFs, RealDir, ambient};
use std::io::{IoSlice, IoSliceMut};
use std::os::unix::net::UnixListener;

use crate::host::TempDir;

fn over(lower: &MemoryFs) -> MemoryFs {
    MemoryFs::over(lower.root(), MemoryFs::CAPACITY).unwrap()
}

fn open(dir: &mut MemoryDir, path: &str) -> Box<dyn File> {
    let how = OpenHow { read: true, write: true, ..OpenHow::default() };
    match dir.open_at(path.as_bytes(), how).unwrap() {
        Node::File(file, _) => file,
        Node::Dir(_) => panic!("{path} is a directory"),
    }
}

fn write(file: &mut dyn File, bytes: &[u8]) -> Result<(), ErrorCode> {
    file.write(&[IoSlice::new(bytes)], Some(0)).map(drop)
}

#[test]
fn names_of_both_are_listed_in_order() {
    let lower = MemoryFs::new();
    for name in ["b", "d", "f"] {
        lower.write(name, "").unwrap();
    }
    let fs = over(&lower);
    fs.write("e", "").unwrap();
    fs.write("a", "").unwrap();
    let mut root = fs.root();
    root.unlink_at(b"d").unwrap();
    let names = |entries: Vec<DirEntry>| entries.into_iter().map(|entry| entry.name);
    assert!(names(root.entries().unwrap()).eq([b"a", b"b", b"e", b"f"]));
    assert!(names(lower.root().entries().unwrap()).eq([b"b", b"d", b"f"]));
    // A name that was removed is made anew, with nothing of what was there.
    root.create_dir_at(b"d").unwrap();
    assert_eq!(fs.dir("d").unwrap().entries().unwrap(), []);
}

#[test]
fn what_was_moved_is_still_read_from_where_it_was() {
    let lower = MemoryFs::new();
    lower.write("a/b/c", "text").unwrap();
    let fs = over(&lower);
    let mut root = fs.root();
    root.rename_at(b"a", &fs.root(), b"z").unwrap();
    fs.write("a/b/c", "new").unwrap();
    assert_eq!(fs.read("z/b/c").unwrap(), b"text");
    assert_eq!(fs.read("a/b/c").unwrap(), b"new");
}

#[test]
fn two_names_of_a_file_are_of_one_file_wherever_they_are() {
    let lower = MemoryFs::new();
    lower.write("a", "old").unwrap();
    lower.create_dir_all("d/e").unwrap();
    lower.root().link_at(b"a", &lower.root(), b"d/e/b").unwrap();
    let fs = over(&lower);
    let mut root = fs.root();
    let a = root.stat_at(b"a", false).unwrap();
    assert_eq!(a.nlink, 2);
    fs.write("a", "changed").unwrap();
    root.unlink_at(b"a").unwrap();
    let b = root.stat_at(b"d/e/b", false).unwrap();
    assert_eq!((b.ino, b.nlink), (a.ino, 1));
    assert_eq!(fs.read("d/e/b").unwrap(), b"changed");
    assert_eq!(lower.read("a").unwrap(), b"old");
}

#[test]
fn a_file_is_the_same_before_and_after_it_is_copied() {
    let lower = MemoryFs::new();
    lower.write("a", "old text").unwrap();
    lower.write("b", "").unwrap();
    let newest = lower.root().stat_at(b"b", false).unwrap().mtim;
    let fs = over(&lower);
    let mut root = fs.root();
    let before = root.stat_at(b"a", false).unwrap();
    assert_eq!(before.mtim, lower.root().stat_at(b"a", false).unwrap().mtim);
    let (mut reader, mut writer) = (open(&mut root, "a"), open(&mut root, "a"));
    write(&mut *writer, b"new").unwrap();
    let after = reader.stat().unwrap();
    assert_eq!((after.dev, after.ino, after.size), (before.dev, before.ino, before.size));
    assert!(after.mtim > newest);
    let mut bytes = [0; 8];
    reader.read(&mut [IoSliceMut::new(&mut bytes)], 0).unwrap();
    assert_eq!(&bytes, b"new text");
}

#[test]
fn files_of_two_are_told_apart() {
    let lower = MemoryFs::new();
    lower.write("a/f", "").unwrap();
    lower.write("b/f", "").unwrap();
    let [a, b] = ["a", "b"].map(|name| {
        let fs = MemoryFs::over(lower.dir(name).unwrap(), MemoryFs::CAPACITY).unwrap();
        let stat = fs.root().stat_at(b"f", false).unwrap();
        (stat.dev, stat.ino)
    });
    assert_ne!(a, b);
}

#[test]
fn what_is_changed_takes_room_and_what_is_read_its_names() {
    let lower = MemoryFs::new();
    lower.write("a", [b'a'; 100_000]).unwrap();
    let fs = MemoryFs::over(lower.root(), 50_000).unwrap();
    let mut root = fs.root();
    assert_eq!(fs.read("a").unwrap().len(), 100_000);
    assert_eq!(write(&mut *open(&mut root, "a"), b"b"), Err(ErrorCode::InsufficientSpace));
    assert_eq!(fs.read("a").unwrap(), [b'a'; 100_000]);
    // What is cut off need not be copied.
    open(&mut root, "a").set_size(40_000).unwrap();
    write(&mut *open(&mut root, "a"), b"b").unwrap();
    assert_eq!(fs.read("a").unwrap()[..2], *b"ba");
    assert_eq!(MemoryFs::copy_of(&lower.root(), 99_000).err(), Some(ErrorCode::InsufficientSpace));
    MemoryFs::copy_of(&lower.root(), 101_000).unwrap();

    for number in 0..20 {
        lower.write(format!("d/{number}"), "").unwrap();
    }
    let fs = MemoryFs::over(lower.root(), 4096).unwrap();
    assert_eq!(fs.read("d/0"), Err(ErrorCode::InsufficientSpace));
    assert_eq!(fs.read("a").unwrap().len(), 100_000);
}

#[test]
fn room_is_given_back() {
    let lower = MemoryFs::new();
    lower.write("a", [b'a'; 1000]).unwrap();
    let fs = MemoryFs::over(lower.root(), 4096).unwrap();
    let mut root = fs.root();
    write(&mut *open(&mut root, "a"), b"b").unwrap();
    root.unlink_at(b"a").unwrap();
    for _ in 0..100 {
        fs.write("b", [0; 3500]).unwrap();
        root.unlink_at(b"b").unwrap();
    }
}

#[test]
fn what_is_no_file_is_there_but_cannot_be_opened() {
    let lower = TempDir::new();
    lower.write("f", "text");
    let _socket = UnixListener::bind(lower.0.join("s")).unwrap();
    let dir = || RealDir::new(ambient::open_dir(&lower.0).unwrap());
    let over = MemoryFs::over(dir(), MemoryFs::CAPACITY).unwrap();
    for fs in [over, MemoryFs::copy_of(&dir(), MemoryFs::CAPACITY).unwrap()] {
        let mut root = fs.root();
        assert_eq!(root.stat_at(b"s", true).unwrap().file_type, FileType::Socket);
        assert_eq!(root.entries().unwrap()[1].file_type, FileType::Socket);
        for (read, write, truncate) in
            [(true, false, false), (false, true, false), (true, true, true)]
        {
            let how = OpenHow { read, write, truncate, create: truncate, ..OpenHow::default() };
            assert_eq!(root.open_at(b"s", how).err(), Some(ErrorCode::NoSuchDevice));
        }
        root.rename_at(b"s", &fs.root(), b"t").unwrap();
        root.unlink_at(b"t").unwrap();
        fs.write("f", "changed").unwrap();
    }
    assert!(lower.0.join("s").exists());
    assert_eq!(lower.read("f"), "text");
}
