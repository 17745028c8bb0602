//! The operator table can be used from other crates, whole and by category.

use rwasm_parser::{atomic_ops, custom_ops, for_each_op, memory_ops, numeric_ops, vector_ops};

macro_rules! count {
    ([] $($class:ident { $($row:tt)* })*) => {
        const CLASSES: &[&str] = &[$(stringify!($class)),*];
    };
}
for_each_op!(count);

macro_rules! binop_functions {
    ([]
        unop { $($unop:tt)* }
        binop { $(
            $opcode:literal $variant:ident $snake:ident $mnemonic:literal
            [$($operand:ident)*] -> [$result:ident] $feature:ident;
        )* }
        $($rest:tt)*
    ) => {
        const BINOPS: &[(&str, &str)] = &[$((stringify!($snake), $mnemonic)),*];
    };
}
numeric_ops! { [binop_functions] }

#[test]
fn classes_come_in_order() {
    assert_eq!(CLASSES.len(), 25);
    assert_eq!((CLASSES[0], CLASSES[14], CLASSES[24]), ("unop", "load", "custom"));
}

#[test]
fn a_category_can_be_had_alone() {
    assert_eq!(BINOPS.len(), rwasm_parser::ops::BinOp::COUNT);
    for (snake, mnemonic) in BINOPS {
        assert_eq!(*snake, mnemonic.replace('.', "_"));
    }
}
