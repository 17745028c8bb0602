//! Atomics. Spec: the threads proposal, *Validation → Instructions → Atomic Memory Instructions*.

use crate::ops::*;
use crate::syntax::*;
use crate::walk::{Sink, Walk, Walked};
use crate::{DecodeError, Invalid, Malformed};
use alloc::format;

impl<S: Sink> Walk<'_, '_, S> {
    /// The immediate of an atomic access, whose alignment has to be the natural one.
    fn atomic_memarg(&mut self, size_log2: u32) -> Result<(MemArg, ValType), DecodeError> {
        let (memarg, address) = self.memarg(size_log2)?;
        if u32::from(memarg.align) == size_log2 {
            return Ok((memarg, address));
        }
        let message =
            format!("alignment must be natural: expected 2^{size_log2}, found 2^{}", memarg.align);
        Err(Invalid::new(self.offset, message).into())
    }

    pub(crate) fn atomic_load(&mut self, op: AtomicLoadOp) -> Walked<S> {
        let (memarg, address) = self.atomic_memarg(op.size_log2())?;
        self.operands.unary(self.cx(), address, op.results()[0])?;
        self.emit(|sink, at| sink.atomic_load(at, op, memarg))
    }

    pub(crate) fn atomic_store(&mut self, op: AtomicStoreOp) -> Walked<S> {
        let (memarg, address) = self.atomic_memarg(op.size_log2())?;
        self.operands.pop_two(self.cx(), address, op.operands()[0])?;
        self.emit(|sink, at| sink.atomic_store(at, op, memarg))
    }

    pub(crate) fn atomic_rmw(&mut self, op: AtomicRmwOp) -> Walked<S> {
        let (memarg, address) = self.atomic_memarg(op.size_log2())?;
        let ty = op.results()[0];
        self.operands.binary(self.cx(), address, ty, ty)?;
        self.emit(|sink, at| sink.atomic_rmw(at, op, memarg))
    }

    pub(crate) fn atomic_cmpxchg(&mut self, op: AtomicCmpxchgOp) -> Walked<S> {
        let (memarg, address) = self.atomic_memarg(op.size_log2())?;
        let ty = op.results()[0];
        self.operands.pop_all(self.cx(), &[address, ty, ty])?;
        self.operands.push(ty);
        self.emit(|sink, at| sink.atomic_cmpxchg(at, op, memarg))
    }

    pub(crate) fn atomic_notify(&mut self) -> Walked<S> {
        let (memarg, address) = self.atomic_memarg(2)?;
        self.operands.binary(self.cx(), address, ValType::I32, ValType::I32)?;
        self.emit(|sink, at| sink.atomic_notify(at, memarg))
    }

    pub(crate) fn atomic_wait(&mut self, is_64: bool) -> Walked<S> {
        let (memarg, address) = self.atomic_memarg(if is_64 { 3 } else { 2 })?;
        let expected = if is_64 { ValType::I64 } else { ValType::I32 };
        self.operands.pop_all(self.cx(), &[address, expected, ValType::I64])?;
        self.operands.push(ValType::I32);
        self.emit(|sink, at| sink.atomic_wait(at, is_64, memarg))
    }

    pub(crate) fn atomic_fence(&mut self) -> Walked<S> {
        let at = self.reader.pos();
        let byte = self.reader.u8()?;
        if byte != 0 {
            return Err(Malformed::new(at, format!("zero byte expected: found {byte:#04x}")).into());
        }
        self.emit(|sink, at| sink.atomic_fence(at))
    }
}
