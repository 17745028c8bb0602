//! A decoded and validated module. Spec: *Structure → Modules*.

use super::*;
use crate::ops::BinOp;
use crate::walk::Const;
use alloc::{boxed::Box, string::String, sync::Arc, vec::Vec};
use core::ops::Range;

/// A decoded module whose every part but the function bodies is validated.
///
/// Bodies stay bytes that only a [`walk`](crate::walk()) reads; the walk validates them.
pub struct Module<'a> {
    pub(crate) bytes: Bytes<'a>,
    /// The features that the module was decoded with.
    pub features: crate::Features,
    /// The limits that it was decoded with.
    pub limits: crate::DecodeLimits,
    /// Type definitions.
    pub types: Types,
    /// Imports, in the order of the module.
    pub imports: Box<[Import]>,
    /// The type of each function, imported ones first.
    pub funcs: Box<[TypeIdx]>,
    /// Imported functions that have to be of exactly that type and of no subtype.
    pub exact_imports: BitSet,
    /// The type of each table, imported ones first.
    pub tables: Box<[TableType]>,
    /// The initial element of each table that is not imported; `None` is null.
    pub table_inits: Box<[Option<ConstExpr>]>,
    /// The type of each memory, imported ones first.
    pub mems: Box<[MemType]>,
    /// The type of each global, imported ones first.
    pub globals: Box<[GlobalType]>,
    /// The initial value of each global that is not imported.
    pub global_inits: Box<[ConstExpr]>,
    /// The function type of each tag, imported ones first.
    pub tags: Box<[TypeIdx]>,
    /// Exports, in the order of the module. Names are distinct.
    pub exports: Box<[Export]>,
    /// The start function.
    pub start: Option<FuncIdx>,
    /// Element segments.
    pub elems: Box<[Elem]>,
    /// Data segments.
    pub datas: Box<[Data]>,
    /// How many data segments the data count section announces, if there is one.
    pub data_count: Option<u32>,
    /// Bodies of the functions that are not imported, as ranges of `bytes`.
    pub bodies: Box<[Range<usize>]>,
    /// Where the contents of the code section begin in `bytes`, which is what debug information
    /// counts from; 0 if there is none.
    pub code_start: usize,
    /// How many functions, tables, memories, globals and tags are imported.
    pub imported: Imported,
    /// Functions that `ref.func` in a body may name, as a bit set over function indices.
    pub declared_funcs: BitSet,
    /// Custom sections: name, and contents as a range of `bytes`.
    pub customs: Box<[(Box<str>, Range<usize>)]>,
    /// Branch hints, if there is a section of them and it is well formed: for each function with
    /// hints the bytes that hold them, sorted by function. [`Module::branch_hints`] reads them.
    pub hints: Box<[(FuncIdx, Range<usize>)]>,
    /// Debug names, read from the name section where there is one and it is well formed.
    pub names: Names,
}

/// What owns the bytes of a module: nobody can change them while it does.
pub enum Bytes<'a> {
    /// The module alone.
    Own(Box<[u8]>),
    /// Whoever shares them.
    Shared(Arc<[u8]>),
    /// Whoever lends them, which for a module that is to be executed is the program.
    Lent(&'a [u8]),
}

impl Bytes<'_> {
    pub(crate) fn get(&self) -> &[u8] {
        match self {
            Bytes::Own(bytes) => bytes,
            Bytes::Shared(bytes) => bytes,
            Bytes::Lent(bytes) => bytes,
        }
    }
}

impl From<Vec<u8>> for Bytes<'_> {
    fn from(bytes: Vec<u8>) -> Self {
        Bytes::Own(bytes.into())
    }
}

impl From<Box<[u8]>> for Bytes<'_> {
    fn from(bytes: Box<[u8]>) -> Self {
        Bytes::Own(bytes)
    }
}

impl From<Arc<[u8]>> for Bytes<'_> {
    fn from(bytes: Arc<[u8]>) -> Self {
        Bytes::Shared(bytes)
    }
}

impl<'a> From<&'a [u8]> for Bytes<'a> {
    fn from(bytes: &'a [u8]) -> Self {
        Bytes::Lent(bytes)
    }
}

impl core::fmt::Debug for Module<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Module").field("name", &self.names.module).finish_non_exhaustive()
    }
}

/// How many of each kind a module imports.
#[derive(Clone, Copy, Debug, Default)]
#[expect(missing_docs, reason = "the names say it")]
pub struct Imported {
    pub funcs: u32,
    pub tables: u32,
    pub mems: u32,
    pub globals: u32,
    pub tags: u32,
}

/// A set of small integers.
#[derive(Clone, Debug, Default)]
pub struct BitSet(Vec<u64>);

impl BitSet {
    /// Adds `index`; the set grows to hold it.
    pub fn insert(&mut self, index: u32) {
        let word = index as usize / 64;
        if word >= self.0.len() {
            self.0.resize(word + 1, 0);
        }
        self.0[word] |= 1 << (index % 64);
    }

    /// Takes `index` out.
    pub fn remove(&mut self, index: u32) {
        if let Some(word) = self.0.get_mut(index as usize / 64) {
            *word &= !(1 << (index % 64));
        }
    }

    /// Whether `index` was added.
    pub fn contains(&self, index: u32) -> bool {
        self.0.get(index as usize / 64).is_some_and(|word| word >> (index % 64) & 1 != 0)
    }
}

/// An import.
#[derive(Clone, Debug)]
pub struct Import {
    /// The name of the module that it is imported from; imports of one group share it.
    pub module: Arc<str>,
    /// Its name there.
    pub name: Box<str>,
    /// What it has to be.
    pub ty: ExternType,
}

