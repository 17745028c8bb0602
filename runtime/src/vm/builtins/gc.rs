//! Structures, arrays, casts and exceptions. Spec: *Execution → Instructions → Reference
//! Instructions* and *Aggregate Reference Instructions*, *Control Instructions* for exceptions.
//!
//! A type is the number of its [`TypeId`]; a pointer leads to slots of the running frame, as many
//! as the type says. A function that allocates collects, if it has to, what the frames of the guest
//! do not hold: the tier says first, in the store, where it stands. What the pointers lead to is
//! kept as well.

use super::{instance, range, slot_of_func, store};
use crate::gc::Storage;
use crate::types::TypeId;
use crate::vm::{Exit, Slot, VmContext, VmFunc};
use crate::{Error, Trap};
use rwasm_parser::{DataIdx, ElemIdx, HeapType, RefType};

const DATA_OUT_OF_BOUNDS: Exit = Exit::trap(Trap::MemoryOutOfBounds);
const ELEM_OUT_OF_BOUNDS: Exit = Exit::trap(Trap::TableOutOfBounds);

/// How running code ends that cannot have an object.
#[cold]
pub(super) unsafe fn failed(ctx: *mut VmContext, error: Error) -> Exit {
    match error.downcast_ref::<Trap>() {
        Some(&trap) => Exit::trap(trap),
        // SAFETY: by the module's contract.
        None => unsafe { store(ctx) }.fail(error),
    }
}

/// The result of making an object.
#[inline]
unsafe fn made(ctx: *mut VmContext, result: crate::Result<Slot>) -> Result<u64, Exit> {
    // SAFETY: by the module's contract.
    result.map_err(|error| unsafe { failed(ctx, error) })
}

/// The slots of values.
pub(super) unsafe fn slots<'a>(from: *const Slot, len: usize) -> &'a [Slot] {
    match len {
        0 => &[],
        // SAFETY: by the module's contract so many slots are there, and nobody writes them.
        _ => unsafe { core::slice::from_raw_parts(from, len) },
    }
}

/// Writes a value to its slots.
#[inline]
unsafe fn put(dst: *mut Slot, storage: Storage, value: [Slot; 2]) {
    // SAFETY: by the module's contract there are as many slots as the type takes.
    unsafe {
        *dst = value[0];
        if storage == Storage::Vector {
            *dst.wrapping_add(1) = value[1];
        }
    }
}

/// `struct.new`: the values of the fields are at `fields`, one after the other.
#[inline(never)]
pub unsafe fn struct_new(ctx: *mut VmContext, ty: u32, fields: *const Slot) -> Result<u64, Exit> {
    // SAFETY: by the module's contract.
    unsafe {
        let store = store(ctx);
        let (_, len) = store.layout(TypeId(ty)).struct_size();
        made(ctx, store.struct_new(TypeId(ty), slots(fields, len as usize)))
    }
}

/// `struct.new_default`
#[inline(never)]
pub unsafe fn struct_new_default(ctx: *mut VmContext, ty: u32) -> Result<u64, Exit> {
    // SAFETY: by the module's contract.
    unsafe { made(ctx, store(ctx).struct_new_default(TypeId(ty), &[])) }
}

/// `struct.new_desc`: the values of the fields are at `fields`, one after the other, and behind them
/// the descriptor.
#[inline(never)]
pub unsafe fn struct_new_desc(
    ctx: *mut VmContext,
    ty: u32,
    fields: *const Slot,
) -> Result<u64, Exit> {
    // SAFETY: by the module's contract.
    unsafe {
        let store = store(ctx);
        let (_, len) = store.layout(TypeId(ty)).struct_size();
        made(ctx, store.struct_new_desc(TypeId(ty), slots(fields, len as usize + 1)))
    }
}

/// `struct.new_default_desc`
#[inline(never)]
pub unsafe fn struct_new_default_desc(
    ctx: *mut VmContext,
    ty: u32,
    descriptor: u64,
) -> Result<u64, Exit> {
    // SAFETY: by the module's contract.
    unsafe { made(ctx, store(ctx).struct_new_default_desc(TypeId(ty), descriptor)) }
}

