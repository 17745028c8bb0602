//! Deadlines.

use rwasm::{
    AsContextMut, Caller, Config, Engine, Extern, Instance, Linker, Module, Store, Trap,
    UpdateDeadline,
};
use std::panic::{AssertUnwindSafe, catch_unwind};

fn interruptible() -> (Store<u32>, Instance) {
    let engine = Engine::new(Config::new().epoch_interruption(true)).unwrap();
    let module = Module::new(
        &engine,
        r#"(module
            (func (export "forever") (loop (br 0)))
            (func $f (export "recurse") (param i32)
                (if (local.get 0) (then (call $f (i32.sub (local.get 0) (i32.const 1)))))))"#,
    )
    .unwrap();
    let mut store = Store::new(&engine, 0);
    let instance = Instance::new(&mut store, &module, &[]).unwrap();
    (store, instance)
}

#[test]
fn another_thread_stops_an_endless_loop() {
    let (mut store, instance) = interruptible();
    store.set_epoch_deadline(1);
    let engine = store.engine().clone();
    let ticker = std::thread::spawn(move || {
        std::thread::sleep(std::time::Duration::from_millis(20));
        engine.increment_epoch();
    });
    let run = instance.get_typed_func::<(), ()>(&mut store, "forever").unwrap();
    let error = run.call(&mut store, ()).unwrap_err();
    assert_eq!(error.downcast_ref(), Some(&Trap::Interrupt));
    assert_eq!(error.backtrace().unwrap().frames().len(), 1);
    ticker.join().unwrap();
}

#[test]
fn nothing_runs_before_a_deadline_is_set() {
    let (mut store, instance) = interruptible();
    let run = instance.get_typed_func::<(), ()>(&mut store, "forever").unwrap();
    assert_eq!(run.call(&mut store, ()).unwrap_err().downcast_ref(), Some(&Trap::Interrupt));
}

#[test]
fn calls_look_at_the_epoch_too() {
    let (mut store, instance) = interruptible();
    let run = instance.get_typed_func::<i32, ()>(&mut store, "recurse").unwrap();
    assert_eq!(run.call(&mut store, 1000).unwrap_err().downcast_ref(), Some(&Trap::Interrupt));
    store.set_epoch_deadline(1);
    run.call(&mut store, 1000).unwrap();
}

#[test]
fn a_callback_decides_whether_to_go_on() {
    let (mut store, instance) = interruptible();
    store.epoch_deadline_callback(|mut store| {
        *store.data_mut() += 1;
        store.engine().increment_epoch();
        match *store.data() {
            3 => Ok(UpdateDeadline::Interrupt),
            _ => Ok(UpdateDeadline::Continue(0)),
        }
    });
    let run = instance.get_typed_func::<(), ()>(&mut store, "forever").unwrap();
    assert_eq!(run.call(&mut store, ()).unwrap_err().downcast_ref(), Some(&Trap::Interrupt));
    assert_eq!(*store.data(), 3);
}

#[test]
fn the_error_of_a_callback_ends_the_run() {
    let (mut store, instance) = interruptible();
    store.epoch_deadline_callback(|_| rwasm::bail!("enough"));
    let run = instance.get_typed_func::<(), ()>(&mut store, "forever").unwrap();
    assert_eq!(run.call(&mut store, ()).unwrap_err().to_string(), "enough");
}

#[test]
fn a_callback_may_call_the_guest() {
    let (mut store, instance) = interruptible();
    store.epoch_deadline_callback(move |mut store| {
        *store.data_mut() += 1;
        if *store.data() == 3 {
            return Ok(UpdateDeadline::Interrupt);
        }
        store.set_epoch_deadline(1);
        let recurse = instance.get_typed_func::<i32, ()>(&mut store, "recurse")?;
        recurse.call(&mut store, 100)?;
        Ok(UpdateDeadline::Continue(0))
    });
    let run = instance.get_typed_func::<(), ()>(&mut store, "forever").unwrap();
    assert_eq!(run.call(&mut store, ()).unwrap_err().downcast_ref(), Some(&Trap::Interrupt));
    assert_eq!(*store.data(), 3);
}

/// A store whose deadline is always over, and which counts how often.
fn interrupted_everywhere(engine: &Engine) -> Store<u32> {
    let mut store = Store::new(engine, 0);
    store.set_epoch_deadline(0);
    store.epoch_deadline_callback(|mut store| {
        *store.data_mut() += 1;
        Ok(UpdateDeadline::Continue(0))
    });
    store
}

/// What was in an accumulator before a long operator is not there when the operator goes on.
#[test]
fn an_operator_that_is_interrupted_keeps_locals() {
    let engine = Engine::new(Config::new().epoch_interruption(true)).unwrap();
    for operator in ["fill", "copy"] {
        let module = Module::new(
            &engine,
            format!(
                r#"(module (memory 200)
                (func (export "run") (param i32) (result i32 f32 f64 i32)
                    (local $i i32) (local $f f32) (local $d f64) (local $v v128)
                    (local.set $i (i32.ctz (local.get 0)))
                    (local.set $f (f32.sqrt (f32.convert_i32_u (local.get 0))))
                    (local.set $d (f64.sqrt (f64.convert_i32_u (local.get 0))))
                    (local.set $v (i32x4.splat (local.get 0)))
                    (memory.{operator} (i32.const 0) (i32.const 1) (i32.const 5000000))
                    (i32.add (local.get $i) (i32.const 1))
                    (f32.add (local.get $f) (local.get $f))
                    (f64.add (local.get $d) (local.get $d))
                    (i32x4.extract_lane 0 (i32x4.add (local.get $v) (local.get $v)))))"#
            ),
        )
        .unwrap();
        let mut store = interrupted_everywhere(&engine);
        let instance = Instance::new(&mut store, &module, &[]).unwrap();
        let run = instance.get_typed_func::<i32, (i32, f32, f64, i32)>(&mut store, "run").unwrap();
        assert_eq!(run.call(&mut store, 16).unwrap(), (5, 8.0, 8.0, 32), "{operator}");
        assert!(*store.data() > 2, "it is interrupted in the middle");
    }
}

