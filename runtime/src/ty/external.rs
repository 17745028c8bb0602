//! Types of what is imported and exported. Spec: *Structure → Types → External Types*.

use super::{FuncType, RefType, ValType};
use crate::types::{TypeId, map_ref, map_val};
use crate::{Engine, Error, Result};
use alloc::string::String;
use rwasm_parser as syntax;
use rwasm_parser::TypeIdx;

/// Whether a global can be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are the spec's own")]
pub enum Mutability {
    Const,
    Var,
}

/// The type of a global.
#[derive(Clone, Debug)]
pub struct GlobalType {
    content: ValType,
    mutability: Mutability,
}

impl GlobalType {
    /// The type of globals that hold `content`.
    pub fn new(content: ValType, mutability: Mutability) -> Self {
        GlobalType { content, mutability }
    }

    /// The type of the value.
    pub fn content(&self) -> &ValType {
        &self.content
    }

    /// Whether it can be written.
    pub fn mutability(&self) -> Mutability {
        self.mutability
    }

    pub(crate) fn from_syntax(engine: &Engine, ty: &syntax::GlobalType) -> Self {
        let mutability = if ty.mutable { Mutability::Var } else { Mutability::Const };
        GlobalType { content: ValType::from_syntax(engine, ty.content), mutability }
    }

    pub(crate) fn to_syntax(&self) -> syntax::GlobalType {
        syntax::GlobalType {
            content: self.content.to_syntax(),
            mutable: self.mutability == Mutability::Var,
            shared: false,
        }
    }
}

/// The type of a table.
#[derive(Clone, Debug)]
pub struct TableType {
    element: RefType,
    limits: syntax::Limits,
    is_64: bool,
}

impl TableType {
    /// The type of tables of at least `min` elements.
    pub fn new(element: RefType, min: u32, max: Option<u32>) -> Self {
        let limits = syntax::Limits { min: min.into(), max: max.map(u64::from) };
        TableType { element, limits, is_64: false }
    }

    /// The type of tables with 64-bit indices.
    pub fn new64(element: RefType, min: u64, max: Option<u64>) -> Self {
        TableType { element, limits: syntax::Limits { min, max }, is_64: true }
    }

    /// The type of the elements.
    pub fn element(&self) -> &RefType {
        &self.element
    }

    /// The size that it has at least.
    pub fn minimum(&self) -> u64 {
        self.limits.min
    }

    /// The size that it never passes.
    pub fn maximum(&self) -> Option<u64> {
        self.limits.max
    }

    /// Whether indices are 64 bits wide.
    pub fn is_64(&self) -> bool {
        self.is_64
    }

    pub(crate) fn from_syntax(engine: &Engine, ty: &syntax::TableType) -> Self {
        let element = RefType::from_syntax(engine, ty.element);
        TableType { element, limits: ty.limits, is_64: ty.is_64 }
    }

    pub(crate) fn to_syntax(&self) -> syntax::TableType {
        syntax::TableType {
            element: self.element.to_syntax(),
            limits: self.limits,
            is_64: self.is_64,
            shared: false,
        }
    }
}

/// The type of a memory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemoryType(syntax::MemType);

impl MemoryType {
    /// The type of memories of at least `min` pages of 64 KiB.
    pub fn new(min: u32, max: Option<u32>) -> Self {
        MemoryType(syntax::MemType {
            limits: syntax::Limits { min: min.into(), max: max.map(u64::from) },
            is_64: false,
            shared: false,
            page_size_log2: 16,
        })
    }

    /// The type of memories that threads may share.
    pub fn shared(min: u32, max: u32) -> Self {
        let ty = Self::new(min, Some(max)).0;
        MemoryType(syntax::MemType { shared: true, ..ty })
    }

    /// A way to say more about a type than the other constructors take.
    pub fn builder() -> MemoryTypeBuilder {
        MemoryTypeBuilder::default()
    }

    /// The type of memories with 64-bit addresses.
    pub fn new64(min: u64, max: Option<u64>) -> Self {
        let limits = syntax::Limits { min, max };
        MemoryType(syntax::MemType { limits, is_64: true, shared: false, page_size_log2: 16 })
    }

    /// The size in pages that it has at least.
    pub fn minimum(&self) -> u64 {
        self.0.limits.min
    }

    /// The size in pages that it never passes.
    pub fn maximum(&self) -> Option<u64> {
        self.0.limits.max
    }

