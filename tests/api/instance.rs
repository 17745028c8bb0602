//! Instantiation.

use crate::{instance, link, linker};
use rwasm::{Engine, Extern, Instance, Module, Ref, RefType, Store, Table, TableType, Trap};

#[test]
fn globals_are_initialised_in_order_with_extended_expressions() {
    let (mut store, instance) = instance(
        r#"(module
            (global $a i32 (i32.const 5))
            (global $b i32 (i32.mul (global.get $a) (i32.add (i32.const 2) (i32.const 1))))
            (global (export "c") i32 (i32.sub (global.get $b) (global.get $a)))
            (global (export "d") i64 (i64.mul (i64.const -2) (i64.const 3)))
            (global (export "v") v128 (v128.const i64x2 1 2)))"#,
    );
    let mut get = |name| instance.get_global(&mut store, name).unwrap().get(&mut store);
    assert_eq!(get("c").unwrap_i32(), 10);
    assert_eq!(get("d").unwrap_i64(), -6);
    assert_eq!(get("v").unwrap_v128().as_u128(), 2 << 64 | 1);
}

#[test]
fn tables_and_segments_hold_what_they_say() {
    let (mut store, instance) = instance(
        r#"(module
            (type $f (func (result i32)))
            (func $one (result i32) i32.const 1)
            (func $two (result i32) i32.const 2)
            (global $two funcref (ref.func $two))
            (table $t (export "t") 4 funcref (ref.func $one))
            (elem (table $t) (i32.const 2) funcref (global.get $two) (ref.null func))
            (elem $passive func $two $one)
            (func (export "call") (param i32) (result i32)
                (call_indirect $t (type $f) (local.get 0)))
            (func (export "init") (param i32 i32 i32)
                (table.init $t $passive (local.get 0) (local.get 1) (local.get 2)))
            (func (export "drop") (elem.drop $passive)))"#,
    );
    let call = instance.get_typed_func::<u32, i32>(&mut store, "call").unwrap();
    let init = instance.get_typed_func::<(u32, u32, u32), ()>(&mut store, "init").unwrap();
    let drop = instance.get_typed_func::<(), ()>(&mut store, "drop").unwrap();
    let trap = |result: rwasm::Result<()>| *result.unwrap_err().downcast_ref::<Trap>().unwrap();
    assert_eq!(call.call(&mut store, 1).unwrap(), 1);
    assert_eq!(call.call(&mut store, 2).unwrap(), 2);
    assert_eq!(trap(call.call(&mut store, 3).map(core::mem::drop)), Trap::UninitializedElement);
    init.call(&mut store, (2, 0, 2)).unwrap();
    assert_eq!(call.call(&mut store, 3).unwrap(), 1);
    assert_eq!(trap(init.call(&mut store, (3, 0, 2))), Trap::TableOutOfBounds);
    assert_eq!(trap(init.call(&mut store, (0, 1, 2))), Trap::TableOutOfBounds);
    drop.call(&mut store, ()).unwrap();
    assert_eq!(trap(init.call(&mut store, (0, 0, 1))), Trap::TableOutOfBounds);
    init.call(&mut store, (4, 0, 0)).unwrap();
}

#[test]
fn what_a_failing_instantiation_wrote_stays() {
    let (mut linker, mut store) = linker(());
    let a = link(
        &linker,
        &mut store,
        r#"(module (memory (export "memory") 1) (table (export "table") 2 funcref))"#,
    );
    linker.instance(&mut store, "a", a).unwrap();
    let mut fails = |wat: &str| {
        let module = Module::new(store.engine(), wat).unwrap();
        let error = linker.instantiate(&mut store, &module).unwrap_err();
        *error.downcast_ref::<Trap>().unwrap()
    };
    assert_eq!(
        fails(
            r#"(module
                (import "a" "table" (table 2 funcref))
                (func $f (result i32) i32.const 9)
                (elem (i32.const 1) $f)
                (elem (i32.const 1) $f $f))"#
        ),
        Trap::TableOutOfBounds
    );
    assert_eq!(
        fails(
            r#"(module
                (import "a" "memory" (memory 1))
                (data (i32.const 4) "kept")
                (data (i32.const 65533) "lost"))"#
        ),
        Trap::MemoryOutOfBounds
    );
    let memory = a.get_memory(&mut store, "memory").unwrap();
    assert_eq!(&memory.data(&store)[4..8], b"kept");
    assert_eq!(memory.data(&store)[65533], 0);
    let table = a.get_table(&mut store, "table").unwrap();
    let func = *table.get(&mut store, 1).unwrap().unwrap_func();
    assert_eq!(func.typed::<(), i32>(&store).unwrap().call(&mut store, ()).unwrap(), 9);
}

#[test]
fn the_start_function_runs_last() {
    let (mut linker, mut store) = linker(0);
    linker
        .func_wrap("host", "note", |mut caller: rwasm::Caller<'_, i32>, n| *caller.data_mut() = n)
        .unwrap();
    link(
        &linker,
        &mut store,
        r#"(module
            (import "host" "note" (func $note (param i32)))
            (memory 1)
            (data (i32.const 0) "\2a")
            (func $start (call $note (i32.load8_u (i32.const 0))))
            (start $start))"#,
    );
    assert_eq!(*store.data(), 42);
}

