//! Numbers.

use super::*;
use crate::exec::list::Single;
use rwasm_parser::ops::*;
use rwasm_parser::walk::Const;

/// The size of a constant operand of type `ty`.
fn imm_size(ty: ValType) -> usize {
    if matches!(ty, ValType::I32 | ValType::F32) { 4 } else { 8 }
}

/// Whether an operator computes floats in such a way that it may have to make up a NaN.
pub fn may_give_nan(mnemonic: &str) -> bool {
    let Some((shape, name)) = mnemonic.split_once('.') else { return false };
    let is_float = matches!(shape, "f32" | "f64" | "f32x4" | "f64x2");
    let keeps_bits = ["abs", "neg", "copysign", "pmin", "pmax", "reinterpret", "convert", "splat"];
    let compares = ["eq", "ne", "lt", "gt", "le", "ge"];
    is_float && !compares.contains(&name) && !keeps_bits.iter().any(|op| name.starts_with(op))
}

impl Lowering<'_> {
    pub fn lower_const(&mut self, value: Const) -> Lowered {
        self.last = Last::Nothing;
        let (ty, bits) = match value {
            Const::I32(value) => (ValType::I32, u64::from(value)),
            Const::I64(value) => (ValType::I64, value),
            Const::F32(bits) => (ValType::F32, u64::from(bits)),
            Const::F64(bits) => (ValType::F64, bits),
            Const::V128(bytes) => {
                self.push_home(ValType::V128)?;
                let home = self.top_home();
                let at = self.single(Single::MoveV128I);
                self.put_u16(home);
                self.b.code.extend_from_slice(&bytes);
                self.delivered_vector(at);
                return Ok(());
            }
        };
        self.push(ty, Loc::Const(bits)).map(drop)
    }

    /// The home of the topmost operand.
    pub fn top_home(&self) -> u16 {
        self.b.operands.last().expect("something was pushed").home
    }

    /// A source that is no constant.
    pub fn src_or_slot(&mut self, operand: &Operand) -> Src {
        match operand.loc {
            Loc::Const(_) => Src::Slot(self.slot(operand)),
            _ => self.src(operand),
        }
    }

    pub fn lower_unary(&mut self, id: usize, result: ValType) -> Lowered {
        let operand = self.pop();
        let src = self.src_or_slot(&operand);
        self.free_acc(class_of(result));
        self.op_to_acc(index::unary(id, src), result)?;
        self.put_src(src, 0);
        Ok(())
    }

    pub fn lower_testop(&mut self, op: TestOp) -> Lowered {
        if op == TestOp::I64Eqz {
            // As a comparison, so that branches can be made of it.
            self.push(ValType::I64, Loc::Const(0))?;
            return self.lower_relop(RelOp::I64Eq);
        }
        let last = self.last;
        if let Last::Compare(compare) = last
            && let Some(negated) = index::negated(compare.op)
        {
            self.pop();
            self.take_back(compare.at);
            self.mirror[Class::Int as usize] = compare.mirror;
            return self.emit_compare(negated, compare.lhs, compare.rhs);
        }
        let operand = self.pop();
        let src = self.src_or_slot(&operand);
        self.free_acc(Class::Int);
        let mirror = self.mirror[Class::Int as usize];
        let at = self.op_to_acc(index::unary(index::testop(op), src), ValType::I32)?;
        self.put_src(src, 0);
        let compare = match last {
            Last::Compare(compare) => Some(compare),
            _ => None,
        };
        self.last = Last::Eqz { at, of: src, compare, mirror };
        Ok(())
    }

    /// The sources of two popped operands, of which a handler with pairs of sources exists.
    fn pair(&mut self, lhs: &Operand, rhs: &Operand) -> (Src, Src) {
        // Both may need instructions of their own to get to a slot: those come first.
        let lhs_src = self.src_or_slot(lhs);
        let rhs_src = self.src(rhs);
        match (lhs_src, rhs_src) {
            // Both are the same: the accumulator equals a slot.
            (Src::Acc, Src::Acc) => (Src::Acc, Src::Slot(self.slot(rhs))),
            pair => pair,
        }
    }

    pub fn lower_binop(&mut self, op: BinOp) -> Lowered {
        let (mut rhs, mut lhs) = (self.pop(), self.pop());
        let (op, loc) = index::as_addition(op, rhs.loc);
        rhs.loc = loc;
        if self.join(op, &lhs, &rhs)? {
            return Ok(());
        }
        let constant = |operand: &Operand| matches!(operand.loc, Loc::Const(_));
        if constant(&lhs) && !constant(&rhs) && index::commutes(op) {
            core::mem::swap(&mut lhs, &mut rhs);
        }
        // A home is free once its operand is popped, but only for that operand: exchanged or not,
        // each keeps its own.
        let (mut lhs, mut rhs) = self.pair(&lhs, &rhs);
        if rhs == Src::Acc && index::commutes(op) {
            // One form of two makes fusions of it more likely.
            core::mem::swap(&mut lhs, &mut rhs);
        }
        let ty = op.results()[0];
        self.free_acc(class_of(ty));
        self.op_to_acc(index::binary(index::binop(op), lhs, rhs), ty)?;
        self.put_src(lhs, imm_size(ty));
        self.put_src(rhs, imm_size(ty));
        Ok(())
    }

    pub fn lower_relop(&mut self, op: RelOp) -> Lowered {
        let (mut rhs, mut lhs) = (self.pop(), self.pop());
        let mut op = op;
        let constant = |operand: &Operand| matches!(operand.loc, Loc::Const(_));
        if constant(&lhs) && !constant(&rhs) {
            core::mem::swap(&mut lhs, &mut rhs);
            op = index::swapped(op);
        }
        let (mut lhs, mut rhs) = self.pair(&lhs, &rhs);
        if rhs == Src::Acc {
            core::mem::swap(&mut lhs, &mut rhs);
            op = index::swapped(op);
        }
        self.free_acc(Class::Int);
        self.emit_compare(op, lhs, rhs)
    }

    fn emit_compare(&mut self, op: RelOp, lhs: Src, rhs: Src) -> Lowered {
        let mirror = self.mirror[Class::Int as usize];
        let size = imm_size(op.operands()[0]);
        let at = self.op_to_acc(index::binary(index::relop(op), lhs, rhs), ValType::I32)?;
        self.put_src(lhs, size);
        self.put_src(rhs, size);
        self.last = Last::Compare(Compare { at, op, lhs, rhs, mirror });
        Ok(())
    }

    pub fn lower_wideop(&mut self, op: WideOp) -> Lowered {
        let count = op.operands().len();
        let mut slots = [0; 4];
        for slot in slots[..count].iter_mut().rev() {
            let operand = self.pop();
            *slot = self.slot(&operand);
        }
        self.push_home(ValType::I64)?;
        let lo = self.top_home();
        self.push_home(ValType::I64)?;
        let hi = self.top_home();
        self.op(crate::exec::base::WIDE + op as usize);
        for slot in [lo, hi].into_iter().chain(slots[..count].iter().copied()) {
            self.put_u16(slot);
        }
        Ok(())
    }

    /// Emits a branch taken if the popped condition is `when`; returns where the instruction is.
    /// Its distance is its last operand.
    pub fn emit_br_if(&mut self, condition: Condition, when: bool) -> usize {
        match condition {
            Condition::Compare { op, lhs, rhs, negate } => {
                let (op, when) = match index::negated(op) {
                    Some(negated) if when == negate => (negated, true),
                    _ => (op, when != negate),
                };
                let at = self.op(index::br_cmp(op, lhs, rhs, when));
                let size = imm_size(op.operands()[0]);
                self.put_src(lhs, size);
                self.put_src(rhs, size);
                at
            }
            Condition::Value { src, negate } => {
                let at = self.op(index::br_if(src, when != negate));
                self.put_src(src, 4);
                at
            }
        }
    }

    /// Pops a condition. If the last instruction was the comparison that made it, that is taken
    /// back and becomes part of what uses the condition.
    pub fn pop_condition(&mut self) -> Condition {
        let last = self.last;
        let operand = self.pop();
        let (condition, at, mirror) = match last {
            Last::Compare(Compare { at, op, lhs, rhs, mirror }) => {
                (Condition::Compare { op, lhs, rhs, negate: false }, at, mirror)
            }
            Last::Eqz { compare: Some(Compare { at, op, lhs, rhs, mirror }), .. } => {
                (Condition::Compare { op, lhs, rhs, negate: true }, at, mirror)
            }
            Last::Eqz { at, of, mirror, .. } => {
                (Condition::Value { src: of, negate: true }, at, mirror)
            }
            Last::Nothing => {
                let src = self.src_or_slot(&operand);
                return Condition::Value { src, negate: false };
            }
        };
        self.take_back(at);
        self.mirror[Class::Int as usize] = mirror;
        condition
    }
}

/// What a branch depends on.
#[derive(Clone, Copy, Debug)]
pub enum Condition {
    /// A comparison.
    Compare { op: RelOp, lhs: Src, rhs: Src, negate: bool },
    /// An `i32` that is not zero.
    Value { src: Src, negate: bool },
}
