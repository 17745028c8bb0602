//! Types. Spec: *Structure → Types*.

use super::{MemIdx, TypeIdx};
use alloc::boxed::Box;
use core::fmt;

/// A value type, packed in one word so that the validator compares types in one instruction.
///
/// The constants can be used as patterns; a reference type is taken out with [`ValType::as_ref`].
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
#[repr(transparent)]
pub struct ValType(u32);

/// A reference type: a heap type, and whether null belongs to it.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
#[repr(transparent)]
pub struct RefType(u32);

/// What a reference points to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the names are the spec's own")]
pub enum HeapType {
    Func,
    NoFunc,
    Extern,
    NoExtern,
    Any,
    Eq,
    I31,
    Struct,
    Array,
    None,
    Exn,
    NoExn,
    Cont,
    NoCont,
    /// A defined type and those declared below it, by its index.
    Concrete(TypeIdx),
    /// A defined type and none below it, by its index (custom descriptors).
    Exact(TypeIdx),
}

/// The abstract heap types, in the order of their packed codes.
const ABSTRACT: [HeapType; 14] = [
    HeapType::Func,
    HeapType::NoFunc,
    HeapType::Extern,
    HeapType::NoExtern,
    HeapType::Any,
    HeapType::Eq,
    HeapType::I31,
    HeapType::Struct,
    HeapType::Array,
    HeapType::None,
    HeapType::Exn,
    HeapType::NoExn,
    HeapType::Cont,
    HeapType::NoCont,
];

// The packing: numbers and vectors are small integers; references have the top bit set, then
// nullability, then whether the rest is a type index or the code of an abstract heap type; with an
// index comes whether the type is exact.
const REF: u32 = 1 << 31;
const NULLABLE: u32 = 1 << 30;
const CONCRETE: u32 = 1 << 29;
const EXACT: u32 = 1 << 28;
const PAYLOAD: u32 = EXACT - 1;
/// The code of the heap type below all others.
const BOTTOM_HEAP: u32 = ABSTRACT.len() as u32;

impl ValType {
    /// `i32`
    pub const I32: ValType = ValType(0);
    /// `i64`
    pub const I64: ValType = ValType(1);
    /// `f32`
    pub const F32: ValType = ValType(2);
    /// `f64`
    pub const F64: ValType = ValType(3);
    /// `v128`
    pub const V128: ValType = ValType(4);
    /// `(ref null func)`
    pub const FUNCREF: ValType = ValType(RefType::FUNCREF.0);
    /// `(ref null extern)`
    pub const EXTERNREF: ValType = ValType(RefType::EXTERNREF.0);
    /// The type of a value popped in unreachable code, which is every type. It exists in the
    /// validator only.
    pub const BOTTOM: ValType = ValType(5);

    /// The reference type that this is, if it is one.
    #[inline]
    pub const fn as_ref(self) -> Option<RefType> {
        if self.is_ref() { Some(RefType(self.0)) } else { None }
    }

    /// Whether this is a reference type.
    #[inline]
    pub const fn is_ref(self) -> bool {
        self.0 & REF != 0
    }

    /// Whether a local of this type has a value before it is set.
    #[inline]
    pub const fn is_defaultable(self) -> bool {
        !self.is_ref() || self.0 & NULLABLE != 0
    }

    /// The packed word.
    #[inline]
    pub(crate) const fn bits(self) -> u32 {
        self.0
    }

    /// How many 8-byte slots a value of this type takes.
    #[inline]
    pub const fn slots(self) -> u32 {
        if self.0 == Self::V128.0 { 2 } else { 1 }
    }
}

impl RefType {
    /// `(ref null func)`
    pub const FUNCREF: RefType = RefType::new(true, HeapType::Func);
    /// `(ref null extern)`
    pub const EXTERNREF: RefType = RefType::new(true, HeapType::Extern);

    /// A reference to nothing that there is, which is of every reference type: what is known of a
    /// reference in unreachable code. It exists in the validator only, and has no heap type.
    pub(crate) const BOTTOM: RefType = RefType(REF | BOTTOM_HEAP);

