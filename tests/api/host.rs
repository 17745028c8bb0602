//! Host functions.

use crate::{link, linker};
use rwasm::{
    AsContextMut, Caller, Engine, Extern, Func, FuncType, Linker, Memory, Module, Result, Store,
    Val, ValType,
};

#[test]
fn a_closure_reads_and_writes_the_data_of_its_store() {
    let (mut linker, mut store) = linker(vec![1]);
    linker
        .func_wrap("host", "push", |mut caller: Caller<'_, Vec<i32>>, value: i32| {
            caller.data_mut().push(value);
            caller.data().len() as i32
        })
        .unwrap();
    let instance = link(
        &linker,
        &mut store,
        r#"(module
            (import "host" "push" (func $push (param i32) (result i32)))
            (func (export "run") (result i32)
                (drop (call $push (i32.const 5)))
                (call $push (i32.const 6))))"#,
    );
    let run = instance.get_typed_func::<(), i32>(&mut store, "run").unwrap();
    assert_eq!(run.call(&mut store, ()).unwrap(), 3);
    assert_eq!(store.into_data(), [1, 5, 6]);
}

#[test]
fn a_closure_may_return_a_result_of_a_tuple() {
    let (mut linker, mut store) = linker(());
    linker
        .func_wrap("host", "split", |a: u64| -> Result<(u32, u32)> {
            Ok((a as u32, (a >> 32) as u32))
        })
        .unwrap();
    let instance = link(
        &linker,
        &mut store,
        r#"(module
            (import "host" "split" (func $split (param i64) (result i32 i32)))
            (func (export "run") (param i64) (result i32 i32) (call $split (local.get 0))))"#,
    );
    let run = instance.get_typed_func::<u64, (u32, u32)>(&mut store, "run").unwrap();
    assert_eq!(run.call(&mut store, 0x1_0000_0002).unwrap(), (2, 1));
}

#[test]
fn the_type_of_an_unannotated_result_is_inferred() {
    let mut store = Store::new(&Engine::default(), ());
    let func = Func::wrap(&mut store, |a: i32| {
        rwasm::ensure!(a > 0, "{a} is not positive");
        Ok(a)
    });
    let func = func.typed::<i32, i32>(&store).unwrap();
    assert_eq!(func.call(&mut store, 1).unwrap(), 1);
    assert_eq!(func.call(&mut store, 0).unwrap_err().to_string(), "0 is not positive");
}

#[test]
fn a_closure_finds_the_memory_of_its_caller() {
    let (mut linker, mut store) = linker(String::new());
    linker
        .func_wrap("host", "print", |mut caller: Caller<'_, String>, ptr: u32, len: u32| {
            let memory = caller.get_export("memory").and_then(Extern::into_memory).unwrap();
            let (bytes, out) = memory.data_and_store_mut(&mut caller);
            out.push_str(std::str::from_utf8(&bytes[ptr as usize..][..len as usize]).unwrap());
            bytes[ptr as usize] = b'H';
        })
        .unwrap();
    let instance = link(
        &linker,
        &mut store,
        r#"(module
            (import "host" "print" (func $print (param i32 i32)))
            (memory (export "memory") 1)
            (data (i32.const 16) "hello")
            (func (export "run") (result i32)
                (call $print (i32.const 16) (i32.const 5))
                (i32.load8_u (i32.const 16))))"#,
    );
    let run = instance.get_typed_func::<(), i32>(&mut store, "run").unwrap();
    assert_eq!(run.call(&mut store, ()).unwrap(), i32::from(b'H'));
    assert_eq!(store.data(), "hello");
}

#[test]
fn a_function_called_by_the_host_has_no_caller() {
    let mut store = Store::new(&Engine::default(), ());
    let func = Func::wrap(&mut store, |mut caller: Caller<'_, ()>| {
        i32::from(caller.get_export("memory").is_none() && caller.instance().is_none())
    });
    assert_eq!(func.typed::<(), i32>(&store).unwrap().call(&mut store, ()).unwrap(), 1);
}