/// The type of something imported or exported; function and tag types are indices of types.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are the spec's own")]
pub enum ExternType {
    Func(TypeIdx),
    /// A function of exactly this type (custom descriptors).
    FuncExact(TypeIdx),
    Table(TableType),
    Mem(MemType),
    Global(GlobalType),
    Tag(TypeIdx),
}

/// An export.
#[derive(Clone, Debug)]
pub struct Export {
    /// Its name.
    pub name: Box<str>,
    /// What it names.
    pub index: ExternIdx,
}

/// The index of something exported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are the spec's own")]
pub enum ExternIdx {
    Func(FuncIdx),
    Table(TableIdx),
    Mem(MemIdx),
    Global(GlobalIdx),
    Tag(TagIdx),
}

/// A validated constant expression: postfix operators that leave one value.
#[derive(Clone, Debug)]
pub enum ConstExpr {
    /// The common case of a single operator.
    One(ConstOp),
    /// Several.
    Many(Box<[ConstOp]>),
}

impl ConstExpr {
    /// The operators in order.
    pub fn ops(&self) -> &[ConstOp] {
        match self {
            ConstExpr::One(op) => core::slice::from_ref(op),
            ConstExpr::Many(ops) => ops,
        }
    }
}

/// An operator of a constant expression.
#[derive(Clone, Copy, Debug)]
#[expect(missing_docs, reason = "the names are the spec's own")]
pub enum ConstOp {
    Const(Const),
    GlobalGet(GlobalIdx),
    RefNull(HeapType),
    RefFunc(FuncIdx),
    /// `i32.add`, `i64.sub` and so on (extended constant expressions).
    Binop(BinOp),
    /// `struct.new` and so on.
    Aggregate(crate::walk::AggregateOp),
}

/// Whether a segment is copied at instantiation.
#[derive(Clone, Debug)]
pub enum SegmentMode<I> {
    /// Copied to a table or memory at an offset when the module is instantiated.
    Active(I, ConstExpr),
    /// Copied by instructions only.
    Passive,
    /// Never copied: it declares functions that bodies refer to.
    Declarative,
}

/// An element segment.
#[derive(Clone, Debug)]
pub struct Elem {
    /// The type of its elements.
    pub ty: RefType,
    /// Its elements.
    pub items: ElemItems,
    /// When it is copied.
    pub mode: SegmentMode<TableIdx>,
}

/// The elements of a segment.
#[derive(Clone, Debug)]
pub enum ElemItems {
    /// Functions.
    Funcs(Box<[FuncIdx]>),
    /// Constant expressions.
    Exprs(Box<[ConstExpr]>),
}

impl ElemItems {
    /// How many elements there are.
    pub fn len(&self) -> usize {
        match self {
            ElemItems::Funcs(funcs) => funcs.len(),
            ElemItems::Exprs(exprs) => exprs.len(),
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// A data segment.
#[derive(Clone, Debug)]
pub struct Data {
    /// Its bytes, as a range of the module's.
    pub bytes: Range<usize>,
    /// When it is copied.
    pub mode: SegmentMode<MemIdx>,
}

/// Debug names of a module. Spec: *Appendix → Custom Sections → Name Section*.
#[derive(Clone, Debug, Default)]
pub struct Names {
    /// The module's name.
    pub module: Option<String>,
    /// Where the names of functions are in the module's bytes, which [`Module::func_name`] reads:
    /// a large module has many of them, and hardly ever needs one.
    pub funcs: Range<usize>,
}

impl Module<'_> {
    /// The bytes that the module was decoded from; bodies and data segments are ranges of them.
    pub fn bytes(&self) -> &[u8] {
        self.bytes.get()
    }

    /// The type of a function.
    ///
    /// # Panics
    ///
    /// If `func` is not of this module.
    pub fn func_type(&self, func: FuncIdx) -> &FuncType {
        match &self.types.get(self.funcs[func.index()]).composite {
            CompositeType::Func(ty) => ty,
            _ => unreachable!("validation lets functions have function types only"),
        }
    }

    /// The name that the name section gives a function, which is looked for among all names.
    pub fn func_name(&self, func: FuncIdx) -> Option<&str> {
        crate::binary::func_name(self.bytes(), self.names.funcs.clone(), func)
    }

    /// The body of a function that is not imported.
    pub fn body(&self, func: FuncIdx) -> Option<Range<usize>> {
        let defined = func.0.checked_sub(self.imported.funcs)?;
        self.bodies.get(defined as usize).cloned()
    }
}

/// The type definitions of a module, with the equivalence of recursive groups worked out.
#[derive(Clone, Debug, Default)]
pub struct Types {
    /// Every definition, in index order.
    pub subs: Vec<SubType>,
    /// Recursive groups as ranges of type indices, in order and without gaps.
    pub groups: Vec<Range<u32>>,
    /// For each type the first index in this module with an equivalent definition, so that two
    /// types are equivalent exactly if these are equal.
    pub canonical: Vec<TypeIdx>,
    /// Structures with a field that has no default, which is asked often of large ones.
    pub(crate) not_defaultable: BitSet,
    /// Whether the exact type of what an instruction makes is known, which it is with custom
    /// descriptors only: without, no exact type is there to ask for it.
    pub(crate) exact: bool,
}

impl Types {
    /// The definition of `idx`.
    ///
    /// # Panics
    ///
    /// If `idx` is not of this module.
    pub fn get(&self, idx: TypeIdx) -> &SubType {
        &self.subs[idx.index()]
    }

    /// What a reference leads to that an instruction made of type `idx`.
    #[inline]
    pub(crate) fn made(&self, idx: TypeIdx) -> HeapType {
        if self.exact { HeapType::Exact(idx) } else { HeapType::Concrete(idx) }
    }

    /// How many types there are.
    pub fn len(&self) -> usize {
        self.subs.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.subs.is_empty()
    }
}
