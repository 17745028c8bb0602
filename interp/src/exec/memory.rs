//! Memories. Spec: *Execution → Memory Instructions*.
//!
//! Accesses to memory 0 with small offsets have fast forms. They compare with the length in the
//! context, which may be stale but never too large; beyond it [`Step::Refresh`] asks the memory itself.
//! Every other access has a form that finds its memory by index. No form asks whether addresses have
//! 32 bits or 64: in its slot and in the accumulator an `i32` is extended with zeros.

use super::list::{Single, op};
use super::numeric::source_len;
use super::operand::{Num, Source, Target};
use super::{Handler, Packed, Regs, Step, WORD, base, tri};
use core::marker::PhantomData;
use rwasm_parser::ops::*;
use rwasm_runtime::Trap;
use rwasm_runtime::vm::relaxed::Bytes;
use rwasm_runtime::vm::{Exit, VmMemory, builtins};

/// How a memory is accessed.
pub trait Access {
    /// Its number: what lowering adds for it.
    const ID: usize;
    /// Reads bytes.
    ///
    /// # Safety
    ///
    /// They must be within the memory.
    unsafe fn load<B: Bytes>(ptr: *const u8) -> B;
    /// Writes bytes.
    ///
    /// # Safety
    ///
    /// As for [`Access::load`].
    unsafe fn store<B: Bytes>(ptr: *mut u8, bytes: B);
}

/// A memory of one thread.
pub struct Own;
/// A memory that threads share.
pub struct Shared;

impl Access for Own {
    const ID: usize = 0;

    #[inline(always)]
    unsafe fn load<B: Bytes>(ptr: *const u8) -> B {
        // SAFETY: by contract; nobody else has the memory.
        unsafe { (*ptr.cast::<Packed<B>>()).0 }
    }

    #[inline(always)]
    unsafe fn store<B: Bytes>(ptr: *mut u8, bytes: B) {
        // SAFETY: by contract; nobody else has the memory.
        unsafe { *ptr.cast::<Packed<B>>() = Packed(bytes) }
    }
}

impl Access for Shared {
    const ID: usize = 1;

    #[inline(always)]
    unsafe fn load<B: Bytes>(ptr: *const u8) -> B {
        // SAFETY: by contract; every access to a shared memory is atomic.
        unsafe { B::load(ptr) }
    }

    #[inline(always)]
    unsafe fn store<B: Bytes>(ptr: *mut u8, bytes: B) {
        // SAFETY: by contract; every access to a shared memory is atomic.
        unsafe { bytes.store(ptr) }
    }
}

/// A load of a number.
pub trait Load {
    /// Its number among loads.
    const ID: usize;
    /// What is in memory.
    type Raw: Bytes;
    /// What it becomes.
    type Out: Num;
    /// Extends it.
    fn convert(raw: Self::Raw) -> Self::Out;
}

/// A store of a number.
pub trait Store {
    /// Its number among stores.
    const ID: usize;
    /// The operand.
    type In: Num;
    /// What is put in memory.
    type Raw: Bytes;
    /// Wraps it.
    fn convert(value: Self::In) -> Self::Raw;
}

// Guests are little-endian, and so are the machines with a fast path; others swap here.
macro_rules! loads {
    ($($name:ident $raw:ident $via:ident $out:ident;)*) => {$(
        impl Load for op::$name {
            const ID: usize = LoadOp::$name as usize;
            type Raw = [u8; size_of::<$raw>()];
            type Out = $out;

            #[inline(always)]
            fn convert(raw: Self::Raw) -> $out {
                <$raw>::from_le_bytes(raw) as $via as $out
            }
        }
    )*};
}
loads! {
    I32Load u32 u32 u32;
    I64Load u64 u64 u64;
    F32Load f32 f32 f32;
    F64Load f64 f64 f64;
    I32Load8S i8 i32 u32;
    I32Load8U u8 u32 u32;
    I32Load16S i16 i32 u32;
    I32Load16U u16 u32 u32;
    I64Load8S i8 i64 u64;
    I64Load8U u8 u64 u64;
    I64Load16S i16 i64 u64;
    I64Load16U u16 u64 u64;
    I64Load32S i32 i64 u64;
    I64Load32U u32 u64 u64;
}

macro_rules! stores {
    ($($name:ident $value:ident $raw:ident;)*) => {$(
        impl Store for op::$name {
            const ID: usize = StoreOp::$name as usize;
            type In = $value;
            type Raw = [u8; size_of::<$raw>()];

            #[inline(always)]
            fn convert(value: $value) -> Self::Raw {
                (value as $raw).to_le_bytes()
            }
        }
    )*};
}
stores! {
    I32Store u32 u32;
    I64Store u64 u64;
    F32Store f32 f32;
    F64Store f64 f64;
    I32Store8 u32 u8;
    I32Store16 u32 u16;
    I64Store8 u64 u8;
    I64Store16 u64 u16;
    I64Store32 u64 u32;
}

