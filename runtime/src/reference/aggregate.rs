//! Structures and arrays. Spec: *Execution → Runtime Structure → Structure Instances*, *Array
//! Instances*.

use super::Rooted;
use super::any::refuse;
use crate::gc::Storage;
use crate::handle::check_count;
use crate::store::{AsContext, AsContextMut, StoreId, StoreInner};
use crate::val::Val;
use crate::vm::Slot;
use crate::{ArrayType, Error, Result, StructType};
use alloc::vec::Vec;
use rwasm_parser::{FieldType, StorageType, ValType};

/// A structure: `(ref struct)`.
#[derive(Debug)]
pub enum StructRef {}

/// An array: `(ref array)`.
#[derive(Debug)]
pub enum ArrayRef {}

/// Makes structures of a type in a store.
#[derive(Clone, Debug)]
pub struct StructRefPre {
    store: StoreId,
    ty: StructType,
}

/// Makes arrays of a type in a store.
#[derive(Clone, Debug)]
pub struct ArrayRefPre {
    store: StoreId,
    ty: ArrayType,
}

impl StructRefPre {
    /// Makes structures of type `ty` in `store`.
    ///
    /// # Panics
    ///
    /// If `ty` is of another engine than the store.
    pub fn new(store: impl AsContextMut, ty: StructType) -> Self {
        let store = store.as_context().inner;
        ty.check_engine(&store.engine);
        StructRefPre { store: store.id, ty }
    }
}

impl ArrayRefPre {
    /// Makes arrays of type `ty` in `store`.
    ///
    /// # Panics
    ///
    /// If `ty` is of another engine than the store.
    pub fn new(store: impl AsContextMut, ty: ArrayType) -> Self {
        let store = store.as_context().inner;
        ty.check_engine(&store.engine);
        ArrayRefPre { store: store.id, ty }
    }
}

/// The type of the values of a field.
fn unpacked(field: FieldType) -> ValType {
    match field.storage {
        StorageType::I8 | StorageType::I16 => ValType::I32,
        StorageType::Val(ty) => ty,
    }
}

/// Adds the slots of a field's value to `slots`.
fn push(store: &StoreInner, field: FieldType, val: &Val, slots: &mut Vec<Slot>) -> Result<()> {
    let (ty, mut value) = (unpacked(field), [0; 2]);
    val.write(store, ty, &mut value)?;
    slots.extend_from_slice(&value[..ty.slots() as usize]);
    Ok(())
}

/// The value of a field at an offset into the heap.
fn read(store: &mut StoreInner, field: FieldType, at: u32, storage: Storage) -> Val {
    let value = store.gc.heap.read(at, storage, false);
    Val::read(store, unpacked(field), &value)
}

/// Replaces the value of a field at an offset into the heap.
fn write(
    store: &mut StoreInner,
    field: FieldType,
    at: u32,
    storage: Storage,
    val: &Val,
) -> Result<()> {
    if !field.mutable {
        return refuse("a field or element that cannot be written");
    }
    let mut value = [0; 2];
    val.write(store, unpacked(field), &mut value)?;
    store.gc.heap.write(at, storage, &value);
    Ok(())
}

impl StructRef {
    /// A structure whose fields have the values `fields`.
    ///
    /// # Errors
    ///
    /// If `fields` do not fit the type or its structures have descriptors, or with
    /// [`Trap::AllocationTooLarge`](crate::Trap::AllocationTooLarge) if there is no room.
    ///
    /// # Panics
    ///
    /// If `pre` is of another store.
    pub fn new(
        mut store: impl AsContextMut,
        pre: &StructRefPre,
        fields: &[Val],
    ) -> Result<Rooted<StructRef>> {
        store.as_context_mut().erased(|store| {
            store.id.check(pre.store);
            if pre.ty.has_descriptor() {
                return refuse("only guests make structures that have descriptors");
            }
            let types = pre.ty.syntax();
            check_count("fields", types.len(), fields.len())?;
            let mut slots = Vec::new();
            for (&ty, val) in types.iter().zip(fields) {
                push(store, ty, val, &mut slots)?;
            }
            let slot = store.struct_new(pre.ty.type_id(), &slots)?;
            Ok(Rooted::new(store, slot))
        })
    }
}

impl Rooted<StructRef> {
    /// The type of the structure.
    ///
    /// # Errors
    ///
    /// If it is of another store, or its scope has ended.
    pub fn ty(&self, store: impl AsContext) -> Result<StructType> {
        let store = store.as_context().inner;
        Ok(StructType::from_id(&store.engine, store.object_type(self.to_slot(store)?)))
    }

    /// Whether the structure is of type `ty`.
    ///
    /// # Errors
    ///
    /// If it is of another store, or its scope has ended.
    pub fn matches_ty(&self, store: impl AsContext, ty: &StructType) -> Result<bool> {
        Ok(self.ty(store)?.matches(ty))
    }

