//! Traps and their backtraces.

use crate::instance;
use rwasm::{Config, Engine, Instance, Module, Store, Trap, WasmBacktrace};

fn trap_of(wat: &str) -> Trap {
    let (mut store, instance) = instance(wat);
    let run = instance.get_func(&mut store, "run").unwrap();
    let error = run.call(&mut store, &[], &mut []).unwrap_err();
    *error.downcast_ref::<Trap>().unwrap()
}

#[test]
fn each_failure_is_its_trap() {
    let run = |body: &str| {
        trap_of(&format!(
            r#"(module (memory 1) (table 1 funcref)
        (type $t (func)) (func (export "run") {body}))"#
        ))
    };
    assert_eq!(run("unreachable"), Trap::UnreachableCodeReached);
    assert_eq!(run("(drop (i32.load (i32.const 65536)))"), Trap::MemoryOutOfBounds);
    assert_eq!(run("(drop (table.get 0 (i32.const 1)))"), Trap::TableOutOfBounds);
    assert_eq!(run("(call_indirect (type $t) (i32.const 1))"), Trap::UndefinedElement);
    assert_eq!(run("(call_indirect (type $t) (i32.const 0))"), Trap::UninitializedElement);
    assert_eq!(run("(drop (i32.div_s (i32.const 1) (i32.const 0)))"), Trap::IntegerDivisionByZero);
    assert_eq!(
        run("(drop (i32.div_s (i32.const 0x80000000) (i32.const -1)))"),
        Trap::IntegerOverflow
    );
    assert_eq!(run("(drop (i32.trunc_f32_s (f32.const nan)))"), Trap::BadConversionToInteger);
    assert_eq!(run("(call_ref $t (ref.null $t))"), Trap::NullFunctionReference);
}

#[test]
fn endless_recursion_exhausts_the_stack() {
    assert_eq!(trap_of(r#"(module (func $f (export "run") (call $f)))"#), Trap::StackOverflow);
}

#[test]
fn a_backtrace_names_functions_and_offsets() {
    let wat = r#"(module $m
        (func $trap (drop (i32.const 1)) unreachable)
        (func (call $trap))
        (func $run (export "run") (call 1)))"#;
    let (mut store, instance) = instance(wat);
    let run = instance.get_func(&mut store, "run").unwrap();
    let error = run.call(&mut store, &[], &mut []).unwrap_err();
    let backtrace = error.backtrace().unwrap();
    let frames: Vec<_> =
        backtrace.frames().iter().map(|f| (f.func_index(), f.func_name())).collect();
    assert_eq!(frames, [(0, Some("trap")), (1, None), (2, Some("run"))]);

    // The instructions stand where the offsets say.
    let binary = wat_bytes(wat);
    let at: Vec<_> =
        backtrace.frames().iter().map(|frame| binary[frame.module_offset().unwrap()]).collect();
    assert_eq!(at, [0x00, 0x10, 0x10]);
    assert_eq!(backtrace.frames()[0].func_offset(), Some(4));

    let text = backtrace.to_string();
    let lines: Vec<_> = text.lines().collect();
    assert_eq!(lines[0], "error while executing at wasm backtrace:");
    assert!(lines[1].starts_with("    0:") && lines[1].ends_with(" - m!trap"), "{text}");
    assert!(lines[2].ends_with(" - m!<wasm function 1>"), "{text}");
}

fn wat_bytes(wat: &str) -> Vec<u8> {
    wat::parse_str(wat).unwrap()
}

/// Instructions are fused, but each part traps where its operator is.
#[test]
fn a_trap_in_a_fused_instruction_is_at_its_own_operator() {
    let wat = r#"(module (memory 1)
        (func (export "joined") (param i32) (result i32)
            (i32.add
                (i32.mul (local.get 0) (i32.const 3))
                (i32.load8_s (i32.add (local.get 0) (i32.const 65536)))))
        (func (export "second") (param i32) (result i32) (local $p i32)
            (local.set $p (i32.add (local.get 0) (i32.const 65536)))
            (i32.store8 (local.get $p) (i32.const 1))
            (local.get $p))
        (func (export "third") (param i32) (result i32)
            (i32.div_u
                (i32.add (i32.mul (local.get 0) (i32.const 3)) (local.get 0))
                (local.get 0))))"#;
    let (mut store, instance) = instance(wat);
    let binary = wat_bytes(wat);
    for (name, opcode) in [("joined", 0x2c), ("second", 0x3a), ("third", 0x6e)] {
        let func = instance.get_func(&mut store, name).unwrap();
        let args = [rwasm::Val::I32(0)];
        let error = func.call(&mut store, &args, &mut [rwasm::Val::I32(0)]).unwrap_err();
        let offset = error.backtrace().unwrap().frames()[0].module_offset().unwrap();
        assert_eq!(binary[offset], opcode, "{name}");
    }
}

