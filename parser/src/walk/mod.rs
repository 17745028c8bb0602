//! The walk over a function body: decode, validate and emit in one pass. Spec: *Binary Format →
//! Code Section*, *Validation → Functions* and *Appendix → Validation Algorithm*.
//!
//! An opcode is looked up in the tables of [`ops`](crate::ops); its class decides which rule in
//! `valid` checks it, and its row has the types.

mod null;
mod sink;

pub use null::{Each, Null};
pub use sink::*;

use crate::binary::Reader;
use crate::ops::*;
use crate::syntax::*;
use crate::valid::control::{Frame, FrameKind, FrameType};
use crate::valid::variable::Locals;
use crate::valid::{Cx, Operands};
#[allow(unused_imports, reason = "the chain of macros names them")]
use crate::{
    DecodeError, Features, Invalid, Malformed, atomic_ops, custom_ops, for_each_op, memory_ops,
    numeric_ops, vector_ops,
};
use alloc::format;
use alloc::vec::Vec;
use core::convert::Infallible;
use core::fmt;

/// Why a walk ended early.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WalkError<E> {
    /// The body's bytes are not code.
    Malformed(Malformed),
    /// They are, but break a rule.
    Invalid(Invalid),
    /// The sink gave up.
    Sink(E),
}

impl<E> From<Malformed> for WalkError<E> {
    #[cold]
    fn from(error: Malformed) -> Self {
        WalkError::Malformed(error)
    }
}

impl<E> From<Invalid> for WalkError<E> {
    #[cold]
    fn from(error: Invalid) -> Self {
        WalkError::Invalid(error)
    }
}

impl<E> From<DecodeError> for WalkError<E> {
    #[cold]
    fn from(error: DecodeError) -> Self {
        match error {
            DecodeError::Malformed(error) => WalkError::Malformed(error),
            DecodeError::Invalid(error) => WalkError::Invalid(error),
        }
    }
}

impl From<WalkError<Infallible>> for DecodeError {
    fn from(error: WalkError<Infallible>) -> Self {
        match error {
            WalkError::Malformed(error) => DecodeError::Malformed(error),
            WalkError::Invalid(error) => DecodeError::Invalid(error),
            WalkError::Sink(never) => match never {},
        }
    }
}

impl<E: fmt::Display> fmt::Display for WalkError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            WalkError::Malformed(error) => error.fmt(f),
            WalkError::Invalid(error) => error.fmt(f),
            WalkError::Sink(error) => error.fmt(f),
        }
    }
}

impl<E: core::error::Error> core::error::Error for WalkError<E> {}

/// How checking an operator ends.
pub(crate) type Walked<S> = Result<(), WalkError<<S as Sink>::Error>>;

/// Buffers that walks use one after the other. Any walk leaves them usable for any other.
#[derive(Debug, Default)]
pub struct Scratch {
    operands: Operands,
    frames: Vec<Frame>,
    locals: Locals,
    labels: Vec<LabelIdx>,
    catches: Vec<Catch>,
    handlers: Vec<Handler>,
}

/// A walk under way.
pub(crate) struct Walk<'m, 's, S> {
    pub(crate) module: &'m Module<'m>,
    pub(crate) ty: &'m FuncType,
    /// The type of addresses in the first memory, if there is one.
    pub(crate) first_address: Option<ValType>,
    pub(crate) reader: Reader<'m>,
    /// Whether there are operators of features that are off, other than those that are off unless
    /// somebody asks for them: these look for themselves, and cost the others nothing.
    some_off: bool,
    /// Where the present operator begins.
    pub(crate) offset: usize,
    /// Whether the present operator can be reached.
    pub(crate) live: bool,
    pub(crate) operands: Operands,
    pub(crate) frames: Vec<Frame>,
    pub(crate) locals: Locals,
    pub(crate) labels: Vec<LabelIdx>,
    pub(crate) catches: Vec<Catch>,
    pub(crate) handlers: Vec<Handler>,
    pub(crate) sink: &'s mut S,
}

