//! What a module takes, has and gives: imports, functions, tables, memories, globals, tags,
//! exports and the start function. Spec: *Binary Format → Modules*.

use super::Reader;
use super::module::Builder;
use super::types::{disabled, limit};
use crate::syntax::*;
use crate::{DecodeError, Features, Invalid, Malformed, valid};
use alloc::boxed::Box;
use alloc::format;
use alloc::sync::Arc;

impl<'a> Builder<'a> {
    pub(super) fn import_section(&mut self, reader: &mut Reader<'a>) -> Result<(), DecodeError> {
        let groups = reader.count()?;
        self.imports.reserve(reader.capacity(groups, 4));
        let mut last: Arc<str> = Arc::from("");
        for _ in 0..groups {
            // Imports of one module mostly stand together.
            let module = self.name(reader)?;
            if *last != *module {
                last = Arc::from(module);
            }
            let name = self.name(reader)?;
            let at = reader.pos();
            match (name, reader.peek()?) {
                ("", 0x7f) => {
                    self.compact(at, reader)?;
                    for _ in 0..reader.count()? {
                        let name = self.name(reader)?;
                        let at = reader.pos();
                        let ty = externtype(reader)?;
                        self.import(at, &last, name, ty)?;
                    }
                }
                ("", 0x7e) => {
                    self.compact(at, reader)?;
                    let ty = externtype(reader)?;
                    for _ in 0..reader.count()? {
                        let name = self.name(reader)?;
                        self.import(at, &last, name, ty)?;
                    }
                }
                _ => {
                    let ty = externtype(reader)?;
                    self.import(at, &last, name, ty)?;
                }
            }
        }
        Ok(())
    }

    /// A group of imports; its encoding was peeked at.
    fn compact(&mut self, at: usize, reader: &mut Reader<'_>) -> Result<(), Malformed> {
        reader.skip(1);
        reader.require(at, Features::COMPACT_IMPORTS, "malformed import kind: group of imports")
    }

