//! Tables. Spec: *Validation → Instructions → Table Instructions*.

use crate::ops::CustomOp;
use crate::syntax::*;
use crate::walk::{Sink, Walk, Walked};
use crate::{DecodeError, Invalid};
use alloc::format;

impl<S: Sink> Walk<'_, '_, S> {
    /// The type of a table.
    pub(crate) fn table(&self, table: TableIdx) -> Result<TableType, Invalid> {
        match self.module.tables.get(table.index()) {
            Some(&ty) => Ok(ty),
            None => Err(self.unknown("table", table.0)),
        }
    }

    fn tableidx(&mut self) -> Result<(TableIdx, TableType), DecodeError> {
        let table = TableIdx(self.reader.u32()?);
        Ok((table, self.table(table)?))
    }

    fn elem(&self, elem: ElemIdx) -> Result<RefType, Invalid> {
        match self.module.elems.get(elem.index()) {
            Some(segment) => Ok(segment.ty),
            None => Err(self.unknown("elem segment", elem.0)),
        }
    }

    /// Checks that elements of one type can be put where another is expected.
    fn elements_match(&self, found: RefType, expected: RefType) -> Result<(), Invalid> {
        if self.module.types.ref_matches(found, expected) {
            return Ok(());
        }
        let message = format!("type mismatch: expected elements of type {expected}, found {found}");
        Err(Invalid::new(self.offset, message))
    }

    /// Operators on a single table.
    pub(crate) fn table_op(&mut self, op: CustomOp) -> Walked<S> {
        let (table, ty) = self.tableidx()?;
        let (index, element) = (ty.index(), ValType::from(ty.element));
        let cx = self.cx();
        match op {
            CustomOp::TableGet => {
                self.operands.unary(cx, index, element)?;
                self.emit(|sink, at| sink.table_get(at, table))
            }
            CustomOp::TableSet => {
                self.operands.pop_all(cx, &[index, element])?;
                self.emit(|sink, at| sink.table_set(at, table))
            }
            CustomOp::TableSize => {
                self.operands.push(index);
                self.emit(|sink, at| sink.table_size(at, table))
            }
            CustomOp::TableGrow => {
                self.operands.binary(cx, element, index, index)?;
                self.emit(|sink, at| sink.table_grow(at, table))
            }
            _ => {
                self.operands.pop_all(cx, &[index, element, index])?;
                self.emit(|sink, at| sink.table_fill(at, table))
            }
        }
    }

    pub(crate) fn table_copy(&mut self) -> Walked<S> {
        let (dst, to) = self.tableidx()?;
        let (src, from) = self.tableidx()?;
        self.elements_match(from.element, to.element)?;
        let len = if to.is_64 && from.is_64 { ValType::I64 } else { ValType::I32 };
        self.operands.pop_all(self.cx(), &[to.index(), from.index(), len])?;
        self.emit(|sink, at| sink.table_copy(at, dst, src))
    }

    pub(crate) fn table_init(&mut self) -> Walked<S> {
        let elem = ElemIdx(self.reader.u32()?);
        let (table, ty) = self.tableidx()?;
        self.elements_match(self.elem(elem)?, ty.element)?;
        self.operands.pop_all(self.cx(), &[ty.index(), ValType::I32, ValType::I32])?;
        self.emit(|sink, at| sink.table_init(at, table, elem))
    }

    pub(crate) fn elem_drop(&mut self) -> Walked<S> {
        let elem = ElemIdx(self.reader.u32()?);
        self.elem(elem)?;
        self.emit(|sink, at| sink.elem_drop(at, elem))
    }
}
