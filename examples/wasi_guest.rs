//! Running a WASI program: what it is given, what it is not, and how it ends.
//!
//! Run it with `cargo run --example wasi_guest`.

use rwasm::wasi::p1::{self, I32Exit, WasiP1Ctx};
use rwasm::wasi::{DirPerms, FilePerms, MemoryOutputPipe, WasiCtxBuilder};
use rwasm::{Engine, Linker, Module, Result, Store};

fn main() -> Result<()> {
    let engine = Engine::default();
    // It writes the file that its first argument names to its standard output.
    let module = Module::new(&engine, include_str!("guests/cat.wat"))?;
    let mut linker: Linker<WasiP1Ctx> = Linker::new(&engine);
    p1::add_to_linker(&mut linker, |cx| cx)?;

    // The folder of the examples' guests, to read only.
    let guests = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/guests");
    let stdout = MemoryOutputPipe::new(64 << 10);
    let cx = WasiCtxBuilder::new()
        .args(&["cat", "hello.wat"])
        .stdout(stdout.clone())
        .preopened_dir(guests, "/", DirPerms::READ, FilePerms::READ)?
        .build_p1();
    run(&linker, &module, cx)?;
    let text = String::from_utf8(stdout.contents().to_vec())?;
    println!("the guest read: {}", text.lines().next().unwrap_or_default());
    assert_eq!(text, include_str!("guests/hello.wat"));

    // Nothing else is there: not what is outside of the folder, and no folder that was not given.
    for (args, given) in [(["cat", "../hello.rs"], true), (["cat", "hello.wat"], false)] {
        let mut builder = WasiCtxBuilder::new();
        builder.args(&args);
        if given {
            builder.preopened_dir(guests, "/", DirPerms::READ, FilePerms::READ)?;
        }
        let error = run(&linker, &module, builder.build_p1()).unwrap_err();
        // `proc_exit` ends the run as an error that says the status.
        let I32Exit(status) = error.downcast()?;
        println!("`{}` exits with {status}", args.join(" "));
        assert_eq!(status, 1);
    }
    Ok(())
}

fn run(linker: &Linker<WasiP1Ctx>, module: &Module, cx: WasiP1Ctx) -> Result<()> {
    let mut store = Store::new(linker.engine(), cx);
    let instance = linker.instantiate(&mut store, module)?;
    instance.get_typed_func::<(), ()>(&mut store, "_start")?.call(&mut store, ())
}
