//! Values of constant expressions. Spec: *Validation → Constant Expressions*, evaluated as in
//! *Execution → Modules → Instantiation*.

use crate::numerics;
use crate::store::StoreInner;
use crate::val::split;
use crate::vm::{Slot, instance_func};
use crate::{Result, Unsupported, V128};
use alloc::vec::Vec;
use rwasm_parser::ops::BinOp;
use rwasm_parser::walk::Const;
use rwasm_parser::{ConstExpr, ConstOp, FuncIdx};

/// A value as slots; all but vectors use the first.
pub type Value = [Slot; 2];

/// The value of `expr` in the instance at `instance`, whose globals before the expression are
/// initialised.
pub fn eval(store: &mut StoreInner, instance: u32, expr: &ConstExpr) -> Result<Value> {
    match expr {
        ConstExpr::One(op) => operand(store, instance, op),
        ConstExpr::Many(ops) => many(store, instance, ops),
    }
}

fn many(store: &mut StoreInner, instance: u32, ops: &[ConstOp]) -> Result<Value> {
    let mut stack: Vec<Value> = Vec::new();
    for op in ops {
        let value = match op {
            ConstOp::Binop(op) => {
                let b = stack.pop().expect("validation checked the operands");
                let a = stack.pop().expect("validation checked the operands");
                [binop(*op, a[0], b[0])?, 0]
            }
            op => operand(store, instance, op)?,
        };
        stack.push(value);
    }
    Ok(stack.pop().expect("validation checked that one value is left"))
}

/// The value of an operator that takes none.
fn operand(store: &mut StoreInner, instance: u32, op: &ConstOp) -> Result<Value> {
    let slot = match *op {
        ConstOp::Const(Const::I32(value) | Const::F32(value)) => value.into(),
        ConstOp::Const(Const::I64(value) | Const::F64(value)) => value,
        ConstOp::Const(Const::V128(bytes)) => {
            let (low, high) = split(V128(bytes));
            return Ok([low, high]);
        }
        ConstOp::GlobalGet(idx) => {
            let addr = store.instances[instance as usize].addrs.globals[idx.index()];
            return Ok(store.globals[addr as usize].vm.value);
        }
        ConstOp::RefNull(_) => 0,
        ConstOp::RefFunc(idx) => func_slot(store, instance, idx),
        ConstOp::Binop(_) => unreachable!("validation checked that it has operands"),
        ConstOp::Aggregate(_) => {
            return Err(Unsupported::new("structures, arrays and i31 references").into());
        }
    };
    Ok([slot, 0])
}

/// The reference to a function of the instance.
fn func_slot(store: &mut StoreInner, instance: u32, idx: FuncIdx) -> Slot {
    let instance = store.instances[instance as usize].as_ptr();
    let func = instance_func(store, instance, idx);
    Slot::from(crate::vm::func_addr(func)) + 1
}

fn binop(op: BinOp, a: Slot, b: Slot) -> Result<Slot> {
    let (a32, b32) = (a as u32, b as u32);
    Ok(match op {
        BinOp::I32Add => numerics::i32_add(a32, b32).into(),
        BinOp::I32Sub => numerics::i32_sub(a32, b32).into(),
        BinOp::I32Mul => numerics::i32_mul(a32, b32).into(),
        BinOp::I64Add => numerics::i64_add(a, b),
        BinOp::I64Sub => numerics::i64_sub(a, b),
        BinOp::I64Mul => numerics::i64_mul(a, b),
        op => return Err(Unsupported::new(alloc::format!("constants made by {op:?}")).into()),
    })
}
