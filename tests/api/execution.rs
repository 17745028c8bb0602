//! Runs that are suspended and resumed.

use rwasm::{
    Caller, Config, Engine, Execution, Func, Instance, Linker, Module, Progress, Store, Suspend,
    Suspension, Trap, Val,
};

fn returned(progress: Progress) -> Vec<i64> {
    match progress {
        Progress::Returned(vals) => {
            vals.iter().map(|val| val.i64().unwrap_or_else(|| val.unwrap_i32().into())).collect()
        }
        Progress::Suspended(suspension) => panic!("suspended: {suspension:?}"),
    }
}

fn suspended(progress: Progress) -> Suspension {
    match progress {
        Progress::Suspended(suspension) => suspension,
        Progress::Returned(vals) => panic!("returned: {vals:?}"),
    }
}

const FIB: &str = r#"(module
    (func $fib (export "fib") (param i64) (result i64)
        (if (result i64) (i64.lt_u (local.get 0) (i64.const 2))
            (then (local.get 0))
            (else (i64.add
                (call $fib (i64.sub (local.get 0) (i64.const 1)))
                (call $fib (i64.sub (local.get 0) (i64.const 2))))))))"#;

#[test]
fn a_run_goes_on_in_slices_of_fuel() {
    let engine = Engine::new(Config::new().consume_fuel(true)).unwrap();
    let module = Module::new(&engine, FIB).unwrap();
    let mut store = Store::new(&engine, ());
    let instance = Instance::new(&mut store, &module, &[]).unwrap();
    let fib = instance.get_func(&mut store, "fib").unwrap();

    // Two runs take turns.
    let mut runs: Vec<_> =
        [15, 16].map(|n| Execution::new(&mut store, &fib, &[Val::I64(n)]).unwrap()).into();
    let mut results = Vec::new();
    let mut slices = 0;
    while results.len() < 2 {
        for run in &mut runs {
            if run.is_finished() {
                continue;
            }
            store.set_fuel(500).unwrap();
            slices += 1;
            match run.resume(&mut store).unwrap() {
                Progress::Returned(vals) => results.push(vals[0].unwrap_i64()),
                Progress::Suspended(suspension) => {
                    assert_eq!(suspension, Suspension::OutOfFuel);
                    assert_eq!(run.suspension(), Some(Suspension::OutOfFuel));
                    assert!(!run.backtrace(&store).frames().is_empty());
                }
            }
        }
    }
    results.sort_unstable();
    assert_eq!(results, [610, 987]);
    assert!(slices > 20, "{slices}");
}

#[test]
fn a_run_goes_on_after_its_deadline() {
    let engine = Engine::new(Config::new().epoch_interruption(true)).unwrap();
    let module = Module::new(&engine, FIB).unwrap();
    let mut store = Store::new(&engine, ());
    let instance = Instance::new(&mut store, &module, &[]).unwrap();
    let fib = instance.get_func(&mut store, "fib").unwrap();
    let mut run = Execution::new(&mut store, &fib, &[Val::I64(10)]).unwrap();
    for _ in 0..3 {
        assert_eq!(suspended(run.resume(&mut store).unwrap()), Suspension::Epoch);
    }
    store.set_epoch_deadline(1);
    assert_eq!(returned(run.resume(&mut store).unwrap()), [55]);
    assert!(run.resume(&mut store).is_err());
}

fn waiting() -> (Store<u32>, Instance) {
    let engine = Engine::default();
    let mut linker = Linker::new(&engine);
    linker
        .func_wrap(
            "host",
            "wait",
            |mut caller: Caller<'_, u32>, request: u32| -> rwasm::Result<(i64, i32)> {
                *caller.data_mut() = request;
                Err(Suspend.into())
            },
        )
        .unwrap();
    linker
        .func_wrap("host", "nested", |mut caller: Caller<'_, u32>| {
            let run = caller.get_export("run").unwrap().into_func().unwrap();
            run.call(&mut caller, &[Val::I32(1)], &mut [Val::I64(0)])
        })
        .unwrap();
    let module = Module::new(
        &engine,
        r#"(module
            (import "host" "wait" (func $wait (param i32) (result i64 i32)))
            (import "host" "nested" (func $nested))
            (func $twice (param i32) (result i64)
                (call $wait (local.get 0))
                i64.extend_i32_u
                i64.add
                (call $wait (i32.add (local.get 0) (i32.const 1)))
                drop
                i64.mul)
            (func (export "run") (param i32) (result i64)
                (i64.add (i64.const 1000) (call $twice (local.get 0))))
            (func (export "tail") (param i32) (result i64 i32)
                (return_call $wait (local.get 0)))
            (func (export "nested") (call $nested)))"#,
    )
    .unwrap();
    let mut store = Store::new(&engine, 0);
    let instance = linker.instantiate(&mut store, &module).unwrap();
    (store, instance)
}

