//! Stack switching.

use rwasm::{
    Caller, Config, Engine, Execution, Extern, Func, FuncType, Instance, Linker, Module, Progress,
    Store, StoreLimits, StoreLimitsBuilder, Suspend, Suspension, Trap, Val, ValType,
};

fn config() -> Config {
    let mut config = Config::new();
    config.wasm_stack_switching(true);
    config
}

fn instantiate(config: &Config, wat: &str) -> (Store<()>, Instance) {
    let engine = Engine::new(config).unwrap();
    let module = Module::new(&engine, wat).unwrap();
    let mut store = Store::new(&engine, ());
    let instance = Instance::new(&mut store, &module, &[]).unwrap();
    (store, instance)
}

fn trap(error: &rwasm::Error) -> Trap {
    *error.downcast_ref().unwrap_or_else(|| panic!("{error:?}"))
}

/// A generator of a tree's leaves, by recursion: many frames are suspended with each.
const LEAVES: &str = r#"(module
    (type $run (func (param i32)))
    (type $gen (cont $run))
    (type $go_on (func))
    (type $rest (cont $go_on))
    (type $box (struct (field i64)))
    (tag $leaf (param i64 anyref))
    (func $walk (param $depth i32) (local $at i64) (local $kept (ref null $box))
        (local.set $at (i64.extend_i32_u (local.get $depth)))
        (local.set $kept (struct.new $box (local.get $at)))
        (if (local.get $depth)
            (then
                (call $walk (i32.sub (local.get $depth) (i32.const 1)))
                (call $walk (i32.sub (local.get $depth) (i32.const 1))))
            (else (suspend $leaf (i64.const 1) (struct.new $box (i64.const 10)))))
        ;; What was in the frame while it was suspended is what it was.
        (if (i64.ne (struct.get $box 0 (local.get $kept)) (local.get $at)) (then (unreachable))))
    (elem declare func $walk)
    (func (export "sum") (param $depth i32) (result i64)
        (local $rest (ref null $rest)) (local $sum i64) (local $box anyref)
        (block $done
            (block $first (result i64 anyref (ref $rest))
                (resume $gen (on $leaf $first)
                    (local.get $depth) (cont.new $gen (ref.func $walk)))
                (br $done))
            (loop $next (param i64 anyref (ref $rest))
                (local.set $rest)
                (local.set $box)
                (local.set $sum (i64.add (local.get $sum)))
                (local.set $sum (i64.add (local.get $sum)
                    (struct.get $box 0 (ref.cast (ref $box) (local.get $box)))))
                (block $again (result i64 anyref (ref $rest))
                    (resume $rest (on $leaf $again) (local.get $rest))
                    (br $done))
                (br $next)))
        (local.get $sum)))"#;

#[test]
fn a_generator_suspends_many_frames_at_once() {
    for zeal in [false, true] {
        let (mut store, instance) = instantiate(config().gc_zeal(zeal), LEAVES);
        let sum = instance.get_typed_func::<i32, i64>(&mut store, "sum").unwrap();
        assert_eq!(sum.call(&mut store, 7).unwrap(), 128 * 11);
    }
}

#[test]
fn slices_of_fuel_change_nothing() {
    let (mut store, instance) = instantiate(config().consume_fuel(true), LEAVES);
    let sum = instance.get_func(&mut store, "sum").unwrap();
    let mut run = Execution::new(&mut store, &sum, &[Val::I32(6)]).unwrap();
    store.set_fuel(1_000_000).unwrap();
    let Progress::Returned(vals) = run.resume(&mut store).unwrap() else { panic!("suspended") };
    assert_eq!(vals[0].unwrap_i64(), 64 * 11);
    let whole = 1_000_000 - store.get_fuel().unwrap();

    let mut run = Execution::new(&mut store, &sum, &[Val::I32(6)]).unwrap();
    store.set_fuel(0).unwrap();
    let mut given = 0;
    loop {
        let left = store.get_fuel().unwrap();
        store.set_fuel(left + 97).unwrap();
        given += 97;
        match run.resume(&mut store).unwrap() {
            Progress::Suspended(Suspension::OutOfFuel) => {}
            Progress::Suspended(other) => panic!("{other:?}"),
            Progress::Returned(vals) => {
                assert_eq!(vals[0].unwrap_i64(), 64 * 11);
                break;
            }
        }
    }
    assert!(given > 20 * 97, "{given}");
    assert_eq!(given - store.get_fuel().unwrap(), whole);
}

