//! Numbers. Spec: *Execution → Numeric Instructions*.

use super::list::Single;
use super::operand::{Num, S, Source, Target, V128, Value};
use super::{Handler, Regs, Step, WORD, base};
use core::marker::PhantomData;
use rwasm_parser::ops::*;
use rwasm_parser::{atomic_ops, custom_ops, for_each_op, memory_ops, vector_ops};
use rwasm_runtime::{Trap, numerics};

/// The result of an operator, whether it can trap or not.
pub trait Outcome<T> {
    /// The result.
    fn outcome(self) -> Result<T, Trap>;
}

macro_rules! cannot_trap {
    ($($ty:ty)*) => {$(
        impl Outcome<$ty> for $ty {
            #[inline(always)]
            fn outcome(self) -> Result<$ty, Trap> {
                Ok(self)
            }
        }
    )*};
}
cannot_trap! { u32 u64 f32 f64 bool }

impl<T> Outcome<T> for Result<T, Trap> {
    #[inline(always)]
    fn outcome(self) -> Result<T, Trap> {
        self
    }
}

/// A unary operator.
pub trait Unary {
    /// Its number among unary operators.
    const ID: usize;
    /// The operand's type.
    type In: Num;
    /// The result's type.
    type Out: Num;
    /// Computes it.
    fn eval(value: Self::In) -> Result<Self::Out, Trap>;
}

/// A binary operator.
pub trait Binary {
    /// Its number among binary operators.
    const ID: usize;
    /// The operands' type.
    type In: Num;
    /// The result's type.
    type Out: Num;
    /// Computes it.
    fn eval(lhs: Self::In, rhs: Self::In) -> Result<Self::Out, Trap>;
}

/// A comparison: a [`Binary`] that a branch can be made of.
pub trait Compare: Binary<Out = bool> {
    /// Its number among comparisons.
    const ID: usize;
}

/// A name of the table's signatures as a Rust type.
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

macro_rules! unary {
    ($class:ident $first:expr; $result:ty; $($variant:ident $snake:ident $operand:ident;)*) => {$(
        impl Unary for super::list::op::$variant {
            const ID: usize = $first + $class::$variant as usize;
            type In = rust_type!($operand);
            type Out = $result;

            #[inline(always)]
            fn eval(value: Self::In) -> Result<Self::Out, Trap> {
                Outcome::<Self::Out>::outcome(numerics::$snake(value))
            }
        }
    )*};
}

macro_rules! impl_numeric {
    ([]
        unop { $($uc:literal $uv:ident $us:ident $um:literal [$ut:ident] -> [$ur:ident] $uf:ident;)* }
        binop { $($bc:literal $bv:ident $bs:ident $bm:literal [$bt:ident $bt2:ident] -> [$br:ident] $bf:ident;)* }
        testop { $($tc:literal $tv:ident $ts:ident $tm:literal [$tt:ident] -> [$tr:ident] $tf:ident;)* }
        relop { $($rc:literal $rv:ident $rs:ident $rm:literal [$rt:ident $rt2:ident] -> [$rr:ident] $rf:ident;)* }
        cvtop { $($cc:literal $cv:ident $cs:ident $cm:literal [$ct:ident] -> [$cr:ident] $cf:ident;)* }
        $($rest:tt)*
    ) => {
        $(unary! { UnOp 0; rust_type!($ut); $uv $us $ut; })*
        $(unary! { TestOp UnOp::COUNT; bool; $tv $ts $tt; })*
        $(unary! { CvtOp UnOp::COUNT + TestOp::COUNT; rust_type!($cr); $cv $cs $ct; })*
        $(
            impl Binary for super::list::op::$bv {
                const ID: usize = BinOp::$bv as usize;
                type In = rust_type!($bt);
                type Out = rust_type!($br);

                #[inline(always)]
                fn eval(lhs: Self::In, rhs: Self::In) -> Result<Self::Out, Trap> {
                    Outcome::<Self::Out>::outcome(numerics::$bs(lhs, rhs))
                }
            }
        )*
        $(
            impl Binary for super::list::op::$rv {
                const ID: usize = BinOp::COUNT + RelOp::$rv as usize;
                type In = rust_type!($rt);
                type Out = bool;

                #[inline(always)]
                fn eval(lhs: Self::In, rhs: Self::In) -> Result<bool, Trap> {
                    Outcome::<bool>::outcome(numerics::$rs(lhs, rhs))
                }
            }

            impl Compare for super::list::op::$rv {
                const ID: usize = RelOp::$rv as usize;
            }
        )*
    };
}
for_each_op!(impl_numeric);

