//! Fuel.

use rwasm::{Config, Engine, Instance, Module, Store, Trap};

fn counting(fuel: u64, wat: &str) -> (Store<()>, Instance) {
    let engine = Engine::new(Config::new().consume_fuel(true)).unwrap();
    let module = Module::new(&engine, wat).unwrap();
    let mut store = Store::new(&engine, ());
    store.set_fuel(fuel).unwrap();
    let instance = Instance::new(&mut store, &module, &[]).unwrap();
    (store, instance)
}

const LOOPS: &str = r#"(module (func (export "run") (param i32) (result i32)
    (loop (local.set 0 (i32.sub (local.get 0) (i32.const 1))) (br_if 0 (local.get 0)))
    (local.get 0)))"#;

#[test]
fn an_endless_loop_runs_out_of_fuel() {
    let (mut store, instance) =
        counting(100_000, r#"(module (func (export "run") (loop (br 0))))"#);
    let run = instance.get_typed_func::<(), ()>(&mut store, "run").unwrap();
    let error = run.call(&mut store, ()).unwrap_err();
    assert_eq!(error.downcast_ref(), Some(&Trap::OutOfFuel));
    assert_eq!(error.backtrace().unwrap().frames().len(), 1);
    assert_eq!(store.get_fuel().unwrap(), 0);
}

#[test]
fn endless_recursion_runs_out_of_fuel() {
    let (mut store, instance) = counting(10_000, r#"(module (func $f (export "run") (call $f)))"#);
    let run = instance.get_typed_func::<(), ()>(&mut store, "run").unwrap();
    let error = run.call(&mut store, ()).unwrap_err();
    assert_eq!(error.downcast_ref(), Some(&Trap::OutOfFuel));
}

#[test]
fn fuel_is_used_in_proportion_and_always_the_same() {
    let used = |rounds: i32| {
        let (mut store, instance) = counting(1_000_000, LOOPS);
        let run = instance.get_typed_func::<i32, i32>(&mut store, "run").unwrap();
        run.call(&mut store, rounds).unwrap();
        1_000_000 - store.get_fuel().unwrap()
    };
    assert_eq!(used(1000), used(1000));
    let (ten, thousand) = (used(10), used(1000));
    assert!(ten > 0 && (50..=200).contains(&(thousand / ten)), "{ten} {thousand}");
}

#[test]
fn a_new_store_has_no_fuel() {
    let engine = Engine::new(Config::new().consume_fuel(true)).unwrap();
    assert_eq!(Store::new(&engine, ()).get_fuel().unwrap(), 0);
}

#[test]
fn a_run_after_a_refill_goes_through() {
    let (mut store, instance) = counting(100, LOOPS);
    let run = instance.get_typed_func::<i32, i32>(&mut store, "run").unwrap();
    assert!(run.call(&mut store, 100_000).is_err());
    store.set_fuel(u64::MAX).unwrap();
    assert_eq!(run.call(&mut store, 100_000).unwrap(), 0);
}

#[test]
fn an_engine_that_counts_no_fuel_says_so() {
    let mut store = Store::new(&Engine::default(), ());
    assert!(store.set_fuel(1).is_err());
    assert!(store.get_fuel().is_err());
}

#[test]
fn a_host_function_sees_and_sets_fuel() {
    let engine = Engine::new(Config::new().consume_fuel(true)).unwrap();
    let mut linker = rwasm::Linker::new(&engine);
    linker
        .func_wrap("host", "stop", |mut caller: rwasm::Caller<'_, ()>| {
            assert!(caller.get_fuel().unwrap() < 1000);
            caller.set_fuel(0)
        })
        .unwrap();
    let module = Module::new(
        &engine,
        r#"(module (import "host" "stop" (func $stop))
            (func (export "run") call $stop (loop (br 0))))"#,
    )
    .unwrap();
    let mut store = Store::new(&engine, ());
    store.set_fuel(1000).unwrap();
    let instance = linker.instantiate(&mut store, &module).unwrap();
    let run = instance.get_typed_func::<(), ()>(&mut store, "run").unwrap();
    let error = run.call(&mut store, ()).unwrap_err();
    assert_eq!(error.downcast_ref(), Some(&Trap::OutOfFuel));
}

