//! Function bodies, element segments, data segments. Spec: *Binary Format → Modules*.

use super::Reader;
use super::module::Builder;
use super::types::limit;
use crate::syntax::*;
use crate::{DecodeError, Features, Invalid, Malformed, valid};
use alloc::format;
use alloc::vec::Vec;

impl<'a> Builder<'a> {
    pub(super) fn elem_section(&mut self, reader: &mut Reader<'a>) -> Result<(), DecodeError> {
        let at = reader.pos();
        let count = reader.count()?;
        limit(at, count, self.limits.elems, "element segments")?;
        self.elems.reserve(reader.capacity(count, 3));
        for _ in 0..count {
            let elem = self.elem(reader)?;
            self.elems.push(elem);
        }
        Ok(())
    }

    fn elem(&mut self, reader: &mut Reader<'a>) -> Result<Elem, DecodeError> {
        let at = reader.pos();
        let flags = reader.u32()?;
        if flags > 7 {
            return Err(
                Malformed::new(at, format!("malformed elements segment kind: {flags}")).into()
            );
        }
        // Bit 0: not active. Bit 1: declarative, or with a table. Bit 2: expressions.
        let mode = match flags & 3 {
            1 => SegmentMode::Passive,
            3 => SegmentMode::Declarative,
            explicit => {
                let table = TableIdx(if explicit == 2 { reader.u32()? } else { 0 });
                let index = valid::module::table_index(&self.tables, table);
                SegmentMode::Active(table, self.const_expr(reader, index)?)
            }
        };
        if flags & 1 != 0 {
            reader.require(at, Features::BULK_MEMORY, "malformed elements segment kind")?;
        }
        let ty_at = reader.pos();
        let ty = match (flags & 4 != 0, flags & 3 != 0) {
            (false, false) => RefType::new(false, HeapType::Func),
            (false, true) => match reader.u8()? {
                0 => RefType::new(false, HeapType::Func),
                kind => {
                    let message = format!("malformed element kind: {kind:#04x}");
                    return Err(Malformed::new(ty_at, message).into());
                }
            },
            (true, false) => RefType::FUNCREF,
            (true, true) => reader.reftype()?,
        };
        self.check(|builder| valid::module::check_elem(builder, at, ty, &mode));
        let items = self.elem_items(reader, ty, flags & 4 != 0)?;
        Ok(Elem { ty, items, mode })
    }

    fn elem_items(
        &mut self,
        reader: &mut Reader<'a>,
        ty: RefType,
        are_exprs: bool,
    ) -> Result<ElemItems, DecodeError> {
        let at = reader.pos();
        let count = reader.count()?;
        limit(at, count, self.limits.elem_items, "elements")?;
        if are_exprs {
            let mut exprs = Vec::with_capacity(reader.capacity(count, 3));
            for _ in 0..count {
                exprs.push(self.const_expr(reader, ty.into())?);
            }
            return Ok(ElemItems::Exprs(exprs.into()));
        }
        let mut funcs = Vec::with_capacity(reader.capacity(count, 1));
        for _ in 0..count {
            let at = reader.pos();
            let func = FuncIdx(reader.u32()?);
            self.check(|builder| valid::module::declare_func(builder, at, func));
            funcs.push(func);
        }
        Ok(ElemItems::Funcs(funcs.into()))
    }

    pub(super) fn data_count_section(
        &mut self,
        at: usize,
        reader: &mut Reader<'a>,
    ) -> Result<(), DecodeError> {
        reader.require(at, Features::BULK_MEMORY, "malformed section id: data count")?;
        let count = reader.u32()?;
        limit(at, count, self.limits.datas, "data segments")?;
        self.data_count = Some(count);
        Ok(())
    }

    /// Fails unless there are as many data segments as announced.
    pub(super) fn data_section_count(
        &self,
        reader: &Reader<'_>,
        count: u32,
    ) -> Result<(), DecodeError> {
        match self.data_count {
            Some(announced) if announced != count => {
                let message = format!(
                    "data count and data section have inconsistent lengths: {announced} announced, {count} found"
                );
                Err(Malformed::new(reader.pos(), message).into())
            }
            _ => Ok(()),
        }
    }

    pub(super) fn data_section(&mut self, reader: &mut Reader<'a>) -> Result<(), DecodeError> {
        let at = reader.pos();
        let count = reader.count()?;
        self.data_section_count(reader, count)?;
        limit(at, count, self.limits.datas, "data segments")?;
        self.datas.reserve(reader.capacity(count, 2));
        for _ in 0..count {
            let data = self.data(reader)?;
            self.datas.push(data);
        }
        Ok(())
    }

    fn data(&mut self, reader: &mut Reader<'a>) -> Result<Data, DecodeError> {
        let at = reader.pos();
        let mode = match reader.u32()? {
            1 => {
                reader.require(
                    at,
                    Features::BULK_MEMORY,
                    "malformed data segment kind: passive",
                )?;
                SegmentMode::Passive
            }
            kind @ (0 | 2) => {
                let mem = MemIdx(if kind == 2 { reader.u32()? } else { 0 });
                if mem.index() >= self.mems.len() {
                    self.check(|_| Err(Invalid::new(at, format!("unknown memory {}", mem.0))));
                }
                let index = valid::module::mem_index(&self.mems, mem);
                SegmentMode::Active(mem, self.const_expr(reader, index)?)
            }
            kind => {
                return Err(
                    Malformed::new(at, format!("malformed data segment kind: {kind}")).into()
                );
            }
        };
        Ok(Data { bytes: reader.sized()?, mode })
    }

    /// Fails unless there are as many bodies as functions.
    pub(super) fn code_count(&self, reader: &Reader<'_>, count: u32) -> Result<(), DecodeError> {
        let funcs = self.funcs.len() - self.imported.funcs as usize;
        if count as usize == funcs {
            return Ok(());
        }
        let message = format!(
            "function and code section have inconsistent lengths: {funcs} functions, {count} bodies"
        );
        Err(Malformed::new(reader.pos(), message).into())
    }

    pub(super) fn code_section(&mut self, reader: &mut Reader<'a>) -> Result<(), DecodeError> {
        self.code_start = reader.pos();
        let count = reader.count()?;
        self.code_count(reader, count)?;
        self.bodies.reserve(reader.capacity(count, 3));
        for _ in 0..count {
            let at = reader.pos();
            let body = reader.sized()?;
            limit(at, body.len() as u32, self.limits.body_bytes, "bytes of function body")?;
            self.bodies.push(body);
        }
        Ok(())
    }
}
