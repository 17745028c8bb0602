//! Exceptions. Spec: *Validation → Instructions → Control Instructions*.

use super::control::FrameKind;
use crate::syntax::*;
use crate::walk::{BlockType, Catch, Sink, Walk, Walked};
use crate::{DecodeError, Invalid, Malformed};
use alloc::format;

impl<'m, S: Sink> Walk<'m, '_, S> {
    /// The type of a tag.
    pub(crate) fn tag_type(&self, tag: TagIdx) -> Result<&'m FuncType, Invalid> {
        let Some(&idx) = self.module.tags.get(tag.index()) else {
            return Err(self.unknown("tag", tag.0));
        };
        super::module::functype(&self.module.types, self.offset, idx)
    }

    /// The types of the values of a tag of exceptions.
    pub(crate) fn exception_params(&self, tag: TagIdx) -> Result<&'m [ValType], Invalid> {
        let ty = self.tag_type(tag)?;
        if ty.results().is_empty() {
            return Ok(ty.params());
        }
        let message = format!("non-empty tag result type: no exception has the tag {}", tag.0);
        Err(Invalid::new(self.offset, message))
    }

    pub(crate) fn throw(&mut self) -> Walked<S> {
        let tag = TagIdx(self.reader.u32()?);
        let params = self.exception_params(tag)?;
        self.operands.pop_all(self.cx(), params)?;
        self.emit(|sink, at| sink.throw(at, tag, params))?;
        self.unreachable();
        Ok(())
    }

    pub(crate) fn throw_ref(&mut self) -> Walked<S> {
        self.operands.pop(self.cx(), RefType::new(true, HeapType::Exn).into())?;
        self.emit(|sink, at| sink.throw_ref(at))?;
        self.unreachable();
        Ok(())
    }

    pub(crate) fn try_table(&mut self) -> Walked<S> {
        let ty = self.frame_type()?;
        let count = self.reader.count()?;
        if count > self.module.limits.catches {
            return Err(self.over_limit(count, "catch clauses", self.module.limits.catches).into());
        }
        let mut catches = core::mem::take(&mut self.catches);
        catches.clear();
        catches.reserve(self.reader.capacity(count, 2));
        for _ in 0..count {
            catches.push(self.catch()?);
        }
        self.enter(FrameKind::Block, ty)?;
        let module = self.module;
        let block = BlockType { params: ty.params(module), results: ty.results(module) };
        self.emit(|sink, at| sink.try_table(at, block, &catches))?;
        self.catches = catches;
        Ok(())
    }

    /// One clause; labels count from outside of the block, which is not entered yet.
    fn catch(&mut self) -> Result<Catch, DecodeError> {
        let at = self.reader.pos();
        let kind = self.reader.u8()?;
        if kind > 3 {
            return Err(Malformed::new(at, format!("malformed catch clause: {kind:#04x}")).into());
        }
        let tag = if kind < 2 { Some(TagIdx(self.reader.u32()?)) } else { None };
        let with_ref = kind & 1 != 0;
        let params = tag.map_or(Ok(&[][..]), |tag| self.exception_params(tag))?;
        let label = LabelIdx(self.reader.u32()?);
        let types = self.frames[self.label_frame(label)?].label(self.module);
        let exn = [ValType::from(RefType::new(false, HeapType::Exn))];
        let passed = params.len() + usize::from(with_ref);
        let matches =
            |found: &[ValType], expected: &[ValType]| self.module.types.all_match(found, expected);
        let (values, exns) = types.split_at(params.len().min(types.len()));
        if matches(params, values) && matches(&exn[..usize::from(with_ref)], exns) {
            return Ok(Catch { tag, with_ref, label });
        }
        let message = format!(
            "type mismatch: the clause passes {passed} values that the label, which takes {}, does not accept",
            types.len()
        );
        Err(Invalid::new(self.offset, message).into())
    }
}
