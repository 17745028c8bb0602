//! Functions whose code would be out of all proportion to their bodies are declined.

use rwasm_interp::Interpreter;
use rwasm_runtime::{Engine, EngineConfig, Instance, Module, Store};
use std::sync::Arc;

/// What the first call of the function in `wat` says.
fn first_call(wat: &str) -> String {
    let engine = Engine::with_tier(EngineConfig::default(), Arc::new(Interpreter::new()));
    let mut store = Store::new(&engine, ());
    let module = Module::new(&engine, wat::parse_str(wat).unwrap()).unwrap();
    let instance = Instance::new(&mut store, &module, &[]).unwrap();
    let func = instance.get_func(&mut store, "f").unwrap();
    format!("{:#}", func.call(&mut store, &[], &mut []).unwrap_err())
}

/// A module whose one function is `body`; `$t` gives a thousand results, `$p` takes as many.
fn module(body: &str) -> String {
    let types = " i32".repeat(1000);
    format!(
        r#"(module (type $t (func (result{types}))) (type $p (func (param{types})))
            (tag $e (type $p)) (func (export "f") {body}))"#
    )
}

const VALUES: &str = "i32.const 1 ";
const TOO_LARGE: &str = "too many operands";

#[test]
fn many_branches_with_many_operands() {
    let (values, drops) = (VALUES.repeat(1000), "drop ".repeat(1000));
    let branches = "i32.const 0 br_if 0 ".repeat(20_000);
    let body = format!("(block (type $t) i32.const 7 {values} {branches} br 0) {drops}");
    assert!(first_call(&module(&body)).contains(TOO_LARGE));
}

#[test]
fn one_table_with_many_labels() {
    let values = VALUES.repeat(1000);
    let labels: String = (0..3000).map(|label| format!("{label} ")).collect();
    let opened = "block (type $t) i32.const 7 ".repeat(3000);
    let closed = "end unreachable ".repeat(3000);
    let body = format!("{opened} {values} i32.const 0 br_table {labels} 0 {closed}");
    assert!(first_call(&module(&body)).contains(TOO_LARGE));
}

#[test]
fn one_block_with_many_clauses() {
    let drops = "drop ".repeat(1000);
    let clauses = "(catch $e 0) ".repeat(3000);
    let body = format!("(block (type $t) i32.const 7 (try_table {clauses}) unreachable) {drops}");
    assert!(first_call(&module(&body)).contains(TOO_LARGE));
}
