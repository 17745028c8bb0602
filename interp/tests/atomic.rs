//! Atomic operators where the testsuite says nothing.

use rwasm_interp::Interpreter;
use rwasm_runtime::{Dispatch, Engine, EngineConfig, Instance, Module, Store, Val};
use std::sync::Arc;

/// The operators' cells are narrower than their operands; they are all ones at first.
const NARROW: &[(&str, &str, i64)] = &[
    ("i32", "rmw8", 0xff),
    ("i32", "rmw16", 0xffff),
    ("i64", "rmw8", 0xff),
    ("i64", "rmw16", 0xffff),
    ("i64", "rmw32", 0xffff_ffff),
];

#[test]
fn what_is_expected_of_a_narrow_cell_is_wrapped() {
    for dispatch in [Dispatch::Tail, Dispatch::Loop] {
        let config = EngineConfig { dispatch, ..Default::default() };
        let engine = Engine::with_tier(config, Arc::new(Interpreter::new()));
        for &(ty, width, cell) in NARROW {
            let wat = format!(
                r#"(module
                    (memory 1)
                    (data (i32.const 0) "\ff\ff\ff\ff\ff\ff\ff\ff")
                    (func (export "f") (result {ty} {ty} i64)
                        ({ty}.atomic.{width}.cmpxchg_u
                            (i32.const 0) ({ty}.const -1) ({ty}.const 0x12345678))
                        ({ty}.atomic.{width}.cmpxchg_u
                            (i32.const 0) ({ty}.const 0x12345679) ({ty}.const 0))
                        (i64.load (i32.const 0))))"#
            );
            let mut store = Store::new(&engine, ());
            let module = Module::new(&engine, wat::parse_str(wat).unwrap()).unwrap();
            let instance = Instance::new(&mut store, &module, &[]).unwrap();
            let func = instance.get_func(&mut store, "f").unwrap();
            let mut results = [Val::I32(0); 3];
            func.call(&mut store, &[], &mut results).unwrap();
            let results = results.map(|val| match val {
                Val::I32(value) => i64::from(value),
                val => val.unwrap_i64(),
            });
            let new = 0x1234_5678 & cell;
            assert_eq!(results, [cell, new, !cell | new], "{ty} {width}");
        }
    }
}
