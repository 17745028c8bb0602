//! Objects of guests, and when they are freed.

use rwasm::{
    AnyRef, ArrayRef, ArrayRefPre, ArrayType, Caller, Config, Engine, EqRef, Execution, ExternRef,
    FieldType, Func, I31, Instance, Linker, Module, Mutability, OwnedRooted, Progress, RootScope,
    Rooted, StorageType, Store, StoreLimits, StoreLimitsBuilder, StructRef, StructRefPre,
    StructType, Suspend, Trap, UpdateDeadline, Val, ValType,
};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A store in which every allocation collects first, and an instance.
fn zealous<T: 'static>(
    data: T,
    wat: &str,
    link: impl FnOnce(&mut Linker<T>),
) -> (Store<T>, Instance) {
    let engine = Engine::new(Config::new().gc_zeal(true).epoch_interruption(true)).unwrap();
    let module = Module::new(&engine, wat).unwrap();
    let mut linker = Linker::new(&engine);
    link(&mut linker);
    let mut store = Store::new(&engine, data);
    store.set_epoch_deadline(1);
    let instance = linker.instantiate(&mut store, &module).unwrap();
    (store, instance)
}

/// Counts how often it is dropped.
struct Counted(Arc<AtomicUsize>);

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

const LISTS: &str = r#"(module
    (type $cell (struct (field $value i64) (field $next (ref null $cell))))
    (global $kept (mut (ref null $cell)) (ref.null $cell))
    (func $list (export "list") (param $len i64) (result (ref null $cell))
        (local $list (ref null $cell))
        (loop $more
            (if (i64.eqz (local.get $len)) (then (return (local.get $list))))
            (local.set $list (struct.new $cell (local.get $len) (local.get $list)))
            (local.set $len (i64.sub (local.get $len) (i64.const 1)))
            (br $more))
        (unreachable))
    (func $sum (export "sum") (param $list (ref null $cell)) (result i64)
        (local $sum i64)
        (loop $more
            (if (ref.is_null (local.get $list)) (then (return (local.get $sum))))
            (local.set $sum (i64.add (local.get $sum) (struct.get $cell $value (local.get $list))))
            (local.set $list (struct.get $cell $next (local.get $list)))
            (br $more))
        (unreachable))
    (func (export "keep") (param i64) (global.set $kept (call $list (local.get 0))))
    (func (export "kept") (result i64) (call $sum (global.get $kept)))
    (func (export "drop") (global.set $kept (ref.null $cell))))"#;

#[test]
fn a_guest_makes_long_lists_and_drops_them() {
    let engine = Engine::default();
    let module = Module::new(&engine, LISTS).unwrap();
    let mut store = Store::new(&engine, ());
    let instance = Instance::new(&mut store, &module, &[]).unwrap();
    let keep = instance.get_typed_func::<i64, ()>(&mut store, "keep").unwrap();
    let kept = instance.get_typed_func::<(), i64>(&mut store, "kept").unwrap();
    for _ in 0..5 {
        keep.call(&mut store, 1_000_000).unwrap();
        assert_eq!(kept.call(&mut store, ()).unwrap(), 500_000_500_000);
    }
    instance.get_typed_func::<(), ()>(&mut store, "drop").unwrap().call(&mut store, ()).unwrap();
    store.gc();
}

#[test]
fn values_in_frames_are_kept_in_zeal() {
    let (mut store, instance) = zealous((), LISTS, |_| {});
    let keep = instance.get_typed_func::<i64, ()>(&mut store, "keep").unwrap();
    let kept = instance.get_typed_func::<(), i64>(&mut store, "kept").unwrap();
    keep.call(&mut store, 1000).unwrap();
    assert_eq!(kept.call(&mut store, ()).unwrap(), 500_500);
    let list = instance.get_typed_func::<i64, Option<Rooted<StructRef>>>(&mut store, "list");
    let list = list.unwrap().call(&mut store, 10).unwrap();
    keep.call(&mut store, 20).unwrap();
    let sum = instance.get_typed_func::<Option<Rooted<AnyRef>>, i64>(&mut store, "sum").unwrap();
    let any = list.map(|list| list.to_anyref());
    assert_eq!(sum.call(&mut store, any).unwrap(), 55);
    // A parameter's type is checked in each call.
    let other = AnyRef::from_i31(&mut store, I31::wrapping_u32(1));
    assert!(sum.call(&mut store, Some(other)).is_err());
    assert_eq!(sum.call(&mut store, None).unwrap(), 0);
}