#[test]
fn a_run_waits_for_host_functions() {
    let (mut store, instance) = waiting();
    let run = instance.get_func(&mut store, "run").unwrap();
    let mut execution = Execution::new(&mut store, &run, &[Val::I32(5)]).unwrap();
    assert_eq!(suspended(execution.resume(&mut store).unwrap()), Suspension::Host);
    assert_eq!(*store.data(), 5);
    let names = execution.backtrace(&store);
    let names: Vec<_> = names.frames().iter().map(|frame| frame.func_name()).collect();
    assert_eq!(names, [Some("twice"), None]);

    // It goes on with results of the right types only.
    assert!(execution.resume(&mut store).is_err());
    assert!(execution.resume_with(&mut store, &[]).is_err());
    assert!(execution.resume_with(&mut store, &[Val::I32(1), Val::I32(2)]).is_err());
    let progress = execution.resume_with(&mut store, &[Val::I64(30), Val::I32(4)]).unwrap();
    assert_eq!(suspended(progress), Suspension::Host);
    assert_eq!(*store.data(), 6);
    let progress = execution.resume_with(&mut store, &[Val::I64(2), Val::I32(0)]).unwrap();
    assert_eq!(returned(progress), [1000 + (30 + 4) * 2]);
    assert!(execution.resume_with(&mut store, &[]).is_err());
}

#[test]
fn waiting_runs_are_independent() {
    let (mut store, instance) = waiting();
    let run = instance.get_func(&mut store, "run").unwrap();
    let mut runs: Vec<_> =
        (0..5).map(|i| Execution::new(&mut store, &run, &[Val::I32(i)]).unwrap()).collect();
    for run in &mut runs {
        run.resume(&mut store).unwrap();
    }
    drop(runs.remove(2));
    for (i, run) in runs.iter_mut().enumerate().rev() {
        let i = i as i64;
        run.resume_with(&mut store, &[Val::I64(i), Val::I32(0)]).unwrap();
        let progress = run.resume_with(&mut store, &[Val::I64(3), Val::I32(0)]).unwrap();
        assert_eq!(returned(progress), [1000 + 3 * i]);
    }
}

#[test]
fn a_tail_call_of_the_host_can_be_waited_for() {
    let (mut store, instance) = waiting();
    let tail = instance.get_func(&mut store, "tail").unwrap();
    let mut execution = Execution::new(&mut store, &tail, &[Val::I32(8)]).unwrap();
    assert_eq!(suspended(execution.resume(&mut store).unwrap()), Suspension::Host);
    let progress = execution.resume_with(&mut store, &[Val::I64(7), Val::I32(6)]).unwrap();
    assert_eq!(returned(progress), [7, 6]);
}

#[test]
fn a_host_function_itself_can_be_waited_for() {
    let mut store = Store::new(&Engine::default(), ());
    let wait = Func::wrap(&mut store, |_: i32| -> rwasm::Result<i64> { Err(Suspend.into()) });
    let mut execution = Execution::new(&mut store, &wait, &[Val::I32(1)]).unwrap();
    assert_eq!(suspended(execution.resume(&mut store).unwrap()), Suspension::Host);
    let progress = execution.resume_with(&mut store, &[Val::I64(-9)]).unwrap();
    assert_eq!(returned(progress), [-9]);
}

#[test]
fn an_ordinary_call_cannot_wait() {
    let (mut store, instance) = waiting();
    let run = instance.get_typed_func::<i32, i64>(&mut store, "run").unwrap();
    let error = run.call(&mut store, 1).unwrap_err();
    assert!(error.to_string().contains("cannot be suspended"), "{error}");

    // Neither can one inside a run that could wait itself.
    let nested = instance.get_func(&mut store, "nested").unwrap();
    let mut execution = Execution::new(&mut store, &nested, &[]).unwrap();
    let error = execution.resume(&mut store).unwrap_err();
    assert!(error.to_string().contains("cannot be suspended"), "{error}");
    assert!(execution.is_finished());
}

#[test]
fn a_trap_ends_the_run() {
    let (mut store, instance) = crate::instance(r#"(module (func $f (export "run") unreachable))"#);
    let run = instance.get_func(&mut store, "run").unwrap();
    let mut execution = Execution::new(&mut store, &run, &[]).unwrap();
    let error = execution.resume(&mut store).unwrap_err();
    assert_eq!(error.downcast_ref(), Some(&Trap::UnreachableCodeReached));
    assert_eq!(error.backtrace().unwrap().frames()[0].func_name(), Some("f"));
    assert!(execution.is_finished());
}

#[test]
fn wrong_arguments_are_errors() {
    let (mut store, instance) = waiting();
    let run = instance.get_func(&mut store, "run").unwrap();
    assert!(Execution::new(&mut store, &run, &[]).is_err());
    assert!(Execution::new(&mut store, &run, &[Val::I64(1)]).is_err());
}

#[test]
#[should_panic(expected = "object used with the wrong store")]
fn a_run_of_another_store_panics() {
    let (mut store, instance) = waiting();
    let run = instance.get_func(&mut store, "run").unwrap();
    let mut execution = Execution::new(&mut store, &run, &[Val::I32(1)]).unwrap();
    let (mut other, _) = waiting();
    let _ = execution.resume(&mut other);
}

#[test]
fn stores_and_runs_can_be_sent() {
    fn is_send_sync<T: Send + Sync>() {}
    is_send_sync::<Store<u32>>();
    is_send_sync::<Module>();
    is_send_sync::<Linker<std::cell::Cell<u32>>>();
    is_send_sync::<rwasm::Error>();
    fn is_send<T: Send>() {}
    is_send::<Execution>();
    is_send::<Store<std::cell::Cell<u32>>>();
}
