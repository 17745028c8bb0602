//! The smallest embedding: a module, an instance, a call.
//!
//! Run it with `cargo run --example hello`.

use rwasm::{Engine, Instance, Module, Result, Store};

const GUEST: &str = r#"
    (module
        (func (export "gcd") (param $a i32) (param $b i32) (result i32)
            (if (result i32) (i32.eqz (local.get $b))
                (then (local.get $a))
                (else (return_call 0
                    (local.get $b)
                    (i32.rem_u (local.get $a) (local.get $b)))))))
"#;

fn main() -> Result<()> {
    // The engine has the settings, the module is code, the store is where instances live.
    let engine = Engine::default();
    let module = Module::new(&engine, GUEST)?;
    let mut store = Store::new(&engine, ());
    let instance = Instance::new(&mut store, &module, &[])?;

    // The types of the function are checked here, once, and not in every call.
    let gcd = instance.get_typed_func::<(u32, u32), u32>(&mut store, "gcd")?;
    let answer = gcd.call(&mut store, (6_188, 4_709))?;
    println!("the greatest common divisor of 6188 and 4709 is {answer}");
    assert_eq!(answer, 17);

    // What does not fit is an error that says so.
    let error = instance.get_typed_func::<(), ()>(&mut store, "gcd").unwrap_err();
    println!("as another type: {error:#}");
    assert!(format!("{error:#}").contains("type mismatch"));
    Ok(())
}
