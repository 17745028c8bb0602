//! Calls of guests of WASI 0.1 that are told to a tracer. How they look is in `spec-tests/cli`.

use rwasm::wasi::p1::trace::{Call, CallOutcome, Tracer, Value};
use rwasm::wasi::p1::{self, Errno};
use rwasm::wasi::{DirPerms, FilePerms, MemoryFs, SharedP1Ctx, WasiCtxBuilder, WasiP1Ctx, p0};
use rwasm::{Engine, ExternType, Linker, Module, Store, Val, ValType};
use std::fmt::Write as _;
use std::sync::{Arc, Mutex};

/// Keeps what it hears.
#[derive(Clone, Default)]
struct Heard(Arc<Mutex<Vec<Call>>>);

impl Tracer for Heard {
    fn leave(&mut self, call: Call) {
        self.0.lock().unwrap().push(call);
    }
}

impl Heard {
    fn take(&self) -> Vec<Call> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

fn context(heard: &Heard) -> WasiP1Ctx {
    let mut context = WasiCtxBuilder::new()
        .args(&["prog", "x"])
        .preopened_custom_dir(MemoryFs::new().root(), "/", DirPerms::all(), FilePerms::all())
        .build_p1();
    context.trace(heard.clone());
    context
}

macro_rules! imports {
    ($($name:ident($($param:ident: $ty:ident),*) -> $ret:ident;)*) => {
        [$((stringify!($name), concat!($("(param ", stringify!($ty), ")"),*), stringify!($ret))),*]
    };
}

/// A module with an export that calls each function of its name, all functions of `version` but those that end the run.
fn module(engine: &Engine, version: &str) -> Module {
    let functions: [(&str, &str, &str); 46] = rwasm::wasi::for_each_p1_function!(imports);
    let (mut imported, mut calling) = (String::new(), String::new());
    for (name, params, ret) in functions {
        if ret == "errno" && (version != p0::MODULE || name != "sock_accept") {
            let import = format!("(import \"{version}\" \"{name}\" (func ${name} {params}");
            write!(imported, "{import} (result i32)))").unwrap();
            write!(calling, "(func (export \"{name}\") {params} (result i32)").unwrap();
            for index in 0..params.matches("param").count() {
                write!(calling, "(local.get {index})").unwrap();
            }
            write!(calling, "(call ${name}))").unwrap();
        }
    }
    let memory = "(memory (export \"memory\") 1)";
    Module::new(engine, format!("(module {imported} {memory} {calling})")).unwrap()
}

#[test]
fn a_tracer_hears_what_calls_mean() {
    let (engine, heard) = (Engine::default(), Heard::default());
    let mut linker = Linker::new(&engine);
    p1::add_to_linker(&mut linker, |cx: &mut WasiP1Ctx| cx).unwrap();
    let mut store = Store::new(&engine, context(&heard));
    let module = module(&engine, p1::MODULE);
    let instance = linker.instantiate(&mut store, &module).unwrap();
    let memory = instance.get_memory(&mut store, "memory").unwrap();

    let sizes = instance.get_typed_func::<(i32, i32), i32>(&mut store, "args_sizes_get").unwrap();
    assert_eq!(sizes.call(&mut store, (0, 4)).unwrap(), 0);
    let unlink =
        instance.get_typed_func::<(i32, i32, i32), i32>(&mut store, "path_unlink_file").unwrap();
    memory.data_mut(&mut store)[100..104].copy_from_slice(b"a/\x1bb");
    assert_eq!(unlink.call(&mut store, (3, 100, 4)).unwrap(), 44);
    assert_eq!(unlink.call(&mut store, (3, -1, 4)).unwrap(), 21);

    let call = |name, args, outcome| Call { name, args, outcome };
    let path = Value::Bytes(b"a/\x1bb".to_vec(), 4);
    let results = vec![("argc", Value::Number(2)), ("argv_buf_size", Value::Number(7))];
    assert_eq!(
        heard.take(),
        [
            call("args_sizes_get", vec![], CallOutcome::Returned(results)),
            call(
                "path_unlink_file",
                vec![("fd", Value::Number(3)), ("path", path)],
                CallOutcome::Failed(Errno::Noent)
            ),
            call(
                "path_unlink_file",
                vec![("fd", Value::Number(3)), ("path", Value::OutOfBounds)],
                CallOutcome::Failed(Errno::Fault)
            ),
        ]
    );
}

#[test]
fn a_tracer_hears_of_older_guests_and_of_threads() {
    let (engine, heard) = (Engine::default(), Heard::default());
    let mut linker = Linker::new(&engine);
    p0::add_shared_to_linker(&mut linker, |cx: &mut SharedP1Ctx| &*cx).unwrap();
    let mut store = Store::new(&engine, SharedP1Ctx::new(context(&heard)));
    let module = module(&engine, p0::MODULE);
    let instance = linker.instantiate(&mut store, &module).unwrap();
    let seek = instance.get_typed_func::<(i32, i64, i32, i32), i32>(&mut store, "fd_seek").unwrap();
    assert_eq!(seek.call(&mut store, (1, -1, 2, 0)).unwrap(), 70);
    let calls = heard.take();
    assert_eq!(
        calls[0].args,
        [("fd", Value::Number(1)), ("offset", Value::Signed(-1)), ("whence", Value::Word("set")),]
    );
}

#[test]
fn nothing_that_a_guest_passes_disturbs_a_tracer() {
    let (engine, heard) = (Engine::default(), Heard::default());
    let mut linker = Linker::new(&engine);
    p1::add_to_linker(&mut linker, |cx: &mut WasiP1Ctx| cx).unwrap();
    p0::add_to_linker(&mut linker, |cx: &mut WasiP1Ctx| cx).unwrap();
    let mut store = Store::new(&engine, context(&heard));
    let mut seed = 1u64;
    let mut random = || {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        seed
    };
    for version in [p1::MODULE, p0::MODULE] {
        let module = module(&engine, version);
        let instance = linker.instantiate(&mut store, &module).unwrap();
        let memory = instance.get_memory(&mut store, "memory").unwrap();
        memory.data_mut(&mut store).iter_mut().for_each(|byte| *byte = random() as u8 & 0x83);
        for round in 0..100 {
            for export in module.exports() {
                // A guest that waits for what never comes would wait here too.
                let ExternType::Func(ty) = export.ty() else { continue };
                if export.name() == "poll_oneoff" && round % 10 != 0 {
                    continue;
                }
                let mut number = || match random() % 4 {
                    0 => random() % 8,
                    1 => random() % 65536,
                    2 => u64::MAX - random() % 65536,
                    _ => random(),
                };
                let mut args: Vec<Val> = ty
                    .params()
                    .map(|ty| match ty {
                        ValType::I64 => Val::I64(number() as i64),
                        _ => Val::I32(number() as i32),
                    })
                    .collect();
                if export.name() == "poll_oneoff" {
                    args[2] = Val::I32(0); // Nothing to wait for, which is an error.
                }
                let func = instance.get_func(&mut store, export.name()).unwrap();
                let before = heard.take().len();
                assert!(before <= 1);
                func.call(&mut store, &args, &mut [Val::I32(0)]).unwrap();
            }
        }
    }
}
