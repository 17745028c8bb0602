//! Linking.

use crate::{link, linker};
use rwasm::{
    Caller, Engine, Extern, Func, Global, GlobalType, Instance, LinkError, Linker, Memory,
    MemoryType, Module, Mutability, Ref, RefType, Store, Table, TableType, Val, ValType,
};

fn link_error(linker: &Linker<()>, store: &mut Store<()>, wat: &str) -> LinkError {
    let module = Module::new(store.engine(), wat).unwrap();
    linker.instantiate(store, &module).unwrap_err().downcast::<LinkError>().unwrap()
}

#[test]
fn a_missing_import_is_named_with_what_it_should_be() {
    let (linker, mut store) = linker(());
    let error = link_error(
        &linker,
        &mut store,
        r#"(module (import "env" "f" (func (param i32) (result i64))))"#,
    );
    assert_eq!((&*error.module, &*error.name, &error.found), ("env", "f", &None));
    assert_eq!(
        error.to_string(),
        "unknown import: `env::f` (function [i32] -> [i64]) is not defined"
    );
}

#[test]
fn an_import_of_another_type_is_refused() {
    let (mut linker, mut store) = linker(());
    linker.func_wrap("env", "f", |_: i32| {}).unwrap();
    let error =
        link_error(&linker, &mut store, r#"(module (import "env" "f" (func (param i64))))"#);
    assert_eq!(
        error.to_string(),
        "incompatible import type for `env::f`: \
         expected function [i64] -> [], found function [i32] -> []"
    );
    let error = link_error(&linker, &mut store, r#"(module (import "env" "f" (memory 1)))"#);
    assert_eq!(error.expected, "memory of at least 1 pages");
}

#[test]
fn limits_of_imports_are_compared_with_the_present_size() {
    let (mut linker, mut store) = linker(());
    let memory = Memory::new(&mut store, MemoryType::new(1, Some(4))).unwrap();
    let table =
        Table::new(&mut store, TableType::new(RefType::FUNCREF, 2, None), Ref::Func(None)).unwrap();
    linker.define(&store, "env", "m", memory).unwrap();
    linker.define(&store, "env", "t", table).unwrap();
    let mut links = |wat: &str| {
        let module = Module::new(store.engine(), wat).unwrap();
        linker.instantiate(&mut store, &module).is_ok()
    };
    assert!(links(r#"(module (import "env" "m" (memory 1)))"#));
    assert!(links(r#"(module (import "env" "m" (memory 0 4)))"#));
    assert!(!links(r#"(module (import "env" "m" (memory 2)))"#));
    assert!(!links(r#"(module (import "env" "m" (memory 1 3)))"#));
    assert!(!links(r#"(module (import "env" "m" (memory i64 1)))"#));
    assert!(links(r#"(module (import "env" "t" (table 2 funcref)))"#));
    assert!(!links(r#"(module (import "env" "t" (table 2 4 funcref)))"#));
    assert!(!links(r#"(module (import "env" "t" (table 2 externref)))"#));
    memory.grow(&mut store, 1).unwrap();
    let module = Module::new(store.engine(), r#"(module (import "env" "m" (memory 2)))"#).unwrap();
    assert!(linker.instantiate(&mut store, &module).is_ok());
}

#[test]
fn globals_match_by_type_and_mutability() {
    let (mut linker, mut store) = linker(());
    for (name, mutability) in [("const", Mutability::Const), ("var", Mutability::Var)] {
        let ty = GlobalType::new(ValType::I32, mutability);
        let global = Global::new(&mut store, ty, Val::I32(1)).unwrap();
        linker.define(&store, "env", name, global).unwrap();
    }
    let mut links = |wat: &str| {
        let module = Module::new(store.engine(), wat).unwrap();
        linker.instantiate(&mut store, &module).is_ok()
    };
    assert!(links(r#"(module (import "env" "const" (global i32)))"#));
    assert!(!links(r#"(module (import "env" "const" (global i64)))"#));
    assert!(!links(r#"(module (import "env" "const" (global (mut i32))))"#));
    assert!(links(r#"(module (import "env" "var" (global (mut i32))))"#));
    assert!(!links(r#"(module (import "env" "var" (global i32)))"#));
}

#[test]
fn functions_match_their_supertypes() {
    let (mut linker, mut store) = linker(());
    let exporter = link(
        &linker,
        &mut store,
        r#"(module
            (type $super (sub (func)))
            (type $sub (sub $super (func)))
            (func (export "f") (type $sub)))"#,
    );
    linker.instance(&mut store, "env", exporter).unwrap();
    let mut links = |wat: &str| {
        let module = Module::new(store.engine(), wat).unwrap();
        linker.instantiate(&mut store, &module).is_ok()
    };
    assert!(links(
        r#"(module (type $super (sub (func))) (import "env" "f" (func (type $super))))"#
    ));
    assert!(!links(r#"(module (import "env" "f" (func)))"#));
}

#[test]
fn names_are_defined_once_unless_shadowing_is_allowed() {
    let (mut linker, mut store) = linker(());
    linker.func_wrap("a", "b", || 1).unwrap();
    let error = linker.func_wrap("a", "b", || 2).unwrap_err();
    assert_eq!(error.to_string(), "import of `a::b` defined twice");
    linker.allow_shadowing(true).func_wrap("a", "b", || 3).unwrap();
    let b = linker.get(&mut store, "a", "b").unwrap().into_func().unwrap();
    assert_eq!(b.typed::<(), i32>(&store).unwrap().call(&mut store, ()).unwrap(), 3);
}

#[test]
fn aliases_are_the_same_thing() {
    let (mut linker, mut store) = linker(());
    linker.func_wrap("a", "one", || 1).unwrap().func_wrap("a", "two", || 2).unwrap();
    linker.alias("a", "one", "b", "uno").unwrap();
    linker.alias_module("a", "c").unwrap();
    assert!(linker.alias("a", "three", "b", "tre").is_err());
    let names: Vec<(String, String)> =
        linker.iter(&mut store).map(|(module, name, _)| (module.into(), name.into())).collect();
    let expected = [("a", "one"), ("a", "two"), ("b", "uno"), ("c", "one"), ("c", "two")];
    assert_eq!(names, expected.map(|(module, name)| (module.into(), name.into())));
}

#[test]
fn instances_link_to_instances() {
    let (mut linker, mut store) = linker(());
    let a = link(
        &linker,
        &mut store,
        r#"(module
            (memory (export "memory") 1)
            (global (export "count") (mut i32) (i32.const 5))
            (table (export "table") 3 funcref)
            (func (export "read") (result i32) (i32.load (i32.const 8))))"#,
    );
    linker.instance(&mut store, "a", a).unwrap();
    let b = link(
        &linker,
        &mut store,
        r#"(module
            (import "a" "memory" (memory 1))
            (import "a" "count" (global $count (mut i32)))
            (import "a" "table" (table 3 funcref))
            (import "a" "read" (func $read (result i32)))
            (elem (i32.const 1) $own $read)
            (func $own (result i32) (i32.const 77))
            (func (export "run") (result i32)
                (global.set $count (i32.add (global.get $count) (i32.const 1)))
                (i32.store (i32.const 8) (global.get $count))
                (call $read)))"#,
    );
    let run = b.get_typed_func::<(), i32>(&mut store, "run").unwrap();
    assert_eq!(run.call(&mut store, ()).unwrap(), 6);
    assert_eq!(a.get_global(&mut store, "count").unwrap().get(&mut store).unwrap_i32(), 6);
    let table = a.get_table(&mut store, "table").unwrap();
    let mut call = |at: u64| {
        let func = *table.get(&mut store, at).unwrap().unwrap_func();
        func.typed::<(), i32>(&store).unwrap().call(&mut store, ()).unwrap()
    };
    assert_eq!((call(1), call(2)), (77, 6));
}

#[test]
fn a_command_is_instantiated_for_each_call() {
    let (mut linker, mut store) = linker(());
    let command = Module::new(
        store.engine(),
        r#"(module
            (global $n (mut i32) (i32.const 0))
            (func (export "_start"))
            (func (export "next") (result i32)
                (global.set $n (i32.add (global.get $n) (i32.const 1)))
                (global.get $n)))"#,
    )
    .unwrap();
    let reactor = Module::new(
        store.engine(),
        r#"(module
            (global $n (mut i32) (i32.const 0))
            (func (export "_initialize") (global.set $n (i32.const 10)))
            (func (export "next") (result i32)
                (global.set $n (i32.add (global.get $n) (i32.const 1)))
                (global.get $n)))"#,
    )
    .unwrap();
    linker.module(&mut store, "command", &command).unwrap();
    linker.module(&mut store, "reactor", &reactor).unwrap();
    let mut next = |module: &str| {
        let next = linker.get(&mut store, module, "next").unwrap().into_func().unwrap();
        next.typed::<(), i32>(&store).unwrap().call(&mut store, ()).unwrap()
    };
    assert_eq!((next("command"), next("command")), (1, 1));
    assert_eq!((next("reactor"), next("reactor")), (11, 12));
    let default = linker.get_default(&mut store, "command").unwrap();
    default.call(&mut store, &[], &mut []).unwrap();
}

#[test]
fn unknown_imports_can_be_traps() {
    let (mut linker, mut store) = linker(());
    let module = Module::new(
        store.engine(),
        r#"(module (import "env" "f" (func $f (param i32) (result i32)))
            (func (export "run") (result i32) (call $f (i32.const 1))))"#,
    )
    .unwrap();
    linker.define_unknown_imports_as_traps(&module).unwrap();
    let instance = linker.instantiate(&mut store, &module).unwrap();
    let run = instance.get_typed_func::<(), i32>(&mut store, "run").unwrap();
    let error = run.call(&mut store, ()).unwrap_err();
    assert!(error.to_string().contains("`env::f`"), "{error}");
}

#[test]
fn unknown_imports_can_be_zeros() {
    let (mut linker, mut store) = linker(());
    let module = Module::new(
        store.engine(),
        r#"(module
            (import "env" "f" (func $f (param i32) (result i32 f64 funcref)))
            (import "env" "m" (memory 1))
            (import "env" "t" (table 1 externref))
            (import "env" "g" (global i64))
            (func (export "run") (result i32 f64 funcref) (call $f (i32.const 1))))"#,
    )
    .unwrap();
    linker.define_unknown_imports_as_default_values(&mut store, &module).unwrap();
    let instance = linker.instantiate(&mut store, &module).unwrap();
    let run = instance.get_func(&mut store, "run").unwrap();
    let mut results = [Val::I32(9), Val::I32(9), Val::I32(9)];
    run.call(&mut store, &[], &mut results).unwrap();
    assert!(matches!(results, [Val::I32(0), Val::F64(0), Val::FuncRef(None)]));
}

#[test]
fn imports_are_looked_up_once_for_many_instances() {
    let engine = Engine::default();
    let mut linker = Linker::new(&engine);
    linker
        .func_wrap("env", "add", |mut caller: Caller<'_, i32>, n: i32| *caller.data_mut() += n)
        .unwrap();
    let module = Module::new(
        &engine,
        r#"(module (import "env" "add" (func $add (param i32)))
            (func (export "run") (call $add (i32.const 3))))"#,
    )
    .unwrap();
    let pre = linker.instantiate_pre(&module).unwrap();
    let mut store = Store::new(&engine, 0);
    for _ in 0..4 {
        let instance = pre.instantiate(&mut store).unwrap();
        instance.get_typed_func::<(), ()>(&mut store, "run").unwrap().call(&mut store, ()).unwrap();
    }
    assert_eq!(*store.data(), 12);
    let missing = Module::new(&engine, r#"(module (import "env" "sub" (func)))"#).unwrap();
    assert!(linker.instantiate_pre(&missing).is_err_and(|error| error.is::<LinkError>()));
    let wrong = Module::new(&engine, r#"(module (import "env" "add" (func)))"#).unwrap();
    assert!(linker.instantiate_pre(&wrong).is_err_and(|error| error.is::<LinkError>()));
}

#[test]
fn items_of_another_store_are_refused() {
    let engine = Engine::default();
    let mut other = Store::new(&engine, ());
    let func = Func::wrap(&mut other, || {});
    let module = Module::new(&engine, r#"(module (import "" "" (func)))"#).unwrap();
    let mut store = Store::new(&engine, ());
    let error = Instance::new(&mut store, &module, &[Extern::Func(func)]).unwrap_err();
    assert!(error.to_string().contains("cross-`Store`"), "{error}");
}

#[test]
fn modules_of_another_engine_are_refused() {
    let module = Module::new(&Engine::default(), "(module)").unwrap();
    let mut store = Store::new(&Engine::default(), ());
    let error = Instance::new(&mut store, &module, &[]).unwrap_err();
    assert!(error.to_string().contains("cross-`Engine`"), "{error}");
}
