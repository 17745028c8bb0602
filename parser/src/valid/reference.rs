//! References. Spec: *Validation → Instructions → Reference Instructions*.

use super::types::check_heaptype;
use crate::ops::CustomOp;
use crate::syntax::*;
use crate::walk::{Sink, Walk, Walked};
use crate::{DecodeError, Invalid};
use alloc::format;

impl<S: Sink> Walk<'_, '_, S> {
    fn heap(&mut self) -> Result<HeapType, DecodeError> {
        let heap = self.reader.heaptype()?;
        check_heaptype(&self.module.types, self.offset, heap)?;
        Ok(heap)
    }

    pub(crate) fn ref_null(&mut self) -> Walked<S> {
        let heap = self.heap()?;
        self.operands.push(RefType::new(true, heap).into());
        self.emit(|sink, at| sink.ref_null(at, heap))
    }

    pub(crate) fn ref_is_null(&mut self) -> Walked<S> {
        self.operands.pop_ref(self.cx())?;
        self.operands.push(ValType::I32);
        self.emit(|sink, at| sink.ref_is_null(at))
    }

    pub(crate) fn ref_func(&mut self) -> Walked<S> {
        let func = FuncIdx(self.reader.u32()?);
        let Some(&idx) = self.module.funcs.get(func.index()) else {
            return Err(self.unknown("function", func.0).into());
        };
        if !self.module.declared_funcs.contains(func.0) {
            let message = format!("undeclared function reference: {}", func.0);
            return Err(Invalid::new(self.offset, message).into());
        }
        self.operands.push(RefType::new(false, HeapType::Concrete(idx)).into());
        self.emit(|sink, at| sink.ref_func(at, func))
    }

    pub(crate) fn ref_eq(&mut self) -> Walked<S> {
        let eq = RefType::new(true, HeapType::Eq).into();
        self.operands.binary(self.cx(), eq, eq, ValType::I32)?;
        self.emit(|sink, at| sink.ref_eq(at))
    }

    pub(crate) fn ref_as_non_null(&mut self) -> Walked<S> {
        let ty = self.operands.pop_ref(self.cx())?;
        self.operands.push(ty.with_nullable(false).into());
        self.emit(|sink, at| sink.ref_as_non_null(at))
    }

    /// `ref.test` and `ref.cast`, which take any reference of the same hierarchy.
    pub(crate) fn ref_test_or_cast(&mut self, op: CustomOp) -> Walked<S> {
        let nullable = matches!(op, CustomOp::RefTestNull | CustomOp::RefCastNull);
        let to = RefType::new(nullable, self.heap()?);
        let top = RefType::new(true, self.module.types.top(to.heap_type()));
        self.operands.pop(self.cx(), top.into())?;
        if matches!(op, CustomOp::RefTest | CustomOp::RefTestNull) {
            self.operands.push(ValType::I32);
            self.emit(|sink, at| sink.ref_test(at, to))
        } else {
            self.operands.push(to.into());
            self.emit(|sink, at| sink.ref_cast(at, to))
        }
    }
}