#[test]
fn a_host_makes_structures_and_arrays_for_guests() {
    let (mut store, instance) = zealous(
        (),
        r#"(module
            (type $point (struct (field (mut i32)) (field f64)))
            (type $points (array (mut (ref null $point))))
            (func (export "x") (param (ref $points) i32) (result i32)
                (struct.get $point 0 (array.get $points (local.get 0) (local.get 1)))))"#,
        |_| {},
    );
    let engine = store.engine().clone();
    let fields = [
        FieldType::new(Mutability::Var, ValType::I32.into()),
        FieldType::new(Mutability::Const, ValType::F64.into()),
    ];
    let point = StructType::new(&engine, fields).unwrap();
    let pre = StructRefPre::new(&mut store, point.clone());
    let one = StructRef::new(&mut store, &pre, &[Val::I32(5), Val::F64(0)]).unwrap();
    let two = StructRef::new(&mut store, &pre, &[Val::I32(6), Val::F64(0)]).unwrap();
    let element = rwasm::RefType::new(true, rwasm::HeapType::ConcreteStruct(point));
    let element = StorageType::ValType(element.into());
    let points = ArrayType::new(&engine, FieldType::new(Mutability::Var, element));
    let pre = ArrayRefPre::new(&mut store, points);
    let array = ArrayRef::new_fixed(&mut store, &pre, &[one.into(), two.into()]).unwrap();
    let x = instance.get_typed_func::<(Rooted<ArrayRef>, i32), i32>(&mut store, "x").unwrap();
    assert_eq!(x.call(&mut store, (array, 1)).unwrap(), 6);
    two.set_field(&mut store, 0, Val::I32(7)).unwrap();
    assert_eq!(x.call(&mut store, (array, 1)).unwrap(), 7);
    let error = x.call(&mut store, (array, 2)).unwrap_err();
    assert_eq!(error.downcast_ref(), Some(&Trap::ArrayOutOfBounds));
    array.set(&mut store, 0, Val::AnyRef(None)).unwrap();
    let error = x.call(&mut store, (array, 0)).unwrap_err();
    assert_eq!(error.downcast_ref(), Some(&Trap::NullStructReference));
}

#[test]
fn numbers_of_31_bits_pass_through() {
    let (mut store, instance) = crate::instance(
        r#"(module
            (func (export "next") (param i31ref) (result (ref i31))
                (ref.i31 (i32.add (i31.get_s (local.get 0)) (i32.const 1))))
            (func (export "eq") (param eqref eqref) (result i32)
                (ref.eq (local.get 0) (local.get 1))))"#,
    );
    let next = instance.get_typed_func::<Option<I31>, I31>(&mut store, "next").unwrap();
    let number = next.call(&mut store, I31::new_i32(-7)).unwrap();
    assert_eq!(number.get_i32(), -6);
    let error = next.call(&mut store, None).unwrap_err();
    assert_eq!(error.downcast_ref(), Some(&Trap::NullI31Reference));
    type Eq = Option<Rooted<EqRef>>;
    let eq = instance.get_typed_func::<(Eq, Eq), i32>(&mut store, "eq").unwrap();
    let a = EqRef::from_i31(&mut store, I31::wrapping_i32(-1));
    let b = EqRef::from_i31(&mut store, I31::wrapping_u32(u32::MAX));
    assert_eq!(eq.call(&mut store, (Some(a), Some(b))).unwrap(), 1);
    assert_eq!(eq.call(&mut store, (Some(a), None)).unwrap(), 0);
}

const CALLS_HOST: &str = r#"(module
    (type $box (struct (field i32)))
    (import "" "host" (func $host (param externref) (result externref)))
    (func (export "run") (param $object externref) (result i32)
        (local $box (ref $box))
        (local.set $box (struct.new $box (i32.const 42)))
        (drop (call $host (local.get $object)))
        (drop (struct.new $box (i32.const 1)))
        (struct.get $box 0 (local.get $box))))"#;

#[test]
fn guests_that_wait_for_the_host_keep_their_objects() {
    let (mut store, instance) = zealous((), CALLS_HOST, |linker| {
        linker
            .func_wrap(
                "",
                "host",
                |mut caller: Caller<'_, ()>, object: Option<Rooted<ExternRef>>| {
                    ExternRef::new(&mut caller, 1).unwrap();
                    caller.gc();
                    object
                },
            )
            .unwrap();
    });
    let run = instance.get_func(&mut store, "run").unwrap();
    let run = run.typed::<Option<Rooted<ExternRef>>, i32>(&store).unwrap();
    let object = ExternRef::new(&mut store, "kept").unwrap();
    assert_eq!(run.call(&mut store, Some(object)).unwrap(), 42);
    assert!(object.data(&store).unwrap().is_some());
}

