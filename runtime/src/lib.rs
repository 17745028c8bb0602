//! Part of rwasm; use the crate `rwasm`, which alone has stability promises.
//!
//! What every tier of execution shares: engines, modules, stores, instances, host functions,
//! limits and traps. Start reading at [`Store`]; what running code sees is in [`vm`].
#![no_std]
#![deny(unsafe_code)]
extern crate alloc;
#[cfg(feature = "std")]
extern crate std;

mod backtrace;
mod const_expr;
mod coredump;
pub mod engine;
mod error;
mod execution;
mod gc;
mod handle;
mod host;
mod instantiate;
mod limits;
mod linker;
mod matching;
#[allow(unsafe_code)]
mod memory;
mod module;
pub mod numerics;
mod reference;
mod store;
pub mod sync;
#[allow(unsafe_code, reason = "it declares unsafe functions and has none")]
pub mod tier;
mod trap;
mod ty;
pub mod types;
mod v128;
mod val;
#[allow(unsafe_code)]
pub mod vm;
mod wasm_ty;

pub use backtrace::{FrameInfo, WasmBacktrace};
pub use coredump::WasmCoreDump;
pub use engine::{Dispatch, Engine, EngineConfig};
pub use error::{Context, Error, LinkError, Result, Unsupported};
pub use execution::{Execution, Progress, Suspend, Suspension};
pub use handle::{
    Export, Extern, Func, Global, Instance, Memory, MemoryAccessError, SharedMemory, Table, Tag,
    TypedFunc,
};
pub use host::{Caller, IntoFunc};
pub use limits::{ResourceLimiter, StoreLimits, StoreLimitsBuilder};
pub use linker::{InstancePre, Linker};
pub use memory::WaitResult;
pub use module::Module;
pub use reference::{
    AnyRef, ArrayRef, ArrayRefPre, ContRef, EqRef, ExnRef, ExternRef, I31, OwnedRooted, RootScope,
    Rooted, StructRef, StructRefPre, ThrownException,
};
pub use rwasm_parser::{DecodeConfig, DecodeError, DecodeLimits, Features, Invalid, Malformed};
pub use store::{
    AsContext, AsContextMut, Store, StoreContext, StoreContextMut, StoreInner, UpdateDeadline,
};
pub use trap::Trap;
pub use ty::*;
pub use v128::V128;
pub use val::{Ref, Val};
pub use wasm_ty::{WasmParams, WasmResults, WasmRet, WasmTy};
