//! Operators on memories. Spec: *Execution → Instructions → Memory Instructions*.

use super::{grown, instance, range, store};
use crate::Trap;
use crate::vm::{Exit, VmContext, VmMemory};
use core::ptr;
use rwasm_parser::DataIdx;

const OUT_OF_BOUNDS: Exit = Exit::trap(Trap::MemoryOutOfBounds);

unsafe fn memory<'a>(ctx: *mut VmContext, mem: u32) -> &'a VmMemory {
    // SAFETY: by the module's contract `mem` is an index of the instance.
    unsafe { &**(*ctx).mems.wrapping_add(mem as usize) }
}

/// `memory.grow`: the size before in pages, or `u64::MAX` if the memory cannot grow so far.
#[inline(never)]
pub unsafe fn memory_grow(ctx: *mut VmContext, mem: u32, delta: u64) -> Result<u64, Exit> {
    // SAFETY: by the module's contract.
    let (addr, store) = unsafe { (instance(ctx).addrs.mems[mem as usize], store(ctx)) };
    grown(ctx, store.grow_memory(addr, delta))
}

/// `memory.fill`
#[inline(never)]
pub unsafe fn memory_fill(
    ctx: *mut VmContext,
    mem: u32,
    dst: u64,
    value: u32,
    len: u64,
) -> Result<(), Exit> {
    // SAFETY: by the module's contract.
    let mem = unsafe { memory(ctx, mem) };
    let dst = range(dst, len, mem.len).ok_or(OUT_OF_BOUNDS)?;
    // SAFETY: the range was checked against the memory's length.
    unsafe { ptr::write_bytes(mem.base.wrapping_add(dst), value as u8, len as usize) };
    Ok(())
}

/// `memory.copy`
#[inline(never)]
pub unsafe fn memory_copy(
    ctx: *mut VmContext,
    dst_mem: u32,
    src_mem: u32,
    dst: u64,
    src: u64,
    len: u64,
) -> Result<(), Exit> {
    // SAFETY: by the module's contract.
    let (dst_mem, src_mem) = unsafe { (memory(ctx, dst_mem), memory(ctx, src_mem)) };
    let src = range(src, len, src_mem.len).ok_or(OUT_OF_BOUNDS)?;
    let dst = range(dst, len, dst_mem.len).ok_or(OUT_OF_BOUNDS)?;
    let (src, dst) = (src_mem.base.wrapping_add(src), dst_mem.base.wrapping_add(dst));
    // SAFETY: both ranges were checked against their memory's length.
    unsafe { ptr::copy(src, dst, len as usize) };
    Ok(())
}

/// `memory.init`
#[inline(never)]
pub unsafe fn memory_init(
    ctx: *mut VmContext,
    mem: u32,
    data: u32,
    dst: u64,
    src: u64,
    len: u64,
) -> Result<(), Exit> {
    // SAFETY: by the module's contract.
    let (mem, data) = unsafe { (memory(ctx, mem), instance(ctx).data(DataIdx(data))) };
    let src = range(src, len, data.len()).ok_or(OUT_OF_BOUNDS)?;
    let dst = range(dst, len, mem.len).ok_or(OUT_OF_BOUNDS)?;
    let (src, dst) = (data.as_ptr().wrapping_add(src), mem.base.wrapping_add(dst));
    // SAFETY: both ranges were checked; a module's bytes are no memory.
    unsafe { ptr::copy_nonoverlapping(src, dst, len as usize) };
    Ok(())
}

/// `data.drop`
#[inline(never)]
pub unsafe fn data_drop(ctx: *mut VmContext, data: u32) {
    // SAFETY: by the module's contract.
    unsafe { instance(ctx) }.dropped_datas[data as usize] = true;
}
