//! Calls between instances and the host, and what happens to frames on the way, on both backends.

use rwasm_interp::Interpreter;
use rwasm_runtime::{Dispatch, Engine, EngineConfig, Extern, Instance, Module, Store, Trap, Val};
use std::sync::Arc;

/// Runs `test` with an engine of each backend.
fn on_both(test: impl Fn(&Engine)) {
    for dispatch in [Dispatch::Tail, Dispatch::Loop] {
        let config = EngineConfig { dispatch, max_wasm_stack: 256 << 10, ..Default::default() };
        test(&Engine::with_tier(config, Arc::new(Interpreter::new())));
    }
}

fn instantiate(store: &mut Store<()>, wat: &str, imports: &[Extern]) -> Instance {
    let module = Module::new(store.engine(), wat::parse_str(wat).unwrap()).unwrap();
    Instance::new(store, &module, imports).unwrap()
}

fn call(store: &mut Store<()>, instance: Instance, name: &str, args: &[Val]) -> Result<i64, Trap> {
    let func = instance.get_func(&mut *store, name).unwrap();
    let mut results = [Val::I64(0)];
    match func.call(store, args, &mut results) {
        Ok(()) => Ok(results[0].unwrap_i64()),
        Err(error) => Err(*error.downcast_ref::<Trap>().expect("only traps end these runs")),
    }
}

/// A module with a table for the functions of two instances, and one that counts down through
/// whatever is in the table.
const TABLE: &str = r#"(module (table (export "t") 2 funcref))"#;

fn countdown(own: u32, other: u32) -> String {
    format!(
        r#"(module
            (import "m" "t" (table 2 funcref))
            (type $f (func (param i64 i64) (result i64)))
            (global $step (mut i64) (i64.const {step}))
            (elem (i32.const {own}) func $down)
            (func $down (export "down") (type $f)
                (if (i64.eqz (local.get 0)) (then (return (local.get 1))))
                (return_call_indirect (type $f)
                    (i64.sub (local.get 0) (i64.const 1))
                    (i64.add (local.get 1) (global.get $step))
                    (i32.const {other}))))"#,
        step = own + 1,
    )
}

#[test]
fn tail_calls_between_instances_take_no_stack() {
    on_both(|engine| {
        let mut store = Store::new(engine, ());
        let table = instantiate(&mut store, TABLE, &[]);
        let table = table.get_export(&mut store, "t").unwrap();
        let first = instantiate(&mut store, &countdown(0, 1), std::slice::from_ref(&table));
        instantiate(&mut store, &countdown(1, 0), std::slice::from_ref(&table));
        // Half of the steps add 1, half add 2; the globals show whose context was used.
        let args = [Val::I64(1_000_000), Val::I64(0)];
        assert_eq!(call(&mut store, first, "down", &args), Ok(1_500_000));
    });
}

#[test]
fn a_caller_has_its_context_back_after_another_instance_tail_called() {
    on_both(|engine| {
        let mut store = Store::new(engine, ());
        let table = instantiate(&mut store, TABLE, &[]);
        let table = table.get_export(&mut store, "t").unwrap();
        instantiate(&mut store, &countdown(0, 1), std::slice::from_ref(&table));
        instantiate(&mut store, &countdown(1, 0), std::slice::from_ref(&table));
        let caller = instantiate(
            &mut store,
            r#"(module
                (import "m" "t" (table 2 funcref))
                (type $f (func (param i64 i64) (result i64)))
                (global $own (mut i64) (i64.const 1000))
                (func $inner (param i64) (result i64)
                    (return_call_indirect (type $f) (local.get 0) (i64.const 0) (i32.const 1)))
                (func (export "run") (param i64) (result i64)
                    (i64.add (call $inner (local.get 0)) (global.get $own))))"#,
            std::slice::from_ref(&table),
        );
        assert_eq!(call(&mut store, caller, "run", &[Val::I64(3)]), Ok(1005));
    });
}

#[test]
fn a_memory_that_another_instance_grew_is_seen() {
    on_both(|engine| {
        let mut store = Store::new(engine, ());
        let owner = instantiate(
            &mut store,
            r#"(module (memory (export "m") 1)
                (func (export "grow") (result i64)
                    (i64.extend_i32_s (memory.grow (i32.const 1)))))"#,
            &[],
        );
        let (memory, grow) =
            (owner.get_export(&mut store, "m"), owner.get_export(&mut store, "grow"));
        let user = instantiate(
            &mut store,
            r#"(module
                (import "m" "m" (memory 1))
                (import "m" "grow" (func $grow (result i64)))
                (func (export "load") (result i64) (i64.load (i32.const 65536)))
                (func (export "run") (result i64)
                    (drop (call $grow))
                    (i64.store (i32.const 65536) (i64.const 7))
                    (i64.load (i32.const 65536))))"#,
            &[memory.unwrap(), grow.unwrap()],
        );
        assert_eq!(call(&mut store, user, "load", &[]), Err(Trap::MemoryOutOfBounds));
        assert_eq!(call(&mut store, user, "run", &[]), Ok(7));
        assert_eq!(call(&mut store, user, "load", &[]), Ok(7));
    });
}

