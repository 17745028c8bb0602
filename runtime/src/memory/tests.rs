//! Tests of memories, on every backing.

use super::*;

fn memory(min: u64, max: Option<u64>, page_size_log2: u8) -> MemType {
    MemType { limits: Limits { min, max }, is_64: false, shared: false, page_size_log2 }
}

/// Every backing that there is, with `len` bytes.
fn backings(len: usize) -> impl Iterator<Item = Backing> {
    let vector = Vector::new(len).map(Backing::Vector);
    [new_backing(len, 1 << 32), Backing::fixed(len), vector].into_iter().flatten()
}

#[test]
fn bytes_are_zero_and_can_be_written() {
    for mut backing in backings(100_000) {
        assert!(backing.data(100_000).iter().all(|&byte| byte == 0));
        backing.data_mut(100_000).fill(7);
        assert_eq!(backing.data(100_000)[99_999], 7);
        assert!(backing.base().addr().is_multiple_of(16));
    }
}

#[test]
fn growth_keeps_bytes_and_adds_zeros() {
    for first in [0, 1, 65536] {
        let mut memory = MemInst::new(memory(first, None, 0)).unwrap();
        memory.data_mut().fill(9);
        assert_eq!(memory.grow(200_000 - first), Some(first));
        let (old, new) = memory.data().split_at(first as usize);
        assert!(old.iter().all(|&byte| byte == 9));
        assert!(new.len() == 200_000 - first as usize && new.iter().all(|&byte| byte == 0));
    }
    let mut vector = Vector::new(10).unwrap();
    vector.data_mut(10).fill(3);
    assert!(vector.grow_to(20));
    assert_eq!(vector.data(20), [[3; 10], [0; 10]].concat());
}

#[test]
fn what_was_released_is_zero() {
    for mut backing in backings(256 << 10) {
        backing.data_mut(256 << 10).fill(1);
        if backing.release_beyond(64 << 10) {
            let (kept, released) = backing.data(256 << 10).split_at(64 << 10);
            assert!(kept.iter().all(|&byte| byte == 1));
            assert!(released.iter().all(|&byte| byte == 0));
        }
    }
}

#[test]
fn types_bound_sizes() {
    assert_eq!(maximum_bytes(&memory(0, Some(3), 16)), 3 << 16);
    assert_eq!(maximum_bytes(&memory(0, None, 16)), 1 << 32);
    assert_eq!(maximum_bytes(&memory(0, None, 0)), (1 << 32) - 1);
    assert!(MemInst::new(memory(70_000, None, 16)).is_none());
    let huge = MemType { is_64: true, ..memory(1 << 47, None, 16) };
    assert!(MemInst::new(huge).is_none());
}

#[test]
#[cfg(all(feature = "std", unix, target_pointer_width = "64", not(miri)))]
fn a_memory_that_outgrows_its_reservation_moves() {
    let mut mapped = Mapped::new(1000, 1000).unwrap();
    mapped.data_mut(1000).fill(5);
    assert!(mapped.grow_to(65536));
    assert!(mapped.grow_to(300_000));
    assert!(mapped.data(1000).iter().all(|&byte| byte == 5));
    assert_eq!(mapped.data(300_000)[1000..], [0; 299_000]);
}