    /// The reference type of `heap`, with or without null.
    ///
    /// The index of a defined type is below 2^28 - 1, which every limit on types ensures; greater
    /// ones become that number, which no type has.
    pub const fn new(nullable: bool, heap: HeapType) -> Self {
        let code = match heap {
            HeapType::Func => 0,
            HeapType::NoFunc => 1,
            HeapType::Extern => 2,
            HeapType::NoExtern => 3,
            HeapType::Any => 4,
            HeapType::Eq => 5,
            HeapType::I31 => 6,
            HeapType::Struct => 7,
            HeapType::Array => 8,
            HeapType::None => 9,
            HeapType::Exn => 10,
            HeapType::NoExn => 11,
            HeapType::Cont => 12,
            HeapType::NoCont => 13,
            HeapType::Concrete(idx) => CONCRETE | payload(idx),
            HeapType::Exact(idx) => CONCRETE | EXACT | payload(idx),
        };
        RefType(REF | if nullable { NULLABLE } else { 0 } | code)
    }

    /// The packed word, from which [`RefType::from_bits`] makes the type again.
    #[inline]
    pub const fn bits(self) -> u32 {
        self.0
    }

    /// The type whose packed word is `bits`; `None` if there is none.
    #[inline]
    pub const fn from_bits(bits: u32) -> Option<Self> {
        let known = bits & CONCRETE != 0 || bits & (EXACT | PAYLOAD) < BOTTOM_HEAP;
        if bits & REF != 0 && known { Some(RefType(bits)) } else { None }
    }

    /// Whether null belongs to the type.
    #[inline]
    pub const fn nullable(self) -> bool {
        self.0 & NULLABLE != 0
    }

    /// Whether this is [`RefType::BOTTOM`], with or without null.
    #[inline]
    pub(crate) const fn is_bottom(self) -> bool {
        self.0 & !NULLABLE == Self::BOTTOM.0
    }

    /// The same type with or without null.
    #[inline]
    pub const fn with_nullable(self, nullable: bool) -> Self {
        RefType(if nullable { self.0 | NULLABLE } else { self.0 & !NULLABLE })
    }

    /// What the reference points to.
    #[inline]
    pub const fn heap_type(self) -> HeapType {
        let idx = TypeIdx(self.0 & PAYLOAD);
        match self.0 & (CONCRETE | EXACT) {
            0 => ABSTRACT[(self.0 & PAYLOAD) as usize],
            CONCRETE => HeapType::Concrete(idx),
            _ => HeapType::Exact(idx),
        }
    }
}

const fn payload(idx: TypeIdx) -> u32 {
    if idx.0 < PAYLOAD { idx.0 } else { PAYLOAD }
}

impl HeapType {
    /// The same type, with those declared below it if it is a defined one.
    pub const fn inexact(self) -> Self {
        match self {
            HeapType::Exact(idx) => HeapType::Concrete(idx),
            _ => self,
        }
    }
}

impl From<RefType> for ValType {
    fn from(ty: RefType) -> Self {
        ValType(ty.0)
    }
}

impl fmt::Display for HeapType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            HeapType::Func => "func",
            HeapType::NoFunc => "nofunc",
            HeapType::Extern => "extern",
            HeapType::NoExtern => "noextern",
            HeapType::Any => "any",
            HeapType::Eq => "eq",
            HeapType::I31 => "i31",
            HeapType::Struct => "struct",
            HeapType::Array => "array",
            HeapType::None => "none",
            HeapType::Exn => "exn",
            HeapType::NoExn => "noexn",
            HeapType::Cont => "cont",
            HeapType::NoCont => "nocont",
            HeapType::Concrete(idx) => return write!(f, "{}", idx.0),
            HeapType::Exact(idx) => return write!(f, "(exact {})", idx.0),
        })
    }
}

impl fmt::Display for RefType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_bottom() {
            return f.write_str("any reference");
        }
        match (self.nullable(), self.heap_type()) {
            (true, HeapType::Func) => f.write_str("funcref"),
            (true, HeapType::Extern) => f.write_str("externref"),
            (true, heap) => write!(f, "(ref null {heap})"),
            (false, heap) => write!(f, "(ref {heap})"),
        }
    }
}

