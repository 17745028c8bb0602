//! Memories.

use crate::{instance, link, linker};
use rwasm::{Config, Dispatch, Engine, Instance, Memory, MemoryType, Module, Store, Trap};

#[test]
fn bytes_are_read_and_written_within_bounds() {
    let mut store = Store::new(&Engine::default(), 3);
    let memory = Memory::new(&mut store, MemoryType::new(1, Some(2))).unwrap();
    memory.write(&mut store, 65534, b"ab").unwrap();
    assert!(memory.write(&mut store, 65535, b"xy").is_err());
    assert!(memory.write(&mut store, usize::MAX, b"x").is_err());
    let mut buffer = [0; 3];
    memory.read(&store, 65533, &mut buffer).unwrap();
    assert_eq!(&buffer, b"\0ab");
    let error = memory.read(&store, 65534, &mut buffer).unwrap_err();
    assert_eq!(error.to_string(), "out of bounds memory access");
    memory.data_mut(&mut store)[0] = 7;
    let (bytes, data) = memory.data_and_store_mut(&mut store);
    bytes[1] = *data;
    assert_eq!(memory.data(&store)[..2], [7, 3]);
}

#[test]
fn a_memory_grows_and_keeps_its_bytes() {
    let (mut store, instance) = instance(
        r#"(module (memory (export "memory") 1 3)
            (func (export "load") (param i32) (result i32) (i32.load (local.get 0)))
            (func (export "size") (result i32) memory.size))"#,
    );
    let memory = instance.get_memory(&mut store, "memory").unwrap();
    let load = instance.get_typed_func::<u32, i32>(&mut store, "load").unwrap();
    memory.write(&mut store, 100, &5_i32.to_le_bytes()).unwrap();
    assert!(load.call(&mut store, 65536).is_err());
    assert_eq!(memory.grow(&mut store, 2).unwrap(), 1);
    assert_eq!(memory.size(&store), 3);
    assert_eq!(memory.data_size(&store), 3 << 16);
    assert_eq!(load.call(&mut store, 65536).unwrap(), 0);
    assert_eq!(load.call(&mut store, 100).unwrap(), 5);
    assert_eq!(load.call(&mut store, (3 << 16) - 4).unwrap(), 0);
    assert!(memory.grow(&mut store, 1).is_err());
    let size = instance.get_typed_func::<(), u32>(&mut store, "size").unwrap();
    assert_eq!(size.call(&mut store, ()).unwrap(), 3);
    assert_eq!(memory.ty(&store), MemoryType::new(1, Some(3)));
}

#[test]
fn growth_shows_in_every_instance() {
    let (mut linker, mut store) = linker(());
    let a = link(
        &linker,
        &mut store,
        r#"(module (memory (export "memory") 1)
            (func (export "load") (param i32) (result i32) (i32.load8_u (local.get 0))))"#,
    );
    linker.instance(&mut store, "a", a).unwrap();
    let b = link(
        &linker,
        &mut store,
        r#"(module (import "a" "memory" (memory 1))
            (func (export "grow") (result i32)
                (drop (memory.grow (i32.const 1)))
                (i32.store8 (i32.const 70000) (i32.const 9))
                (i32.load8_u (i32.const 70000))))"#,
    );
    let grow = b.get_typed_func::<(), i32>(&mut store, "grow").unwrap();
    assert_eq!(grow.call(&mut store, ()).unwrap(), 9);
    let load = a.get_typed_func::<i32, i32>(&mut store, "load").unwrap();
    assert_eq!(load.call(&mut store, 70_000).unwrap(), 9);
}

#[test]
fn a_host_function_grows_the_memory_of_its_caller() {
    let (mut linker, mut store) = linker(());
    linker
        .func_wrap("host", "grow", |mut caller: rwasm::Caller<'_, ()>| {
            let memory = caller.get_export("memory").unwrap().into_memory().unwrap();
            memory.grow(&mut caller, 20).unwrap();
            memory.data_mut(&mut caller)[20 << 16] = 4;
        })
        .unwrap();
    let instance = link(
        &linker,
        &mut store,
        r#"(module (import "host" "grow" (func $grow)) (memory (export "memory") 1)
            (func (export "run") (result i32) call $grow (i32.load8_u (i32.const 0x140000))))"#,
    );
    let run = instance.get_typed_func::<(), i32>(&mut store, "run").unwrap();
    assert_eq!(run.call(&mut store, ()).unwrap(), 4);
}

