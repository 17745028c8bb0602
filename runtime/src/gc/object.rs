//! Structures, arrays and exceptions: making them, and reaching their parts.
//!
//! References are slots, types are those that validated code (or the API) knows the object to have.

use super::heap::HEADER;
use super::layout::{EXN_SLOTS, Field, Layout, Shape, Storage};
use super::{Target, target};
use crate::store::StoreInner;
use crate::types::TypeId;
use crate::vm::Slot;
use crate::{Result, Trap};
use alloc::sync::Arc;
use alloc::vec::Vec;
use rwasm_parser::{HeapType, RefType, TypeIdx};

impl StoreInner {
    /// What objects of a type look like.
    #[inline]
    pub(crate) fn layout(&mut self, ty: TypeId) -> &Arc<Layout> {
        self.gc.layouts.get(self.engine.types(), ty)
    }

    /// Room for an object of `size` bytes, whose contents are left over from other objects. What
    /// `temps` leads to is kept if that takes a collection.
    fn allocate_object(&mut self, size: u64, temps: &[Slot]) -> Result<u32> {
        if self.gc.zeal || self.gc.heap.is_due() {
            self.collect(temps);
        }
        match usize::try_from(size) {
            Ok(size) if size <= self.gc.heap.max() => match self.gc.heap.allocate(size) {
                Some(at) => Ok(at),
                None => self.allocate_slowly(size, temps),
            },
            _ => Err(Trap::AllocationTooLarge.into()),
        }
    }

    #[cold]
    fn allocate_slowly(&mut self, size: usize, temps: &[Slot]) -> Result<u32> {
        let missing = self.gc.heap.missing(size);
        // A refusal counts if nothing can be freed either.
        if let Ok(true) = self.grow_gc_heap(self.gc.heap.growth(missing))
            && let Some(at) = self.gc.heap.allocate(size)
        {
            return Ok(at);
        }
        if self.gc.heap.is_worth_collecting() {
            self.collect(temps);
            if let Some(at) = self.gc.heap.allocate(size) {
                return Ok(at);
            }
        }
        let missing = self.gc.heap.missing(size);
        match self.grow_gc_heap(missing)? {
            true => self.gc.heap.allocate(size),
            false => None,
        }
        .ok_or_else(|| Trap::AllocationTooLarge.into())
    }

    /// Grows the heap by `more` bytes. Returns whether the limiter and the platform let it.
    fn grow_gc_heap(&mut self, more: usize) -> Result<bool> {
        let (now, max) = (self.gc.heap.len(), self.gc.heap.max());
        let then = now.saturating_add(more);
        if then > max {
            return Ok(false);
        }
        let allowed = match &mut self.limiter {
            Some(limiter) => limiter.ask(self.data, |l| l.gc_heap_growing(now, then, Some(max)))?,
            None => true,
        };
        Ok(allowed && self.gc.heap.grow(more))
    }

    /// A structure of fields with these values, one after the other.
    #[inline]
    pub(crate) fn struct_new(&mut self, ty: TypeId, values: &[Slot]) -> Result<Slot> {
        let (size, _) = self.layout(ty).struct_size();
        let at = self.allocate_object(size.into(), values)?;
        let heap = &mut self.gc.heap;
        heap.set_header(at, ty.0, size);
        let mut values = values;
        for field in self.gc.layouts.get(self.engine.types(), ty).fields() {
            heap.write(at + field.offset, field.storage, values);
            values = &values[field.storage.slots()..];
        }
        Ok(at.into())
    }

    /// A structure whose fields are zero and null. What `temps` leads to is kept.
    pub(crate) fn struct_new_default(&mut self, ty: TypeId, temps: &[Slot]) -> Result<Slot> {
        let (size, _) = self.layout(ty).struct_size();
        let at = self.allocate_object(size.into(), temps)?;
        self.gc.heap.set_header(at, ty.0, size);
        self.gc.heap.bytes_mut(at + HEADER, (size - HEADER) as usize).fill(0);
        Ok(at.into())
    }

    /// A structure of fields with these values, one after the other, the last of which is followed
    /// by the structure's descriptor.
    pub(crate) fn struct_new_desc(&mut self, ty: TypeId, values: &[Slot]) -> Result<Slot> {
        let descriptor = not_null(values.last().copied())?;
        let object = self.struct_new(ty, values)?;
        self.set_descriptor(ty, object, descriptor);
        Ok(object)
    }

    /// A structure whose fields are zero and null, with a descriptor.
    pub(crate) fn struct_new_default_desc(&mut self, ty: TypeId, descriptor: Slot) -> Result<Slot> {
        let descriptor = not_null(Some(descriptor))?;
        let object = self.struct_new_default(ty, &[descriptor])?;
        self.set_descriptor(ty, object, descriptor);
        Ok(object)
    }

