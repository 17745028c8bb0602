//! Expressions: something of a wanted type.

use super::{GLOBALS, REFERENCES, Writer};
use crate::operators::{Form, NUMBERS, constant};
use std::fmt::Write;

impl Writer<'_> {
    pub(super) fn exprs(&mut self, types: &[&str], depth: u32) -> String {
        types.iter().map(|ty| " ".to_owned() + &self.expr(ty, depth)).collect()
    }

    /// An expression of type `ty`.
    pub(super) fn expr(&mut self, ty: &str, depth: u32) -> String {
        self.size -= 1;
        let leaf = depth == 0 || self.size < 0 || self.random.once_in(5);
        if leaf && let Some((_, global)) = GLOBALS.iter().find(|global| global.0 == ty) {
            // What globals hold can be seen behind the call.
            if self.random.once_in(2) {
                return format!("(global.get {global})");
            }
        }
        if leaf && !NUMBERS.contains(&ty) {
            return format!("(local.get {})", self.local(ty));
        }
        if leaf {
            return match self.below(5) {
                0 | 1 => constant(ty, self.random),
                2 => format!("(global.get ${ty})"),
                _ => format!("(local.get {})", self.local(ty)),
            };
        }
        let depth = depth - 1;
        match self.below(24) {
            0 => {
                let operand = self.expr(ty, depth);
                format!("(local.tee {} {operand})", self.local(ty))
            }
            1 => {
                let (one, other) = (self.expr(ty, depth), self.expr(ty, depth));
                let typed =
                    if NUMBERS.contains(&ty) { String::new() } else { format!("(result {ty})") };
                format!("(select {typed} {one} {other} {})", self.expr("i32", depth))
            }
            2 => {
                let (then, other) = (self.expr(ty, depth), self.expr(ty, depth));
                let condition = self.expr("i32", depth);
                format!("(if (result {ty}) {condition} (then {then}) (else {other}))")
            }
            3 => {
                let label = self.label();
                let (early, late) = (self.expr(ty, depth), self.expr(ty, depth));
                let condition = self.expr("i32", depth);
                format!(
                    "(block {label} (result {ty}) (drop (br_if {label} {early} {condition})) {late})"
                )
            }
            4 if !self.labels.is_empty() => {
                let at = self.below(self.labels.len() as u64) as usize;
                let label = self.labels[at].clone();
                let condition = self.expr("i32", depth);
                format!(
                    "(block (result {ty}) (br_if {label} {condition}) {})",
                    self.expr(ty, depth)
                )
            }
            5 | 6 => {
                // Functions that were written before, as a rule, so that calls come to an end.
                let before = if self.random.once_in(8) { self.sigs.len() } else { self.current };
                let found = self.sigs[..before].iter().rposition(|sig| sig.results == [ty]);
                match found {
                    Some(at) => self.call(at, depth, ""),
                    None => self.expr(ty, depth),
                }
            }
            _ if NUMBERS.contains(&ty) => self.number(ty, depth),
            _ => self.reference(ty, depth),
        }
    }

    pub(super) fn call(&mut self, at: usize, depth: u32, tail: &str) -> String {
        let params = self.sigs[at].params.clone();
        let args = self.exprs(&params, depth);
        let index = match self.random.once_in(12) {
            true => self.below(20),
            false => at as u64,
        };
        match self.below(4) {
            0 => format!("({tail}call_indirect $t (type $t{at}){args} (i32.const {index}))"),
            1 => format!("({tail}call_ref $t{at}{args} (ref.func $f{at}))"),
            _ => format!("({tail}call $f{at}{args})"),
        }
    }

    fn number(&mut self, ty: &str, depth: u32) -> String {
        if self.random.once_in(6) {
            return self.number_of_object(ty, depth);
        }
        let forms = self.forms;
        let gives = |form: &&Form| form.results == [ty];
        let at = self.below(forms.iter().filter(gives).count() as u64) as usize;
        let form = forms.iter().filter(gives).nth(at).expect("every type has operators");
        self.apply(form, depth)
    }

    pub(super) fn apply(&mut self, form: &Form, depth: u32) -> String {
        let mut text = format!("({}", form.mnemonic);
        let mut operands: Vec<String> =
            form.operands.iter().map(|ty| self.expr(ty, depth)).collect();
        if let [_, divisor] = &mut operands[..]
            && (form.mnemonic.contains(".div_") || form.mnemonic.contains(".rem_"))
            && !self.random.once_in(12)
        {
            let ty = form.operands[1];
            *divisor = format!("({ty}.or {divisor} ({ty}.const 5))");
        }
        if form.mnemonic.contains(".trunc_f") && !self.random.once_in(12) {
            let ty = form.operands[0];
            operands[0] = format!(
                "({ty}.convert_i32_u (i32.and {} (i32.const 0xfffff)))",
                self.expr("i32", depth)
            );
        }
        if form.memory {
            text += &self.address(form.mnemonic.contains(".atomic."), depth);
        } else if form.mnemonic == "i8x16.shuffle" {
            for _ in 0..16 {
                let _ = write!(text, " {}", self.below(32));
            }
        }
        if form.memory && form.lanes > 0 {
            // The number of the lane stands before the address.
            let (immediates, address) = text.split_once(" (").expect("an address was written");
            text = format!("{immediates} {} ({address}", self.below(form.lanes));
        } else if form.lanes > 0 {
            let _ = write!(text, " {}", self.below(form.lanes));
        }
        operands.iter().for_each(|operand| text = format!("{text} {operand}"));
        text + ")"
    }

    /// A memory, an offset and an address, which nearly always are in bounds and aligned.
    fn address(&mut self, atomic: bool, depth: u32) -> String {
        let (memory, ty) = if self.random.once_in(3) { ("$n", "i64") } else { ("$m", "i32") };
        let offset = match self.below(60) {
            0 => self.below(1 << 17),
            1..30 => 0,
            _ => self.below(100) * 8,
        };
        let address = self.expr(ty, depth);
        match self.below(100) {
            0 => format!(" {memory} offset={offset} {address}"),
            1..20 if !atomic => {
                format!(" {memory} offset={offset} ({ty}.and {address} ({ty}.const 0x7fff))")
            }
            1 => format!(" {memory} offset={offset} ({ty}.and {address} ({ty}.const 0xffff))"),
            _ => format!(" {memory} offset={offset} ({ty}.and {address} ({ty}.const 0x7ff8))"),
        }
    }

    /// A reference to an object, which nearly always is not null.
    pub(super) fn present(&mut self, ty: &str, depth: u32) -> String {
        let reference = self.expr(ty, depth);
        if self.random.once_in(20) {
            return reference;
        }
        let (label, object) = (self.label(), self.object(ty));
        let exact = ty.replace("null ", "");
        match self.random.once_in(2) {
            true => format!(
                "(block {label} (result {exact}) (br_on_non_null {label} {reference}) {object})"
            ),
            false => {
                let out = self.label();
                format!(
                    "(block {out} (result {exact}) (block {label} \
                     (br {out} (br_on_null {label} {reference}))) {object})"
                )
            }
        }
    }

    /// A number that is in an object, or says something about one.
    fn number_of_object(&mut self, ty: &str, depth: u32) -> String {
        let s = "(ref null $s)";
        match (ty, self.below(10)) {
            ("i32", 0) => format!("(array.get_s $a8 {})", self.element("(ref null $a8)", depth)),
            ("i32", 1) => format!("(array.get $a32 {})", self.element("(ref null $a32)", depth)),
            ("i32", 2) => format!("(array.len {})", self.present("(ref null $ar)", depth)),
            ("i32", 3) => {
                let ty = self
                    .random
                    .choose(&["$s2", "$s", "i31", "$a8", "struct", "array", "eq", "none"]);
                let null = self.random.choose(&["null ", ""]);
                format!("(ref.test (ref {null}{ty}) {})", self.expr("anyref", depth))
            }
            ("i32", 4) => format!("(ref.eq {} {})", self.expr(s, depth), self.expr(s, depth)),
            ("i32", 5) => {
                let of = self.random.choose(&REFERENCES);
                format!("(ref.is_null {})", self.expr(of, depth))
            }
            ("i32", 6) => format!("(i31.get_s (ref.i31 {}))", self.expr(ty, depth)),
            ("i32", 7) => self.host_call(depth),
            ("i32", 8) => self
                .random
                .choose(&[
                    "(memory.size $m)",
                    "(table.size $t)",
                    "(i32.wrap_i64 (memory.grow $n (i64.const 1)))",
                ])
                .into(),
            ("i32", 9) => format!("(struct.get_u $s $i8 {})", self.present(s, depth)),
            ("i64", 0) => "(memory.size $n)".into(),
            ("i64", 1) => {
                let (address, count) = (self.small("i32", 0x7ff8), self.expr("i32", depth));
                format!("(i64.extend_i32_u (memory.atomic.notify $m {address} {count}))")
            }
            _ => format!("(struct.get $s ${ty} {})", self.present(s, depth)),
        }
    }

    /// An array and an index, which is below 8.
    pub(super) fn element(&mut self, array: &str, depth: u32) -> String {
        format!(
            "{} (i32.and {} (i32.const 7))",
            self.present(array, depth),
            self.expr("i32", depth)
        )
    }

    fn host_call(&mut self, depth: u32) -> String {
        let args = self.exprs(&["i32", "i64", "f64", "v128"], depth);
        format!("(call $host_numbers{args})")
    }

    /// An object that is there, of one of the concrete types. Elements of arrays differ.
    pub(super) fn object(&mut self, ty: &str) -> String {
        let at = self.below(3);
        match ty {
            "(ref null $s)" if at == 0 => "(struct.new_default $s2)".into(),
            "(ref null $s)" => "(struct.new_default $s)".into(),
            "(ref null $a8)" => format!("(array.new_data $a8 $d (i32.const {at}) (i32.const 20))"),
            "(ref null $a32)" => format!("(array.new_data $a32 $d (i32.const {at}) (i32.const 9))"),
            _ => format!("(array.new_elem $ar $e (i32.const {at}) (i32.const 9))"),
        }
    }

    fn reference(&mut self, ty: &str, depth: u32) -> String {
        let choice = self.below(6);
        match (ty, choice) {
            ("anyref", 0) => format!("(ref.i31 {})", self.expr("i32", depth)),
            ("anyref", 1) => "(global.get $any)".into(),
            ("anyref", 2) => {
                format!("(call $host_references{})", self.exprs(&["anyref", "funcref"], depth))
            }
            ("anyref", 3) => format!("(array.get $ar {})", self.element("(ref null $ar)", depth)),
            ("anyref", 4) => {
                format!("(any.convert_extern (extern.convert_any {}))", self.expr(ty, depth))
            }
            ("anyref", _) => {
                let of = self.random.choose(&REFERENCES[1..5]);
                self.expr(of, depth)
            }
            ("(ref null $s)", 0) => {
                let fields =
                    ["i32", "i64", "f32", "f64", "v128", "i32", "i32", "anyref", "(ref null $s)"];
                format!("(struct.new $s{})", self.exprs(&fields, depth.min(1)))
            }
            ("(ref null $s)", 1) => format!("(struct.get $s $self {})", self.present(ty, depth)),
            (_, 1 | 2) if REFERENCES[1..5].contains(&ty) => {
                let label = self.label();
                let (any, other) = (self.expr("anyref", depth), self.expr(ty, depth));
                let branch = match self.random.once_in(2) {
                    true => format!("br_on_cast {label} anyref {ty} {any}"),
                    false => format!(
                        "ref.cast {ty} (select (result anyref) {any} (ref.null any) (ref.test {ty} {any}))"
                    ),
                };
                format!("(block {label} (result {ty}) ({branch}) (drop) {other})")
            }
            ("(ref null $a8)", 0) => {
                format!("(array.new_data $a8 $d (i32.const {}) (i32.const 11))", self.below(50))
            }
            ("(ref null $a8)", 3) => {
                let bytes = self.exprs(&["i32"; 9], depth.min(1));
                format!("(array.new_fixed $a8 9{bytes})")
            }
            ("(ref null $a32)", 0) => {
                format!("(array.new_data $a32 $d (i32.const {}) (i32.const 8))", self.below(30))
            }
            ("(ref null $ar)", 0) => {
                format!("(array.new_elem $ar $e (i32.const {}) (i32.const 3))", self.below(3))
            }
            ("(ref null $ar)", 3) => {
                let element = self.expr("anyref", depth);
                format!(
                    "(array.new $ar {element} (i32.and {} (i32.const 31)))",
                    self.expr("i32", depth)
                )
            }
            ("(ref null $s)" | "(ref null $a8)" | "(ref null $a32)" | "(ref null $ar)", _) => {
                self.object(ty)
            }
            ("funcref", 0 | 1) => format!("(ref.func $f{})", self.below(self.sigs.len() as u64)),
            ("funcref", 2 | 3) => {
                format!("(table.get $t (i32.and {} (i32.const 15)))", self.expr("i32", depth))
            }
            ("externref", 0 | 1) => format!("(extern.convert_any {})", self.expr("anyref", depth)),
            _ => format!("(local.get {})", self.local(ty)),
        }
    }
}
