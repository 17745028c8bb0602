//! Loads and stores.

use super::*;
use crate::exec::base;
use crate::exec::list::Single;
use rwasm_parser::ops::*;
use rwasm_parser::{MemArg, MemIdx};

impl Lowering<'_> {
    /// The last operand of the fast forms, if they can be used: offset and size in one number.
    fn fast_end(&self, memarg: &MemArg, size_bytes: u32) -> Option<u32> {
        let end = memarg.offset.checked_add(u64::from(size_bytes))?;
        if memarg.mem == MemIdx(0) { u32::try_from(end).ok() } else { None }
    }

    /// The same for vectors, of which the fast forms are for memories of one thread.
    fn fast_vector_end(&self, memarg: &MemArg, size_bytes: u32) -> Option<u32> {
        self.fast_end(memarg, size_bytes).filter(|_| !self.is_shared(memarg))
    }

    /// Whether threads may share the memory of an access.
    fn is_shared(&self, memarg: &MemArg) -> bool {
        self.cx.syntax.mems[memarg.mem.index()].shared
    }

    fn put_memarg(&mut self, memarg: &MemArg) {
        self.put_u32(memarg.mem.0);
        self.put_u64(memarg.offset);
    }

    pub fn lower_load(&mut self, op: LoadOp, memarg: MemArg) -> Lowered {
        let ty = op.results()[0];
        let addr = self.pop();
        let Some(end) = self.fast_end(&memarg, op.size_bytes()) else {
            let addr = self.slot(&addr);
            self.push_home(ty)?;
            let home = self.top_home();
            let id = index::access(op as usize, LoadOp::COUNT, self.is_shared(&memarg));
            let at = self.op(base::LOAD_ANY + id);
            self.put_u16(home);
            self.put_u16(addr);
            self.put_memarg(&memarg);
            self.delivered_home(at);
            return Ok(());
        };
        let addr = self.src_or_slot(&addr);
        self.free_acc(class_of(ty));
        self.op_to_acc(index::load(op, addr, self.is_shared(&memarg)), ty)?;
        self.put_src(addr, 4);
        self.put_u32(end);
        Ok(())
    }

    pub fn lower_store(&mut self, op: StoreOp, memarg: MemArg) -> Lowered {
        let (value, addr) = (self.pop(), self.pop());
        let Some(end) = self.fast_end(&memarg, op.size_bytes()) else {
            let (addr, value) = (self.slot(&addr), self.slot(&value));
            let id = index::access(op as usize, StoreOp::COUNT, self.is_shared(&memarg));
            self.op(base::STORE_ANY + id);
            self.put_u16(addr);
            self.put_u16(value);
            self.put_memarg(&memarg);
            return Ok(());
        };
        let addr_src = self.src_or_slot(&addr);
        let mut value_src = self.src(&value);
        if addr_src == Src::Acc && value_src == Src::Acc && class_of(value.ty) == Class::Int {
            value_src = Src::Slot(self.slot(&value));
        }
        self.op(index::store(op, addr_src, value_src, self.is_shared(&memarg)));
        self.put_src(addr_src, 4);
        let size = if matches!(value.ty, ValType::I32 | ValType::F32) { 4 } else { 8 };
        self.put_src(value_src, size);
        self.put_u32(end);
        Ok(())
    }

    pub fn lower_vload(&mut self, op: VLoadOp, memarg: MemArg) -> Lowered {
        let addr = self.pop();
        let Some(end) = self.fast_vector_end(&memarg, op.size_bytes()) else {
            let addr = self.slot(&addr);
            self.push_home(ValType::V128)?;
            let id = index::access(op as usize, VLoadOp::COUNT, self.is_shared(&memarg));
            let at = self.op(base::VLOAD_ANY + id);
            self.put_u16(self.top_home());
            self.put_u16(addr);
            self.put_memarg(&memarg);
            self.delivered_vector(at);
            return Ok(());
        };
        let addr = self.src_or_slot(&addr);
        self.push_home(ValType::V128)?;
        let at = self.op(base::VLOAD + op as usize * 2 + index::source(addr));
        self.put_u16(self.top_home());
        self.put_src(addr, 4);
        self.put_u32(end);
        self.delivered_vector(at);
        Ok(())
    }

    pub fn lower_vstore(&mut self, op: VStoreOp, memarg: MemArg) -> Lowered {
        let (value, addr) = (self.pop(), self.pop());
        let Some(end) = self.fast_vector_end(&memarg, op.size_bytes()) else {
            let (addr, value) = (self.slot(&addr), self.slot(&value));
            let id = index::access(op as usize, VStoreOp::COUNT, self.is_shared(&memarg));
            self.op(base::VSTORE_ANY + id);
            self.put_u16(addr);
            self.put_u16(value);
            self.put_memarg(&memarg);
            return Ok(());
        };
        let addr = self.src_or_slot(&addr);
        let value = self.vector_src(&value);
        self.op(base::VSTORE + op as usize * 4 + index::source(addr) * 2 + index::source(value));
        self.put_src(addr, 4);
        self.put_src(value, 16);
        self.put_u32(end);
        Ok(())
    }

    pub fn lower_vload_lane(&mut self, op: VLoadLaneOp, memarg: MemArg, lane: u8) -> Lowered {
        let [addr, value] = self.pop_slots();
        self.push_home(ValType::V128)?;
        let home = self.top_home();
        let id = index::access(op as usize, VLoadLaneOp::COUNT, self.is_shared(&memarg));
        let at = self.op(base::VLOAD_LANE + id);
        self.put_u16(home);
        self.put_u16(addr);
        self.put_memarg(&memarg);
        self.put_u16(value);
        self.put_u16(u16::from(lane).to_le());
        self.delivered_vector(at);
        Ok(())
    }

    pub fn lower_vstore_lane(&mut self, op: VStoreLaneOp, memarg: MemArg, lane: u8) -> Lowered {
        let [addr, value] = self.pop_slots();
        let id = index::access(op as usize, VStoreLaneOp::COUNT, self.is_shared(&memarg));
        self.op(base::VSTORE_LANE + id);
        self.put_u16(value);
        self.put_u16(addr);
        self.put_memarg(&memarg);
        self.put_u16(u16::from(lane).to_le());
        Ok(())
    }

    /// An atomic access: `[dst or value][addr][mem][offset]`, then operands.
    pub fn lower_atomic<const N: usize>(
        &mut self,
        handler: usize,
        memarg: MemArg,
        result: ValType,
    ) -> Lowered {
        let operands = self.pop_slots::<N>();
        self.push_home(result)?;
        let home = self.top_home();
        self.op(handler);
        self.put_u16(home);
        self.put_u16(operands[0]);
        self.put_memarg(&memarg);
        for &slot in &operands[1..] {
            self.put_u16(slot);
        }
        Ok(())
    }

    pub fn lower_atomic_store(&mut self, op: AtomicStoreOp, memarg: MemArg) -> Lowered {
        let [addr, value] = self.pop_slots();
        self.op(base::ATOMIC_STORE + op as usize);
        self.put_u16(value);
        self.put_u16(addr);
        self.put_memarg(&memarg);
        Ok(())
    }

    pub fn lower_atomic_notify(&mut self, memarg: MemArg) -> Lowered {
        let [addr, count] = self.pop_slots();
        self.push_home(ValType::I32)?;
        let home = self.top_home();
        self.single(Single::AtomicNotify);
        self.put_u16(home);
        self.put_u16(addr);
        self.put_memarg(&memarg);
        self.put_u16(count);
        Ok(())
    }

    pub fn lower_atomic_wait(&mut self, is_64: bool, memarg: MemArg) -> Lowered {
        // A wait that is interrupted writes the rest of its time where the timeout was, and is
        // resumed with empty accumulators.
        self.send_top_home(3);
        self.safepoint();
        let [addr, expected, timeout] = self.pop_slots();
        self.mirror = [None; ACCUMULATORS];
        self.push_home(ValType::I32)?;
        let home = self.top_home();
        self.allocating(Single::AtomicWait);
        self.put_u16(home);
        self.put_u16(addr);
        self.put_memarg(&memarg);
        self.put_u16(expected);
        self.put_u16(timeout);
        self.put_u16(if is_64 { 8 } else { 4 });
        Ok(())
    }

    pub fn lower_atomic_fence(&mut self) -> Lowered {
        self.single(Single::AtomicFence);
        Ok(())
    }

    /// The type of addresses of a memory.
    pub fn addr_type(&self, mem: MemIdx) -> ValType {
        if self.cx.syntax.mems[mem.index()].is_64 { ValType::I64 } else { ValType::I32 }
    }
}