/// Arguments of all kinds, bound one after the other.
const BOUND: &str = r#"(module
    (type $f5 (func (param i32 v128 anyref f64 externref) (result i64 anyref externref)))
    (type $f4 (func (param v128 anyref f64 externref) (result i64 anyref externref)))
    (type $f2 (func (param f64 externref) (result i64 anyref externref)))
    (type $f0 (func (result i64 anyref externref)))
    (type $k5 (cont $f5)) (type $k4 (cont $f4)) (type $k2 (cont $f2)) (type $k0 (cont $f0))
    (func $all (type $f5)
        (i64.add (i64.extend_i32_u (local.get 0))
            (i64.add (i64x2.extract_lane 1 (local.get 1)) (i64.trunc_f64_s (local.get 3))))
        (local.get 2)
        (local.get 4))
    (elem declare func $all)
    (func (export "bound") (param externref) (result i64 i32 externref) (local $k (ref null $k0))
        (local.set $k (cont.bind $k2 $k0 (f64.const 3000) (local.get 0)
            (cont.bind $k4 $k2 (v128.const i64x2 0 200) (ref.i31 (i32.const 7))
                (cont.bind $k5 $k4 (i32.const 10) (cont.new $k5 (ref.func $all))))))
        ;; Collects, if collections are made wherever one could be.
        (drop (cont.new $k5 (ref.func $all)))
        (resume $k0 (local.get $k))
        (local.set 0)
        (i31.get_u (ref.cast (ref i31)))
        (local.get 0))
    (func (export "twice") (local $k (ref null $k5))
        (local.set $k (cont.new $k5 (ref.func $all)))
        (drop (cont.bind $k5 $k4 (i32.const 1) (local.get $k)))
        (drop (cont.bind $k5 $k4 (i32.const 1) (local.get $k))))
    (func (export "null") (drop (cont.bind $k5 $k4 (i32.const 1) (ref.null $k5)))))"#;

#[test]
fn arguments_are_bound_one_after_the_other() {
    let (mut store, instance) = instantiate(config().gc_zeal(true), BOUND);
    let bound = instance.get_func(&mut store, "bound").unwrap();
    let mut results = [Val::I64(0), Val::I32(0), Val::null_extern_ref()];
    let host = rwasm::ExternRef::new(&mut store, "kept").unwrap();
    bound.call(&mut store, &[Val::ExternRef(Some(host))], &mut results).unwrap();
    assert_eq!((results[0].unwrap_i64(), results[1].unwrap_i32()), (3210, 7));
    let Val::ExternRef(Some(host)) = &results[2] else { panic!("{results:?}") };
    assert_eq!(host.data(&store).unwrap().unwrap().downcast_ref(), Some(&"kept"));

    for (name, expected) in
        [("twice", Trap::ContinuationAlreadyConsumed), ("null", Trap::NullContinuationReference)]
    {
        let func = instance.get_typed_func::<(), ()>(&mut store, name).unwrap();
        assert_eq!(trap(&func.call(&mut store, ()).unwrap_err()), expected, "{name}");
    }
}

