//! The operator table: one row per operator, in one file per category. Spec: *Binary Format →
//! Instructions*, which the rows follow.
//!
//! A row gives opcode, variant, snake-case name, mnemonic, signature (`addr` stands for the index
//! type of the memory), bytes accessed if it accesses memory, and the feature that brought it:
//!
//! ```text
//! 0x6a I32Add     i32_add      "i32.add"      [i32 i32] -> [i32]   MVP;
//! 0x2c I32Load8S  i32_load8_s  "i32.load8_s"  [addr] -> [i32]    1 MVP;
//! ```
//!
//! Prefixed opcodes are written as one number: `0xfd0113` is `0xfd` followed by `0x113` in LEB128.
//! Everything else about operators is derived from the rows: here the enums, their properties and
//! the decoding tables; elsewhere through [`for_each_op!`](crate::for_each_op).

mod atomic;
mod custom;
mod memory;
mod numeric;
#[cfg(test)]
mod tests;
mod vector;

use crate::Features;
use crate::syntax::ValType;
#[allow(unused_imports, reason = "the chain of macros names them")]
use crate::{atomic_ops, custom_ops, memory_ops, numeric_ops, vector_ops};

/// Hands the whole operator table to the macro `$then`, in one call:
///
/// ```text
/// [] unop { rows } binop { rows } testop relop cvtop wideop
/// vunop vbinop vternop vtestop vshiftop vsplat vextract vreplace
/// load store vload vstore vload_lane vstore_lane
/// atomic_load atomic_store atomic_rmw atomic_cmpxchg custom { rows }
/// ```
///
/// The macros of the categories call each other in turn: each takes the names of those still to
/// come in brackets and what was gathered so far, and hands on both. So whoever calls this needs
/// them in scope: `use rwasm_parser::{atomic_ops, custom_ops, for_each_op, memory_ops,
/// numeric_ops, vector_ops}`. A category can be had alone: `numeric_ops! { [then] }`.
#[macro_export]
macro_rules! for_each_op {
    ($then:ident) => {
        $crate::numeric_ops! { [vector_ops memory_ops atomic_ops custom_ops $then] }
    };
}

/// A name of the signatures as a type; `addr` is marked by a type that no signature has.
macro_rules! valtype {
    (i32) => {
        ValType::I32
    };
    (i64) => {
        ValType::I64
    };
    (f32) => {
        ValType::F32
    };
    (f64) => {
        ValType::F64
    };
    (v128) => {
        ValType::V128
    };
    (addr) => {
        ValType::BOTTOM
    };
}

/// The enum of a class, and what all enums have in common.
macro_rules! define_enum {
    ($name:ident $what:literal: $($opcode:literal $variant:ident $mnemonic:literal $feature:ident;)*) => {
        #[doc = concat!("Operators: ", $what, ".")]
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        pub enum $name { $(#[doc = concat!("`", $mnemonic, "`")] $variant,)* }

        impl $name {
            /// Every operator of the class, in the order of the table.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];
            /// How many there are.
            pub const COUNT: usize = Self::ALL.len();

            /// The operator's name in the text format.
            pub const fn mnemonic(self) -> &'static str {
                const TABLE: [&str; $name::COUNT] = [$($mnemonic),*];
                TABLE[self as usize]
            }

            /// The opcode; above one byte it is a prefix and a 16-bit number: `0xfd0113`.
            pub const fn opcode(self) -> u32 {
                const TABLE: [u32; $name::COUNT] = [$($opcode),*];
                TABLE[self as usize]
            }

            /// The feature that the operator belongs to.
            #[inline]
            pub const fn feature(self) -> Features {
                static TABLE: [Features; $name::COUNT] = [$(Features::$feature),*];
                TABLE[self as usize]
            }
        }

        impl From<$name> for Op {
            #[inline]
            fn from(op: $name) -> Op {
                Op::$name(op)
            }
        }
    };
}

/// A class whose rows have signatures.
macro_rules! define_class {
    ($name:ident $what:literal: $(
        $opcode:literal $variant:ident $snake:ident $mnemonic:literal
        [$($operand:ident)*] -> [$($result:ident)*] $($size:literal)? $feature:ident;
    )*) => {
        define_enum! { $name $what: $($opcode $variant $mnemonic $feature;)* }

        impl $name {
            /// The types of the operands; where the first is an address, of those after it.
            #[inline]
            pub const fn operands(self) -> &'static [ValType] {
                static TABLE: [&[ValType]; $name::COUNT] =
                    [$(after_address(&[$(valtype!($operand)),*])),*];
                TABLE[self as usize]
            }

            /// The types of the results.
            #[inline]
            pub const fn results(self) -> &'static [ValType] {
                static TABLE: [&[ValType]; $name::COUNT] = [$(&[$(valtype!($result)),*]),*];
                TABLE[self as usize]
            }
        }

        define_size! { $name $($($size)?)* }
    };
}