/// `ref.get_desc`: what is not null has a descriptor.
#[inline(never)]
pub unsafe fn ref_get_desc(ctx: *mut VmContext, obj: u64) -> Result<u64, Exit> {
    // SAFETY: by the module's contract.
    unsafe { store(ctx) }.descriptor(obj).ok_or(Exit::trap(Trap::NullReference))
}

/// Whether the descriptor of what `value` leads to is `descriptor`, as 1 or 0; for a null `value`
/// the answer is `null`.
#[inline(never)]
pub unsafe fn ref_test_desc_eq(
    ctx: *mut VmContext,
    value: u64,
    descriptor: u64,
    null: u32,
) -> Result<u64, Exit> {
    match (value, descriptor) {
        (_, 0) => Err(Exit::trap(Trap::NullDescriptorReference)),
        (0, _) => Ok(null.into()),
        // SAFETY: by the module's contract.
        _ => Ok(u64::from(unsafe { store(ctx) }.descriptor(value) == Some(descriptor))),
    }
}

/// `struct.get`, `struct.get_s` (`sign` is 1) and `struct.get_u`.
#[inline(never)]
pub unsafe fn struct_get(
    ctx: *mut VmContext,
    ty: u32,
    field: u32,
    sign: u32,
    obj: u64,
    dst: *mut Slot,
) -> Result<(), Exit> {
    // SAFETY: by the module's contract.
    let store = unsafe { store(ctx) };
    let field = store.struct_field(TypeId(ty), field, obj).map_err(Exit::trap)?;
    let value = store.gc.heap.read(field.offset, field.storage, sign == 1);
    // SAFETY: by the module's contract.
    unsafe { put(dst, field.storage, value) };
    Ok(())
}

/// `struct.set`
#[inline(never)]
pub unsafe fn struct_set(
    ctx: *mut VmContext,
    ty: u32,
    field: u32,
    obj: u64,
    src: *const Slot,
) -> Result<(), Exit> {
    // SAFETY: by the module's contract.
    let store = unsafe { store(ctx) };
    let field = store.struct_field(TypeId(ty), field, obj).map_err(Exit::trap)?;
    // SAFETY: by the module's contract.
    let value = unsafe { slots(src, field.storage.slots()) };
    store.gc.heap.write(field.offset, field.storage, value);
    Ok(())
}

/// `array.new`
#[inline(never)]
pub unsafe fn array_new(
    ctx: *mut VmContext,
    ty: u32,
    init: *const Slot,
    len: u32,
) -> Result<u64, Exit> {
    // SAFETY: by the module's contract.
    unsafe {
        let store = store(ctx);
        let per_element = store.layout(TypeId(ty)).element().slots();
        made(ctx, store.array_new(TypeId(ty), slots(init, per_element), len))
    }
}

/// `array.new_default`
#[inline(never)]
pub unsafe fn array_new_default(ctx: *mut VmContext, ty: u32, len: u32) -> Result<u64, Exit> {
    // SAFETY: by the module's contract.
    unsafe { made(ctx, store(ctx).array_new_default(TypeId(ty), len)) }
}

/// `array.new_fixed`: the values of the elements are at `elems`, one after the other.
#[inline(never)]
pub unsafe fn array_new_fixed(
    ctx: *mut VmContext,
    ty: u32,
    elems: *const Slot,
    len: u32,
) -> Result<u64, Exit> {
    // SAFETY: by the module's contract.
    unsafe {
        let store = store(ctx);
        let per_element = store.layout(TypeId(ty)).element().slots();
        made(ctx, store.array_new_fixed(TypeId(ty), slots(elems, len as usize * per_element)))
    }
}

/// `array.new_data`
#[inline(never)]
pub unsafe fn array_new_data(
    ctx: *mut VmContext,
    ty: u32,
    data: u32,
    offset: u32,
    len: u32,
) -> Result<u64, Exit> {
    // SAFETY: by the module's contract; a segment's bytes are the module's, which nobody writes.
    unsafe {
        let (store, data) = (store(ctx), instance(ctx).data(DataIdx(data)));
        let size = store.elements_size(TypeId(ty), len);
        let start = range(offset.into(), size, data.len()).ok_or(DATA_OUT_OF_BOUNDS)?;
        made(ctx, store.array_new_data(TypeId(ty), &data[start..][..size as usize]))
    }
}

