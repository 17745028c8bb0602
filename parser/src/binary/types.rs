//! Types and the type section. Spec: *Binary Format → Types*.

use super::Reader;
use super::module::Builder;
use crate::syntax::*;
use crate::valid;
use crate::{DecodeError, Features, Invalid, Malformed};
use alloc::boxed::Box;
use alloc::format;
use alloc::vec::Vec;

impl Reader<'_> {
    /// A value type.
    pub(crate) fn valtype(&mut self) -> Result<ValType, Malformed> {
        let at = self.pos();
        match self.peek()? {
            0x7f => self.accept(ValType::I32),
            0x7e => self.accept(ValType::I64),
            0x7d => self.accept(ValType::F32),
            0x7c => self.accept(ValType::F64),
            0x7b => {
                self.require(at, Features::SIMD, "malformed value type: v128")?;
                self.accept(ValType::V128)
            }
            byte if is_reftype(byte) => {
                let ty = self.reftype()?;
                self.require(at, Features::REFERENCE_TYPES, "malformed value type: reference")?;
                Ok(ty.into())
            }
            byte => Err(Malformed::new(at, format!("malformed value type: {byte:#04x}"))),
        }
    }

    fn accept<T>(&mut self, value: T) -> Result<T, Malformed> {
        self.skip(1);
        Ok(value)
    }

    /// A reference type.
    pub(crate) fn reftype(&mut self) -> Result<RefType, Malformed> {
        let at = self.pos();
        let ty = match self.peek()? {
            byte @ (0x63 | 0x64) => {
                self.skip(1);
                self.require(at, Features::FUNCTION_REFERENCES, "malformed reference type")?;
                RefType::new(byte == 0x63, self.heaptype()?)
            }
            byte if abstract_heap(byte).is_some() => RefType::new(true, self.heaptype()?),
            byte => {
                return Err(Malformed::new(at, format!("malformed reference type: {byte:#04x}")));
            }
        };
        Ok(ty)
    }

    /// A heap type. An abstract one is one byte; everything else is the index of a type, which is
    /// exact behind a prefix.
    pub(crate) fn heaptype(&mut self) -> Result<HeapType, Malformed> {
        let at = self.pos();
        if let Some(heap) = abstract_heap(self.peek()?) {
            let feature = match heap {
                HeapType::Func => Features::MVP,
                HeapType::Extern => Features::REFERENCE_TYPES,
                HeapType::Exn | HeapType::NoExn => Features::EXCEPTIONS,
                HeapType::Cont | HeapType::NoCont => Features::STACK_SWITCHING,
                _ => Features::GC,
            };
            self.require(at, feature, "malformed heap type")?;
            return self.accept(heap);
        }
        if self.peek()? == EXACT {
            self.require(at, Features::CUSTOM_DESCRIPTORS, "malformed heap type")?;
            self.skip(1);
            // Some encoders write an unsigned number and some a signed one, as for other heap
            // types: every positive number of the latter reads as the former too.
            return Ok(HeapType::Exact(TypeIdx(self.u32()?)));
        }
        match u32::try_from(self.s33()?) {
            Ok(idx) => {
                self.require(at, Features::FUNCTION_REFERENCES, "malformed heap type")?;
                Ok(HeapType::Concrete(TypeIdx(idx)))
            }
            Err(_) => Err(Malformed::new(at, "malformed heap type: negative type index")),
        }
    }

    /// Fails if `feature` is off.
    #[inline]
    pub(crate) fn require(
        &self,
        offset: usize,
        feature: Features,
        what: &str,
    ) -> Result<(), Malformed> {
        if self.features.contains(feature) { Ok(()) } else { Err(disabled(offset, feature, what)) }
    }

    fn fieldtype(&mut self) -> Result<FieldType, Malformed> {
        let storage = match self.peek()? {
            0x78 => self.accept(StorageType::I8)?,
            0x77 => self.accept(StorageType::I16)?,
            byte if matches!(byte, 0x7b..=0x7f) || is_reftype(byte) => {
                StorageType::Val(self.valtype()?)
            }
            byte => {
                let message = format!("malformed storage type: {byte:#04x}");
                return Err(Malformed::new(self.pos(), message));
            }
        };
        Ok(FieldType { storage, mutable: self.mutability()? })
    }

    fn mutability(&mut self) -> Result<bool, Malformed> {
        let at = self.pos();
        match self.u8()? {
            0 => Ok(false),
            1 => Ok(true),
            byte => Err(Malformed::new(at, format!("malformed mutability: {byte:#04x}"))),
        }
    }

    /// The type of a global.
    pub(crate) fn globaltype(&mut self) -> Result<GlobalType, Malformed> {
        let content = self.valtype()?;
        Ok(GlobalType { content, mutable: self.mutability()?, shared: false })
    }

    /// The type of a table.
    pub(crate) fn tabletype(&mut self) -> Result<TableType, Malformed> {
        let element = self.reftype()?;
        let at = self.pos();
        let flags = self.u8()?;
        if flags & !0b101 != 0 {
            return Err(Malformed::new(at, format!("malformed limits flags: {flags:#04x}")));
        }
        let is_64 = flags & 0b100 != 0;
        if is_64 {
            self.require(at, Features::MEMORY64, "malformed limits flags: 64-bit table")?;
        }
        Ok(TableType { element, limits: self.limits(flags & 1 != 0)?, is_64, shared: false })
    }

    /// The type of a memory.
    pub(crate) fn memtype(&mut self) -> Result<MemType, Malformed> {
        let at = self.pos();
        let flags = self.u8()?;
        if flags & !0b1111 != 0 {
            return Err(Malformed::new(at, format!("malformed limits flags: {flags:#04x}")));
        }
        let (shared, is_64) = (flags & 0b10 != 0, flags & 0b100 != 0);
        if shared {
            self.require(at, Features::THREADS, "malformed limits flags: shared memory")?;
        }
        if is_64 {
            self.require(at, Features::MEMORY64, "malformed limits flags: 64-bit memory")?;
        }
        let limits = self.limits(flags & 1 != 0)?;
        let mut page_size_log2 = 16;
        if flags & 0b1000 != 0 {
            self.require(at, Features::CUSTOM_PAGE_SIZES, "malformed limits flags: page size")?;
            let at = self.pos();
            let log2 = self.u32()?;
            if log2 >= 64 {
                return Err(Malformed::new(at, format!("invalid custom page size: 2^{log2}")));
            }
            page_size_log2 = log2 as u8;
        }
        Ok(MemType { limits, is_64, shared, page_size_log2 })
    }

    fn limits(&mut self, has_max: bool) -> Result<Limits, Malformed> {
        let min = self.limit()?;
        let max = if has_max { Some(self.limit()?) } else { None };
        Ok(Limits { min, max })
    }

    fn limit(&mut self) -> Result<u64, Malformed> {
        match self.features.contains(Features::MEMORY64) {
            true => self.u64(),
            false => self.u32().map(u64::from),
        }
    }

    /// The type of a tag: an attribute that has one value, and a function type.
    pub(crate) fn tagtype(&mut self) -> Result<TypeIdx, Malformed> {
        let at = self.pos();
        match self.u8()? {
            0 => Ok(TypeIdx(self.u32()?)),
            byte => Err(Malformed::new(at, format!("malformed tag attribute: {byte:#04x}"))),
        }
    }
}

