//! Vectors: all on slots, but for numbers that come from or go to accumulators.

use super::*;
use crate::exec::base;
use crate::exec::list::Single;
use rwasm_parser::ops::*;

impl Lowering<'_> {
    /// `[v128…] -> [v128]`
    pub fn lower_vector<const N: usize>(&mut self, handler: usize) -> Lowered {
        let operands = self.pop_slots::<N>();
        self.push_home(ValType::V128)?;
        let home = self.top_home();
        let at = self.op(handler);
        self.put_u16(home);
        for slot in operands {
            self.put_u16(slot);
        }
        self.delivered_home(at);
        Ok(())
    }

    pub fn lower_vtestop(&mut self, op: VTestOp) -> Lowered {
        let [value] = self.pop_slots();
        self.free_acc(Class::Int);
        self.op_to_acc(base::VTEST + op as usize * 2, ValType::I32)?;
        self.put_u16(value);
        Ok(())
    }

    pub fn lower_vsplat(&mut self, op: VSplatOp) -> Lowered {
        let operand = self.pop();
        let src = self.src_or_slot(&operand);
        self.push_home(ValType::V128)?;
        let home = self.top_home();
        let at = self.op(base::VSPLAT + op as usize * 2 + index::source(src));
        self.put_u16(home);
        self.put_src(src, 0);
        self.delivered_home(at);
        Ok(())
    }

    pub fn lower_vextract(&mut self, op: VExtractOp, lane: u8) -> Lowered {
        let [value] = self.pop_slots();
        let ty = op.results()[0];
        self.free_acc(class_of(ty));
        self.op_to_acc(base::VEXTRACT + op as usize * 2, ty)?;
        self.put_u16(value);
        self.put_u16(u16::from(lane).to_le());
        Ok(())
    }

    pub fn lower_vreplace(&mut self, op: VReplaceOp, lane: u8) -> Lowered {
        self.lower_vector::<2>(base::VREPLACE + op as usize)?;
        self.put_u16(u16::from(lane).to_le());
        Ok(())
    }

    pub fn lower_vshuffle(&mut self, lanes: [u8; 16]) -> Lowered {
        self.lower_vector::<2>(index::single(Single::VShuffle))?;
        self.b.code.extend_from_slice(&lanes);
        Ok(())
    }
}