impl Regs {
    /// Where in memory 0 an access ends whose address operand is `addr` and whose offset and size
    /// add up to the operand at `offset`; `None` if that is beyond the known length.
    ///
    /// # Safety
    ///
    /// As for [`Regs::operand`].
    #[inline(always)]
    pub unsafe fn end_in_mem0(&self, addr: u64, offset: usize) -> Option<*mut u8> {
        // SAFETY: by contract; `ctx` is the running context.
        let (add, len) =
            unsafe { (u64::from(self.operand::<u32>(offset)), (*self.ctx).mem0_len as u64) };
        let end = addr.checked_add(add)?;
        (end <= len).then(|| self.mem.wrapping_add(end as usize))
    }

    /// The memory whose index is the operand at `offset`.
    ///
    /// # Safety
    ///
    /// As for [`Regs::operand`], with the index of a memory.
    #[inline(always)]
    pub unsafe fn memory(&self, offset: usize) -> *mut VmMemory {
        // SAFETY: by contract; the context has a pointer for each memory of its module.
        unsafe { *(*self.ctx).mems.wrapping_add(self.operand::<u32>(offset) as usize) }
    }

    /// Where in some memory an access of `size` bytes begins: operands `[mem: u32][offset: u64]`
    /// at `offset`, added to `addr`. `None` if it is out of bounds.
    ///
    /// # Safety
    ///
    /// As for [`Regs::memory`].
    #[inline(always)]
    pub unsafe fn start_in_any(&self, addr: u64, offset: usize, size: usize) -> Option<*mut u8> {
        // SAFETY: by contract.
        let (mem, add) = unsafe { (self.memory(offset), self.operand::<u64>(offset + 4)) };
        let start = addr.checked_add(add)?;
        let end = start.checked_add(size as u64)?;
        // SAFETY: a memory of the instance.
        let (base, len) = unsafe { ((*mem).base, (*mem).len()) };
        (end <= len as u64).then(|| base.wrapping_add(start as usize))
    }
}

/// `dst = mem0[addr + offset]`: `[dst][addr][end: u32]`
pub struct LoadMem<O, X, D, M>(PhantomData<(O, X, D, M)>);

impl<O: Load, X: Source, D: Target, M: Access> Handler for LoadMem<O, X, D, M> {
    const INDEX: usize = base::LOAD + (M::ID * LoadOp::COUNT + O::ID) * 4 + X::ID * 2 + D::ID;
    const LEN: usize = WORD + 2 + source_len(X::ID, 4) + 4;

    #[inline(always)]
    unsafe fn run(r: &mut Regs) -> Step {
        // SAFETY: operands are laid out as the type says; the access ends within the memory.
        unsafe {
            let addr = X::get::<u64>(r, WORD + 2);
            let Some(end) = r.end_in_mem0(addr, Self::LEN - 4) else { return Step::Refresh };
            let start = end.wrapping_sub(size_of::<O::Raw>());
            D::put(r, WORD, O::convert(M::load(start)));
        }
        r.next(Self::LEN)
    }
}

/// `dst = mem[addr + offset]`: `[dst][addr][mem: u32][offset: u64]`
pub struct LoadAny<O, M>(PhantomData<(O, M)>);

impl<O: Load, M: Access> Handler for LoadAny<O, M> {
    const INDEX: usize = base::LOAD_ANY + M::ID * LoadOp::COUNT + O::ID;
    const LEN: usize = WORD + 16;

    #[inline(always)]
    unsafe fn run(r: &mut Regs) -> Step {
        // SAFETY: operands are laid out as the type says; the access lies within the memory.
        unsafe {
            let addr = r.read::<u64>(WORD + 2);
            let Some(start) = r.start_in_any(addr, WORD + 4, size_of::<O::Raw>()) else {
                return r.trap(Trap::MemoryOutOfBounds);
            };
            r.write(WORD, O::convert(M::load(start)).to_slot());
        }
        r.next(Self::LEN)
    }
}

/// The number of the sources of a store: SS, SA, SI, AS, AI, AA.
pub const fn store_pair(addr: usize, value: usize) -> usize {
    match (addr, value) {
        (0, 0) => 0,
        (0, 1) => 1,
        (0, 2) => 2,
        (1, 0) => 3,
        (1, 2) => 4,
        (1, 1) => 5,
        _ => panic!("no handler takes this pair of operands"),
    }
}

