//! The list of all handlers, from which both dispatch backends are made.

use super::base;
use rwasm_parser::{atomic_ops, custom_ops, for_each_op, memory_ops, vector_ops};

macro_rules! singles {
    ($($name:ident)*) => {
        /// Handlers that stand alone, by number.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[expect(missing_docs, reason = "each is described where its handler is")]
        #[repr(u16)]
        pub enum Single { $($name,)* }

        impl Single {
            /// How many there are.
            pub const COUNT: usize = [$(Single::$name),*].len();
        }
    };
}

singles! {
    Unreachable Br BrIfNonZeroS BrIfNonZeroA BrIfZeroS BrIfZeroA BrOnNull BrOnNonNull
    BrTableS BrTableA Return ReturnIntS ReturnIntI ReturnF32S ReturnF64S
    FinishSlots FinishInt FinishF32 FinishF64 Zero CheckStack
    Zero1 Zero2 Zero3 Zero4 Zero5 Zero6 Zero7 Zero8 Fuel Pay CheckEpoch
    CallInternal CallDirect RestoreCtx CallImport CallIndirectS CallIndirectA CallRef
    ReturnCallInternal ReturnCallImport ReturnCallIndirect ReturnCallRef Compile
    MoveS MoveI Move32 MoveV128S MoveV128I
    SpillInt SpillF32 SpillF64 SpillV128
    GlobalGetInt GlobalGetIntBoth GlobalGetF32 GlobalGetF32Both GlobalGetF64 GlobalGetF64Both
    GlobalGetV128 GlobalSetS GlobalSetInt GlobalSetI GlobalSetF32 GlobalSetF64 GlobalSetV128
    SelectIntS SelectIntSBoth SelectIntA SelectIntABoth
    SelectF32S SelectF32SBoth SelectF32A SelectF32ABoth
    SelectF64S SelectF64SBoth SelectF64A SelectF64ABoth SelectV128
    RefIsNull RefAsNonNull RefFunc
    TableGet TableSet TableSize TableGrow TableFill TableCopy TableInit ElemDrop
    MemorySize MemoryGrow MemoryFill MemoryCopy MemoryInit DataDrop
    VShuffle AtomicNotify AtomicWait AtomicFence
    StructNew StructNewDefault StructGet StructSet
    StructNewDesc StructNewDefaultDesc RefGetDesc RefCastDescEq BrOnCastDescEq BrOnCastDescEqFail
    ArrayNew ArrayNewDefault ArrayNewFixed ArrayNewData ArrayNewElem
    ArrayGet ArraySet ArrayLen ArrayFill ArrayCopy ArrayInitData ArrayInitElem
    RefI31 I31GetS I31GetU RefEq RefTest RefCast BrOnCast BrOnCastFail
    Throw ThrowRef
    CanonF32 CanonF64 CanonF32x4 CanonF64x2
    ContNew ContBind Suspend Switch Resume ResumeThrow ResumeThrowRef
}

/// How many handlers are not fused ones.
pub const PLAIN: usize = base::SINGLE + Single::COUNT;
/// How many handlers there are.
pub const COUNT: usize = PLAIN + super::fused::COUNT;

macro_rules! define_op_types {
    ([] $($class:ident { $($opcode:literal $variant:ident $snake:ident $mnemonic:literal
        $([$($operand:ident)*] -> [$($result:ident)*] $($size:literal)?)?
        $(($($immediate:ident)*))? $feature:ident;)* })*) => {
        /// One type per operator, to be a parameter of handlers.
        #[expect(missing_docs, reason = "the names are the spec's own")]
        pub mod op {
            $($(pub struct $variant;)*)*
        }
    };
}
for_each_op!(define_op_types);

/// Hands every handler to the macro `$then`: first those whose code belongs into the portable
/// loop itself, then those that it may call, then fused pairs and triples.
#[macro_export]
macro_rules! for_each_handler {
    ($then:ident) => {
        rwasm_parser::numeric_ops! {
            [vector_ops memory_ops atomic_ops custom_ops list_handlers] @$then
        }
    };
}

