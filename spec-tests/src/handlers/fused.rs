//! Functions that lead to fused handlers, made from the handlers' names.

use super::{GAP, computed, constant, name};
use rwasm_parser::ValType;
use rwasm_parser::ops::*;
use std::fmt::{Debug, Write as _};

/// A type's name and its parameters.
struct Node<'a> {
    name: &'a str,
    args: Vec<Node<'a>>,
}

impl<'a> Node<'a> {
    fn parse(text: &mut &'a str) -> Node<'a> {
        let end = text.find(['<', '>', ',']).unwrap_or(text.len());
        let (name, rest) = text.split_at(end);
        *text = rest;
        let mut args = Vec::new();
        if text.starts_with('<') {
            while !text.starts_with('>') {
                *text = &text[1..];
                args.push(Node::parse(text));
            }
            *text = &text[1..];
        }
        Node { name, args }
    }
}

/// A body that leads to the handler `handler`, a fused one; `None` if it has parts that this
/// cannot write.
/// Addresses are of the type `addr`.
/// The body may call the function `fresh`, which nothing else calls.
pub(super) fn body(handler: &str, addr: ValType, fresh: usize) -> Option<String> {
    let handler = Node::parse(&mut { handler });
    let mut body = Body::new(addr, fresh);
    for part in &handler.args {
        body.part(part)?;
    }
    Some(body.finish())
}

struct Body {
    /// The type of addresses.
    addr: ValType,
    /// What comes before, and leaves values in accumulators and in locals that are equal to them.
    before: String,
    text: String,
    /// The type of the last result, and whether it goes to a local as well.
    last: Option<(ValType, bool)>,
    /// Where in the text that begins which computed it.
    start: usize,
    /// The types of results that nothing has used.
    unused: Vec<ValType>,
    has_branch: bool,
    /// Whether an `i32` is on top of the stack that decides whether an `if` is entered.
    has_condition: bool,
    /// The function that is lowered when this body calls it.
    fresh: usize,
}

fn find<T: Debug + Copy>(all: &[T], name: &str) -> Option<T> {
    all.iter().copied().find(|op| format!("{op:?}") == name)
}

/// A binary operator or a relation: its name, the type of its operands, that of its result.
fn binary(name: &str) -> Option<(&'static str, ValType, ValType)> {
    let binop = find(BinOp::ALL, name).map(|op| (op.mnemonic(), op.operands()[0], op.results()[0]));
    binop.or_else(|| {
        find(RelOp::ALL, name).map(|op| (op.mnemonic(), op.operands()[0], ValType::I32))
    })
}

fn unary(name: &str) -> Option<(&'static str, ValType, ValType)> {
    let unop = find(UnOp::ALL, name).map(|op| (op.mnemonic(), op.operands()[0], op.results()[0]));
    let cvtop =
        || find(CvtOp::ALL, name).map(|op| (op.mnemonic(), op.operands()[0], op.results()[0]));
    unop.or_else(cvtop).or_else(|| {
        find(TestOp::ALL, name).map(|op| (op.mnemonic(), op.operands()[0], ValType::I32))
    })
}

fn param(letter: &str, ty: ValType) -> String {
    format!("local.get ${letter}{}\n", name(ty))
}

impl Body {
    fn new(addr: ValType, fresh: usize) -> Body {
        Body {
            addr,
            before: String::new(),
            text: String::new(),
            last: None,
            start: 0,
            unused: Vec::new(),
            has_branch: false,
            has_condition: false,
            fresh,
        }
    }

    /// The operands of an instruction: where each comes from, and its type.
    fn operands(&mut self, places: &[(&str, ValType)]) -> Option<()> {
        let letters = ["a", "b", "b"];
        let in_acc = places
            .iter()
            .position(|&(place, ty)| place == "A" && self.last.is_some_and(|(last, _)| last == ty));
        match in_acc {
            Some(at) => {
                self.keep_last();
                let mut first = String::new();
                for (&(place, ty), letter) in places[..at].iter().zip(letters) {
                    if place != "S" {
                        return None;
                    }
                    first += &param(letter, ty);
                }
                self.text.insert_str(self.start, &first);
            }
            None => {
                self.leave_last();
                self.start = self.text.len();
            }
        }
        let rest = in_acc.map_or(0, |at| at + 1);
        for (&(place, ty), letter) in places.iter().zip(letters).skip(rest) {
            match place {
                "S" => self.text += &param(letter, ty),
                "I" => self.text += &constant(ty),
                "A" => {
                    // A local that the accumulator is equal to.
                    let ty_name = name(ty);
                    self.before += computed(ty);
                    let _ = writeln!(self.before, "local.set $t{ty_name}\n{GAP}");
                    let _ = writeln!(self.text, "local.get $t{ty_name}");
                }
                _ => return None,
            }
        }
        Some(())
    }

    /// The last result stays on the stack and is used.
    fn keep_last(&mut self) {
        if let Some((ty, true)) = self.last.take() {
            let _ = writeln!(self.text, "local.tee $t{}", name(ty));
        }
    }