/// What a call of `run` costs.
fn cost(wat: &str) -> u64 {
    let (mut store, instance) = counting(1 << 40, wat);
    let run = instance.get_typed_func::<(), ()>(&mut store, "run").unwrap();
    run.call(&mut store, ()).unwrap();
    (1 << 40) - store.get_fuel().unwrap()
}

#[test]
fn what_is_branched_over_costs_nothing() {
    let branch = |taken: u32| {
        cost(&format!(
            r#"(module (func (export "run")
                (block (br_if 0 (i32.const {taken})) (drop (i32.const 2))) (drop (i32.const 3))))"#
        ))
    };
    assert_eq!((branch(1), branch(0)), (3, 4));
}

#[test]
fn a_run_goes_through_with_what_it_costs_and_not_with_less() {
    let wat = r#"(module (func (export "run") (local i32 i32)
        (block $out (loop $again
            (local.set 0 (i32.add (local.get 0) (i32.const 1)))
            (if (i32.and (local.get 0) (i32.const 1)) (then (br $again)) (else (nop)))
            (br_if $out (i32.gt_u (local.get 0) (i32.const 20)))
            (if (i32.eq (local.get 0) (i32.const 6)) (then (local.set 1 (i32.const 5))))
            (br $again)))
        (local.set 1 (i32.const 1))))"#;
    let run = |fuel| {
        let (mut store, instance) = counting(fuel, wat);
        let run = instance.get_typed_func::<(), ()>(&mut store, "run").unwrap();
        run.call(&mut store, ())
    };
    let cost = cost(wat);
    // All rounds, odd ones, even ones, all of these but the last, the sixth, and what is behind.
    assert_eq!(cost, 22 * 8 + 11 + 11 * 4 + 10 * 5 + 2 + 2);
    run(cost).unwrap();
    assert_eq!(run(cost - 1).unwrap_err().downcast_ref(), Some(&Trap::OutOfFuel));
}

#[test]
fn bulk_operators_cost_what_they_move() {
    let memory = |len: u32, op: &str| {
        cost(&format!(
            r#"(module (memory 4) (table 4000 funcref) (data $d "{:200}")
                (type $a (array (mut i16)))
                (func (export "run") {}))"#,
            "",
            op.replace("LEN", &format!("(i32.const {len})"))
        ))
    };
    for (op, per_unit) in [
        ("(memory.fill (i32.const 0) (i32.const 1) LEN)", 64),
        ("(memory.copy (i32.const 0) (i32.const 1) LEN)", 64),
        ("(table.fill (i32.const 0) (ref.null func) LEN)", 8),
        ("(table.copy (i32.const 0) (i32.const 1) LEN)", 8),
        ("(drop (array.new $a (i32.const 1) LEN))", 32),
        ("(drop (array.new_default $a LEN))", 32),
    ] {
        let flat = memory(0, op);
        assert!((2..=5).contains(&flat), "{op}: {flat}");
        assert_eq!(memory(per_unit - 1, op), flat, "{op}");
        assert_eq!(memory(per_unit, op), flat + 1, "{op}");
        assert_eq!(memory(per_unit * 99 + 1, op), flat + 99, "{op}");
    }
    let op = "(memory.init $d (i32.const 0) (i32.const 0) LEN)";
    assert_eq!(memory(200, op), memory(0, op) + 3);
}

