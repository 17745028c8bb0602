//! Blocks, branches, calls. Spec: *Validation → Instructions → Control Instructions*.

use super::module::functype;
use super::types::{check_heaptype, check_valtype};
use crate::ops::CustomOp;
use crate::syntax::*;
use crate::walk::{BlockType, Sink, Walk, Walked};
use crate::{Features, Invalid, Malformed};
use alloc::format;

/// A block that is open.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Frame {
    pub(crate) kind: FrameKind,
    /// Whether the sink was told of it, which it is unless the block begins in unreachable code.
    pub(crate) told: bool,
    /// Whether the block goes on in unreachable code.
    pub(crate) polymorphic: bool,
    pub(crate) ty: FrameType,
    /// Where its operands begin.
    pub(crate) height: u32,
    /// How many locals had been set that have no default.
    pub(crate) set_locals: u32,
    /// The last `br_table` that was checked against its label, by offset.
    pub(crate) checked_for: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FrameKind {
    Body,
    Block,
    Loop,
    If,
    Else,
    /// A `try` whose `catch` was not met yet.
    Try,
    /// A `catch` of a `try`.
    Catch,
    /// The `catch_all` of a `try`, its last.
    CatchAll,
}

/// A block type as it is encoded.
#[derive(Clone, Copy, Debug)]
pub(crate) enum FrameType {
    Empty,
    Value(ValType),
    Func(TypeIdx),
}

impl FrameType {
    /// What the block takes. The type must have been checked.
    #[inline]
    pub(crate) fn params<'f>(self, module: &'f Module<'_>) -> &'f [ValType] {
        match self {
            FrameType::Func(idx) => func(module, idx).params(),
            _ => &[],
        }
    }

    /// What the block leaves. The type must have been checked.
    #[inline]
    pub(crate) fn results<'f>(&'f self, module: &'f Module<'_>) -> &'f [ValType] {
        match self {
            FrameType::Empty => &[],
            FrameType::Value(ty) => core::slice::from_ref(ty),
            FrameType::Func(idx) => func(module, *idx).results(),
        }
    }
}

fn func<'f>(module: &'f Module<'_>, idx: TypeIdx) -> &'f FuncType {
    match &module.types.get(idx).composite {
        CompositeType::Func(ty) => ty,
        _ => unreachable!("block types were checked to be function types"),
    }
}

impl Frame {
    /// The types of operands that a branch to its label takes.
    #[inline]
    pub(crate) fn label<'f>(&'f self, module: &'f Module<'_>) -> &'f [ValType] {
        match self.kind {
            FrameKind::Loop => self.ty.params(module),
            _ => self.ty.results(module),
        }
    }
}

impl<S: Sink> Walk<'_, '_, S> {
    #[inline(always)]
    pub(crate) fn frame_type(&mut self) -> Result<FrameType, crate::DecodeError> {
        let byte = self.reader.peek()?;
        if byte == 0x40 {
            self.reader.skip(1);
            return Ok(FrameType::Empty);
        }
        self.other_frame_type(byte)
    }

    fn other_frame_type(&mut self, byte: u8) -> Result<FrameType, crate::DecodeError> {
        // A negative number of one byte is a value type.
        if byte & 0xc0 == 0x40 {
            let ty = self.reader.valtype()?;
            check_valtype(&self.module.types, self.offset, ty)?;
            return Ok(FrameType::Value(ty));
        }
        let at = self.reader.pos();
        let Ok(idx) = u32::try_from(self.reader.s33()?) else {
            return Err(Malformed::new(at, "malformed block type: negative type index").into());
        };
        self.reader.require(at, Features::MULTI_VALUE, "malformed block type: type index")?;
        let idx = TypeIdx(idx);
        functype(&self.module.types, self.offset, idx)?;
        Ok(FrameType::Func(idx))
    }

    /// Enters a block whose parameters are on the stack.
    #[inline(always)]
    pub(crate) fn enter(&mut self, kind: FrameKind, ty: FrameType) -> Result<(), Invalid> {
        let params = ty.params(self.module);
        self.operands.pop_all(self.cx(), params)?;
        let height = self.operands.len();
        self.frames.push(Frame {
            kind,
            told: self.live,
            polymorphic: false,
            ty,
            height: height as u32,
            set_locals: self.locals.set_count(),
            checked_for: 0,
        });
        self.operands.enter(height, false);
        self.operands.push_all(params);
        self.room()
    }