#[test]
fn a_backtrace_crosses_the_host() {
    let (mut linker, mut store) = crate::linker(());
    linker
        .func_wrap("host", "call", |mut caller: rwasm::Caller<'_, ()>| {
            let inner = caller.get_export("inner").unwrap().into_func().unwrap();
            inner.call(&mut caller, &[], &mut [])
        })
        .unwrap();
    let instance = crate::link(
        &linker,
        &mut store,
        r#"(module
            (import "host" "call" (func $call))
            (func $inner (export "inner") unreachable)
            (func $outer (export "run") call $call))"#,
    );
    let run = instance.get_func(&mut store, "run").unwrap();
    let error = run.call(&mut store, &[], &mut []).unwrap_err();
    let names: Vec<_> = error.backtrace().unwrap().frames().iter().map(|f| f.func_name()).collect();
    assert_eq!(names, [Some("inner"), Some("outer")]);
}

#[test]
fn a_host_function_can_capture_a_backtrace() {
    let (mut linker, mut store) = crate::linker(Vec::new());
    linker
        .func_wrap("host", "where", |mut caller: rwasm::Caller<'_, Vec<u32>>| {
            let backtrace = WasmBacktrace::capture(&caller);
            *caller.data_mut() = backtrace.frames().iter().map(|f| f.func_index()).collect();
        })
        .unwrap();
    let instance = crate::link(
        &linker,
        &mut store,
        r#"(module
            (import "host" "where" (func $where))
            (func $a call $where)
            (func $b call $a)
            (func (export "run") call $b))"#,
    );
    let run = instance.get_typed_func::<(), ()>(&mut store, "run").unwrap();
    run.call(&mut store, ()).unwrap();
    assert_eq!(*store.data(), [1, 2, 3]);
}

#[test]
fn a_backtrace_of_endless_recursion_is_short() {
    let (mut store, instance) =
        instance(r#"(module (func $f (export "run") (param i32) (call $f (local.get 0))))"#);
    let run = instance.get_typed_func::<i32, ()>(&mut store, "run").unwrap();
    let error = run.call(&mut store, 0).unwrap_err();
    assert_eq!(error.downcast_ref(), Some(&Trap::StackOverflow));
    let backtrace = error.backtrace().unwrap();
    assert!((1..=100).contains(&backtrace.frames().len()));
    assert!(backtrace.to_string().lines().count() <= 102);
}

#[test]
fn backtraces_can_be_switched_off() {
    let engine = Engine::new(Config::new().wasm_backtrace(false)).unwrap();
    let module = Module::new(&engine, r#"(module (func (export "run") unreachable))"#).unwrap();
    let mut store = Store::new(&engine, ());
    let instance = Instance::new(&mut store, &module, &[]).unwrap();
    let run = instance.get_typed_func::<(), ()>(&mut store, "run").unwrap();
    assert!(run.call(&mut store, ()).unwrap_err().backtrace().is_none());
}

#[test]
fn the_stack_can_be_small() {
    let depth = |bytes| {
        let engine = Engine::new(Config::new().max_wasm_stack(bytes)).unwrap();
        let module = Module::new(
            &engine,
            r#"(module
                (global $depth (export "depth") (mut i32) (i32.const 0))
                (func $f (export "run")
                    (global.set $depth (i32.add (global.get $depth) (i32.const 1)))
                    (call $f)))"#,
        )
        .unwrap();
        let mut store = Store::new(&engine, ());
        let instance = Instance::new(&mut store, &module, &[]).unwrap();
        let run = instance.get_typed_func::<(), ()>(&mut store, "run").unwrap();
        let error = run.call(&mut store, ()).unwrap_err();
        assert_eq!(error.downcast_ref(), Some(&Trap::StackOverflow));
        instance.get_global(&mut store, "depth").unwrap().get(&mut store).unwrap_i32()
    };
    let (small, large) = (depth(64 << 10), depth(1 << 20));
    assert!(100 < small && small < large / 8, "{small} {large}");
}
