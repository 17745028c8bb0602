//! Memories: loads, stores, bulk operators. Spec: *Validation → Instructions → Memory
//! Instructions*.

use crate::ops::*;
use crate::syntax::*;
use crate::walk::{Sink, Walk, Walked};
use crate::{DecodeError, Features, Invalid, Malformed};
use alloc::format;

/// The flag of an alignment that is followed by the index of a memory.
const HAS_MEMORY: u32 = 1 << 6;

impl<S: Sink> Walk<'_, '_, S> {
    #[inline]
    fn mem(&self, mem: MemIdx) -> Result<&MemType, Invalid> {
        match self.module.mems.get(mem.index()) {
            Some(ty) => Ok(ty),
            None => Err(self.unknown("memory", mem.0)),
        }
    }

    /// The immediate of an access of 2^`size_log2` bytes, and the type of its address.
    #[inline(always)]
    pub(crate) fn memarg(&mut self, size_log2: u32) -> Result<(MemArg, ValType), DecodeError> {
        // Nearly always the memory is the first and the offset one byte.
        if let Some([align, offset]) = self.reader.peek2()
            && u32::from(align) <= size_log2
            && offset < 0x80
            && let Some(address) = self.first_address
        {
            self.reader.skip(2);
            return Ok((MemArg { mem: MemIdx(0), align, offset: u64::from(offset) }, address));
        }
        self.any_memarg(size_log2)
    }

    #[inline(never)]
    fn any_memarg(&mut self, size_log2: u32) -> Result<(MemArg, ValType), DecodeError> {
        let at = self.reader.pos();
        let flags = self.reader.u32()?;
        let mut align = flags;
        let mut mem = MemIdx(0);
        if flags & HAS_MEMORY != 0 && flags < 2 * HAS_MEMORY {
            self.reader.require(at, Features::MULTI_MEMORY, "malformed memop flags")?;
            mem = MemIdx(self.reader.u32()?);
            align &= !HAS_MEMORY;
        } else if flags >= HAS_MEMORY {
            return Err(Malformed::new(at, format!("malformed memop flags: {flags:#x}")).into());
        }
        let offset = match self.reader.features.contains(Features::MEMORY64) {
            true => self.reader.u64()?,
            false => u64::from(self.reader.u32()?),
        };
        let ty = *self.mem(mem)?;
        if align > size_log2 {
            let message = format!(
                "alignment must not be larger than natural: 2^{align}, natural is 2^{size_log2}"
            );
            return Err(Invalid::new(self.offset, message).into());
        }
        if !ty.is_64 && offset > u64::from(u32::MAX) {
            let message = format!("offset out of range: {offset:#x} in a 32-bit memory");
            return Err(Invalid::new(self.offset, message).into());
        }
        Ok((MemArg { mem, align: align as u8, offset }, ty.index()))
    }

    #[inline(always)]
    pub(crate) fn load(&mut self, op: LoadOp) -> Walked<S> {
        let (memarg, address) = self.memarg(op.size_log2())?;
        self.operands.unary(self.cx(), address, op.results()[0])?;
        self.emit(|sink, at| sink.load(at, op, memarg))
    }

    #[inline(always)]
    pub(crate) fn store(&mut self, op: StoreOp) -> Walked<S> {
        let (memarg, address) = self.memarg(op.size_log2())?;
        self.operands.pop_two(self.cx(), address, op.operands()[0])?;
        self.emit(|sink, at| sink.store(at, op, memarg))
    }

    pub(crate) fn vload(&mut self, op: VLoadOp) -> Walked<S> {
        let (memarg, address) = self.memarg(op.size_log2())?;
        self.operands.unary(self.cx(), address, ValType::V128)?;
        self.emit(|sink, at| sink.vload(at, op, memarg))
    }

    pub(crate) fn vstore(&mut self, op: VStoreOp) -> Walked<S> {
        let (memarg, address) = self.memarg(op.size_log2())?;
        self.operands.pop_two(self.cx(), address, ValType::V128)?;
        self.emit(|sink, at| sink.vstore(at, op, memarg))
    }

    pub(crate) fn vload_lane(&mut self, op: VLoadLaneOp) -> Walked<S> {
        let (memarg, address) = self.memarg(op.size_log2())?;
        let lane = self.lane(16 / op.size_bytes())?;
        self.operands.binary(self.cx(), address, ValType::V128, ValType::V128)?;
        self.emit(|sink, at| sink.vload_lane(at, op, memarg, lane))
    }

    pub(crate) fn vstore_lane(&mut self, op: VStoreLaneOp) -> Walked<S> {
        let (memarg, address) = self.memarg(op.size_log2())?;
        let lane = self.lane(16 / op.size_bytes())?;
        self.operands.pop_two(self.cx(), address, ValType::V128)?;
        self.emit(|sink, at| sink.vstore_lane(at, op, memarg, lane))
    }

    fn memidx(&mut self) -> Result<(MemIdx, ValType), DecodeError> {
        let at = self.reader.pos();
        let mem = MemIdx(self.reader.u32()?);
        if mem.0 != 0 || self.reader.pos() != at + 1 {
            self.reader.require(at, Features::MULTI_MEMORY, "zero byte expected")?;
        }
        let index = self.mem(mem)?.index();
        Ok((mem, index))
    }

    pub(crate) fn memory_size(&mut self) -> Walked<S> {
        let (mem, index) = self.memidx()?;
        self.operands.push(index);
        self.emit(|sink, at| sink.memory_size(at, mem))
    }

    pub(crate) fn memory_grow(&mut self) -> Walked<S> {
        let (mem, index) = self.memidx()?;
        self.operands.unary(self.cx(), index, index)?;
        self.emit(|sink, at| sink.memory_grow(at, mem))
    }

    pub(crate) fn memory_fill(&mut self) -> Walked<S> {
        let (mem, index) = self.memidx()?;
        self.operands.pop_all(self.cx(), &[index, ValType::I32, index])?;
        self.emit(|sink, at| sink.memory_fill(at, mem))
    }

    pub(crate) fn memory_copy(&mut self) -> Walked<S> {
        let (dst, to) = self.memidx()?;
        let (src, from) = self.memidx()?;
        let len = if to == from { to } else { ValType::I32 };
        self.operands.pop_all(self.cx(), &[to, from, len])?;
        self.emit(|sink, at| sink.memory_copy(at, dst, src))
    }

    /// Checks a data segment's index. Bodies come before the segments, so their number has to be
    /// announced.
    pub(crate) fn data(&self, data: DataIdx) -> Result<(), DecodeError> {
        match self.module.data_count {
            None => {
                let message = "data count section required: the operator refers to a data segment";
                Err(Malformed::new(self.offset, message).into())
            }
            Some(count) if data.0 < count => Ok(()),
            Some(_) => Err(self.unknown("data segment", data.0).into()),
        }
    }

    pub(crate) fn memory_init(&mut self) -> Walked<S> {
        let data = DataIdx(self.reader.u32()?);
        let (mem, index) = self.memidx()?;
        self.data(data)?;
        self.operands.pop_all(self.cx(), &[index, ValType::I32, ValType::I32])?;
        self.emit(|sink, at| sink.memory_init(at, mem, data))
    }

    pub(crate) fn data_drop(&mut self) -> Walked<S> {
        let data = DataIdx(self.reader.u32()?);
        self.data(data)?;
        self.emit(|sink, at| sink.data_drop(at, data))
    }
}
