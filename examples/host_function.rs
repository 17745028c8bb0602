//! Functions of the host that a guest calls: with state, with memory, and with errors.
//!
//! Run it with `cargo run --example host_function`.

use rwasm::{Caller, Engine, Extern, Linker, Module, Result, Store};
use std::fmt;

const GUEST: &str = r#"
    (module $guest
        (import "host" "log" (func $log (param i32 i32)))
        (import "host" "withdraw" (func $withdraw (param i64) (result i64)))
        (memory (export "memory") 1)
        (data (i32.const 0) "taking 30")
        (func $spend (export "spend") (param $amount i64) (result i64)
            (call $log (i32.const 0) (i32.const 9))
            (call $withdraw (local.get $amount))))
"#;

/// What belongs to one store; host functions reach it through their [`Caller`].
#[derive(Default)]
struct Account {
    balance: i64,
    log: Vec<String>,
}

/// An error of our own, which comes back from the guest as it was.
#[derive(Debug, PartialEq)]
struct Overdrawn {
    missing: i64,
}

impl fmt::Display for Overdrawn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the account lacks {}", self.missing)
    }
}

impl std::error::Error for Overdrawn {}

fn main() -> Result<()> {
    let engine = Engine::default();
    let module = Module::new(&engine, GUEST)?;

    let mut linker: Linker<Account> = Linker::new(&engine);
    linker.func_wrap("host", "log", log)?;
    linker.func_wrap("host", "withdraw", |mut caller: Caller<'_, Account>, amount: i64| {
        let account = caller.data_mut();
        if account.balance < amount {
            return Err(Overdrawn { missing: amount - account.balance }.into());
        }
        account.balance -= amount;
        Ok(account.balance)
    })?;

    let mut store = Store::new(&engine, Account { balance: 50, log: Vec::new() });
    let instance = linker.instantiate(&mut store, &module)?;
    let spend = instance.get_typed_func::<i64, i64>(&mut store, "spend")?;

    assert_eq!(spend.call(&mut store, 30)?, 20);
    assert_eq!(store.data().log, ["taking 30"]);

    let error = spend.call(&mut store, 30).unwrap_err();
    println!("{error:?}");
    assert_eq!(error.downcast_ref::<Overdrawn>(), Some(&Overdrawn { missing: 10 }));
    let frames = error.backtrace().expect("the error passed through a guest").frames();
    assert_eq!(frames[0].func_name(), Some("spend"));
    Ok(())
}

/// Reads a string from the memory of whoever calls.
fn log(mut caller: Caller<'_, Account>, ptr: u32, len: u32) -> Result<()> {
    let Some(Extern::Memory(memory)) = caller.get_export("memory") else {
        rwasm::bail!("the guest exports no memory");
    };
    let (bytes, account) = memory.data_and_store_mut(&mut caller);
    let text = bytes.get(ptr as usize..).and_then(|bytes| bytes.get(..len as usize));
    let Some(text) = text else {
        rwasm::bail!("the guest's string is outside of its memory");
    };
    account.log.push(String::from_utf8_lossy(text).into_owned());
    Ok(())
}
