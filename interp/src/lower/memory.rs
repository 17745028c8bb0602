//! Loads and stores.

use super::*;
use crate::exec::base;
use crate::exec::list::Single;
use rwasm_parser::ops::*;
use rwasm_parser::{MemArg, MemIdx};

impl Lowering<'_> {
    /// The last operand of the fast forms, if they can be used: offset and size in one number.
    fn fast_end(&self, memarg: &MemArg, size_bytes: u32) -> Option<u32> {
        let fast = memarg.mem == MemIdx(0) && !self.cx.syntax.mems[0].is_64;
        let end = memarg.offset.checked_add(u64::from(size_bytes))?;
        if fast { u32::try_from(end).ok() } else { None }
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
            let at = self.op(base::LOAD_ANY + op as usize);
            self.put_u16(home);
            self.put_u16(addr);
            self.put_memarg(&memarg);
            self.delivered_home(at);
            return Ok(());
        };
        let addr = self.src_or_slot(&addr);
        self.free_acc(class_of(ty));
        self.op_to_acc(index::load(op, addr), ty)?;
        self.put_src(addr, 4);
        self.put_u32(end);
        Ok(())
    }

    pub fn lower_store(&mut self, op: StoreOp, memarg: MemArg) -> Lowered {
        let (value, addr) = (self.pop(), self.pop());
        let Some(end) = self.fast_end(&memarg, op.size_bytes()) else {
            let (addr, value) = (self.slot(&addr), self.slot(&value));
            self.op(base::STORE_ANY + op as usize);
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
        self.op(index::store(op, addr_src, value_src));
        self.put_src(addr_src, 4);
        let size = if matches!(value.ty, ValType::I32 | ValType::F32) { 4 } else { 8 };
        self.put_src(value_src, size);
        self.put_u32(end);
        Ok(())
    }

    pub fn lower_vload(&mut self, op: VLoadOp, memarg: MemArg) -> Lowered {
        let addr = self.pop();
        let addr = self.slot(&addr);
        self.push_home(ValType::V128)?;
        let home = self.top_home();
        let fast = self.fast_end(&memarg, op.size_bytes());
        let first = if fast.is_some() { base::VLOAD } else { base::VLOAD_ANY };
        let at = self.op(first + op as usize);
        self.put_u16(home);
        self.put_u16(addr);
        match fast {
            Some(end) => self.put_u32(end),
            None => self.put_memarg(&memarg),
        }
        self.delivered_home(at);
        Ok(())
    }

    pub fn lower_vstore(&mut self, op: VStoreOp, memarg: MemArg) -> Lowered {
        let [addr, value] = self.pop_slots();
        let fast = self.fast_end(&memarg, op.size_bytes());
        self.op(if fast.is_some() { base::VSTORE } else { base::VSTORE_ANY });
        self.put_u16(addr);
        self.put_u16(value);
        match fast {
            Some(end) => self.put_u32(end),
            None => self.put_memarg(&memarg),
        }
        Ok(())
    }

    pub fn lower_vload_lane(&mut self, op: VLoadLaneOp, memarg: MemArg, lane: u8) -> Lowered {
        let [addr, value] = self.pop_slots();
        self.push_home(ValType::V128)?;
        let home = self.top_home();
        let at = self.op(base::VLOAD_LANE + op as usize);
        self.put_u16(home);
        self.put_u16(addr);
        self.put_memarg(&memarg);
        self.put_u16(value);
        self.put_u16(u16::from(lane).to_le());
        self.delivered_home(at);
        Ok(())
    }

    pub fn lower_vstore_lane(&mut self, op: VStoreLaneOp, memarg: MemArg, lane: u8) -> Lowered {
        let [addr, value] = self.pop_slots();
        self.op(base::VSTORE_LANE + op as usize);
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
        let [addr, _count] = self.pop_slots();
        self.push_home(ValType::I32)?;
        let home = self.top_home();
        self.single(Single::AtomicNotify);
        self.put_u16(home);
        self.put_u16(addr);
        self.put_memarg(&memarg);
        Ok(())
    }

    pub fn lower_atomic_wait(&mut self, is_64: bool, memarg: MemArg) -> Lowered {
        let [addr, _expected, _timeout] = self.pop_slots();
        self.push_home(ValType::I32)?;
        self.single(Single::AtomicWait);
        self.put_u16(if is_64 { 8 } else { 4 });
        self.put_u16(addr);
        self.put_memarg(&memarg);
        Ok(())
    }

    /// The type of addresses of a memory.
    pub fn addr_type(&self, mem: MemIdx) -> ValType {
        if self.cx.syntax.mems[mem.index()].is_64 { ValType::I64 } else { ValType::I32 }
    }
}
