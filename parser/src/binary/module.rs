//! Modules and their sections. Spec: *Binary Format → Modules*.
//!
//! Each item is checked as soon as it is decoded. The first rule that is broken is only noted,
//! and decoding goes on: bytes that are not in the format at all are the graver finding.

use super::preamble::Encoding;
use super::{Reader, names};
use crate::syntax::*;
use crate::valid::Operands;
use crate::walk::Scratch;
use crate::{DecodeConfig, DecodeError, DecodeLimits, Features, Invalid, Malformed};
use alloc::boxed::Box;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::format;
use alloc::vec::Vec;
use core::ops::Range;

/// A module as far as it is decoded.
pub(crate) struct Builder<'a> {
    pub(super) bytes: &'a [u8],
    pub(crate) features: Features,
    pub(crate) limits: DecodeLimits,
    pub(crate) types: Types,
    /// Groups of types, written without the place where they stand, with their first members.
    pub(crate) groups: BTreeMap<Box<[u32]>, u32>,
    /// How many supertypes each type has above it.
    pub(crate) depths: Vec<u32>,
    pub(crate) imports: Vec<Import>,
    pub(crate) imported: Imported,
    pub(crate) funcs: Vec<TypeIdx>,
    pub(crate) exact_imports: BitSet,
    pub(crate) tables: Vec<TableType>,
    pub(super) table_inits: Vec<Option<ConstExpr>>,
    pub(crate) mems: Vec<MemType>,
    pub(crate) globals: Vec<GlobalType>,
    pub(super) global_inits: Vec<ConstExpr>,
    pub(crate) tags: Vec<TypeIdx>,
    pub(super) exports: Vec<Export>,
    pub(crate) export_names: BTreeSet<&'a str>,
    pub(super) start: Option<FuncIdx>,
    pub(super) elems: Vec<Elem>,
    pub(super) data_count: Option<u32>,
    pub(super) datas: Vec<Data>,
    pub(super) bodies: Vec<Range<usize>>,
    pub(super) code_start: usize,
    pub(crate) declared_funcs: BitSet,
    customs: Vec<(Box<str>, Range<usize>)>,
    /// The first rule that is broken.
    invalid: Option<Invalid>,
    // Buffers.
    pub(super) valtypes: Vec<ValType>,
    pub(super) const_ops: Vec<(usize, ConstOp)>,
    pub(crate) operands: Operands,
}

impl<'a> Module<'a> {
    /// Decodes a module and validates all of it but its function bodies, which
    /// [`Module::validate_bodies`] and every [`walk`](crate::walk()) validate. The module keeps
    /// `bytes`.
    ///
    /// # Errors
    ///
    /// [`DecodeError::Malformed`] if `bytes` are not a module, [`DecodeError::Invalid`] if they are
    /// but break a rule or a limit.
    pub fn decode(
        bytes: impl Into<Bytes<'a>>,
        config: &DecodeConfig,
    ) -> Result<Module<'a>, DecodeError> {
        Module::decode_head(bytes, config, usize::MAX).map(|head| head.module)
    }

    /// Decodes a module, but if its bodies are `worth` bytes or more altogether, and no rule is
    /// broken before them, not what follows these: [`Head::rest`] decodes that while others validate
    /// them.
    ///
    /// # Errors
    ///
    /// As [`Module::decode`].
    pub fn decode_head(
        bytes: impl Into<Bytes<'a>>,
        config: &DecodeConfig,
        worth: usize,
    ) -> Result<Head<'a>, DecodeError> {
        let bytes = bytes.into();
        let mut builder = Builder::new(bytes.get(), config);
        let place = builder.decode(Place { pos: 8, order: 0 }, worth)?;
        let b = builder;
        let (names, hints) = (names::read(b.bytes, &b.customs), b.hints());
        let module = Module {
            features: b.features,
            limits: b.limits,
            types: b.types,
            imports: b.imports.into(),
            funcs: b.funcs.into(),
            exact_imports: b.exact_imports,
            tables: b.tables.into(),
            table_inits: b.table_inits.into(),
            mems: b.mems.into(),
            globals: b.globals.into(),
            global_inits: b.global_inits.into(),
            tags: b.tags.into(),
            exports: b.exports.into(),
            start: b.start,
            elems: b.elems.into(),
            datas: b.datas.into(),
            data_count: b.data_count,
            bodies: b.bodies.into(),
            code_start: b.code_start,
            imported: b.imported,
            declared_funcs: b.declared_funcs,
            customs: b.customs.into(),
            hints,
            names,
            bytes,
        };
        Ok(Head { module, place })
    }

    /// Validates every function body.
    ///
    /// # Errors
    ///
    /// As [`Module::decode`].
    pub fn validate_bodies(&self) -> Result<(), DecodeError> {
        let mut scratch = Scratch::default();
        let first = self.imported.funcs;
        for func in first..first + self.bodies.len() as u32 {
            crate::walk::validate(self, FuncIdx(func), &mut scratch)?;
        }
        Ok(())
    }
}