/// Makes continuations and keeps them all, or none.
const MANY: &str = r#"(module
    (type $f (func)) (type $k (cont $f))
    (type $list (struct (field (ref $k)) (field (ref null $list))))
    (tag $t)
    (global $all (mut (ref null $list)) (ref.null $list))
    (func $f (local v128 v128 v128 v128) (suspend $t))
    (elem declare func $f)
    (func $suspended (result (ref $k))
        (block $caught (result (ref $k))
            (resume $k (on $t $caught) (cont.new $k (ref.func $f)))
            (unreachable)))
    (func (export "keep") (param $n i32)
        (loop $again
            (global.set $all (struct.new $list (call $suspended) (global.get $all)))
            (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1))))))
    (func (export "drop") (param $n i32)
        (loop $again
            (drop (call $suspended))
            (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1))))))
    (func (export "forget") (global.set $all (ref.null $list))))"#;

#[test]
fn continuations_count_against_the_limits_of_the_heap() {
    let engine = Engine::new(config().max_gc_heap(1 << 20)).unwrap();
    let module = Module::new(&engine, MANY).unwrap();
    let mut store = Store::new(&engine, ());
    let instance = Instance::new(&mut store, &module, &[]).unwrap();
    let keep = instance.get_typed_func::<i32, ()>(&mut store, "keep").unwrap();
    let drop = instance.get_typed_func::<i32, ()>(&mut store, "drop").unwrap();
    let forget = instance.get_typed_func::<(), ()>(&mut store, "forget").unwrap();
    drop.call(&mut store, 200_000).unwrap();
    for _ in 0..3 {
        assert_eq!(trap(&keep.call(&mut store, 200_000).unwrap_err()), Trap::AllocationTooLarge);
        forget.call(&mut store, ()).unwrap();
        drop.call(&mut store, 10_000).unwrap();
    }
}

#[test]
fn the_limiter_is_asked_for_continuations() {
    let engine = Engine::new(&config()).unwrap();
    let module = Module::new(&engine, MANY).unwrap();
    let limits = StoreLimitsBuilder::new().gc_heap_size(512 << 10).build();
    let mut store: Store<StoreLimits> = Store::new(&engine, limits);
    store.limiter(|limits| limits);
    let instance = Instance::new(&mut store, &module, &[]).unwrap();
    let keep = instance.get_typed_func::<i32, ()>(&mut store, "keep").unwrap();
    keep.call(&mut store, 100).unwrap();
    assert_eq!(trap(&keep.call(&mut store, 100_000).unwrap_err()), Trap::AllocationTooLarge);
}

/// The handler is in one instance, what suspends in another, between them a third.
#[test]
fn tags_pass_instances() {
    let engine = Engine::new(config().gc_zeal(true)).unwrap();
    let mut store = Store::new(&engine, ());
    let mut linker = Linker::new(&engine);
    for (name, wat) in [
        (
            "inner",
            r#"(module
                (memory 1) (data (i32.const 0) "\01")
                (tag $t (export "t") (param i32) (result i32))
                (func (export "f") (param i32) (result i32)
                    (i32.add (i32.load8_u (i32.const 0)) (suspend $t (local.get 0)))))"#,
        ),
        (
            "middle",
            r#"(module
                (import "inner" "f" (func $f (param i32) (result i32)))
                (memory 1) (data (i32.const 0) "\02")
                (func (export "f") (param i32) (result i32)
                    (i32.add (call $f (local.get 0)) (i32.load8_u (i32.const 0)))))"#,
        ),
        (
            "outer",
            r#"(module
                (type $f (func (param i32) (result i32))) (type $k (cont $f))
                (import "inner" "t" (tag $t (param i32) (result i32)))
                (import "middle" "f" (func $f (type $f)))
                (memory 1) (data (i32.const 0) "\03")
                (elem declare func $f)
                (func (export "f") (param i32) (result i32) (local $k (ref null $k))
                    (block $caught (result i32 (ref $k))
                        (resume $k (on $t $caught) (local.get 0) (cont.new $k (ref.func $f)))
                        (return))
                    (local.set $k)
                    (i32.mul (i32.const 100))
                    (resume $k (local.get $k))
                    (i32.add (i32.load8_u (i32.const 0)))))"#,
        ),
    ] {
        let module = Module::new(&engine, wat).unwrap();
        let instance = linker.instantiate(&mut store, &module).unwrap();
        linker.instance(&mut store, name, instance).unwrap();
    }
    let Some(Extern::Func(f)) = linker.get(&mut store, "outer", "f") else { panic!("no function") };
    let f = f.typed::<i32, i32>(&store).unwrap();
    assert_eq!(f.call(&mut store, 5).unwrap(), 506);
}

