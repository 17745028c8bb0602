//! What a consumer of function bodies implements: one method per class of operators.

use crate::ops::*;
use crate::syntax::*;

/// Where in the module an operator begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct At {
    /// Bytes from the start of the module.
    pub offset: usize,
}

/// A constant operand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Const {
    /// `i32.const`
    I32(u32),
    /// `i64.const`
    I64(u64),
    /// `f32.const`, as bits
    F32(u32),
    /// `f64.const`, as bits
    F64(u64),
    /// `v128.const`, as bytes in memory order
    V128([u8; 16]),
}

/// The type of a block: what it takes from the operand stack and what it leaves there.
#[derive(Clone, Copy, Debug)]
pub struct BlockType<'m> {
    /// Types of the operands that the block takes.
    pub params: &'m [ValType],
    /// Types of the operands that it leaves.
    pub results: &'m [ValType],
}

/// One clause of a `try_table`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Catch {
    /// The tag that the clause catches, or `None` for every exception.
    pub tag: Option<TagIdx>,
    /// Whether the exception itself is passed on as an `exnref`.
    pub with_ref: bool,
    /// Where the clause branches to.
    pub label: LabelIdx,
}

/// One clause of a `resume`: what becomes of a continuation that suspends itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Handler {
    /// The tag that the clause handles.
    pub tag: TagIdx,
    /// Where the clause branches to, or `None` if it handles `switch`.
    pub label: Option<LabelIdx>,
}

/// With what a continuation is resumed.
#[derive(Clone, Copy, Debug)]
pub enum With<'m> {
    /// With the values that it takes: `resume`.
    Values,
    /// With an exception of this tag, whose values have these types: `resume_throw`.
    Throw(TagIdx, &'m [ValType]),
    /// With an exception: `resume_throw_ref`.
    ThrowRef,
}

/// An operator that resumes a continuation.
#[derive(Clone, Copy, Debug)]
pub struct Resume<'a, 'm> {
    /// The type of the continuation, as a function's: what it takes and what it leaves.
    pub ty: &'m FuncType,
    /// With what it is resumed.
    pub with: With<'m>,
    /// Its clauses, in order.
    pub handlers: &'a [Handler],
}

/// An operator on structures, arrays and `i31` (class `aggregate`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are the spec's own")]
pub enum AggregateOp {
    StructNew(TypeIdx),
    StructNewDefault(TypeIdx),
    StructNewDesc(TypeIdx),
    StructNewDefaultDesc(TypeIdx),
    StructGet(TypeIdx, FieldIdx),
    StructGetS(TypeIdx, FieldIdx),
    StructGetU(TypeIdx, FieldIdx),
    StructSet(TypeIdx, FieldIdx),
    ArrayNew(TypeIdx),
    ArrayNewDefault(TypeIdx),
    ArrayNewFixed(TypeIdx, u32),
    ArrayNewData(TypeIdx, DataIdx),
    ArrayNewElem(TypeIdx, ElemIdx),
    ArrayGet(TypeIdx),
    ArrayGetS(TypeIdx),
    ArrayGetU(TypeIdx),
    ArraySet(TypeIdx),
    ArrayLen,
    ArrayFill(TypeIdx),
    ArrayCopy(TypeIdx, TypeIdx),
    ArrayInitData(TypeIdx, DataIdx),
    ArrayInitElem(TypeIdx, ElemIdx),
    AnyConvertExtern,
    ExternConvertAny,
    RefI31,
    I31GetS,
    I31GetU,
}

/// Receives the operators of one function body, each after it was validated.
///
/// The walk calls [`Sink::begin`] first, then one method per operator that can be reached, in
/// order, and closes the body with an [`Sink::end`] of its own. Code that cannot be reached is
/// validated and not handed on, whole blocks of it included; what follows it is either an `else_`
/// or an `end` with `reached: false`. There are no default bodies: a new class does not compile
/// until every consumer has answered it.
///
/// Operand types are fixed by the operator or handed along; the operand stack itself is the
/// sink's own business. `LabelIdx(n)` is the n-th enclosing block that the sink was told of,
/// counted outwards from 0, and the function body is the outermost.
#[allow(clippy::missing_errors_doc, reason = "every method fails for the sink's own reasons")]
pub trait Sink {
    /// Why a sink gives up.
    type Error;