#[test]
fn what_a_host_function_gets_is_let_go_when_it_returns() {
    let (mut store, instance) = zealous(None, CALLS_HOST, |linker| {
        linker
            .func_wrap(
                "",
                "host",
                |mut caller: Caller<'_, Option<Rooted<ExternRef>>>,
                 object: Option<Rooted<ExternRef>>| {
                    *caller.data_mut() = object;
                    object
                },
            )
            .unwrap();
    });
    let run = instance.get_typed_func::<Rooted<ExternRef>, i32>(&mut store, "run");
    assert!(run.is_ok());
    let run = run.unwrap();
    let dropped = Arc::new(AtomicUsize::new(0));
    let owned: OwnedRooted<ExternRef> = {
        let mut scope = RootScope::new(&mut store);
        let object = ExternRef::new(&mut scope, Counted(dropped.clone())).unwrap();
        assert_eq!(run.call(&mut scope, object).unwrap(), 42);
        object.to_owned_rooted(&mut scope).unwrap()
    };
    let leaked = store.data().unwrap();
    assert!(leaked.data(&store).is_err());
    store.gc();
    assert_eq!(dropped.load(Ordering::Relaxed), 0);
    let again = owned.to_rooted(&mut store);
    assert!(again.data(&store).unwrap().unwrap().is::<Counted>());
    drop(owned);
}

#[test]
fn suspended_runs_keep_their_objects_until_they_are_dropped() {
    let (mut store, instance) = zealous((), CALLS_HOST, |linker| {
        linker
            .func_wrap("", "host", |_: Option<Rooted<ExternRef>>| {
                Err::<Option<Rooted<ExternRef>>, rwasm::Error>(Suspend.into())
            })
            .unwrap();
    });
    let run = instance.get_func(&mut store, "run").unwrap();
    let dropped = Arc::new(AtomicUsize::new(0));
    let mut runs: Vec<Execution> = Vec::new();
    for _ in 0..3 {
        let mut scope = RootScope::new(&mut store);
        let object = ExternRef::new(&mut scope, Counted(dropped.clone())).unwrap();
        runs.push(Execution::new(&mut scope, &run, &[object.into()]).unwrap());
    }
    // The arguments of runs that have not begun are kept as well.
    store.gc();
    assert_eq!(dropped.load(Ordering::Relaxed), 0);
    for run in &mut runs {
        assert!(matches!(run.resume(&mut store), Ok(Progress::Suspended(_))));
    }
    store.gc();
    drop(runs.pop());
    store.gc();
    for run in &mut runs {
        match run.resume_with(&mut store, &[Val::ExternRef(None)]).unwrap() {
            Progress::Returned(vals) => assert_eq!(vals[0].unwrap_i32(), 42),
            Progress::Suspended(suspension) => panic!("suspended: {suspension:?}"),
        }
        assert!(run.is_finished());
    }
    store.gc();
    assert_eq!(dropped.load(Ordering::Relaxed), 3);
}

#[test]
fn interrupted_runs_keep_their_objects() {
    let (mut store, instance) = zealous(
        0,
        r#"(module
            (type $cell (struct (field i32) (field (ref null $cell))))
            (import "" "tick" (func $tick))
            (func $list (param $len i32) (result (ref null $cell))
                (local $rest (ref null $cell))
                (if (i32.eqz (local.get $len)) (then (return (ref.null $cell))))
                (local.set $rest (call $list (i32.sub (local.get $len) (i32.const 1))))
                (call $tick)
                (loop (nop))
                (struct.new $cell (local.get $len) (local.get $rest)))
            (func (export "sum") (param $len i32) (result i32)
                (local $list (ref null $cell)) (local $sum i32)
                (local.set $list (call $list (local.get $len)))
                (loop $more
                    (if (ref.is_null (local.get $list)) (then (return (local.get $sum))))
                    (local.set $sum
                        (i32.add (local.get $sum) (struct.get $cell 0 (local.get $list))))
                    (local.set $list (struct.get $cell 1 (local.get $list)))
                    (br $more))
                (unreachable)))"#,
        |linker| {
            linker
                .func_wrap("", "tick", |caller: Caller<'_, i32>| caller.engine().increment_epoch())
                .unwrap();
        },
    );
    store.epoch_deadline_callback(|mut store| {
        ExternRef::new(&mut store, 1)?;
        *store.data_mut() += 1;
        Ok(UpdateDeadline::Continue(1))
    });
    let sum = instance.get_typed_func::<i32, i32>(&mut store, "sum").unwrap();
    assert_eq!(sum.call(&mut store, 50).unwrap(), 1275);
    assert!(*store.data() >= 50);
}

#[test]
fn objects_count_against_the_limits() {
    let engine = Engine::default();
    let module = Module::new(&engine, LISTS).unwrap();
    let limits = StoreLimitsBuilder::new().gc_heap_size(1 << 20).build();
    let mut store: Store<StoreLimits> = Store::new(&engine, limits);
    store.limiter(|limits| limits);
    let instance = Instance::new(&mut store, &module, &[]).unwrap();
    let keep = instance.get_typed_func::<i64, ()>(&mut store, "keep").unwrap();
    keep.call(&mut store, 10_000).unwrap();
    let error = keep.call(&mut store, 1_000_000).unwrap_err();
    assert_eq!(error.downcast_ref(), Some(&Trap::AllocationTooLarge));
    assert!(!error.backtrace().unwrap().frames().is_empty());
    keep.call(&mut store, 10_000).unwrap();
}