    /// The values of the fields. Packed ones are zero-extended.
    ///
    /// # Errors
    ///
    /// If it is of another store, or its scope has ended.
    pub fn fields(
        &self,
        mut store: impl AsContextMut,
    ) -> Result<impl ExactSizeIterator<Item = Val> + 'static> {
        let len = self.ty(&store)?.syntax().len();
        let vals: Result<Vec<Val>> = (0..len).map(|i| self.field(&mut store, i)).collect();
        Ok(vals?.into_iter())
    }

    /// The value of the field at `index`; a packed one is zero-extended.
    ///
    /// # Errors
    ///
    /// If there is none, the structure is of another store, or its scope has ended.
    pub fn field(&self, mut store: impl AsContextMut, index: usize) -> Result<Val> {
        let store = store.as_context_mut().inner;
        let (ty, at, storage) = self.place(store, index)?;
        Ok(read(store, ty, at, storage))
    }

    /// Replaces the value of the field at `index`.
    ///
    /// # Errors
    ///
    /// If there is none, it cannot be written, `value` is of another type, or the structure is of
    /// another store or its scope has ended.
    pub fn set_field(&self, mut store: impl AsContextMut, index: usize, value: Val) -> Result<()> {
        let store = store.as_context_mut().inner;
        let (ty, at, storage) = self.place(store, index)?;
        write(store, ty, at, storage, &value)
    }

    /// The type of a field, and where it is.
    fn place(&self, store: &mut StoreInner, index: usize) -> Result<(FieldType, u32, Storage)> {
        let slot = self.to_slot(store)?;
        let id = store.object_type(slot);
        let ty = StructType::from_id(&store.engine, id);
        let Some(&field) = ty.syntax().get(index) else {
            return refuse(alloc::format!("cannot access field {index}: there is none"));
        };
        let place = store.struct_field(id, index as u32, slot)?;
        Ok((field, place.offset, place.storage))
    }
}

impl ArrayRef {
    /// An array of `len` elements `elem`.
    ///
    /// # Errors
    ///
    /// If `elem` is not of the elements' type, or with
    /// [`Trap::AllocationTooLarge`](crate::Trap::AllocationTooLarge) if there is no room.
    ///
    /// # Panics
    ///
    /// If `pre` is of another store.
    pub fn new(
        mut store: impl AsContextMut,
        pre: &ArrayRefPre,
        elem: &Val,
        len: u32,
    ) -> Result<Rooted<ArrayRef>> {
        store.as_context_mut().erased(|store| {
            store.id.check(pre.store);
            let mut value = Vec::new();
            push(store, pre.ty.syntax(), elem, &mut value)?;
            let slot = store.array_new(pre.ty.type_id(), &value, len)?;
            Ok(Rooted::new(store, slot))
        })
    }

    /// An array of the elements `elems`.
    ///
    /// # Errors
    ///
    /// As [`ArrayRef::new`].
    ///
    /// # Panics
    ///
    /// If `pre` is of another store.
    pub fn new_fixed(
        mut store: impl AsContextMut,
        pre: &ArrayRefPre,
        elems: &[Val],
    ) -> Result<Rooted<ArrayRef>> {
        store.as_context_mut().erased(|store| {
            store.id.check(pre.store);
            let mut values = Vec::new();
            for elem in elems {
                push(store, pre.ty.syntax(), elem, &mut values)?;
            }
            let slot = store.array_new_fixed(pre.ty.type_id(), &values)?;
            Ok(Rooted::new(store, slot))
        })
    }
}

impl Rooted<ArrayRef> {
    /// The type of the array.
    ///
    /// # Errors
    ///
    /// If it is of another store, or its scope has ended.
    pub fn ty(&self, store: impl AsContext) -> Result<ArrayType> {
        let store = store.as_context().inner;
        Ok(ArrayType::from_id(&store.engine, store.object_type(self.to_slot(store)?)))
    }

    /// Whether the array is of type `ty`.
    ///
    /// # Errors
    ///
    /// If it is of another store, or its scope has ended.
    pub fn matches_ty(&self, store: impl AsContext, ty: &ArrayType) -> Result<bool> {
        Ok(self.ty(store)?.matches(ty))
    }

    /// The number of elements.
    ///
    /// # Errors
    ///
    /// If it is of another store, or its scope has ended.
    pub fn len(&self, store: impl AsContext) -> Result<u32> {
        let store = store.as_context().inner;
        Ok(store.array_len(self.to_slot(store)?))
    }

    /// The elements. Packed ones are zero-extended.
    ///
    /// # Errors
    ///
    /// If it is of another store, or its scope has ended.
    pub fn elems(
        &self,
        mut store: impl AsContextMut,
    ) -> Result<impl ExactSizeIterator<Item = Val> + 'static> {
        let len = self.len(&store)?;
        let vals: Result<Vec<Val>> = (0..len).map(|i| self.get(&mut store, i)).collect();
        Ok(vals?.into_iter())
    }

    /// The element at `index`; a packed one is zero-extended.
    ///
    /// # Errors
    ///
    /// If there is none, the array is of another store, or its scope has ended.
    pub fn get(&self, mut store: impl AsContextMut, index: u32) -> Result<Val> {
        let store = store.as_context_mut().inner;
        let (ty, at, storage) = self.place(store, index)?;
        Ok(read(store, ty, at, storage))
    }

    /// Replaces the element at `index`.
    ///
    /// # Errors
    ///
    /// If there is none, it cannot be written, `value` is of another type, or the array is of
    /// another store or its scope has ended.
    pub fn set(&self, mut store: impl AsContextMut, index: u32, value: Val) -> Result<()> {
        let store = store.as_context_mut().inner;
        let (ty, at, storage) = self.place(store, index)?;
        write(store, ty, at, storage, &value)
    }

    /// The type of the elements, and where one is.
    fn place(&self, store: &mut StoreInner, index: u32) -> Result<(FieldType, u32, Storage)> {
        let slot = self.to_slot(store)?;
        let id = store.object_type(slot);
        let ty = ArrayType::from_id(&store.engine, id);
        let element = store.array_range(id, slot, index, 1).map_err(|_| {
            Error::msg(alloc::format!("index out of bounds: an array has no element {index}"))
        })?;
        Ok((ty.syntax(), element.at, element.storage))
    }
}
