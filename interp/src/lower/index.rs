//! Numbers of handlers, from what lowering knows. The formulas are those of the handlers.

use super::{Class, Loc, Src};
use crate::exec::base;
use crate::exec::list::Single;
use crate::exec::memory::store_pair;
use crate::exec::numeric::pair;
use rwasm_parser::ops::*;

/// The number of a source: slot, accumulator, immediate.
pub fn source(src: Src) -> usize {
    match src {
        Src::Slot(_) => 0,
        Src::Acc => 1,
        Src::Const(_) => 2,
    }
}

pub fn unary(id: usize, src: Src) -> usize {
    base::UNARY + id * 4 + source(src) * 2
}

pub fn unop(op: UnOp) -> usize {
    op as usize
}

pub fn testop(op: TestOp) -> usize {
    UnOp::COUNT + op as usize
}

pub fn cvtop(op: CvtOp) -> usize {
    UnOp::COUNT + TestOp::COUNT + op as usize
}

pub fn binary(id: usize, lhs: Src, rhs: Src) -> usize {
    base::BINARY + id * 10 + pair(source(lhs), source(rhs)) * 2
}

pub fn binop(op: BinOp) -> usize {
    op as usize
}

pub fn relop(op: RelOp) -> usize {
    BinOp::COUNT + op as usize
}

pub fn br_cmp(op: RelOp, lhs: Src, rhs: Src, when: bool) -> usize {
    base::BRANCH + op as usize * 10 + pair(source(lhs), source(rhs)) * 2 + usize::from(when)
}

pub fn load(op: LoadOp, addr: Src, shared: bool) -> usize {
    base::LOAD + access(op as usize, LoadOp::COUNT, shared) * 4 + source(addr) * 2
}

pub fn store(op: StoreOp, addr: Src, value: Src, shared: bool) -> usize {
    let pair = store_pair(source(addr), source(value));
    base::STORE + access(op as usize, StoreOp::COUNT, shared) * 6 + pair
}

/// The number of an access among `count` of its class.
pub fn access(id: usize, count: usize, shared: bool) -> usize {
    id + if shared { count } else { 0 }
}

pub fn single(single: Single) -> usize {
    base::SINGLE + single as usize
}

pub fn spill(class: Class) -> usize {
    single(match class {
        Class::F32 => Single::SpillF32,
        Class::F64 => Single::SpillF64,
        _ => Single::SpillInt,
    })
}

pub fn br_if(src: Src, when: bool) -> usize {
    single(match (src, when) {
        (Src::Acc, true) => Single::BrIfNonZeroA,
        (Src::Acc, false) => Single::BrIfZeroA,
        (_, true) => Single::BrIfNonZeroS,
        (_, false) => Single::BrIfZeroS,
    })
}

pub fn global_get(class: Class) -> usize {
    single(match class {
        Class::Int => Single::GlobalGetInt,
        Class::F32 => Single::GlobalGetF32,
        Class::F64 => Single::GlobalGetF64,
        Class::Vector => Single::GlobalGetV128,
    })
}

pub fn select(class: Class, condition: Src) -> usize {
    let acc = condition == Src::Acc;
    single(match (class, acc) {
        (Class::Int, false) => Single::SelectIntS,
        (Class::Int, true) => Single::SelectIntA,
        (Class::F32, false) => Single::SelectF32S,
        (Class::F32, true) => Single::SelectF32A,
        (Class::F64, false) => Single::SelectF64S,
        (Class::F64, true) => Single::SelectF64A,
        (Class::Vector, _) => Single::SelectV128,
    })
}

/// The comparison that is true when `op` is false; there is none for floats, because of NaN.
pub fn negated(op: RelOp) -> Option<RelOp> {
    use RelOp::*;
    Some(match op {
        I32Eq => I32Ne,
        I32Ne => I32Eq,
        I32LtS => I32GeS,
        I32LtU => I32GeU,
        I32GtS => I32LeS,
        I32GtU => I32LeU,
        I32LeS => I32GtS,
        I32LeU => I32GtU,
        I32GeS => I32LtS,
        I32GeU => I32LtU,
        I64Eq => I64Ne,
        I64Ne => I64Eq,
        I64LtS => I64GeS,
        I64LtU => I64GeU,
        I64GtS => I64LeS,
        I64GtU => I64LeU,
        I64LeS => I64GtS,
        I64LeU => I64GtU,
        I64GeS => I64LtS,
        I64GeU => I64LtU,
        _ => return None,
    })
}

/// The comparison with its operands exchanged.
pub fn swapped(op: RelOp) -> RelOp {
    use RelOp::*;
    match op {
        I32LtS => I32GtS,
        I32LtU => I32GtU,
        I32GtS => I32LtS,
        I32GtU => I32LtU,
        I32LeS => I32GeS,
        I32LeU => I32GeU,
        I32GeS => I32LeS,
        I32GeU => I32LeU,
        I64LtS => I64GtS,
        I64LtU => I64GtU,
        I64GtS => I64LtS,
        I64GtU => I64LtU,
        I64LeS => I64GeS,
        I64LeU => I64GeU,
        I64GeS => I64LeS,
        I64GeU => I64LeU,
        F32Lt => F32Gt,
        F32Gt => F32Lt,
        F32Le => F32Ge,
        F32Ge => F32Le,
        F64Lt => F64Gt,
        F64Gt => F64Lt,
        F64Le => F64Ge,
        F64Ge => F64Le,
        I32Eq | I32Ne | I64Eq | I64Ne | F32Eq | F32Ne | F64Eq | F64Ne => op,
    }
}

/// A subtraction of a constant as an addition, of which there are more fusions.
pub fn as_addition(op: BinOp, rhs: Loc) -> (BinOp, Loc) {
    match (op, rhs) {
        (BinOp::I32Sub, Loc::Const(value)) => {
            (BinOp::I32Add, Loc::Const((value as u32).wrapping_neg().into()))
        }
        (BinOp::I64Sub, Loc::Const(value)) => (BinOp::I64Add, Loc::Const(value.wrapping_neg())),
        same => same,
    }
}

/// Whether the operands of `op` may be exchanged. Which NaN a float operator gives is open.
pub fn commutes(op: BinOp) -> bool {
    use BinOp::*;
    matches!(
        op,
        I32Add
            | I32Mul
            | I32And
            | I32Or
            | I32Xor
            | I64Add
            | I64Mul
            | I64And
            | I64Or
            | I64Xor
            | F32Add
            | F32Mul
            | F64Add
            | F64Mul
    )
}
