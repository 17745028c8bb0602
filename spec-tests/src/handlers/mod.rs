//! Functions of which each leads to some handler of the interpreter: every operator, with its
//! operands in locals, constants and accumulators, and its result used at once or kept.

use rwasm_parser::ValType;
mod fused;

use rwasm_parser::ops::*;
use std::fmt::Write as _;

/// A module of functions without results that all take [`Args`], and are called `0`, `1` and so on.
#[derive(Debug, Default)]
pub struct Functions {
    bodies: Vec<String>,
}

/// What every function is called with: two of each type of number, which are addresses as well.
pub type Args = (i32, i32, i64, i64, f32, f32, f64, f64);
/// The arguments.
pub const ARGS: Args = (8, 12, 8, 12, 1.5, 2.5, 1.5, 2.5);

/// The parameters.
const PARAMS: &str = "(param $ai32 i32) (param $bi32 i32) (param $ai64 i64) (param $bi64 i64) \
     (param $af32 f32) (param $bf32 f32) (param $af64 f64) (param $bf64 f64)";

/// An instruction that is part of no fused one, and leaves accumulators alone.
const GAP: &str = "data.drop 0\n";

/// How an operator's operands come about.
const FORMS: [&str; 5] = ["SS", "SA", "AS", "SI", "AI"];

/// What becomes of a result of type `ty`: only used, or put in a local as well.
fn uses(ty: ValType) -> [String; 2] {
    let ty = name(ty);
    [format!("{GAP}global.set $g{ty}\n"), format!("local.tee $t{ty}\n{GAP}global.set $g{ty}\n")]
}

fn name(ty: ValType) -> &'static str {
    match ty {
        ValType::I32 => "i32",
        ValType::I64 => "i64",
        ValType::F32 => "f32",
        ValType::F64 => "f64",
        ValType::V128 => "v128",
        _ => unreachable!("operators of the tables take numbers and vectors"),
    }
}

/// An operator that leaves a small result in the accumulator.
fn computed(ty: ValType) -> &'static str {
    match ty {
        ValType::I32 => "local.get $ai32\ni32.ctz\n",
        ValType::I64 => "local.get $ai64\ni64.ctz\n",
        ValType::F32 => "local.get $af32\nf32.sqrt\n",
        ValType::F64 => "local.get $af64\nf64.sqrt\n",
        _ => "local.get $tv128\nv128.not\n",
    }
}

fn constant(ty: ValType) -> String {
    match ty {
        ValType::V128 => "v128.const i32x4 1 2 3 4\n".into(),
        ty => format!("{}.const 3\n", name(ty)),
    }
}

/// Two operands in the form of [`FORMS`].
fn operands(form: &str, types: &[ValType]) -> String {
    let mut text = String::new();
    for ((place, &ty), param) in form.chars().zip(types).zip(["a", "b", "b"]) {
        match place {
            'S' => _ = writeln!(text, "local.get ${param}{}", name(ty)),
            'I' => text += &constant(ty),
            _ => {
                text += computed(ty);
                text += GAP;
            }
        }
    }
    text
}

impl Functions {
    fn add(&mut self, body: impl Into<String>) {
        self.bodies.push(body.into());
    }

    /// Adds functions that compute `code`, and use its result of type `ty` in either way.
    fn with_uses(&mut self, code: &str, ty: ValType) {
        for used in uses(ty) {
            self.add(format!("{GAP}{code}{used}"));
        }
    }

    /// Operators on one and two numbers.
    pub fn numeric(&mut self) {
        for form in FORMS {
            for op in BinOp::ALL {
                let code = operands(form, op.operands()) + op.mnemonic() + "\n";
                self.with_uses(&code, op.results()[0]);
            }
            for op in RelOp::ALL {
                let code = operands(form, op.operands()) + op.mnemonic() + "\n";
                self.with_uses(&code, ValType::I32);
                self.add(format!("{GAP}block\n{code}br_if 0\n{GAP}end\n"));
                self.add(format!("{GAP}{code}if\n{GAP}end\n"));
                self.add(format!("{GAP}block\n{code}i32.eqz\nbr_if 0\n{GAP}end\n"));
            }
        }
        let unary = UnOp::ALL.iter().map(|op| (op.mnemonic(), op.operands(), op.results()[0]));
        let tests = TestOp::ALL.iter().map(|op| (op.mnemonic(), op.operands(), ValType::I32));
        let conversions =
            CvtOp::ALL.iter().map(|op| (op.mnemonic(), op.operands(), op.results()[0]));
        for (mnemonic, types, result) in unary.chain(tests).chain(conversions) {
            for form in ["S", "A"] {
                self.with_uses(&(operands(form, types) + mnemonic + "\n"), result);
            }
        }
    }

