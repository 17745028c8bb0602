//! Exceptions that pass between guests and hosts.

use rwasm::{
    Caller, Config, Engine, ExnRef, FuncType, Instance, Linker, Module, Store, Tag, TagType,
    ThrownException, Val, ValType,
};

const THROWS: &str = r#"(module
    (import "" "tag" (tag $tag (param i32)))
    (import "" "host" (func $host (param i32) (result i32)))
    (func (export "throw") (param i32) (throw $tag (local.get 0)))
    (func (export "catch") (param i32) (result i32)
        (block $caught (result i32)
            (try_table (result i32) (catch $tag $caught) (call $host (local.get 0)))
            (return)))
    (func (export "pass") (param i32) (result i32) (call $host (local.get 0))))"#;

/// An instance whose import `host` is `host`; all tags are the same.
fn throws(
    host: impl Fn(Caller<'_, Option<Tag>>, i32) -> rwasm::Result<i32> + Send + Sync + 'static,
) -> (Store<Option<Tag>>, Instance) {
    let engine = Engine::new(Config::new().gc_zeal(true)).unwrap();
    let mut store = Store::new(&engine, None);
    let ty = TagType::new(FuncType::new(&engine, [ValType::I32], []));
    let tag = Tag::new(&mut store, &ty).unwrap();
    *store.data_mut() = Some(tag);
    let mut linker = Linker::new(&engine);
    linker.define(&store, "", "tag", tag).unwrap();
    linker.func_wrap("", "host", host).unwrap();
    let module = Module::new(&engine, THROWS).unwrap();
    let instance = linker.instantiate(&mut store, &module).unwrap();
    (store, instance)
}

fn throw(caller: &mut Caller<'_, Option<Tag>>, value: i32) -> rwasm::Result<i32> {
    let tag = caller.data().unwrap();
    let exn = ExnRef::new(&mut *caller, &tag, &[Val::I32(value)])?;
    Ok(caller.throw(exn)?)
}

#[test]
fn a_host_catches_what_a_guest_throws() {
    let (mut store, instance) = throws(|_, value| Ok(value));
    let run = instance.get_typed_func::<i32, ()>(&mut store, "throw").unwrap();
    let error = run.call(&mut store, 5).unwrap_err();
    assert!(error.is::<ThrownException>());
    assert_eq!(error.to_string(), "thrown Wasm exception");
    assert!(store.has_pending_exception());
    store.gc();
    let exn = store.take_pending_exception().unwrap();
    assert!(store.take_pending_exception().is_none());
    let tag = store.data().unwrap();
    assert!(Tag::eq(&exn.tag(&mut store).unwrap(), &tag, &store));
    assert_eq!(exn.field(&mut store, 0).unwrap().unwrap_i32(), 5);
    assert!(exn.field(&mut store, 1).is_err());
}

#[test]
fn what_a_tail_call_throws_passes_the_caller_by() {
    let engine = Engine::default();
    let mut store = Store::new(&engine, None);
    let ty = TagType::new(FuncType::new(&engine, [], []));
    let tag = Tag::new(&mut store, &ty).unwrap();
    *store.data_mut() = Some(tag);
    let mut linker = Linker::new(&engine);
    linker.define(&store, "", "tag", tag).unwrap();
    linker
        .func_wrap("", "host", |mut caller: Caller<'_, Option<Tag>>| -> rwasm::Result<()> {
            let tag = caller.data().unwrap();
            let exn = ExnRef::new(&mut caller, &tag, &[])?;
            Ok(caller.throw(exn)?)
        })
        .unwrap();
    let other = r#"(module (import "" "tag" (tag $tag)) (func (export "throws") (throw $tag)))"#;
    let other = Module::new(&engine, other).unwrap();
    let other = linker.instantiate(&mut store, &other).unwrap();
    linker.instance(&mut store, "other", other).unwrap();
    let module = Module::new(
        &engine,
        r#"(module
            (type $f (func))
            (import "" "host" (func $host))
            (import "other" "throws" (func $other))
            (table funcref (elem $host $other))
            (func $direct (param i32)
                (block $caught
                    (try_table (catch_all $caught)
                        (if (local.get 0) (then (return_call $host)))
                        (return_call $other))))
            (func $indirect (param i32)
                (block $caught
                    (try_table (catch_all $caught)
                        (return_call_indirect (type $f) (local.get 0)))))
            (func $reference (param i32)
                (block $caught
                    (try_table (catch_all $caught)
                        (return_call_ref $f (ref.cast (ref $f) (table.get (local.get 0)))))))
            (func $own (param i32)
                (block $caught
                    (try_table (catch_all $caught) (return_call $direct (local.get 0)))))
            (func (export "caught") (param i32) (result i32)
                (block $caught
                    (try_table (catch_all $caught) (call $direct (local.get 0)))
                    (return (i32.const 0)))
                (i32.const 1))
            (export "direct" (func $direct))
            (export "indirect" (func $indirect))
            (export "reference" (func $reference))
            (export "own" (func $own)))"#,
    )
    .unwrap();
    let instance = linker.instantiate(&mut store, &module).unwrap();
    for name in ["direct", "indirect", "reference", "own"] {
        let run = instance.get_typed_func::<i32, ()>(&mut store, name).unwrap();
        for callee in [0, 1] {
            let error = run.call(&mut store, callee).unwrap_err();
            assert!(error.is::<ThrownException>(), "{name} {callee}");
            store.take_pending_exception().unwrap();
        }
    }
    let caught = instance.get_typed_func::<i32, i32>(&mut store, "caught").unwrap();
    assert_eq!(caught.call(&mut store, 0).unwrap(), 1);
}