#[test]
fn a_memory_with_64_bit_addresses_works() {
    let (mut store, instance) = instance(
        r#"(module (memory (export "memory") i64 1 5)
            (func (export "load") (param i64) (result i64) (i64.load (local.get 0)))
            (func (export "grow") (param i64) (result i64) (memory.grow (local.get 0))))"#,
    );
    let grow = instance.get_typed_func::<i64, i64>(&mut store, "grow").unwrap();
    let load = instance.get_typed_func::<i64, i64>(&mut store, "load").unwrap();
    assert_eq!(grow.call(&mut store, 2).unwrap(), 1);
    assert_eq!(grow.call(&mut store, -1).unwrap(), -1);
    assert_eq!(grow.call(&mut store, i64::MAX).unwrap(), -1);
    assert_eq!(load.call(&mut store, (3 << 16) - 8).unwrap(), 0);
    for address in [(3 << 16) - 7, -1, -8, i64::MIN, 1 << 32] {
        let error = load.call(&mut store, address).unwrap_err();
        assert_eq!(error.downcast_ref(), Some(&Trap::MemoryOutOfBounds), "{address}");
    }
    assert!(instance.get_memory(&mut store, "memory").unwrap().ty(&store).is_64());
}

#[test]
fn pages_can_be_bytes() {
    let engine = Engine::new(Config::new().wasm_custom_page_sizes(true)).unwrap();
    let module = Module::new(
        &engine,
        r#"(module (memory (export "memory") 10 100 (pagesize 1))
            (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0)))
            (func (export "load") (param i32) (result i32) (i32.load8_u (local.get 0))))"#,
    )
    .unwrap();
    let mut store = Store::new(&engine, ());
    let instance = Instance::new(&mut store, &module, &[]).unwrap();
    let memory = instance.get_memory(&mut store, "memory").unwrap();
    assert_eq!((memory.page_size(&store), memory.data_size(&store)), (1, 10));
    let load = instance.get_typed_func::<i32, i32>(&mut store, "load").unwrap();
    assert!(load.call(&mut store, 10).is_err());
    let grow = instance.get_typed_func::<i32, i32>(&mut store, "grow").unwrap();
    assert_eq!(grow.call(&mut store, 90).unwrap(), 10);
    assert_eq!(grow.call(&mut store, 1).unwrap(), -1);
    assert_eq!(load.call(&mut store, 99).unwrap(), 0);
    assert!(load.call(&mut store, 100).is_err());
}

/// As C programs with a large stack have it: the stack first, their data behind it.
#[test]
#[cfg(target_os = "linux")]
fn pages_of_a_stack_are_had_when_they_are_touched() {
    // How many bytes of no file are in memory. Other tests run meanwhile, so the stack is so large
    // that theirs make no difference.
    fn resident() -> i64 {
        let status = std::fs::read_to_string("/proc/self/status").unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:")).unwrap();
        line.trim().strip_suffix(" kB").unwrap().parse::<i64>().unwrap() << 10
    }
    const STACK: i64 = 1 << 30;
    let before = resident();
    let (mut store, instance) = instance(&format!(
        r#"(module
            (memory (export "memory") {})
            (data (i32.const {STACK}) "data")
            (func (export "push") (param i32) (i32.store8 (local.get 0) (i32.const 1))))"#,
        STACK / 65536 + 1
    ));
    let push = instance.get_typed_func::<i32, ()>(&mut store, "push").unwrap();
    push.call(&mut store, STACK as i32 - 16).unwrap();
    let memory = instance.get_memory(&mut store, "memory").unwrap();
    assert_eq!(memory.data(&store)[STACK as usize..][..4], *b"data");
    assert!(resident() - before < STACK / 2);
}