/// `mem0[addr + offset] = value`: `[addr][value][end: u32]`
pub struct StoreMem<O, X, Y, M>(PhantomData<(O, X, Y, M)>);

impl<O: Store, X: Source, Y: Source, M: Access> Handler for StoreMem<O, X, Y, M> {
    const INDEX: usize =
        base::STORE + (M::ID * StoreOp::COUNT + O::ID) * 6 + store_pair(X::ID, Y::ID);
    const LEN: usize = WORD + source_len(X::ID, 4) + source_len(Y::ID, size_of::<O::In>()) + 4;

    #[inline(always)]
    unsafe fn run(r: &mut Regs) -> Step {
        // SAFETY: operands are laid out as the type says; the access ends within the memory.
        unsafe {
            let addr = X::get::<u64>(r, WORD);
            let value = Y::get::<O::In>(r, WORD + X::len::<u32>());
            let Some(end) = r.end_in_mem0(addr, Self::LEN - 4) else { return Step::Refresh };
            M::store(end.wrapping_sub(size_of::<O::Raw>()), O::convert(value));
        }
        r.next(Self::LEN)
    }
}

/// `mem[addr + offset] = value`: `[addr][value][mem: u32][offset: u64]`
pub struct StoreAny<O, M>(PhantomData<(O, M)>);

impl<O: Store, M: Access> Handler for StoreAny<O, M> {
    const INDEX: usize = base::STORE_ANY + M::ID * StoreOp::COUNT + O::ID;
    const LEN: usize = WORD + 16;

    #[inline(always)]
    unsafe fn run(r: &mut Regs) -> Step {
        // SAFETY: operands are laid out as the type says; the access lies within the memory.
        unsafe {
            let addr = r.read::<u64>(WORD);
            let value = r.read::<O::In>(WORD + 2);
            let Some(start) = r.start_in_any(addr, WORD + 4, size_of::<O::Raw>()) else {
                return r.trap(Trap::MemoryOutOfBounds);
            };
            M::store(start, O::convert(value));
        }
        r.next(Self::LEN)
    }
}

/// `memory.size`: `[dst][mem: u32][page_size_log2: u8][0]`
pub struct MemorySize;

impl Handler for MemorySize {
    const INDEX: usize = base::SINGLE + Single::MemorySize as usize;
    const LEN: usize = WORD + 8;

    #[inline(always)]
    unsafe fn run(r: &mut Regs) -> Step {
        // SAFETY: operands are laid out as the type says; a memory of the instance.
        unsafe {
            let len = (*r.memory(WORD + 2)).len() as u64;
            r.write(WORD, len >> r.operand::<u8>(WORD + 6));
        }
        r.next(Self::LEN)
    }
}

/// `memory.grow`: `[dst][delta][mem: u32][is_64: u8][0]`
pub struct MemoryGrow;

impl Handler for MemoryGrow {
    const INDEX: usize = base::SINGLE + Single::MemoryGrow as usize;
    const LEN: usize = WORD + 10;

    #[inline(always)]
    unsafe fn run(r: &mut Regs) -> Step {
        // SAFETY: operands are laid out as the type says; the store is not borrowed.
        unsafe {
            let (delta, mem) = (r.read::<u64>(WORD + 2), r.operand::<u32>(WORD + 4));
            let old = tri!(r, builtins::memory_grow(r.ctx, mem, delta));
            let mask = if r.operand::<u8>(WORD + 8) != 0 { u64::MAX } else { u32::MAX.into() };
            r.write(WORD, old & mask);
            r.reload_mem();
        }
        r.next(Self::LEN)
    }
}

/// How many bytes `memory.fill` and `memory.copy` write before they look at the epoch: less than
/// a millisecond of work.
const PIECE: u64 = 1 << 20;

impl Regs {
    /// After a piece of a long operator: executes the instruction again, for what is left, unless
    /// the run is to be interrupted. `offset` is where the instruction says whether code looks at
    /// the epoch.
    ///
    /// # Safety
    ///
    /// As for [`Regs::operand`]; operands must say what is left.
    #[inline(always)]
    unsafe fn again(&self, offset: usize) -> Step {
        // SAFETY: by contract.
        unsafe {
            if self.operand::<u16>(offset) != 0 && self.is_past_deadline() {
                return self.exit(Exit::INTERRUPTED);
            }
        }
        Step::Next
    }
}

/// `memory.fill`: `[dst][value][len][looks at the epoch: u16][mem: u32]`, the operands at home.
pub struct MemoryFill;

