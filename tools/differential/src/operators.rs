//! Operators by what they compute, from rwasm's own table of them.

use crate::random::Random;
use rwasm_parser::ValType;
use rwasm_parser::ops::Op;

/// Types of numbers and vectors.
pub const NUMBERS: [&str; 5] = ["i32", "i64", "f32", "f64", "v128"];

/// How an operator is written, and what it takes.
pub struct Form {
    /// Its name.
    pub mnemonic: &'static str,
    /// The types of its operands; without the address, if it accesses memory.
    pub operands: Vec<&'static str>,
    /// The types of its results.
    pub results: Vec<&'static str>,
    /// The number of its lane must be below this, if it has one.
    pub lanes: u64,
    /// Whether it accesses memory.
    pub memory: bool,
}

/// All operators on numbers, vectors and memories that have a signature.
pub fn forms() -> Vec<Form> {
    let mut forms: Vec<Form> = Op::all().filter_map(form).collect();
    forms.push(Form {
        mnemonic: "i8x16.shuffle",
        operands: vec!["v128"; 2],
        results: vec!["v128"],
        lanes: 0,
        memory: false,
    });
    forms
}

fn form(op: Op) -> Option<Form> {
    macro_rules! signatures {
        ($($class:ident)*) => {
            match op {
                $(Op::$class(op) => (op.operands(), op.results()),)*
                Op::CustomOp(_) => return None,
            }
        };
    }
    let (operands, results) = signatures! {
        UnOp BinOp TestOp RelOp CvtOp WideOp
        VUnOp VBinOp VTernOp VTestOp VShiftOp VSplatOp VExtractOp VReplaceOp
        LoadOp StoreOp VLoadOp VStoreOp VLoadLaneOp VStoreLaneOp
        AtomicLoadOp AtomicStoreOp AtomicRmwOp AtomicCmpxchgOp
    };
    use Op as O;
    let memory = matches!(
        op,
        O::LoadOp(_)
            | O::StoreOp(_)
            | O::VLoadOp(_)
            | O::VStoreOp(_)
            | O::VLoadLaneOp(_)
            | O::VStoreLaneOp(_)
            | O::AtomicLoadOp(_)
            | O::AtomicStoreOp(_)
            | O::AtomicRmwOp(_)
            | O::AtomicCmpxchgOp(_)
    );
    let lanes = match op {
        O::VExtractOp(_) | O::VReplaceOp(_) => lanes(op.mnemonic()),
        O::VLoadLaneOp(op) => 16 / u64::from(op.size_bytes()),
        O::VStoreLaneOp(op) => 16 / u64::from(op.size_bytes()),
        _ => 0,
    };
    Some(Form {
        mnemonic: op.mnemonic(),
        operands: operands.iter().map(|&ty| name(ty)).collect(),
        results: results.iter().map(|&ty| name(ty)).collect(),
        lanes,
        memory,
    })
}

/// `f32x4.extract_lane` has 4.
fn lanes(mnemonic: &str) -> u64 {
    let shape = mnemonic.split('.').next().and_then(|shape| shape.split_once('x'));
    shape.and_then(|(_, lanes)| lanes.parse().ok()).expect("a shape stands before the point")
}

fn name(ty: ValType) -> &'static str {
    match ty {
        ValType::I32 => "i32",
        ValType::I64 => "i64",
        ValType::F32 => "f32",
        ValType::F64 => "f64",
        ValType::V128 => "v128",
        _ => unreachable!("operators with signatures work on numbers"),
    }
}

/// A constant.
pub fn constant(ty: &str, random: &mut Random) -> String {
    let bits = random.bits();
    match ty {
        "i32" => format!("(i32.const {})", bits as i32),
        "i64" => format!("(i64.const {})", bits as i64),
        "f32" => format!("(f32.reinterpret_i32 (i32.const {}))", bits as i32),
        "f64" if random.once_in(2) => format!("(f64.const {})", bits as i16),
        "f64" => format!("(f64.reinterpret_i64 (i64.const {}))", bits as i64),
        _ => format!("(v128.const i64x2 {} {})", bits as i64, random.bits() as i64),
    }
}
