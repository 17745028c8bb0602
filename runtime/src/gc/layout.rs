//! Where the fields of objects are.
//!
//! Fields are in their order, each at a multiple of its size (vectors: of 8), so that those of a
//! supertype are at the same places in every subtype. So is the descriptor, which stands before the
//! fields that are new in the first type that has one.

use super::heap::HEADER;
use crate::types::{TypeId, TypeRegistry};
use alloc::{boxed::Box, sync::Arc, vec::Vec};
use rwasm_parser::{CompositeType, FieldType, HeapType, StorageType, SubType, ValType};

/// How a field or an element is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Storage {
    /// `i8`
    I8,
    /// `i16`
    I16,
    /// `i32` and `f32`
    Word,
    /// `i64` and `f64`
    Double,
    /// `v128`
    Vector,
    /// A reference that a collection follows.
    Ref,
    /// A reference to a function (or a continuation).
    Untraced,
}

impl Storage {
    /// How a type is stored.
    pub fn of(types: &TypeRegistry, ty: StorageType) -> Self {
        match ty {
            StorageType::I8 => Storage::I8,
            StorageType::I16 => Storage::I16,
            StorageType::Val(ValType::I32 | ValType::F32) => Storage::Word,
            StorageType::Val(ValType::I64 | ValType::F64) => Storage::Double,
            StorageType::Val(ValType::V128) => Storage::Vector,
            StorageType::Val(ty) if is_traced(types, ty) => Storage::Ref,
            StorageType::Val(_) => Storage::Untraced,
        }
    }

    /// Its size in bytes.
    #[inline]
    pub fn size(self) -> u32 {
        match self {
            Storage::I8 => 1,
            Storage::I16 => 2,
            Storage::Word | Storage::Ref | Storage::Untraced => 4,
            Storage::Double => 8,
            Storage::Vector => 16,
        }
    }

    /// How many slots its values take.
    #[inline]
    pub fn slots(self) -> usize {
        if self == Storage::Vector { 2 } else { 1 }
    }
}

/// Whether values of an engine-wide type are references that a collection follows.
pub fn is_traced(types: &TypeRegistry, ty: ValType) -> bool {
    ty.as_ref().is_some_and(|ty| {
        matches!(
            types.hierarchy(ty.heap_type()),
            HeapType::Any | HeapType::Extern | HeapType::Exn | HeapType::Cont
        )
    })
}

/// A field of a structure.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    /// Bytes from the beginning of the object.
    pub offset: u32,
    /// How it is stored.
    pub storage: Storage,
}

/// What objects of a type look like.
#[derive(Debug)]
pub enum Shape {
    /// A structure.
    Struct {
        /// Its fields, in order.
        fields: Box<[Field]>,
        /// Where the descriptor is, if there is one.
        descriptor: Option<u32>,
        /// Where the references are that a collection follows, the descriptor among them.
        refs: Box<[u32]>,
        /// The bytes of an object, header included.
        size: u32,
        /// How many slots the values of all fields take.
        slots: u32,
    },
    /// An array, whose elements are behind the header.
    Array(Storage),
    /// An exception, whose tag has a function type: behind the header its tag's store address,
    /// then the parameters in slots.
    Exn {
        /// Where the slots are that a collection follows.
        refs: Box<[u32]>,
        /// How many slots there are.
        slots: u32,
    },
    /// There are no objects of the type.
    None,
}

/// Where an exception has its slots.
pub const EXN_SLOTS: u32 = HEADER + 8;

/// What a store knows of a type.
#[derive(Debug)]
pub struct Layout {
    /// What its objects look like.
    pub shape: Shape,
    /// Its proper supertypes.
    supers: Arc<[TypeId]>,
}

impl Layout {
    fn new(types: &TypeRegistry, id: TypeId) -> Self {
        let def = types.get(id);
        let shape = match &def.composite {
            CompositeType::Struct(fields) => struct_of(types, fields, inherited(types, &def)),
            CompositeType::Array(element) => Shape::Array(Storage::of(types, element.storage)),
            CompositeType::Func(ty) => exn_of(types, ty.params()),
            CompositeType::Cont(_) => Shape::None,
        };
        Layout { shape, supers: types.supertypes(id) }
    }

    /// Whether a collection has to look into an object.
    #[inline]
    pub fn has_refs(&self) -> bool {
        match &self.shape {
            Shape::Struct { refs, .. } | Shape::Exn { refs, .. } => !refs.is_empty(),
            Shape::Array(storage) => *storage == Storage::Ref,
            Shape::None => false,
        }
    }

    /// The bytes of a structure, and how many slots the values of its fields take.
    ///
    /// # Panics
    ///
    /// If it is none.
    #[inline]
    pub fn struct_size(&self) -> (u32, u32) {
        match self.shape {
            Shape::Struct { size, slots, .. } => (size, slots),
            _ => unreachable!("the type is one of structures"),
        }
    }

