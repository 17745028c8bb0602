//! Operators on tables. Spec: *Execution → Instructions → Table Instructions*.

use super::{func_of_slot, grown, instance, range, slot_of_func, store};
use crate::Trap;
use crate::vm::{Exit, VmContext, VmFunc, VmTable};
use alloc::boxed::Box;
use core::ptr;
use rwasm_parser::ElemIdx;

const OUT_OF_BOUNDS: Exit = Exit::trap(Trap::TableOutOfBounds);

unsafe fn table<'a>(ctx: *mut VmContext, table: u32) -> &'a VmTable {
    // SAFETY: by the module's contract `table` is an index of the instance.
    unsafe { &**(*ctx).tables.wrapping_add(table as usize) }
}

/// A reference in the form in which `table` holds it.
unsafe fn elem_of_slot(ctx: *mut VmContext, table: &VmTable, slot: u64) -> u64 {
    match table.is_func {
        // SAFETY: by the module's contract.
        true => unsafe { func_of_slot(ctx, slot) as u64 },
        false => slot,
    }
}

/// `table.get`
#[inline(never)]
pub unsafe fn table_get(ctx: *mut VmContext, idx: u32, at: u64) -> Result<u64, Exit> {
    // SAFETY: by the module's contract.
    let table = unsafe { table(ctx, idx) };
    let at = range(at, 1, table.len).ok_or(OUT_OF_BOUNDS)?;
    // SAFETY: the position was checked.
    let elem = unsafe { *table.base.wrapping_add(at) };
    match table.is_func {
        // SAFETY: tables of functions hold pointers to functions of the store.
        true => Ok(unsafe { slot_of_func(elem as *mut VmFunc) }),
        false => Ok(elem),
    }
}

/// `table.set`
#[inline(never)]
pub unsafe fn table_set(ctx: *mut VmContext, idx: u32, at: u64, slot: u64) -> Result<(), Exit> {
    // SAFETY: by the module's contract.
    let table = unsafe { table(ctx, idx) };
    let at = range(at, 1, table.len).ok_or(OUT_OF_BOUNDS)?;
    // SAFETY: by the module's contract, and the position was checked.
    unsafe { *table.base.wrapping_add(at) = elem_of_slot(ctx, table, slot) };
    Ok(())
}

/// `table.grow`: the size before, or `u64::MAX` if the table cannot grow so far.
#[inline(never)]
pub unsafe fn table_grow(
    ctx: *mut VmContext,
    idx: u32,
    delta: u64,
    slot: u64,
) -> Result<u64, Exit> {
    // SAFETY: by the module's contract.
    unsafe {
        let init = elem_of_slot(ctx, table(ctx, idx), slot);
        let addr = instance(ctx).addrs.tables[idx as usize];
        grown(ctx, store(ctx).grow_table(addr, delta, init))
    }
}

/// `table.fill`
#[inline(never)]
pub unsafe fn table_fill(
    ctx: *mut VmContext,
    idx: u32,
    at: u64,
    slot: u64,
    len: u64,
) -> Result<(), Exit> {
    // SAFETY: by the module's contract.
    let (table, elem) = unsafe {
        let table = table(ctx, idx);
        (table, elem_of_slot(ctx, table, slot))
    };
    let at = range(at, len, table.len).ok_or(OUT_OF_BOUNDS)?;
    let start = table.base.wrapping_add(at);
    // SAFETY: the range was checked against the table's length.
    unsafe { core::slice::from_raw_parts_mut(start, len as usize) }.fill(elem);
    Ok(())
}

/// `table.copy`
#[inline(never)]
pub unsafe fn table_copy(
    ctx: *mut VmContext,
    dst_table: u32,
    src_table: u32,
    dst: u64,
    src: u64,
    len: u64,
) -> Result<(), Exit> {
    // SAFETY: by the module's contract. Both tables are of one hierarchy of types, so that they
    // hold references in the same form.
    let (dst_table, src_table) = unsafe { (table(ctx, dst_table), table(ctx, src_table)) };
    let src = range(src, len, src_table.len).ok_or(OUT_OF_BOUNDS)?;
    let dst = range(dst, len, dst_table.len).ok_or(OUT_OF_BOUNDS)?;
    let (src, dst) = (src_table.base.wrapping_add(src), dst_table.base.wrapping_add(dst));
    // SAFETY: both ranges were checked against their table's length.
    unsafe { ptr::copy(src, dst, len as usize) };
    Ok(())
}

/// `table.init`
#[inline(never)]
pub unsafe fn table_init(
    ctx: *mut VmContext,
    idx: u32,
    elem: u32,
    dst: u64,
    src: u64,
    len: u64,
) -> Result<(), Exit> {
    // SAFETY: by the module's contract. A segment holds references in the form of its tables.
    let (table, elem) = unsafe { (table(ctx, idx), instance(ctx).elem(ElemIdx(elem))) };
    let src = range(src, len, elem.len()).ok_or(OUT_OF_BOUNDS)?;
    let dst = range(dst, len, table.len).ok_or(OUT_OF_BOUNDS)?;
    let (src, dst) = (elem.as_ptr().wrapping_add(src), table.base.wrapping_add(dst));
    // SAFETY: both ranges were checked; a segment is no table.
    unsafe { ptr::copy_nonoverlapping(src, dst, len as usize) };
    Ok(())
}

/// `elem.drop`
#[inline(never)]
pub unsafe fn elem_drop(ctx: *mut VmContext, elem: u32) {
    // SAFETY: by the module's contract.
    unsafe { instance(ctx) }.elems[elem as usize] = Box::default();
}
