//! What only a file system in memory does.

use rwasm_wasi::host::{Dir, ErrorCode, Node, OpenHow};
use rwasm_wasi::{MemoryDir, MemoryFs, VirtualClock};

fn open(dir: &mut dyn Dir, path: &str) -> Result<Node, ErrorCode> {
    dir.open_at(path.as_bytes(), OpenHow { read: true, ..OpenHow::default() })
}

#[test]
fn what_one_guest_removes_another_may_be_opening() {
    let fs = MemoryFs::new();
    let other = fs.clone();
    let remover = std::thread::spawn(move || {
        let mut root = other.root();
        for _ in 0..20_000 {
            other.write("a", "text").unwrap();
            root.unlink_at(b"a").unwrap();
        }
    });
    let mut root = fs.root();
    while !remover.is_finished() {
        match open(&mut root, "a") {
            Ok(Node::File(mut file, _)) => assert!(file.stat().unwrap().size <= 4),
            Ok(Node::Dir(_)) => panic!("it is a file"),
            Err(error) => assert_eq!(error, ErrorCode::NoEntry),
        }
    }
    remover.join().unwrap();
    assert!(root.entries().unwrap().is_empty());
}

#[test]
fn directories_count_those_in_them() {
    let fs = MemoryFs::new();
    fs.write("a/b/c", "").unwrap();
    let mut root = fs.root();
    let nlink =
        |root: &mut MemoryDir, path: &str| root.stat_at(path.as_bytes(), true).unwrap().nlink;
    assert_eq!([nlink(&mut root, "."), nlink(&mut root, "a"), nlink(&mut root, "a/b")], [3, 3, 2]);
    root.rename_at(b"a/b", &fs.root(), b"d").unwrap();
    assert_eq!([nlink(&mut root, "."), nlink(&mut root, "a"), nlink(&mut root, "d")], [4, 2, 2]);
    root.remove_dir_at(b"a").unwrap();
    assert_eq!(nlink(&mut root, "."), 3);
}

#[test]
fn a_directory_in_it_can_be_given_alone() {
    let fs = MemoryFs::new();
    fs.write("a/b/c", "text").unwrap();
    let mut dir = fs.dir("a/b").unwrap();
    assert!(open(&mut dir, "c").is_ok());
    assert_eq!(open(&mut dir, "../b").err(), Some(ErrorCode::NotPermitted));
    assert_eq!(fs.dir("a/b/c").err(), Some(ErrorCode::NotDirectory));
    assert_eq!(fs.dir("b").err(), Some(ErrorCode::NoEntry));
}

#[test]
fn times_begin_late_enough_to_be_calculated_with() {
    let mtim = MemoryFs::new().root().stat().unwrap().mtim;
    assert!((VirtualClock::Y2K..VirtualClock::Y2K + 1000).contains(&mtim));
}

#[test]
fn what_is_made_later_is_newer() {
    let fs = MemoryFs::new();
    let mut root = fs.root();
    let mut last = root.stat().unwrap().mtim;
    for name in ["a", "b", "c"] {
        root.create_dir_at(name.as_bytes()).unwrap();
        let made = root.stat_at(name.as_bytes(), false).unwrap().mtim;
        assert!(made > last);
        last = root.stat().unwrap().mtim;
        assert!(last >= made);
    }
}

#[test]
fn a_clock_moves_time_on_but_not_back() {
    let late = VirtualClock::Y2K + 1_000_000_000;
    let fs = MemoryFs::new().with_clock(Box::new(VirtualClock::fixed_at(late)));
    let mtim = |name: &str| {
        fs.write(name, "text").unwrap();
        fs.root().stat_at(name.as_bytes(), false).unwrap().mtim
    };
    let first = mtim("a");
    assert!((late..late + 1000).contains(&first));
    assert!(mtim("b") > first);
    let fs = fs.with_clock(Box::new(VirtualClock::fixed_at(0)));
    fs.write("a", "again").unwrap();
    assert!(fs.root().stat_at(b"a", false).unwrap().mtim > first);
}

#[test]
fn it_is_full_when_it_is_full_and_has_room_again_afterwards() {
    let fs = MemoryFs::with_capacity(4096);
    assert_eq!(fs.write("a", [0; 5000]), Err(ErrorCode::InsufficientSpace));
    let mut root = fs.root();
    root.unlink_at(b"a").unwrap();
    for _ in 0..100 {
        fs.write("a", [0; 3000]).unwrap();
        root.rename_at(b"a", &fs.root(), b"b").unwrap();
        root.unlink_at(b"b").unwrap();
    }
    assert_eq!(root.symlink_at(&[b'a'; 4096], b"l"), Err(ErrorCode::NameTooLong));
}

#[test]
fn a_file_system_that_is_full_can_be_emptied() {
    let fs = MemoryFs::with_capacity(4096);
    let room = (0..4096).rev().find(|&len| fs.write("a", vec![0; len]).is_ok()).unwrap();
    let mut root = fs.root();
    // A longer name is let pass, although there is no room for it.
    root.rename_at(b"a", &fs.root(), &[b'n'; 200]).unwrap();
    let how = OpenHow { write: true, truncate: true, ..OpenHow::default() };
    assert!(root.open_at(&[b'n'; 200], how).is_ok(), "{room}");
    assert_eq!(root.stat_at(&[b'n'; 200], false).unwrap().size, 0);
}