    /// Accesses to the memory `mem`.
    pub fn memory(&mut self, mem: u32) {
        for form in ["S", "A"] {
            let address = operands(form, &[ValType::I32]);
            for op in LoadOp::ALL {
                let code = format!("{address}{} {mem}\n", op.mnemonic());
                self.with_uses(&code, op.results()[0]);
            }
            for op in VLoadOp::ALL {
                self.with_uses(&format!("{address}{} {mem}\n", op.mnemonic()), ValType::V128);
            }
        }
        let stores = StoreOp::ALL.iter().map(|op| (op.mnemonic(), op.operands()));
        let stores = stores.chain(VStoreOp::ALL.iter().map(|op| (op.mnemonic(), op.operands())));
        for (mnemonic, types) in stores {
            let value = types[types.len() - 1];
            for form in ["SS", "SA", "AS", "SI", "AI", "AA"] {
                let code = operands(form, &[ValType::I32, value]);
                self.add(format!("{GAP}{code}{mnemonic} {mem}\n{GAP}"));
            }
            if matches!(value, ValType::I32 | ValType::I64) {
                // The accumulator is both of them.
                let address = if value == ValType::I64 { "i32.wrap_i64\n" } else { "" };
                let (code, ty) = (computed(value), name(value));
                self.add(format!(
                    "{GAP}{code}{GAP}local.tee $t{ty}\n{address}local.get $t{ty}\n{mnemonic} {mem}\n{GAP}"
                ));
            }
        }
        for op in VLoadLaneOp::ALL {
            let code = format!("local.get $ai32\nlocal.get $tv128\n{} {mem} 0\n", op.mnemonic());
            self.with_uses(&code, ValType::V128);
        }
        for op in VStoreLaneOp::ALL {
            self.add(format!("local.get $ai32\nlocal.get $tv128\n{} {mem} 0\n", op.mnemonic()));
        }
    }

    /// Vector operators.
    pub fn vectors(&mut self) {
        let unary = VUnOp::ALL.iter().map(|op| (op.mnemonic(), op.operands(), ValType::V128));
        let tests = VTestOp::ALL.iter().map(|op| (op.mnemonic(), op.operands(), ValType::I32));
        for (mnemonic, types, result) in unary.chain(tests) {
            for form in ["S", "A"] {
                self.with_uses(&(operands(form, types) + mnemonic + "\n"), result);
            }
        }
        for form in ["SS", "SA", "AS"] {
            for op in VBinOp::ALL {
                self.with_uses(
                    &(operands(form, op.operands()) + op.mnemonic() + "\n"),
                    ValType::V128,
                );
            }
        }
        for form in ["SSS", "ASS", "SAS", "SSA"] {
            for op in VTernOp::ALL {
                self.with_uses(
                    &(operands(form, op.operands()) + op.mnemonic() + "\n"),
                    ValType::V128,
                );
            }
        }
        for form in ["SS", "SI", "AS", "AI"] {
            for op in VShiftOp::ALL {
                self.with_uses(
                    &(operands(form, op.operands()) + op.mnemonic() + "\n"),
                    ValType::V128,
                );
            }
        }
        for form in ["SS", "SA", "AS", "AA"] {
            for op in VReplaceOp::ALL {
                let code = format!("{}{} 0\n", operands(form, op.operands()), op.mnemonic());
                self.with_uses(&code, ValType::V128);
            }
        }
        for op in VExtractOp::ALL {
            let code = format!("local.get $tv128\n{} 0\n", op.mnemonic());
            self.with_uses(&code, op.results()[0]);
        }
        self.add(format!("{}local.tee $tv128\n{GAP}local.set $mv128\n", computed(ValType::V128)));
    }

