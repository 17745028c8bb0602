//! Vectors. Spec: *Execution → Vector Instructions*.
//!
//! Vectors live in slots, two each. Whatever computes one puts it in the accumulator for vectors as
//! well, from which the next instruction has it at once.

use super::list::{Single, op};
use super::memory::Access;
use super::numeric::{pair, source_len};
use super::operand::{Num, Source, Target};
use super::{Handler, Packed, Regs, Step, WORD, base};
use core::marker::PhantomData;
use rwasm_parser::ops::*;
use rwasm_parser::{atomic_ops, custom_ops, for_each_op, memory_ops, vector_ops};
use rwasm_runtime::vm::relaxed::Bytes;
use rwasm_runtime::{Trap, V128, numerics};

/// `[v128] -> [v128]`
pub trait VUnary {
    /// Its number in its class.
    const ID: usize;
    /// Computes it.
    fn eval(value: V128) -> V128;
}

/// `[v128 v128] -> [v128]`
pub trait VBinary {
    /// Its number in its class.
    const ID: usize;
    /// Computes it.
    fn eval(lhs: V128, rhs: V128) -> V128;
}

/// `[v128 v128 v128] -> [v128]`
pub trait VTernary {
    /// Its number in its class.
    const ID: usize;
    /// Computes it.
    fn eval(a: V128, b: V128, c: V128) -> V128;
}

/// `[v128] -> [i32]`
pub trait VTest {
    /// Its number in its class.
    const ID: usize;
    /// Computes it.
    fn eval(value: V128) -> u32;
}

/// `[v128 i32] -> [v128]`
pub trait VShift {
    /// Its number in its class.
    const ID: usize;
    /// Computes it.
    fn eval(value: V128, count: u32) -> V128;
}

/// A number to all lanes.
pub trait Splat {
    /// Its number in its class.
    const ID: usize;
    /// The number's type.
    type In: Num;
    /// Computes it.
    fn eval(value: Self::In) -> V128;
}

/// A lane to a number.
pub trait Extract {
    /// Its number in its class.
    const ID: usize;
    /// The number's type.
    type Out: Num;
    /// The lane's.
    type Raw: Copy;
    /// What a lane is as a number.
    fn convert(raw: Self::Raw) -> Self::Out;
}

/// A number to a lane.
pub trait Replace {
    /// Its number in its class.
    const ID: usize;
    /// The number's type.
    type In: Num;
    /// Computes it.
    fn eval(value: V128, lane: u8, number: Self::In) -> V128;
}

macro_rules! rust_type {
    (i32) => {
        u32
    };
    (i64) => {
        u64
    };
    (f32) => {
        f32
    };
    (f64) => {
        f64
    };
}

