//! Numbers. Spec: *Validation → Instructions → Numeric Instructions*.

use crate::ops::*;
use crate::syntax::*;
use crate::walk::{Const, Sink, Walk, Walked};

impl<S: Sink> Walk<'_, '_, S> {
    #[inline(always)]
    pub(crate) fn constant(&mut self, value: Const) -> Walked<S> {
        self.operands.push(value.ty());
        self.emit(|sink, at| sink.constant(at, value))
    }

    #[inline(always)]
    pub(crate) fn unop(&mut self, op: UnOp) -> Walked<S> {
        let ty = op.results()[0];
        self.operands.unary(self.cx(), ty, ty)?;
        self.emit(|sink, at| sink.unop(at, op))
    }

    #[inline(always)]
    pub(crate) fn binop(&mut self, op: BinOp) -> Walked<S> {
        let ty = op.results()[0];
        self.operands.binary(self.cx(), ty, ty, ty)?;
        self.emit(|sink, at| sink.binop(at, op))
    }

    #[inline(always)]
    pub(crate) fn testop(&mut self, op: TestOp) -> Walked<S> {
        self.operands.unary(self.cx(), op.operands()[0], ValType::I32)?;
        self.emit(|sink, at| sink.testop(at, op))
    }

    #[inline(always)]
    pub(crate) fn relop(&mut self, op: RelOp) -> Walked<S> {
        let ty = op.operands()[0];
        self.operands.binary(self.cx(), ty, ty, ValType::I32)?;
        self.emit(|sink, at| sink.relop(at, op))
    }

    #[inline(always)]
    pub(crate) fn cvtop(&mut self, op: CvtOp) -> Walked<S> {
        self.operands.unary(self.cx(), op.operands()[0], op.results()[0])?;
        self.emit(|sink, at| sink.cvtop(at, op))
    }

    pub(crate) fn wideop(&mut self, op: WideOp) -> Walked<S> {
        self.operands.pop_all(self.cx(), op.operands())?;
        self.operands.push_all(op.results());
        self.emit(|sink, at| sink.wideop(at, op))
    }
}
