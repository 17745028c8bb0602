//! Sinks that do nothing with what operators are.

use super::sink::*;
use crate::ops::*;
use crate::syntax::*;
use core::convert::Infallible;

/// Takes every operator and does nothing with it: a walk into it validates.
#[derive(Clone, Copy, Debug, Default)]
pub struct Null;

/// Is told where every operator begins, whether or not it can be reached, and of its first byte.
#[derive(Clone, Copy, Debug)]
pub struct Each<F>(pub F);

macro_rules! ignore {
    ($($name:ident($($ty:ty),*);)*) => {
        impl Sink for Null {
            type Error = Infallible;

            #[inline(always)]
            fn begin(&mut self, _: &FuncType, _: &[(u32, ValType)]) -> Result<(), Infallible> {
                Ok(())
            }

            #[inline(always)]
            fn operator(&mut self, _: At, _: u8) -> Result<(), Infallible> {
                Ok(())
            }

            $(
                #[inline(always)]
                fn $name(&mut self, _: At $(, _: $ty)*) -> Result<(), Infallible> {
                    Ok(())
                }
            )*
        }

        impl<F: FnMut(At, u8)> Sink for Each<F> {
            type Error = Infallible;

            fn begin(&mut self, _: &FuncType, _: &[(u32, ValType)]) -> Result<(), Infallible> {
                Ok(())
            }

            fn operator(&mut self, at: At, first: u8) -> Result<(), Infallible> {
                (self.0)(at, first);
                Ok(())
            }

            $(
                fn $name(&mut self, _: At $(, _: $ty)*) -> Result<(), Infallible> {
                    Ok(())
                }
            )*
        }
    };
}

ignore! {
    unreachable();
    nop();
    block(BlockType<'_>);
    loop_(BlockType<'_>);
    if_(BlockType<'_>);
    else_(bool);
    end(bool);
    br(LabelIdx);
    br_if(LabelIdx);
    br_table(&[LabelIdx], LabelIdx);
    return_();
    call(FuncIdx, &FuncType);
    call_indirect(TableIdx, TypeIdx, &FuncType);
    call_ref(TypeIdx, &FuncType);
    return_call(FuncIdx, &FuncType);
    return_call_indirect(TableIdx, TypeIdx, &FuncType);
    return_call_ref(TypeIdx, &FuncType);
    br_on_null(LabelIdx);
    br_on_non_null(LabelIdx);
    br_on_cast(bool, LabelIdx, RefType, RefType);
    br_on_cast_desc_eq(bool, LabelIdx, RefType, RefType);
    throw(TagIdx, &[ValType]);
    throw_ref();
    try_table(BlockType<'_>, &[Catch]);
    try_(BlockType<'_>);
    catch(Option<TagIdx>, &[ValType], bool);
    delegate(LabelIdx, bool);
    rethrow(LabelIdx);
    cont_new(TypeIdx);
    cont_bind(TypeIdx, &[ValType]);
    suspend(TagIdx, &FuncType);
    resume(Resume<'_, '_>);
    switch(TagIdx, &[ValType], TypeIdx, &[ValType]);
    drop(ValType);
    select(ValType);
    local_get(LocalIdx, ValType);
    local_set(LocalIdx, ValType);
    local_tee(LocalIdx, ValType);
    global_get(GlobalIdx, ValType);
    global_set(GlobalIdx, ValType);
    table_get(TableIdx);
    table_set(TableIdx);
    table_size(TableIdx);
    table_grow(TableIdx);
    table_fill(TableIdx);
    table_copy(TableIdx, TableIdx);
    table_init(TableIdx, ElemIdx);
    elem_drop(ElemIdx);
    load(LoadOp, MemArg);
    store(StoreOp, MemArg);
    memory_size(MemIdx);
    memory_grow(MemIdx);
    memory_fill(MemIdx);
    memory_copy(MemIdx, MemIdx);
    memory_init(MemIdx, DataIdx);
    data_drop(DataIdx);
    ref_null(HeapType);
    ref_is_null();
    ref_func(FuncIdx);
    ref_eq();
    ref_as_non_null();
    ref_test(RefType);
    ref_cast(RefType);
    ref_get_desc(TypeIdx);
    ref_cast_desc_eq(RefType);
    aggregate(AggregateOp);
    constant(Const);
    unop(UnOp);
    binop(BinOp);
    testop(TestOp);
    relop(RelOp);
    cvtop(CvtOp);
    wideop(WideOp);
    vunop(VUnOp);
    vbinop(VBinOp);
    vternop(VTernOp);
    vtestop(VTestOp);
    vshiftop(VShiftOp);
    vsplat(VSplatOp);
    vextract(VExtractOp, u8);
    vreplace(VReplaceOp, u8);
    vshuffle([u8; 16]);
    vload(VLoadOp, MemArg);
    vstore(VStoreOp, MemArg);
    vload_lane(VLoadLaneOp, MemArg, u8);
    vstore_lane(VStoreLaneOp, MemArg, u8);
    atomic_load(AtomicLoadOp, MemArg);
    atomic_store(AtomicStoreOp, MemArg);
    atomic_rmw(AtomicRmwOp, MemArg);
    atomic_cmpxchg(AtomicCmpxchgOp, MemArg);
    atomic_notify(MemArg);
    atomic_wait(bool, MemArg);
    atomic_fence();
}
