//! wasmi 2.0.

use super::{HOST_CALLS, HostCall, Kernel, Peer, Work};
use crate::{Result, text};
use std::hint::black_box;
use std::sync::Arc;
use wasmi::{CompilationMode, Config, Engine, Error, ExternType, Linker, Module, Store};

/// wasmi with its settings.
#[derive(Clone, Copy, Debug)]
pub struct Wasmi {
    name: &'static str,
    mode: CompilationMode,
}

impl Wasmi {
    /// With all functions validated and translated at once, as it comes.
    pub const EAGER: Wasmi = Wasmi { name: "wasmi", mode: CompilationMode::Eager };
    /// With all functions validated at once and translated when they are first called, as rwasm
    /// does.
    pub const LAZY_TRANSLATION: Wasmi =
        Wasmi { name: "wasmi-lazy-translation", mode: CompilationMode::LazyTranslation };
    /// With functions validated and translated when they are first called.
    pub const LAZY: Wasmi = Wasmi { name: "wasmi-lazy", mode: CompilationMode::Lazy };

    fn engine(self) -> Engine {
        let mut config = Config::default();
        config.compilation_mode(self.mode);
        config.set_max_recursion_depth(1 << 20).set_max_stack_height(64 << 20);
        Engine::new(&config)
    }
}

impl Peer for Wasmi {
    fn name(&self) -> &'static str {
        self.name
    }

    fn kernel(&self, wasm: &[u8]) -> Result<Kernel> {
        let engine = self.engine();
        let module = Module::new(&engine, wasm).map_err(text)?;
        let mut store = Store::new(&engine, ());
        let instance = Linker::new(&engine).instantiate_and_start(&mut store, &module);
        let instance = instance.map_err(text)?;
        let run = instance.get_typed_func::<i32, i64>(&store, "run").map_err(text)?;
        Ok(Box::new(move |n| run.call(&mut store, n).map_err(text)))
    }

    fn compile(&self, wasm: &Arc<[u8]>) -> Result<()> {
        let module = Module::new(&self.engine(), wasm).map_err(text)?;
        black_box(module);
        Ok(())
    }

    fn start(&self, wasm: &Arc<[u8]>) -> Result<()> {
        let engine = self.engine();
        let module = Module::new(&engine, wasm).map_err(text)?;
        let mut linker = Linker::new(&engine);
        // Some modules import a function twice.
        linker.allow_shadowing(true);
        for import in module.imports() {
            let ExternType::Func(ty) = import.ty() else { continue };
            let fail = |_: wasmi::Caller<'_, ()>, _: &[wasmi::Val], _: &mut [wasmi::Val]| {
                Err(Error::new("an import that is not there"))
            };
            linker.func_new(import.module(), import.name(), ty.clone(), fail).map_err(text)?;
        }
        let mut store = Store::new(&engine, ());
        let instance = linker.instantiate_and_start(&mut store, &module).map_err(text)?;
        if let Ok(run) = instance.get_typed_func::<i32, i64>(&store, "run") {
            return run.call(&mut store, 1).map(|_| ()).map_err(text);
        }
        let start = instance.get_typed_func::<(), ()>(&store, "_start").map_err(text)?;
        match start.call(&mut store, ()) {
            Ok(()) => Err("`_start` returned without a call of the host".into()),
            Err(_) => Ok(()),
        }
    }

    fn instantiate(&self, wasm: &[u8]) -> Result<Work> {
        let engine = self.engine();
        let module = Module::new(&engine, wasm).map_err(text)?;
        let linker = Linker::<()>::new(&engine);
        Ok(Box::new(move || {
            let mut store = Store::new(&engine, ());
            let instance = linker.instantiate_and_start(&mut store, &module);
            black_box(instance.expect("it is known to work"));
        }))
    }

    fn host_calls(&self, wasm: &[u8], which: HostCall) -> Result<Work> {
        let engine = self.engine();
        let module = Module::new(&engine, wasm).map_err(text)?;
        let mut linker = Linker::<()>::new(&engine);
        linker.func_wrap("host", "none", || {}).map_err(text)?;
        linker
            .func_wrap("host", "four", |a: i32, b: i64, c: f64, d: i32| {
                b + i64::from(a) + c as i64 + i64::from(d)
            })
            .map_err(text)?;
        let mut store = Store::new(&engine, ());
        let instance = linker.instantiate_and_start(&mut store, &module).map_err(text)?;
        Ok(match which {
            HostCall::GuestToHostNone | HostCall::GuestToHostFour => {
                let run = instance.get_typed_func::<i32, i64>(&store, which.export());
                let run = run.map_err(text)?;
                Box::new(move || {
                    let sum = run.call(&mut store, HOST_CALLS).expect("it does not trap");
                    assert_eq!(sum, which.sum());
                })
            }
            HostCall::HostToGuestNone => {
                let leaf = instance.get_typed_func::<(), ()>(&store, which.export());
                let leaf = leaf.map_err(text)?;
                Box::new(move || {
                    for _ in 0..HOST_CALLS {
                        leaf.call(&mut store, ()).expect("it does not trap");
                    }
                })
            }
            HostCall::HostToGuestFour => {
                let leaf =
                    instance.get_typed_func::<(i32, i64, f64, i32), i64>(&store, which.export());
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