#[test]
fn a_dynamic_host_function_gets_and_gives_values() {
    let (mut linker, mut store) = linker(10);
    let ty = FuncType::new(
        linker.engine(),
        [ValType::I32, ValType::F64, ValType::V128],
        [ValType::V128, ValType::I64],
    );
    linker
        .func_new("host", "f", ty, |caller, params, results| {
            let sum = params[0].unwrap_i32() + params[1].unwrap_f64() as i32 + *caller.data();
            assert_eq!(results[1].unwrap_i64(), 0);
            results[0] = params[2];
            results[1] = Val::I64(sum.into());
            Ok(())
        })
        .unwrap();
    let instance = link(
        &linker,
        &mut store,
        r#"(module
            (import "host" "f" (func $f (param i32 f64 v128) (result v128 i64)))
            (func (export "run") (result i64) (local $sum i64)
                (call $f (i32.const 1) (f64.const 2) (v128.const i64x2 3 4))
                local.set $sum
                i64x2.extract_lane 1
                local.get $sum
                i64.add))"#,
    );
    let run = instance.get_typed_func::<(), i64>(&mut store, "run").unwrap();
    assert_eq!(run.call(&mut store, ()).unwrap(), 17);
}

#[test]
fn a_dynamic_result_of_another_type_ends_the_run() {
    let mut store = Store::new(&Engine::default(), ());
    let ty = FuncType::new(store.engine(), [], [ValType::I32]);
    let func = Func::new(&mut store, ty, |_, _, results| {
        results[0] = Val::I64(1);
        Ok(())
    });
    let error = func.call(&mut store, &[], &mut [Val::I32(0)]).unwrap_err();
    assert!(error.to_string().contains("incompatible value"), "{error:?}");
}

#[test]
fn a_host_function_belongs_to_any_number_of_stores() {
    let engine = Engine::default();
    let mut linker = Linker::new(&engine);
    linker.func_wrap("host", "data", |caller: Caller<'_, i32>| *caller.data()).unwrap();
    let module = Module::new(
        &engine,
        r#"(module (import "host" "data" (func $data (result i32)))
            (func (export "run") (result i32) call $data))"#,
    )
    .unwrap();
    for data in 0..3 {
        let mut store = Store::new(&engine, data);
        let instance = linker.instantiate(&mut store, &module).unwrap();
        let run = instance.get_typed_func::<(), i32>(&mut store, "run").unwrap();
        assert_eq!(run.call(&mut store, ()).unwrap(), data);
    }
}

#[test]
fn a_host_function_can_make_objects() {
    let (mut linker, mut store) = linker(());
    linker
        .func_wrap("host", "make", |mut caller: Caller<'_, ()>| {
            let memory =
                Memory::new(caller.as_context_mut(), rwasm::MemoryType::new(2, None)).unwrap();
            memory.size(&caller) as i32
        })
        .unwrap();
    let instance = link(
        &linker,
        &mut store,
        r#"(module (import "host" "make" (func $make (result i32)))
            (func (export "run") (result i32) call $make))"#,
    );
    let run = instance.get_typed_func::<(), i32>(&mut store, "run").unwrap();
    assert_eq!(run.call(&mut store, ()).unwrap(), 2);
}

#[test]
fn references_pass_through_typed_host_functions() {
    let (mut linker, mut store) = linker(());
    linker
        .func_wrap("host", "call", |mut caller: Caller<'_, ()>, func: Option<Func>| {
            let func = func.ok_or_else(|| rwasm::format_err!("null"))?;
            func.typed::<(), i32>(&caller)?.call(&mut caller, ())
        })
        .unwrap();
    let instance = link(
        &linker,
        &mut store,
        r#"(module
            (import "host" "call" (func $call (param funcref) (result i32)))
            (func $seven (result i32) i32.const 7)
            (elem declare func $seven)
            (func (export "run") (result i32) (call $call (ref.func $seven)))
            (func (export "null") (result i32) (call $call (ref.null func))))"#,
    );
    let run = instance.get_typed_func::<(), i32>(&mut store, "run").unwrap();
    assert_eq!(run.call(&mut store, ()).unwrap(), 7);
    let null = instance.get_typed_func::<(), i32>(&mut store, "null").unwrap();
    assert_eq!(null.call(&mut store, ()).unwrap_err().to_string(), "null");
}

#[test]
fn a_start_function_of_the_host_reaches_the_instance() {
    let (mut linker, mut store) = linker(0);
    linker
        .func_wrap("host", "start", |mut caller: Caller<'_, u64>| {
            let memory = caller.get_export("memory").and_then(Extern::into_memory).unwrap();
            *caller.data_mut() = memory.size(&caller);
        })
        .unwrap();
    let module = r#"(module
        (import "host" "start" (func $start))
        (memory (export "memory") 3)
        (start $start))"#;
    link(&linker, &mut store, module);
    assert_eq!(*store.data(), 3);
}