/// The size of what a class's rows access, if they have one.
macro_rules! define_size {
    ($name:ident) => {};
    ($name:ident $($size:literal)+) => {
        impl $name {
            /// How many bytes of memory are accessed.
            #[inline]
            pub const fn size_bytes(self) -> u32 {
                static TABLE: [u8; $name::COUNT] = [$($size),*];
                TABLE[self as usize] as u32
            }

            /// The binary logarithm of [`size_bytes`](Self::size_bytes), which the alignment hint
            /// cannot pass.
            #[inline]
            pub const fn size_log2(self) -> u32 {
                self.size_bytes().trailing_zeros()
            }
        }
    };
}

const fn after_address(operands: &'static [ValType]) -> &'static [ValType] {
    match operands {
        [ValType::BOTTOM, rest @ ..] => rest,
        _ => operands,
    }
}

/// All enums, and the enum over them.
macro_rules! define_ops {
    ([]
        unop { $($unop:tt)* }
        binop { $($binop:tt)* }
        testop { $($testop:tt)* }
        relop { $($relop:tt)* }
        cvtop { $($cvtop:tt)* }
        wideop { $($wideop:tt)* }
        vunop { $($vunop:tt)* }
        vbinop { $($vbinop:tt)* }
        vternop { $($vternop:tt)* }
        vtestop { $($vtestop:tt)* }
        vshiftop { $($vshiftop:tt)* }
        vsplat { $($vsplat:tt)* }
        vextract { $($vextract:tt)* }
        vreplace { $($vreplace:tt)* }
        load { $($load:tt)* }
        store { $($store:tt)* }
        vload { $($vload:tt)* }
        vstore { $($vstore:tt)* }
        vload_lane { $($vload_lane:tt)* }
        vstore_lane { $($vstore_lane:tt)* }
        atomic_load { $($atomic_load:tt)* }
        atomic_store { $($atomic_store:tt)* }
        atomic_rmw { $($atomic_rmw:tt)* }
        atomic_cmpxchg { $($atomic_cmpxchg:tt)* }
        custom { $(
            $opcode:literal $variant:ident $snake:ident $mnemonic:literal
            ($($immediate:ident)*) $feature:ident;
        )* }
    ) => {
        define_class! { UnOp "`[t] -> [t]`": $($unop)* }
        define_class! { BinOp "`[t t] -> [t]`": $($binop)* }
        define_class! { TestOp "`[t] -> [i32]`": $($testop)* }
        define_class! { RelOp "`[t t] -> [i32]`": $($relop)* }
        define_class! { CvtOp "`[t1] -> [t2]`": $($cvtop)* }
        define_class! { WideOp "on numbers of 128 bits as two `i64`": $($wideop)* }
        define_class! { VUnOp "`[v128] -> [v128]`": $($vunop)* }
        define_class! { VBinOp "`[v128 v128] -> [v128]`": $($vbinop)* }
        define_class! { VTernOp "`[v128 v128 v128] -> [v128]`": $($vternop)* }
        define_class! { VTestOp "`[v128] -> [i32]`": $($vtestop)* }
        define_class! { VShiftOp "`[v128 i32] -> [v128]`": $($vshiftop)* }
        define_class! { VSplatOp "a number to all lanes": $($vsplat)* }
        define_class! { VExtractOp "a number from a lane": $($vextract)* }
        define_class! { VReplaceOp "a number to a lane": $($vreplace)* }
        define_class! { LoadOp "loads of numbers": $($load)* }
        define_class! { StoreOp "stores of numbers": $($store)* }
        define_class! { VLoadOp "loads of vectors": $($vload)* }
        define_class! { VStoreOp "stores of vectors": $($vstore)* }
        define_class! { VLoadLaneOp "loads to a lane": $($vload_lane)* }
        define_class! { VStoreLaneOp "stores of a lane": $($vstore_lane)* }
        define_class! { AtomicLoadOp "atomic loads": $($atomic_load)* }
        define_class! { AtomicStoreOp "atomic stores": $($atomic_store)* }
        define_class! { AtomicRmwOp "atomic updates": $($atomic_rmw)* }
        define_class! { AtomicCmpxchgOp "atomic conditional updates": $($atomic_cmpxchg)* }
        define_enum! { CustomOp "with rules of their own":
            $($opcode $variant $mnemonic $feature;)* }

        impl CustomOp {
            /// The names of the immediates, in order.
            pub const fn immediates(self) -> &'static [&'static str] {
                static TABLE: [&[&str]; CustomOp::COUNT] = [$(&[$(stringify!($immediate)),*]),*];
                TABLE[self as usize]
            }
        }

        define_op! {
            UnOp BinOp TestOp RelOp CvtOp WideOp
            VUnOp VBinOp VTernOp VTestOp VShiftOp VSplatOp VExtractOp VReplaceOp
            LoadOp StoreOp VLoadOp VStoreOp VLoadLaneOp VStoreLaneOp
            AtomicLoadOp AtomicStoreOp AtomicRmwOp AtomicCmpxchgOp CustomOp
        }
    };
}

