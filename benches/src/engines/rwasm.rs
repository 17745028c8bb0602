//! Our interpreter.

use super::{HOST_CALLS, HostCall, Kernel, Peer, Work};
use crate::{Result, text};
use rwasm::{Config, Dispatch, Engine, Instance, Linker, Module, Store};
use std::hint::black_box;
use std::sync::Arc;

/// rwasm with its settings.
#[derive(Clone, Copy, Debug)]
pub struct Rwasm {
    name: &'static str,
    dispatch: Dispatch,
    eager: bool,
    lazy_validation: bool,
}

impl Rwasm {
    /// As it comes.
    pub const TAIL: Rwasm =
        Rwasm { name: "rwasm", dispatch: Dispatch::Auto, eager: false, lazy_validation: false };
    /// With the portable backend.
    pub const LOOP: Rwasm = Rwasm { name: "rwasm-loop", dispatch: Dispatch::Loop, ..Rwasm::TAIL };
    /// With all functions compiled at once.
    pub const EAGER: Rwasm = Rwasm { name: "rwasm-eager", eager: true, ..Rwasm::TAIL };
    /// With functions validated when they are first called.
    pub const LAZY: Rwasm = Rwasm { name: "rwasm-lazy", lazy_validation: true, ..Rwasm::TAIL };

    fn engine(self) -> Result<Engine> {
        let mut config = Config::new();
        config.dispatch(self.dispatch).eager_compilation(self.eager);
        config.lazy_validation(self.lazy_validation);
        config.max_wasm_stack(64 << 20);
        Engine::new(&config).map_err(text)
    }
}

impl Peer for Rwasm {
    fn name(&self) -> &'static str {
        self.name
    }

    fn kernel(&self, wasm: &[u8]) -> Result<Kernel> {
        let engine = self.engine()?;
        let module = Module::new(&engine, wasm).map_err(text)?;
        let mut store = Store::new(&engine, ());
        let instance = Instance::new(&mut store, &module, &[]).map_err(text)?;
        let run = instance.get_typed_func::<i32, i64>(&mut store, "run").map_err(text)?;
        Ok(Box::new(move |n| run.call(&mut store, n).map_err(text)))
    }

    fn compile(&self, wasm: &Arc<[u8]>) -> Result<()> {
        let engine = self.engine()?;
        let module = Module::from_owned_binary(&engine, wasm.clone()).map_err(text)?;
        black_box(module);
        Ok(())
    }

    fn start(&self, wasm: &Arc<[u8]>) -> Result<()> {
        let engine = self.engine()?;
        let module = Module::from_owned_binary(&engine, wasm.clone()).map_err(text)?;
        let mut linker = Linker::new(&engine);
        linker.define_unknown_imports_as_traps(&module).map_err(text)?;
        let mut store = Store::new(&engine, ());
        let instance = linker.instantiate(&mut store, &module).map_err(text)?;
        if let Ok(run) = instance.get_typed_func::<i32, i64>(&mut store, "run") {
            return run.call(&mut store, 1).map(|_| ()).map_err(text);
        }
        let start = instance.get_typed_func::<(), ()>(&mut store, "_start").map_err(text)?;
        match start.call(&mut store, ()) {
            Ok(()) => Err("`_start` returned without a call of the host".into()),
            Err(_) => Ok(()),
        }
    }

    fn instantiate(&self, wasm: &[u8]) -> Result<Work> {
        let engine = self.engine()?;
        let module = Module::new(&engine, wasm).map_err(text)?;
        let linker = Linker::<()>::new(&engine);
        Ok(Box::new(move || {
            let mut store = Store::new(&engine, ());
            black_box(linker.instantiate(&mut store, &module).expect("it is known to work"));
        }))
    }

    fn host_calls(&self, wasm: &[u8], which: HostCall) -> Result<Work> {
        let engine = self.engine()?;
        let module = Module::new(&engine, wasm).map_err(text)?;
        let mut linker = Linker::<()>::new(&engine);
        linker.func_wrap("host", "none", || {}).map_err(text)?;
        linker
            .func_wrap("host", "four", |a: i32, b: i64, c: f64, d: i32| {
                b + i64::from(a) + c as i64 + i64::from(d)
            })
            .map_err(text)?;
        let mut store = Store::new(&engine, ());
        let instance = linker.instantiate(&mut store, &module).map_err(text)?;
        Ok(match which {
            HostCall::GuestToHostNone | HostCall::GuestToHostFour => {
                let name = which.export();
                let run = instance.get_typed_func::<i32, i64>(&mut store, name).map_err(text)?;
                Box::new(move || {
                    let sum = run.call(&mut store, HOST_CALLS).expect("it does not trap");
                    assert_eq!(sum, which.sum());
                })
            }
            HostCall::HostToGuestNone => {
                let leaf = instance.get_typed_func::<(), ()>(&mut store, which.export());
                let leaf = leaf.map_err(text)?;
                Box::new(move || {
                    for _ in 0..HOST_CALLS {
                        leaf.call(&mut store, ()).expect("it does not trap");
                    }
                })
            }
            HostCall::HostToGuestFour => {
                let leaf = instance
                    .get_typed_func::<(i32, i64, f64, i32), i64>(&mut store, which.export());
                let leaf = leaf.map_err(text)?;
                Box::new(move || {
                    let mut sum = 0;
                    for n in 0..HOST_CALLS {
                        sum = leaf.call(&mut store, (n, sum, 0.5, 3)).expect("it does not trap");
                    }
                    assert_eq!(sum, which.sum());
                })
            }
        })
    }
}