#[test]
fn enormous_arrays_trap() {
    let (mut store, instance) = crate::instance(
        r#"(module
            (type $bytes (array (mut i8)))
            (type $longs (array (mut i64)))
            (func (export "bytes") (param i32) (result i32)
                (array.len (array.new_default $bytes (local.get 0))))
            (func (export "longs") (param i32) (result i32)
                (array.len (array.new $longs (i64.const 1) (local.get 0)))))"#,
    );
    for name in ["bytes", "longs"] {
        let make = instance.get_typed_func::<i32, i32>(&mut store, name).unwrap();
        for len in [-1, i32::MIN, i32::MAX] {
            let error = make.call(&mut store, len).unwrap_err();
            assert_eq!(error.downcast_ref(), Some(&Trap::AllocationTooLarge));
        }
        assert_eq!(make.call(&mut store, 100_000).unwrap(), 100_000);
    }
}

#[test]
fn constant_expressions_make_objects() {
    let (mut store, instance) = zealous(
        (),
        r#"(module
            (type $box (struct (field i32) (field v128) (field anyref)))
            (type $boxes (array (ref null $box)))
            (type $bytes (array i8))
            (global $one (ref $box)
                (struct.new $box (i32.const 1) (v128.const i32x4 1 2 3 4)
                    (ref.i31 (i32.const 9))))
            (global $all (ref $boxes)
                (array.new_fixed $boxes 3 (global.get $one) (ref.null $box)
                    (struct.new $box (i32.add (i32.const 1) (i32.const 1))
                        (v128.const i32x4 0 0 0 7)
                        (array.new_default $bytes (i32.const 4)))))
            (global $same externref (extern.convert_any (ref.i31 (i32.const 3))))
            (table $t 2 anyref (array.new $bytes (i32.const 5) (i32.const 6)))
            (elem $e anyref
                (item (struct.new_default $box)) (item (array.new $bytes (i32.const 8) (i32.const 9))))
            (func (export "sum") (result i32)
                (table.init $t $e (i32.const 0) (i32.const 1) (i32.const 1))
                (i32.add
                    (i32x4.extract_lane 3
                        (struct.get $box 1 (array.get $boxes (global.get $all) (i32.const 2))))
                    (i32.add
                        (array.get_u $bytes
                            (ref.cast (ref $bytes) (table.get $t (i32.const 0))) (i32.const 1))
                        (array.get_u $bytes
                            (ref.cast (ref $bytes) (table.get $t (i32.const 1))) (i32.const 1))))))"#,
        |_| {},
    );
    let sum = instance.get_typed_func::<(), i32>(&mut store, "sum").unwrap();
    assert_eq!(sum.call(&mut store, ()).unwrap(), 7 + 8 + 5);
}

#[test]
fn types_of_hosts_are_those_of_guests() {
    let (mut store, instance) = crate::instance(
        r#"(module
            (type $a (sub (struct (field i8))))
            (type $b (sub final $a (struct (field i8) (field anyref))))
            (func (export "is_b") (param anyref) (result i32) (ref.test (ref $b) (local.get 0))))"#,
    );
    use rwasm::Finality;
    let engine = store.engine().clone();
    let byte = FieldType::new(Mutability::Const, StorageType::I8);
    let any = FieldType::new(Mutability::Const, ValType::ANYREF.into());
    let a =
        StructType::with_finality_and_supertype(&engine, Finality::NonFinal, None, [byte.clone()])
            .unwrap();
    let b =
        StructType::with_finality_and_supertype(&engine, Finality::Final, Some(&a), [byte, any])
            .unwrap();
    let is_b = instance.get_typed_func::<Rooted<AnyRef>, i32>(&mut store, "is_b").unwrap();
    let pre = StructRefPre::new(&mut store, a);
    let object = StructRef::new(&mut store, &pre, &[Val::I32(1)]).unwrap();
    assert_eq!(is_b.call(&mut store, object.to_anyref()).unwrap(), 0);
    let pre = StructRefPre::new(&mut store, b);
    let object = StructRef::new(&mut store, &pre, &[Val::I32(1), Val::AnyRef(None)]).unwrap();
    assert_eq!(is_b.call(&mut store, object.to_anyref()).unwrap(), 1);
    let host = ExternRef::new(&mut store, ()).unwrap();
    let host = AnyRef::convert_extern(&mut store, host).unwrap();
    assert_eq!(is_b.call(&mut store, host).unwrap(), 0);
    let _ = Func::wrap(&mut store, |object: Rooted<StructRef>| object);
}
