//! Structures, arrays, `i31` and casts.

use super::*;
use crate::exec::list::Single;
use rwasm_parser::walk::AggregateOp;
use rwasm_parser::{CompositeType, FieldIdx, HeapType, LabelIdx, RefType, StorageType, TypeIdx};
use rwasm_runtime::types::map_ref;

impl Lowering<'_> {
    /// The identity of a type in the engine.
    pub fn type_id(&self, ty: TypeIdx) -> u32 {
        self.cx.types[ty.index()].0
    }

    /// A reference type as instructions name it, and whether it is of the hierarchy of functions.
    fn put_ref_type(&mut self, ty: RefType) {
        let types = &self.cx.types;
        let global = map_ref(ty, &|idx: TypeIdx| TypeIdx(types[idx.index()].0));
        self.put_u32(global.bits());
        self.put_u32(u32::from(is_func(&self.cx.syntax.types, ty.heap_type())));
    }

    fn field_type(&self, ty: TypeIdx, field: FieldIdx) -> ValType {
        match &self.cx.syntax.types.get(ty).composite {
            CompositeType::Struct(fields) => unpacked(fields[field.index()].storage),
            _ => unreachable!("validated"),
        }
    }

    fn element_type(&self, ty: TypeIdx) -> ValType {
        match &self.cx.syntax.types.get(ty).composite {
            CompositeType::Array(element) => unpacked(element.storage),
            _ => unreachable!("validated"),
        }
    }

    fn field_count(&self, ty: TypeIdx) -> usize {
        match &self.cx.syntax.types.get(ty).composite {
            CompositeType::Struct(fields) => fields.len(),
            _ => unreachable!("validated"),
        }
    }

    /// Pops the topmost `count` operands, which an instruction finds one behind the other from the
    /// returned slot on, and pushes its result.
    fn op_on_row(&mut self, single: Single, count: usize, ty: TypeIdx) -> Lowered {
        self.send_top_home(count);
        self.safepoint();
        let first = self.b.operands.len() - count;
        let home = self.b.operands.get(first).map_or(self.height as u16, |first| first.home);
        for _ in 0..count {
            self.pop();
        }
        self.push_home(concrete(ty))?;
        let dst = self.top_home();
        self.allocating(single);
        self.put_u16(dst);
        self.put_u16(home);
        self.put_u32(self.type_id(ty));
        Ok(())
    }

    /// An instruction on slots that may collect garbage and gives a reference.
    fn allocate<const N: usize>(&mut self, single: Single, ty: TypeIdx) -> Lowered {
        self.send_top_home(N);
        self.safepoint();
        let slots = self.pop_slots::<N>();
        self.push_home(concrete(ty))?;
        let dst = self.top_home();
        self.allocating(single);
        self.put_u16(dst);
        for slot in slots {
            self.put_u16(slot);
        }
        Ok(())
    }

    /// How many elements of an array an operator moves for a unit of fuel: 64 bytes.
    fn elements_per_unit(&self, ty: TypeIdx) -> u16 {
        match &self.cx.syntax.types.get(ty).composite {
            CompositeType::Array(element) => match element.storage {
                StorageType::I8 => 64,
                StorageType::I16 => 32,
                StorageType::Val(ValType::I64 | ValType::F64) => 8,
                StorageType::Val(ValType::V128) => 4,
                StorageType::Val(_) => 16,
            },
            _ => unreachable!("validated"),
        }
    }

    pub fn lower_aggregate(&mut self, op: AggregateOp) -> Lowered {
        use AggregateOp::*;
        match op {
            ArrayNew(ty)
            | ArrayNewDefault(ty)
            | ArrayNewData(ty, _)
            | ArrayNewElem(ty, _)
            | ArrayFill(ty)
            | ArrayCopy(ty, _)
            | ArrayInitData(ty, _)
            | ArrayInitElem(ty, _) => self.begin_bulk(self.elements_per_unit(ty))?,
            _ => {}
        }
        match op {
            StructNew(ty) => self.op_on_row(Single::StructNew, self.field_count(ty), ty),
            StructNewDefault(ty) => self.op_on_row(Single::StructNewDefault, 0, ty),
            StructNewDesc(ty) => {
                self.op_on_row(Single::StructNewDesc, self.field_count(ty) + 1, ty)
            }
            StructNewDefaultDesc(ty) => self.op_on_row(Single::StructNewDefaultDesc, 1, ty),
            StructGet(ty, field) => self.lower_struct_get(ty, field, 0),
            StructGetS(ty, field) => self.lower_struct_get(ty, field, 1),
            StructGetU(ty, field) => self.lower_struct_get(ty, field, 2),
            StructSet(ty, field) => {
                self.op_on_slots::<2>(Single::StructSet, None)?;
                self.put_u32(self.type_id(ty));
                self.put_u32(field.0);
                Ok(())
            }
            ArrayNew(ty) => {
                self.allocate::<2>(Single::ArrayNew, ty)?;
                self.put_u16(0);
                self.put_u32(self.type_id(ty));
                Ok(())
            }
            ArrayNewDefault(ty) => {
                self.allocate::<1>(Single::ArrayNewDefault, ty)?;
                self.put_u32(self.type_id(ty));
                Ok(())
            }
            ArrayNewFixed(ty, len) => {
                self.op_on_row(Single::ArrayNewFixed, len as usize, ty)?;
                self.put_u32(len);
                Ok(())
            }
            ArrayNewData(ty, data) => self.lower_array_new_from(Single::ArrayNewData, ty, data.0),
            ArrayNewElem(ty, elem) => self.lower_array_new_from(Single::ArrayNewElem, ty, elem.0),
            ArrayGet(ty) => self.lower_array_get(ty, 0),
            ArrayGetS(ty) => self.lower_array_get(ty, 1),
            ArrayGetU(ty) => self.lower_array_get(ty, 2),
            ArraySet(ty) => {
                self.op_on_slots::<3>(Single::ArraySet, None)?;
                self.put_u16(0);
                self.put_u32(self.type_id(ty));
                Ok(())
            }
            ArrayLen => self.op_on_slots::<1>(Single::ArrayLen, Some(ValType::I32)),
            ArrayFill(ty) => {
                self.op_on_slots::<4>(Single::ArrayFill, None)?;
                self.put_u32(self.type_id(ty));
                Ok(())
            }
            ArrayCopy(_, _) => self.op_on_slots::<5>(Single::ArrayCopy, None),
            ArrayInitData(ty, data) => {
                self.op_on_slots::<4>(Single::ArrayInitData, None)?;
                self.put_u32(self.type_id(ty));
                self.put_u32(data.0);
                Ok(())
            }
            ArrayInitElem(_, elem) => {
                self.op_on_slots::<4>(Single::ArrayInitElem, None)?;
                self.put_u32(elem.0);
                Ok(())
            }
            AnyConvertExtern => self.retype(HeapType::Any),
            ExternConvertAny => self.retype(HeapType::Extern),
            RefI31 => {
                let i31 = RefType::new(false, HeapType::I31);
                self.op_on_slots::<1>(Single::RefI31, Some(i31.into()))
            }
            I31GetS => self.op_on_slots::<1>(Single::I31GetS, Some(ValType::I32)),
            I31GetU => self.op_on_slots::<1>(Single::I31GetU, Some(ValType::I32)),
        }
    }

    fn lower_struct_get(&mut self, ty: TypeIdx, field: FieldIdx, sign: u32) -> Lowered {
        let result = self.field_type(ty, field);
        self.op_on_slots::<1>(Single::StructGet, Some(result))?;
        self.put_u32(self.type_id(ty));
        self.put_u32(field.0);
        self.put_u32(sign);
        Ok(())
    }

    fn lower_array_get(&mut self, ty: TypeIdx, sign: u32) -> Lowered {
        let result = self.element_type(ty);
        self.op_on_slots::<2>(Single::ArrayGet, Some(result))?;
        self.put_u16(0);
        self.put_u32(self.type_id(ty));
        self.put_u32(sign);
        Ok(())
    }

    fn lower_array_new_from(&mut self, single: Single, ty: TypeIdx, segment: u32) -> Lowered {
        self.allocate::<2>(single, ty)?;
        self.put_u16(0);
        self.put_u32(self.type_id(ty));
        self.put_u32(segment);
        Ok(())
    }

    /// The topmost reference in another hierarchy: the encoding is the same.
    fn retype(&mut self, heap: HeapType) -> Lowered {
        let top = self.b.operands.len() - 1;
        self.b.operands[top].ty = RefType::new(true, heap).into();
        Ok(())
    }

    pub fn lower_ref_test(&mut self, to: RefType) -> Lowered {
        self.op_on_slots::<1>(Single::RefTest, Some(ValType::I32))?;
        self.put_ref_type(to);
        Ok(())
    }

    pub fn lower_ref_cast(&mut self, to: RefType) -> Lowered {
        let top = self.b.operands.len() - 1;
        self.send_home(top);
        self.b.operands[top].ty = to.into();
        let home = self.b.operands[top].home;
        self.single(Single::RefCast);
        self.put_u16(home);
        self.put_u16(0);
        self.put_ref_type(to);
        Ok(())
    }

    pub fn lower_ref_get_desc(&mut self, ty: TypeIdx) -> Lowered {
        let descriptor = self.cx.syntax.types.get(ty).descriptor.map(concrete);
        self.op_on_slots::<1>(Single::RefGetDesc, descriptor)
    }

    pub fn lower_ref_cast_desc_eq(&mut self, to: RefType) -> Lowered {
        let (value, descriptor) = self.cast_operands();
        let top = self.b.operands.len() - 1;
        self.b.operands[top].ty = to.into();
        self.single(Single::RefCastDescEq);
        self.put_u16(value);
        self.put_u16(descriptor);
        self.put_u32(u32::from(to.nullable()));
        Ok(())
    }

    /// The slots of the reference that is cast, which stays on the stack and is sent home, and of
    /// the descriptor on top of it, which is popped.
    fn cast_operands(&mut self) -> (u16, u16) {
        let descriptor = self.pop();
        let descriptor = self.slot(&descriptor);
        let top = self.b.operands.len() - 1;
        self.send_home(top);
        (self.b.operands[top].home, descriptor)
    }

    pub fn lower_br_on_cast_desc_eq(
        &mut self,
        on_success: bool,
        label: LabelIdx,
        to: RefType,
    ) -> Lowered {
        let (value, descriptor) = self.cast_operands();
        // What the label takes is sent to homes below that of the descriptor.
        self.lower_conditional(label, |this, when| {
            let eq = when == on_success;
            let at =
                this.single(if eq { Single::BrOnCastDescEq } else { Single::BrOnCastDescEqFail });
            this.put_u16(value);
            this.put_u16(descriptor);
            this.put_u32(u32::from(to.nullable()));
            at
        })
    }

    pub fn lower_br_on_cast(&mut self, on_success: bool, label: LabelIdx, to: RefType) -> Lowered {
        let top = self.b.operands.len() - 1;
        self.send_home(top);
        let slot = self.b.operands[top].home;
        self.lower_conditional(label, |this, when| {
            let cast = when == on_success;
            let at = this.single(if cast { Single::BrOnCast } else { Single::BrOnCastFail });
            this.put_u16(slot);
            this.put_u16(0);
            this.put_ref_type(to);
            at
        })
    }
}

/// The type of the value that a field holds.
fn unpacked(storage: StorageType) -> ValType {
    match storage {
        StorageType::I8 | StorageType::I16 => ValType::I32,
        StorageType::Val(ty) => ty,
    }
}

/// `(ref ty)`
fn concrete(ty: TypeIdx) -> ValType {
    RefType::new(false, HeapType::Concrete(ty)).into()
}

/// Whether a heap type is of the hierarchy of functions, whose references are never collected.
pub fn is_func(types: &rwasm_parser::Types, heap: HeapType) -> bool {
    match heap {
        HeapType::Func | HeapType::NoFunc => true,
        HeapType::Concrete(idx) | HeapType::Exact(idx) => {
            matches!(types.get(idx).composite, CompositeType::Func(_))
        }
        _ => false,
    }
}
