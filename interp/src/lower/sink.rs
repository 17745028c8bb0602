//! Lowering as a sink of the walk: which method handles which operator.

use super::*;
use crate::exec::base;
use crate::exec::list::Single;
use rwasm_parser::ops::*;
use rwasm_parser::walk::{AggregateOp, At, BlockType, Catch, Const, Resume, Sink};
use rwasm_parser::*;

/// Notes where the operator is, charges for it, and lowers it.
macro_rules! lower {
    ($self:ident, $at:ident, $($lower:tt)*) => {{
        $self.leave_entry();
        straight!($self, $at, $($lower)*)
    }};
}

/// The same for operators that only go on to the next.
macro_rules! straight {
    ($self:ident, $at:ident, $($lower:tt)*) => {{
        $self.begin_operator($at.offset);
        $self.tick();
        $self.check_size()?;
        $self.$($lower)*
    }};
}

/// The same for operators that cost nothing: they only give structure.
macro_rules! structure {
    ($self:ident, $at:ident, $($lower:tt)*) => {{
        $self.leave_entry();
        $self.begin_operator($at.offset);
        $self.$($lower)*
    }};
}

impl Sink for Lowering<'_> {
    type Error = LowerError;

    fn begin(&mut self, ty: &FuncType, locals: &[(u32, ValType)]) -> Lowered {
        self.lower_begin(ty, locals)
    }

    #[inline(always)]
    fn operator(&mut self, _: At, _: u8) -> Lowered {
        Ok(())
    }

    fn unreachable(&mut self, at: At) -> Lowered {
        lower!(self, at, lower_unreachable())
    }

    fn nop(&mut self, _: At) -> Lowered {
        Ok(())
    }

    fn block(&mut self, at: At, ty: BlockType<'_>) -> Lowered {
        self.begin_operator(at.offset);
        self.lower_block(ty)
    }

    fn loop_(&mut self, at: At, ty: BlockType<'_>) -> Lowered {
        structure!(self, at, lower_loop(ty))
    }

    fn if_(&mut self, at: At, ty: BlockType<'_>) -> Lowered {
        lower!(self, at, lower_if(ty))
    }

    fn else_(&mut self, at: At, reached: bool) -> Lowered {
        structure!(self, at, lower_else(reached))
    }

    fn end(&mut self, at: At, reached: bool) -> Lowered {
        structure!(self, at, lower_end(reached))
    }

    fn br(&mut self, at: At, label: LabelIdx) -> Lowered {
        lower!(self, at, lower_br(label))
    }

    fn br_if(&mut self, at: At, label: LabelIdx) -> Lowered {
        lower!(self, at, lower_br_if(label))
    }

    fn br_table(&mut self, at: At, labels: &[LabelIdx], default: LabelIdx) -> Lowered {
        lower!(self, at, lower_br_table(labels, default))
    }

    fn return_(&mut self, at: At) -> Lowered {
        lower!(self, at, lower_return())
    }

    fn call(&mut self, at: At, func: FuncIdx, ty: &FuncType) -> Lowered {
        lower!(self, at, lower_call(func, ty))
    }

    fn call_indirect(
        &mut self,
        at: At,
        table: TableIdx,
        type_idx: TypeIdx,
        ty: &FuncType,
    ) -> Lowered {
        lower!(self, at, lower_call_indirect(table, type_idx, ty))
    }

    fn call_ref(&mut self, at: At, _: TypeIdx, ty: &FuncType) -> Lowered {
        lower!(self, at, lower_call_ref(ty))
    }

    fn return_call(&mut self, at: At, func: FuncIdx, ty: &FuncType) -> Lowered {
        lower!(self, at, lower_return_call(func, ty))
    }

    fn return_call_indirect(
        &mut self,
        at: At,
        table: TableIdx,
        type_idx: TypeIdx,
        ty: &FuncType,
    ) -> Lowered {
        lower!(self, at, lower_return_call_indirect(table, type_idx, ty))
    }

    fn return_call_ref(&mut self, at: At, _: TypeIdx, ty: &FuncType) -> Lowered {
        lower!(self, at, lower_return_call_ref(ty))
    }

    fn br_on_null(&mut self, at: At, label: LabelIdx) -> Lowered {
        lower!(self, at, lower_br_on_null(label))
    }

    fn br_on_non_null(&mut self, at: At, label: LabelIdx) -> Lowered {
        lower!(self, at, lower_br_on_non_null(label))
    }

    fn br_on_cast(
        &mut self,
        at: At,
        on_success: bool,
        label: LabelIdx,
        _: RefType,
        to: RefType,
    ) -> Lowered {
        lower!(self, at, lower_br_on_cast(on_success, label, to))
    }

    fn br_on_cast_desc_eq(
        &mut self,
        at: At,
        on_success: bool,
        label: LabelIdx,
        _: RefType,
        to: RefType,
    ) -> Lowered {
        lower!(self, at, lower_br_on_cast_desc_eq(on_success, label, to))
    }

    fn throw(&mut self, at: At, tag: TagIdx, params: &[ValType]) -> Lowered {
        lower!(self, at, lower_throw(tag, params))
    }

    fn throw_ref(&mut self, at: At) -> Lowered {
        lower!(self, at, lower_throw_ref())
    }

    fn try_table(&mut self, at: At, ty: BlockType<'_>, catches: &[Catch]) -> Lowered {
        structure!(self, at, lower_try_table(ty, catches))
    }

    fn try_(&mut self, at: At, ty: BlockType<'_>) -> Lowered {
        structure!(self, at, lower_try(ty))
    }

    fn catch(&mut self, at: At, tag: Option<TagIdx>, params: &[ValType], reached: bool) -> Lowered {
        structure!(self, at, lower_catch(tag, params, reached))
    }

    fn delegate(&mut self, at: At, label: LabelIdx, reached: bool) -> Lowered {
        structure!(self, at, lower_delegate(label, reached))
    }

    fn rethrow(&mut self, at: At, label: LabelIdx) -> Lowered {
        lower!(self, at, lower_rethrow(label))
    }

    fn cont_new(&mut self, at: At, cont: TypeIdx) -> Lowered {
        lower!(self, at, lower_cont_new(cont))
    }

    fn cont_bind(&mut self, at: At, to: TypeIdx, bound: &[ValType]) -> Lowered {
        lower!(self, at, lower_cont_bind(to, bound))
    }

    fn suspend(&mut self, at: At, tag: TagIdx, ty: &FuncType) -> Lowered {
        lower!(self, at, lower_suspend(tag, ty))
    }

    fn resume(&mut self, at: At, resume: Resume<'_, '_>) -> Lowered {
        lower!(self, at, lower_resume(resume))
    }

    fn switch(
        &mut self,
        at: At,
        tag: TagIdx,
        params: &[ValType],
        cont: TypeIdx,
        results: &[ValType],
    ) -> Lowered {
        lower!(self, at, lower_switch(tag, params, cont, results))
    }

    fn drop(&mut self, at: At, _: ValType) -> Lowered {
        self.begin_operator(at.offset);
        self.lower_drop()
    }

    fn select(&mut self, at: At, ty: ValType) -> Lowered {
        straight!(self, at, lower_select(ty))
    }

    fn local_get(&mut self, at: At, local: LocalIdx, ty: ValType) -> Lowered {
        straight!(self, at, lower_local_get(local, ty))
    }

    fn local_set(&mut self, at: At, local: LocalIdx, _: ValType) -> Lowered {
        straight!(self, at, lower_local_set(local))
    }

    fn local_tee(&mut self, at: At, local: LocalIdx, ty: ValType) -> Lowered {
        straight!(self, at, lower_local_tee(local, ty))
    }

    fn global_get(&mut self, at: At, global: GlobalIdx, ty: ValType) -> Lowered {
        straight!(self, at, lower_global_get(global, ty))
    }

    fn global_set(&mut self, at: At, global: GlobalIdx, ty: ValType) -> Lowered {
        straight!(self, at, lower_global_set(global, ty))
    }

    fn table_get(&mut self, at: At, table: TableIdx) -> Lowered {
        let element = self.cx.syntax.tables[table.index()].element;
        lower!(self, at, op_on_slots::<1>(Single::TableGet, Some(element.into())))?;
        self.put_u32(table.0);
        Ok(())
    }

    fn table_set(&mut self, at: At, table: TableIdx) -> Lowered {
        lower!(self, at, op_on_slots::<2>(Single::TableSet, None))?;
        self.put_u32(table.0);
        Ok(())
    }

    fn table_size(&mut self, at: At, table: TableIdx) -> Lowered {
        let index = self.index_type(table);
        lower!(self, at, op_on_slots::<0>(Single::TableSize, Some(index)))?;
        self.put_u16(0);
        self.put_u32(table.0);
        Ok(())
    }

    fn table_grow(&mut self, at: At, table: TableIdx) -> Lowered {
        let index = self.index_type(table);
        lower!(self, at, op_on_slots::<2>(Single::TableGrow, Some(index)))?;
        self.put_u16(u16::from(index == ValType::I64));
        self.put_u32(table.0);
        Ok(())
    }

    fn table_fill(&mut self, at: At, table: TableIdx) -> Lowered {
        lower!(self, at, begin_bulk(1 << 3))?;
        self.op_on_slots::<3>(Single::TableFill, None)?;
        self.put_u16(0);
        self.put_u32(table.0);
        Ok(())
    }

    fn table_copy(&mut self, at: At, dst: TableIdx, src: TableIdx) -> Lowered {
        lower!(self, at, begin_bulk(1 << 3))?;
        self.op_on_slots::<3>(Single::TableCopy, None)?;
        self.put_u16(0);
        self.put_u32(dst.0);
        self.put_u32(src.0);
        Ok(())
    }

    fn table_init(&mut self, at: At, table: TableIdx, elem: ElemIdx) -> Lowered {
        lower!(self, at, begin_bulk(1 << 3))?;
        self.op_on_slots::<3>(Single::TableInit, None)?;
        self.put_u16(0);
        self.put_u32(table.0);
        self.put_u32(elem.0);
        Ok(())
    }

    fn elem_drop(&mut self, at: At, elem: ElemIdx) -> Lowered {
        lower!(self, at, single(Single::ElemDrop));
        self.put_u32(elem.0);
        Ok(())
    }

    fn load(&mut self, at: At, op: LoadOp, memarg: MemArg) -> Lowered {
        straight!(self, at, lower_load(op, memarg))
    }

    fn store(&mut self, at: At, op: StoreOp, memarg: MemArg) -> Lowered {
        straight!(self, at, lower_store(op, memarg))
    }

    fn memory_size(&mut self, at: At, mem: MemIdx) -> Lowered {
        let addr = self.addr_type(mem);
        lower!(self, at, op_on_slots::<0>(Single::MemorySize, Some(addr)))?;
        self.put_u32(mem.0);
        let page_size = self.cx.syntax.mems[mem.index()].page_size_log2;
        self.b.code.extend_from_slice(&[page_size, 0]);
        Ok(())
    }

    fn memory_grow(&mut self, at: At, mem: MemIdx) -> Lowered {
        let addr = self.addr_type(mem);
        lower!(self, at, op_on_slots::<1>(Single::MemoryGrow, Some(addr)))?;
        self.put_u32(mem.0);
        self.b.code.extend_from_slice(&[u8::from(addr == ValType::I64), 0]);
        Ok(())
    }

    fn memory_fill(&mut self, at: At, mem: MemIdx) -> Lowered {
        lower!(self, at, begin_bulk(1 << 6))?;
        self.op_in_pieces(Single::MemoryFill)?;
        self.put_u32(mem.0);
        Ok(())
    }

    fn memory_copy(&mut self, at: At, dst: MemIdx, src: MemIdx) -> Lowered {
        lower!(self, at, begin_bulk(1 << 6))?;
        self.op_in_pieces(Single::MemoryCopy)?;
        self.put_u32(dst.0);
        self.put_u32(src.0);
        Ok(())
    }

    fn memory_init(&mut self, at: At, mem: MemIdx, data: DataIdx) -> Lowered {
        lower!(self, at, begin_bulk(1 << 6))?;
        self.op_on_slots::<3>(Single::MemoryInit, None)?;
        self.put_u16(0);
        self.put_u32(mem.0);
        self.put_u32(data.0);
        Ok(())
    }

    fn data_drop(&mut self, at: At, data: DataIdx) -> Lowered {
        lower!(self, at, single(Single::DataDrop));
        self.put_u32(data.0);
        Ok(())
    }

    fn ref_null(&mut self, at: At, heap: HeapType) -> Lowered {
        self.last = Last::Nothing;
        lower!(self, at, push(RefType::new(true, heap).into(), Loc::Const(0))).map(drop)
    }

    fn ref_is_null(&mut self, at: At) -> Lowered {
        lower!(self, at, op_on_slots::<1>(Single::RefIsNull, Some(ValType::I32)))
    }

    fn ref_func(&mut self, at: At, func: FuncIdx) -> Lowered {
        lower!(self, at, op_on_slots::<0>(Single::RefFunc, Some(ValType::FUNCREF)))?;
        self.put_u32(func.0);
        Ok(())
    }

    fn ref_eq(&mut self, at: At) -> Lowered {
        lower!(self, at, op_on_slots::<2>(Single::RefEq, Some(ValType::I32)))
    }

    fn ref_as_non_null(&mut self, at: At) -> Lowered {
        self.begin_operator(at.offset);
        self.tick();
        let top = self.b.operands.len() - 1;
        self.send_home(top);
        let home = self.b.operands[top].home;
        self.single(Single::RefAsNonNull);
        self.put_u16(home);
        Ok(())
    }

    fn ref_test(&mut self, at: At, to: RefType) -> Lowered {
        lower!(self, at, lower_ref_test(to))
    }

    fn ref_cast(&mut self, at: At, to: RefType) -> Lowered {
        lower!(self, at, lower_ref_cast(to))
    }

    fn ref_get_desc(&mut self, at: At, ty: TypeIdx) -> Lowered {
        lower!(self, at, lower_ref_get_desc(ty))
    }

    fn ref_cast_desc_eq(&mut self, at: At, to: RefType) -> Lowered {
        lower!(self, at, lower_ref_cast_desc_eq(to))
    }

    fn aggregate(&mut self, at: At, op: AggregateOp) -> Lowered {
        lower!(self, at, lower_aggregate(op))
    }

    fn constant(&mut self, at: At, value: Const) -> Lowered {
        straight!(self, at, lower_const(value))
    }

    fn unop(&mut self, at: At, op: UnOp) -> Lowered {
        straight!(self, at, lower_unary(index::unop(op), op.results()[0]))?;
        self.canonicalize(op.mnemonic());
        Ok(())
    }

    fn binop(&mut self, at: At, op: BinOp) -> Lowered {
        straight!(self, at, lower_binop(op))?;
        self.canonicalize(op.mnemonic());
        Ok(())
    }

    fn testop(&mut self, at: At, op: TestOp) -> Lowered {
        straight!(self, at, lower_testop(op))
    }

    fn relop(&mut self, at: At, op: RelOp) -> Lowered {
        straight!(self, at, lower_relop(op))
    }

    fn cvtop(&mut self, at: At, op: CvtOp) -> Lowered {
        straight!(self, at, lower_unary(index::cvtop(op), op.results()[0]))?;
        self.canonicalize(op.mnemonic());
        Ok(())
    }

    fn wideop(&mut self, at: At, op: WideOp) -> Lowered {
        lower!(self, at, lower_wideop(op))
    }

    fn vunop(&mut self, at: At, op: VUnOp) -> Lowered {
        lower!(self, at, lower_vunop(op))?;
        self.canonicalize(op.mnemonic());
        Ok(())
    }

    fn vbinop(&mut self, at: At, op: VBinOp) -> Lowered {
        lower!(self, at, lower_vbinop(op))?;
        self.canonicalize(op.mnemonic());
        Ok(())
    }

    fn vternop(&mut self, at: At, op: VTernOp) -> Lowered {
        lower!(self, at, lower_vternop(op))?;
        self.canonicalize(op.mnemonic());
        Ok(())
    }

    fn vtestop(&mut self, at: At, op: VTestOp) -> Lowered {
        lower!(self, at, lower_vtestop(op))
    }

    fn vshiftop(&mut self, at: At, op: VShiftOp) -> Lowered {
        lower!(self, at, lower_vshiftop(op))
    }

    fn vsplat(&mut self, at: At, op: VSplatOp) -> Lowered {
        lower!(self, at, lower_vsplat(op))
    }

    fn vextract(&mut self, at: At, op: VExtractOp, lane: u8) -> Lowered {
        lower!(self, at, lower_vextract(op, lane))
    }

    fn vreplace(&mut self, at: At, op: VReplaceOp, lane: u8) -> Lowered {
        lower!(self, at, lower_vreplace(op, lane))
    }

    fn vshuffle(&mut self, at: At, lanes: [u8; 16]) -> Lowered {
        lower!(self, at, lower_vshuffle(lanes))
    }

    fn vload(&mut self, at: At, op: VLoadOp, memarg: MemArg) -> Lowered {
        lower!(self, at, lower_vload(op, memarg))
    }

    fn vstore(&mut self, at: At, op: VStoreOp, memarg: MemArg) -> Lowered {
        lower!(self, at, lower_vstore(op, memarg))
    }

    fn vload_lane(&mut self, at: At, op: VLoadLaneOp, memarg: MemArg, lane: u8) -> Lowered {
        lower!(self, at, lower_vload_lane(op, memarg, lane))
    }

    fn vstore_lane(&mut self, at: At, op: VStoreLaneOp, memarg: MemArg, lane: u8) -> Lowered {
        lower!(self, at, lower_vstore_lane(op, memarg, lane))
    }

    fn atomic_load(&mut self, at: At, op: AtomicLoadOp, memarg: MemArg) -> Lowered {
        let handler = base::ATOMIC_LOAD + op as usize;
        lower!(self, at, lower_atomic::<1>(handler, memarg, op.results()[0]))
    }

    fn atomic_store(&mut self, at: At, op: AtomicStoreOp, memarg: MemArg) -> Lowered {
        lower!(self, at, lower_atomic_store(op, memarg))
    }

    fn atomic_rmw(&mut self, at: At, op: AtomicRmwOp, memarg: MemArg) -> Lowered {
        let handler = base::ATOMIC_RMW + op as usize;
        lower!(self, at, lower_atomic::<2>(handler, memarg, op.results()[0]))
    }

    fn atomic_cmpxchg(&mut self, at: At, op: AtomicCmpxchgOp, memarg: MemArg) -> Lowered {
        let handler = base::ATOMIC_CMPXCHG + op as usize;
        lower!(self, at, lower_atomic::<3>(handler, memarg, op.results()[0]))
    }

    fn atomic_notify(&mut self, at: At, memarg: MemArg) -> Lowered {
        lower!(self, at, lower_atomic_notify(memarg))
    }

    fn atomic_wait(&mut self, at: At, is_64: bool, memarg: MemArg) -> Lowered {
        lower!(self, at, lower_atomic_wait(is_64, memarg))
    }

    fn atomic_fence(&mut self, at: At) -> Lowered {
        lower!(self, at, lower_atomic_fence())
    }
}

impl Lowering<'_> {
    /// An operator on three slots that works in pieces: it changes its operands, which are at
    /// home, and can be interrupted.
    fn op_in_pieces(&mut self, single: Single) -> Lowered {
        self.send_top_home(3);
        self.safepoint();
        let slots = self.pop_slots::<3>();
        if self.cx.epoch {
            // A run that is resumed here begins with empty accumulators.
            self.mirror = [None; ACCUMULATORS];
        }
        self.allocating(single);
        for slot in slots {
            self.put_u16(slot);
            self.wrote(slot, 1);
        }
        self.put_u16(u16::from(self.cx.epoch));
        Ok(())
    }

    /// The type of indices of a table.
    fn index_type(&self, table: TableIdx) -> ValType {
        if self.cx.syntax.tables[table.index()].is_64 { ValType::I64 } else { ValType::I32 }
    }
}