/// `array.new_elem`
#[inline(never)]
pub unsafe fn array_new_elem(
    ctx: *mut VmContext,
    ty: u32,
    elem: u32,
    offset: u32,
    len: u32,
) -> Result<u64, Exit> {
    // SAFETY: by the module's contract.
    unsafe {
        let items = instance(ctx).elem(ElemIdx(elem)).len();
        range(offset.into(), len.into(), items).ok_or(ELEM_OUT_OF_BOUNDS)?;
        let array = made(ctx, store(ctx).array_new_default(TypeId(ty), len))?;
        array_init_elem(ctx, elem, array, 0, offset, len)?;
        Ok(array)
    }
}

/// `array.get`, `array.get_s` (`sign` is 1) and `array.get_u`.
#[inline(never)]
pub unsafe fn array_get(
    ctx: *mut VmContext,
    ty: u32,
    sign: u32,
    obj: u64,
    index: u32,
    dst: *mut Slot,
) -> Result<(), Exit> {
    // SAFETY: by the module's contract.
    let store = unsafe { store(ctx) };
    let element = store.array_range(TypeId(ty), obj, index, 1).map_err(Exit::trap)?;
    let value = store.gc.heap.read(element.at, element.storage, sign == 1);
    // SAFETY: by the module's contract.
    unsafe { put(dst, element.storage, value) };
    Ok(())
}

/// `array.set`
#[inline(never)]
pub unsafe fn array_set(
    ctx: *mut VmContext,
    ty: u32,
    obj: u64,
    index: u32,
    src: *const Slot,
) -> Result<(), Exit> {
    // SAFETY: by the module's contract.
    let store = unsafe { store(ctx) };
    let element = store.array_range(TypeId(ty), obj, index, 1).map_err(Exit::trap)?;
    // SAFETY: by the module's contract.
    let value = unsafe { slots(src, element.storage.slots()) };
    store.gc.heap.write(element.at, element.storage, value);
    Ok(())
}

/// `array.len`
#[inline(never)]
pub unsafe fn array_len(ctx: *mut VmContext, obj: u64) -> Result<u64, Exit> {
    match obj {
        0 => Err(Exit::trap(Trap::NullArrayReference)),
        // SAFETY: by the module's contract.
        _ => Ok(unsafe { store(ctx) }.array_len(obj).into()),
    }
}

/// `array.fill`
#[inline(never)]
pub unsafe fn array_fill(
    ctx: *mut VmContext,
    ty: u32,
    obj: u64,
    index: u32,
    value: *const Slot,
    len: u32,
) -> Result<(), Exit> {
    // SAFETY: by the module's contract.
    let store = unsafe { store(ctx) };
    let elements = store.array_range(TypeId(ty), obj, index, len).map_err(Exit::trap)?;
    // SAFETY: by the module's contract.
    let value = unsafe { slots(value, elements.storage.slots()) };
    store.gc.heap.fill(elements.at, elements.storage, value, len as usize);
    Ok(())
}

/// `array.copy`
#[inline(never)]
pub unsafe fn array_copy(
    ctx: *mut VmContext,
    dst_obj: u64,
    dst_index: u32,
    src_obj: u64,
    src_index: u32,
    len: u32,
) -> Result<(), Exit> {
    // SAFETY: by the module's contract.
    let store = unsafe { store(ctx) };
    if dst_obj == 0 || src_obj == 0 {
        return Err(Exit::trap(Trap::NullArrayReference));
    }
    // Elements that can be copied are stored in the same way.
    let ty = store.object_type(dst_obj);
    let dst = store.array_range(ty, dst_obj, dst_index, len).map_err(Exit::trap)?;
    let src = store.array_range(ty, src_obj, src_index, len).map_err(Exit::trap)?;
    store.gc.heap.copy(dst.at, src.at, len as usize * dst.storage.size() as usize);
    Ok(())
}