/// `run` runs a host function as a continuation; `through` suspends below one.
const HOST: &str = r#"(module
    (type $f (func (param i32) (result i32))) (type $k (cont $f))
    (type $f0 (func (result i32))) (type $k0 (cont $f0))
    (import "" "host" (func $host (type $f)))
    (tag $t) (tag $e (param i32))
    (func $inner (export "inner") (suspend $t))
    (elem declare func $host)
    (func (export "run") (param i32) (result i32)
        (resume $k (local.get 0) (cont.new $k (ref.func $host))))
    (func (export "bound") (param i32) (result i32)
        (resume $k0 (cont.bind $k $k0 (local.get 0) (cont.new $k (ref.func $host)))))
    (func (export "through") (param i32) (result i32)
        (block $caught (result (ref $k0))
            (resume $k (on $t $caught) (local.get 0) (cont.new $k (ref.func $host)))
            (return))
        (drop)
        (i32.const -1))
    (func (export "thrown") (param i32) (result i32)
        (block $caught (result i32)
            (try_table (catch $e $caught)
                (drop (resume_throw $k $e (local.get 0) (cont.new $k (ref.func $host)))))
            (unreachable))))"#;

fn with_host(
    host: impl Fn(Caller<'_, ()>, i32) -> rwasm::Result<i32> + Send + Sync + 'static,
) -> (Store<()>, Instance) {
    let engine = Engine::new(&config()).unwrap();
    let module = Module::new(&engine, HOST).unwrap();
    let mut store = Store::new(&engine, ());
    let host = Func::wrap(&mut store, host);
    let instance = Instance::new(&mut store, &module, &[host.into()]).unwrap();
    (store, instance)
}

#[test]
fn a_host_function_is_a_continuation_too() {
    let (mut store, instance) = with_host(|_, value| match value {
        0 => Err(rwasm::Error::msg("none")),
        value => Ok(value * 2),
    });
    for name in ["run", "bound"] {
        let run = instance.get_typed_func::<i32, i32>(&mut store, name).unwrap();
        assert_eq!(run.call(&mut store, 21).unwrap(), 42, "{name}");
        assert_eq!(run.call(&mut store, 0).unwrap_err().to_string(), "none", "{name}");
    }
    // It is not even called.
    let thrown = instance.get_typed_func::<i32, i32>(&mut store, "thrown").unwrap();
    assert_eq!(thrown.call(&mut store, 0).unwrap(), 0);
}

#[test]
fn frames_of_the_host_cannot_be_suspended() {
    let (mut store, instance) = with_host(|mut caller, _| {
        let Some(Extern::Func(inner)) = caller.get_export("inner") else { panic!("no function") };
        inner.typed::<(), ()>(&caller)?.call(&mut caller, ())?;
        Ok(0)
    });
    let through = instance.get_typed_func::<i32, i32>(&mut store, "through").unwrap();
    let error = through.call(&mut store, 1).unwrap_err();
    assert_eq!(trap(&error), Trap::UnhandledTag);
    let names: Vec<_> =
        error.backtrace().unwrap().frames().iter().map(|frame| frame.func_name()).collect();
    assert_eq!(names[0], Some("inner"));
    // And nobody at all handles it here.
    let inner = instance.get_typed_func::<(), ()>(&mut store, "inner").unwrap();
    assert_eq!(trap(&inner.call(&mut store, ()).unwrap_err()), Trap::UnhandledTag);
}

#[test]
fn what_a_host_suspends_inside_a_continuation_goes_on_there() {
    let engine = Engine::new(&config()).unwrap();
    let module = Module::new(
        &engine,
        r#"(module
            (type $f (func (param i32) (result i32))) (type $k (cont $f))
            (import "" "wait" (func $wait (param i32) (result i32)))
            (tag $t (param i32) (result i32))
            (func $inner (type $f)
                (i32.add (suspend $t (call $wait (local.get 0))) (call $wait (i32.const 1))))
            (elem declare func $inner)
            (func (export "run") (param i32) (result i32) (local $k (ref null $k))
                (block $caught (result i32 (ref $k))
                    (resume $k (on $t $caught) (local.get 0) (cont.new $k (ref.func $inner)))
                    (return))
                (local.set $k)
                (call $wait)
                (resume $k (local.get $k))))"#,
    )
    .unwrap();
    let mut store = Store::new(&engine, ());
    let ty = FuncType::new(&engine, [ValType::I32], [ValType::I32]);
    let wait = Func::new(&mut store, ty, |_, _, _| Err(Suspend.into()));
    let instance = Instance::new(&mut store, &module, &[wait.into()]).unwrap();
    let run = instance.get_func(&mut store, "run").unwrap();
    let mut run = Execution::new(&mut store, &run, &[Val::I32(0)]).unwrap();
    let mut progress = run.resume(&mut store).unwrap();
    for (answer, depth) in [(10, 2), (300, 1), (7, 2)] {
        assert!(matches!(progress, Progress::Suspended(Suspension::Host)), "{progress:?}");
        assert_eq!(run.backtrace(&store).frames().len(), depth);
        progress = run.resume_with(&mut store, &[Val::I32(answer)]).unwrap();
    }
    let Progress::Returned(vals) = progress else { panic!("suspended") };
    assert_eq!(vals[0].unwrap_i32(), 307);
}