/// `dst = op(src)`: `[dst][src]`
pub struct Un<O, X, D>(PhantomData<(O, X, D)>);

impl<O: Unary, X: Source, D: Target> Handler for Un<O, X, D> {
    const INDEX: usize = base::UNARY + O::ID * 4 + X::ID * 2 + D::ID;
    const LEN: usize = WORD + 2 + if X::ID == S::ID { 2 } else { 0 };

    #[inline(always)]
    unsafe fn run(r: &mut Regs) -> Step {
        // SAFETY: operands are laid out as the type says; by contract of `run`.
        unsafe {
            match O::eval(X::get::<O::In>(r, WORD + 2)) {
                Ok(value) => D::put(r, WORD, value),
                Err(trap) => return r.trap(trap),
            }
        }
        r.next(Self::LEN)
    }
}

/// The number of a pair of sources: SS, SA, AS, SI, AI.
pub const fn pair(lhs: usize, rhs: usize) -> usize {
    match (lhs, rhs) {
        (0, 0) => 0,
        (0, 1) => 1,
        (1, 0) => 2,
        (0, 2) => 3,
        (1, 2) => 4,
        _ => panic!("no handler takes this pair of operands"),
    }
}

/// How many bytes a source takes in an instruction, for an operand of `size` bytes.
pub const fn source_len(id: usize, size: usize) -> usize {
    match id {
        0 => 2,
        1 => 0,
        _ => size,
    }
}

/// `dst = op(lhs, rhs)`: `[dst][lhs][rhs]`
pub struct Bin<O, X, Y, D>(PhantomData<(O, X, Y, D)>);

impl<O: Binary, X: Source, Y: Source, D: Target> Handler for Bin<O, X, Y, D> {
    const INDEX: usize = base::BINARY + O::ID * 10 + pair(X::ID, Y::ID) * 2 + D::ID;
    const LEN: usize =
        WORD + 2 + source_len(X::ID, size_of::<O::In>()) + source_len(Y::ID, size_of::<O::In>());

    #[inline(always)]
    unsafe fn run(r: &mut Regs) -> Step {
        // SAFETY: operands are laid out as the type says; by contract of `run`.
        unsafe {
            let lhs = X::get::<O::In>(r, WORD + 2);
            let rhs = Y::get::<O::In>(r, WORD + 2 + X::len::<O::In>());
            match O::eval(lhs, rhs) {
                Ok(value) => D::put(r, WORD, value),
                Err(trap) => return r.trap(trap),
            }
        }
        r.next(Self::LEN)
    }
}

/// Branches if `op(lhs, rhs)` is `WHEN`: `[lhs][rhs][distance: i32]`
pub struct BrCmp<O, X, Y, const WHEN: bool>(PhantomData<(O, X, Y)>);

impl<O: Compare, X: Source, Y: Source, const WHEN: bool> Handler for BrCmp<O, X, Y, WHEN> {
    const INDEX: usize =
        base::BRANCH + <O as Compare>::ID * 10 + pair(X::ID, Y::ID) * 2 + WHEN as usize;
    const LEN: usize =
        WORD + source_len(X::ID, size_of::<O::In>()) + source_len(Y::ID, size_of::<O::In>()) + 4;

    #[inline(always)]
    unsafe fn run(r: &mut Regs) -> Step {
        // SAFETY: operands are laid out as the type says; by contract of `run`.
        unsafe {
            let lhs = X::get::<O::In>(r, WORD);
            let rhs = Y::get::<O::In>(r, WORD + X::len::<O::In>());
            if O::eval(lhs, rhs) == Ok(WHEN) {
                return r.branch(Self::LEN - 4);
            }
        }
        r.next(Self::LEN)
    }
}