    /// Completes a new structure of a type that has a descriptor.
    fn set_descriptor(&mut self, ty: TypeId, object: Slot, descriptor: Slot) {
        if let Some(offset) = self.layout(ty).descriptor() {
            self.gc.heap.set_word(object as u32 + offset, descriptor as u32);
        }
    }

    /// The descriptor of what a reference of the hierarchy of `any` leads to, if that is a structure
    /// that has one.
    pub(crate) fn descriptor(&mut self, reference: Slot) -> Option<Slot> {
        let Some(Target::Object(at)) = target(reference) else { return None };
        let ty = self.object_type(reference);
        let offset = self.layout(ty).descriptor()?;
        Some(self.gc.heap.word(at.wrapping_add(offset)).into())
    }

    /// Where a field of a structure is, and how it is stored.
    #[inline]
    pub(crate) fn struct_field(
        &mut self,
        ty: TypeId,
        field: u32,
        object: Slot,
    ) -> Result<Field, Trap> {
        if object == 0 {
            return Err(Trap::NullStructReference);
        }
        let Field { offset, storage } = self.layout(ty).field(field);
        Ok(Field { offset: (object as u32).wrapping_add(offset), storage })
    }

    /// An array of `len` elements, whose contents are still to be written. Returns where they are,
    /// as [`StoreInner::array_range`] does, and the reference.
    fn array(&mut self, ty: TypeId, len: u32, temps: &[Slot]) -> Result<(Elements, Slot)> {
        let storage = self.layout(ty).element();
        let size = u64::from(HEADER) + u64::from(len) * u64::from(storage.size());
        let at = self.allocate_object(size, temps)?;
        self.gc.heap.set_header(at, ty.0, len);
        Ok((Elements { at: at + HEADER, storage }, at.into()))
    }

    /// An array of `len` elements of the same value.
    pub(crate) fn array_new(&mut self, ty: TypeId, value: &[Slot], len: u32) -> Result<Slot> {
        let (Elements { at, storage }, array) = self.array(ty, len, value)?;
        self.gc.heap.fill(at, storage, value, len as usize);
        Ok(array)
    }

    /// An array of `len` elements that are zero and null.
    pub(crate) fn array_new_default(&mut self, ty: TypeId, len: u32) -> Result<Slot> {
        let (Elements { at, storage }, array) = self.array(ty, len, &[])?;
        self.gc.heap.bytes_mut(at, storage.size() as usize * len as usize).fill(0);
        Ok(array)
    }

    /// An array of elements with these values, one after the other.
    pub(crate) fn array_new_fixed(&mut self, ty: TypeId, values: &[Slot]) -> Result<Slot> {
        let per_element = self.layout(ty).element().slots();
        let len = values.len() / per_element;
        let (elements, array) = self.array(ty, len as u32, values)?;
        for (i, value) in values.chunks_exact(per_element).enumerate() {
            let at = elements.at + i as u32 * elements.storage.size();
            self.gc.heap.write(at, elements.storage, value);
        }
        Ok(array)
    }

    /// The bytes of `len` elements of a type.
    pub(crate) fn elements_size(&mut self, ty: TypeId, len: u32) -> u64 {
        u64::from(len) * u64::from(self.layout(ty).element().size())
    }

    /// An array of elements that are in `bytes` already.
    pub(crate) fn array_new_data(&mut self, ty: TypeId, bytes: &[u8]) -> Result<Slot> {
        let size = self.layout(ty).element().size();
        let (elements, array) = self.array(ty, bytes.len() as u32 / size, &[])?;
        self.gc.heap.bytes_mut(elements.at, bytes.len()).copy_from_slice(bytes);
        Ok(array)
    }

    /// The elements from `index` on, if there are `len` of them.
    #[inline]
    pub(crate) fn array_range(
        &mut self,
        ty: TypeId,
        array: Slot,
        index: u32,
        len: u32,
    ) -> Result<Elements, Trap> {
        let end = index.checked_add(len);
        if end.is_none_or(|end| end > self.array_len(array)) || array == 0 {
            return Err(match array {
                0 => Trap::NullArrayReference,
                _ => Trap::ArrayOutOfBounds,
            });
        }
        let storage = self.layout(ty).element();
        Ok(Elements { at: array as u32 + HEADER + index * storage.size(), storage })
    }

    /// The number of elements; 0 for null.
    #[inline]
    pub(crate) fn array_len(&self, array: Slot) -> u32 {
        if array == 0 { 0 } else { self.gc.heap.len_of(array as u32) }
    }

