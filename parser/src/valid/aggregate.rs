//! Structures, arrays and `i31`. Spec: *Validation → Instructions → Aggregate Instructions*.

use super::operands::{Cx, Operands};
use super::types::unknown_type;
use crate::ops::CustomOp;
use crate::syntax::*;
use crate::walk::{AggregateOp, Sink, Walk, Walked};
use crate::{Invalid, Malformed};
use alloc::format;

impl<S: Sink> Walk<'_, '_, S> {
    pub(crate) fn aggregate(&mut self, op: CustomOp) -> Walked<S> {
        let Some(op) = self.reader.aggregate_op(op)? else {
            return Err(
                Malformed::new(self.offset, format!("illegal opcode: {}", op.mnemonic())).into()
            );
        };
        if let AggregateOp::ArrayNewData(_, data) | AggregateOp::ArrayInitData(_, data) = op {
            self.data(data)?;
        }
        check(self.cx(), &mut self.operands, &self.module.elems, op)?;
        self.emit(|sink, at| sink.aggregate(at, op))
    }
}

const I32: ValType = ValType::I32;

/// Checks an operator; `elems` are the element segments of the module.
pub(crate) fn check(
    cx: Cx<'_>,
    operands: &mut Operands,
    elems: &[Elem],
    op: AggregateOp,
) -> Result<(), Invalid> {
    let mut pop = |ty: ValType| operands.pop(cx, ty).map(drop);
    let result = match op {
        AggregateOp::StructNew(idx) => {
            pop_fields(cx, operands, undescribed(cx, idx)?)?;
            made(cx, idx)
        }
        AggregateOp::StructNewDefault(idx) => {
            undescribed(cx, idx)?;
            default_fields(cx, idx)?;
            made(cx, idx)
        }
        AggregateOp::StructNewDesc(idx) => {
            let (fields, descriptor) = described(cx, idx)?;
            pop(descriptor)?;
            pop_fields(cx, operands, fields)?;
            made(cx, idx)
        }
        AggregateOp::StructNewDefaultDesc(idx) => {
            let (_, descriptor) = described(cx, idx)?;
            default_fields(cx, idx)?;
            pop(descriptor)?;
            made(cx, idx)
        }
        AggregateOp::StructGet(idx, field) => {
            let storage = whole(cx, field_of(cx, idx, field)?.storage)?;
            pop(nullable(idx))?;
            storage
        }
        AggregateOp::StructGetS(idx, field) | AggregateOp::StructGetU(idx, field) => {
            packed(cx, field_of(cx, idx, field)?.storage)?;
            pop(nullable(idx))?;
            I32
        }
        AggregateOp::StructSet(idx, field) => {
            let field = field_of(cx, idx, field)?;
            if !field.mutable {
                return Err(Invalid::new(cx.offset, "immutable field"));
            }
            pop(field.storage.unpacked())?;
            return pop(nullable(idx));
        }
        AggregateOp::ArrayNew(idx) => {
            let element = array(cx, idx)?;
            pop(I32)?;
            pop(element.storage.unpacked())?;
            made(cx, idx)
        }
        AggregateOp::ArrayNewDefault(idx) => {
            if !array(cx, idx)?.storage.unpacked().is_defaultable() {
                return Err(not_defaultable(cx, "element"));
            }
            pop(I32)?;
            made(cx, idx)
        }
        AggregateOp::ArrayNewFixed(idx, len) => {
            let element = array(cx, idx)?.storage.unpacked();
            for _ in 0..len {
                if operands.is_endless() {
                    break;
                }
                operands.pop(cx, element)?;
            }
            made(cx, idx)
        }
        AggregateOp::ArrayNewData(idx, _) => {
            numeric(cx, array(cx, idx)?)?;
            pop(I32)?;
            pop(I32)?;
            made(cx, idx)
        }
        AggregateOp::ArrayNewElem(idx, elem) => {
            elem_matches(cx, elems, elem, array(cx, idx)?)?;
            pop(I32)?;
            pop(I32)?;
            made(cx, idx)
        }
        AggregateOp::ArrayGet(idx) => {
            let element = whole(cx, array(cx, idx)?.storage)?;
            pop(I32)?;
            pop(nullable(idx))?;
            element
        }
        AggregateOp::ArrayGetS(idx) | AggregateOp::ArrayGetU(idx) => {
            packed(cx, array(cx, idx)?.storage)?;
            pop(I32)?;
            pop(nullable(idx))?;
            I32
        }
        AggregateOp::ArraySet(idx) => {
            let element = mutable_array(cx, idx)?;
            pop(element.storage.unpacked())?;
            pop(I32)?;
            return pop(nullable(idx));
        }
        AggregateOp::ArrayLen => {
            pop(RefType::new(true, HeapType::Array).into())?;
            I32
        }
        AggregateOp::ArrayFill(idx) => {
            let element = mutable_array(cx, idx)?;
            pop(I32)?;
            pop(element.storage.unpacked())?;
            pop(I32)?;
            return pop(nullable(idx));
        }
        AggregateOp::ArrayCopy(dst, src) => {
            let (to, from) = (mutable_array(cx, dst)?, array(cx, src)?);
            let matches = match (from.storage, to.storage) {
                (StorageType::Val(from), StorageType::Val(to)) => cx.types.matches(from, to),
                (from, to) => from == to,
            };
            if !matches {
                return Err(Invalid::new(cx.offset, "array types do not match"));
            }
            pop(I32)?;
            pop(I32)?;
            pop(nullable(src))?;
            pop(I32)?;
            return pop(nullable(dst));
        }
        AggregateOp::ArrayInitData(idx, _) => {
            numeric(cx, mutable_array(cx, idx)?)?;
            for _ in 0..3 {
                pop(I32)?;
            }
            return pop(nullable(idx));
        }
        AggregateOp::ArrayInitElem(idx, elem) => {
            elem_matches(cx, elems, elem, mutable_array(cx, idx)?)?;
            for _ in 0..3 {
                pop(I32)?;
            }
            return pop(nullable(idx));
        }
        AggregateOp::AnyConvertExtern => convert(cx, operands, HeapType::Extern, HeapType::Any)?,
        AggregateOp::ExternConvertAny => convert(cx, operands, HeapType::Any, HeapType::Extern)?,
        AggregateOp::RefI31 => {
            pop(I32)?;
            RefType::new(false, HeapType::I31).into()
        }
        AggregateOp::I31GetS | AggregateOp::I31GetU => {
            pop(RefType::new(true, HeapType::I31).into())?;
            I32
        }
    };
    operands.push(result);
    Ok(())
}

