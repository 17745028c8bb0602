//! Deadlines.

use rwasm::{Config, Engine, Instance, Module, Store, Trap, UpdateDeadline};

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
        let mut store = Store::new(&engine, 0);
        store.set_epoch_deadline(0);
        store.epoch_deadline_callback(|mut store| {
            *store.data_mut() += 1;
            Ok(UpdateDeadline::Continue(0))
        });
        let instance = Instance::new(&mut store, &module, &[]).unwrap();
        let run = instance.get_typed_func::<i32, (i32, f32, f64, i32)>(&mut store, "run").unwrap();
        assert_eq!(run.call(&mut store, 16).unwrap(), (5, 8.0, 8.0, 32), "{operator}");
        assert!(*store.data() > 2, "it is interrupted in the middle");
    }
}