/// A module of which what follows the function bodies may not be decoded yet.
#[derive(Debug)]
pub struct Head<'a> {
    module: Module<'a>,
    place: Option<Place>,
}

/// Where decoding goes on.
#[derive(Clone, Copy, Debug)]
struct Place {
    pos: usize,
    /// Where in [`ORDER`] the next section may be.
    order: usize,
}

/// What follows the function bodies of a module.
#[derive(Debug)]
pub struct Rest {
    datas: Box<[Data]>,
    customs: Box<[(Box<str>, Range<usize>)]>,
    hints: Box<[(FuncIdx, Range<usize>)]>,
    names: Names,
}

impl<'a> Head<'a> {
    /// The module. All that function bodies can refer to is decoded.
    pub fn module(&self) -> &Module<'a> {
        &self.module
    }

    /// Decodes what follows the function bodies; `None` if that is done.
    ///
    /// # Errors
    ///
    /// As [`Module::decode`].
    pub fn rest(&self) -> Result<Option<Rest>, DecodeError> {
        let Some(place) = self.place else { return Ok(None) };
        let mut builder = Builder::after(&self.module);
        builder.decode(place, usize::MAX)?;
        let (names, hints) = (names::read(builder.bytes, &builder.customs), builder.hints());
        let (datas, customs) = (builder.datas.into(), builder.customs.into());
        Ok(Some(Rest { datas, customs, hints, names }))
    }

    /// The module with its rest.
    pub fn with(self, rest: Option<Rest>) -> Module<'a> {
        let mut module = self.module;
        if let Some(rest) = rest {
            (module.datas, module.customs) = (rest.datas, rest.customs);
            (module.hints, module.names) = (rest.hints, rest.names);
        }
        module
    }
}

/// Sections other than custom ones come in this order, each at most once.
const ORDER: [u8; 13] = [1, 2, 3, 4, 5, 13, 6, 7, 8, 9, 12, CODE, 11];
/// The section of function bodies.
const CODE: u8 = 10;

impl<'a> Builder<'a> {
    fn new(bytes: &'a [u8], config: &DecodeConfig) -> Self {
        Builder {
            bytes,
            features: config.features,
            limits: config.limits,
            types: Types {
                exact: config.features.contains(Features::CUSTOM_DESCRIPTORS),
                ..Types::default()
            },
            groups: BTreeMap::new(),
            depths: Vec::new(),
            imports: Vec::new(),
            imported: Imported::default(),
            funcs: Vec::new(),
            exact_imports: BitSet::default(),
            tables: Vec::new(),
            table_inits: Vec::new(),
            mems: Vec::new(),
            globals: Vec::new(),
            global_inits: Vec::new(),
            tags: Vec::new(),
            exports: Vec::new(),
            export_names: BTreeSet::new(),
            start: None,
            elems: Vec::new(),
            data_count: None,
            datas: Vec::new(),
            bodies: Vec::new(),
            code_start: 0,
            declared_funcs: BitSet::default(),
            customs: Vec::new(),
            invalid: None,
            valtypes: Vec::new(),
            const_ops: Vec::new(),
            operands: Operands::default(),
        }
    }

    /// What decodes the sections behind the function bodies of a module.
    fn after(module: &'a Module<'_>) -> Self {
        let config = DecodeConfig { features: module.features, limits: module.limits };
        Builder {
            types: module.types.clone(),
            imported: module.imported,
            funcs: module.funcs.to_vec(),
            exact_imports: module.exact_imports.clone(),
            mems: module.mems.to_vec(),
            globals: module.globals.to_vec(),
            data_count: module.data_count,
            bodies: module.bodies.to_vec(),
            customs: module.customs.to_vec(),
            ..Builder::new(module.bytes(), &config)
        }
    }