impl Handler for MemoryFill {
    const INDEX: usize = base::SINGLE + Single::MemoryFill as usize;
    const LEN: usize = WORD + 12;

    #[inline(always)]
    unsafe fn run(r: &mut Regs) -> Step {
        // SAFETY: operands are laid out as the type says; the store is not borrowed.
        unsafe {
            let (dst, value, len) = (r.read(WORD), r.read(WORD + 2), r.read::<u64>(WORD + 4));
            let mem = r.operand(WORD + 8);
            if len > PIECE {
                // The last piece first: if it is in bounds, all are.
                tri!(r, builtins::memory_fill(r.ctx, mem, dst, value, 0));
                let start = dst.wrapping_add(len - PIECE);
                if start < dst {
                    return r.trap(Trap::MemoryOutOfBounds);
                }
                tri!(r, builtins::memory_fill(r.ctx, mem, start, value, PIECE));
                r.write(WORD + 4, len - PIECE);
                return r.again(WORD + 6);
            }
            tri!(r, builtins::memory_fill(r.ctx, mem, dst, value, len));
        }
        r.next(Self::LEN)
    }
}

/// `memory.copy`: `[dst][src][len][looks at the epoch: u16][dst_mem: u32][src_mem: u32]`, the
/// operands at home.
pub struct MemoryCopy;

impl Handler for MemoryCopy {
    const INDEX: usize = base::SINGLE + Single::MemoryCopy as usize;
    const LEN: usize = WORD + 16;

    #[inline(always)]
    unsafe fn run(r: &mut Regs) -> Step {
        // SAFETY: operands are laid out as the type says; the store is not borrowed.
        unsafe {
            let (dst, src, len) = (r.read::<u64>(WORD), r.read::<u64>(WORD + 2), r.read(WORD + 4));
            let (dst_mem, src_mem) = (r.operand(WORD + 8), r.operand(WORD + 12));
            if len > PIECE {
                // Nothing is written before both ends are known to be in bounds.
                let rest = len - PIECE;
                let (Some(dst_rest), Some(src_rest)) =
                    (dst.checked_add(rest), src.checked_add(rest))
                else {
                    return r.trap(Trap::MemoryOutOfBounds);
                };
                for (dst, src) in [(dst_rest, src_rest), (dst, src)] {
                    let (Some(dst), Some(src)) = (dst.checked_add(PIECE), src.checked_add(PIECE))
                    else {
                        return r.trap(Trap::MemoryOutOfBounds);
                    };
                    tri!(r, builtins::memory_copy(r.ctx, dst_mem, src_mem, dst, src, 0));
                }
                if dst > src {
                    // Where the ranges overlap, the end is read before it is written.
                    tri!(
                        r,
                        builtins::memory_copy(r.ctx, dst_mem, src_mem, dst_rest, src_rest, PIECE)
                    );
                } else {
                    tri!(r, builtins::memory_copy(r.ctx, dst_mem, src_mem, dst, src, PIECE));
                    r.write(WORD, dst + PIECE);
                    r.write(WORD + 2, src + PIECE);
                }
                r.write(WORD + 4, rest);
                return r.again(WORD + 6);
            }
            tri!(r, builtins::memory_copy(r.ctx, dst_mem, src_mem, dst, src, len));
        }
        r.next(Self::LEN)
    }
}

/// `memory.init`: `[dst][src][len][0][mem: u32][data: u32]`
pub struct MemoryInit;

impl Handler for MemoryInit {
    const INDEX: usize = base::SINGLE + Single::MemoryInit as usize;
    const LEN: usize = WORD + 16;

    #[inline(always)]
    unsafe fn run(r: &mut Regs) -> Step {
        // SAFETY: operands are laid out as the type says; the store is not borrowed.
        unsafe {
            let (dst, src, len) = (r.read(WORD), r.read(WORD + 2), r.read(WORD + 4));
            let (mem, data) = (r.operand(WORD + 8), r.operand(WORD + 12));
            tri!(r, builtins::memory_init(r.ctx, mem, data, dst, src, len));
        }
        r.next(Self::LEN)
    }
}

/// `data.drop`: `[data: u32]`
pub struct DataDrop;

impl Handler for DataDrop {
    const INDEX: usize = base::SINGLE + Single::DataDrop as usize;
    const LEN: usize = WORD + 4;

    #[inline(always)]
    unsafe fn run(r: &mut Regs) -> Step {
        // SAFETY: operands are laid out as the type says; the store is not borrowed.
        unsafe { builtins::data_drop(r.ctx, r.operand(WORD)) };
        r.next(Self::LEN)
    }
}