macro_rules! impl_vector {
    ([]
        unop { $($x1:tt)* }
        binop { $($x2:tt)* }
        testop { $($x3:tt)* }
        relop { $($x4:tt)* }
        cvtop { $($x5:tt)* }
        wideop { $($x6:tt)* }
        vunop { $($uc:literal $uv:ident $us:ident $um:literal [$($ut:ident)*] -> [$ur:ident] $uf:ident;)* }
        vbinop { $($bc:literal $bv:ident $bs:ident $bm:literal [$($bt:ident)*] -> [$br:ident] $bf:ident;)* }
        vternop { $($tc:literal $tv:ident $ts:ident $tm:literal [$($tt:ident)*] -> [$tr:ident] $tf:ident;)* }
        vtestop { $($ec:literal $ev:ident $es:ident $em:literal [$($et:ident)*] -> [$er:ident] $ef:ident;)* }
        vshiftop { $($hc:literal $hv:ident $hs:ident $hm:literal [$($ht:ident)*] -> [$hr:ident] $hf:ident;)* }
        vsplat { $($sc:literal $sv:ident $ss:ident $sm:literal [$st:ident] -> [$sr:ident] $sf:ident;)* }
        vextract { $($x7:tt)* }
        vreplace { $($rc:literal $rv:ident $rs:ident $rm:literal [$rt:ident $rn:ident] -> [$rr:ident] $rf:ident;)* }
        $($rest:tt)*
    ) => {
        $(impl VUnary for op::$uv {
            const ID: usize = VUnOp::$uv as usize;
            #[inline(always)]
            fn eval(value: V128) -> V128 { numerics::$us(value) }
        })*
        $(impl VBinary for op::$bv {
            const ID: usize = VBinOp::$bv as usize;
            #[inline(always)]
            fn eval(lhs: V128, rhs: V128) -> V128 { numerics::$bs(lhs, rhs) }
        })*
        $(impl VTernary for op::$tv {
            const ID: usize = VTernOp::$tv as usize;
            #[inline(always)]
            fn eval(a: V128, b: V128, c: V128) -> V128 { numerics::$ts(a, b, c) }
        })*
        $(impl VTest for op::$ev {
            const ID: usize = VTestOp::$ev as usize;
            #[inline(always)]
            fn eval(value: V128) -> u32 { u32::from(numerics::$es(value)) }
        })*
        $(impl VShift for op::$hv {
            const ID: usize = VShiftOp::$hv as usize;
            #[inline(always)]
            fn eval(value: V128, count: u32) -> V128 { numerics::$hs(value, count) }
        })*
        $(impl Splat for op::$sv {
            const ID: usize = VSplatOp::$sv as usize;
            type In = rust_type!($st);
            #[inline(always)]
            fn eval(value: Self::In) -> V128 { numerics::$ss(value) }
        })*
        $(impl Replace for op::$rv {
            const ID: usize = VReplaceOp::$rv as usize;
            type In = rust_type!($rn);
            #[inline(always)]
            fn eval(value: V128, lane: u8, number: Self::In) -> V128 {
                numerics::$rs(value, lane, number)
            }
        })*
    };
}
for_each_op!(impl_vector);

