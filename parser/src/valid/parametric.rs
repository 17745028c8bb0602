//! `drop` and `select`. Spec: *Validation → Instructions → Parametric Instructions*.

use super::types::check_valtype;
use crate::Invalid;
use crate::syntax::*;
use crate::walk::{Sink, Walk, Walked};
use alloc::format;

impl<S: Sink> Walk<'_, '_, S> {
    #[inline]
    pub(crate) fn drop_(&mut self) -> Walked<S> {
        let ty = self.operands.pop_any(self.cx())?;
        self.emit(|sink, at| sink.drop(at, ty))
    }

    /// `select` without types, which takes numbers and vectors.
    pub(crate) fn select(&mut self) -> Walked<S> {
        let cx = self.cx();
        self.operands.pop(cx, ValType::I32)?;
        let second = self.operands.pop_any(cx)?;
        let first = self.operands.pop_any(cx)?;
        let ty = if first == ValType::BOTTOM { second } else { first };
        if ty.is_ref() || second.is_ref() {
            let message = "type mismatch: select of references needs a type";
            return Err(Invalid::new(self.offset, message).into());
        }
        if second != ty && second != ValType::BOTTOM {
            let message = format!("type mismatch: expected {ty}, found {second}");
            return Err(Invalid::new(self.offset, message).into());
        }
        self.operands.push(ty);
        self.emit(|sink, at| sink.select(at, ty))
    }

    pub(crate) fn select_typed(&mut self) -> Walked<S> {
        let count = self.reader.count()?;
        if count != 1 {
            let message = format!("invalid result arity: expected 1 type, found {count}");
            return Err(Invalid::new(self.offset, message).into());
        }
        let ty = self.reader.valtype()?;
        check_valtype(&self.module.types, self.offset, ty)?;
        let cx = self.cx();
        self.operands.pop(cx, ValType::I32)?;
        self.operands.binary(cx, ty, ty, ty)?;
        self.emit(|sink, at| sink.select(at, ty))
    }
}