    #[inline]
    pub(crate) fn block(&mut self, kind: FrameKind) -> Walked<S> {
        let ty = self.frame_type()?;
        if kind == FrameKind::If {
            self.operands.pop(self.cx(), ValType::I32)?;
        }
        self.enter(kind, ty)?;
        let module = self.module;
        let block = BlockType { params: ty.params(module), results: ty.results(module) };
        self.emit(|sink, at| match kind {
            FrameKind::Loop => sink.loop_(at, block),
            FrameKind::If => sink.if_(at, block),
            _ => sink.block(at, block),
        })
    }

    pub(crate) fn else_(&mut self) -> Walked<S> {
        let frame = match self.frames.last() {
            Some(frame) if frame.kind == FrameKind::If => *frame,
            _ => return Err(Malformed::new(self.offset, "illegal opcode: else without if").into()),
        };
        self.leave(&frame)?;
        let told = frame.told;
        let reached = self.live;
        self.live = told;
        self.emit(|sink, at| sink.else_(at, reached))?;
        let height = frame.height as usize;
        if let Some(last) = self.frames.last_mut() {
            *last = Frame { kind: FrameKind::Else, polymorphic: false, ..frame };
        }
        self.operands.enter(height, false);
        self.operands.push_all(frame.ty.params(self.module));
        Ok(())
    }

    /// Checks what a block leaves at its end, and takes it from the stack.
    #[inline(always)]
    pub(crate) fn leave(&mut self, frame: &Frame) -> Result<(), Invalid> {
        let cx = self.cx();
        self.operands.pop_all(cx, frame.ty.results(self.module))?;
        self.operands.finish(cx)?;
        self.locals.unset_from(frame.set_locals);
        Ok(())
    }

    #[inline]
    pub(crate) fn end(&mut self) -> Walked<S> {
        let Some(&frame) = self.frames.last() else {
            return Err(Malformed::new(self.offset, "illegal opcode: end after the end").into());
        };
        self.leave(&frame)?;
        if frame.kind == FrameKind::If {
            let (params, results) = (frame.ty.params(self.module), frame.ty.results(self.module));
            if !self.module.types.all_match(params, results) {
                let message = "type mismatch: without an else, the block leaves its parameters";
                return Err(Invalid::new(self.offset, message).into());
            }
        }
        self.frames.pop();
        let reached = self.live;
        self.live = frame.told;
        self.emit(|sink, at| sink.end(at, reached))?;
        if let Some(outer) = self.frames.last() {
            self.operands.enter(outer.height as usize, outer.polymorphic);
            self.operands.push_all(frame.ty.results(self.module));
            self.room()?;
        }
        Ok(())
    }

    /// What follows cannot be reached.
    #[inline]
    pub(crate) fn unreachable(&mut self) {
        self.operands.set_unreachable();
        self.live = false;
        if let Some(frame) = self.frames.last_mut() {
            frame.polymorphic = true;
        }
    }

    /// The position of a label's frame.
    #[inline]
    pub(crate) fn label_frame(&self, label: LabelIdx) -> Result<usize, Invalid> {
        match self.frames.len().checked_sub(label.index() + 1) {
            Some(at) => Ok(at),
            None => Err(self.unknown("label", label.0)),
        }
    }

    /// A label, and the position of its frame.
    #[inline(always)]
    fn label(&mut self) -> Result<(LabelIdx, usize), crate::DecodeError> {
        let label = LabelIdx(self.reader.u32()?);
        Ok((label, self.label_frame(label)?))
    }

    #[inline]
    pub(crate) fn br(&mut self) -> Walked<S> {
        let (label, frame) = self.label()?;
        self.operands.pop_all(self.cx(), self.frames[frame].label(self.module))?;
        self.emit(|sink, at| sink.br(at, label))?;
        self.unreachable();
        Ok(())
    }

    #[inline]
    pub(crate) fn br_if(&mut self) -> Walked<S> {
        let (label, frame) = self.label()?;
        self.operands.pop(self.cx(), ValType::I32)?;
        self.operands.retype(self.cx(), self.frames[frame].label(self.module))?;
        self.emit(|sink, at| sink.br_if(at, label))
    }

    pub(crate) fn br_table(&mut self) -> Walked<S> {
        let cx = self.cx();
        self.operands.pop(cx, ValType::I32)?;
        let count = self.reader.count()?;
        if count > self.module.limits.br_table_labels {
            return Err(self
                .over_limit(count, "labels", self.module.limits.br_table_labels)
                .into());
        }
        self.labels.clear();
        self.labels.reserve(self.reader.capacity(count, 1));
        let mut arity = None;
        for _ in 0..=count {
            let label = LabelIdx(self.reader.u32()?);
            let position = self.label_frame(label)?;
            let frame = &mut self.frames[position];
            // A label that comes again was checked before; offset 0 is no operator's.
            if frame.checked_for != self.offset {
                frame.checked_for = self.offset;
                let types = frame.label(self.module);
                self.operands.expect_all(cx, types)?;
                if arity.is_some_and(|arity| arity != types.len()) {
                    let message = "type mismatch: labels take different numbers of operands";
                    return Err(Invalid::new(self.offset, message).into());
                }
                arity = Some(types.len());
            }
            self.labels.push(label);
        }
        let labels = core::mem::take(&mut self.labels);
        if let Some((&default, rest)) = labels.split_last() {
            self.emit(|sink, at| sink.br_table(at, rest, default))?;
        }
        self.labels = labels;
        self.unreachable();
        Ok(())
    }