#[test]
fn a_guest_catches_what_a_host_throws() {
    let (mut store, instance) = throws(|mut caller, value| throw(&mut caller, value + 1));
    let run = instance.get_typed_func::<i32, i32>(&mut store, "catch").unwrap();
    assert_eq!(run.call(&mut store, 5).unwrap(), 6);
    assert!(!store.has_pending_exception());
}

#[test]
fn an_exception_passes_through_guest_and_host() {
    // The host calls the guest that throws, and hands on its error.
    let (mut store, instance) = throws(|mut caller, value| {
        let run = caller.get_export("throw").unwrap().into_func().unwrap();
        run.typed::<i32, ()>(&caller)?.call(&mut caller, value * 2)?;
        Ok(0)
    });
    let run = instance.get_typed_func::<i32, i32>(&mut store, "catch").unwrap();
    assert_eq!(run.call(&mut store, 5).unwrap(), 10);
    let run = instance.get_typed_func::<i32, i32>(&mut store, "pass").unwrap();
    assert!(run.call(&mut store, 6).unwrap_err().is::<ThrownException>());
    let exn = store.take_pending_exception().unwrap();
    assert_eq!(exn.field(&mut store, 0).unwrap().unwrap_i32(), 12);
}

#[test]
fn other_errors_cannot_be_caught() {
    let (mut store, instance) = throws(|_, _| Err(rwasm::format_err!("no")));
    let run = instance.get_typed_func::<i32, i32>(&mut store, "catch").unwrap();
    assert_eq!(run.call(&mut store, 5).unwrap_err().to_string(), "no");
    // Nothing was thrown.
    let (mut store, instance) = throws(|_, _| Err(ThrownException.into()));
    let run = instance.get_typed_func::<i32, i32>(&mut store, "catch").unwrap();
    assert!(run.call(&mut store, 5).is_err());
    assert!(!store.has_pending_exception());
}

#[test]
fn another_tag_of_the_same_type_is_not_caught() {
    let (mut store, instance) = throws(|mut caller, value| {
        let ty = TagType::new(FuncType::new(caller.engine(), [ValType::I32], []));
        let tag = Tag::new(&mut caller, &ty)?;
        let exn = ExnRef::new(&mut caller, &tag, &[Val::I32(value)])?;
        Ok(caller.throw(exn)?)
    });
    let run = instance.get_typed_func::<i32, i32>(&mut store, "catch").unwrap();
    assert!(run.call(&mut store, 5).unwrap_err().is::<ThrownException>());
    let tag = store.data().unwrap();
    let error = ExnRef::new(&mut store, &tag, &[Val::I64(1)]).unwrap_err();
    assert!(error.to_string().contains("type mismatch"));
}