/// Puts the accumulator of `T` in a slot: `[dst]`
pub struct Spill<T>(PhantomData<T>);

macro_rules! spills {
    ($($ty:ident $number:ident;)*) => {$(
        impl Handler for Spill<$ty> {
            const INDEX: usize = super::list::Single::$number as usize + base::SINGLE;
            const LEN: usize = WORD + 2;

            #[inline(always)]
            unsafe fn run(r: &mut Regs) -> Step {
                // SAFETY: operands are laid out as the type says; by contract of `run`.
                unsafe { r.write(WORD, <$ty>::acc(r).to_slot()) };
                r.next(Self::LEN)
            }
        }
    )*};
}
spills! { u64 SpillInt; f32 SpillF32; f64 SpillF64; }

impl Handler for Spill<V128> {
    const INDEX: usize = super::list::Single::SpillV128 as usize + base::SINGLE;
    const LEN: usize = WORD + 2;

    #[inline(always)]
    unsafe fn run(r: &mut Regs) -> Step {
        // SAFETY: operands are laid out as the type says; by contract of `run`.
        unsafe { r.write(WORD, V128::acc(r)) };
        r.next(Self::LEN)
    }
}

/// Wide arithmetic on slots.
pub struct Wide<O>(PhantomData<O>);

macro_rules! wide {
    ($($variant:ident $snake:ident ($($operand:ident)*);)*) => {$(
        impl Handler for Wide<super::list::op::$variant> {
            const INDEX: usize = base::WIDE + WideOp::$variant as usize;
            const LEN: usize = WORD + 4 + 2 * [$(stringify!($operand)),*].len();

            #[inline(always)]
            unsafe fn run(r: &mut Regs) -> Step {
                // `[lo][hi][operands…]`
                let mut at = WORD + 4;
                // SAFETY: operands are laid out as the type says; by contract of `run`.
                unsafe {
                    $(
                        let $operand = r.read::<u64>(at);
                        at += 2;
                    )*
                    let _ = at;
                    let (lo, hi) = numerics::$snake($($operand),*);
                    r.write(WORD, lo);
                    r.write(WORD + 2, hi);
                }
                r.next(Self::LEN)
            }
        }
    )*};
}
wide! {
    I64Add128 i64_add128 (a b c d);
    I64Sub128 i64_sub128 (a b c d);
    I64MulWideS i64_mul_wide_s (a b);
    I64MulWideU i64_mul_wide_u (a b);
}

macro_rules! canonical {
    ($($(#[$doc:meta])* $name:ident $len:literal |$r:ident| $body:block)*) => {$(
        $(#[$doc])*
        pub struct $name;

        impl Handler for $name {
            const INDEX: usize = base::SINGLE + Single::$name as usize;
            const LEN: usize = WORD + $len;

            #[inline(always)]
            unsafe fn run($r: &mut Regs) -> Step {
                // SAFETY: operands are laid out as the type says.
                #[allow(unused_unsafe, reason = "some have no operands")]
                unsafe { $body }
                $r.next(Self::LEN)
            }
        }
    )*};
}
canonical! {
    /// Makes a NaN in the accumulator the canonical one.
    CanonF32 0 |r| { r.f32 = numerics::canonical_f32(r.f32); }
    /// Makes a NaN in the accumulator the canonical one.
    CanonF64 0 |r| { r.f64 = numerics::canonical_f64(r.f64); }
    /// Makes NaNs in a slot's lanes canonical: `[slot]`
    CanonF32x4 2 |r| { r.put_vector(WORD, numerics::canonical_f32x4(r.vector(WORD))); }
    /// Makes NaNs in a slot's lanes canonical: `[slot]`
    CanonF64x2 2 |r| { r.put_vector(WORD, numerics::canonical_f64x2(r.vector(WORD))); }
}