/// A stack that is nearly full has no room for the frames of a continuation.
#[test]
fn frames_that_find_no_room_overflow_the_stack() {
    let (mut store, instance) = instantiate(
        config().max_wasm_stack(64 << 10),
        r#"(module
            (type $f (func (param i32))) (type $k (cont $f))
            (type $f0 (func)) (type $k0 (cont $f0))
            (tag $t)
            (global $k (mut (ref null $k0)) (ref.null $k0))
            (func $deep (type $f)
                (if (local.get 0)
                    (then (call $deep (i32.sub (local.get 0) (i32.const 1))))
                    (else (suspend $t))))
            (elem declare func $deep)
            (func (export "suspend") (param i32)
                (block $caught (result (ref $k0))
                    (resume $k (on $t $caught) (local.get 0) (cont.new $k (ref.func $deep)))
                    (return))
                (global.set $k))
            (func $resume (export "resume") (param i32)
                (if (local.get 0)
                    (then (call $resume (i32.sub (local.get 0) (i32.const 1))))
                    (else (resume $k0 (global.get $k))))))"#,
    );
    let suspend = instance.get_typed_func::<i32, ()>(&mut store, "suspend").unwrap();
    let resume = instance.get_typed_func::<i32, ()>(&mut store, "resume").unwrap();
    for depth in [0, 100, 1000] {
        suspend.call(&mut store, depth).unwrap();
        resume.call(&mut store, 100).unwrap();
        let again = resume.call(&mut store, 100).unwrap_err();
        assert_eq!(trap(&again), Trap::ContinuationAlreadyConsumed);
    }
    let fits = (0..10_000).step_by(50).take_while(|&n| suspend.call(&mut store, n).is_ok());
    let most = fits.last().unwrap();
    suspend.call(&mut store, most).unwrap();
    assert_eq!(trap(&resume.call(&mut store, 500).unwrap_err()), Trap::StackOverflow);
    // The store is as usable as ever.
    suspend.call(&mut store, 10).unwrap();
    resume.call(&mut store, 0).unwrap();
}

