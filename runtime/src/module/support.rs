//! What valid modules may need and this version does not execute, as far as bodies do not say it.

use crate::Unsupported;
use rwasm_parser::{ConstExpr, ConstOp, ElemItems, Module, SegmentMode};

/// Fails if a constant expression makes a structure, an array or an `i31`.
pub fn check(module: &Module) -> Result<(), Unsupported> {
    let elems = module.elems.iter().flat_map(|elem| match &elem.items {
        ElemItems::Exprs(exprs) => &exprs[..],
        ElemItems::Funcs(_) => &[],
    });
    let elem_offsets = module.elems.iter().filter_map(|elem| offset(&elem.mode));
    let data_offsets = module.datas.iter().filter_map(|data| offset(&data.mode));
    let mut exprs = (module.global_inits.iter())
        .chain(module.table_inits.iter().flatten())
        .chain(elems)
        .chain(elem_offsets)
        .chain(data_offsets);
    let aggregate =
        |expr: &ConstExpr| expr.ops().iter().any(|op| matches!(op, ConstOp::Aggregate(_)));
    match exprs.any(aggregate) {
        true => Err(Unsupported::new("structures, arrays and i31 references")),
        false => Ok(()),
    }
}

fn offset<I>(mode: &SegmentMode<I>) -> Option<&ConstExpr> {
    match mode {
        SegmentMode::Active(_, offset) => Some(offset),
        SegmentMode::Passive | SegmentMode::Declarative => None,
    }
}