    /// Branch hints, as far as custom sections are decoded.
    fn hints(&self) -> Box<[(FuncIdx, Range<usize>)]> {
        super::customs::hints(self.bytes, &self.customs)
    }

    /// Checks a rule, unless one was broken already: the first is reported, and checks can rely on
    /// everything before them.
    pub(super) fn check(&mut self, rule: impl FnOnce(&mut Self) -> Result<(), Invalid>) {
        if self.invalid.is_none() {
            self.invalid = rule(self).err();
        }
    }

    /// Decodes sections from a place on. If bodies are `worth` bytes or more it stops behind them, and
    /// returns where that is.
    fn decode(&mut self, from: Place, worth: usize) -> Result<Option<Place>, DecodeError> {
        match (self.sections(from, worth), self.invalid.take()) {
            (Err(DecodeError::Malformed(error)), _) => Err(error.into()),
            (_, Some(invalid)) | (Err(DecodeError::Invalid(invalid)), None) => Err(invalid.into()),
            (Ok(place), None) => Ok(place),
        }
    }

    fn sections(&mut self, from: Place, worth: usize) -> Result<Option<Place>, DecodeError> {
        let len = self.bytes.len();
        if len as u64 > u64::from(self.limits.module_bytes) {
            let max = self.limits.module_bytes;
            let message = format!("limit exceeded: {len} bytes of module, at most {max}");
            return Err(Invalid::new(0, message).into());
        }
        if Encoding::of(self.bytes)? == Encoding::Component {
            let message = "unknown binary version: this is a component, expected a core module";
            return Err(Malformed::new(4, message).into());
        }
        let mut reader = Reader::new(self.bytes, from.pos..len, self.features);
        let mut next = from.order;
        while !reader.is_at_end() {
            let at = reader.pos();
            let id = reader.u8()?;
            let range = reader.sized()?;
            if id == 0 {
                self.custom_section(range)?;
                continue;
            }
            let Some(position) = ORDER.iter().position(|&known| known == id) else {
                return Err(Malformed::new(at, format!("malformed section id: {id}")).into());
            };
            if position < next {
                let message = format!(
                    "unexpected content after last section: section {id} is repeated or out of order"
                );
                return Err(Malformed::new(at, message).into());
            }
            next = position + 1;
            let bytes = range.len();
            self.section(at, id, Reader::new(self.bytes, range, self.features))?;
            let is_worth = id == CODE && bytes >= worth && self.invalid.is_none();
            if is_worth && !reader.is_at_end() {
                return Ok(Some(Place { pos: reader.pos(), order: next }));
            }
        }
        let end = Reader::new(self.bytes, len..len, self.features);
        if self.bodies.len() + self.imported.funcs as usize != self.funcs.len() {
            self.code_count(&end, 0)?;
        }
        self.data_section_count(&end, self.datas.len() as u32)?;
        Ok(None)
    }

    fn section(&mut self, at: usize, id: u8, mut reader: Reader<'a>) -> Result<(), DecodeError> {
        let r = &mut reader;
        match id {
            1 => self.type_section(r)?,
            2 => self.import_section(r)?,
            3 => self.func_section(r)?,
            4 => self.table_section(r)?,
            5 => self.mem_section(r)?,
            6 => self.global_section(r)?,
            7 => self.export_section(r)?,
            8 => self.start_section(r)?,
            9 => self.elem_section(r)?,
            CODE => self.code_section(r)?,
            11 => self.data_section(r)?,
            12 => self.data_count_section(at, r)?,
            _ => self.tag_section(at, r)?,
        }
        if !reader.is_at_end() {
            let message = format!("section size mismatch: {} bytes left over", reader.remaining());
            return Err(Malformed::new(reader.pos(), message).into());
        }
        Ok(())
    }

    fn custom_section(&mut self, range: Range<usize>) -> Result<(), DecodeError> {
        let end = range.end;
        let mut reader = Reader::new(self.bytes, range, self.features);
        let at = reader.pos();
        let name = reader.name()?;
        super::types::limit(at, name.len() as u32, self.limits.name_bytes, "bytes of name")?;
        self.customs.push((Box::from(name), reader.pos()..end));
        Ok(())
    }
}