    fn name(&mut self, reader: &mut Reader<'a>) -> Result<&'a str, DecodeError> {
        let at = reader.pos();
        let name = reader.name()?;
        limit(at, name.len() as u32, self.limits.name_bytes, "bytes of name")?;
        Ok(name)
    }

    fn import(
        &mut self,
        at: usize,
        module: &Arc<str>,
        name: &str,
        ty: ExternType,
    ) -> Result<(), DecodeError> {
        limit(at, self.imports.len() as u32 + 1, self.limits.imports, "imports")?;
        match ty {
            ExternType::Func(ty) => {
                self.func(at, ty)?;
                self.imported.funcs += 1;
            }
            ExternType::FuncExact(ty) => {
                self.exact_imports.insert(self.funcs.len() as u32);
                self.func(at, ty)?;
                self.imported.funcs += 1;
            }
            ExternType::Table(ty) => {
                self.table(at, ty)?;
                self.imported.tables += 1;
            }
            ExternType::Mem(ty) => {
                self.mem(at, ty)?;
                self.imported.mems += 1;
            }
            ExternType::Global(ty) => {
                if ty.mutable && !self.features.contains(Features::MUTABLE_GLOBAL) {
                    return Err(disabled(at, Features::MUTABLE_GLOBAL, "mutable global").into());
                }
                self.global(at, ty)?;
                self.imported.globals += 1;
            }
            ExternType::Tag(ty) => {
                self.tag(at, ty)?;
                self.imported.tags += 1;
            }
        }
        self.imports.push(Import { module: module.clone(), name: Box::from(name), ty });
        Ok(())
    }

    fn func(&mut self, at: usize, ty: TypeIdx) -> Result<(), DecodeError> {
        self.check(|builder| valid::module::check_functype(builder, at, ty).map(drop));
        self.funcs.push(ty);
        Ok(limit(at, self.funcs.len() as u32, self.limits.funcs, "functions")?)
    }

    fn table(&mut self, at: usize, ty: TableType) -> Result<(), DecodeError> {
        self.check(|builder| valid::module::check_tabletype(builder, at, &ty));
        self.checked_table(at, ty)
    }

    fn checked_table(&mut self, at: usize, ty: TableType) -> Result<(), DecodeError> {
        self.tables.push(ty);
        Ok(limit(at, self.tables.len() as u32, self.limits.tables, "tables")?)
    }

    fn mem(&mut self, at: usize, ty: MemType) -> Result<(), DecodeError> {
        self.check(|builder| valid::module::check_memtype(builder, at, &ty));
        self.mems.push(ty);
        Ok(limit(at, self.mems.len() as u32, self.limits.mems, "memories")?)
    }

    fn global(&mut self, at: usize, ty: GlobalType) -> Result<(), DecodeError> {
        self.check(|builder| valid::types::check_valtype(&builder.types, at, ty.content));
        self.checked_global(at, ty)
    }

    fn checked_global(&mut self, at: usize, ty: GlobalType) -> Result<(), DecodeError> {
        self.globals.push(ty);
        Ok(limit(at, self.globals.len() as u32, self.limits.globals, "globals")?)
    }

    fn tag(&mut self, at: usize, ty: TypeIdx) -> Result<(), DecodeError> {
        if !self.features.contains(Features::EXCEPTIONS) {
            return Err(disabled(at, Features::EXCEPTIONS, "malformed section id: tag").into());
        }
        self.check(|builder| valid::module::check_tagtype(builder, at, ty));
        self.tags.push(ty);
        Ok(limit(at, self.tags.len() as u32, self.limits.tags, "tags")?)
    }

    pub(super) fn func_section(&mut self, reader: &mut Reader<'a>) -> Result<(), DecodeError> {
        let count = reader.count()?;
        self.funcs.reserve(reader.capacity(count, 1));
        for _ in 0..count {
            let at = reader.pos();
            let ty = TypeIdx(reader.u32()?);
            self.func(at, ty)?;
        }
        Ok(())
    }

    pub(super) fn table_section(&mut self, reader: &mut Reader<'a>) -> Result<(), DecodeError> {
        for _ in 0..reader.count()? {
            let at = reader.pos();
            let has_init = reader.peek()? == 0x40;
            if has_init {
                reader.skip(1);
                let what = "malformed table: initial element";
                reader.require(at, Features::FUNCTION_REFERENCES, what)?;
                let at = reader.pos();
                if reader.u8()? != 0 {
                    return Err(Malformed::new(at, "malformed table: expected byte 0x00").into());
                }
            }
            let ty = reader.tabletype()?;
            self.check(|builder| valid::module::check_tabletype(builder, at, &ty));
            let init = match has_init {
                true => Some(self.const_expr(reader, ty.element.into())?),
                false => None,
            };
            if !has_init && !ty.element.nullable() {
                self.check(|_| {
                    Err(Invalid::new(
                        at,
                        "type mismatch: table of non-null elements without initial element",
                    ))
                });
            }
            self.checked_table(at, ty)?;
            self.table_inits.push(init);
        }
        Ok(())
    }

    pub(super) fn mem_section(&mut self, reader: &mut Reader<'a>) -> Result<(), DecodeError> {
        for _ in 0..reader.count()? {
            let at = reader.pos();
            let ty = reader.memtype()?;
            self.mem(at, ty)?;
        }
        Ok(())
    }

    pub(super) fn global_section(&mut self, reader: &mut Reader<'a>) -> Result<(), DecodeError> {
        let count = reader.count()?;
        self.globals.reserve(reader.capacity(count, 5));
        self.global_inits.reserve(reader.capacity(count, 5));
        for _ in 0..count {
            let at = reader.pos();
            let ty = reader.globaltype()?;
            self.check(|builder| valid::types::check_valtype(&builder.types, at, ty.content));
            // The initial value cannot refer to its own global.
            let init = self.const_expr(reader, ty.content)?;
            self.checked_global(at, ty)?;
            self.global_inits.push(init);
        }
        Ok(())
    }

    pub(super) fn tag_section(
        &mut self,
        at: usize,
        reader: &mut Reader<'a>,
    ) -> Result<(), DecodeError> {
        reader.require(at, Features::EXCEPTIONS, "malformed section id: tag")?;
        for _ in 0..reader.count()? {
            let at = reader.pos();
            let ty = reader.tagtype()?;
            self.tag(at, ty)?;
        }
        Ok(())
    }

    pub(super) fn export_section(&mut self, reader: &mut Reader<'a>) -> Result<(), DecodeError> {
        let at = reader.pos();
        let count = reader.count()?;
        limit(at, count, self.limits.exports, "exports")?;
        self.exports.reserve(reader.capacity(count, 3));
        for _ in 0..count {
            let at = reader.pos();
            let name = self.name(reader)?;
            let kind_at = reader.pos();
            let kind = reader.u8()?;
            let idx = reader.u32()?;
            let index = match kind {
                0 => ExternIdx::Func(FuncIdx(idx)),
                1 => ExternIdx::Table(TableIdx(idx)),
                2 => ExternIdx::Mem(MemIdx(idx)),
                3 => ExternIdx::Global(GlobalIdx(idx)),
                4 if self.features.contains(Features::EXCEPTIONS) => ExternIdx::Tag(TagIdx(idx)),
                _ => {
                    let message = format!("malformed export kind: {kind:#04x}");
                    return Err(Malformed::new(kind_at, message).into());
                }
            };
            self.check(|builder| valid::module::check_export(builder, at, name, index));
            self.exports.push(Export { name: Box::from(name), index });
        }
        Ok(())
    }

    pub(super) fn start_section(&mut self, reader: &mut Reader<'a>) -> Result<(), DecodeError> {
        let at = reader.pos();
        let func = FuncIdx(reader.u32()?);
        self.check(|builder| valid::module::check_start(builder, at, func));
        self.start = Some(func);
        Ok(())
    }
}

fn externtype(reader: &mut Reader<'_>) -> Result<ExternType, Malformed> {
    let at = reader.pos();
    Ok(match reader.u8()? {
        0 => ExternType::Func(TypeIdx(reader.u32()?)),
        1 => ExternType::Table(reader.tabletype()?),
        2 => ExternType::Mem(reader.memtype()?),
        3 => ExternType::Global(reader.globaltype()?),
        4 => ExternType::Tag(reader.tagtype()?),
        0x20 => {
            let what = "malformed import kind: exact function";
            reader.require(at, Features::CUSTOM_DESCRIPTORS, what)?;
            ExternType::FuncExact(TypeIdx(reader.u32()?))
        }
        byte => return Err(Malformed::new(at, format!("malformed import kind: {byte:#04x}"))),
    })
}
