//! Tests of the operator table.

use super::*;
use alloc::collections::BTreeMap;

#[test]
fn every_opcode_finds_its_operator() {
    let mut seen = BTreeMap::new();
    for op in Op::all() {
        assert_eq!(Op::from_opcode(op.opcode()), Some(op), "{}", op.mnemonic());
        assert_eq!(seen.insert(op.opcode(), op), None, "{} twice", op.mnemonic());
    }
    assert_eq!(seen.len(), Op::COUNT);
}

#[test]
fn an_operator_is_two_bytes() {
    assert_eq!(size_of::<Option<Op>>(), 2);
}

#[test]
fn signatures_come_from_the_rows() {
    assert_eq!(BinOp::I64Sub.operands(), [ValType::I64, ValType::I64]);
    assert_eq!(RelOp::F32Lt.results(), [ValType::I32]);
    assert_eq!(StoreOp::I64Store8.operands(), [ValType::I64]);
    assert_eq!(StoreOp::I64Store8.size_bytes(), 1);
    assert_eq!(LoadOp::F64Load.operands(), []);
    assert_eq!(AtomicCmpxchgOp::I64AtomicRmw16CmpxchgU.operands(), [ValType::I64; 2]);
    assert_eq!(CustomOp::CallIndirect.immediates(), ["TypeIdx", "TableIdx"]);
}
