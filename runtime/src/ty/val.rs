//! Types of values. Spec: *Structure → Types → Value Types*.

use super::{ArrayType, ContType, FuncType, StructType};
use crate::Engine;
use crate::types::{TypeId, TypeRegistry};
use core::fmt;
use rwasm_parser as syntax;
use rwasm_parser::{CompositeType, TypeIdx};

/// The type of a value.
///
/// ```
/// use rwasm::ValType;
///
/// assert_eq!(ValType::FUNCREF.to_string(), "funcref");
/// assert!(ValType::I32.matches(&ValType::I32));
/// ```
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
    /// A function of this type and of none below it (custom descriptors), as the next ones.
    ExactFunc(FuncType),
    ExactStruct(StructType),
    ExactArray(ArrayType),
    ExactCont(ContType),
}

impl ValType {
    /// `(ref null func)`
    pub const FUNCREF: ValType = ValType::Ref(RefType::FUNCREF);
    /// `(ref null extern)`
    pub const EXTERNREF: ValType = ValType::Ref(RefType::EXTERNREF);
    /// `(ref null any)`
    pub const ANYREF: ValType = ValType::Ref(RefType::ANYREF);
    /// `(ref null eq)`
    pub const EQREF: ValType = ValType::Ref(RefType::EQREF);
    /// `(ref null i31)`
    pub const I31REF: ValType = ValType::Ref(RefType::I31REF);
    /// `(ref null struct)`
    pub const STRUCTREF: ValType = ValType::Ref(RefType::STRUCTREF);
    /// `(ref null array)`
    pub const ARRAYREF: ValType = ValType::Ref(RefType::ARRAYREF);
    /// `(ref null none)`
    pub const NULLREF: ValType = ValType::Ref(RefType::NULLREF);
    /// `(ref null exn)`
    pub const EXNREF: ValType = ValType::Ref(RefType::EXNREF);

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

    /// Whether it is a type of integers or floating-point numbers.
    pub fn is_num(&self) -> bool {
        matches!(self, ValType::I32 | ValType::I64 | ValType::F32 | ValType::F64)
    }

    /// Whether it is `i32`.
    pub fn is_i32(&self) -> bool {
        matches!(self, ValType::I32)
    }

    /// Whether it is `i64`.
    pub fn is_i64(&self) -> bool {
        matches!(self, ValType::I64)
    }

    /// Whether it is `f32`.
    pub fn is_f32(&self) -> bool {
        matches!(self, ValType::F32)
    }

    /// Whether it is `f64`.
    pub fn is_f64(&self) -> bool {
        matches!(self, ValType::F64)
    }

    /// Whether it is `v128`.
    pub fn is_v128(&self) -> bool {
        matches!(self, ValType::V128)
    }

    /// Whether it is a reference type.
    pub fn is_ref(&self) -> bool {
        matches!(self, ValType::Ref(_))
    }

    /// The reference type that it is.
    ///
    /// # Panics
    ///
    /// If it is none.
    pub fn unwrap_ref(&self) -> &RefType {
        self.as_ref().expect("expected a reference type")
    }