#[test]
fn the_error_of_a_callback_says_where_the_guest_was() {
    let (mut store, instance) = interruptible();
    store.set_epoch_deadline(0);
    store.epoch_deadline_callback(|_| rwasm::bail!("enough"));
    let run = instance.get_typed_func::<(), ()>(&mut store, "forever").unwrap();
    let error = run.call(&mut store, ()).unwrap_err();
    assert_eq!(error.to_string(), "enough");
    assert_eq!(error.backtrace().unwrap().frames().len(), 1);
}

/// The guest's frames stay where they are, and the callback is there the next time.
#[test]
fn a_panic_of_a_callback_leaves_a_store_that_works() {
    let engine = Engine::new(Config::new().epoch_interruption(true)).unwrap();
    let module = Module::new(
        &engine,
        r#"(module
            (import "host" "nested" (func $nested))
            (func (export "inner") (param i64) (result i64) (local.get 0))
            (func (export "outer") (param i64) (result i64)
                (local i64 i64 i64) (local.set 2 (i64.const 7))
                (call $nested)
                (i64.add (local.get 0) (local.get 2))))"#,
    )
    .unwrap();
    let mut linker: Linker<bool> = Linker::new(&engine);
    linker
        .func_wrap("host", "nested", |mut caller: Caller<'_, bool>| {
            let inner = caller.get_export("inner").and_then(Extern::into_func).unwrap();
            let inner = inner.typed::<i64, i64>(&caller)?;
            caller.as_context_mut().set_epoch_deadline(0);
            *caller.data_mut() = true;
            let call = AssertUnwindSafe(|| inner.call(&mut caller, 1));
            assert!(catch_unwind(call).is_err());
            *caller.data_mut() = false;
            caller.as_context_mut().set_epoch_deadline(1 << 40);
            // Another store takes whatever stack the engine has left over.
            let mut other = Store::new(caller.engine(), false);
            other.set_epoch_deadline(1 << 40);
            let twice = Module::new(
                caller.engine(),
                r#"(module (func (export "f") (param i64) (result i64) (local i64 i64 i64)
                    (local.set 1 (i64.const -1)) (local.set 2 (i64.const -1))
                    (local.set 3 (i64.const -1)) (local.get 3)))"#,
            )?;
            let twice = Instance::new(&mut other, &twice, &[])?;
            let twice = twice.get_typed_func::<i64, i64>(&mut other, "f")?;
            assert_eq!(twice.call(&mut other, -1)?, -1);
            Ok(())
        })
        .unwrap();
    let mut store = Store::new(&engine, false);
    store.set_epoch_deadline(1 << 40);
    store.epoch_deadline_callback(|store| match store.data() {
        true => panic!("as it was told to"),
        false => Ok(UpdateDeadline::Continue(1 << 40)),
    });
    let instance = linker.instantiate(&mut store, &module).unwrap();
    let outer = instance.get_typed_func::<i64, i64>(&mut store, "outer").unwrap();
    assert_eq!(outer.call(&mut store, 5).unwrap(), 12);
    store.set_epoch_deadline(0);
    assert_eq!(outer.call(&mut store, 6).unwrap(), 13, "the callback lets it go on");
}

/// Bulk operators take long, and code need not have a loop to have many of them.
#[test]
fn bulk_operators_look_at_the_deadline() {
    let engine = Engine::new(Config::new().epoch_interruption(true)).unwrap();
    for operator in [
        "(array.fill $a (global.get $g) (i32.const 0) (i32.const 1) (i32.const 9))",
        "(array.copy $a $a (global.get $g) (i32.const 0) (global.get $g) (i32.const 1) (i32.const 8))",
        "(global.set $g (array.new_default $a (i32.const 9)))",
        "(memory.fill (i32.const 0) (i32.const 1) (i32.const 9))",
        "(memory.copy (i32.const 0) (i32.const 1) (i32.const 9))",
        "(table.fill (i32.const 0) (ref.null func) (i32.const 9))",
        "(table.copy (i32.const 0) (i32.const 1) (i32.const 9))",
    ] {
        let module = Module::new(
            &engine,
            format!(
                r#"(module (memory 1) (table 20 funcref) (type $a (array (mut i8)))
                (global $g (mut (ref null $a)) (array.new_default $a (i32.const 9)))
                (func (export "run") {}))"#,
                operator.repeat(10)
            ),
        )
        .unwrap();
        let mut store = interrupted_everywhere(&engine);
        let instance = Instance::new(&mut store, &module, &[]).unwrap();
        let run = instance.get_typed_func::<(), ()>(&mut store, "run").unwrap();
        run.call(&mut store, ()).unwrap();
        assert_eq!(*store.data(), 11, "the function, and each operator: {operator}");
    }
}
