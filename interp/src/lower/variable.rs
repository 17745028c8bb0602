//! Locals, globals, `select`, references and tables.

use super::*;
use crate::exec::list::Single;
use rwasm_parser::{GlobalIdx, LocalIdx};

impl Lowering<'_> {
    fn local_slot(&self, local: LocalIdx) -> u16 {
        self.b.locals[local.index()]
    }

    pub fn lower_local_get(&mut self, local: LocalIdx, ty: ValType) -> Lowered {
        let slot = self.local_slot(local);
        // A read must not make the comparison before it look like the topmost operand's.
        self.last = Last::Nothing;
        self.read_local(slot, ty);
        self.push(ty, Loc::Local(slot)).map(drop)
    }

    /// Writes a popped operand to a local.
    fn write_local(&mut self, local: LocalIdx, operand: &Operand) {
        let slot = self.local_slot(local);
        self.wrote_local(slot, operand.ty);
        if operand.loc == Loc::Local(slot) {
            return;
        }
        // Reads of the old value that wait on the stack.
        for i in (0..self.b.pending.len()).rev() {
            let index = self.b.pending[i];
            if self.b.operands[index].loc == Loc::Local(slot) {
                self.send_home(index);
            }
        }
        self.move_to(operand, slot);
    }

    pub fn lower_local_set(&mut self, local: LocalIdx) -> Lowered {
        let operand = self.pop();
        self.write_local(local, &operand);
        self.last = Last::Nothing;
        Ok(())
    }

    pub fn lower_local_tee(&mut self, local: LocalIdx, ty: ValType) -> Lowered {
        let operand = self.pop();
        self.write_local(local, &operand);
        self.last = Last::Nothing;
        let slot = self.local_slot(local);
        self.push(ty, Loc::Local(slot)).map(drop)
    }

    pub fn lower_global_get(&mut self, global: GlobalIdx, ty: ValType) -> Lowered {
        let class = class_of(ty);
        if class == Class::Vector {
            self.push_home(ty)?;
            let home = self.top_home();
            let at = self.op(index::global_get(class));
            self.put_u16(home);
            self.delivered_vector(at);
        } else {
            self.free_acc(class);
            self.op_to_acc(index::global_get(class), ty)?;
        }
        self.put_u32(global.0);
        Ok(())
    }

    pub fn lower_global_set(&mut self, global: GlobalIdx, ty: ValType) -> Lowered {
        let operand = self.pop();
        if ty == ValType::V128 {
            let slot = self.slot(&operand);
            self.single(Single::GlobalSetV128);
            self.put_u32(global.0);
            self.put_u16(slot);
            return Ok(());
        }
        let src = self.src(&operand);
        self.single(match (src, class_of(ty)) {
            (Src::Slot(_), _) => Single::GlobalSetS,
            (Src::Const(_), _) => Single::GlobalSetI,
            (Src::Acc, Class::F32) => Single::GlobalSetF32,
            (Src::Acc, Class::F64) => Single::GlobalSetF64,
            (Src::Acc, _) => Single::GlobalSetInt,
        });
        self.put_u32(global.0);
        self.put_src(src, 8);
        Ok(())
    }

    pub fn lower_drop(&mut self) -> Lowered {
        self.pop();
        self.last = Last::Nothing;
        Ok(())
    }

    pub fn lower_select(&mut self, ty: ValType) -> Lowered {
        let (condition, second, first) = (self.pop(), self.pop(), self.pop());
        let (first, second) = (self.slot(&first), self.slot(&second));
        let class = class_of(ty);
        let condition = match self.src_or_slot(&condition) {
            Src::Acc if class == Class::Vector => Src::Slot(self.slot(&condition)),
            src => src,
        };
        if class == Class::Vector {
            self.push_home(ty)?;
            let home = self.top_home();
            let at = self.op(index::select(class, condition));
            self.put_u16(home);
            self.delivered_vector(at);
        } else {
            self.free_acc(class);
            self.op_to_acc(index::select(class, condition), ty)?;
        }
        self.put_u16(first);
        self.put_u16(second);
        self.put_src(condition, 4);
        Ok(())
    }

    /// Pops `count` operands into slots, in the order of the operands.
    pub fn pop_slots<const N: usize>(&mut self) -> [u16; N] {
        let mut slots = [0; N];
        for slot in slots.iter_mut().rev() {
            let operand = self.pop();
            *slot = self.slot(&operand);
        }
        slots
    }

    /// An instruction on slots: `[results][operands]`, 2 bytes each.
    pub fn op_on_slots<const N: usize>(
        &mut self,
        single: Single,
        result: Option<ValType>,
    ) -> Lowered {
        let operands = self.pop_slots::<N>();
        if let Some(ty) = result {
            self.push_home(ty)?;
        }
        let at = self.single(single);
        if result.is_some() {
            let home = self.top_home();
            self.put_u16(home);
            self.delivered_home(at);
        }
        for slot in operands {
            self.put_u16(slot);
        }
        Ok(())
    }
}