/// The type of a new object of type `idx`.
fn made(cx: Cx<'_>, idx: TypeIdx) -> ValType {
    RefType::new(false, cx.types.made(idx)).into()
}

fn nullable(idx: TypeIdx) -> ValType {
    RefType::new(true, HeapType::Concrete(idx)).into()
}

/// Null converts to null, and nothing else does.
fn convert(
    cx: Cx<'_>,
    operands: &mut Operands,
    from: HeapType,
    to: HeapType,
) -> Result<ValType, Invalid> {
    let found = operands.pop(cx, RefType::new(true, from).into())?;
    Ok(RefType::new(found.as_ref().is_some_and(RefType::nullable), to).into())
}

fn structure(cx: Cx<'_>, idx: TypeIdx) -> Result<&[FieldType], Invalid> {
    match cx.types.subs.get(idx.index()).map(|sub| &sub.composite) {
        Some(CompositeType::Struct(fields)) => Ok(fields),
        Some(_) => {
            let message = format!("type mismatch: expected a structure, type {} is none", idx.0);
            Err(Invalid::new(cx.offset, message))
        }
        None => Err(unknown_type(cx.offset, idx)),
    }
}

/// The fields of a structure that is made without a descriptor.
fn undescribed(cx: Cx<'_>, idx: TypeIdx) -> Result<&[FieldType], Invalid> {
    let fields = structure(cx, idx)?;
    if cx.types.get(idx).descriptor.is_none() {
        return Ok(fields);
    }
    let message = format!("type with descriptor requires descriptor allocation: type {}", idx.0);
    Err(Invalid::new(cx.offset, message))
}