#[test]
fn endless_recursion_exhausts_the_stack_and_leaves_the_store_usable() {
    on_both(|engine| {
        let mut store = Store::new(engine, ());
        let instance = instantiate(
            &mut store,
            r#"(module
                (func $down (export "down") (param i64) (result i64)
                    (i64.add (call $down (i64.add (local.get 0) (i64.const 1))) (i64.const 1)))
                (func (export "one") (param i64) (result i64) (i64.const 1)))"#,
            &[],
        );
        for _ in 0..3 {
            assert_eq!(
                call(&mut store, instance, "down", &[Val::I64(0)]),
                Err(Trap::StackOverflow)
            );
            assert_eq!(call(&mut store, instance, "one", &[Val::I64(0)]), Ok(1));
        }
    });
}

#[test]
fn a_large_frame_is_checked_against_the_stack() {
    // 20,000 locals each: a few frames fill the stack, and none may write beyond it.
    let locals = "i64 ".repeat(20_000);
    let wat = format!(
        r#"(module (func $f (export "f") (param i64) (result i64) (local {locals})
            (local.set 20000 (local.get 0))
            (if (result i64) (i64.eqz (local.get 0))
                (then (i64.const 0))
                (else (i64.add (local.get 20000)
                    (call $f (i64.sub (local.get 0) (i64.const 1))))))))"#
    );
    on_both(|engine| {
        let mut store = Store::new(engine, ());
        let instance = instantiate(&mut store, &wat, &[]);
        assert_eq!(call(&mut store, instance, "f", &[Val::I64(0)]), Ok(0));
        assert_eq!(call(&mut store, instance, "f", &[Val::I64(50)]), Err(Trap::StackOverflow));
    });
}

#[test]
fn a_backtrace_names_the_operator_of_every_frame() {
    on_both(|engine| {
        let mut store = Store::new(engine, ());
        let instance = instantiate(
            &mut store,
            r#"(module
                (func $trap (param i64) (result i64) (i64.div_s (i64.const 1) (local.get 0)))
                (func $middle (param i64) (result i64) nop nop (call $trap (local.get 0)))
                (func (export "run") (param i64) (result i64) (call $middle (local.get 0))))"#,
            &[],
        );
        let func = instance.get_func(&mut store, "run").unwrap();
        let error = func.call(&mut store, &[Val::I64(0)], &mut [Val::I64(0)]).unwrap_err();
        let frames: Vec<_> = error
            .backtrace()
            .expect("a trap has a backtrace")
            .frames()
            .iter()
            .map(|frame| (frame.func_index(), frame.func_offset()))
            .collect();
        // Offsets from the beginning of each body, which starts with its count of locals.
        assert_eq!(frames, [(0, Some(5)), (1, Some(5)), (2, Some(3))]);
    });
}

#[test]
fn long_copies_in_pieces_are_as_in_one() {
    // 3 MiB and a bit, overlapping either way, and one that does not fit and must write nothing.
    on_both(|engine| {
        let mut store = Store::new(engine, ());
        let instance = instantiate(
            &mut store,
            r#"(module (memory (export "m") 96)
                (func (export "copy") (param i32 i32 i32) (result i64)
                    (memory.copy (local.get 0) (local.get 1) (local.get 2)) (i64.const 1))
                (func (export "fill") (param i32 i32 i32) (result i64)
                    (memory.fill (local.get 0) (local.get 1) (local.get 2)) (i64.const 1)))"#,
            &[],
        );
        let memory = instance.get_memory(&mut store, "m").unwrap();
        let mut model: Vec<u8> = (0..96 * 65536u32).map(|i| (i * 7 + (i >> 11)) as u8).collect();
        memory.data_mut(&mut store).copy_from_slice(&model);
        let len = (3 << 20) + 5;
        for (dst, src) in [(1000, 17), (17, 1000), (0, 0), (3 << 20, 1)] {
            let (dst, src) = (dst as usize, src as usize);
            let args = [dst, src, len].map(|value| Val::I32(value as i32));
            let fits = dst + len <= model.len();
            let expected = if fits { Ok(1) } else { Err(Trap::MemoryOutOfBounds) };
            assert_eq!(call(&mut store, instance, "copy", &args), expected);
            if fits {
                model.copy_within(src..src + len, dst);
            }
            assert!(memory.data(&store) == model, "copy from {src} to {dst}");
        }
        for (dst, len, fits) in
            [(9, len, true), (4 << 20, len, false), (3, u32::MAX as usize, false)]
        {
            let args = [dst, 0xab, len].map(|value| Val::I32(value as i32));
            let expected = if fits { Ok(1) } else { Err(Trap::MemoryOutOfBounds) };
            assert_eq!(call(&mut store, instance, "fill", &args), expected);
            if fits {
                model[dst..dst + len].fill(0xab);
            }
            assert!(memory.data(&store) == model, "fill at {dst}");
        }
    });
}
