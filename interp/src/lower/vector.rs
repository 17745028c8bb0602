//! Vectors. Their results are in slots and in the accumulator for vectors.

use super::*;
use crate::exec::base;
use crate::exec::list::Single;
use crate::exec::numeric::pair;
use crate::exec::vector::which;
use rwasm_parser::ops::*;

impl Lowering<'_> {
    /// Where a popped vector is read best.
    pub fn vector_src(&mut self, operand: &Operand) -> Src {
        let slot = self.slot(operand);
        if self.is_in_acc(slot) { Src::Acc } else { Src::Slot(slot) }
    }

    /// The sources of popped vectors, at most one of which is the accumulator.
    fn vector_sources<const N: usize>(&mut self) -> [Src; N] {
        let mut sources = [Src::Acc; N];
        for source in sources.iter_mut().rev() {
            let operand = self.pop();
            *source = Src::Slot(self.slot(&operand));
        }
        let in_acc = sources
            .iter_mut()
            .find(|source| matches!(source, Src::Slot(slot) if self.is_in_acc(*slot)));
        if let Some(source) = in_acc {
            *source = Src::Acc;
        }
        sources
    }

    /// Emits an instruction on these sources, of which a constant takes 4 bytes, and pushes its
    /// result.
    fn op_to_vector(&mut self, handler: usize, sources: &[Src]) -> Lowered {
        self.push_home(ValType::V128)?;
        let at = self.op(handler);
        self.put_u16(self.top_home());
        for &source in sources {
            self.put_src(source, 4);
        }
        self.delivered_vector(at);
        Ok(())
    }

    pub fn lower_vunop(&mut self, op: VUnOp) -> Lowered {
        let [value] = self.vector_sources();
        self.op_to_vector(base::VUNARY + op as usize * 2 + index::source(value), &[value])
    }

    pub fn lower_vbinop(&mut self, op: VBinOp) -> Lowered {
        let [lhs, rhs] = self.vector_sources();
        let pair = pair(index::source(lhs), index::source(rhs));
        self.op_to_vector(base::VBINARY + op as usize * 3 + pair, &[lhs, rhs])
    }

    pub fn lower_vternop(&mut self, op: VTernOp) -> Lowered {
        let sources = self.vector_sources();
        let which = which(sources.map(index::source));
        self.op_to_vector(base::VTERNARY + op as usize * 4 + which, &sources)
    }

    pub fn lower_vtestop(&mut self, op: VTestOp) -> Lowered {
        let [value] = self.vector_sources();
        self.free_acc(Class::Int);
        let handler = base::VTEST + op as usize * 4 + index::source(value) * 2;
        self.op_to_acc(handler, ValType::I32)?;
        self.put_src(value, 16);
        Ok(())
    }

    pub fn lower_vshiftop(&mut self, op: VShiftOp) -> Lowered {
        let operand = self.pop();
        let count = match operand.loc {
            Loc::Const(value) => Src::Const(value),
            _ => Src::Slot(self.slot(&operand)),
        };
        let [value] = self.vector_sources();
        let form = index::source(value) * 2 + index::source(count) / 2;
        self.op_to_vector(base::VSHIFT + op as usize * 4 + form, &[value, count])
    }

    pub fn lower_vsplat(&mut self, op: VSplatOp) -> Lowered {
        let operand = self.pop();
        let number = self.src_or_slot(&operand);
        self.op_to_vector(base::VSPLAT + op as usize * 2 + index::source(number), &[number])
    }

    pub fn lower_vextract(&mut self, op: VExtractOp, lane: u8) -> Lowered {
        let [value] = self.pop_slots();
        let ty = op.results()[0];
        self.free_acc(class_of(ty));
        self.op_to_acc(base::VEXTRACT + op as usize * 2, ty)?;
        self.put_u16(value);
        self.put_u16(lane.into());
        Ok(())
    }

    pub fn lower_vreplace(&mut self, op: VReplaceOp, lane: u8) -> Lowered {
        let operand = self.pop();
        let number = self.src_or_slot(&operand);
        let [value] = self.vector_sources();
        let form = index::source(value) * 2 + index::source(number);
        self.op_to_vector(base::VREPLACE + op as usize * 4 + form, &[value, number])?;
        self.put_u16(u16::from(lane).to_le());
        Ok(())
    }

    pub fn lower_vshuffle(&mut self, lanes: [u8; 16]) -> Lowered {
        let operands = self.pop_slots::<2>().map(Src::Slot);
        self.op_to_vector(index::single(Single::VShuffle), &operands)?;
        self.b.code.extend_from_slice(&lanes);
        Ok(())
    }
}