macro_rules! handlers {
    ($($(#[$doc:meta])* $name:ident<$op:ident: $class:ident $(, $source:ident)*> $index:expr; $len:expr; |$r:ident| $body:block)*) => {$(
        $(#[$doc])*
        pub struct $name<$op $(, $source)*>(PhantomData<($op $(, $source)*)>);

        impl<$op: $class $(, $source: Source)*> Handler for $name<$op $(, $source)*> {
            const INDEX: usize = $index;
            const LEN: usize = WORD + $len;

            #[inline(always)]
            unsafe fn run($r: &mut Regs) -> Step {
                // SAFETY: operands are laid out as the type says; accesses to memory are checked.
                unsafe { $body }
                $r.next(Self::LEN)
            }
        }
    )*};
}

/// How many bytes a vector's source takes.
const fn len(id: usize) -> usize {
    source_len(id, 16)
}

/// Which of three sources is the accumulator, from 1 on; 0 if none is.
pub const fn which(sources: [usize; 3]) -> usize {
    sources[0] + sources[1] * 2 + sources[2] * 3
}

handlers! {
    /// `dst = op(src)`: `[dst][src]`
    VUn<O: VUnary, X> base::VUNARY + O::ID * 2 + X::ID; 2 + len(X::ID); |r| {
        let value = O::eval(X::get(r, WORD + 2));
        r.put_vector(WORD, value);
    }
    /// `dst = op(lhs, rhs)`: `[dst][lhs][rhs]`
    VBin<O: VBinary, X, Y> base::VBINARY + O::ID * 3 + pair(X::ID, Y::ID);
    2 + len(X::ID) + len(Y::ID); |r| {
        let value = O::eval(X::get(r, WORD + 2), Y::get(r, WORD + 2 + len(X::ID)));
        r.put_vector(WORD, value);
    }
    /// `dst = op(a, b, c)`: `[dst][a][b][c]`
    VTern<O: VTernary, X, Y, Z> base::VTERNARY + O::ID * 4 + which([X::ID, Y::ID, Z::ID]);
    2 + len(X::ID) + len(Y::ID) + len(Z::ID); |r| {
        let b = WORD + 2 + len(X::ID);
        let value = O::eval(X::get(r, WORD + 2), Y::get(r, b), Z::get(r, b + len(Y::ID)));
        r.put_vector(WORD, value);
    }
    /// `dst = op(src, count)`: `[dst][src][count]`
    VShiftBy<O: VShift, X, C> base::VSHIFT + O::ID * 4 + X::ID * 2 + C::ID / 2;
    2 + len(X::ID) + source_len(C::ID, 4); |r| {
        let value = O::eval(X::get(r, WORD + 2), C::get(r, WORD + 2 + len(X::ID)));
        r.put_vector(WORD, value);
    }
    /// `dst = op(src, lane, number)`: `[dst][src][number][lane: u16]`
    VReplace<O: Replace, X, Y> base::VREPLACE + O::ID * 4 + X::ID * 2 + Y::ID;
    4 + len(X::ID) + source_len(Y::ID, 0); |r| {
        let number = Y::get(r, WORD + 2 + len(X::ID));
        let lane = r.operand::<u8>(Self::LEN - 2);
        let value = O::eval(X::get(r, WORD + 2), lane, number);
        r.put_vector(WORD, value);
    }
    /// `dst = op(number)`: `[dst][number]`
    VSplat<O: Splat, X> base::VSPLAT + O::ID * 2 + X::ID; 2 + source_len(X::ID, 0); |r| {
        let value = O::eval(X::get(r, WORD + 2));
        r.put_vector(WORD, value);
    }
    /// `dst = mem0[addr + offset]`: `[dst][addr][end: u32]`
    VLoadMem<O: VLoad, X> base::VLOAD + O::ID * 2 + X::ID; 6 + source_len(X::ID, 4); |r| {
        let Some(end) = r.end_in_mem0(X::get(r, WORD + 2), Self::LEN - 4) else {
            return Step::Refresh;
        };
        let start = end.wrapping_sub(size_of::<O::Raw>());
        r.put_vector(WORD, O::convert((*start.cast::<Packed<O::Raw>>()).0));
    }
}

macro_rules! any_handlers {
    ($($(#[$doc:meta])* $name:ident<$op:ident: $class:ident, $access:ident> $base:ident $ops:ident $len:expr; |$r:ident| $body:block)*) => {$(
        $(#[$doc])*
        pub struct $name<$op, $access>(PhantomData<($op, $access)>);

        impl<$op: $class, $access: Access> Handler for $name<$op, $access> {
            const INDEX: usize = base::$base + $access::ID * $ops::COUNT + $op::ID;
            const LEN: usize = WORD + $len;

            #[inline(always)]
            unsafe fn run($r: &mut Regs) -> Step {
                // SAFETY: operands are laid out as the type says; accesses to memory are checked.
                unsafe { $body }
                $r.next(Self::LEN)
            }
        }
    )*};
}

any_handlers! {
    /// `dst = mem[addr + offset]`: `[dst][addr][mem: u32][offset: u64]`
    VLoadAny<O: VLoad, M> VLOAD_ANY VLoadOp 16; |r| {
        let Some(start) = r.start_in_any(r.read(WORD + 2), WORD + 4, size_of::<O::Raw>()) else {
            return r.trap(Trap::MemoryOutOfBounds);
        };
        r.put_vector(WORD, O::convert(M::load(start)));
    }
    /// `dst = src with a lane from memory`: `[dst][addr][mem: u32][offset: u64][src][lane: u16]`
    VLoadLane<O: LoadLane, M> VLOAD_LANE VLoadLaneOp 20; |r| {
        let Some(start) = r.start_in_any(r.read(WORD + 2), WORD + 4, size_of::<O::Raw>()) else {
            return r.trap(Trap::MemoryOutOfBounds);
        };
        let raw = M::load(start);
        let value = O::insert(r.vector(WORD + 16), r.operand::<u8>(WORD + 18), raw);
        r.put_vector(WORD, value);
    }
    /// `mem[addr + offset] = a lane of src`: `[src][addr][mem: u32][offset: u64][lane: u16]`
    VStoreLane<O: StoreLane, M> VSTORE_LANE VStoreLaneOp 18; |r| {
        let Some(start) = r.start_in_any(r.read(WORD + 2), WORD + 4, size_of::<O::Raw>()) else {
            return r.trap(Trap::MemoryOutOfBounds);
        };
        let raw = O::extract(r.vector(WORD), r.operand::<u8>(WORD + 16));
        M::store(start, raw);
    }
}

/// `dst = op(src)`, an `i32`: `[dst][src]`
pub struct VTestTo<O, X, D>(PhantomData<(O, X, D)>);

impl<O: VTest, X: Source, D: Target> Handler for VTestTo<O, X, D> {
    const INDEX: usize = base::VTEST + O::ID * 4 + X::ID * 2 + D::ID;
    const LEN: usize = WORD + 2 + len(X::ID);

    #[inline(always)]
    unsafe fn run(r: &mut Regs) -> Step {
        // SAFETY: operands are laid out as the type says; by contract of `run`.
        unsafe {
            let value = O::eval(X::get(r, WORD + 2));
            D::put(r, WORD, value);
        }
        r.next(Self::LEN)
    }
}

/// `dst = op(src, lane)`, a number: `[dst][src][lane: u16]`, of which the former is read alone.
pub struct VExtract<O, D>(PhantomData<(O, D)>);

impl<O: Extract, D: Target> Handler for VExtract<O, D> {
    const INDEX: usize = base::VEXTRACT + O::ID * 2 + D::ID;
    const LEN: usize = WORD + 6;

    #[inline(always)]
    unsafe fn run(r: &mut Regs) -> Step {
        // SAFETY: operands are laid out as the type says; by contract of `run`.
        unsafe {
            let lanes = r.slot(WORD + 2).cast::<O::Raw>();
            let lane = lanes.wrapping_add(r.operand::<u16>(WORD + 4) as usize);
            D::put(r, WORD, O::convert((*lane.cast::<Packed<O::Raw>>()).0));
        }
        r.next(Self::LEN)
    }
}

/// `i8x16.shuffle`: `[dst][lhs][rhs][16 lanes]`
pub struct VShuffle;

impl Handler for VShuffle {
    const INDEX: usize = base::SINGLE + Single::VShuffle as usize;
    const LEN: usize = WORD + 22;

    #[inline(always)]
    unsafe fn run(r: &mut Regs) -> Step {
        // SAFETY: operands are laid out as the type says; by contract of `run`.
        unsafe {
            let lanes = r.operand::<[u8; 16]>(WORD + 6);
            let value = numerics::i8x16_shuffle(r.vector(WORD + 2), r.vector(WORD + 4), lanes);
            r.put_vector(WORD, value);
        }
        r.next(Self::LEN)
    }
}

/// `mem0[addr + offset] = value`: `[addr][value][end: u32]`
pub struct VStoreMem<X, Y>(PhantomData<(X, Y)>);

impl<X: Source, Y: Source> Handler for VStoreMem<X, Y> {
    const INDEX: usize = base::VSTORE + X::ID * 2 + Y::ID;
    const LEN: usize = WORD + source_len(X::ID, 4) + len(Y::ID) + 4;

    #[inline(always)]
    unsafe fn run(r: &mut Regs) -> Step {
        // SAFETY: operands are laid out as the type says; the access ends within the memory.
        unsafe {
            let Some(end) = r.end_in_mem0(X::get(r, WORD), Self::LEN - 4) else {
                return Step::Refresh;
            };
            let value = Y::get::<V128>(r, WORD + source_len(X::ID, 4));
            *end.wrapping_sub(16).cast::<Packed<V128>>() = Packed(value);
        }
        r.next(Self::LEN)
    }
}

/// `mem[addr + offset] = value`: `[addr][value][mem: u32][offset: u64]`
pub struct VStoreAny<M>(PhantomData<M>);

impl<M: Access> Handler for VStoreAny<M> {
    const INDEX: usize = base::VSTORE_ANY + M::ID;
    const LEN: usize = WORD + 16;

    #[inline(always)]
    unsafe fn run(r: &mut Regs) -> Step {
        // SAFETY: operands are laid out as the type says; the access lies within the memory.
        unsafe {
            let Some(start) = r.start_in_any(r.read(WORD), WORD + 4, 16) else {
                return r.trap(Trap::MemoryOutOfBounds);
            };
            M::store(start, r.vector(WORD + 2).0);
        }
        r.next(Self::LEN)
    }
}

/// A load of a vector.
pub trait VLoad {
    /// Its number in its class.
    const ID: usize;
    /// What is in memory.
    type Raw: Bytes;
    /// What it becomes.
    fn convert(raw: Self::Raw) -> V128;
}

impl VLoad for op::V128Load {
    const ID: usize = VLoadOp::V128Load as usize;
    type Raw = [u8; 16];

    #[inline(always)]
    fn convert(raw: [u8; 16]) -> V128 {
        V128(raw)
    }
}

macro_rules! vloads {
    ($($name:ident $snake:ident $raw:ident;)*) => {$(
        impl VLoad for op::$name {
            const ID: usize = VLoadOp::$name as usize;
            type Raw = [u8; size_of::<$raw>()];

            #[inline(always)]
            fn convert(raw: Self::Raw) -> V128 {
                numerics::$snake($raw::from_le_bytes(raw))
            }
        }
    )*};
}
vloads! {
    V128Load8x8S v128_load8x8_s u64;
    V128Load8x8U v128_load8x8_u u64;
    V128Load16x4S v128_load16x4_s u64;
    V128Load16x4U v128_load16x4_u u64;
    V128Load32x2S v128_load32x2_s u64;
    V128Load32x2U v128_load32x2_u u64;
    V128Load8Splat v128_load8_splat u8;
    V128Load16Splat v128_load16_splat u16;
    V128Load32Splat v128_load32_splat u32;
    V128Load64Splat v128_load64_splat u64;
    V128Load32Zero v128_load32_zero u32;
    V128Load64Zero v128_load64_zero u64;
}

macro_rules! extracts {
    ($($name:ident $snake:ident $out:ident $raw:ident;)*) => {$(
        impl Extract for op::$name {
            const ID: usize = VExtractOp::$name as usize;
            type Out = $out;
            type Raw = [u8; size_of::<$raw>()];

            #[inline(always)]
            fn convert(raw: Self::Raw) -> $out {
                numerics::$snake(V128::from_bits($raw::from_le_bytes(raw).into()), 0)
            }
        }
    )*};
}
extracts! {
    I8x16ExtractLaneS i8x16_extract_lane_s u32 u8;
    I8x16ExtractLaneU i8x16_extract_lane_u u32 u8;
    I16x8ExtractLaneS i16x8_extract_lane_s u32 u16;
    I16x8ExtractLaneU i16x8_extract_lane_u u32 u16;
    I32x4ExtractLane i32x4_extract_lane u32 u32;
    I64x2ExtractLane i64x2_extract_lane u64 u64;
    F32x4ExtractLane f32x4_extract_lane f32 u32;
    F64x2ExtractLane f64x2_extract_lane f64 u64;
}

/// A load to a lane.
pub trait LoadLane {
    /// Its number in its class.
    const ID: usize;
    /// What is in memory.
    type Raw: Bytes;
    /// Puts it in the lane.
    fn insert(vector: V128, lane: u8, raw: Self::Raw) -> V128;
}

/// A store of a lane.
pub trait StoreLane {
    /// Its number in its class.
    const ID: usize;
    /// What is put in memory.
    type Raw: Bytes;
    /// Takes it from the lane.
    fn extract(vector: V128, lane: u8) -> Self::Raw;
}

macro_rules! lanes {
    ($($load:ident $insert:ident $store:ident $extract:ident $raw:ident;)*) => {$(
        impl LoadLane for op::$load {
            const ID: usize = VLoadLaneOp::$load as usize;
            type Raw = [u8; size_of::<$raw>()];

            #[inline(always)]
            fn insert(vector: V128, lane: u8, raw: Self::Raw) -> V128 {
                numerics::$insert(vector, lane, $raw::from_le_bytes(raw))
            }
        }

        impl StoreLane for op::$store {
            const ID: usize = VStoreLaneOp::$store as usize;
            type Raw = [u8; size_of::<$raw>()];

            #[inline(always)]
            fn extract(vector: V128, lane: u8) -> Self::Raw {
                numerics::$extract(vector, lane).to_le_bytes()
            }
        }
    )*};
}
lanes! {
    V128Load8Lane v128_load8_lane V128Store8Lane v128_store8_lane u8;
    V128Load16Lane v128_load16_lane V128Store16Lane v128_store16_lane u16;
    V128Load32Lane v128_load32_lane V128Store32Lane v128_store32_lane u32;
    V128Load64Lane v128_load64_lane V128Store64Lane v128_store64_lane u64;
}