/// Turns the operator table into the list of handlers.
#[macro_export]
macro_rules! list_handlers {
    ([] @$then:ident
        unop { $($c1:literal $unop:ident $s1:ident $m1:literal [$($t1:ident)*] -> [$($r1:ident)*] $f1:ident;)* }
        binop { $($c2:literal $binop:ident $s2:ident $m2:literal [$($t2:ident)*] -> [$($r2:ident)*] $f2:ident;)* }
        testop { $($c3:literal $testop:ident $s3:ident $m3:literal [$($t3:ident)*] -> [$($r3:ident)*] $f3:ident;)* }
        relop { $($c4:literal $relop:ident $s4:ident $m4:literal [$($t4:ident)*] -> [$($r4:ident)*] $f4:ident;)* }
        cvtop { $($c5:literal $cvtop:ident $s5:ident $m5:literal [$($t5:ident)*] -> [$($r5:ident)*] $f5:ident;)* }
        wideop { $($c6:literal $wideop:ident $s6:ident $m6:literal [$($t6:ident)*] -> [$($r6:ident)*] $f6:ident;)* }
        vunop { $($c7:literal $vunop:ident $s7:ident $m7:literal [$($t7:ident)*] -> [$($r7:ident)*] $f7:ident;)* }
        vbinop { $($c8:literal $vbinop:ident $s8:ident $m8:literal [$($t8:ident)*] -> [$($r8:ident)*] $f8:ident;)* }
        vternop { $($c9:literal $vternop:ident $s9:ident $m9:literal [$($t9:ident)*] -> [$($r9:ident)*] $f9:ident;)* }
        vtestop { $($c10:literal $vtestop:ident $s10:ident $m10:literal [$($t10:ident)*] -> [$($r10:ident)*] $f10:ident;)* }
        vshiftop { $($c11:literal $vshiftop:ident $s11:ident $m11:literal [$($t11:ident)*] -> [$($r11:ident)*] $f11:ident;)* }
        vsplat { $($c12:literal $vsplat:ident $s12:ident $m12:literal [$($t12:ident)*] -> [$($r12:ident)*] $f12:ident;)* }
        vextract { $($c13:literal $vextract:ident $s13:ident $m13:literal [$($t13:ident)*] -> [$($r13:ident)*] $f13:ident;)* }
        vreplace { $($c14:literal $vreplace:ident $s14:ident $m14:literal [$($t14:ident)*] -> [$($r14:ident)*] $f14:ident;)* }
        load { $($c15:literal $load:ident $s15:ident $m15:literal [$($t15:ident)*] -> [$($r15:ident)*] $z15:literal $f15:ident;)* }
        store { $($c16:literal $store:ident $s16:ident $m16:literal [$($t16:ident)*] -> [$($r16:ident)*] $z16:literal $f16:ident;)* }
        vload { $($c17:literal $vload:ident $s17:ident $m17:literal [$($t17:ident)*] -> [$($r17:ident)*] $z17:literal $f17:ident;)* }
        vstore { $($vstore:tt)* }
        vload_lane { $($c19:literal $vload_lane:ident $s19:ident $m19:literal [$($t19:ident)*] -> [$($r19:ident)*] $z19:literal $f19:ident;)* }
        vstore_lane { $($c20:literal $vstore_lane:ident $s20:ident $m20:literal [$($t20:ident)*] -> [$($r20:ident)*] $z20:literal $f20:ident;)* }
        atomic_load { $($c21:literal $atomic_load:ident $s21:ident $m21:literal [$($t21:ident)*] -> [$($r21:ident)*] $z21:literal $f21:ident;)* }
        atomic_store { $($c22:literal $atomic_store:ident $s22:ident $m22:literal [$($t22:ident)*] -> [$($r22:ident)*] $z22:literal $f22:ident;)* }
        atomic_rmw { $($c23:literal $atomic_rmw:ident $s23:ident $m23:literal [$($t23:ident)*] -> [$($r23:ident)*] $z23:literal $f23:ident;)* }
        atomic_cmpxchg { $($c24:literal $atomic_cmpxchg:ident $s24:ident $m24:literal [$($t24:ident)*] -> [$($r24:ident)*] $z24:literal $f24:ident;)* }
        custom { $($custom:tt)* }
    ) => {
        $crate::for_each_fused! {
            $then
            // Part of the portable loop.
            {
                $(Un<op::$unop, S, ToAcc>; Un<op::$unop, S, ToBoth>; Un<op::$unop, A, ToAcc>; Un<op::$unop, A, ToBoth>;)*
                $(Un<op::$testop, S, ToAcc>; Un<op::$testop, S, ToBoth>; Un<op::$testop, A, ToAcc>; Un<op::$testop, A, ToBoth>;)*
                $(Un<op::$cvtop, S, ToAcc>; Un<op::$cvtop, S, ToBoth>; Un<op::$cvtop, A, ToAcc>; Un<op::$cvtop, A, ToBoth>;)*
                $(
                    Bin<op::$binop, S, S, ToAcc>; Bin<op::$binop, S, S, ToBoth>;
                    Bin<op::$binop, S, A, ToAcc>; Bin<op::$binop, S, A, ToBoth>;
                    Bin<op::$binop, A, S, ToAcc>; Bin<op::$binop, A, S, ToBoth>;
                    Bin<op::$binop, S, I, ToAcc>; Bin<op::$binop, S, I, ToBoth>;
                    Bin<op::$binop, A, I, ToAcc>; Bin<op::$binop, A, I, ToBoth>;
                )*
                $(
                    Bin<op::$relop, S, S, ToAcc>; Bin<op::$relop, S, S, ToBoth>;
                    Bin<op::$relop, S, A, ToAcc>; Bin<op::$relop, S, A, ToBoth>;
                    Bin<op::$relop, A, S, ToAcc>; Bin<op::$relop, A, S, ToBoth>;
                    Bin<op::$relop, S, I, ToAcc>; Bin<op::$relop, S, I, ToBoth>;
                    Bin<op::$relop, A, I, ToAcc>; Bin<op::$relop, A, I, ToBoth>;
                    BrCmp<op::$relop, S, S, true>; BrCmp<op::$relop, S, S, false>;
                    BrCmp<op::$relop, S, A, true>; BrCmp<op::$relop, S, A, false>;
                    BrCmp<op::$relop, A, S, true>; BrCmp<op::$relop, A, S, false>;
                    BrCmp<op::$relop, S, I, true>; BrCmp<op::$relop, S, I, false>;
                    BrCmp<op::$relop, A, I, true>; BrCmp<op::$relop, A, I, false>;
                )*
                $(
                    LoadMem<op::$load, S, ToAcc, Own>; LoadMem<op::$load, S, ToBoth, Own>;
                    LoadMem<op::$load, A, ToAcc, Own>; LoadMem<op::$load, A, ToBoth, Own>;
                )*
                $(
                    StoreMem<op::$store, S, S, Own>; StoreMem<op::$store, S, A, Own>;
                    StoreMem<op::$store, S, I, Own>; StoreMem<op::$store, A, S, Own>;
                    StoreMem<op::$store, A, I, Own>; StoreMem<op::$store, A, A, Own>;
                )*
                Br; BrIf<S, true>; BrIf<A, true>; BrIf<S, false>; BrIf<A, false>;
                BrTable<S>; BrTable<A>;
                Return; ReturnValue<u64, S>; ReturnValue<u64, I>; ReturnValue<f32, S>; ReturnValue<f64, S>;
                CallInternal; CallDirect; CallImport; CallIndirect<S>; CallIndirect<A>; RestoreCtx; ReturnCallInternal;
                Move<S>; Move<I>; Move32; Zero; CheckStack;
                ZeroSome<1>; ZeroSome<2>; ZeroSome<3>; ZeroSome<4>; ZeroSome<5>; ZeroSome<6>;
                ZeroSome<7>; ZeroSome<8>; Fuel; CheckEpoch;
                Spill<u64>; Spill<f32>; Spill<f64>;
                GlobalGet<u64, ToAcc>; GlobalGet<u64, ToBoth>; GlobalGet<f32, ToAcc>;
                GlobalGet<f32, ToBoth>; GlobalGet<f64, ToAcc>; GlobalGet<f64, ToBoth>;
                GlobalSet<u64, S>; GlobalSet<u64, A>; GlobalSet<u64, I>; GlobalSet<f32, A>; GlobalSet<f64, A>;
                Select<u64, S, ToAcc>; Select<u64, S, ToBoth>; Select<u64, A, ToAcc>; Select<u64, A, ToBoth>;
                Select<f32, S, ToAcc>; Select<f32, S, ToBoth>; Select<f32, A, ToAcc>; Select<f32, A, ToBoth>;
                Select<f64, S, ToAcc>; Select<f64, S, ToBoth>; Select<f64, A, ToAcc>; Select<f64, A, ToBoth>;
            }
            // Called from the portable loop.
            {
                $(Wide<op::$wideop>;)*
                $(
                    LoadMem<op::$load, S, ToAcc, Shared>; LoadMem<op::$load, S, ToBoth, Shared>;
                    LoadMem<op::$load, A, ToAcc, Shared>; LoadMem<op::$load, A, ToBoth, Shared>;
                )*
                $(
                    StoreMem<op::$store, S, S, Shared>; StoreMem<op::$store, S, A, Shared>;
                    StoreMem<op::$store, S, I, Shared>; StoreMem<op::$store, A, S, Shared>;
                    StoreMem<op::$store, A, I, Shared>; StoreMem<op::$store, A, A, Shared>;
                )*
                $(LoadAny<op::$load, Own>; LoadAny<op::$load, Shared>;)*
                $(StoreAny<op::$store, Own>; StoreAny<op::$store, Shared>;)*
                $(VUn<op::$vunop, S>; VUn<op::$vunop, A>;)*
                $(VBin<op::$vbinop, S, S>; VBin<op::$vbinop, S, A>; VBin<op::$vbinop, A, S>;)*
                $(
                    VTern<op::$vternop, S, S, S>; VTern<op::$vternop, A, S, S>;
                    VTern<op::$vternop, S, A, S>; VTern<op::$vternop, S, S, A>;
                )*
                $(
                    VTestTo<op::$vtestop, S, ToAcc>; VTestTo<op::$vtestop, S, ToBoth>;
                    VTestTo<op::$vtestop, A, ToAcc>; VTestTo<op::$vtestop, A, ToBoth>;
                )*
                $(
                    VShiftBy<op::$vshiftop, S, S>; VShiftBy<op::$vshiftop, S, I>;
                    VShiftBy<op::$vshiftop, A, S>; VShiftBy<op::$vshiftop, A, I>;
                )*
                $(VSplat<op::$vsplat, S>; VSplat<op::$vsplat, A>;)*
                $(VExtract<op::$vextract, ToAcc>; VExtract<op::$vextract, ToBoth>;)*
                $(
                    VReplace<op::$vreplace, S, S>; VReplace<op::$vreplace, S, A>;
                    VReplace<op::$vreplace, A, S>; VReplace<op::$vreplace, A, A>;
                )*
                $(VLoadMem<op::$vload, S>; VLoadMem<op::$vload, A>; VLoadAny<op::$vload, Own>; VLoadAny<op::$vload, Shared>;)*
                VStoreMem<S, S>; VStoreMem<S, A>; VStoreMem<A, S>; VStoreMem<A, A>;
                VStoreAny<Own>; VStoreAny<Shared>; VShuffle;
                $(VLoadLane<op::$vload_lane, Own>; VLoadLane<op::$vload_lane, Shared>;)*
                $(VStoreLane<op::$vstore_lane, Own>; VStoreLane<op::$vstore_lane, Shared>;)*
                $(AtomicLoad<op::$atomic_load>;)* $(AtomicStore<op::$atomic_store>;)*
                $(AtomicRmw<op::$atomic_rmw>;)* $(AtomicCmpxchg<op::$atomic_cmpxchg>;)*
                AtomicNotify; AtomicWait; AtomicFence;
                Pay; CanonF32; CanonF64; CanonF32x4; CanonF64x2;
                Unreachable; BrNull<true>; BrNull<false>;
                Finish<0>; Finish<1>; Finish<2>; Finish<3>; Compile;
                CallRef; ReturnCallImport; ReturnCallIndirect; ReturnCallRef;
                MoveV128<S>; MoveV128<I>; Spill<V128>; GlobalGetV128; GlobalSetV128; SelectV128;
                RefIsNull; RefAsNonNull; RefFunc;
                StructNew; StructNewDefault; StructGet; StructSet;
                StructNewDesc; StructNewDefaultDesc; RefGetDesc; RefCastDescEq;
                BrCastDescEq<true>; BrCastDescEq<false>;
                ArrayNew; ArrayNewDefault; ArrayNewFixed; ArrayNewData; ArrayNewElem;
                ArrayGet; ArraySet; ArrayLen; ArrayFill; ArrayCopy; ArrayInitData; ArrayInitElem;
                RefI31; I31GetS; I31GetU; RefEq; RefTest; RefCast; BrCast<true>; BrCast<false>;
                Throw; ThrowRef;
                ContNew; ContBind; Suspend; Switch; Resume; ResumeThrow; ResumeThrowRef;
                TableGet; TableSet; TableSize; TableGrow; TableFill; TableCopy; TableInit; ElemDrop;
                MemorySize; MemoryGrow; MemoryFill; MemoryCopy; MemoryInit; DataDrop;
            }
        }
    };
}
