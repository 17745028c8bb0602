//! Constant expressions, and immediates that they share with function bodies. Spec: *Binary Format
//! → Instructions*.

use super::Reader;
use super::module::Builder;
use super::types::disabled;
use crate::ops::{BinOp, CustomOp, Op, PLAIN};
use crate::syntax::*;
use crate::valid;
use crate::walk::{AggregateOp, Const};
use crate::{DecodeError, Features, Invalid, Malformed};
use alloc::boxed::Box;
use alloc::format;

impl Reader<'_> {
    /// An operator, which may be of a feature that is off.
    fn any_op(&mut self) -> Result<Op, Malformed> {
        let at = self.pos();
        let byte = self.u8()?;
        match PLAIN[byte as usize] {
            Some(op) => Ok(op),
            None if Op::is_prefix(byte) => {
                let sub = self.u32()?;
                Op::prefixed(byte, sub).ok_or_else(|| {
                    Malformed::new(at, format!("illegal opcode {byte:02x} {sub:02x}"))
                })
            }
            None => Err(Malformed::new(at, format!("illegal opcode {byte:02x}"))),
        }
    }

    /// An operator.
    #[inline]
    pub(crate) fn op(&mut self) -> Result<Op, Malformed> {
        let at = self.pos();
        let op = self.any_op()?;
        if self.features.contains(op.feature()) {
            return Ok(op);
        }
        Err(disabled(at, op.feature(), &format!("illegal opcode: {}", op.mnemonic())))
    }

    /// The immediates of an operator on structures, arrays or `i31`; `None` if it is no such.
    pub(crate) fn aggregate_op(&mut self, op: CustomOp) -> Result<Option<AggregateOp>, Malformed> {
        Ok(Some(match op {
            CustomOp::StructNew => AggregateOp::StructNew(self.typeidx()?),
            CustomOp::StructNewDefault => AggregateOp::StructNewDefault(self.typeidx()?),
            CustomOp::StructNewDesc => AggregateOp::StructNewDesc(self.typeidx()?),
            CustomOp::StructNewDefaultDesc => AggregateOp::StructNewDefaultDesc(self.typeidx()?),
            CustomOp::StructGet => AggregateOp::StructGet(self.typeidx()?, self.fieldidx()?),
            CustomOp::StructGetS => AggregateOp::StructGetS(self.typeidx()?, self.fieldidx()?),
            CustomOp::StructGetU => AggregateOp::StructGetU(self.typeidx()?, self.fieldidx()?),
            CustomOp::StructSet => AggregateOp::StructSet(self.typeidx()?, self.fieldidx()?),
            CustomOp::ArrayNew => AggregateOp::ArrayNew(self.typeidx()?),
            CustomOp::ArrayNewDefault => AggregateOp::ArrayNewDefault(self.typeidx()?),
            CustomOp::ArrayNewFixed => AggregateOp::ArrayNewFixed(self.typeidx()?, self.u32()?),
            CustomOp::ArrayNewData => {
                AggregateOp::ArrayNewData(self.typeidx()?, DataIdx(self.u32()?))
            }
            CustomOp::ArrayNewElem => {
                AggregateOp::ArrayNewElem(self.typeidx()?, ElemIdx(self.u32()?))
            }
            CustomOp::ArrayGet => AggregateOp::ArrayGet(self.typeidx()?),
            CustomOp::ArrayGetS => AggregateOp::ArrayGetS(self.typeidx()?),
            CustomOp::ArrayGetU => AggregateOp::ArrayGetU(self.typeidx()?),
            CustomOp::ArraySet => AggregateOp::ArraySet(self.typeidx()?),
            CustomOp::ArrayLen => AggregateOp::ArrayLen,
            CustomOp::ArrayFill => AggregateOp::ArrayFill(self.typeidx()?),
            CustomOp::ArrayCopy => AggregateOp::ArrayCopy(self.typeidx()?, self.typeidx()?),
            CustomOp::ArrayInitData => {
                AggregateOp::ArrayInitData(self.typeidx()?, DataIdx(self.u32()?))
            }
            CustomOp::ArrayInitElem => {
                AggregateOp::ArrayInitElem(self.typeidx()?, ElemIdx(self.u32()?))
            }
            CustomOp::AnyConvertExtern => AggregateOp::AnyConvertExtern,
            CustomOp::ExternConvertAny => AggregateOp::ExternConvertAny,
            CustomOp::RefI31 => AggregateOp::RefI31,
            CustomOp::I31GetS => AggregateOp::I31GetS,
            CustomOp::I31GetU => AggregateOp::I31GetU,
            _ => return Ok(None),
        }))
    }

    pub(crate) fn typeidx(&mut self) -> Result<TypeIdx, Malformed> {
        self.u32().map(TypeIdx)
    }

    fn fieldidx(&mut self) -> Result<FieldIdx, Malformed> {
        self.u32().map(FieldIdx)
    }

    /// The immediate of a constant operator; `None` if it is no such.
    pub(crate) fn const_op(&mut self, op: CustomOp) -> Result<Option<Const>, Malformed> {
        Ok(Some(match op {
            CustomOp::I32Const => Const::I32(self.s32()? as u32),
            CustomOp::I64Const => Const::I64(self.s64()? as u64),
            CustomOp::F32Const => Const::F32(self.bits32()?),
            CustomOp::F64Const => Const::F64(self.bits64()?),
            CustomOp::V128Const => Const::V128(self.bytes16()?),
            _ => return Ok(None),
        }))
    }
}

