//! Continuations. Spec: the proposal *Stack Switching*, *Validation*.

use crate::ops::CustomOp;
use crate::syntax::*;
use crate::walk::{Handler, Resume, Sink, Walk, Walked, With};
use crate::{DecodeError, Invalid, Malformed};
use alloc::format;

impl<'m, S: Sink> Walk<'m, '_, S> {
    /// The function type behind a continuation type.
    fn cont(&self, idx: TypeIdx) -> Result<(TypeIdx, &'m FuncType), Invalid> {
        let types = &self.module.types;
        let Some(sub) = types.subs.get(idx.index()) else {
            return Err(super::types::unknown_type(self.offset, idx));
        };
        match sub.composite {
            CompositeType::Cont(func) => {
                Ok((func, super::module::functype(types, self.offset, func)?))
            }
            _ => Err(Invalid::new(self.offset, format!("non-continuation type {}", idx.0))),
        }
    }

    /// The immediate that is a continuation type.
    fn cont_immediate(&mut self) -> Result<(TypeIdx, TypeIdx, &'m FuncType), DecodeError> {
        let idx = TypeIdx(self.reader.u32()?);
        let (func, ty) = self.cont(idx)?;
        Ok((idx, func, ty))
    }

    fn pop_cont(&mut self, idx: TypeIdx) -> Result<(), Invalid> {
        let ty = RefType::new(true, HeapType::Concrete(idx));
        self.operands.pop(self.cx(), ty.into()).map(drop)
    }

    fn mismatch(&self, what: &str) -> Invalid {
        Invalid::new(self.offset, format!("type mismatch{what}"))
    }

    pub(crate) fn cont_new(&mut self) -> Walked<S> {
        let (cont, func, _) = self.cont_immediate()?;
        self.operands.pop(self.cx(), RefType::new(true, HeapType::Concrete(func)).into())?;
        self.operands.push(RefType::new(false, HeapType::Concrete(cont)).into());
        self.emit(|sink, at| sink.cont_new(at, cont))
    }

    pub(crate) fn cont_bind(&mut self) -> Walked<S> {
        let (from, _, from_ty) = self.cont_immediate()?;
        let (to, _, to_ty) = self.cont_immediate()?;
        let Some(count) = from_ty.params().len().checked_sub(to_ty.params().len()) else {
            return Err(self.mismatch(": a continuation cannot take more than before").into());
        };
        let (bound, left) = from_ty.params().split_at(count);
        let types = &self.module.types;
        if !types.all_match(to_ty.params(), left)
            || !types.all_match(from_ty.results(), to_ty.results())
        {
            let message = format!(": what is left of {from_ty} is not {to_ty}");
            return Err(self.mismatch(&message).into());
        }
        self.pop_cont(from)?;
        self.operands.pop_all(self.cx(), bound)?;
        self.operands.push(RefType::new(false, HeapType::Concrete(to)).into());
        self.emit(|sink, at| sink.cont_bind(at, to, bound))
    }

    pub(crate) fn suspend(&mut self) -> Walked<S> {
        let tag = TagIdx(self.reader.u32()?);
        let ty = self.tag_type(tag)?;
        self.operands.pop_all(self.cx(), ty.params())?;
        self.operands.push_all(ty.results());
        self.room()?;
        self.emit(|sink, at| sink.suspend(at, tag, ty))
    }

    pub(crate) fn resume(&mut self, op: CustomOp) -> Walked<S> {
        let (cont, _, ty) = self.cont_immediate()?;
        let with = match op {
            CustomOp::ResumeThrow => {
                let tag = TagIdx(self.reader.u32()?);
                With::Throw(tag, self.exception_params(tag)?)
            }
            CustomOp::ResumeThrowRef => With::ThrowRef,
            _ => With::Values,
        };
        let count = self.reader.count()?;
        if count > self.module.limits.catches {
            return Err(self.over_limit(count, "handlers", self.module.limits.catches).into());
        }
        let mut handlers = core::mem::take(&mut self.handlers);
        handlers.clear();
        handlers.reserve(self.reader.capacity(count, 2));
        for _ in 0..count {
            handlers.push(self.handler(ty)?);
        }
        self.pop_cont(cont)?;
        let exn = [ValType::from(RefType::new(true, HeapType::Exn))];
        self.operands.pop_all(
            self.cx(),
            match with {
                With::Values => ty.params(),
                With::Throw(_, params) => params,
                With::ThrowRef => &exn,
            },
        )?;
        self.operands.push_all(ty.results());
        self.room()?;
        self.emit(|sink, at| sink.resume(at, Resume { ty, with, handlers: &handlers }))?;
        self.handlers = handlers;
        Ok(())
    }

    /// One clause of an operator that resumes a continuation of type `resumed`.
    fn handler(&mut self, resumed: &FuncType) -> Result<Handler, DecodeError> {
        let at = self.reader.pos();
        let kind = self.reader.u8()?;
        if kind > 1 {
            return Err(Malformed::new(at, format!("malformed handler: {kind:#04x}")).into());
        }
        let tag = TagIdx(self.reader.u32()?);
        let ty = self.tag_type(tag)?;
        let types = &self.module.types;
        if kind == 1 {
            // Who switches does not know whose results they are: they are the tag's exactly.
            let (found, expected) = (resumed.results(), ty.results());
            let same = types.all_match(found, expected) && types.all_match(expected, found);
            if !ty.params().is_empty() || !same {
                return Err(self.mismatch(" in switch tag").into());
            }
            return Ok(Handler { tag, label: None });
        }
        let label = LabelIdx(self.reader.u32()?);
        let expected = self.frames[self.label_frame(label)?].label(self.module);
        let last = expected.split_last().and_then(|(last, values)| Some((last.as_ref()?, values)));
        let Some((last, values)) = last else {
            let message = format!(": label {} takes no continuation", label.0);
            return Err(self.mismatch(&message).into());
        };
        let (HeapType::Concrete(idx) | HeapType::Exact(idx)) = last.heap_type() else {
            let message = format!(
                ": instruction requires concrete continuation reference type but label has [{last}]"
            );
            return Err(self.mismatch(&message).into());
        };
        let (_, suspended) = self.cont(idx)?;
        if types.all_match(ty.params(), values)
            && types.all_match(suspended.params(), ty.results())
            && types.all_match(resumed.results(), suspended.results())
        {
            return Ok(Handler { tag, label: Some(label) });
        }
        let message = format!(": label {} does not take what the tag {} passes", label.0, tag.0);
        Err(self.mismatch(&message).into())
    }

    pub(crate) fn switch(&mut self) -> Walked<S> {
        let (cont, _, ty) = self.cont_immediate()?;
        let tag = TagIdx(self.reader.u32()?);
        let tag_ty = self.tag_type(tag)?;
        let last = ty.params().split_last().and_then(|(last, rest)| Some((last.as_ref()?, rest)));
        let Some((last, values)) = last else {
            return Err(self.mismatch(": the continuation takes no continuation").into());
        };
        let (HeapType::Concrete(own) | HeapType::Exact(own)) = last.heap_type() else {
            let message = format!(": expected a concrete continuation type, found {last}");
            return Err(self.mismatch(&message).into());
        };
        let (_, own_ty) = self.cont(own)?;
        let types = &self.module.types;
        if !tag_ty.params().is_empty()
            || !types.all_match(ty.results(), tag_ty.results())
            || !types.all_match(tag_ty.results(), own_ty.results())
        {
            return Err(self.mismatch(" in switch tag").into());
        }
        self.pop_cont(cont)?;
        self.operands.pop_all(self.cx(), values)?;
        self.operands.push_all(own_ty.params());
        self.room()?;
        let (params, results) = (ty.params(), own_ty.params());
        self.emit(|sink, at| sink.switch(at, tag, params, own, results))
    }
}
