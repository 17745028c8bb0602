//! Modules.

use rwasm::{
    Config, DecodeError, Engine, ExternType, Features, Instance, Module, Mutability, Store, ValType,
};

#[test]
fn imports_and_exports_have_types() {
    let module = Module::new(
        &Engine::default(),
        r#"(module $name
            (import "a" "f" (func (param i32)))
            (import "a" "g" (global (mut f64)))
            (memory (export "m") 1 2)
            (table (export "t") 3 externref)
            (func (export "h") (result i64) i64.const 1))"#,
    )
    .unwrap();
    assert_eq!(module.name(), Some("name"));
    let imports: Vec<_> = module.imports().map(|i| (i.module(), i.name())).collect();
    assert_eq!(imports, [("a", "f"), ("a", "g")]);
    let types: Vec<_> = module.imports().map(|import| import.ty()).collect();
    assert!(ValType::eq(&types[0].unwrap_func().param(0).unwrap(), &ValType::I32));
    assert_eq!(types[1].unwrap_global().mutability(), Mutability::Var);
    let exports: Vec<_> = module.exports().map(|export| export.name()).collect();
    assert_eq!(exports, ["m", "t", "h"]);
    let memory = module.get_export("m").unwrap();
    assert_eq!(memory.unwrap_memory().maximum(), Some(2));
    assert_eq!(module.get_export("t").unwrap().unwrap_table().minimum(), 3);
    assert!(matches!(module.get_export("h"), Some(ExternType::Func(_))));
    assert!(module.get_export("x").is_none());
}

#[test]
fn malformed_and_invalid_are_told_apart() {
    let engine = Engine::default();
    let error = Module::new(&engine, b"\0asm\x02\0\0\0").unwrap_err();
    assert!(matches!(error.downcast_ref(), Some(DecodeError::Malformed(_))), "{error:?}");
    // A function that leaves an `i64` where an `i32` is expected.
    let invalid =
        b"\0asm\x01\0\0\0\x01\x05\x01\x60\0\x01\x7f\x03\x02\x01\0\x0a\x06\x01\x04\0\x42\0\x0b";
    let error = Module::new(&engine, invalid).unwrap_err();
    assert!(matches!(error.downcast_ref(), Some(DecodeError::Invalid(_))), "{error:?}");
    assert!(Module::validate(&engine, invalid).is_err());
    assert!(Module::validate(&engine, b"\0asm\x01\0\0\0").is_ok());
}

#[test]
fn a_big_invalid_module_reports_its_first_error() {
    let mut wat = String::from("(module ");
    for i in 0..20_000 {
        let body = "(drop (i32.add (local.get 0) (i32.const 12345678)))".repeat(3);
        // Two functions name a local that they do not have.
        let bad = if i == 12_345 || i == 19_000 { "(drop (local.get 7))" } else { "" };
        wat.push_str(&format!("(func (param i32) {body}{bad})"));
    }
    wat.push(')');
    let engine = Engine::default();
    let binary = wat::parse_str(&wat).unwrap();
    assert!(binary.len() > 512 << 10);
    let error = Module::new(&engine, &binary).unwrap_err();
    let module = rwasm_parser::Module::decode(binary, &Default::default()).unwrap();
    let first = module.validate_bodies().unwrap_err();
    assert_eq!(error.downcast_ref::<DecodeError>(), Some(&first));
}

#[test]
fn features_can_be_switched_off() {
    let wat = "(module (func (result i32 i32) i32.const 1 i32.const 2))";
    assert!(Module::new(&Engine::default(), wat).is_ok());
    let engine = Engine::new(Config::new().wasm_multi_value(false)).unwrap();
    assert!(Module::new(&engine, wat).is_err());
    let engine = Engine::new(Config::new().wasm_features(Features::MULTI_VALUE, false)).unwrap();
    assert!(Module::new(&engine, wat).is_err());
}

#[test]
fn custom_sections_can_be_read() {
    let wat = r#"(module (@custom "a" "one") (@custom "b" "two") (@custom "a" "three"))"#;
    let module = Module::new(&Engine::default(), wat).unwrap();
    let sections: Vec<_> = module.custom_sections("a").collect();
    assert_eq!(sections, [&b"one"[..], b"three"]);
}

#[test]
fn a_text_error_is_an_error() {
    assert!(Module::new(&Engine::default(), "(module (func").is_err());
    assert!(Module::from_binary(&Engine::default(), b"(module)").is_err());
}

/// The third function is not valid; the first calls it if it is given something else than 0.
const ONE_IS_INVALID: &str = r#"(module
    (func (export "run") (param i32) (result i32)
        (if (local.get 0) (then (call $bad)))
        (i32.const 7))
    (func $unused)
    (func $bad (export "bad") (i32.add (local.get 9))))"#;

#[test]
fn a_function_is_validated_when_it_is_called_if_that_is_asked_for() {
    let engine = Engine::new(Config::new().lazy_validation(true)).unwrap();
    let module = Module::new(&engine, ONE_IS_INVALID).unwrap();
    let mut store = Store::new(&engine, ());
    let instance = Instance::new(&mut store, &module, &[]).unwrap();
    let run = instance.get_typed_func::<i32, i32>(&mut store, "run").unwrap();
    let bad = instance.get_typed_func::<(), ()>(&mut store, "bad").unwrap();
    for _ in 0..2 {
        assert_eq!(run.call(&mut store, 0).unwrap(), 7);
        for error in [run.call(&mut store, 1).unwrap_err(), bad.call(&mut store, ()).unwrap_err()] {
            assert!(matches!(error.downcast_ref(), Some(DecodeError::Invalid(_))), "{error:?}");
            let message = format!("{error:#}");
            assert!(message.contains("`bad`) is not valid: unknown local 9"), "{message}");
        }
    }

    // So is a start function.
    let module = Module::new(&engine, "(module (func $f (drop)) (start $f))").unwrap();
    let error = Instance::new(&mut store, &module, &[]).unwrap_err();
    assert!(matches!(error.downcast_ref(), Some(DecodeError::Invalid(_))), "{error:?}");
}

#[test]
fn a_module_with_an_invalid_function_is_refused_also_where_compiling_finds_it() {
    for (eager, lazy) in [(false, false), (true, false), (true, true)] {
        let mut config = Config::new();
        let engine = Engine::new(config.eager_compilation(eager).lazy_validation(lazy)).unwrap();
        let error = Module::new(&engine, ONE_IS_INVALID).unwrap_err();
        assert!(matches!(error.downcast_ref(), Some(DecodeError::Invalid(_))), "{error:?}");
    }
}