#[test]
fn every_length_and_overlap_is_copied_and_filled() {
    let (mut store, instance) = instance(
        r#"(module (memory (export "memory") 1)
            (func (export "copy") (param i32 i32 i32)
                (memory.copy (local.get 0) (local.get 1) (local.get 2)))
            (func (export "fill") (param i32 i32 i32)
                (memory.fill (local.get 0) (local.get 1) (local.get 2))))"#,
    );
    let memory = instance.get_memory(&mut store, "memory").unwrap();
    let copy = instance.get_typed_func::<(u32, u32, u32), ()>(&mut store, "copy").unwrap();
    let fill = instance.get_typed_func::<(u32, u32, u32), ()>(&mut store, "fill").unwrap();
    let original: Vec<u8> = (0..=255).collect();
    for len in 0..=70 {
        for src in 64..128 {
            let mut expected = original.clone();
            expected.copy_within(src..src + len, 96);
            memory.write(&mut store, 0, &original).unwrap();
            copy.call(&mut store, (96, src as u32, len as u32)).unwrap();
            assert_eq!(memory.data(&store)[..256], expected, "{len} bytes from {src} to 96");
        }
        let mut expected = original.clone();
        expected[96..96 + len].fill(0xa5);
        memory.write(&mut store, 0, &original).unwrap();
        fill.call(&mut store, (96, 0x1_a5, len as u32)).unwrap();
        assert_eq!(memory.data(&store)[..256], expected, "{len} bytes at 96");
    }
}

/// Of an address, all 64 bits count, and so does what is carried out of them.
#[test]
fn addresses_of_64_bits_are_compared_as_a_whole() {
    const TYPES: [&str; 4] = ["i32", "i64", "f32", "f64"];
    for dispatch in [Dispatch::Auto, Dispatch::Loop] {
        let engine = Engine::new(Config::new().dispatch(dispatch)).unwrap();
        for offset in [0_u64, 1, 8, 0xfff0, 0xffff_fff0, 1 << 32, u64::MAX - 7] {
            let mut text = "(module (memory i64 1)".to_owned();
            for ty in TYPES {
                // Addresses from a slot, from the accumulator, and in instructions that are fused.
                text += &format!(
                    r#"(func (export "load {ty}") (param i64)
                         (drop ({ty}.load offset={offset} (local.get 0))))
                    (func (export "load computed {ty}") (param i64)
                         (drop ({ty}.load offset={offset} (i64.add (local.get 0) (i64.const 0)))))
                    (func (export "store {ty}") (param i64)
                         ({ty}.store offset={offset} (local.get 0) ({ty}.const 1)))
                    (func (export "store computed {ty}") (param i64)
                         ({ty}.store offset={offset} (i64.add (local.get 0) (i64.const 0))
                            ({ty}.const 1)))
                    (func (export "add {ty}") (param i64) (local {ty})
                         (local.set 1 ({ty}.add ({ty}.add (local.get 1) (local.get 1))
                            ({ty}.load offset={offset} (local.get 0)))))
                    "#
                );
            }
            text += &format!(
                r#"(func (export "load vector") (param i64)
                     (drop (v128.load offset={offset} (local.get 0))))
                (func (export "store vector") (param i64)
                     (v128.store offset={offset} (local.get 0) (v128.const i64x2 1 1))))"#
            );
            let module = Module::new(&engine, &text).unwrap();
            let mut store = Store::new(&engine, ());
            let instance = Instance::new(&mut store, &module, &[]).unwrap();
            let names: Vec<_> = module.exports().map(|export| export.name().to_owned()).collect();
            for name in &names {
                let size = match name.rsplit(' ').next() {
                    Some("vector") => 16,
                    Some(ty) if ty.ends_with("64") => 8,
                    _ => 4,
                };
                let run = instance.get_typed_func::<i64, ()>(&mut store, name).unwrap();
                let last = 65536_u64.checked_sub(size).and_then(|last| last.checked_sub(offset));
                let near = [last, last.map(|last| last + 1), Some(0_u64.wrapping_sub(offset))];
                let far = [0, 1 << 32, 1 << 63, u64::MAX, u64::MAX - size + 1];
                for address in near.into_iter().flatten().chain(far) {
                    let fits = last.is_some_and(|last| address <= last);
                    let result = run.call(&mut store, address as i64);
                    let trap = result.err().map(|error| *error.downcast_ref::<Trap>().unwrap());
                    let expected = (!fits).then_some(Trap::MemoryOutOfBounds);
                    assert_eq!(trap, expected, "{name} at {address:#x}, offset {offset:#x}");
                }
            }
        }
    }
}
