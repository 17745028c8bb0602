//! Operators on memories. Spec: *Execution → Instructions → Memory Instructions*.

use super::{grown, instance, range, store};
use crate::Trap;
use crate::memory::{SharedInst, timeout};
use crate::vm::{Exit, Slot, VmContext, VmMemory, relaxed};
use core::ptr;
use core::sync::atomic::Ordering;
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
    let dst = mem.base.wrapping_add(range(dst, len, mem.len()).ok_or(OUT_OF_BOUNDS)?);
    // SAFETY: the range was checked against the memory's length.
    unsafe {
        match mem.is_shared {
            true => relaxed::fill(dst, value as u8, len as usize),
            false => fill(dst, value as u8, len as usize),
        }
    }
    Ok(())
}

/// Writes `len` times `value`.
///
/// # Safety
///
/// As for [`ptr::write_bytes`].
#[inline(always)]
unsafe fn fill(dst: *mut u8, value: u8, len: usize) {
    /// The first and the last of the bytes, which may overlap.
    unsafe fn ends<T: Copy>(dst: *mut u8, value: T, len: usize) {
        // SAFETY: by the caller's contract, since `T` is no longer than `len`.
        unsafe {
            dst.cast::<T>().write_unaligned(value);
            dst.add(len - size_of::<T>()).cast::<T>().write_unaligned(value);
        }
    }
    let value8 = u64::from(value) * 0x0101_0101_0101_0101;
    let value16 = u128::from(value8) << 64 | u128::from(value8);
    // SAFETY: by contract.
    unsafe {
        match len {
            // Calling the C library takes longer than these.
            8..=16 => ends(dst, value8, len),
            17..=32 => ends(dst, value16, len),
            4..=7 => ends(dst, value8 as u32, len),
            1..=3 => {
                ends(dst, value, len);
                dst.add(len / 2).write(value);
            }
            _ => ptr::write_bytes(dst, value, len),
        }
    }
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
    let src = range(src, len, src_mem.len()).ok_or(OUT_OF_BOUNDS)?;
    let dst = range(dst, len, dst_mem.len()).ok_or(OUT_OF_BOUNDS)?;
    let (src, dst) = (src_mem.base.wrapping_add(src), dst_mem.base.wrapping_add(dst));
    // SAFETY: both ranges were checked against their memory's length.
    unsafe {
        match src_mem.is_shared || dst_mem.is_shared {
            true => relaxed::copy(dst, src, len as usize),
            false => copy(src, dst, len as usize),
        }
    }
    Ok(())
}

/// Copies `len` bytes, which may overlap.
///
/// # Safety
///
/// As for [`ptr::copy`].
#[inline(always)]
unsafe fn copy(src: *const u8, dst: *mut u8, len: usize) {
    /// Through two values, which may overlap: all is read before anything is written.
    unsafe fn ends<T: Copy>(src: *const u8, dst: *mut u8, len: usize) {
        let last = len - size_of::<T>();
        // SAFETY: by the caller's contract, since `T` is no longer than `len`.
        unsafe {
            let first = src.cast::<T>().read_unaligned();
            let second = src.add(last).cast::<T>().read_unaligned();
            dst.cast::<T>().write_unaligned(first);
            dst.add(last).cast::<T>().write_unaligned(second);
        }
    }
    // SAFETY: by contract.
    unsafe {
        match len {
            // Calling the C library takes longer than these.
            8..=16 => ends::<u64>(src, dst, len),
            17..=32 => ends::<u128>(src, dst, len),
            4..=7 => ends::<u32>(src, dst, len),
            2..=3 => ends::<u16>(src, dst, len),
            1 => dst.write(src.read()),
            _ => ptr::copy(src, dst, len),
        }
    }
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
    let dst = mem.base.wrapping_add(range(dst, len, mem.len()).ok_or(OUT_OF_BOUNDS)?);
    let data = &data[src..src + len as usize];
    // SAFETY: the range was checked; a module's bytes are no memory.
    unsafe {
        match mem.is_shared {
            true => relaxed::write(dst, data),
            false => ptr::copy_nonoverlapping(data.as_ptr(), dst, data.len()),
        }
    }
    Ok(())
}

/// `data.drop`
#[inline(never)]
pub unsafe fn data_drop(ctx: *mut VmContext, data: u32) {
    // SAFETY: by the module's contract.
    unsafe { instance(ctx) }.dropped_datas[data as usize] = true;
}

/// The shared memory at an index.
unsafe fn shared(ctx: *mut VmContext, mem: u32) -> Option<SharedInst> {
    // SAFETY: by the module's contract.
    let (addr, store) = unsafe { (instance(ctx).addrs.mems[mem as usize], store(ctx)) };
    store.mems[addr as usize].as_shared().cloned()
}

/// `memory.atomic.notify`, of a place that is aligned and in bounds.
#[inline(never)]
pub unsafe fn atomic_notify(ctx: *mut VmContext, mem: u32, at: u64, count: u32) -> u32 {
    // SAFETY: by the module's contract.
    let shared = unsafe { shared(ctx, mem) };
    // Nobody can wait for a memory that is not shared.
    shared.map_or(0, |memory| memory.notify(at, count).unwrap_or(0))
}

/// `memory.atomic.wait32` and `wait64`, of a place that is aligned and in bounds. `operands` are
/// the expected value and the timeout; where the run is interrupted, the time that is left becomes
/// the timeout of the same instruction when the run goes on.
#[inline(never)]
pub unsafe fn atomic_wait(
    ctx: *mut VmContext,
    mem: u32,
    is_64: bool,
    at: u64,
    expected: Slot,
    nanoseconds: *mut Slot,
) -> Result<u64, Exit> {
    // SAFETY: by the module's contract; the engine's epoch outlives the store, whose shared part
    // nobody writes while this thread waits.
    let (shared, vm, limit) =
        unsafe { (shared(ctx, mem), (*ctx).store, timeout(*nanoseconds as i64)) };
    let memory = shared.ok_or(Exit::trap(Trap::ExpectedSharedMemory))?;
    // SAFETY: as above.
    let looks_at_epoch = unsafe { store(ctx) }.engine.config().epoch_interruption;
    // SAFETY: as above.
    let is_past = || unsafe { (*(*vm).epoch).load(Ordering::Relaxed) >= (*vm).epoch_deadline };
    let is_interrupted = looks_at_epoch.then_some(&is_past as &dyn Fn() -> bool);
    // SAFETY: as above. A run that was interrupted here goes on here.
    let pending = unsafe { store(ctx) }.pending_wait.take();
    let waited = match (pending, is_64) {
        (Some(pending), _) => Ok(pending.go_on(is_interrupted)),
        (None, true) => memory.wait64(at, expected, limit, is_interrupted),
        (None, false) => memory.wait32(at, expected as u32, limit, is_interrupted),
    };
    match waited.map_err(Exit::trap)? {
        Ok(result) => Ok(result as u64),
        Err(pending) => {
            if let Some(left) = pending.left() {
                let left = i64::try_from(left.as_nanos()).unwrap_or(i64::MAX);
                // SAFETY: a slot of the running frame.
                unsafe { *nanoseconds = left as u64 };
            }
            // SAFETY: as above.
            unsafe { store(ctx) }.pending_wait = Some(pending);
            Err(Exit::INTERRUPTED)
        }
    }
}
