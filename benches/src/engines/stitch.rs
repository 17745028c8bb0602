//! makepad-stitch 0.1: no vectors, no tail calls, no resumption, no limits; some of its results are
//! wrong and some kernels crash it, so it is tried in another process first.

use super::{HOST_CALLS, HostCall, Kernel, Peer, Work};
use crate::{Result, text};
use makepad_stitch::{Engine, Func, Linker, Module, Store, Val};
use std::hint::black_box;
use std::sync::Arc;

/// Stitch, which has no settings.
#[derive(Clone, Copy, Debug)]
pub struct Stitch;

impl Peer for Stitch {
    fn name(&self) -> &'static str {
        "stitch"
    }

    fn fragile(&self) -> bool {
        true
    }

    fn kernel(&self, wasm: &[u8]) -> Result<Kernel> {
        let engine = Engine::new();
        let module = Module::new(&engine, wasm).map_err(text)?;
        let mut store = Store::new(engine);
        let instance = Linker::new().instantiate(&mut store, &module).map_err(text)?;
        let run = instance.exported_func("run").ok_or("no export `run`")?;
        Ok(Box::new(move |n| {
            let mut results = [Val::I64(0)];
            run.call(&mut store, &[Val::I32(n)], &mut results).map_err(text)?;
            results[0].to_i64().ok_or_else(|| "a result of another type".into())
        }))
    }

    fn compile(&self, wasm: &Arc<[u8]>) -> Result<()> {
        let module = Module::new(&Engine::new(), wasm).map_err(text)?;
        black_box(module);
        Ok(())
    }

    fn start(&self, wasm: &Arc<[u8]>) -> Result<()> {
        self.kernel(wasm)?(1).map(|_| ())
    }

    fn instantiate(&self, wasm: &[u8]) -> Result<Work> {
        let engine = Engine::new();
        let module = Module::new(&engine, wasm).map_err(text)?;
        let linker = Linker::new();
        Ok(Box::new(move || {
            let mut store = Store::new(engine.clone());
            black_box(linker.instantiate(&mut store, &module).expect("it is known to work"));
        }))
    }

    fn host_calls(&self, wasm: &[u8], which: HostCall) -> Result<Work> {
        let engine = Engine::new();
        let module = Module::new(&engine, wasm).map_err(text)?;
        let mut store = Store::new(engine);
        let mut linker = Linker::new();
        let none = Func::wrap(&mut store, || {});
        let four = Func::wrap(&mut store, |a: i32, b: i64, c: f64, d: i32| {
            b + i64::from(a) + c as i64 + i64::from(d)
        });
        linker.define("host", "none", none);
        linker.define("host", "four", four);
        let instance = linker.instantiate(&mut store, &module).map_err(text)?;
        let func = instance.exported_func(which.export()).ok_or("no such export")?;
        Ok(match which {
            HostCall::GuestToHostNone | HostCall::GuestToHostFour => Box::new(move || {
                let mut results = [Val::I64(0)];
                func.call(&mut store, &[Val::I32(HOST_CALLS)], &mut results)
                    .expect("it does not trap");
                assert_eq!(results[0].to_i64(), Some(which.sum()));
            }),
            HostCall::HostToGuestNone => Box::new(move || {
                for _ in 0..HOST_CALLS {
                    func.call(&mut store, &[], &mut []).expect("it does not trap");
                }
            }),
            HostCall::HostToGuestFour => Box::new(move || {
                let mut sum = [Val::I64(0)];
                for n in 0..HOST_CALLS {
                    let params = [Val::I32(n), sum[0], Val::F64(0.5), Val::I32(3)];
                    func.call(&mut store, &params, &mut sum).expect("it does not trap");
                }
                assert_eq!(sum[0].to_i64(), Some(which.sum()));
            }),
        })
    }
}