    /// The type of the object at a reference, which is one to an object of the heap.
    #[inline]
    pub(crate) fn object_type(&self, object: Slot) -> TypeId {
        TypeId(self.gc.heap.type_of(object as u32))
    }

    /// An exception of a tag, whose parameters have these values, one after the other.
    pub(crate) fn exn_new(&mut self, tag: u32, values: &[Slot]) -> Result<Slot> {
        let ty = self.tags[tag as usize];
        let slots = self.layout(ty).exn_slots() as usize;
        let size = EXN_SLOTS as usize + slots * 8;
        let at = self.allocate_object(size as u64, values)?;
        let heap = &mut self.gc.heap;
        heap.set_header(at, ty.0, size as u32);
        heap.set_word(at + HEADER, tag);
        for (i, value) in values[..slots].iter().enumerate() {
            heap.write(at + EXN_SLOTS + i as u32 * 8, Storage::Double, &[*value]);
        }
        Ok(at.into())
    }

    /// The store address of the tag of an exception.
    #[inline]
    pub(crate) fn exn_tag(&self, exn: Slot) -> u32 {
        self.gc.heap.word((exn as u32).wrapping_add(HEADER))
    }

    /// How many slots the parameters of an exception take.
    #[inline]
    pub(crate) fn exn_len(&self, exn: Slot) -> u32 {
        (self.gc.heap.len_of(exn as u32).saturating_sub(EXN_SLOTS)) / 8
    }

    /// A slot of the parameters of an exception.
    #[inline]
    pub(crate) fn exn_slot(&self, exn: Slot, index: u32) -> Slot {
        self.gc.heap.read(exn as u32 + EXN_SLOTS + index * 8, Storage::Double, false)[0]
    }

    /// The slots of the parameters of an exception.
    pub(crate) fn exn_slots(&self, exn: Slot) -> Vec<Slot> {
        (0..self.exn_len(exn)).map(|i| self.exn_slot(exn, i)).collect()
    }

    /// The most that is known of what a reference leads to, which is of the hierarchies of `any` and
    /// `extern`, as an engine-wide type of the former.
    pub(crate) fn heap_type_of(&self, slot: Slot) -> HeapType {
        match target(slot) {
            None => HeapType::None,
            Some(Target::I31(_)) => HeapType::I31,
            Some(Target::Extern(_)) => HeapType::Any,
            Some(Target::Object(_)) => HeapType::Exact(TypeIdx(self.object_type(slot).0)),
        }
    }

    /// Whether a reference of the right hierarchy is one of the engine-wide type `to`.
    pub(crate) fn ref_test(&mut self, to: RefType, slot: Slot, is_func: bool) -> bool {
        use HeapType as H;
        if slot == 0 {
            return to.nullable();
        }
        match to.heap_type() {
            H::Any | H::Extern | H::Func | H::Exn | H::Cont => true,
            H::None | H::NoExtern | H::NoFunc | H::NoExn | H::NoCont => false,
            H::Concrete(idx) if is_func => {
                let ty = self.funcs[slot as usize - 1].type_id;
                self.is_subtype(ty, TypeId(idx.0))
            }
            H::Exact(idx) if is_func => self.funcs[slot as usize - 1].type_id == TypeId(idx.0),
            heap => match (target(slot), heap) {
                (Some(Target::I31(_)), heap) => matches!(heap, H::I31 | H::Eq),
                (Some(Target::Object(_)), H::Concrete(idx)) => {
                    let ty = self.object_type(slot);
                    self.is_subtype(ty, TypeId(idx.0))
                }
                (Some(Target::Object(_)), H::Exact(idx)) => self.object_type(slot) == TypeId(idx.0),
                (Some(Target::Object(_)), H::Eq) => true,
                (Some(Target::Object(_)), heap) => {
                    let ty = self.object_type(slot);
                    match self.layout(ty).shape {
                        Shape::Struct { .. } => heap == H::Struct,
                        Shape::Array(_) => heap == H::Array,
                        Shape::Exn { .. } | Shape::None => false,
                    }
                }
                _ => false,
            },
        }
    }

    /// Whether `sub` is `sup` or declared below it.
    #[inline]
    pub(crate) fn is_subtype(&mut self, sub: TypeId, sup: TypeId) -> bool {
        self.gc.layouts.is_subtype(self.engine.types(), sub, sup)
    }
}

/// A descriptor that is there.
fn not_null(descriptor: Option<Slot>) -> Result<Slot, Trap> {
    descriptor.filter(|&slot| slot != 0).ok_or(Trap::NullDescriptorReference)
}

/// Elements of an array: where the first is, and how they are stored.
#[derive(Clone, Copy)]
pub(crate) struct Elements {
    /// The offset into the heap.
    pub at: u32,
    /// How each is stored.
    pub storage: Storage,
}