    pub(crate) fn return_(&mut self) -> Walked<S> {
        self.operands.pop_all(self.cx(), self.ty.results())?;
        self.emit(|sink, at| sink.return_(at))?;
        self.unreachable();
        Ok(())
    }

    /// The type of a function that is called.
    #[inline(always)]
    fn callee(&mut self) -> Result<(FuncIdx, TypeIdx), crate::DecodeError> {
        let func = FuncIdx(self.reader.u32()?);
        match self.module.funcs.get(func.index()) {
            Some(&idx) => Ok((func, idx)),
            None => Err(self.unknown("function", func.0).into()),
        }
    }

    #[inline(always)]
    fn apply(&mut self, ty: &FuncType) -> Result<(), Invalid> {
        self.operands.pop_all(self.cx(), ty.params())?;
        self.operands.push_all(ty.results());
        self.room()
    }

    /// A call whose results are the caller's.
    fn apply_tail(&mut self, ty: &FuncType) -> Result<(), Invalid> {
        let results = self.ty.results();
        if !self.module.types.all_match(ty.results(), results) {
            let message = format!("type mismatch: callee of type {ty} has other results");
            return Err(Invalid::new(self.offset, message));
        }
        self.operands.pop_all(self.cx(), ty.params())
    }

    #[inline]
    pub(crate) fn call(&mut self) -> Walked<S> {
        let (callee, idx) = self.callee()?;
        let ty = func(self.module, idx);
        self.apply(ty)?;
        self.emit(|sink, at| sink.call(at, callee, ty))
    }

    pub(crate) fn return_call(&mut self) -> Walked<S> {
        let (callee, idx) = self.callee()?;
        let ty = func(self.module, idx);
        self.apply_tail(ty)?;
        self.emit(|sink, at| sink.return_call(at, callee, ty))?;
        self.unreachable();
        Ok(())
    }

    /// Immediates of an indirect call; takes the index into the table from the stack.
    fn indirect(&mut self) -> Result<(TableIdx, TypeIdx), crate::DecodeError> {
        let idx = TypeIdx(self.reader.u32()?);
        let at = self.reader.pos();
        let table = TableIdx(self.reader.u32()?);
        if table.0 != 0 || self.reader.pos() != at + 1 {
            self.reader.require(at, Features::REFERENCE_TYPES, "zero byte expected")?;
        }
        let ty = self.table(table)?;
        let funcref = RefType::FUNCREF;
        if !self.module.types.ref_matches(ty.element, funcref) {
            let message =
                format!("type mismatch: expected a table of {funcref}, found {}", ty.element);
            return Err(Invalid::new(self.offset, message).into());
        }
        functype(&self.module.types, self.offset, idx)?;
        self.operands.pop(self.cx(), ty.index())?;
        Ok((table, idx))
    }

    pub(crate) fn call_indirect(&mut self) -> Walked<S> {
        let (table, idx) = self.indirect()?;
        let ty = func(self.module, idx);
        self.apply(ty)?;
        self.emit(|sink, at| sink.call_indirect(at, table, idx, ty))
    }

    pub(crate) fn return_call_indirect(&mut self) -> Walked<S> {
        let (table, idx) = self.indirect()?;
        let ty = func(self.module, idx);
        self.apply_tail(ty)?;
        self.emit(|sink, at| sink.return_call_indirect(at, table, idx, ty))?;
        self.unreachable();
        Ok(())
    }

    /// The immediate of a call by reference; takes the reference from the stack.
    fn by_ref(&mut self) -> Result<TypeIdx, crate::DecodeError> {
        let idx = TypeIdx(self.reader.u32()?);
        functype(&self.module.types, self.offset, idx)?;
        self.operands.pop(self.cx(), RefType::new(true, HeapType::Concrete(idx)).into())?;
        Ok(idx)
    }

    pub(crate) fn call_ref(&mut self) -> Walked<S> {
        let idx = self.by_ref()?;
        let ty = func(self.module, idx);
        self.apply(ty)?;
        self.emit(|sink, at| sink.call_ref(at, idx, ty))
    }