    /// A body begins: its type, and its declared locals (after the parameters) as runs.
    fn begin(&mut self, ty: &FuncType, locals: &[(u32, ValType)]) -> Result<(), Self::Error>;

    /// An operator begins, whether or not it can be reached; `first` is its first byte. What else
    /// is told of it comes after this.
    fn operator(&mut self, at: At, first: u8) -> Result<(), Self::Error>;

    // Control
    /// `unreachable`
    fn unreachable(&mut self, at: At) -> Result<(), Self::Error>;
    /// `nop`
    fn nop(&mut self, at: At) -> Result<(), Self::Error>;
    /// `block`
    fn block(&mut self, at: At, ty: BlockType<'_>) -> Result<(), Self::Error>;
    /// `loop`
    fn loop_(&mut self, at: At, ty: BlockType<'_>) -> Result<(), Self::Error>;
    /// `if`: the condition is on top of the block's parameters.
    fn if_(&mut self, at: At, ty: BlockType<'_>) -> Result<(), Self::Error>;
    /// `else`; `reached` says whether control flows out of the end of the first branch.
    fn else_(&mut self, at: At, reached: bool) -> Result<(), Self::Error>;
    /// The `end` of a block, or of the body; `reached` says whether control flows into it from
    /// the operator before it (branches to the block's label apart).
    fn end(&mut self, at: At, reached: bool) -> Result<(), Self::Error>;
    /// `br`
    fn br(&mut self, at: At, label: LabelIdx) -> Result<(), Self::Error>;
    /// `br_if`
    fn br_if(&mut self, at: At, label: LabelIdx) -> Result<(), Self::Error>;
    /// `br_table`
    fn br_table(
        &mut self,
        at: At,
        labels: &[LabelIdx],
        default: LabelIdx,
    ) -> Result<(), Self::Error>;
    /// `return`
    fn return_(&mut self, at: At) -> Result<(), Self::Error>;
    /// `call`
    fn call(&mut self, at: At, func: FuncIdx, ty: &FuncType) -> Result<(), Self::Error>;
    /// `call_indirect`
    fn call_indirect(
        &mut self,
        at: At,
        table: TableIdx,
        type_idx: TypeIdx,
        ty: &FuncType,
    ) -> Result<(), Self::Error>;
    /// `call_ref`
    fn call_ref(&mut self, at: At, type_idx: TypeIdx, ty: &FuncType) -> Result<(), Self::Error>;
    /// `return_call`
    fn return_call(&mut self, at: At, func: FuncIdx, ty: &FuncType) -> Result<(), Self::Error>;
    /// `return_call_indirect`
    fn return_call_indirect(
        &mut self,
        at: At,
        table: TableIdx,
        type_idx: TypeIdx,
        ty: &FuncType,
    ) -> Result<(), Self::Error>;
    /// `return_call_ref`
    fn return_call_ref(
        &mut self,
        at: At,
        type_idx: TypeIdx,
        ty: &FuncType,
    ) -> Result<(), Self::Error>;
    /// `br_on_null`: falls through with the reference, which is not null, on the stack.
    fn br_on_null(&mut self, at: At, label: LabelIdx) -> Result<(), Self::Error>;
    /// `br_on_non_null`: branches with the reference on the stack, falls through without.
    fn br_on_non_null(&mut self, at: At, label: LabelIdx) -> Result<(), Self::Error>;
    /// `br_on_cast` (branches when `on_success`) and `br_on_cast_fail`.
    fn br_on_cast(
        &mut self,
        at: At,
        on_success: bool,
        label: LabelIdx,
        from: RefType,
        to: RefType,
    ) -> Result<(), Self::Error>;

    /// `br_on_cast_desc_eq` (branches when `on_success`) and `br_on_cast_desc_eq_fail`: the
    /// descriptor is on top of the reference.
    fn br_on_cast_desc_eq(
        &mut self,
        at: At,
        on_success: bool,
        label: LabelIdx,
        from: RefType,
        to: RefType,
    ) -> Result<(), Self::Error>;

    // Exceptions
    /// `throw`; `params` are the types of the tag's values.
    fn throw(&mut self, at: At, tag: TagIdx, params: &[ValType]) -> Result<(), Self::Error>;
    /// `throw_ref`
    fn throw_ref(&mut self, at: At) -> Result<(), Self::Error>;
    /// `try_table`: a block; its end comes as an [`Sink::end`]. Clauses count labels from outside
    /// of the block itself.
    fn try_table(
        &mut self,
        at: At,
        ty: BlockType<'_>,
        catches: &[Catch],
    ) -> Result<(), Self::Error>;

    // Exceptions before WebAssembly 3.0
    /// `try`: a block, which ends with [`Sink::end`] or [`Sink::delegate`].
    fn try_(&mut self, at: At, ty: BlockType<'_>) -> Result<(), Self::Error>;
    /// `catch`, or `catch_all` if there is no tag; `params` are the types of the tag's values, and
    /// `reached` is as for [`Sink::else_`].
    fn catch(
        &mut self,
        at: At,
        tag: Option<TagIdx>,
        params: &[ValType],
        reached: bool,
    ) -> Result<(), Self::Error>;
    /// `delegate`, which ends a `try`; `reached` is as for [`Sink::end`]. Labels count from outside
    /// of the block itself.
    fn delegate(&mut self, at: At, label: LabelIdx, reached: bool) -> Result<(), Self::Error>;
    /// `rethrow`; the label is that of a `try` in one of whose `catch`es this is.
    fn rethrow(&mut self, at: At, label: LabelIdx) -> Result<(), Self::Error>;

    // Continuations
    /// `cont.new`
    fn cont_new(&mut self, at: At, cont: TypeIdx) -> Result<(), Self::Error>;
    /// `cont.bind`, of values of the types `bound`.
    fn cont_bind(&mut self, at: At, to: TypeIdx, bound: &[ValType]) -> Result<(), Self::Error>;
    /// `suspend`; `ty` is the type of the tag.
    fn suspend(&mut self, at: At, tag: TagIdx, ty: &FuncType) -> Result<(), Self::Error>;
    /// `resume`, `resume_throw` and `resume_throw_ref`
    fn resume(&mut self, at: At, resume: Resume<'_, '_>) -> Result<(), Self::Error>;
    /// `switch` to a continuation that takes `params`, the last of which is the continuation that
    /// this becomes, which is of type `cont` and takes `results`.
    fn switch(
        &mut self,
        at: At,
        tag: TagIdx,
        params: &[ValType],
        cont: TypeIdx,
        results: &[ValType],
    ) -> Result<(), Self::Error>;

    // Parametric
    /// `drop`
    fn drop(&mut self, at: At, ty: ValType) -> Result<(), Self::Error>;
    /// `select`, with or without types.
    fn select(&mut self, at: At, ty: ValType) -> Result<(), Self::Error>;

    // Variables
    /// `local.get`
    fn local_get(&mut self, at: At, local: LocalIdx, ty: ValType) -> Result<(), Self::Error>;
    /// `local.set`
    fn local_set(&mut self, at: At, local: LocalIdx, ty: ValType) -> Result<(), Self::Error>;
    /// `local.tee`
    fn local_tee(&mut self, at: At, local: LocalIdx, ty: ValType) -> Result<(), Self::Error>;
    /// `global.get`
    fn global_get(&mut self, at: At, global: GlobalIdx, ty: ValType) -> Result<(), Self::Error>;
    /// `global.set`
    fn global_set(&mut self, at: At, global: GlobalIdx, ty: ValType) -> Result<(), Self::Error>;

    // Tables
    /// `table.get`
    fn table_get(&mut self, at: At, table: TableIdx) -> Result<(), Self::Error>;
    /// `table.set`
    fn table_set(&mut self, at: At, table: TableIdx) -> Result<(), Self::Error>;
    /// `table.size`
    fn table_size(&mut self, at: At, table: TableIdx) -> Result<(), Self::Error>;
    /// `table.grow`
    fn table_grow(&mut self, at: At, table: TableIdx) -> Result<(), Self::Error>;
    /// `table.fill`
    fn table_fill(&mut self, at: At, table: TableIdx) -> Result<(), Self::Error>;
    /// `table.copy`
    fn table_copy(&mut self, at: At, dst: TableIdx, src: TableIdx) -> Result<(), Self::Error>;
    /// `table.init`
    fn table_init(&mut self, at: At, table: TableIdx, elem: ElemIdx) -> Result<(), Self::Error>;
    /// `elem.drop`
    fn elem_drop(&mut self, at: At, elem: ElemIdx) -> Result<(), Self::Error>;

    // Memories
    /// Loads of numbers.
    fn load(&mut self, at: At, op: LoadOp, memarg: MemArg) -> Result<(), Self::Error>;
    /// Stores of numbers.
    fn store(&mut self, at: At, op: StoreOp, memarg: MemArg) -> Result<(), Self::Error>;
    /// `memory.size`
    fn memory_size(&mut self, at: At, mem: MemIdx) -> Result<(), Self::Error>;
    /// `memory.grow`
    fn memory_grow(&mut self, at: At, mem: MemIdx) -> Result<(), Self::Error>;
    /// `memory.fill`
    fn memory_fill(&mut self, at: At, mem: MemIdx) -> Result<(), Self::Error>;
    /// `memory.copy`
    fn memory_copy(&mut self, at: At, dst: MemIdx, src: MemIdx) -> Result<(), Self::Error>;
    /// `memory.init`
    fn memory_init(&mut self, at: At, mem: MemIdx, data: DataIdx) -> Result<(), Self::Error>;
    /// `data.drop`
    fn data_drop(&mut self, at: At, data: DataIdx) -> Result<(), Self::Error>;

    // References
    /// `ref.null`
    fn ref_null(&mut self, at: At, heap: HeapType) -> Result<(), Self::Error>;
    /// `ref.is_null`
    fn ref_is_null(&mut self, at: At) -> Result<(), Self::Error>;
    /// `ref.func`
    fn ref_func(&mut self, at: At, func: FuncIdx) -> Result<(), Self::Error>;
    /// `ref.eq`
    fn ref_eq(&mut self, at: At) -> Result<(), Self::Error>;
    /// `ref.as_non_null`
    fn ref_as_non_null(&mut self, at: At) -> Result<(), Self::Error>;
    /// `ref.test`
    fn ref_test(&mut self, at: At, to: RefType) -> Result<(), Self::Error>;
    /// `ref.cast`
    fn ref_cast(&mut self, at: At, to: RefType) -> Result<(), Self::Error>;
    /// `ref.get_desc`
    fn ref_get_desc(&mut self, at: At, ty: TypeIdx) -> Result<(), Self::Error>;
    /// `ref.cast_desc_eq`: the descriptor is on top of the reference.
    fn ref_cast_desc_eq(&mut self, at: At, to: RefType) -> Result<(), Self::Error>;

    // Structures, arrays, i31
    /// Operators on structures, arrays and `i31`.
    fn aggregate(&mut self, at: At, op: AggregateOp) -> Result<(), Self::Error>;

    // Numbers
    /// `t.const`
    fn constant(&mut self, at: At, value: Const) -> Result<(), Self::Error>;
    /// `[t] -> [t]`
    fn unop(&mut self, at: At, op: UnOp) -> Result<(), Self::Error>;
    /// `[t t] -> [t]`
    fn binop(&mut self, at: At, op: BinOp) -> Result<(), Self::Error>;
    /// `[t] -> [i32]`, `eqz`
    fn testop(&mut self, at: At, op: TestOp) -> Result<(), Self::Error>;
    /// `[t t] -> [i32]`
    fn relop(&mut self, at: At, op: RelOp) -> Result<(), Self::Error>;
    /// `[t1] -> [t2]`
    fn cvtop(&mut self, at: At, op: CvtOp) -> Result<(), Self::Error>;
    /// Wide arithmetic: two results.
    fn wideop(&mut self, at: At, op: WideOp) -> Result<(), Self::Error>;

    // Vectors
    /// `[v128] -> [v128]`
    fn vunop(&mut self, at: At, op: VUnOp) -> Result<(), Self::Error>;
    /// `[v128 v128] -> [v128]`
    fn vbinop(&mut self, at: At, op: VBinOp) -> Result<(), Self::Error>;
    /// `[v128 v128 v128] -> [v128]`
    fn vternop(&mut self, at: At, op: VTernOp) -> Result<(), Self::Error>;
    /// `[v128] -> [i32]`
    fn vtestop(&mut self, at: At, op: VTestOp) -> Result<(), Self::Error>;
    /// `[v128 i32] -> [v128]`
    fn vshiftop(&mut self, at: At, op: VShiftOp) -> Result<(), Self::Error>;
    /// `[t] -> [v128]`
    fn vsplat(&mut self, at: At, op: VSplatOp) -> Result<(), Self::Error>;
    /// `[v128] -> [t]`
    fn vextract(&mut self, at: At, op: VExtractOp, lane: u8) -> Result<(), Self::Error>;
    /// `[v128 t] -> [v128]`
    fn vreplace(&mut self, at: At, op: VReplaceOp, lane: u8) -> Result<(), Self::Error>;
    /// `i8x16.shuffle`
    fn vshuffle(&mut self, at: At, lanes: [u8; 16]) -> Result<(), Self::Error>;
    /// Loads of vectors: plain, extending, splatting, zero-filling.
    fn vload(&mut self, at: At, op: VLoadOp, memarg: MemArg) -> Result<(), Self::Error>;
    /// `v128.store`
    fn vstore(&mut self, at: At, op: VStoreOp, memarg: MemArg) -> Result<(), Self::Error>;
    /// `[addr v128] -> [v128]`
    fn vload_lane(
        &mut self,
        at: At,
        op: VLoadLaneOp,
        memarg: MemArg,
        lane: u8,
    ) -> Result<(), Self::Error>;
    /// `[addr v128] -> []`
    fn vstore_lane(
        &mut self,
        at: At,
        op: VStoreLaneOp,
        memarg: MemArg,
        lane: u8,
    ) -> Result<(), Self::Error>;

    // Atomics
    /// `[addr] -> [t]`
    fn atomic_load(&mut self, at: At, op: AtomicLoadOp, memarg: MemArg) -> Result<(), Self::Error>;
    /// `[addr t] -> []`
    fn atomic_store(
        &mut self,
        at: At,
        op: AtomicStoreOp,
        memarg: MemArg,
    ) -> Result<(), Self::Error>;
    /// `[addr t] -> [t]`
    fn atomic_rmw(&mut self, at: At, op: AtomicRmwOp, memarg: MemArg) -> Result<(), Self::Error>;
    /// `[addr t t] -> [t]`
    fn atomic_cmpxchg(
        &mut self,
        at: At,
        op: AtomicCmpxchgOp,
        memarg: MemArg,
    ) -> Result<(), Self::Error>;
    /// `memory.atomic.notify`
    fn atomic_notify(&mut self, at: At, memarg: MemArg) -> Result<(), Self::Error>;
    /// `memory.atomic.wait32` and, with `is_64`, `wait64`
    fn atomic_wait(&mut self, at: At, is_64: bool, memarg: MemArg) -> Result<(), Self::Error>;
    /// `atomic.fence`
    fn atomic_fence(&mut self, at: At) -> Result<(), Self::Error>;
}