    /// Whether addresses are 64 bits wide.
    pub fn is_64(&self) -> bool {
        self.0.is_64
    }

    /// Whether threads may share it.
    pub fn is_shared(&self) -> bool {
        self.0.shared
    }

    /// The page size in bytes.
    pub fn page_size(&self) -> u64 {
        1 << self.0.page_size_log2
    }

    /// The binary logarithm of the page size in bytes.
    pub fn page_size_log2(&self) -> u8 {
        self.0.page_size_log2
    }

    pub(crate) fn from_syntax(ty: &syntax::MemType) -> Self {
        MemoryType(*ty)
    }

    pub(crate) fn to_syntax(&self) -> syntax::MemType {
        self.0
    }
}

/// Builds a [`MemoryType`].
#[derive(Clone, Debug)]
pub struct MemoryTypeBuilder(syntax::MemType);

impl Default for MemoryTypeBuilder {
    fn default() -> Self {
        MemoryTypeBuilder(MemoryType::new(0, None).0)
    }
}

impl MemoryTypeBuilder {
    /// The size in pages that it has at least; 0 at first.
    pub fn min(&mut self, pages: u64) -> &mut Self {
        self.0.limits.min = pages;
        self
    }

    /// The size in pages that it never passes; none at first.
    pub fn max(&mut self, pages: Option<u64>) -> &mut Self {
        self.0.limits.max = pages;
        self
    }

    /// Whether addresses are 64 bits wide.
    pub fn memory64(&mut self, memory64: bool) -> &mut Self {
        self.0.is_64 = memory64;
        self
    }

    /// Whether threads may share it.
    pub fn shared(&mut self, shared: bool) -> &mut Self {
        self.0.shared = shared;
        self
    }

    /// The binary logarithm of the page size in bytes: 16, as at first, or 0.
    pub fn page_size_log2(&mut self, page_size_log2: u8) -> &mut Self {
        self.0.page_size_log2 = page_size_log2;
        self
    }

    /// The type.
    ///
    /// # Errors
    ///
    /// If no memory can have such a type.
    pub fn build(&self) -> Result<MemoryType> {
        let syntax::MemType { limits, is_64, shared, page_size_log2 } = self.0;
        if !matches!(page_size_log2, 0 | 16) {
            return Err(Error::msg("a page has 1 or 65536 bytes"));
        }
        let most = if is_64 { u64::MAX >> page_size_log2 } else { (1 << 32) >> page_size_log2 };
        if limits.min > most || limits.max.is_some_and(|max| max < limits.min || max > most) {
            return Err(Error::msg(
                "the limits of a memory contradict each other or are too large",
            ));
        }
        if shared && limits.max.is_none() {
            return Err(Error::msg("shared memories must have a maximum size"));
        }
        Ok(MemoryType(self.0))
    }
}

/// The type of a tag.
#[derive(Clone, Debug)]
pub struct TagType(FuncType);

impl TagType {
    /// The type of tags whose exceptions carry the parameters of `ty`.
    pub fn new(ty: FuncType) -> Self {
        TagType(ty)
    }

    /// The function type behind it.
    pub fn ty(&self) -> &FuncType {
        &self.0
    }
}

/// The type of something imported or exported.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the names are the spec's own")]
pub enum ExternType {
    Func(FuncType),
    Global(GlobalType),
    Table(TableType),
    Memory(MemoryType),
    Tag(TagType),
}

macro_rules! extern_accessors {
    ($($variant:ident $ty:ident $get:ident $unwrap:ident;)*) => {
        impl ExternType {$(
            #[doc = concat!("The `", stringify!($ty), "` that it is, if it is one.")]
            pub fn $get(&self) -> Option<&$ty> {
                match self {
                    ExternType::$variant(ty) => Some(ty),
                    _ => None,
                }
            }

            #[doc = concat!("The `", stringify!($ty), "` that it is.\n\n# Panics\n\nIf it is none.")]
            pub fn $unwrap(&self) -> &$ty {
                self.$get().expect(concat!("expected ", stringify!($ty)))
            }
        )*}
    };
}
extern_accessors! {
    Func FuncType func unwrap_func;
    Global GlobalType global unwrap_global;
    Table TableType table unwrap_table;
    Memory MemoryType memory unwrap_memory;
    Tag TagType tag unwrap_tag;
}

