//! Values of constant expressions. Spec: *Validation → Constant Expressions*, evaluated as in
//! *Execution → Modules → Instantiation*.

use crate::gc::i31_slot;
use crate::numerics;
use crate::store::StoreInner;
use crate::types::TypeId;
use crate::val::split;
use crate::vm::{Slot, instance_func};
use crate::{Result, Unsupported, V128};
use alloc::vec::Vec;
use rwasm_parser::ops::BinOp;
use rwasm_parser::walk::{AggregateOp, Const};
use rwasm_parser::{ConstExpr, ConstOp, FuncIdx, TypeIdx};

/// A value as slots; all but vectors use the first.
pub type Value = [Slot; 2];

/// The value of `expr` in the instance at `instance`, whose globals before the expression are
/// initialised.
pub fn eval(store: &mut StoreInner, instance: u32, expr: &ConstExpr) -> Result<Value> {
    if let ConstExpr::One(op) = expr
        && let Some(value) = operand(store, instance, op)
    {
        return Ok(value);
    }
    // The operands are where a collection finds them.
    let base = store.temps.len();
    let mut stack = Stack { store, base, instance };
    let result = expr.ops().iter().try_for_each(|op| stack.apply(op)).map(|()| stack.pop());
    store.temps.truncate(base);
    result
}

/// The operands of an expression: the slots of the store's temporary values from `base` on, two
/// for each.
struct Stack<'a> {
    store: &'a mut StoreInner,
    base: usize,
    instance: u32,
}

impl Stack<'_> {
    fn push(&mut self, value: Value) {
        self.store.temps.extend_from_slice(&value);
    }

    fn pop(&mut self) -> Value {
        let second = self.store.temps.pop();
        let first = self.store.temps.pop();
        debug_assert!(self.store.temps.len() >= self.base);
        [first, second].map(|slot| slot.expect("validation checked the operands"))
    }

    fn apply(&mut self, op: &ConstOp) -> Result<()> {
        let value = match *op {
            ConstOp::Binop(op) => {
                let (b, a) = (self.pop(), self.pop());
                [binop(op, a[0], b[0])?, 0]
            }
            ConstOp::Aggregate(op) => [self.aggregate(op)?, 0],
            ref op => operand(self.store, self.instance, op).expect("other operators take none"),
        };
        self.push(value);
        Ok(())
    }

    fn aggregate(&mut self, op: AggregateOp) -> Result<Slot> {
        use AggregateOp as A;
        match op {
            A::RefI31 => Ok(i31_slot(self.pop()[0] as u32)),
            A::AnyConvertExtern | A::ExternConvertAny => Ok(self.pop()[0]),
            A::StructNewDefault(ty) => {
                let ty = self.type_id(ty);
                self.store.struct_new_default(ty, &[])
            }
            A::StructNew(ty) => {
                let ty = self.type_id(ty);
                let values = self.fields(ty);
                self.store.struct_new(ty, &values)
            }
            A::StructNewDefaultDesc(ty) => {
                let (ty, descriptor) = (self.type_id(ty), self.pop()[0]);
                self.store.struct_new_default_desc(ty, descriptor)
            }
            A::StructNewDesc(ty) => {
                let (ty, descriptor) = (self.type_id(ty), self.pop()[0]);
                let mut values = self.fields(ty);
                values.push(descriptor);
                self.store.struct_new_desc(ty, &values)
            }
            A::ArrayNew(ty) => {
                let (ty, len) = (self.type_id(ty), self.pop()[0] as u32);
                let value = self.pop();
                self.store.array_new(ty, &value, len)
            }
            A::ArrayNewDefault(ty) => {
                let (ty, len) = (self.type_id(ty), self.pop()[0] as u32);
                self.store.array_new_default(ty, len)
            }
            A::ArrayNewFixed(ty, len) => {
                let ty = self.type_id(ty);
                let slots = self.store.layout(ty).element().slots();
                let values = self.values(core::iter::repeat_n(slots, len as usize));
                self.store.array_new_fixed(ty, &values)
            }
            op => Err(Unsupported::new(alloc::format!("constants made by {op:?}")).into()),
        }
    }

    fn type_id(&self, ty: TypeIdx) -> TypeId {
        self.store.instances[self.instance as usize].module.type_id(ty)
    }

    /// Takes off the values of the fields of a structure.
    fn fields(&mut self, ty: TypeId) -> Vec<Slot> {
        let layout = self.store.layout(ty).clone();
        self.values(layout.fields().iter().map(|field| field.storage.slots()))
    }

    /// Takes off the values that take so many slots each, and packs them.
    fn values(&mut self, slots: impl ExactSizeIterator<Item = usize>) -> Vec<Slot> {
        let at = self.store.temps.len() - slots.len() * 2;
        let pairs = self.store.temps[at..].chunks_exact(2);
        let values = pairs.zip(slots).flat_map(|(pair, slots)| &pair[..slots]).copied().collect();
        self.store.temps.truncate(at);
        values
    }
}

/// The value of an operator, if it is one that takes none and makes no object.
fn operand(store: &mut StoreInner, instance: u32, op: &ConstOp) -> Option<Value> {
    let slot = match *op {
        ConstOp::Const(Const::I32(value) | Const::F32(value)) => value.into(),
        ConstOp::Const(Const::I64(value) | Const::F64(value)) => value,
        ConstOp::Const(Const::V128(bytes)) => {
            let (low, high) = split(V128(bytes));
            return Some([low, high]);
        }
        ConstOp::GlobalGet(idx) => {
            let addr = store.instances[instance as usize].addrs.globals[idx.index()];
            return Some(store.globals[addr as usize].vm.value);
        }
        ConstOp::RefNull(_) => 0,
        ConstOp::RefFunc(idx) => func_slot(store, instance, idx),
        ConstOp::Binop(_) | ConstOp::Aggregate(_) => return None,
    };
    Some([slot, 0])
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
