//! Part of rwasm; use the crate `rwasm`, which alone has stability promises.
//!
//! The interpreter: function bodies are lowered to threaded code ([`mod@lower`]), which handlers
//! ([`exec`]) execute through one of two dispatch backends ([`dispatch`]).
#![no_std]
#![deny(unsafe_code)]
extern crate alloc;

#[allow(unsafe_code)]
mod code;
#[allow(unsafe_code)]
pub mod dispatch;
#[allow(unsafe_code)]
mod enter;
#[allow(unsafe_code)]
pub mod exec;
pub mod lower;

use alloc::sync::Arc;
use code::CodeModule;
use core::ops::ControlFlow;
use dispatch::Backend;
use rwasm_parser::Module;
use rwasm_runtime::Result;
use rwasm_runtime::engine::{Dispatch, EngineConfig};
use rwasm_runtime::tier::{Code, RawFrame, Tier};
use rwasm_runtime::types::TypeId;
use rwasm_runtime::vm::{Exit, ExitState, VmStore};

/// The interpreter as a tier of the runtime.
#[derive(Clone, Copy, Debug, Default)]
pub struct Interpreter;

impl Interpreter {
    /// The interpreter.
    pub fn new() -> Self {
        Interpreter
    }

    /// The name of the dispatch backend that `dispatch` means in this build on this machine:
    /// `tail` or `loop`.
    pub fn backend_name(dispatch: Dispatch) -> &'static str {
        Backend::new(dispatch).name
    }
}

impl Tier for Interpreter {
    fn prepare(
        &self,
        module: &Arc<Module>,
        types: &Arc<[TypeId]>,
        config: &EngineConfig,
    ) -> Result<Arc<dyn Code>> {
        Ok(CodeModule::new(module, types, config, Backend::new(config.dispatch)))
    }

    #[allow(unsafe_code)]
    unsafe fn resume(&self, _vm: *mut VmStore, state: ExitState) -> Exit {
        // SAFETY: by contract of the trait.
        unsafe { enter::resume(state) }
    }

    #[allow(unsafe_code)]
    unsafe fn frames(&self, state: ExitState, visit: &mut dyn FnMut(RawFrame) -> ControlFlow<()>) {
        // SAFETY: by contract of the trait.
        unsafe { enter::frames(state, visit) }
    }
}