impl ExternType {
    /// The type of an engine-wide syntax type, whose concrete types are [`TypeId`]s.
    pub(crate) fn from_syntax(engine: &Engine, ty: &syntax::ExternType) -> Self {
        let func = |idx: TypeIdx| FuncType::from_id(engine, TypeId(idx.0));
        match ty {
            syntax::ExternType::Func(idx) | syntax::ExternType::FuncExact(idx) => {
                ExternType::Func(func(*idx))
            }
            syntax::ExternType::Global(ty) => {
                ExternType::Global(GlobalType::from_syntax(engine, ty))
            }
            syntax::ExternType::Table(ty) => ExternType::Table(TableType::from_syntax(engine, ty)),
            syntax::ExternType::Mem(ty) => ExternType::Memory(MemoryType::from_syntax(ty)),
            syntax::ExternType::Tag(idx) => ExternType::Tag(TagType::new(func(*idx))),
        }
    }

    /// The kind and type in words, for messages.
    pub fn describe(&self) -> String {
        match self {
            ExternType::Func(ty) => alloc::format!("function {ty}"),
            ExternType::Global(ty) => {
                let var = if ty.mutability == Mutability::Var { "mutable " } else { "" };
                alloc::format!("{var}global {}", ty.content)
            }
            ExternType::Table(ty) => {
                let limits = describe_limits(&ty.limits);
                alloc::format!("table of {limits} {}", ValType::Ref(ty.element.clone()))
            }
            ExternType::Memory(MemoryType(ty)) => {
                let shared = if ty.shared { "shared " } else { "" };
                let width = if ty.is_64 { "64-bit " } else { "" };
                alloc::format!("{shared}{width}memory of {} pages", describe_limits(&ty.limits))
            }
            ExternType::Tag(ty) => alloc::format!("tag {}", ty.0),
        }
    }
}

fn describe_limits(limits: &syntax::Limits) -> String {
    match limits.max {
        Some(max) => alloc::format!("{} to {max}", limits.min),
        None => alloc::format!("at least {}", limits.min),
    }
}

/// `ty` of a module as an engine-wide type.
pub(crate) fn globalize_val(ids: &[TypeId], ty: syntax::ValType) -> syntax::ValType {
    map_val(ty, &|idx: TypeIdx| TypeIdx(ids[idx.index()].0))
}

/// `ty` of a module as an engine-wide type.
pub(crate) fn globalize_ref(ids: &[TypeId], ty: syntax::RefType) -> syntax::RefType {
    map_ref(ty, &|idx: TypeIdx| TypeIdx(ids[idx.index()].0))
}

/// `ty` of a module as an engine-wide type.
pub(crate) fn globalize_extern(ids: &[TypeId], ty: &syntax::ExternType) -> syntax::ExternType {
    use syntax::ExternType as E;
    match *ty {
        E::Func(idx) => E::Func(TypeIdx(ids[idx.index()].0)),
        E::FuncExact(idx) => E::FuncExact(TypeIdx(ids[idx.index()].0)),
        E::Tag(idx) => E::Tag(TypeIdx(ids[idx.index()].0)),
        E::Mem(ty) => E::Mem(ty),
        E::Table(ty) => {
            E::Table(syntax::TableType { element: globalize_ref(ids, ty.element), ..ty })
        }
        E::Global(ty) => {
            E::Global(syntax::GlobalType { content: globalize_val(ids, ty.content), ..ty })
        }
    }
}

/// An import of a module.
#[derive(Clone, Debug)]
pub struct ImportType<'m> {
    pub(crate) module: &'m str,
    pub(crate) name: &'m str,
    pub(crate) ty: ExternType,
}

impl<'m> ImportType<'m> {
    /// The name of the module that it is from.
    pub fn module(&self) -> &'m str {
        self.module
    }

    /// Its name there.
    pub fn name(&self) -> &'m str {
        self.name
    }

    /// What it has to be.
    pub fn ty(&self) -> ExternType {
        self.ty.clone()
    }
}

/// An export of a module.
#[derive(Clone, Debug)]
pub struct ExportType<'m> {
    pub(crate) name: &'m str,
    pub(crate) ty: ExternType,
}

impl<'m> ExportType<'m> {
    /// Its name.
    pub fn name(&self) -> &'m str {
        self.name
    }

    /// What it is.
    pub fn ty(&self) -> ExternType {
        self.ty.clone()
    }
}