    /// Operators whose right operand is computed while the left one is in the accumulator.
    pub fn joins(&mut self) {
        let binary = BinOp::ALL.iter().map(|op| (op.mnemonic(), op.operands()[0], op.results()[0]));
        let relations = RelOp::ALL.iter().map(|op| (op.mnemonic(), op.operands()[0], ValType::I32));
        for (op, ty, result) in binary.chain(relations) {
            let mut rights = Vec::new();
            for inner in BinOp::ALL.iter().filter(|inner| inner.results()[0] == ty) {
                for form in ["SS", "SI"] {
                    rights.push(operands(form, inner.operands()) + inner.mnemonic() + "\n");
                }
            }
            for inner in UnOp::ALL.iter().filter(|inner| inner.results()[0] == ty) {
                rights.push(operands("S", inner.operands()) + inner.mnemonic() + "\n");
            }
            for inner in CvtOp::ALL.iter().filter(|inner| inner.results()[0] == ty) {
                rights.push(operands("S", inner.operands()) + inner.mnemonic() + "\n");
            }
            for load in LoadOp::ALL.iter().filter(|load| load.results()[0] == ty) {
                let i32s = &[ValType::I32; 2];
                rights.push(operands("S", i32s) + load.mnemonic() + "\n");
                for form in ["SS", "SI"] {
                    rights.push(operands(form, i32s) + "i32.add\n" + load.mnemonic() + "\n");
                }
            }
            for right in rights {
                self.with_uses(&format!("{}{right}{op}\n", computed(ty)), result);
            }
            // The right operand is computed from the left one.
            for inner in BinOp::ALL.iter().filter(|inner| inner.results()[0] == ty) {
                let (left, local) = (computed(ty), name(ty));
                for second in [format!("local.get $b{local}\n"), constant(ty)] {
                    let code = format!(
                        "{left}local.tee $t{local}\nlocal.get $t{local}\n{second}{}\n{op}\n",
                        inner.mnemonic()
                    );
                    self.with_uses(&code, result);
                }
            }
        }
    }

    /// Operators that are not in one of the classes.
    pub fn others(&mut self) {
        self.add("atomic.fence\n");
        self.add("(struct.new_default_desc $described (struct.new_default $descriptor)) drop\n");
        for ty in ["f32", "f64"] {
            self.with_uses(
                &format!("global.get $g{ty}\n"),
                if ty == "f32" { ValType::F32 } else { ValType::F64 },
            );
            for condition in
                ["local.get $ai32\n".to_owned(), computed(ValType::I32).to_owned() + GAP]
            {
                let code = format!("local.get $a{ty}\nlocal.get $b{ty}\n{condition}select\n");
                self.with_uses(&code, if ty == "f32" { ValType::F32 } else { ValType::F64 });
            }
            // Not a number, for engines that make these canonical.
            self.add(format!("({ty}.sqrt ({ty}.const -1)) global.set $g{ty}\n"));
        }
        self.add("(f32x4.sqrt (v128.const f32x4 -1 -1 -1 -1)) global.set $gv128\n");
        self.add("(f64x2.sqrt (v128.const f64x2 -1 -1)) global.set $gv128\n");
        self.add("loop local.get $ai32 i32.const 1 i32.sub local.tee $ai32 br_if 0 end\n");
        self.add("(memory.fill (local.get $ai32) (local.get $bi32) (local.get $ai32))\n");
        // A frame that is larger than what calls look at.
        self.add("local.get $ai32\n".repeat(1600) + &"drop\n".repeat(1600));
        // A call's result goes to a local by an instruction of its own.
        for op in ["i32.mul", "i32.lt_s"] {
            self.with_uses(
                &format!(
                    "call $seven local.get $bi32 local.set $mi32 \
                     local.tee $ti32 local.get $ai32 {op}\n"
                ),
                ValType::I32,
            );
        }
        self.with_uses(
            "local.get $bi32 call $seven local.get $bi32 local.set $mi32 \
             local.tee $ti32 local.get $ai32 i32.mul i32.sub\n",
            ValType::I32,
        );
        self.with_uses(
            "call $seven local.set $mi32 local.get $ai32 local.get $bi32 i32.sub\n",
            ValType::I32,
        );
        // Once when the callee is not lowered yet, and once when it is.
        for _ in 0..2 {
            self.add(format!(
                "local.get $ai32 i32.ctz {GAP} i32.load local.tee $ti32 i32.load \
                 call $same global.set $gi32\n"
            ));
        }
        for function in ["$sum", "$and", "$less", "$less_if", "$below", "$sum_to_global"] {
            self.add(format!("local.get $ai32 local.get $bi32 call {function} drop\n"));
        }
        self.add("local.get $ai32 local.get $ai64 call $long_sum drop\n");
        self.add("local.get $ai32 local.get $ai64 call $stores drop\n");
        self.add("local.get $ai32 local.get $ai64 call $stores_twice drop\n");
        self.add("local.get $ai32 call $to_global drop\n");
    }