    /// Where the descriptor of a structure is, if that has one.
    #[inline]
    pub fn descriptor(&self) -> Option<u32> {
        match self.shape {
            Shape::Struct { descriptor, .. } => descriptor,
            _ => None,
        }
    }

    /// How many slots the parameters of an exception take.
    ///
    /// # Panics
    ///
    /// If there are no exceptions of the type.
    pub fn exn_slots(&self) -> u32 {
        match self.shape {
            Shape::Exn { slots, .. } => slots,
            _ => unreachable!("tags have function types"),
        }
    }

    /// The field of a structure.
    ///
    /// # Panics
    ///
    /// If it is none, or has no such field.
    #[inline]
    pub fn field(&self, index: u32) -> Field {
        match &self.shape {
            Shape::Struct { fields, .. } => fields[index as usize],
            _ => unreachable!("the type is one of structures"),
        }
    }

    /// The fields of a structure.
    ///
    /// # Panics
    ///
    /// If it is none.
    pub fn fields(&self) -> &[Field] {
        match &self.shape {
            Shape::Struct { fields, .. } => fields,
            _ => unreachable!("the type is one of structures"),
        }
    }

    /// How elements of an array are stored.
    ///
    /// # Panics
    ///
    /// If it is none.
    #[inline]
    pub fn element(&self) -> Storage {
        match self.shape {
            Shape::Array(storage) => storage,
            _ => unreachable!("the type is one of arrays"),
        }
    }
}

/// How many fields structures of a type that has a descriptor have from supertypes without one.
fn inherited(types: &TypeRegistry, def: &SubType) -> Option<usize> {
    def.descriptor?;
    let mut next = def.supertype;
    while let Some(id) = next {
        let sup = types.get(TypeId(id.0));
        if let (CompositeType::Struct(fields), None) = (&sup.composite, sup.descriptor) {
            return Some(fields.len());
        }
        next = sup.supertype;
    }
    Some(0)
}

/// The descriptor, if there is one, stands behind the first `inherited` fields.
fn struct_of(types: &TypeRegistry, fields: &[FieldType], inherited: Option<usize>) -> Shape {
    let mut size = HEADER;
    let mut place = |storage: Storage| {
        // At most some thousand fields, so that sizes do not overflow.
        let offset = size.next_multiple_of(storage.size().min(8));
        size = offset + storage.size();
        Field { offset, storage }
    };
    let (above, own) = fields.split_at(inherited.unwrap_or(0));
    let above: Vec<Field> =
        above.iter().map(|field| place(Storage::of(types, field.storage))).collect();
    let descriptor = inherited.map(|_| place(Storage::Ref).offset);
    let own = own.iter().map(|field| place(Storage::of(types, field.storage)));
    let fields: Box<[Field]> = above.into_iter().chain(own).collect();
    let refs = fields.iter().filter(|field| field.storage == Storage::Ref);
    let refs = descriptor.into_iter().chain(refs.map(|field| field.offset)).collect();
    let slots = fields.iter().map(|field| field.storage.slots() as u32).sum();
    Shape::Struct { fields, descriptor, refs, size: size.next_multiple_of(8), slots }
}

fn exn_of(types: &TypeRegistry, params: &[ValType]) -> Shape {
    let (mut slots, mut refs) = (0, Vec::new());
    for &param in params {
        if is_traced(types, param) {
            refs.push(EXN_SLOTS + slots * 8);
        }
        slots += param.slots();
    }
    Shape::Exn { refs: refs.into(), slots }
}

/// The layouts of the types that a store has come across.
#[derive(Default)]
pub struct Layouts(Vec<Option<Arc<Layout>>>);

impl Layouts {
    /// The layout of a type.
    #[inline]
    pub fn get(&mut self, types: &TypeRegistry, id: TypeId) -> &Arc<Layout> {
        let at = id.0 as usize;
        if self.0.get(at).is_none_or(Option::is_none) {
            self.load(types, id);
        }
        self.0[at].as_ref().expect("it was there or loaded")
    }

    /// The layout of a type of which there are objects.
    #[inline]
    pub fn known(&self, id: TypeId) -> Option<&Layout> {
        self.0.get(id.0 as usize)?.as_deref()
    }

    #[cold]
    fn load(&mut self, types: &TypeRegistry, id: TypeId) {
        let at = id.0 as usize;
        if at >= self.0.len() {
            self.0.resize(at + 1, None);
        }
        self.0[at] = Some(types.layout(id, || Layout::new(types, id)));
    }

    /// Whether `sub` is `sup` or declared below it.
    #[inline]
    pub fn is_subtype(&mut self, types: &TypeRegistry, sub: TypeId, sup: TypeId) -> bool {
        sub == sup || self.get(types, sub).supers.contains(&sup)
    }
}