/// `array.init_data`
#[inline(never)]
pub unsafe fn array_init_data(
    ctx: *mut VmContext,
    ty: u32,
    data: u32,
    obj: u64,
    dst: u32,
    src: u32,
    len: u32,
) -> Result<(), Exit> {
    // SAFETY: by the module's contract; a segment's bytes are the module's, which nobody writes.
    let (store, data) = unsafe { (store(ctx), instance(ctx).data(DataIdx(data))) };
    let dst = store.array_range(TypeId(ty), obj, dst, len).map_err(Exit::trap)?;
    let size = u64::from(len) * u64::from(dst.storage.size());
    let start = range(src.into(), size, data.len()).ok_or(DATA_OUT_OF_BOUNDS)?;
    let bytes = &data[start..][..size as usize];
    store.gc.heap.bytes_mut(dst.at, bytes.len()).copy_from_slice(bytes);
    Ok(())
}

/// `array.init_elem`
#[inline(never)]
pub unsafe fn array_init_elem(
    ctx: *mut VmContext,
    elem: u32,
    obj: u64,
    dst: u32,
    src: u32,
    len: u32,
) -> Result<(), Exit> {
    if obj == 0 {
        return Err(Exit::trap(Trap::NullArrayReference));
    }
    // SAFETY: by the module's contract; a segment is no part of the heap.
    let (store, items) = unsafe { (store(ctx), instance(ctx).elem(ElemIdx(elem))) };
    let ty = store.object_type(obj);
    let dst = store.array_range(ty, obj, dst, len).map_err(Exit::trap)?;
    let src = range(src.into(), len.into(), items.len()).ok_or(ELEM_OUT_OF_BOUNDS)?;
    for (i, &item) in items[src..][..len as usize].iter().enumerate() {
        let slot = match dst.storage {
            // SAFETY: segments of functions hold null and pointers to functions of the store.
            Storage::Untraced => unsafe { slot_of_func(item as *mut VmFunc) },
            _ => item,
        };
        store.gc.heap.set_word(dst.at + i as u32 * 4, slot as u32);
    }
    Ok(())
}

/// `ref.test`: whether the reference `value`, to a function if `is_func` is not 0, is one of the
/// engine-wide type whose bits are `to`.
#[inline(never)]
pub unsafe fn ref_test(ctx: *mut VmContext, to: u32, value: u64, is_func: u32) -> bool {
    let to = RefType::from_bits(to).unwrap_or(RefType::new(false, HeapType::None));
    // SAFETY: by the module's contract.
    unsafe { store(ctx) }.ref_test(to, value, is_func != 0)
}

/// A new exception of the tag at the store address `tag_addr`, whose parameters are at `payload`,
/// one after the other.
#[inline(never)]
pub unsafe fn exn_new(
    ctx: *mut VmContext,
    tag_addr: u32,
    payload: *const Slot,
) -> Result<u64, Exit> {
    // SAFETY: by the module's contract.
    unsafe {
        let store = store(ctx);
        let ty = store.tags[tag_addr as usize];
        let len = store.layout(ty).exn_slots();
        made(ctx, store.exn_new(tag_addr, slots(payload, len as usize)))
    }
}

/// The store address of the tag of an exception, which is not null.
#[inline(never)]
pub unsafe fn exn_tag(ctx: *mut VmContext, exn: u64) -> u32 {
    // SAFETY: by the module's contract.
    unsafe { store(ctx) }.exn_tag(exn)
}

/// Writes the parameters of an exception, which is not null, to `dst`.
#[inline(never)]
pub unsafe fn exn_payload(ctx: *mut VmContext, exn: u64, dst: *mut Slot) {
    // SAFETY: by the module's contract.
    let store = unsafe { store(ctx) };
    for i in 0..store.exn_len(exn) {
        // SAFETY: by the module's contract.
        unsafe { *dst.wrapping_add(i as usize) = store.exn_slot(exn, i) };
    }
}
