//! Types as embedders see them: those of an engine, not of one module.

use crate::Engine;
use crate::types::{TypeId, map_ref, map_val};
use alloc::{string::String, sync::Arc, vec::Vec};
use core::fmt;
use rwasm_parser as syntax;
use rwasm_parser::{CompositeType, SubType, TypeIdx};

/// The type of a value.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the names are the spec's own")]
pub enum ValType {
    I32,
    I64,
    F32,
    F64,
    V128,
    Ref(RefType),
}

/// The type of a reference.
#[derive(Clone, Debug)]
pub struct RefType {
    nullable: bool,
    heap: HeapType,
}

/// What a reference points to.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the names are the spec's own")]
#[non_exhaustive]
pub enum HeapType {
    Func,
    ConcreteFunc(FuncType),
    NoFunc,
    Extern,
    NoExtern,
    Any,
    Eq,
    I31,
    Struct,
    ConcreteStruct(StructType),
    Array,
    ConcreteArray(ArrayType),
    None,
    Exn,
    NoExn,
    Cont,
    ConcreteCont(ContType),
    NoCont,
}

macro_rules! registered {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone)]
        pub struct $name {
            engine: Engine,
            id: TypeId,
            def: Arc<SubType>,
        }

        impl $name {
            /// The type whose identity in `engine` is `id`.
            pub(crate) fn from_id(engine: &Engine, id: TypeId) -> Self {
                $name { engine: engine.clone(), id, def: engine.types().get(id) }
            }

            /// The identity of the type in its engine.
            pub fn type_id(&self) -> TypeId {
                self.id
            }

            /// # Panics
            ///
            /// If the type is of another engine.
            #[allow(dead_code, reason = "only some kinds of types are given by embedders yet")]
            pub(crate) fn check_engine(&self, engine: &Engine) {
                assert!(Engine::same(&self.engine, engine), "type used with wrong engine");
            }

            /// Whether every value of this type is one of `other`.
            pub fn matches(&self, other: &Self) -> bool {
                self.engine.types().is_subtype(self.id, other.id)
            }

            /// Whether two types are the same.
            #[allow(clippy::should_implement_trait, reason = "the name that embedders know")]
            pub fn eq(a: &Self, b: &Self) -> bool {
                a.id == b.id && Engine::same(&a.engine, &b.engine)
            }
        }
    )*};
}

registered! {
    /// The type of a function.
    FuncType;
    /// The type of a structure.
    StructType;
    /// The type of an array.
    ArrayType;
    /// The type of a continuation.
    ContType;
}

impl FuncType {
    /// The type of functions that take `params` and give `results`.
    pub fn new(
        engine: &Engine,
        params: impl IntoIterator<Item = ValType>,
        results: impl IntoIterator<Item = ValType>,
    ) -> Self {
        let params: Vec<_> = params.into_iter().map(|ty| ty.to_syntax()).collect();
        let results: Vec<_> = results.into_iter().map(|ty| ty.to_syntax()).collect();
        let ty = syntax::FuncType::new(&params, &results);
        Self::from_id(engine, engine.types().register_func(&ty))
    }

    pub(crate) fn syntax(&self) -> &syntax::FuncType {
        match &self.def.composite {
            CompositeType::Func(ty) => ty,
            _ => unreachable!("made from the identity of a function type"),
        }
    }

    /// The types of the parameters.
    pub fn params(&self) -> impl ExactSizeIterator<Item = ValType> + '_ {
        self.syntax().params().iter().map(|&ty| ValType::from_syntax(&self.engine, ty))
    }

    /// The types of the results.
    pub fn results(&self) -> impl ExactSizeIterator<Item = ValType> + '_ {
        self.syntax().results().iter().map(|&ty| ValType::from_syntax(&self.engine, ty))
    }

    /// The type of the parameter at `index`.
    pub fn param(&self, index: usize) -> Option<ValType> {
        self.params().nth(index)
    }

    /// The type of the result at `index`.
    pub fn result(&self, index: usize) -> Option<ValType> {
        self.results().nth(index)
    }
}

impl fmt::Display for FuncType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.syntax().fmt(f)
    }
}

impl fmt::Debug for FuncType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.syntax().fmt(f)
    }
}

macro_rules! debug_as_id {
    ($($name:ident)*) => {$(
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({:?})", stringify!($name), self.def.composite)
            }
        }
    )*};
}
debug_as_id! { StructType ArrayType ContType }

impl ValType {
    /// `(ref null func)`
    pub const FUNCREF: ValType = ValType::Ref(RefType::FUNCREF);
    /// `(ref null extern)`
    pub const EXTERNREF: ValType = ValType::Ref(RefType::EXTERNREF);

    /// The type of an engine-wide syntax type, whose concrete types are [`TypeId`]s.
    pub(crate) fn from_syntax(engine: &Engine, ty: syntax::ValType) -> Self {
        match ty {
            syntax::ValType::I32 => ValType::I32,
            syntax::ValType::I64 => ValType::I64,
            syntax::ValType::F32 => ValType::F32,
            syntax::ValType::F64 => ValType::F64,
            syntax::ValType::V128 => ValType::V128,
            other => match other.as_ref() {
                Some(ty) => ValType::Ref(RefType::from_syntax(engine, ty)),
                None => unreachable!("every other value type is a reference"),
            },
        }
    }

