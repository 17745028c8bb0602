//! Hosts that call guests that call hosts.

use crate::{link, linker};
use rwasm::{AsContextMut, Caller, Instance, Store, Trap};

const BOUNCES: &str = r#"(module
    (import "host" "back" (func $back (param i32) (result i32)))
    (func (export "go") (param i32) (result i32)
        (if (result i32) (local.get 0)
            (then (i32.add (i32.const 1) (call $back (i32.sub (local.get 0) (i32.const 1)))))
            (else (i32.const 0)))))"#;

fn bouncing() -> (Store<u32>, Instance) {
    let (mut linker, mut store) = linker(0);
    linker
        .func_wrap("host", "back", |mut caller: Caller<'_, u32>, n: i32| {
            *caller.data_mut() += 1;
            let go = caller.get_export("go").unwrap().into_func().unwrap();
            let result = go.typed::<i32, i32>(&caller)?.call(&mut caller, n);
            *caller.data_mut() -= 1;
            result
        })
        .unwrap();
    let instance = link(&linker, &mut store, BOUNCES);
    (store, instance)
}

#[test]
#[cfg_attr(miri, ignore = "addresses of locals say nothing about the depth of the stack")]
fn guest_and_host_call_each_other() {
    let (mut store, instance) = bouncing();
    let go = instance.get_typed_func::<i32, i32>(&mut store, "go").unwrap();
    assert_eq!(go.call(&mut store, 50).unwrap(), 50);
    assert_eq!(*store.data(), 0);
}

#[test]
fn endless_mutual_recursion_is_stack_overflow() {
    let (mut store, instance) = bouncing();
    let go = instance.get_typed_func::<i32, i32>(&mut store, "go").unwrap();
    let error = go.call(&mut store, -1).unwrap_err();
    assert_eq!(error.downcast_ref(), Some(&Trap::StackOverflow));
    assert_eq!(*store.data(), 0);
    assert_eq!(go.call(&mut store, 50).unwrap(), 50);
}

#[test]
fn nested_calls_do_not_touch_the_frames_below() {
    let (mut linker, mut store) = linker(());
    linker
        .func_wrap("host", "clobber", |mut caller: Caller<'_, ()>, depth: i32| {
            let deep = caller.get_export("deep").unwrap().into_func().unwrap();
            deep.typed::<i32, i32>(&caller)?.call(caller.as_context_mut(), depth)
        })
        .unwrap();
    let instance = link(
        &linker,
        &mut store,
        r#"(module
            (import "host" "clobber" (func $clobber (param i32) (result i32)))
            (func $deep (export "deep") (param i32) (result i32) (local i64 i64 i64 i64)
                (local.set 1 (i64.const -1)) (local.set 2 (i64.const -1))
                (local.set 3 (i64.const -1)) (local.set 4 (i64.const -1))
                (if (result i32) (local.get 0)
                    (then (call $deep (i32.sub (local.get 0) (i32.const 1))))
                    (else (i32.const 5))))
            (func (export "run") (param i32) (result i32)
                (local i32 i32)
                (local.set 1 (i32.const 100))
                (local.set 2 (i32.const 1000))
                (i32.const 10000)
                (i32.const 100000)
                (call $clobber (local.get 0))
                i32.add i32.add
                (i32.add (local.get 1) (local.get 2))
                i32.add))"#,
    );
    let run = instance.get_typed_func::<i32, i32>(&mut store, "run").unwrap();
    for depth in [0, 1, 100] {
        assert_eq!(run.call(&mut store, depth).unwrap(), 111_105);
    }
}

#[test]
fn a_host_function_can_instantiate() {
    let (mut linker, mut store) = linker(None::<rwasm::Module>);
    let module = rwasm::Module::new(
        store.engine(),
        r#"(module (func (export "seven") (result i32) i32.const 7))"#,
    )
    .unwrap();
    *store.data_mut() = Some(module);
    linker
        .func_wrap("host", "load", |mut caller: Caller<'_, Option<rwasm::Module>>| {
            let module = caller.data().clone().unwrap();
            let instance = Instance::new(&mut caller, &module, &[])?;
            instance.get_typed_func::<(), i32>(&mut caller, "seven")?.call(&mut caller, ())
        })
        .unwrap();
    let instance = link(
        &linker,
        &mut store,
        r#"(module (import "host" "load" (func $load (result i32)))
            (func (export "run") (result i32) (i32.add (call $load) (call $load))))"#,
    );
    let run = instance.get_typed_func::<(), i32>(&mut store, "run").unwrap();
    assert_eq!(run.call(&mut store, ()).unwrap(), 14);
}