/// `start` begins, `switch`es between two tasks, which count up what they hand each other.
#[test]
fn tasks_switch_to_each_other() {
    for zeal in [false, true] {
        let (mut store, instance) = instantiate(
            config().gc_zeal(zeal),
            r#"(module
                (rec
                    (type $f (func (param i64 (ref null $k)) (result i64)))
                    (type $k (cont $f)))
                (type $main (func (result i64))) (type $kmain (cont $main))
                (tag $yield (result i64))
                (func $task (type $f) (local $n i64)
                    (loop $again
                        (if (i64.ge_u (local.get 0) (i64.const 1000))
                            (then (return (i64.add (local.get 0) (local.get $n)))))
                        (local.set $n (i64.add (local.get $n) (i64.const 1)))
                        (switch $k $yield
                            (i64.add (local.get 0) (i64.const 1)) (local.get 1))
                        (local.set 1)
                        (local.set 0)
                        (br $again))
                    (unreachable))
                (elem declare func $task)
                (func $begin (result i64)
                    (switch $k $yield (i64.const 0) (cont.new $k (ref.func $task)))
                    (drop) (drop)
                    (unreachable))
                (func (export "run") (result i64)
                    (resume $k (on $yield switch)
                        (i64.const 0) (cont.new $k (ref.func $task)) (cont.new $k (ref.func $task)))))"#,
        );
        let run = instance.get_typed_func::<(), i64>(&mut store, "run").unwrap();
        assert_eq!(run.call(&mut store, ()).unwrap(), 1500, "zeal: {zeal}");
    }
}

#[test]
fn an_exception_is_thrown_where_a_computation_waits() {
    let (mut store, instance) = instantiate(
        &config(),
        r#"(module
            (type $f (func (result i32))) (type $k (cont $f))
            (tag $t) (tag $e (param i32)) (tag $other)
            (func $inner (type $f)
                (block $caught (result i32)
                    (try_table (catch $e $caught) (suspend $t))
                    (return (i32.const 0)))
                (i32.add (i32.const 1)))
            (elem declare func $inner)
            (func $suspended (result (ref $k))
                (block $caught (result (ref $k))
                    (resume $k (on $t $caught) (cont.new $k (ref.func $inner)))
                    (unreachable)))
            (func (export "caught") (param i32) (result i32)
                (resume_throw $k $e (local.get 0) (call $suspended)))
            (func (export "passes") (result i32)
                (block $caught
                    (try_table (catch $other $caught)
                        (drop (resume_throw $k $other (call $suspended))))
                    (return (i32.const 1)))
                (i32.const 2))
            (func (export "again") (result i32)
                (block $caught (result exnref)
                    (try_table (catch_all_ref $caught)
                        (throw $e (i32.const 7)))
                    (unreachable))
                (call $suspended)
                (resume_throw_ref $k)))"#,
    );
    let caught = instance.get_typed_func::<i32, i32>(&mut store, "caught").unwrap();
    assert_eq!(caught.call(&mut store, 41).unwrap(), 42);
    let passes = instance.get_typed_func::<(), i32>(&mut store, "passes").unwrap();
    assert_eq!(passes.call(&mut store, ()).unwrap(), 2);
    let again = instance.get_typed_func::<(), i32>(&mut store, "again").unwrap();
    assert_eq!(again.call(&mut store, ()).unwrap(), 8);
}

