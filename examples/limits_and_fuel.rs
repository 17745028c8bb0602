//! Four limits for guests that nobody trusts: memory, fuel, a deadline, and the depth of calls.
//!
//! Run it with `cargo run --example limits_and_fuel`.

use rwasm::{
    Config, Engine, Instance, Module, Result, Store, StoreLimits, StoreLimitsBuilder, Trap,
};
use std::thread;
use std::time::{Duration, Instant};

const GUEST: &str = r#"
    (module
        (memory 1)
        (func (export "grow") (param $pages i32) (result i32)
            (memory.grow (local.get $pages)))
        (func (export "spin") (loop (br 0)))
        (func $dive (export "dive") (call $dive)))
"#;

fn main() -> Result<()> {
    memory()?;
    fuel()?;
    deadline()?;
    depth()
}

/// A guest that asks for too much memory is told no, as the specification has it.
fn memory() -> Result<()> {
    let engine = Engine::default();
    let limits = StoreLimitsBuilder::new().memory_size(1 << 20).instances(1).build();
    let mut store: Store<StoreLimits> = Store::new(&engine, limits);
    store.limiter(|limits| limits);
    let instance = Instance::new(&mut store, &Module::new(&engine, GUEST)?, &[])?;
    let grow = instance.get_typed_func::<i32, i32>(&mut store, "grow")?;
    assert_eq!(grow.call(&mut store, 15)?, 1);
    assert_eq!(grow.call(&mut store, 1)?, -1);
    println!("memory: held at 1 MiB");
    Ok(())
}

/// Fuel counts what a guest executes, the same on every machine and in every run.
fn fuel() -> Result<()> {
    let engine = Engine::new(Config::new().consume_fuel(true))?;
    let mut store = Store::new(&engine, ());
    store.set_fuel(1_000_000)?;
    let instance = Instance::new(&mut store, &Module::new(&engine, GUEST)?, &[])?;
    let spin = instance.get_typed_func::<(), ()>(&mut store, "spin")?;
    let error = spin.call(&mut store, ()).unwrap_err();
    println!("fuel: {error}");
    assert_eq!(error.downcast_ref(), Some(&Trap::OutOfFuel));
    Ok(())
}

/// The epoch is cheaper than fuel, and ends a run by the clock.
fn deadline() -> Result<()> {
    let engine = Engine::new(Config::new().epoch_interruption(true))?;
    let mut store = Store::new(&engine, ());
    store.set_epoch_deadline(1);
    let instance = Instance::new(&mut store, &Module::new(&engine, GUEST)?, &[])?;
    let spin = instance.get_typed_func::<(), ()>(&mut store, "spin")?;

    let start = Instant::now();
    let ticker = thread::spawn(move || {
        thread::sleep(Duration::from_millis(20));
        engine.increment_epoch();
    });
    let error = spin.call(&mut store, ()).unwrap_err();
    println!("deadline: {error} after {:?}", start.elapsed());
    assert_eq!(error.downcast_ref(), Some(&Trap::Interrupt));
    ticker.join().expect("the ticker does not panic");
    Ok(())
}

/// Frames of guests live on a stack of their own, which is as large as you say.
fn depth() -> Result<()> {
    let engine = Engine::new(Config::new().max_wasm_stack(64 << 10))?;
    let mut store = Store::new(&engine, ());
    let instance = Instance::new(&mut store, &Module::new(&engine, GUEST)?, &[])?;
    let dive = instance.get_typed_func::<(), ()>(&mut store, "dive")?;
    let error = dive.call(&mut store, ()).unwrap_err();
    println!("depth: {error}");
    assert_eq!(error.downcast_ref(), Some(&Trap::StackOverflow));
    Ok(())
}