/// The fields of a structure that is made with a descriptor, and the type of the descriptor, which
/// is exact: one of a subtype would claim fields that the structure does not have.
fn described(cx: Cx<'_>, idx: TypeIdx) -> Result<(&[FieldType], ValType), Invalid> {
    let fields = structure(cx, idx)?;
    if let Some(descriptor) = cx.types.get(idx).descriptor {
        return Ok((fields, RefType::new(true, HeapType::Exact(descriptor)).into()));
    }
    let message =
        format!("type without descriptor requires non-descriptor allocation: type {}", idx.0);
    Err(Invalid::new(cx.offset, message))
}

fn pop_fields(cx: Cx<'_>, operands: &mut Operands, fields: &[FieldType]) -> Result<(), Invalid> {
    for field in fields.iter().rev() {
        if operands.is_endless() {
            break;
        }
        operands.pop(cx, field.storage.unpacked())?;
    }
    Ok(())
}

/// Fails for structures with fields that have no default.
fn default_fields(cx: Cx<'_>, idx: TypeIdx) -> Result<(), Invalid> {
    match cx.types.not_defaultable.contains(idx.0) {
        true => Err(not_defaultable(cx, "field")),
        false => Ok(()),
    }
}

fn field_of(cx: Cx<'_>, idx: TypeIdx, field: FieldIdx) -> Result<FieldType, Invalid> {
    structure(cx, idx)?
        .get(field.index())
        .copied()
        .ok_or_else(|| Invalid::new(cx.offset, format!("unknown field {} of {}", field.0, idx.0)))
}

fn array(cx: Cx<'_>, idx: TypeIdx) -> Result<FieldType, Invalid> {
    match cx.types.subs.get(idx.index()).map(|sub| &sub.composite) {
        Some(CompositeType::Array(element)) => Ok(*element),
        Some(_) => {
            let message = format!("type mismatch: expected an array, type {} is none", idx.0);
            Err(Invalid::new(cx.offset, message))
        }
        None => Err(unknown_type(cx.offset, idx)),
    }
}

fn mutable_array(cx: Cx<'_>, idx: TypeIdx) -> Result<FieldType, Invalid> {
    let element = array(cx, idx)?;
    if element.mutable { Ok(element) } else { Err(Invalid::new(cx.offset, "immutable array")) }
}

/// The type of storage that is read whole.
fn whole(cx: Cx<'_>, storage: StorageType) -> Result<ValType, Invalid> {
    match storage {
        StorageType::Val(ty) => Ok(ty),
        _ => {
            let message = "type mismatch: packed storage is read with `_s` or `_u`";
            Err(Invalid::new(cx.offset, message))
        }
    }
}

/// Fails for storage that is read whole.
fn packed(cx: Cx<'_>, storage: StorageType) -> Result<(), Invalid> {
    match storage {
        StorageType::Val(ty) => {
            let message = format!("type mismatch: expected packed storage, found {ty}");
            Err(Invalid::new(cx.offset, message))
        }
        _ => Ok(()),
    }
}

/// Fails for arrays that cannot be filled from bytes.
fn numeric(cx: Cx<'_>, element: FieldType) -> Result<(), Invalid> {
    match element.storage {
        StorageType::Val(ty) if ty.is_ref() => {
            Err(Invalid::new(cx.offset, "array type is not numeric or vector"))
        }
        _ => Ok(()),
    }
}

fn elem_matches(
    cx: Cx<'_>,
    elems: &[Elem],
    elem: ElemIdx,
    element: FieldType,
) -> Result<(), Invalid> {
    let Some(segment) = elems.get(elem.index()) else {
        return Err(Invalid::new(cx.offset, format!("unknown elem segment {}", elem.0)));
    };
    match element.storage {
        StorageType::Val(ty) if cx.types.matches(segment.ty.into(), ty) => Ok(()),
        _ => {
            let message = format!("type mismatch: elements of type {} do not match", segment.ty);
            Err(Invalid::new(cx.offset, message))
        }
    }
}

#[cold]
fn not_defaultable(cx: Cx<'_>, what: &str) -> Invalid {
    Invalid::new(cx.offset, format!("type mismatch: {what} type is not defaultable"))
}

impl StorageType {
    /// The type of the operand that is stored.
    #[inline]
    pub const fn unpacked(self) -> ValType {
        match self {
            StorageType::I8 | StorageType::I16 => ValType::I32,
            StorageType::Val(ty) => ty,
        }
    }
}