#[test]
fn a_reference_can_be_handed_on_by_the_host() {
    let (mut store, instance) = instantiate(
        config().gc_zeal(true),
        r#"(module
            (type $f (func (result i32))) (type $k (cont $f))
            (func $f (type $f) (i32.const 9))
            (elem declare func $f)
            (func (export "new") (result contref) (cont.new $k (ref.func $f)))
            (global (export "kept") (mut contref) (ref.null cont))
            (func (export "is_null") (param contref) (result i32) (ref.is_null (local.get 0))))"#,
    );
    let new = instance.get_func(&mut store, "new").unwrap();
    let mut cont = [Val::I32(0)];
    new.call(&mut store, &[], &mut cont).unwrap();
    // Nothing but the host keeps it.
    store.gc();
    let Val::ContRef(Some(_)) = &cont[0] else { panic!("{cont:?}") };
    let is_null = instance.get_func(&mut store, "is_null").unwrap();
    let mut results = [Val::I32(5)];
    is_null.call(&mut store, &cont, &mut results).unwrap();
    assert_eq!(results[0].unwrap_i32(), 0);
    let kept = instance.get_global(&mut store, "kept").unwrap();
    assert!(matches!(kept.get(&mut store), Val::ContRef(None)));
    kept.set(&mut store, cont[0]).unwrap();
    store.gc();
    assert!(matches!(kept.get(&mut store), Val::ContRef(Some(_))));
    is_null.call(&mut store, &[Val::ContRef(None)], &mut results).unwrap();
    assert_eq!(results[0].unwrap_i32(), 1);
}

#[test]
fn the_feature_is_off_unless_asked_for() {
    let error = Module::new(&Engine::default(), "(module (type $f (func)) (type (cont $f)))");
    assert!(error.unwrap_err().to_string().contains("needs the feature `stack-switching`"));
}

/// What a guest keeps of continuations, in ways that take memory but little of anything else.
const KEPT: &str = r#"(module
    (type $f (func)) (type $k (cont $f))
    (type $all (array (mut (ref null $k))))
    (tag $t)
    (global $all (ref $all) (array.new_default $all (i32.const 100000)))
    (func $done)
    (func $small (suspend $t))
    (func $big (local v128 v128 v128 v128 v128 v128 v128 v128) (local i64 i64 i64 i64) (call $more))
    (func $more (local v128 v128 v128 v128 v128 v128 v128 v128) (local i64 i64 i64 i64) (suspend $t))
    (elem declare func $done $small $big)
    ;; Every one was resumed.
    (func (export "consumed") (param $n i32) (local $k (ref $k))
        (loop $again
            (local.set $n (i32.sub (local.get $n) (i32.const 1)))
            (local.set $k (cont.new $k (ref.func $done)))
            (array.set $all (global.get $all) (local.get $n) (local.get $k))
            (resume $k (local.get $k))
            (br_if $again (local.get $n))))
    ;; The memory of large ones is there again when each small one is made.
    (func (export "after_large") (param $n i32) (local $k (ref null $k))
        (loop $again
            (local.set $n (i32.sub (local.get $n) (i32.const 1)))
            (block $caught (result (ref $k))
                (resume $k (on $t $caught) (cont.new $k (ref.func $big)))
                (unreachable))
            (resume $k)
            (block $caught (result (ref $k))
                (resume $k (on $t $caught) (cont.new $k (ref.func $small)))
                (unreachable))
            (local.set $k)
            (array.set $all (global.get $all) (local.get $n) (local.get $k))
            (br_if $again (local.get $n))))
    (func (export "forget") (array.fill $all (global.get $all) (i32.const 0) (ref.null $k) (i32.const 100000))))"#;

#[test]
fn whatever_is_kept_of_a_continuation_counts() {
    for (name, most) in [("consumed", 8 << 20), ("after_large", 24 << 20)] {
        // Nothing is unlimited that this takes.
        let (mut store, instance) = instantiate(config().max_gc_heap(1 << 20), KEPT);
        let keep = instance.get_typed_func::<i32, ()>(&mut store, name).unwrap();
        assert_eq!(trap(&keep.call(&mut store, 100_000).unwrap_err()), Trap::AllocationTooLarge);
        let forget = instance.get_typed_func::<(), ()>(&mut store, "forget").unwrap();
        forget.call(&mut store, ()).unwrap();
        keep.call(&mut store, 1000).unwrap();
        // And it takes no more than it should.
        let (mut store, instance) = instantiate(config().max_gc_heap(most), KEPT);
        let keep = instance.get_typed_func::<i32, ()>(&mut store, name).unwrap();
        keep.call(&mut store, 50_000).unwrap();
    }
}