/// `try` with `catch`, `catch_all`, `rethrow` and `delegate`. Each function is called with a number
/// that says what is thrown in it: 0 nothing, 1 `$a`, 2 `$b`.
const LEGACY: &str = r#"(module
    (tag $a (param i32)) (tag $b (param i64 externref))
    (import "" "ref" (global $ref externref))
    (func $throws (param i32)
        (if (i32.eq (local.get 0) (i32.const 1)) (then (throw $a (i32.const 10))))
        (if (i32.eq (local.get 0) (i32.const 2)) (then (throw $b (i64.const 20) (global.get $ref)))))
    (func (export "clauses") (param i32) (result i32)
        try (result i32)
            (call $throws (local.get 0))
            (i32.const 100)
        catch $a
            (i32.add (i32.const 1))
        catch $b
            (if (i32.eqz (ref.is_null)) (then (local.set 0 (i32.const 5))))
            (i32.add (i32.wrap_i64) (local.get 0))
        end)
    (func (export "all") (param i32) (result i32)
        try
            (call $throws (local.get 0))
            (return (i32.const 100))
        catch $a
            (return)
        catch_all
        end
        (i32.const 7))
    ;; What is thrown again is what was caught, also from inside of a later one.
    (func (export "rethrow") (param i32) (result i32)
        try (result i32)
            try (result i32)
                (call $throws (local.get 0))
                (i32.const 100)
            catch_all
                try
                    (throw $a (i32.const 77))
                catch $a
                    (drop)
                    (rethrow 1)
                end
                (unreachable)
            end
        catch $a
            (i32.add (i32.const 2))
        catch_all
            (i32.const 22)
        end)
    ;; The innermost block's clauses do not see it, nor those of the one that is passed over.
    (func (export "delegate") (param i32) (result i32)
        try $outer (result i32)
            try (result i32)
                try (result i32)
                    (call $throws (local.get 0))
                    (i32.const 100)
                delegate $outer
            catch_all
                (i32.const 1)
            end
        catch $a
            (i32.add (i32.const 3))
        catch_all
            (i32.const 23)
        end)
    (func (export "to_caller") (param i32) (result i32)
        try (result i32)
            try (result i32)
                (call $throws (local.get 0))
                (i32.const 100)
            delegate 1
        catch_all
            (i32.const 1)
        end))"#;

#[test]
fn legacy_exceptions_are_executed_where_they_are_asked_for() {
    for zeal in [false, true] {
        let mut config = Config::new();
        let engine = Engine::new(config.gc_zeal(zeal).wasm_legacy_exceptions(true)).unwrap();
        let module = Module::new(&engine, LEGACY).unwrap();
        let mut store = Store::new(&engine, ());
        let host = rwasm::ExternRef::new(&mut store, ()).unwrap();
        let ty = rwasm::GlobalType::new(ValType::EXTERNREF, rwasm::Mutability::Const);
        let global = rwasm::Global::new(&mut store, ty, Val::ExternRef(Some(host))).unwrap();
        let instance = Instance::new(&mut store, &module, &[global.into()]).unwrap();
        for (name, expected) in [
            ("clauses", [Some(100), Some(11), Some(25)]),
            ("all", [Some(100), Some(10), Some(7)]),
            ("rethrow", [Some(100), Some(12), Some(22)]),
            ("delegate", [Some(100), Some(13), Some(23)]),
            ("to_caller", [Some(100), None, None]),
        ] {
            let func = instance.get_typed_func::<i32, i32>(&mut store, name).unwrap();
            for (thrown, expected) in (0..).zip(expected) {
                match func.call(&mut store, thrown) {
                    Ok(result) => assert_eq!(Some(result), expected, "{name}({thrown})"),
                    Err(error) => {
                        assert!(error.is::<ThrownException>(), "{name}({thrown}): {error:?}");
                        assert_eq!(expected, None, "{name}({thrown})");
                        store.take_pending_exception().unwrap();
                    }
                }
            }
        }
    }
    let error = Module::new(&Engine::default(), LEGACY).unwrap_err();
    assert!(error.to_string().contains("needs the feature `legacy-exceptions`"), "{error}");
}