    /// Fused handlers of these names, as far as this can write functions for them where addresses are
    /// of the type `addr`.
    pub fn fused(&mut self, handlers: &[String], addr: ValType) {
        self.add("call $seven drop\n");
        for handler in handlers {
            let fresh = self.bodies.len();
            self.bodies.extend(fused::body(handler, addr, fresh));
        }
    }

    /// How many functions there are.
    pub fn len(&self) -> usize {
        self.bodies.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.bodies.is_empty()
    }

    /// The module, with these memories.
    pub fn module(&self, memories: &str) -> String {
        let mut text = format!("(module {memories} (data $d \"\")\n");
        for ty in ["i32", "i64", "f32", "f64"] {
            let _ = writeln!(text, "(global $g{ty} (mut {ty}) ({ty}.const 0))");
        }
        text += "(global $gv128 (mut v128) (v128.const i64x2 0 0))\n\
                 (rec (type $described (descriptor $descriptor) (struct (field i32)))\n\
                 (type $descriptor (describes $described) (struct (field i32))))\n";
        text += "(func $seven (result i32) (i32.const 7))\n\
                 (func $below (param i32 i32) (result i32) (i32.lt_u (local.get 0) (local.get 1)))\n\
                 (func $same (param i32) (result i32) (local.get 0))\n\
                 (func $sum (param i32 i32) (result i32) (i32.add (local.get 0) (i32.const 1)))\n\
                 (func $sum_to_global (param i32 i32) (result i32) (block (br_if 0 (local.get 0)))\n\
                 (global.set $gi32 (i32.add (local.get 0) (i32.const 3))) (local.get 1))\n\
                 (func $and (param i32 i32) (result i32) (i32.and (local.get 0) (i32.const 1)))\n\
                 (func $less (param i32 i32) (result i32)\n\
                 (i32.ctz (local.get 0)) (data.drop 0) (i32.lt_u (local.get 1)))\n\
                 (func $less_if (param i32 i32) (result i32)\n\
                 (local.set 0 (i32.ctz (local.get 0))) (data.drop 0) (if (local.get 1)\n\
                 (then (return (i32.lt_u (local.get 0) (local.get 1))))) (local.get 0))\n\
                 (func $long_sum (param i32 i64) (result i64)\n\
                 (i64.add (i64.extend_i32_s (local.get 0)) (local.get 1)))\n\
                 (func $to_global (param i32) (result i32)\n\
                 (global.set $gi32 (i32.add (global.get $gi32) (i32.const 3))) (local.get 0))\n";
        if !memories.contains("i64") {
            text += "(func $stores (param i32 i64) (result i64)\n\
                     (i32.ctz (local.get 0)) (local.set 0) (data.drop 0)\n\
                     (i32.store (local.get 0) (i32.ctz (local.get 0)))\n\
                     (i32.store (local.get 0) (local.get 0)) (local.get 1))\n\
                     (func $stores_twice (param i32 i64) (result i64)\n\
                     (i64.store (local.get 0) (local.get 1)) (i64.store (local.get 0) (local.get 1))\n\
                     (local.get 1))\n";
        }
        for (number, body) in self.bodies.iter().enumerate() {
            let _ = writeln!(text, "(func $fresh{number} (result i32) (i32.const 7))");
            let _ = writeln!(
                text,
                "(func (export \"{number}\") {PARAMS} (local $ti32 i32) (local $ti64 i64) \
                 (local $tf32 f32) (local $tf64 f64) (local $tv128 v128) \
                 (local $av128 v128) (local $bv128 v128) \
                 (local $mi32 i32) (local $mi64 i64) (local $mv128 v128)\n{body})"
            );
        }
        text + ")"
    }
}
