//! Types of structures and arrays. Spec: *Structure → Types → Composite Types*.

use super::{ArrayType, Mutability, StructType, ValType};
use crate::types::{TypeId, alone};
use crate::{Engine, Error, Result};
use rwasm_parser as syntax;
use rwasm_parser::{CompositeType, TypeIdx};

/// Whether a type can have subtypes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are the spec's own")]
pub enum Finality {
    Final,
    NonFinal,
}

/// What a field or an element holds.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the names are the spec's own")]
pub enum StorageType {
    I8,
    I16,
    ValType(ValType),
}

impl From<ValType> for StorageType {
    fn from(ty: ValType) -> Self {
        StorageType::ValType(ty)
    }
}

impl StorageType {
    /// Whether it is `i8`.
    pub fn is_i8(&self) -> bool {
        matches!(self, StorageType::I8)
    }

    /// Whether it is `i16`.
    pub fn is_i16(&self) -> bool {
        matches!(self, StorageType::I16)
    }

    /// The type of values that it is, if it is not packed.
    pub fn as_val_type(&self) -> Option<&ValType> {
        match self {
            StorageType::ValType(ty) => Some(ty),
            _ => None,
        }
    }

    /// The type of values that it is.
    ///
    /// # Panics
    ///
    /// If it is packed.
    pub fn unwrap_val_type(&self) -> &ValType {
        self.as_val_type().expect("expected a type of values")
    }

    /// The type of the values that it is read and written as.
    pub fn unpack(&self) -> ValType {
        self.as_val_type().cloned().unwrap_or(ValType::I32)
    }

    /// Whether two types are the same.
    #[allow(clippy::should_implement_trait, reason = "the name that embedders know")]
    pub fn eq(a: &Self, b: &Self) -> bool {
        a.to_syntax() == b.to_syntax()
    }

    fn to_syntax(&self) -> syntax::StorageType {
        match self {
            StorageType::I8 => syntax::StorageType::I8,
            StorageType::I16 => syntax::StorageType::I16,
            StorageType::ValType(ty) => syntax::StorageType::Val(ty.to_syntax()),
        }
    }
}

/// The type of a structure's field or of an array's elements.
#[derive(Clone, Debug)]
pub struct FieldType {
    mutability: Mutability,
    element_type: StorageType,
}

impl FieldType {
    /// The type of fields that hold `element_type`.
    pub fn new(mutability: Mutability, element_type: StorageType) -> Self {
        FieldType { mutability, element_type }
    }

    /// Whether it can be written.
    pub fn mutability(&self) -> Mutability {
        self.mutability
    }

    /// What it holds.
    pub fn element_type(&self) -> &StorageType {
        &self.element_type
    }

    /// Whether two types are the same.
    #[allow(clippy::should_implement_trait, reason = "the name that embedders know")]
    pub fn eq(a: &Self, b: &Self) -> bool {
        a.to_syntax() == b.to_syntax()
    }

    fn from_syntax(engine: &Engine, ty: syntax::FieldType) -> Self {
        FieldType {
            mutability: if ty.mutable { Mutability::Var } else { Mutability::Const },
            element_type: match ty.storage {
                syntax::StorageType::I8 => StorageType::I8,
                syntax::StorageType::I16 => StorageType::I16,
                syntax::StorageType::Val(ty) => {
                    StorageType::ValType(ValType::from_syntax(engine, ty))
                }
            },
        }
    }

    fn to_syntax(&self) -> syntax::FieldType {
        syntax::FieldType {
            storage: self.element_type.to_syntax(),
            mutable: self.mutability == Mutability::Var,
        }
    }
}

impl StructType {
    /// The type of structures with these fields, which has no subtypes.
    ///
    /// # Errors
    ///
    /// Never; [`StructType::with_finality_and_supertype`] can fail.
    pub fn new(engine: &Engine, fields: impl IntoIterator<Item = FieldType>) -> Result<Self> {
        Self::with_finality_and_supertype(engine, Finality::Final, None, fields)
    }

    /// The type of structures with these fields, below `supertype`.
    ///
    /// # Errors
    ///
    /// If `supertype` is final or the fields do not match its fields.
    pub fn with_finality_and_supertype(
        engine: &Engine,
        finality: Finality,
        supertype: Option<&Self>,
        fields: impl IntoIterator<Item = FieldType>,
    ) -> Result<Self> {
        let fields = fields.into_iter().map(|field| field.to_syntax()).collect();
        let supertype = supertype.map(|ty| {
            ty.check_engine(engine);
            ty.type_id()
        });
        let composite = CompositeType::Struct(fields);
        Ok(Self::from_id(engine, register(engine, finality, supertype, composite)?))
    }

