//! Many guests take turns on one thread: each run stops when its slice of fuel is used up, and goes
//! on where it stood.
//!
//! Run it with `cargo run --example execution_slices`.

use rwasm::{
    Caller, Config, Engine, Execution, Linker, Module, Progress, Result, Store, Suspend,
    Suspension, Val,
};

const GUEST: &str = r#"
    (module $guest
        (import "host" "next_number" (func $next_number (result i64)))
        (func $sum_to (export "sum_to") (param $n i64) (result i64)
            (local $sum i64)
            (loop $again
                (local.set $sum (i64.add (local.get $sum) (local.get $n)))
                (local.set $n (i64.sub (local.get $n) (i64.const 1)))
                (br_if $again (i64.ne (local.get $n) (i64.const 0))))
            (local.get $sum))
        (func $add_two (export "add_two") (result i64)
            (i64.add (call $next_number) (call $next_number))))
"#;

fn main() -> Result<()> {
    let engine = Engine::new(Config::new().consume_fuel(true))?;
    let module = Module::new(&engine, GUEST)?;
    let mut linker: Linker<()> = Linker::new(&engine);
    // A host function that cannot answer yet suspends the run that called it.
    linker.func_wrap("host", "next_number", |_: Caller<'_, ()>| -> Result<i64> {
        Err(Suspend.into())
    })?;
    let mut store = Store::new(&engine, ());
    let instance = linker.instantiate(&mut store, &module)?;

    // Three runs in one instance, each on a stack of its own.
    let sum_to = instance.get_func(&mut store, "sum_to").expect("the guest exports it");
    let mut runs = Vec::new();
    for n in [10, 20_000, 1_000] {
        runs.push((n, 0, Execution::new(&mut store, &sum_to, &[Val::I64(n)])?));
    }
    while !runs.is_empty() {
        let mut unfinished = Vec::new();
        for (n, slices, mut run) in runs {
            store.set_fuel(10_000)?;
            match run.resume(&mut store)? {
                Progress::Returned(results) => {
                    println!("the sum to {n}, in slices: {}", slices + 1);
                    assert_eq!(results[0].unwrap_i64(), n * (n + 1) / 2);
                }
                Progress::Suspended(why) => {
                    assert_eq!(why, Suspension::OutOfFuel);
                    unfinished.push((n, slices + 1, run));
                }
            }
        }
        runs = unfinished;
    }

    // A run that waits for the host: it stands in the middle of a call until it gets the result.
    let add_two = instance.get_func(&mut store, "add_two").expect("the guest exports it");
    let mut run = Execution::new(&mut store, &add_two, &[])?;
    let mut progress = run.resume(&mut store)?;
    for number in [40, 2] {
        assert!(matches!(progress, Progress::Suspended(Suspension::Host)));
        println!("{}", run.backtrace(&store));
        progress = run.resume_with(&mut store, &[Val::I64(number)])?;
    }
    let Progress::Returned(results) = progress else { unreachable!("it asked twice") };
    println!("40 and 2 add up to {}", results[0].unwrap_i64());
    assert_eq!(results[0].unwrap_i64(), 42);
    Ok(())
}