    pub(crate) fn return_call_ref(&mut self) -> Walked<S> {
        let idx = self.by_ref()?;
        let ty = func(self.module, idx);
        self.apply_tail(ty)?;
        self.emit(|sink, at| sink.return_call_ref(at, idx, ty))?;
        self.unreachable();
        Ok(())
    }

    pub(crate) fn br_on_null(&mut self) -> Walked<S> {
        let (label, frame) = self.label()?;
        let ty = self.operands.pop_ref(self.cx())?;
        self.operands.retype(self.cx(), self.frames[frame].label(self.module))?;
        self.operands.push(ty.with_nullable(false).into());
        self.emit(|sink, at| sink.br_on_null(at, label))
    }

    pub(crate) fn br_on_non_null(&mut self) -> Walked<S> {
        let (label, frame) = self.label()?;
        let (target, rest) = last_ref(self.offset, self.frames[frame].label(self.module))?;
        self.operands.pop(self.cx(), target.with_nullable(true).into())?;
        self.operands.retype(self.cx(), rest)?;
        self.emit(|sink, at| sink.br_on_non_null(at, label))
    }

    pub(crate) fn br_on_cast(&mut self, op: CustomOp) -> Walked<S> {
        let on_success = op == CustomOp::BrOnCast;
        let Cast { label, frame, from, to } = self.cast()?;
        self.apply_cast(on_success, frame, from, to)?;
        self.emit(|sink, at| sink.br_on_cast(at, on_success, label, from, to))
    }

    pub(crate) fn br_on_cast_desc_eq(&mut self, op: CustomOp) -> Walked<S> {
        let on_success = op == CustomOp::BrOnCastDescEq;
        let Cast { label, frame, from, to } = self.cast()?;
        let descriptor = self.descriptor_of(to)?;
        self.operands.pop(self.cx(), descriptor)?;
        self.apply_cast(on_success, frame, from, to)?;
        self.emit(|sink, at| sink.br_on_cast_desc_eq(at, on_success, label, from, to))
    }

    /// The immediates of a branch that casts.
    fn cast(&mut self) -> Result<Cast, crate::DecodeError> {
        let at = self.reader.pos();
        let flags = self.reader.u8()?;
        if flags > 3 {
            let message = format!("malformed br_on_cast flags: {flags:#04x}");
            return Err(Malformed::new(at, message).into());
        }
        let (label, frame) = self.label()?;
        let from = RefType::new(flags & 1 != 0, self.reader.heaptype()?);
        let to = RefType::new(flags & 2 != 0, self.reader.heaptype()?);
        let types = &self.module.types;
        check_heaptype(types, self.offset, from.heap_type())?;
        check_heaptype(types, self.offset, to.heap_type())?;
        self.check_cast(to)?;
        // Custom descriptors relax what the types have to do with each other.
        if !self.module.features.contains(Features::CUSTOM_DESCRIPTORS) {
            self.expect_ref(to, from)?;
        } else if types.top(from.heap_type()) != types.top(to.heap_type()) {
            let message = format!("type mismatch: no {from} is ever {to}");
            return Err(Invalid::new(self.offset, message).into());
        }
        Ok(Cast { label, frame, from, to })
    }

    /// What a branch that casts does to the stack.
    fn apply_cast(
        &mut self,
        on_success: bool,
        frame: usize,
        from: RefType,
        to: RefType,
    ) -> Result<(), Invalid> {
        // Null is caught by the cast if `to` has it, so what is left over has none.
        let rest = if to.nullable() { from.with_nullable(false) } else { from };
        let (branch, fall) = if on_success { (to, rest) } else { (rest, to) };
        let (target, others) = last_ref(self.offset, self.frames[frame].label(self.module))?;
        self.expect_ref(branch, target)?;
        self.operands.pop(self.cx(), from.into())?;
        self.operands.retype(self.cx(), others)?;
        self.operands.push(fall.into());
        Ok(())
    }

    fn expect_ref(&self, found: RefType, expected: RefType) -> Result<(), Invalid> {
        if self.module.types.ref_matches(found, expected) {
            return Ok(());
        }
        let message = format!("type mismatch: expected {expected}, found {found}");
        Err(Invalid::new(self.offset, message))
    }
}

/// The immediates of a branch that casts.
struct Cast {
    label: LabelIdx,
    /// The position of the label's frame.
    frame: usize,
    from: RefType,
    to: RefType,
}

/// The reference type that a label takes last, and what it takes before.
fn last_ref(offset: usize, types: &[ValType]) -> Result<(RefType, &[ValType]), Invalid> {
    if let Some((last, rest)) = types.split_last()
        && let Some(ty) = last.as_ref()
    {
        return Ok((ty, rest));
    }
    Err(Invalid::new(offset, "type mismatch: the label takes no reference last"))
}