    /// The last result is not used by what follows.
    fn leave_last(&mut self) {
        match self.last.take() {
            Some((ty, true)) => _ = writeln!(self.text, "local.set $t{}", name(ty)),
            Some((ty, false)) => self.unused.push(ty),
            None => {}
        }
    }

    fn result(&mut self, ty: ValType, target: &Node<'_>) {
        self.last = Some((ty, target.name == "ToBoth"));
    }

    fn part(&mut self, part: &Node<'_>) -> Option<()> {
        let args = &part.args;
        match part.name {
            "VUn" | "VBin" | "VTern" | "VTestTo" | "VShiftBy" | "VSplat" | "VReplace"
            | "VExtract" | "VLoadMem" | "VStoreMem" => self.vector(part)?,
            "Bin" | "BrCmp" => {
                let (op, ty, result) = binary(args[0].name)?;
                self.operands(&[(args[1].name, ty), (args[2].name, ty)])?;
                let _ = writeln!(self.text, "{op}");
                match (part.name, args[3].name) {
                    ("BrCmp", jumps) => {
                        self.text +=
                            if jumps == "true" { "br_if 0\n" } else { "i32.eqz\nbr_if 0\n" };
                        self.has_branch = true;
                    }
                    _ => self.result(result, &args[3]),
                }
            }
            "Un" => {
                let (op, ty, result) = unary(args[0].name)?;
                self.operands(&[(args[1].name, ty)])?;
                let _ = writeln!(self.text, "{op}");
                self.result(result, &args[2]);
            }
            "LoadMem" => {
                let op = find(LoadOp::ALL, args[0].name)?;
                self.operands(&[(args[1].name, self.addr)])?;
                let _ = writeln!(self.text, "{}", op.mnemonic());
                self.result(op.results()[0], &args[2]);
            }
            "StoreMem" => {
                let op = find(StoreOp::ALL, args[0].name)?;
                let value = *op.operands().last()?;
                self.operands(&[(args[1].name, self.addr), (args[2].name, value)])?;
                let _ = writeln!(self.text, "{}", op.mnemonic());
            }
            "Join" => self.join(args)?,
            "Select" => {
                self.operands(&[(args[1].name, ValType::I32)])?;
                let ty = match args[0].name {
                    "f32" => ValType::F32,
                    "f64" => ValType::F64,
                    _ => ValType::I32,
                };
                let values = param("a", ty) + &param("b", ty);
                self.text.insert_str(self.start, &values);
                self.text += "select\n";
                self.result(ty, &args[2]);
            }
            "MoveV128" => {
                self.leave_last();
                self.text += &match args[0].name {
                    "S" => param("a", ValType::V128),
                    _ => constant(ValType::V128),
                };
                self.text += "local.set $mv128\n";
            }
            "Spill" if args[0].name == "V128" => {
                self.operands(&[("A", ValType::V128)])?;
                self.text += "local.set $mv128\n";
            }
            "BrIf" => {
                self.operands(&[(args[0].name, ValType::I32)])?;
                self.text +=
                    if args[1].name == "true" { "br_if 0\n" } else { "i32.eqz\nbr_if 0\n" };
                self.has_branch = true;
            }
            "BrTable" => {
                self.operands(&[(args[0].name, ValType::I32)])?;
                self.text += "br_table 0 0\n";
                self.has_branch = true;
            }
            "GlobalGet" => {
                self.leave_last();
                self.start = self.text.len();
                self.text += "global.get $gi32\n";
                self.result(ValType::I32, &args[1]);
            }
            "GlobalSet" => {
                self.operands(&[(args[1].name, ValType::I32)])?;
                self.text += "global.set $gi32\n";
            }
            // Of a function that is lowered, or not yet.
            "CallDirect" | "CallInternal" => {
                self.leave_last();
                match part.name {
                    "CallDirect" => self.text += "call $seven\n",
                    _ => _ = writeln!(self.text, "call $fresh{}", self.fresh),
                }
                self.unused.push(ValType::I32);
            }
            // Where fuel is counted, it follows a branch that is not taken.
            "Fuel" => {
                self.text += "local.get $mi32\nbr_if 0\n";
                self.has_branch = true;
            }
            "Return" => {
                self.leave_last();
                self.text += "return\n";
            }
            "Br" => {
                self.leave_last();
                self.text += "br 0\n";
                self.has_branch = true;
            }
            // What is below a condition goes home before the branch.
            "Move"
                if args[0].name == "S"
                    && (self.has_condition || self.last == Some((ValType::I32, false))) =>
            {
                self.text.insert_str(self.start, &param("b", ValType::I32));
                self.unused.push(ValType::I32);
                (self.last, self.has_condition) = (None, true);
            }
            // So does a constant that a condition selects.
            "Move32" if self.last == Some((ValType::I32, false)) => {
                self.text.insert_str(self.start, "i64.const 5\nlocal.get $bi64\n");
                self.text += "select\n";
                self.last = Some((ValType::I64, false));
            }
            "Move" if args[0].name == "S" => {
                self.leave_last();
                self.text += "local.get $bi32\nlocal.set $mi32\n";
            }
            "Move" | "Move32" => {
                self.leave_last();
                let value = if part.name == "Move" { i64::MAX } else { 5 };
                let _ = writeln!(self.text, "i64.const {value}\nlocal.set $mi64");
            }
            _ => return None,
        }
        Some(())
    }