#[test]
fn a_bulk_operator_is_paid_for_in_small_slices() {
    use rwasm::{Execution, Progress};
    let (mut store, instance) = counting(
        0,
        r#"(module (memory (export "m") 16) (func (export "run")
            (memory.fill (i32.const 1) (i32.const 7) (i32.const 1000000))))"#,
    );
    let run = instance.get_func(&mut store, "run").unwrap();
    let memory = instance.get_memory(&mut store, "m").unwrap();
    let mut execution = Execution::new(&mut store, &run, &[]).unwrap();
    let (mut slices, mut used) = (0, 0);
    loop {
        store.set_fuel(100).unwrap();
        let progress = execution.resume(&mut store).unwrap();
        slices += 1;
        used += 100 - store.get_fuel().unwrap();
        if let Progress::Returned(_) = progress {
            break;
        }
        assert!(memory.data(&store).iter().all(|&byte| byte == 0));
    }
    assert_eq!((slices, used), (1_000_000 / 64 / 100 + 1, 4 + 1_000_000 / 64));
    assert_eq!(memory.data(&store)[1_000_000], 7);
}

#[test]
fn locals_cost_what_it_takes_to_make_them() {
    let used = |locals: &str| {
        let wat = format!(
            r#"(module
            (func $f (local {locals}))
            (func (export "run") (call $f) (call $f)))"#
        );
        let (mut store, instance) = counting(10_000, &wat);
        let run = instance.get_typed_func::<(), ()>(&mut store, "run").unwrap();
        run.call(&mut store, ()).unwrap();
        10_000 - store.get_fuel().unwrap()
    };
    assert_eq!(used(""), 2);
    assert_eq!(used(&"i32 ".repeat(7)), 2);
    assert_eq!(used(&"i32 ".repeat(8)), 4);
    assert_eq!(used(&"v128 ".repeat(40)), 2 + 2 * 10);
}

/// What keeping deep frames costs is paid before they are kept the next time, though nothing is charged
/// in between.
#[test]
fn fuel_that_is_owed_is_paid_before_the_next_switch() {
    let switches = "(local.set $o (switch $k $sw (local.get $o)))".repeat(40);
    let back = "(local.set 0 (switch $k $sw (local.get 0)))".repeat(40);
    let wat = format!(
        r#"(module
        (rec (type $f (func (param (ref null $k)))) (type $k (cont $f)))
        (tag $sw)
        (func $dive (param $d i32) (param $o (ref null $k))
            (if (local.get $d)
                (then
                    (call $dive (i32.sub (local.get $d) (i32.const 1)) (local.get $o))
                    (return)))
            {switches})
        (func $a (type $f) (call $dive (i32.const 1000) (local.get 0)))
        (func $b (type $f) {back})
        (elem declare func $a $b)
        (func (export "run")
            (resume $k (on $sw switch)
                (cont.new $k (ref.func $b)) (cont.new $k (ref.func $a)))))"#
    );
    let engine = Engine::new(Config::new().consume_fuel(true).wasm_stack_switching(true)).unwrap();
    let module = Module::new(&engine, &wat).unwrap();
    let make = || {
        let mut store = Store::new(&engine, ());
        let instance = Instance::new(&mut store, &module, &[]).unwrap();
        (store, instance)
    };
    let (mut store, instance) = make();
    let run = instance.get_typed_func::<(), ()>(&mut store, "run").unwrap();
    store.set_fuel(20_000).unwrap();
    assert_eq!(run.call(&mut store, ()).unwrap_err().downcast_ref(), Some(&Trap::OutOfFuel));

    let (mut store, instance) = make();
    let run = instance.get_typed_func::<(), ()>(&mut store, "run").unwrap();
    store.set_fuel(1 << 40).unwrap();
    run.call(&mut store, ()).unwrap();

    // In slices it gets there, and costs the same.
    let before = (1 << 40) - store.get_fuel().unwrap();
    let run = instance.get_func(&mut store, "run").unwrap();
    store.set_fuel(0).unwrap();
    use rwasm::{Execution, Progress};
    let mut execution = Execution::new(&mut store, &run, &[]).unwrap();
    let mut given = 0;
    loop {
        match execution.resume(&mut store).unwrap() {
            Progress::Returned(_) => break,
            Progress::Suspended(_) => {
                let left = store.get_fuel().unwrap();
                store.set_fuel(left + 500).unwrap();
                given += 500;
            }
        }
    }
    assert!(before > 40_000, "keeping the frames costs: {before}");
    assert_eq!(given - store.get_fuel().unwrap(), before);
}