/// Decodes and validates the body of `func` and hands its operators to `sink`.
///
/// # Errors
///
/// If the body is malformed or invalid, or the sink fails. What the sink was told until then is
/// valid as far as it goes.
///
/// # Panics
///
/// If `func` is imported or not of this module.
pub fn walk<S: Sink>(
    module: &Module,
    func: FuncIdx,
    scratch: &mut Scratch,
    sink: &mut S,
) -> Result<(), WalkError<S::Error>> {
    let body = module.body(func).expect("only functions of the module itself have bodies");
    let buffers = core::mem::take(scratch);
    let mut walk = Walk {
        module,
        ty: module.func_type(func),
        first_address: module.mems.first().map(MemType::index),
        reader: Reader::new(module.bytes(), body, module.features),
        some_off: !module.features.contains(Op::FEATURES.and(Features::default())),
        offset: 0,
        live: true,
        operands: buffers.operands,
        frames: buffers.frames,
        locals: buffers.locals,
        labels: buffers.labels,
        catches: buffers.catches,
        handlers: buffers.handlers,
        sink,
    };
    let result = walk.func(module.funcs[func.index()]);
    *scratch = Scratch {
        operands: walk.operands,
        frames: walk.frames,
        locals: walk.locals,
        labels: walk.labels,
        catches: walk.catches,
        handlers: walk.handlers,
    };
    result
}

/// Decodes and validates the body of `func`.
///
/// # Errors
///
/// If it is malformed or invalid.
///
/// # Panics
///
/// If `func` is imported or not of this module.
pub fn validate(module: &Module, func: FuncIdx, scratch: &mut Scratch) -> Result<(), DecodeError> {
    walk(module, func, scratch, &mut Null).map_err(DecodeError::from)
}