    /// An instruction on vectors.
    fn vector(&mut self, part: &Node<'_>) -> Option<()> {
        let op = part.args.first().map_or("", |op| op.name);
        let place = |at: usize| part.args.get(at).map_or("", |place| place.name);
        let (v128, i32) = (ValType::V128, ValType::I32);
        let (places, text, result) = match part.name {
            "VUn" => (vec![(place(1), v128)], find(VUnOp::ALL, op)?.mnemonic(), v128),
            "VBin" => {
                let places = vec![(place(1), v128), (place(2), v128)];
                (places, find(VBinOp::ALL, op)?.mnemonic(), v128)
            }
            "VTern" => {
                let places = vec![(place(1), v128), (place(2), v128), (place(3), v128)];
                (places, find(VTernOp::ALL, op)?.mnemonic(), v128)
            }
            "VTestTo" => (vec![(place(1), v128)], find(VTestOp::ALL, op)?.mnemonic(), i32),
            "VShiftBy" => {
                let places = vec![(place(1), v128), (place(2), i32)];
                (places, find(VShiftOp::ALL, op)?.mnemonic(), v128)
            }
            "VSplat" => {
                let op = find(VSplatOp::ALL, op)?;
                (vec![(place(1), op.operands()[0])], op.mnemonic(), v128)
            }
            "VReplace" => {
                let op = find(VReplaceOp::ALL, op)?;
                (vec![(place(1), v128), (place(2), op.operands()[1])], op.mnemonic(), v128)
            }
            "VExtract" => {
                let op = find(VExtractOp::ALL, op)?;
                (vec![("S", v128)], op.mnemonic(), op.results()[0])
            }
            "VLoadMem" => (vec![(place(1), self.addr)], find(VLoadOp::ALL, op)?.mnemonic(), v128),
            _ => {
                self.operands(&[(place(0), self.addr), (place(1), v128)])?;
                self.text += "v128.store\n";
                return Some(());
            }
        };
        self.operands(&places)?;
        let lane = if matches!(part.name, "VReplace" | "VExtract") { " 0" } else { "" };
        let _ = writeln!(self.text, "{text}{lane}");
        match part.args.last() {
            Some(target) if result != v128 => self.result(result, target),
            _ => self.last = Some((v128, false)),
        }
        Some(())
    }

    fn join(&mut self, args: &[Node<'_>]) -> Option<()> {
        let (op, ty, result) = binary(args[0].name)?;
        if self.last.is_none_or(|(last, _)| last != ty) {
            self.leave_last();
            self.start = self.text.len();
            let left = name(ty);
            self.before += computed(ty);
            let _ = writeln!(self.before, "local.set $t{left}\n{GAP}");
            let _ = writeln!(self.text, "local.get $t{left}");
        }
        self.keep_last();
        let right = &args[1];
        match right.name {
            "Ex" => {
                let (inner, inner_ty, _) = binary(right.args[0].name)?;
                for (place, letter) in right.args[1..].iter().zip(["a", "b"]) {
                    match place.name {
                        "S" => self.text += &param(letter, inner_ty),
                        "I" => self.text += &constant(inner_ty),
                        // The left operand, which is in a local too.
                        _ => _ = writeln!(self.text, "local.get $t{}", name(inner_ty)),
                    }
                }
                let _ = writeln!(self.text, "{inner}");
            }
            "Cv" => {
                let (inner, inner_ty, _) = unary(right.args[0].name)?;
                self.text += &param("a", inner_ty);
                let _ = writeln!(self.text, "{inner}");
            }
            "Mem" => {
                let load = find(LoadOp::ALL, right.args[0].name)?;
                match &right.args[1] {
                    Node { name: "S", .. } => self.text += &param("a", self.addr),
                    Node { name: "Sum", args } if self.addr == ValType::I32 => {
                        for (place, letter) in args.iter().zip(["a", "b"]) {
                            match place.name {
                                "S" => self.text += &param(letter, ValType::I32),
                                "I" => self.text += &constant(ValType::I32),
                                _ => return None,
                            }
                        }
                        self.text += "i32.add\n";
                    }
                    _ => return None,
                }
                let _ = writeln!(self.text, "{}", load.mnemonic());
            }
            _ => return None,
        }
        let _ = writeln!(self.text, "{op}");
        self.result(result, &args[2]);
        Some(())
    }

    fn finish(mut self) -> String {
        if let Some((ty, _)) = self.last {
            self.keep_last();
            self.unused.push(ty);
        }
        if self.has_condition {
            self.text += "if\nend\n";
        }
        let mut text = format!("{}{GAP}{}{GAP}", self.before, self.text);
        for ty in self.unused.iter().rev() {
            let _ = writeln!(text, "global.set $g{}\n{GAP}", name(*ty));
        }
        match self.has_branch {
            true => format!("block\n{text}end\n"),
            false => text,
        }
    }
}
