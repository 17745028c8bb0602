//! References. Spec: *Validation → Instructions → Reference Instructions*.

use super::types::{check_heaptype, unknown_type};
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
        let is_exact =
            func.0 >= self.module.imported.funcs || self.module.exact_imports.contains(func.0);
        self.operands.push(func_ref(&self.module.types, idx, is_exact));
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
        self.check_cast(to)?;
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

    /// Continuations do not know their types.
    pub(crate) fn check_cast(&self, to: RefType) -> Result<(), Invalid> {
        match self.module.types.top(to.heap_type()) {
            HeapType::Cont => Err(Invalid::new(self.offset, format!("invalid cast to {to}"))),
            _ => Ok(()),
        }
    }

    pub(crate) fn ref_get_desc(&mut self) -> Walked<S> {
        let idx = self.reader.typeidx()?;
        let cx = self.cx();
        let Some(sub) = cx.types.subs.get(idx.index()) else {
            return Err(unknown_type(self.offset, idx).into());
        };
        let Some(descriptor) = sub.descriptor else {
            let message = format!("type without descriptor: {}", idx.0);
            return Err(Invalid::new(self.offset, message).into());
        };
        let found = self.operands.pop(cx, RefType::new(true, HeapType::Concrete(idx)).into())?;
        // What is of exactly a type has a descriptor of exactly the type that describes it.
        let exact = RefType::new(true, HeapType::Exact(idx)).into();
        let heap = match cx.types.matches(found, exact) {
            true => HeapType::Exact(descriptor),
            false => HeapType::Concrete(descriptor),
        };
        self.operands.push(RefType::new(false, heap).into());
        self.emit(|sink, at| sink.ref_get_desc(at, idx))
    }

    pub(crate) fn ref_cast_desc_eq(&mut self, op: CustomOp) -> Walked<S> {
        let to = RefType::new(op == CustomOp::RefCastDescEqNull, self.heap()?);
        let descriptor = self.descriptor_of(to)?;
        let top = RefType::new(true, self.module.types.top(to.heap_type()));
        self.operands.pop(self.cx(), descriptor)?;
        self.operands.pop(self.cx(), top.into())?;
        self.operands.push(to.into());
        self.emit(|sink, at| sink.ref_cast_desc_eq(at, to))
    }

    /// The type of the descriptor that a cast to `to` asks for, exact if that is.
    pub(crate) fn descriptor_of(&self, to: RefType) -> Result<ValType, Invalid> {
        let types = &self.module.types;
        let descriptor = match to.heap_type() {
            HeapType::Concrete(idx) => types.get(idx).descriptor.map(HeapType::Concrete),
            HeapType::Exact(idx) => types.get(idx).descriptor.map(HeapType::Exact),
            _ => None,
        };
        match descriptor {
            Some(heap) => Ok(RefType::new(true, heap).into()),
            None => {
                let message = format!("type {} does not have a descriptor", to.heap_type());
                Err(Invalid::new(self.offset, message))
            }
        }
    }
}

/// The type of a reference to a function that is of type `idx`, and of no subtype if `is_exact`.
pub(crate) fn func_ref(types: &Types, idx: TypeIdx, is_exact: bool) -> ValType {
    let heap = if is_exact { types.made(idx) } else { HeapType::Concrete(idx) };
    RefType::new(false, heap).into()
}