    pub(crate) fn syntax(&self) -> &[syntax::FieldType] {
        match &self.def().composite {
            CompositeType::Struct(fields) => fields,
            _ => unreachable!("made from the identity of a structure's type"),
        }
    }

    /// Whether structures of the type have descriptors.
    pub(crate) fn has_descriptor(&self) -> bool {
        self.def().descriptor.is_some()
    }

    /// The types of the fields.
    pub fn fields(&self) -> impl ExactSizeIterator<Item = FieldType> + '_ {
        self.syntax().iter().map(|&ty| FieldType::from_syntax(self.engine(), ty))
    }

    /// The type of the field at `index`.
    pub fn field(&self, index: usize) -> Option<FieldType> {
        self.fields().nth(index)
    }

    /// The type that this one is declared below.
    pub fn supertype(&self) -> Option<Self> {
        let id = self.def().supertype?;
        Some(Self::from_id(self.engine(), TypeId(id.0)))
    }

    /// Whether it can have subtypes.
    pub fn finality(&self) -> Finality {
        if self.def().is_final { Finality::Final } else { Finality::NonFinal }
    }
}

impl ArrayType {
    /// The type of arrays with such elements, which has no subtypes.
    pub fn new(engine: &Engine, element: FieldType) -> Self {
        let composite = CompositeType::Array(element.to_syntax());
        Self::from_id(engine, engine.types().register_sub(alone(true, None, composite)))
    }

    /// The type of arrays with such elements, below `supertype`.
    ///
    /// # Errors
    ///
    /// If `supertype` is final or its elements do not match.
    pub fn with_finality_and_supertype(
        engine: &Engine,
        finality: Finality,
        supertype: Option<&Self>,
        element: FieldType,
    ) -> Result<Self> {
        let supertype = supertype.map(|ty| {
            ty.check_engine(engine);
            ty.type_id()
        });
        let composite = CompositeType::Array(element.to_syntax());
        Ok(Self::from_id(engine, register(engine, finality, supertype, composite)?))
    }

    pub(crate) fn syntax(&self) -> syntax::FieldType {
        match self.def().composite {
            CompositeType::Array(element) => element,
            _ => unreachable!("made from the identity of an array's type"),
        }
    }

    /// The type of the elements, and whether they can be written.
    pub fn field_type(&self) -> FieldType {
        FieldType::from_syntax(self.engine(), self.syntax())
    }

    /// The type of the elements.
    pub fn element_type(&self) -> StorageType {
        self.field_type().element_type
    }

    /// Whether elements can be written.
    pub fn mutability(&self) -> Mutability {
        self.field_type().mutability
    }

    /// The type that this one is declared below.
    pub fn supertype(&self) -> Option<Self> {
        let id = self.def().supertype?;
        Some(Self::from_id(self.engine(), TypeId(id.0)))
    }

    /// Whether it can have subtypes.
    pub fn finality(&self) -> Finality {
        if self.def().is_final { Finality::Final } else { Finality::NonFinal }
    }
}

/// Registers a type, if it can be declared below `supertype`.
fn register(
    engine: &Engine,
    finality: Finality,
    supertype: Option<TypeId>,
    composite: CompositeType,
) -> Result<TypeId> {
    if let Some(id) = supertype {
        let sup = engine.types().get(id);
        if sup.is_final {
            return Err(Error::msg("cannot create a subtype of a final type"));
        }
        let matches = match (&composite, &sup.composite) {
            (CompositeType::Struct(sub), CompositeType::Struct(sup)) => {
                let pairs = sub.iter().zip(sup);
                sub.len() >= sup.len() && pairs.fold(true, |all, (a, b)| all && field(engine, a, b))
            }
            (CompositeType::Array(sub), CompositeType::Array(sup)) => field(engine, sub, sup),
            _ => false,
        };
        // A type below one that has such clauses would need them too.
        if !matches || sup.describes.is_some() || sup.descriptor.is_some() {
            return Err(Error::msg("a type must match its supertype"));
        }
    }
    let supertype = supertype.map(|id| TypeIdx(id.0));
    Ok(engine.types().register_sub(alone(finality == Finality::Final, supertype, composite)))
}

/// Whether a field can be declared where a supertype has `sup`.
fn field(engine: &Engine, sub: &syntax::FieldType, sup: &syntax::FieldType) -> bool {
    let matches = |a: syntax::StorageType, b: syntax::StorageType| match (a, b) {
        (syntax::StorageType::Val(a), syntax::StorageType::Val(b)) => {
            engine.types().val_matches(a, b)
        }
        (a, b) => a == b,
    };
    sub.mutable == sup.mutable
        && matches(sub.storage, sup.storage)
        && (!sub.mutable || matches(sup.storage, sub.storage))
}