    /// Whether every value of this type is one of `other`.
    pub fn matches(&self, other: &Self) -> bool {
        match (self, other) {
            (ValType::Ref(a), ValType::Ref(b)) => a.matches(b),
            _ => Self::eq(self, other),
        }
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
    /// `(ref null any)`
    pub const ANYREF: RefType = RefType { nullable: true, heap: HeapType::Any };
    /// `(ref null eq)`
    pub const EQREF: RefType = RefType { nullable: true, heap: HeapType::Eq };
    /// `(ref null i31)`
    pub const I31REF: RefType = RefType { nullable: true, heap: HeapType::I31 };
    /// `(ref null struct)`
    pub const STRUCTREF: RefType = RefType { nullable: true, heap: HeapType::Struct };
    /// `(ref null array)`
    pub const ARRAYREF: RefType = RefType { nullable: true, heap: HeapType::Array };
    /// `(ref null none)`
    pub const NULLREF: RefType = RefType { nullable: true, heap: HeapType::None };
    /// `(ref null exn)`
    pub const EXNREF: RefType = RefType { nullable: true, heap: HeapType::Exn };

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

    /// Whether every reference of this type is one of `other`.
    pub fn matches(&self, other: &Self) -> bool {
        let (a, b) = (self.to_syntax(), other.to_syntax());
        match self.heap.engine().or(other.heap.engine()) {
            Some(engine) => engine.types().ref_matches(a, b),
            // Types that no module defines match in the same way everywhere.
            None => TypeRegistry::default().ref_matches(a, b),
        }
    }

    /// Whether two types are the same.
    #[allow(clippy::should_implement_trait, reason = "the name that embedders know")]
    pub fn eq(a: &Self, b: &Self) -> bool {
        a.to_syntax() == b.to_syntax()
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
            S::Concrete(TypeIdx(id)) => HeapType::concrete(engine, TypeId(id)),
            S::Exact(TypeIdx(id)) => match HeapType::concrete(engine, TypeId(id)) {
                HeapType::ConcreteFunc(ty) => HeapType::ExactFunc(ty),
                HeapType::ConcreteStruct(ty) => HeapType::ExactStruct(ty),
                HeapType::ConcreteArray(ty) => HeapType::ExactArray(ty),
                HeapType::ConcreteCont(ty) => HeapType::ExactCont(ty),
                other => other,
            },
        };
        RefType { nullable: ty.nullable(), heap }
    }

    pub(crate) fn to_syntax(&self) -> syntax::RefType {
        use syntax::HeapType as S;
        let concrete = |id: TypeId| S::Concrete(TypeIdx(id.0));
        let exact = |id: TypeId| S::Exact(TypeIdx(id.0));
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
            HeapType::ConcreteFunc(ty) => concrete(ty.type_id()),
            HeapType::ConcreteStruct(ty) => concrete(ty.type_id()),
            HeapType::ConcreteArray(ty) => concrete(ty.type_id()),
            HeapType::ConcreteCont(ty) => concrete(ty.type_id()),
            HeapType::ExactFunc(ty) => exact(ty.type_id()),
            HeapType::ExactStruct(ty) => exact(ty.type_id()),
            HeapType::ExactArray(ty) => exact(ty.type_id()),
            HeapType::ExactCont(ty) => exact(ty.type_id()),
        };
        syntax::RefType::new(self.nullable, heap)
    }
}

impl fmt::Display for RefType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.to_syntax().fmt(f)
    }
}

impl HeapType {
    /// The engine of a type that a module defines.
    fn engine(&self) -> Option<&Engine> {
        match self {
            HeapType::ConcreteFunc(ty) | HeapType::ExactFunc(ty) => Some(ty.engine()),
            HeapType::ConcreteStruct(ty) | HeapType::ExactStruct(ty) => Some(ty.engine()),
            HeapType::ConcreteArray(ty) | HeapType::ExactArray(ty) => Some(ty.engine()),
            HeapType::ConcreteCont(ty) | HeapType::ExactCont(ty) => Some(ty.engine()),
            _ => None,
        }
    }

    /// The type of what a defined type describes.
    fn concrete(engine: &Engine, id: TypeId) -> Self {
        match engine.types().get(id).composite {
            CompositeType::Func(_) => HeapType::ConcreteFunc(FuncType::from_id(engine, id)),
            CompositeType::Struct(_) => HeapType::ConcreteStruct(StructType::from_id(engine, id)),
            CompositeType::Array(_) => HeapType::ConcreteArray(ArrayType::from_id(engine, id)),
            CompositeType::Cont(_) => HeapType::ConcreteCont(ContType::from_id(engine, id)),
        }
    }

    /// Whether everything of this type is of `other` too.
    pub fn matches(&self, other: &Self) -> bool {
        RefType::new(false, self.clone()).matches(&RefType::new(false, other.clone()))
    }
}

impl From<RefType> for ValType {
    fn from(ty: RefType) -> Self {
        ValType::Ref(ty)
    }
}
