//! The embedding API: what each part promises, one fact a test.

mod continuation;
mod coredump;

mod descriptor;
mod deterministic;
mod epoch;
mod error;
mod exception;
mod execution;
mod fuel;
mod func;
mod gc;
mod global;
mod host;
mod instance;
mod limits;
mod linker;
mod memory;
mod module;
mod reentrancy;
mod reference;
mod table;
mod threads;
mod trace;
mod trap;

use rwasm::{Engine, Instance, Linker, Module, Store};

/// An instance of a module without imports, in the text format.
fn instance(wat: &str) -> (Store<()>, Instance) {
    let engine = Engine::default();
    let module = Module::new(&engine, wat).unwrap();
    let mut store = Store::new(&engine, ());
    let instance = Instance::new(&mut store, &module, &[]).unwrap();
    (store, instance)
}

/// A linker and a store of one engine.
fn linker<T: 'static>(data: T) -> (Linker<T>, Store<T>) {
    let engine = Engine::default();
    (Linker::new(&engine), Store::new(&engine, data))
}

/// An instance of a module in the text format, with imports from `linker`.
fn link<T: 'static>(linker: &Linker<T>, store: &mut Store<T>, wat: &str) -> Instance {
    let module = Module::new(store.engine(), wat).unwrap();
    linker.instantiate(store, &module).unwrap()
}