/// The enum over all classes, and the tables from opcodes to it.
macro_rules! define_op {
    ($($class:ident)*) => {
        /// An operator.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[expect(missing_docs, reason = "each variant is named after its class")]
        pub enum Op { $($class($class),)* }

        impl Op {
            /// How many operators there are.
            pub const COUNT: usize = 0 $(+ $class::COUNT)*;

            /// The operator's name in the text format.
            pub const fn mnemonic(self) -> &'static str {
                match self { $(Op::$class(op) => op.mnemonic(),)* }
            }

            /// The opcode; above one byte it is a prefix and a 16-bit number: `0xfd0113`.
            pub const fn opcode(self) -> u32 {
                match self { $(Op::$class(op) => op.opcode(),)* }
            }

            /// The feature that the operator belongs to.
            pub const fn feature(self) -> Features {
                match self { $(Op::$class(op) => op.feature(),)* }
            }

            /// The features that have operators.
            pub const FEATURES: Features = {
                let mut features = Features::MVP;
                $(
                    let mut i = 0;
                    while i < $class::COUNT {
                        features = features.with($class::ALL[i].feature());
                        i += 1;
                    }
                )*
                features
            };

            /// Every operator.
            pub fn all() -> impl Iterator<Item = Op> {
                core::iter::empty()$(.chain($class::ALL.iter().map(|&op| Op::$class(op))))*
            }
        }

        /// The operators whose opcodes begin at `base`, each at its distance from there.
        const fn table<const N: usize>(base: u32) -> [Option<Op>; N] {
            let mut table = [None; N];
            $(
                let mut i = 0;
                while i < $class::COUNT {
                    let op = $class::ALL[i];
                    if op.opcode() >= base && op.opcode() - base < N as u32 {
                        table[(op.opcode() - base) as usize] = Some(Op::$class(op));
                    }
                    i += 1;
                }
            )*
            table
        }
    };
}

for_each_op!(define_ops);

/// Operators of one byte, by opcode.
pub static PLAIN: [Option<Op>; 256] = table(0);

static FB: [Option<Op>; 0x28] = table(0xfb_0000);
static FC: [Option<Op>; 0x20] = table(0xfc_0000);
static FD: [Option<Op>; 0x120] = table(0xfd_0000);
static FE: [Option<Op>; 0x50] = table(0xfe_0000);

impl Op {
    /// Whether the byte is not an opcode but is followed by one in LEB128.
    #[inline]
    pub const fn is_prefix(byte: u8) -> bool {
        matches!(byte, 0xfb..=0xfe)
    }

    /// The operator with a prefix.
    #[inline]
    pub fn prefixed(prefix: u8, sub: u32) -> Option<Op> {
        let table: &[Option<Op>] = match prefix {
            0xfb => &FB,
            0xfc => &FC,
            0xfd => &FD,
            0xfe => &FE,
            _ => &[],
        };
        *table.get(sub as usize)?
    }

    /// The operator with an opcode as [`Op::opcode`] gives it.
    pub fn from_opcode(opcode: u32) -> Option<Op> {
        match opcode {
            0..=0xff => PLAIN[opcode as usize],
            _ => Op::prefixed(u8::try_from(opcode >> 16).ok()?, opcode & 0xffff),
        }
    }
}
