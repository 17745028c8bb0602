//! Reading, writing and growing a guest's memory.
//!
//! Run it with `cargo run --example memory_access`.

use rwasm::{Engine, Instance, Module, Result, Store};

const GUEST: &str = r#"
    (module
        (memory (export "memory") 1 3)
        (data (i32.const 16) "\01\02\03\04")
        (func (export "sum") (param $at i32) (param $len i32) (result i32)
            (local $sum i32)
            (block $done
                (loop $next
                    (br_if $done (i32.eqz (local.get $len)))
                    (local.set $sum
                        (i32.add (local.get $sum) (i32.load8_u (local.get $at))))
                    (local.set $at (i32.add (local.get $at) (i32.const 1)))
                    (local.set $len (i32.sub (local.get $len) (i32.const 1)))
                    (br $next)))
            (local.get $sum)))
"#;

fn main() -> Result<()> {
    let engine = Engine::default();
    let module = Module::new(&engine, GUEST)?;
    let mut store = Store::new(&engine, ());
    let instance = Instance::new(&mut store, &module, &[])?;
    let sum = instance.get_typed_func::<(u32, u32), u32>(&mut store, "sum")?;
    let memory = instance.get_memory(&mut store, "memory").expect("the guest exports it");

    // The bytes are a slice for as long as the store is borrowed.
    assert_eq!(memory.data(&store)[16..20], [1, 2, 3, 4]);
    memory.data_mut(&mut store)[100..103].copy_from_slice(&[10, 20, 30]);
    assert_eq!(sum.call(&mut store, (100, 3))?, 60);

    // `read` and `write` check the bounds.
    memory.write(&mut store, 200, b"hi")?;
    let mut back = [0; 2];
    memory.read(&store, 200, &mut back)?;
    assert_eq!(&back, b"hi");
    assert!(memory.read(&store, (64 << 10) - 1, &mut back).is_err());

    // Host and guest see the same memory grow, up to what its type allows.
    let trap = sum.call(&mut store, (64 << 10, 1)).unwrap_err();
    println!("before growing: {trap}");
    assert_eq!(memory.grow(&mut store, 2)?, 1);
    assert_eq!(memory.data_size(&store), 3 * (64 << 10));
    assert_eq!(sum.call(&mut store, (64 << 10, 1))?, 0);
    assert!(memory.grow(&mut store, 1).is_err());
    println!("the memory has {} pages", memory.size(&store));
    Ok(())
}