impl fmt::Display for ValType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            ValType::I32 => f.write_str("i32"),
            ValType::I64 => f.write_str("i64"),
            ValType::F32 => f.write_str("f32"),
            ValType::F64 => f.write_str("f64"),
            ValType::V128 => f.write_str("v128"),
            ValType::BOTTOM => f.write_str("any type"),
            ValType(bits) => RefType(bits).fmt(f),
        }
    }
}

impl fmt::Debug for RefType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Debug for ValType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The type of a function: parameters and results.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct FuncType {
    /// Parameters, then results.
    types: Box<[ValType]>,
    params: u32,
}

impl FuncType {
    /// The type that takes `params` and gives `results`.
    pub fn new(params: &[ValType], results: &[ValType]) -> Self {
        let types = params.iter().chain(results).copied().collect();
        FuncType { types, params: params.len() as u32 }
    }

    /// The types of the parameters.
    #[inline]
    pub fn params(&self) -> &[ValType] {
        &self.types[..self.params as usize]
    }

    /// The types of the results.
    #[inline]
    pub fn results(&self) -> &[ValType] {
        &self.types[self.params as usize..]
    }
}

impl fmt::Display for FuncType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = |f: &mut fmt::Formatter<'_>, types: &[ValType]| -> fmt::Result {
            f.write_str("[")?;
            for (i, ty) in types.iter().enumerate() {
                write!(f, "{}{ty}", if i == 0 { "" } else { " " })?;
            }
            f.write_str("]")
        };
        list(f, self.params())?;
        f.write_str(" -> ")?;
        list(f, self.results())
    }
}

impl fmt::Debug for FuncType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// What a field or array element holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the names are the spec's own")]
pub enum StorageType {
    I8,
    I16,
    Val(ValType),
}

/// The type of a structure's field or an array's element.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct FieldType {
    /// What it holds.
    pub storage: StorageType,
    /// Whether it can be written.
    pub mutable: bool,
}

/// The shape of a defined type.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the names are the spec's own")]
pub enum CompositeType {
    Func(FuncType),
    Struct(Box<[FieldType]>),
    Array(FieldType),
    /// A continuation of a function type (stack switching).
    Cont(TypeIdx),
}

/// A member of a recursive group of type definitions.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SubType {
    /// Whether no other type may name this one as its supertype.
    pub is_final: bool,
    /// The declared supertype.
    pub supertype: Option<TypeIdx>,
    /// The type whose descriptors are of this one (custom descriptors).
    pub describes: Option<TypeIdx>,
    /// The type of the descriptors that structures of this one have (custom descriptors).
    pub descriptor: Option<TypeIdx>,
    /// The shape.
    pub composite: CompositeType,
}

/// Bounds of a table or memory: in elements, or in pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Limits {
    /// The size at the beginning.
    pub min: u64,
    /// The size that growth cannot pass.
    pub max: Option<u64>,
}

/// The type of a memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct MemType {
    /// Bounds in pages.
    pub limits: Limits,
    /// Whether addresses are 64 bits wide.
    pub is_64: bool,
    /// Whether threads may share it.
    pub shared: bool,
    /// The binary logarithm of the page size in bytes: 16, or 0 with custom page sizes.
    pub page_size_log2: u8,
}

/// The type of a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TableType {
    /// The type of the elements.
    pub element: RefType,
    /// Bounds in elements.
    pub limits: Limits,
    /// Whether indices are 64 bits wide.
    pub is_64: bool,
    /// Whether threads may share it.
    pub shared: bool,
}

/// The type of a global.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct GlobalType {
    /// The type of its value.
    pub content: ValType,
    /// Whether it can be written.
    pub mutable: bool,
    /// Whether threads may share it.
    pub shared: bool,
}

/// The static operand of an instruction that accesses a memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MemArg {
    /// The memory.
    pub mem: MemIdx,
    /// The binary logarithm of the alignment hint.
    pub align: u8,
    /// Added to the address operand, in bytes.
    pub offset: u64,
}
