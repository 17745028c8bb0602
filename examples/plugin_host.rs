//! A host for plugins: loads a module, hands it events as bytes in its own memory, and takes the
//! answers from there. What a plugin may use up is limited, and a plugin that fails does no harm.
//!
//! Run it with `cargo run --example plugin_host`.

use rwasm::{
    Caller, Config, Engine, Extern, Linker, Memory, Module, Result, Store, StoreLimits,
    StoreLimitsBuilder, Trap, TypedFunc,
};

/// What an event may cost.
const FUEL: u64 = 100_000;

/// What the host keeps for each plugin.
struct State {
    name: String,
    limits: StoreLimits,
    log: Vec<String>,
}

/// A plugin, ready for events.
struct Plugin {
    store: Store<State>,
    memory: Memory,
    allocate: TypedFunc<u32, u32>,
    reset: TypedFunc<(), ()>,
    process_event: TypedFunc<(u32, u32), (u32, u32)>,
}

impl Plugin {
    fn load(linker: &Linker<State>, name: &str, module: &Module) -> Result<Plugin> {
        let limits = StoreLimitsBuilder::new().memory_size(1 << 20).build();
        let state = State { name: name.into(), limits, log: Vec::new() };
        let mut store = Store::new(linker.engine(), state);
        store.limiter(|state| &mut state.limits);
        store.set_fuel(FUEL)?;
        let instance = linker.instantiate(&mut store, module)?;
        let Some(memory) = instance.get_memory(&mut store, "memory") else {
            rwasm::bail!("the plugin `{name}` exports no memory");
        };
        Ok(Plugin {
            memory,
            allocate: instance.get_typed_func(&mut store, "allocate")?,
            reset: instance.get_typed_func(&mut store, "reset")?,
            process_event: instance.get_typed_func(&mut store, "processEvent")?,
            store,
        })
    }

    /// Hands an event to the plugin and returns its answer.
    fn process_event(&mut self, event: &[u8]) -> Result<Vec<u8>> {
        self.store.set_fuel(FUEL)?;
        let len = u32::try_from(event.len())?;
        let ptr = self.allocate.call(&mut self.store, len)?;
        // The plugin chose the address, so it may be wrong: `write` and `get` check it.
        self.memory.write(&mut self.store, ptr as usize, event)?;
        let (ptr, len) = self.process_event.call(&mut self.store, (ptr, len))?;
        let bytes = self.memory.data(&self.store);
        let answer = bytes.get(ptr as usize..).and_then(|bytes| bytes.get(..len as usize));
        let Some(answer) = answer.map(<[u8]>::to_vec) else {
            rwasm::bail!("the plugin's answer is outside of its memory");
        };
        self.reset.call(&mut self.store, ())?;
        Ok(answer)
    }
}

fn main() -> Result<()> {
    let engine = Engine::new(Config::new().consume_fuel(true))?;
    let mut linker: Linker<State> = Linker::new(&engine);
    linker.func_wrap("host", "log", |mut caller: Caller<'_, State>, ptr: u32, len: u32| {
        let Some(Extern::Memory(memory)) = caller.get_export("memory") else {
            rwasm::bail!("a plugin that logs exports its memory");
        };
        let mut text = vec![0; len as usize];
        memory.read(&caller, ptr as usize, &mut text)?;
        let line = format!("{}: {}", caller.data().name, String::from_utf8_lossy(&text));
        println!("{line}");
        caller.data_mut().log.push(line);
        Ok(())
    })?;

    // A module is compiled once; every plugin made of it has a store of its own.
    let module = Module::new(&engine, include_str!("guests/plugin.wat"))?;
    let mut first = Plugin::load(&linker, "first", &module)?;
    let mut second = Plugin::load(&linker, "second", &module)?;
    for event in ["key pressed: a", "window closed"] {
        let answer = first.process_event(event.as_bytes())?;
        println!("{event} -> {}", String::from_utf8_lossy(&answer));
        assert_eq!(answer, event.to_uppercase().as_bytes());
    }
    assert_eq!(second.process_event(&[b'x'; 101])?, b"");
    assert_eq!(second.store.data().log, ["second: event too long"]);
    assert!(first.store.data().log.is_empty());

    // A plugin that never ends costs its fuel, and the host goes on.
    let endless = Module::new(
        &engine,
        r#"(module
            (memory (export "memory") 1)
            (func (export "allocate") (param i32) (result i32) (i32.const 0))
            (func (export "reset"))
            (func (export "processEvent") (param i32 i32) (result i32 i32)
                (loop (br 0)) (unreachable)))"#,
    )?;
    let error = Plugin::load(&linker, "endless", &endless)?.process_event(b"hello").unwrap_err();
    println!("endless: {error}");
    assert_eq!(error.downcast_ref(), Some(&Trap::OutOfFuel));
    Ok(())
}
