//! Constant expressions. Spec: *Validation → Instructions → Constant Expressions*.

use super::aggregate;
use super::module::declare_func;
use super::operands::Cx;
use super::reference::func_ref;
use super::types::check_heaptype;
use crate::binary::Builder;
use crate::syntax::*;
use crate::walk::Const;
use crate::{Features, Invalid};
use alloc::format;

/// Checks that the expression that was decoded last gives one value of the type `expected`.
pub(crate) fn check(b: &mut Builder<'_>, expected: ValType, end: usize) -> Result<(), Invalid> {
    b.operands.clear();
    for i in 0..b.const_ops().len() {
        let (at, op) = b.const_ops()[i];
        check_op(b, at, op)?;
    }
    let cx = Cx { types: &b.types, offset: end };
    b.operands.pop(cx, expected)?;
    b.operands.finish(cx)
}

fn check_op(b: &mut Builder<'_>, at: usize, op: ConstOp) -> Result<(), Invalid> {
    let ty = match op {
        ConstOp::Const(value) => value.ty(),
        ConstOp::GlobalGet(idx) => global_get(b, at, idx)?,
        ConstOp::RefNull(heap) => {
            check_heaptype(&b.types, at, heap)?;
            RefType::new(true, heap).into()
        }
        ConstOp::RefFunc(func) => {
            declare_func(b, at, func)?;
            let is_exact = func.0 >= b.imported.funcs || b.exact_imports.contains(func.0);
            func_ref(&b.types, b.funcs[func.index()], is_exact)
        }
        ConstOp::Binop(op) => {
            let cx = Cx { types: &b.types, offset: at };
            op.operands().iter().try_for_each(|&ty| b.operands.pop(cx, ty).map(drop))?;
            op.results()[0]
        }
        ConstOp::Aggregate(op) => {
            let cx = Cx { types: &b.types, offset: at };
            return aggregate::check(cx, &mut b.operands, &[], op);
        }
    };
    b.operands.push(ty);
    Ok(())
}

fn global_get(b: &Builder<'_>, at: usize, idx: GlobalIdx) -> Result<ValType, Invalid> {
    let Some(ty) = b.globals.get(idx.index()) else {
        return Err(Invalid::new(at, format!("unknown global {}", idx.0)));
    };
    if ty.mutable {
        let message = format!("constant expression required: global {} is mutable", idx.0);
        return Err(Invalid::new(at, message));
    }
    if idx.0 >= b.imported.globals && !b.features.contains(Features::GC) {
        let message = format!(
            "constant expression required: global {} is not imported (needs the feature `gc`)",
            idx.0
        );
        return Err(Invalid::new(at, message));
    }
    Ok(ty.content)
}

impl Const {
    /// The type of the constant.
    #[inline]
    pub const fn ty(self) -> ValType {
        match self {
            Const::I32(_) => ValType::I32,
            Const::I64(_) => ValType::I64,
            Const::F32(_) => ValType::F32,
            Const::F64(_) => ValType::F64,
            Const::V128(_) => ValType::V128,
        }
    }
}