/// What a construct of a proposal is refused with.
#[cold]
pub(crate) fn disabled(offset: usize, feature: Features, what: &str) -> Malformed {
    Malformed::new(offset, format!("{what} (needs the feature `{}`)", feature.name()))
}

/// What stands before the index of an exact heap type.
const EXACT: u8 = 0x62;

fn is_reftype(byte: u8) -> bool {
    matches!(byte, 0x63 | 0x64) || abstract_heap(byte).is_some()
}

fn abstract_heap(byte: u8) -> Option<HeapType> {
    Some(match byte {
        0x75 => HeapType::NoCont,
        0x74 => HeapType::NoExn,
        0x73 => HeapType::NoFunc,
        0x72 => HeapType::NoExtern,
        0x71 => HeapType::None,
        0x70 => HeapType::Func,
        0x6f => HeapType::Extern,
        0x6e => HeapType::Any,
        0x6d => HeapType::Eq,
        0x6c => HeapType::I31,
        0x6b => HeapType::Struct,
        0x6a => HeapType::Array,
        0x69 => HeapType::Exn,
        0x68 => HeapType::Cont,
        _ => return None,
    })
}

impl Builder<'_> {
    /// The type section.
    pub(super) fn type_section(&mut self, reader: &mut Reader<'_>) -> Result<(), DecodeError> {
        let groups = reader.count()?;
        self.types.subs.reserve(reader.capacity(groups, 3));
        for _ in 0..groups {
            let at = reader.pos();
            let start = self.types.len();
            if reader.peek()? == 0x4e {
                reader.skip(1);
                reader.require(at, Features::GC, "malformed definition type: recursive group")?;
                let count = reader.count()?;
                limit(at, count, self.limits.group_types, "types in a recursive group")?;
                for _ in 0..count {
                    self.subtype(reader)?;
                }
            } else {
                self.subtype(reader)?;
            }
            self.check(|builder| valid::types::check_group(builder, at, start));
        }
        Ok(())
    }

    /// One type; it is added to the types as soon as its bytes are read.
    fn subtype(&mut self, reader: &mut Reader<'_>) -> Result<(), DecodeError> {
        let at = reader.pos();
        limit(at, self.types.len() as u32 + 1, self.limits.types.min(1 << 27), "types")?;
        let (is_final, supertype) = match reader.peek()? {
            byte @ (0x4f | 0x50) => {
                reader.skip(1);
                reader.require(at, Features::GC, "malformed definition type: subtype")?;
                (byte == 0x4f, self.supertype(reader)?)
            }
            _ => (true, None),
        };
        let describes = clause(reader, 0x4c)?;
        let descriptor = clause(reader, 0x4d)?;
        let composite = self.comptype(reader)?;
        self.types.subs.push(SubType { is_final, supertype, describes, descriptor, composite });
        Ok(())
    }

    fn supertype(&mut self, reader: &mut Reader<'_>) -> Result<Option<TypeIdx>, DecodeError> {
        let at = reader.pos();
        let count = reader.count()?;
        let mut supertype = None;
        for _ in 0..count {
            supertype = Some(TypeIdx(reader.u32()?));
        }
        // A supertype stands before its subtypes, which makes every chain of them end.
        if supertype.is_some_and(|idx| idx.index() >= self.types.len()) {
            self.check(|_| Err(Invalid::new(at, "unknown type: supertype is not declared before")));
            supertype = None;
        }
        if count > 1 {
            self.check(|_| Err(Invalid::new(at, "sub type: more than one supertype")));
        }
        Ok(supertype)
    }

    fn comptype(&mut self, reader: &mut Reader<'_>) -> Result<CompositeType, DecodeError> {
        let at = reader.pos();
        let composite = match reader.u8()? {
            0x60 => CompositeType::Func(self.functype(reader)?),
            0x5f => {
                reader.require(at, Features::GC, "malformed definition type: struct")?;
                let count = reader.count()?;
                limit(at, count, self.limits.fields, "fields")?;
                let mut fields = Vec::with_capacity(reader.capacity(count, 2));
                for _ in 0..count {
                    fields.push(reader.fieldtype()?);
                }
                CompositeType::Struct(Box::from(fields))
            }
            0x5e => {
                reader.require(at, Features::GC, "malformed definition type: array")?;
                CompositeType::Array(reader.fieldtype()?)
            }
            0x5d => {
                let feature = Features::STACK_SWITCHING;
                reader.require(at, feature, "malformed definition type: continuation")?;
                // Written as a heap type is.
                match u32::try_from(reader.s33()?) {
                    Ok(idx) => CompositeType::Cont(TypeIdx(idx)),
                    Err(_) => {
                        let message = "malformed definition type: negative type index";
                        return Err(Malformed::new(at, message).into());
                    }
                }
            }
            byte => {
                let message = format!("malformed definition type: {byte:#04x}");
                return Err(Malformed::new(at, message).into());
            }
        };
        Ok(composite)
    }

    fn functype(&mut self, reader: &mut Reader<'_>) -> Result<FuncType, DecodeError> {
        self.valtypes.clear();
        let at = reader.pos();
        let params = reader.count()?;
        limit(at, params, self.limits.params, "parameters")?;
        for _ in 0..params {
            self.valtypes.push(reader.valtype()?);
        }
        let at = reader.pos();
        let results = reader.count()?;
        limit(at, results, self.limits.results, "results")?;
        for _ in 0..results {
            self.valtypes.push(reader.valtype()?);
        }
        if results > 1 && !reader.features.contains(Features::MULTI_VALUE) {
            self.check(|_| {
                Err(Invalid::new(at, "invalid result arity (needs the feature `multi-value`)"))
            });
        }
        let (params, results) = self.valtypes.split_at(params as usize);
        Ok(FuncType::new(params, results))
    }
}

/// The type that a clause of a definition names, if the clause that begins with `byte` is there.
fn clause(reader: &mut Reader<'_>, byte: u8) -> Result<Option<TypeIdx>, Malformed> {
    if reader.peek()? != byte {
        return Ok(None);
    }
    let what = "malformed definition type: descriptor";
    reader.require(reader.pos(), Features::CUSTOM_DESCRIPTORS, what)?;
    reader.skip(1);
    Ok(Some(TypeIdx(reader.u32()?)))
}

/// Fails if there are more than `max` of something.
#[inline]
pub(crate) fn limit(offset: usize, count: u32, max: u32, what: &str) -> Result<(), Invalid> {
    if count <= max {
        return Ok(());
    }
    Err(Invalid::new(offset, format!("limit exceeded: {count} {what}, at most {max}")))
}