    /// The engine-wide syntax type.
    pub(crate) fn to_syntax(&self) -> syntax::ValType {
        match self {
            ValType::I32 => syntax::ValType::I32,
            ValType::I64 => syntax::ValType::I64,
            ValType::F32 => syntax::ValType::F32,
            ValType::F64 => syntax::ValType::F64,
            ValType::V128 => syntax::ValType::V128,
            ValType::Ref(ty) => ty.to_syntax().into(),
        }
    }

    /// Whether it is a reference type.
    pub fn is_ref(&self) -> bool {
        matches!(self, ValType::Ref(_))
    }

    /// The reference type that it is, if it is one.
    pub fn as_ref(&self) -> Option<&RefType> {
        match self {
            ValType::Ref(ty) => Some(ty),
            _ => None,
        }
    }

    /// Whether two types are the same.
    #[allow(clippy::should_implement_trait, reason = "the name that embedders know")]
    pub fn eq(a: &Self, b: &Self) -> bool {
        a.to_syntax() == b.to_syntax()
    }
}

impl fmt::Display for ValType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.to_syntax().fmt(f)
    }
}

impl RefType {
    /// `(ref null func)`
    pub const FUNCREF: RefType = RefType { nullable: true, heap: HeapType::Func };
    /// `(ref null extern)`
    pub const EXTERNREF: RefType = RefType { nullable: true, heap: HeapType::Extern };

    /// The type of references to `heap`.
    pub fn new(nullable: bool, heap: HeapType) -> Self {
        RefType { nullable, heap }
    }

    /// Whether null belongs to it.
    pub fn is_nullable(&self) -> bool {
        self.nullable
    }

    /// What the reference points to.
    pub fn heap_type(&self) -> &HeapType {
        &self.heap
    }

    pub(crate) fn from_syntax(engine: &Engine, ty: syntax::RefType) -> Self {
        use syntax::HeapType as S;
        let heap = match ty.heap_type() {
            S::Func => HeapType::Func,
            S::NoFunc => HeapType::NoFunc,
            S::Extern => HeapType::Extern,
            S::NoExtern => HeapType::NoExtern,
            S::Any => HeapType::Any,
            S::Eq => HeapType::Eq,
            S::I31 => HeapType::I31,
            S::Struct => HeapType::Struct,
            S::Array => HeapType::Array,
            S::None => HeapType::None,
            S::Exn => HeapType::Exn,
            S::NoExn => HeapType::NoExn,
            S::Cont => HeapType::Cont,
            S::NoCont => HeapType::NoCont,
            S::Concrete(TypeIdx(id)) => {
                let id = TypeId(id);
                match engine.types().get(id).composite {
                    CompositeType::Func(_) => HeapType::ConcreteFunc(FuncType::from_id(engine, id)),
                    CompositeType::Struct(_) => {
                        HeapType::ConcreteStruct(StructType::from_id(engine, id))
                    }
                    CompositeType::Array(_) => {
                        HeapType::ConcreteArray(ArrayType::from_id(engine, id))
                    }
                    CompositeType::Cont(_) => HeapType::ConcreteCont(ContType::from_id(engine, id)),
                }
            }
        };
        RefType { nullable: ty.nullable(), heap }
    }

    pub(crate) fn to_syntax(&self) -> syntax::RefType {
        use syntax::HeapType as S;
        let concrete = |id: TypeId| S::Concrete(TypeIdx(id.0));
        let heap = match &self.heap {
            HeapType::Func => S::Func,
            HeapType::NoFunc => S::NoFunc,
            HeapType::Extern => S::Extern,
            HeapType::NoExtern => S::NoExtern,
            HeapType::Any => S::Any,
            HeapType::Eq => S::Eq,
            HeapType::I31 => S::I31,
            HeapType::Struct => S::Struct,
            HeapType::Array => S::Array,
            HeapType::None => S::None,
            HeapType::Exn => S::Exn,
            HeapType::NoExn => S::NoExn,
            HeapType::Cont => S::Cont,
            HeapType::NoCont => S::NoCont,
            HeapType::ConcreteFunc(ty) => concrete(ty.id),
            HeapType::ConcreteStruct(ty) => concrete(ty.id),
            HeapType::ConcreteArray(ty) => concrete(ty.id),
            HeapType::ConcreteCont(ty) => concrete(ty.id),
        };
        syntax::RefType::new(self.nullable, heap)
    }
}

impl From<RefType> for ValType {
    fn from(ty: RefType) -> Self {
        ValType::Ref(ty)
    }
}

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

    pub(crate) fn from_syntax(ty: &syntax::MemType) -> Self {
        MemoryType(*ty)
    }

    pub(crate) fn to_syntax(&self) -> syntax::MemType {
        self.0
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
            syntax::ExternType::Func(idx) => ExternType::Func(func(*idx)),
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