impl<'m, S: Sink> Walk<'m, '_, S> {
    #[inline(always)]
    pub(crate) fn cx(&self) -> Cx<'m> {
        Cx { types: &self.module.types, offset: self.offset }
    }

    /// Tells the sink something, unless the present operator cannot be reached.
    #[inline(always)]
    pub(crate) fn emit(
        &mut self,
        tell: impl FnOnce(&mut S, At) -> Result<(), S::Error>,
    ) -> Walked<S> {
        if self.live {
            tell(self.sink, At { offset: self.offset }).map_err(WalkError::Sink)?;
        }
        Ok(())
    }

    #[cold]
    pub(crate) fn unknown(&self, what: &str, idx: u32) -> Invalid {
        Invalid::new(self.offset, format!("unknown {what} {idx}"))
    }

    #[cold]
    pub(crate) fn over_limit(&self, count: u32, what: &str, max: u32) -> Invalid {
        Invalid::new(self.offset, format!("limit exceeded: {count} {what}, at most {max}"))
    }

    /// Fails if there are too many operands; asked where several come at once.
    #[inline]
    pub(crate) fn room(&self) -> Result<(), Invalid> {
        let (count, max) = (self.operands.len(), self.module.limits.operands);
        if count <= max as usize {
            return Ok(());
        }
        Err(self.over_limit(count as u32, "operands", max))
    }

    fn func(&mut self, idx: TypeIdx) -> Walked<S> {
        self.locals.begin(self.ty.params());
        self.local_declarations()?;
        self.sink.begin(self.ty, self.locals.runs()).map_err(WalkError::Sink)?;
        self.operands.clear();
        self.frames.clear();
        self.frames.push(Frame {
            kind: FrameKind::Body,
            told: true,
            polymorphic: false,
            ty: FrameType::Func(idx),
            height: 0,
            set_locals: 0,
            checked_for: 0,
        });
        while !self.frames.is_empty() {
            self.offset = self.reader.pos();
            let byte = self.reader.u8()?;
            if self.some_off
                && let Some(op) = PLAIN[byte as usize]
            {
                self.check_feature(op)?;
            }
            self.sink.operator(At { offset: self.offset }, byte).map_err(WalkError::Sink)?;
            self.step(byte)?;
        }
        if self.reader.is_at_end() {
            return Ok(());
        }
        let message = format!(
            "END opcode expected: {} bytes left over after the end of the function",
            self.reader.remaining()
        );
        Err(Malformed::new(self.reader.pos(), message).into())
    }

    fn local_declarations(&mut self) -> Result<(), DecodeError> {
        let runs = self.reader.count()?;
        let mut too_many = None;
        for _ in 0..runs {
            let at = self.reader.pos();
            let count = self.reader.u32()?;
            let ty_at = self.reader.pos();
            let ty = self.reader.valtype()?;
            crate::valid::types::check_valtype(&self.module.types, ty_at, ty)?;
            let Some(total) = self.locals.declare(count, ty) else {
                return Err(Malformed::new(at, "too many locals: 2^32 or more").into());
            };
            if total > self.module.limits.locals {
                too_many = Some((at, total));
            }
        }
        if let Some((at, total)) = too_many {
            self.offset = at;
            return Err(self.over_limit(total, "locals", self.module.limits.locals).into());
        }
        Ok(())
    }

    /// One operator. Those of one byte have a branch each, so that a single jump leads to code that
    /// knows the operator; the others go by their class.
    #[inline(always)]
    fn step(&mut self, byte: u8) -> Walked<S> {
        macro_rules! dispatch {
            ([]
                unop { $($unop_code:literal $unop:ident $_1:ident $_2:literal
                    [$($_3:ident)*] -> [$($_4:ident)*] $_5:ident;)* }
                binop { $($binop_code:literal $binop:ident $_6:ident $_7:literal
                    [$($_8:ident)*] -> [$($_9:ident)*] $_10:ident;)* }
                testop { $($testop_code:literal $testop:ident $_11:ident $_12:literal
                    [$($_13:ident)*] -> [$($_14:ident)*] $_15:ident;)* }
                relop { $($relop_code:literal $relop:ident $_16:ident $_17:literal
                    [$($_18:ident)*] -> [$($_19:ident)*] $_20:ident;)* }
                cvtop { $($cvtop_code:literal $cvtop:ident $_21:ident $_22:literal
                    [$($_23:ident)*] -> [$($_24:ident)*] $_25:ident;)* }
                wideop { $($_26:tt)* }
                vunop { $($_27:tt)* }
                vbinop { $($_28:tt)* }
                vternop { $($_29:tt)* }
                vtestop { $($_30:tt)* }
                vshiftop { $($_31:tt)* }
                vsplat { $($_32:tt)* }
                vextract { $($_33:tt)* }
                vreplace { $($_34:tt)* }
                load { $($load_code:literal $load:ident $_35:ident $_36:literal
                    [$($_37:ident)*] -> [$($_38:ident)*] $_39:literal $_40:ident;)* }
                store { $($store_code:literal $store:ident $_41:ident $_42:literal
                    [$($_43:ident)*] -> [$($_44:ident)*] $_45:literal $_46:ident;)* }
                vload { $($_47:tt)* }
                vstore { $($_48:tt)* }
                vload_lane { $($_49:tt)* }
                vstore_lane { $($_50:tt)* }
                atomic_load { $($_51:tt)* }
                atomic_store { $($_52:tt)* }
                atomic_rmw { $($_53:tt)* }
                atomic_cmpxchg { $($_54:tt)* }
                custom { $($custom_code:literal $custom:ident $_55:ident $_56:literal
                    ($($_57:ident)*) $_58:ident;)* }
            ) => {
                match u32::from(byte) {
                    $($unop_code => self.unop(UnOp::$unop),)*
                    $($binop_code => self.binop(BinOp::$binop),)*
                    $($testop_code => self.testop(TestOp::$testop),)*
                    $($relop_code => self.relop(RelOp::$relop),)*
                    $($cvtop_code => self.cvtop(CvtOp::$cvtop),)*
                    $($load_code => self.load(LoadOp::$load),)*
                    $($store_code => self.store(StoreOp::$store),)*
                    $($custom_code => self.custom(CustomOp::$custom),)*
                    _ => self.prefixed(byte),
                }
            };
        }
        for_each_op!(dispatch)
    }

    /// An operator of more than one byte, or none at all.
    fn prefixed(&mut self, byte: u8) -> Walked<S> {
        if !Op::is_prefix(byte) {
            return Err(Malformed::new(self.offset, format!("illegal opcode {byte:02x}")).into());
        }
        let sub = self.reader.u32()?;
        let Some(op) = Op::prefixed(byte, sub) else {
            let message = format!("illegal opcode {byte:02x} {sub:02x}");
            return Err(Malformed::new(self.offset, message).into());
        };
        if self.some_off {
            self.check_feature(op)?;
        }
        self.op(op)
    }

    #[cold]
    fn check_feature(&self, op: Op) -> Result<(), Malformed> {
        if self.reader.features.contains(op.feature()) {
            return Ok(());
        }
        let what = format!("illegal opcode: {}", op.mnemonic());
        Err(crate::binary::types::disabled(self.offset, op.feature(), &what))
    }

    /// An exception as before WebAssembly 3.0.
    fn legacy_exception(&mut self, op: CustomOp) -> Walked<S> {
        self.check_feature(op.into())?;
        match op {
            CustomOp::Try => self.try_(),
            CustomOp::Catch => self.catch_tag(),
            CustomOp::CatchAll => self.catch_all(),
            CustomOp::Delegate => self.delegate(),
            _ => self.rethrow(),
        }
    }

    /// An operator on continuations.
    fn on_continuation(&mut self, op: CustomOp) -> Walked<S> {
        self.check_feature(op.into())?;
        match op {
            CustomOp::ContNew => self.cont_new(),
            CustomOp::ContBind => self.cont_bind(),
            CustomOp::Suspend => self.suspend(),
            CustomOp::Switch => self.switch(),
            _ => self.resume(op),
        }
    }

    /// An operator that takes a descriptor or gives one.
    fn on_descriptor(&mut self, op: CustomOp) -> Walked<S> {
        self.check_feature(op.into())?;
        match op {
            CustomOp::RefGetDesc => self.ref_get_desc(),
            CustomOp::RefCastDescEq | CustomOp::RefCastDescEqNull => self.ref_cast_desc_eq(op),
            CustomOp::BrOnCastDescEq | CustomOp::BrOnCastDescEqFail => self.br_on_cast_desc_eq(op),
            _ => self.aggregate(op),
        }
    }

    fn op(&mut self, op: Op) -> Walked<S> {
        match op {
            Op::UnOp(op) => self.unop(op),
            Op::BinOp(op) => self.binop(op),
            Op::TestOp(op) => self.testop(op),
            Op::RelOp(op) => self.relop(op),
            Op::CvtOp(op) => self.cvtop(op),
            Op::WideOp(op) => self.wideop(op),
            Op::VUnOp(op) => self.vunop(op),
            Op::VBinOp(op) => self.vbinop(op),
            Op::VTernOp(op) => self.vternop(op),
            Op::VTestOp(op) => self.vtestop(op),
            Op::VShiftOp(op) => self.vshiftop(op),
            Op::VSplatOp(op) => self.vsplat(op),
            Op::VExtractOp(op) => self.vextract(op),
            Op::VReplaceOp(op) => self.vreplace(op),
            Op::LoadOp(op) => self.load(op),
            Op::StoreOp(op) => self.store(op),
            Op::VLoadOp(op) => self.vload(op),
            Op::VStoreOp(op) => self.vstore(op),
            Op::VLoadLaneOp(op) => self.vload_lane(op),
            Op::VStoreLaneOp(op) => self.vstore_lane(op),
            Op::AtomicLoadOp(op) => self.atomic_load(op),
            Op::AtomicStoreOp(op) => self.atomic_store(op),
            Op::AtomicRmwOp(op) => self.atomic_rmw(op),
            Op::AtomicCmpxchgOp(op) => self.atomic_cmpxchg(op),
            Op::CustomOp(op) => self.custom(op),
        }
    }

    #[inline(always)]
    fn custom(&mut self, op: CustomOp) -> Walked<S> {
        match op {
            CustomOp::Unreachable => {
                self.emit(|sink, at| sink.unreachable(at))?;
                self.unreachable();
                Ok(())
            }
            CustomOp::Nop => self.emit(|sink, at| sink.nop(at)),
            CustomOp::Block => self.block(FrameKind::Block),
            CustomOp::Loop => self.block(FrameKind::Loop),
            CustomOp::If => self.block(FrameKind::If),
            CustomOp::Else => self.else_(),
            CustomOp::End => self.end(),
            CustomOp::Br => self.br(),
            CustomOp::BrIf => self.br_if(),
            CustomOp::BrTable => self.br_table(),
            CustomOp::Return => self.return_(),
            CustomOp::Call => self.call(),
            CustomOp::CallIndirect => self.call_indirect(),
            CustomOp::ReturnCall => self.return_call(),
            CustomOp::ReturnCallIndirect => self.return_call_indirect(),
            CustomOp::CallRef => self.call_ref(),
            CustomOp::ReturnCallRef => self.return_call_ref(),
            CustomOp::BrOnNull => self.br_on_null(),
            CustomOp::BrOnNonNull => self.br_on_non_null(),
            CustomOp::BrOnCast | CustomOp::BrOnCastFail => self.br_on_cast(op),
            CustomOp::Throw => self.throw(),
            CustomOp::ThrowRef => self.throw_ref(),
            CustomOp::TryTable => self.try_table(),
            CustomOp::Try
            | CustomOp::Catch
            | CustomOp::CatchAll
            | CustomOp::Delegate
            | CustomOp::Rethrow => self.legacy_exception(op),
            CustomOp::ContNew
            | CustomOp::ContBind
            | CustomOp::Suspend
            | CustomOp::Resume
            | CustomOp::ResumeThrow
            | CustomOp::ResumeThrowRef
            | CustomOp::Switch => self.on_continuation(op),
            CustomOp::Drop => self.drop_(),
            CustomOp::Select => self.select(),
            CustomOp::SelectTyped => self.select_typed(),
            CustomOp::LocalGet => self.local_get(),
            CustomOp::LocalSet => self.local_set(),
            CustomOp::LocalTee => self.local_tee(),
            CustomOp::GlobalGet => self.global_get(),
            CustomOp::GlobalSet => self.global_set(),
            CustomOp::TableGet
            | CustomOp::TableSet
            | CustomOp::TableSize
            | CustomOp::TableGrow
            | CustomOp::TableFill => self.table_op(op),
            CustomOp::TableCopy => self.table_copy(),
            CustomOp::TableInit => self.table_init(),
            CustomOp::ElemDrop => self.elem_drop(),
            CustomOp::MemorySize => self.memory_size(),
            CustomOp::MemoryGrow => self.memory_grow(),
            CustomOp::MemoryFill => self.memory_fill(),
            CustomOp::MemoryCopy => self.memory_copy(),
            CustomOp::MemoryInit => self.memory_init(),
            CustomOp::DataDrop => self.data_drop(),
            CustomOp::RefNull => self.ref_null(),
            CustomOp::RefIsNull => self.ref_is_null(),
            CustomOp::RefFunc => self.ref_func(),
            CustomOp::RefEq => self.ref_eq(),
            CustomOp::RefAsNonNull => self.ref_as_non_null(),
            CustomOp::RefTest
            | CustomOp::RefTestNull
            | CustomOp::RefCast
            | CustomOp::RefCastNull => self.ref_test_or_cast(op),
            CustomOp::RefGetDesc
            | CustomOp::RefCastDescEq
            | CustomOp::RefCastDescEqNull
            | CustomOp::BrOnCastDescEq
            | CustomOp::BrOnCastDescEqFail
            | CustomOp::StructNewDesc
            | CustomOp::StructNewDefaultDesc => self.on_descriptor(op),
            CustomOp::I32Const => {
                let value = self.reader.s32()?;
                self.constant(Const::I32(value as u32))
            }
            CustomOp::I64Const => {
                let value = self.reader.s64()?;
                self.constant(Const::I64(value as u64))
            }
            CustomOp::F32Const => {
                let bits = self.reader.bits32()?;
                self.constant(Const::F32(bits))
            }
            CustomOp::F64Const => {
                let bits = self.reader.bits64()?;
                self.constant(Const::F64(bits))
            }
            CustomOp::V128Const => {
                let bytes = self.reader.bytes16()?;
                self.constant(Const::V128(bytes))
            }
            CustomOp::I8x16Shuffle => self.vshuffle(),
            CustomOp::MemoryAtomicNotify => self.atomic_notify(),
            CustomOp::MemoryAtomicWait32 => self.atomic_wait(false),
            CustomOp::MemoryAtomicWait64 => self.atomic_wait(true),
            CustomOp::AtomicFence => self.atomic_fence(),
            _ => self.aggregate(op),
        }
    }
}
