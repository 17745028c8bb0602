//! Exceptions as they were before WebAssembly 3.0, which toolchains still emit. Spec: the proposal
//! *Legacy Exception Handling*, *Validation*.

use super::control::{Frame, FrameKind};
use crate::syntax::*;
use crate::walk::{BlockType, Sink, Walk, Walked};
use crate::{Invalid, Malformed};
use alloc::format;

impl<S: Sink> Walk<'_, '_, S> {
    pub(crate) fn try_(&mut self) -> Walked<S> {
        let ty = self.frame_type()?;
        self.enter(FrameKind::Try, ty)?;
        let module = self.module;
        let block = BlockType { params: ty.params(module), results: ty.results(module) };
        self.emit(|sink, at| sink.try_(at, block))
    }

    pub(crate) fn catch_tag(&mut self) -> Walked<S> {
        let tag = TagIdx(self.reader.u32()?);
        let params = self.exception_params(tag)?;
        self.clause(Some(tag), params)
    }

    pub(crate) fn catch_all(&mut self) -> Walked<S> {
        self.clause(None, &[])
    }

    /// Ends one part of a `try` and begins the next.
    fn clause(&mut self, tag: Option<TagIdx>, params: &[ValType]) -> Walked<S> {
        let frame = self.open_try(&[FrameKind::Try, FrameKind::Catch], "catch")?;
        self.leave(&frame)?;
        let (told, reached) = (frame.told, self.live);
        self.live = told;
        self.emit(|sink, at| sink.catch(at, tag, params, reached))?;
        let kind = if tag.is_some() { FrameKind::Catch } else { FrameKind::CatchAll };
        if let Some(last) = self.frames.last_mut() {
            *last = Frame { kind, polymorphic: false, ..frame };
        }
        self.operands.enter(frame.height as usize, false);
        self.operands.push_all(params);
        Ok(self.room()?)
    }

    pub(crate) fn delegate(&mut self) -> Walked<S> {
        let label = LabelIdx(self.reader.u32()?);
        let frame = self.open_try(&[FrameKind::Try], "delegate")?;
        self.leave(&frame)?;
        self.frames.pop();
        self.label_frame(label)?;
        let reached = self.live;
        self.live = frame.told;
        self.emit(|sink, at| sink.delegate(at, label, reached))?;
        if let Some(outer) = self.frames.last() {
            self.operands.enter(outer.height as usize, outer.polymorphic);
            self.operands.push_all(frame.ty.results(self.module));
            self.room()?;
        }
        Ok(())
    }

    pub(crate) fn rethrow(&mut self) -> Walked<S> {
        let label = LabelIdx(self.reader.u32()?);
        let frame = self.frames[self.label_frame(label)?];
        if !matches!(frame.kind, FrameKind::Catch | FrameKind::CatchAll) {
            let message = format!("invalid rethrow label {}: it is of no catch", label.0);
            return Err(Invalid::new(self.offset, message).into());
        }
        self.emit(|sink, at| sink.rethrow(at, label))?;
        self.unreachable();
        Ok(())
    }

    /// The innermost block, if it is of one of `kinds`.
    fn open_try(&self, kinds: &[FrameKind], what: &str) -> Result<Frame, Malformed> {
        match self.frames.last() {
            Some(frame) if kinds.contains(&frame.kind) => Ok(*frame),
            _ => {
                let message = format!("illegal opcode: {what} without try");
                Err(Malformed::new(self.offset, message))
            }
        }
    }
}