#[test]
fn a_trap_of_the_start_function_has_a_backtrace() {
    let engine = Engine::default();
    let module = Module::new(&engine, "(module (func $start unreachable) (start $start))").unwrap();
    let mut store = Store::new(&engine, ());
    let error = Instance::new(&mut store, &module, &[]).unwrap_err();
    assert_eq!(error.downcast_ref(), Some(&Trap::UnreachableCodeReached));
    assert_eq!(error.backtrace().unwrap().frames()[0].func_name(), Some("start"));
}

#[test]
fn exports_are_listed_in_order() {
    let (mut store, instance) = instance(
        r#"(module (memory 1) (func) (global i32 (i32.const 0)) (table 1 funcref)
            (export "z" (memory 0)) (export "a" (func 0)) (export "m" (global 0))
            (export "t" (table 0)) (export "" (func 0)))"#,
    );
    let exports: Vec<_> = instance
        .exports(&mut store)
        .map(|export| {
            let name = export.name();
            let kind = match export.into_extern() {
                Extern::Func(_) => "func",
                Extern::Global(_) => "global",
                Extern::Table(_) => "table",
                Extern::Memory(_) => "memory",
                Extern::SharedMemory(_) => "shared memory",
                Extern::Tag(_) => "tag",
            };
            (name, kind)
        })
        .collect();
    let expected = [("z", "memory"), ("a", "func"), ("m", "global"), ("t", "table"), ("", "func")];
    assert_eq!(exports, expected);
    assert!(instance.get_func(&mut store, "").is_some());
    assert!(instance.get_export(&mut store, "b").is_none());
    assert!(instance.get_memory(&mut store, "a").is_none());
}

#[test]
fn instances_of_a_module_share_nothing() {
    let engine = Engine::default();
    let module = Module::new(
        &engine,
        r#"(module (memory (export "memory") 1) (global $g (mut i32) (i32.const 0))
            (func (export "next") (result i32)
                (global.set $g (i32.add (global.get $g) (i32.const 1))) (global.get $g)))"#,
    )
    .unwrap();
    let mut store = Store::new(&engine, ());
    let mut next = |calls: i32| {
        let instance = Instance::new(&mut store, &module, &[]).unwrap();
        let next = instance.get_typed_func::<(), i32>(&mut store, "next").unwrap();
        (0..calls).map(|_| next.call(&mut store, ()).unwrap()).collect::<Vec<_>>()
    };
    assert_eq!(next(3), [1, 2, 3]);
    assert_eq!(next(2), [1, 2]);
}

#[test]
fn a_data_segment_can_be_copied_and_dropped() {
    let (mut store, instance) = instance(
        r#"(module (memory (export "memory") 1)
            (data $d "abcdef")
            (func (export "init") (param i32 i32 i32)
                (memory.init $d (local.get 0) (local.get 1) (local.get 2)))
            (func (export "drop") (data.drop $d))
            (func (export "copy") (param i32 i32 i32)
                (memory.copy (local.get 0) (local.get 1) (local.get 2)))
            (func (export "fill") (param i32 i32 i32)
                (memory.fill (local.get 0) (local.get 1) (local.get 2))))"#,
    );
    type Three = (u32, u32, u32);
    let memory = instance.get_memory(&mut store, "memory").unwrap();
    let init = instance.get_typed_func::<Three, ()>(&mut store, "init").unwrap();
    let copy = instance.get_typed_func::<Three, ()>(&mut store, "copy").unwrap();
    let fill = instance.get_typed_func::<Three, ()>(&mut store, "fill").unwrap();
    let drop = instance.get_typed_func::<(), ()>(&mut store, "drop").unwrap();
    init.call(&mut store, (10, 1, 4)).unwrap();
    assert_eq!(&memory.data(&store)[9..15], b"\0bcde\0");
    copy.call(&mut store, (11, 10, 4)).unwrap();
    assert_eq!(&memory.data(&store)[9..16], b"\0bbcde\0");
    fill.call(&mut store, (65530, 0x141, 6)).unwrap();
    assert_eq!(&memory.data(&store)[65529..], b"\0AAAAAA");
    assert!(fill.call(&mut store, (65530, 0, 7)).is_err());
    assert!(copy.call(&mut store, (u32::MAX, 0, 1)).is_err());
    assert!(init.call(&mut store, (0, 3, 4)).is_err());
    drop.call(&mut store, ()).unwrap();
    assert!(init.call(&mut store, (0, 0, 1)).is_err());
    init.call(&mut store, (0, 0, 0)).unwrap();
}

#[test]
fn a_table_of_the_host_is_initialised() {
    let (mut linker, mut store) = linker(());
    let ty = TableType::new(RefType::EXTERNREF, 3, Some(5));
    let table = Table::new(&mut store, ty, Ref::Extern(None)).unwrap();
    linker.define(&store, "host", "table", table).unwrap();
    let instance = link(
        &linker,
        &mut store,
        r#"(module (import "host" "table" (table 3 5 externref))
            (func (export "size") (result i32) table.size))"#,
    );
    table.grow(&mut store, 2, Ref::Extern(None)).unwrap();
    let size = instance.get_typed_func::<(), i32>(&mut store, "size").unwrap();
    assert_eq!(size.call(&mut store, ()).unwrap(), 5);
    assert!(table.grow(&mut store, 1, Ref::Extern(None)).is_err());
}
