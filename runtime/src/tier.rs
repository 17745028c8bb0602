//! What the runtime asks of whatever executes code.

use crate::Result;
use crate::engine::EngineConfig;
use crate::types::TypeId;
use crate::vm::{Entry, Exit, ExitState, Slot, VmContext, VmStore};
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::ops::ControlFlow;
use rwasm_parser::{FuncIdx, Module, ValType};

/// A way to execute functions.
pub trait Tier: Send + Sync {
    /// Takes on a module whose bodies are validated. Functions may be compiled now or when they are
    /// first called.
    ///
    /// # Errors
    ///
    /// If the module needs what the tier cannot execute.
    fn prepare(
        &self,
        module: &Arc<Module<'static>>,
        types: &Arc<[TypeId]>,
        config: &EngineConfig,
    ) -> Result<Arc<dyn Code>>;

    /// Goes on with a run that was left at `state` with [`Exit::SUSPENDED`], its results now at
    /// `state.results`, or with [`Exit::OUT_OF_FUEL`] or [`Exit::INTERRUPTED`].
    ///
    /// # Safety
    ///
    /// The run must have been left by this tier, on a stack that is unchanged since; `vm` is its
    /// store's, which nobody borrows.
    unsafe fn resume(&self, vm: *mut VmStore, state: ExitState) -> Exit;

    /// Shows the frames of the activation that was left at `state` to `visit`, the innermost first,
    /// until `visit` has seen enough. `state` may also be that of a trap or of a call of the host.
    ///
    /// # Safety
    ///
    /// As for [`Tier::resume`].
    unsafe fn frames(&self, state: ExitState, visit: &mut dyn FnMut(RawFrame) -> ControlFlow<()>);
}

/// A frame on the value stack.
#[derive(Clone, Copy, Debug)]
pub struct RawFrame {
    /// The context of its instance.
    pub ctx: *mut VmContext,
    /// Its function.
    pub func: FuncIdx,
    /// Where it stands, as an offset into the code of the function: for a caller, behind the call.
    pub code_offset: u32,
    /// Whether it is the frame that stopped, rather than a caller.
    pub innermost: bool,
    /// Its first slot.
    pub fp: *mut Slot,
}

/// The code of a module in a tier, shared by all its instances.
pub trait Code: Send + Sync {
    /// The code as what it is, for the tier that made it.
    fn as_any(&self) -> &dyn core::any::Any;

    /// How a function of the module, not an imported one, is entered.
    fn func(&self, func: FuncIdx) -> FuncCode;

    /// Where in the module the instruction at (or, for a caller, before) `code_offset` came from,
    /// in bytes from its start.
    fn wasm_offset(&self, func: FuncIdx, code_offset: u32, innermost: bool) -> Option<usize>;

    /// The slots of the frame of `func` that hold references of the hierarchies of `any`, `extern`
    /// and `exn` while it stands at `code_offset`: what a collection traces from it. As in
    /// [`RawFrame`], `code_offset` is behind the call unless the frame is the innermost.
    fn references(&self, func: FuncIdx, code_offset: u32, innermost: bool) -> Arc<[u16]>;

    /// Where the values of frames of `func` are that stand at `stops`, one frame for each; nothing
    /// if the tier does not know.
    fn values(&self, func: FuncIdx, stops: &[Stop]) -> Vec<Frame> {
        let _ = (func, stops);
        Vec::new()
    }

    /// Compiles every function that is not compiled yet.
    ///
    /// # Errors
    ///
    /// If a function cannot be compiled.
    fn compile_all(&self) -> Result<()>;
}

/// Where in the code of a function a frame stands: as in [`RawFrame`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Stop {
    /// An offset into the code: for a caller, behind the call.
    pub code_offset: u32,
    /// Whether the frame is the one that stopped.
    pub innermost: bool,
}

/// What a tier knows of the values of a frame.
#[derive(Clone, Debug, Default)]
pub struct Frame {
    /// The operator at which it stands, in bytes from the start of the module.
    pub wasm_offset: Option<usize>,
    /// Its locals, parameters first.
    pub locals: Vec<FrameValue>,
    /// Its operands when that operator begins, the lowest first; of a caller, those that are not
    /// arguments of the call.
    pub operands: Vec<FrameValue>,
}

/// A local or operand of a frame.
#[derive(Clone, Copy, Debug)]
pub struct FrameValue {
    /// Its type, as the module has it.
    pub ty: ValType,
    /// Where its value is.
    pub place: ValuePlace,
}

/// Where a value is.
#[derive(Clone, Copy, Debug)]
pub enum ValuePlace {
    /// In this slot of the frame, which must be inside the stack and initialised.
    Slot(u16),
    /// Nowhere; it is always this, as a slot would hold it.
    Const(u64),
    /// It is lost.
    Unknown,
}

/// How a function is entered.
#[derive(Clone, Copy)]
pub struct FuncCode {
    /// The entry.
    pub entry: Entry,
    /// What the tier finds its code by.
    pub code: *const (),
}
