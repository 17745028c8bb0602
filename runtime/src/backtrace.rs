//! Where in the guest a run stands, or ended.

use crate::Module;
use crate::store::{AsContext, StoreInner};
use crate::tier::RawFrame;
use crate::vm::{ExitState, walk_frames};
use alloc::vec::Vec;
use core::fmt;
use core::ops::ControlFlow;
use rwasm_parser::FuncIdx;

/// How many frames are kept, the innermost ones: recursion without end has a million, and the
/// first hundred tell what it is.
const MAX_FRAMES: usize = 100;

/// The frames of guests, the innermost first.
///
/// ```
/// use rwasm::{Engine, Instance, Module, Store};
///
/// let engine = Engine::default();
/// let module = Module::new(
///     &engine,
///     r#"(module (func $inner unreachable) (func $outer (export "run") (call $inner)))"#,
/// )?;
/// let mut store = Store::new(&engine, ());
/// let instance = Instance::new(&mut store, &module, &[])?;
/// let run = instance.get_typed_func::<(), ()>(&mut store, "run")?;
/// let error = run.call(&mut store, ()).unwrap_err();
/// let frames = error.backtrace().unwrap().frames();
/// let names: Vec<_> = frames.iter().map(|frame| frame.func_name().unwrap()).collect();
/// assert_eq!(names, ["inner", "outer"]);
/// # Ok::<(), rwasm::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct WasmBacktrace {
    frames: Vec<FrameInfo>,
    truncated: bool,
}

/// A frame of a guest.
#[derive(Clone)]
pub struct FrameInfo {
    module: Module,
    func: FuncIdx,
    code_offset: u32,
    innermost: bool,
}

impl WasmBacktrace {
    /// Where the guests of a store stand now: those that wait for the host function that asks.
    pub fn capture(store: impl AsContext) -> Self {
        WasmBacktrace::of(store.as_context().inner, ExitState::NONE)
    }

    /// The frames of the activation that was left at `innermost`, and of those that wait for it.
    pub(crate) fn of(store: &StoreInner, innermost: ExitState) -> Self {
        let mut backtrace = WasmBacktrace::empty();
        walk_frames(store, innermost, &mut |instance, frame| {
            if backtrace.frames.len() == MAX_FRAMES {
                backtrace.truncated = true;
                return ControlFlow::Break(());
            }
            let RawFrame { func, code_offset, innermost, .. } = frame;
            let module = instance.module.clone();
            backtrace.frames.push(FrameInfo::new(module, func, code_offset, innermost));
            ControlFlow::Continue(())
        });
        backtrace
    }

    /// No frames.
    pub(crate) fn empty() -> Self {
        WasmBacktrace { frames: Vec::new(), truncated: false }
    }

    /// The frames, the innermost first; the outermost of very many are left out.
    pub fn frames(&self) -> &[FrameInfo] {
        &self.frames
    }
}

impl FrameInfo {
    pub(crate) fn new(module: Module, func: FuncIdx, code_offset: u32, innermost: bool) -> Self {
        FrameInfo { module, func, code_offset, innermost }
    }

    /// The index of the function in its module.
    pub fn func_index(&self) -> u32 {
        self.func.0
    }

    /// The name that the name section gives the function.
    pub fn func_name(&self) -> Option<&str> {
        self.module.syntax().func_name(self.func)
    }

    /// The module.
    pub fn module(&self) -> &Module {
        &self.module
    }

    /// Where the frame stands, in bytes from the start of the module: the instruction that
    /// failed, or the call that has not returned.
    pub fn module_offset(&self) -> Option<usize> {
        self.module.code().wasm_offset(self.func, self.code_offset, self.innermost)
    }

    /// Where the frame stands, in bytes from the start of the function's body.
    pub fn func_offset(&self) -> Option<usize> {
        let body = self.module.syntax().body(self.func)?;
        self.module_offset()?.checked_sub(body.start)
    }
}

impl fmt::Display for WasmBacktrace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("error while executing at wasm backtrace:")?;
        for (i, frame) in self.frames.iter().enumerate() {
            write!(f, "\n  {i:>3}: ")?;
            if let Some(offset) = frame.module_offset() {
                write!(f, "{offset:#6x} - ")?;
            }
            let module = frame.module.name().unwrap_or("<unknown>");
            match frame.func_name() {
                Some(name) => write!(f, "{module}!{name}")?,
                None => write!(f, "{module}!<wasm function {}>", frame.func.0)?,
            }
        }
        match self.truncated {
            true => f.write_str("\n  ...: and the callers of these"),
            false => Ok(()),
        }
    }
}

impl fmt::Debug for FrameInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FrameInfo")
            .field("func_index", &self.func.0)
            .field("func_name", &self.func_name())
            .field("module_offset", &self.module_offset())
            .finish()
    }
}

impl core::error::Error for WasmBacktrace {}
