//! A WebAssembly runtime in pure Rust, to be embedded: a fast interpreter that can stop, save and
//! resume.
//!
//! An [`Engine`] has the settings. A [`Module`] is code, validated and ready. A [`Store`] holds
//! what runs: instances, their memories, and a value of yours that host functions reach. A
//! [`Linker`] names host functions and makes an [`Instance`] of a module, whose exports you call.
//! Names and behaviour are those of the crate `wasmtime`, so what you know of that holds here.
//!
//! ```
//! use rwasm::{Caller, Engine, Linker, Module, Store};
//!
//! # fn main() -> rwasm::Result<()> {
//! let engine = Engine::default();
//! # #[cfg(feature = "wat")] {
//! let module = Module::new(
//!     &engine,
//!     r#"(module
//!         (import "host" "double" (func $double (param i32) (result i32)))
//!         (func (export "run") (param i32) (result i32)
//!             (i32.add (call $double (local.get 0)) (i32.const 1))))"#,
//! )?;
//! let mut linker = Linker::new(&engine);
//! linker.func_wrap("host", "double", |mut caller: Caller<'_, u32>, value: i32| {
//!     *caller.data_mut() += 1;
//!     value * 2
//! })?;
//!
//! let mut store = Store::new(&engine, 0);
//! let instance = linker.instantiate(&mut store, &module)?;
//! let run = instance.get_typed_func::<i32, i32>(&mut store, "run")?;
//! assert_eq!(run.call(&mut store, 20)?, 41);
//! assert_eq!(*store.data(), 1);
//! # }
//! # Ok(())
//! # }
//! ```
//!
//! # Guests that cannot be trusted
//!
//! A guest reaches nothing but its imports. What it may use up is limited by the [`Store`]: memory
//! with [`Store::limiter`], time with fuel ([`Config::consume_fuel`]) or a deadline
//! ([`Config::epoch_interruption`]), the depth of calls with [`Config::max_wasm_stack`].
//!
//! # Runs that stop and go on
//!
//! An [`Execution`] is a call that can be suspended, when fuel runs out, at a deadline, or because
//! a host function has to wait, and resumed later.
//!
//! # Features
//!
//! - `std` (default): memories reserved from the platform, threads for validation, panics of host
//!   functions carried through guests. Without it the crate needs `alloc` only.
//! - `wasi` (default): the hosts of WASI, as the module `wasi`.
//! - `record`: runs that are recorded and replayed, as the module `wasi::record`.
//! - `wat`: modules in the text format.
#![no_std]
#![forbid(unsafe_code)]
extern crate alloc;

mod config;
mod engine;
mod macros;

pub use config::Config;
pub use engine::Engine;

pub use rwasm_runtime::{
    AnyRef, ArrayRef, ArrayRefPre, ArrayType, AsContext, AsContextMut, Caller, ContRef, ContType,
    Context, DecodeError, DecodeLimits, Dispatch, EqRef, Error, Execution, ExnRef, Export,
    ExportType, Extern, ExternRef, ExternType, Features, FieldType, Finality, FrameInfo, Func,
    FuncType, Global, GlobalType, HeapType, I31, ImportType, Instance, InstancePre, IntoFunc,
    Invalid, LinkError, Linker, Malformed, Memory, MemoryAccessError, MemoryType,
    MemoryTypeBuilder, Module, Mutability, OwnedRooted, Progress, Ref, RefType, ResourceLimiter,
    Result, RootScope, Rooted, SharedMemory, StorageType, Store, StoreContext, StoreContextMut,
    StoreLimits, StoreLimitsBuilder, StructRef, StructRefPre, StructType, Suspend, Suspension,
    Table, TableType, Tag, TagType, ThrownException, Trap, TypedFunc, Unsupported, UpdateDeadline,
    V128, Val, ValType, WaitResult, WasmBacktrace, WasmCoreDump, WasmParams, WasmResults, WasmRet,
    WasmTy,
};

#[cfg(feature = "wasi")]
pub use rwasm_wasi as wasi;

#[doc(hidden)]
pub mod private {
    pub use alloc::format;
}