impl Reader<'_> {
    /// The value of a constant expression that is one `i32.const`, which most are. `None`, and
    /// nothing is read, if it is another.
    #[inline]
    fn one_i32_const(&mut self) -> Option<u32> {
        let mut ahead = self.clone();
        if !matches!(PLAIN[ahead.u8().ok()? as usize], Some(Op::CustomOp(CustomOp::I32Const))) {
            return None;
        }
        let value = ahead.s32().ok()?;
        if !matches!(PLAIN[ahead.u8().ok()? as usize], Some(Op::CustomOp(CustomOp::End))) {
            return None;
        }
        *self = ahead;
        Some(value as u32)
    }
}

impl Builder<'_> {
    /// A constant expression that gives a value of the type `expected`.
    pub(super) fn const_expr(
        &mut self,
        reader: &mut Reader<'_>,
        expected: ValType,
    ) -> Result<ConstExpr, DecodeError> {
        if expected == ValType::I32
            && let Some(value) = reader.one_i32_const()
        {
            return Ok(ConstExpr::One(ConstOp::Const(Const::I32(value))));
        }
        self.const_ops.clear();
        let end = loop {
            let at = reader.pos();
            let op = reader.op()?;
            if op == Op::CustomOp(CustomOp::End) {
                break at;
            }
            match const_op(reader, op)? {
                Some(op) => self.const_ops.push((at, op)),
                None => {
                    let message = format!("constant expression required: found {}", op.mnemonic());
                    return Err(Invalid::new(at, message).into());
                }
            }
        };
        self.check(|builder| valid::const_expr::check(builder, expected, end));
        Ok(match &self.const_ops[..] {
            [(_, op)] => ConstExpr::One(*op),
            ops => ConstExpr::Many(ops.iter().map(|entry| entry.1).collect::<Box<[_]>>()),
        })
    }

    /// The operators of the constant expression that is being decoded, with their offsets.
    pub(crate) fn const_ops(&self) -> &[(usize, ConstOp)] {
        &self.const_ops
    }
}

/// An operator of a constant expression; `None` if it cannot stand there.
fn const_op(reader: &mut Reader<'_>, op: Op) -> Result<Option<ConstOp>, Malformed> {
    let extended = reader.features.contains(Features::EXTENDED_CONST);
    let op = match op {
        Op::BinOp(
            op @ (BinOp::I32Add
            | BinOp::I32Sub
            | BinOp::I32Mul
            | BinOp::I64Add
            | BinOp::I64Sub
            | BinOp::I64Mul),
        ) if extended => return Ok(Some(ConstOp::Binop(op))),
        Op::CustomOp(op) => op,
        _ => return Ok(None),
    };
    Ok(match op {
        CustomOp::GlobalGet => Some(ConstOp::GlobalGet(GlobalIdx(reader.u32()?))),
        CustomOp::RefNull => Some(ConstOp::RefNull(reader.heaptype()?)),
        CustomOp::RefFunc => Some(ConstOp::RefFunc(FuncIdx(reader.u32()?))),
        CustomOp::StructNew
        | CustomOp::StructNewDefault
        | CustomOp::StructNewDesc
        | CustomOp::StructNewDefaultDesc
        | CustomOp::ArrayNew
        | CustomOp::ArrayNewDefault
        | CustomOp::ArrayNewFixed
        | CustomOp::AnyConvertExtern
        | CustomOp::ExternConvertAny
        | CustomOp::RefI31 => reader.aggregate_op(op)?.map(ConstOp::Aggregate),
        _ => reader.const_op(op)?.map(ConstOp::Const),
    })
}
