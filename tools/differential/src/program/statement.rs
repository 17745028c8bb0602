//! Statements, which leave nothing on the stack.

use super::{COUNT_DOWN, GLOBALS, REFERENCES, Sig, Writer};
use crate::operators::{Form, NUMBERS};
use std::fmt::Write;

impl Writer<'_> {
    pub(super) fn statements(&mut self, depth: u32) -> String {
        let mut text = String::new();
        for _ in 0..1 + self.below(6) {
            if self.size > 0 {
                text += "\n    ";
                text += &self.statement(depth);
            }
        }
        text
    }

    fn statement(&mut self, depth: u32) -> String {
        self.size -= 1;
        if depth > 0 && self.random.once_in(2) {
            return self.nest(depth - 1);
        }
        let of = match self.random.once_in(4) {
            true => self.random.choose(&REFERENCES),
            false => self.random.choose(&NUMBERS),
        };
        match self.below(18) {
            0 => {
                let (ty, global) = self.random.choose(&GLOBALS);
                format!("(global.set {global} {})", self.expr(ty, 3))
            }
            1 => {
                let of = self.random.choose(&NUMBERS);
                format!("(global.set ${of} {})", self.expr(of, 4))
            }
            2..=4 => {
                // Stores, and operators of several results.
                let forms = self.forms;
                let other = |form: &&Form| form.results.len() != 1;
                let at = self.below(forms.iter().filter(other).count() as u64) as usize;
                let form = forms.iter().filter(other).nth(at).expect("there are stores");
                let (mut text, results) = (self.apply(form, 3), form.results.len());
                for _ in 0..results {
                    let _ = write!(text, " (local.set {})", self.local("i64"));
                }
                text
            }
            5 => {
                let before =
                    if self.random.once_in(8) { self.sigs.len() } else { self.current.max(1) };
                let at = self.below(before as u64) as usize;
                let mut text = self.call(at, 2, "");
                for ty in self.sigs[at].results.clone().into_iter().rev() {
                    let _ = write!(text, " (local.set {})", self.local(ty));
                }
                text
            }
            6..=8 => self.bulk(),
            9..=12 => self.change_object(),
            _ => {
                let local = self.local(of);
                format!("(local.set {local} {})", self.expr(of, 4))
            }
        }
    }

    /// A statement with statements inside.
    fn nest(&mut self, depth: u32) -> String {
        let label = self.label();
        match self.below(9) {
            0 | 1 => {
                let condition = self.expr("i32", 3);
                let (then, other) = (self.statements(depth), self.statements(depth));
                format!("(if {condition} (then {then}) (else {other}))")
            }
            2 | 3 => {
                // Branches to a loop's label go round; they count down there.
                self.labels.push(label.clone());
                let body = self.statements(depth);
                self.labels.pop();
                let condition = match self.random.once_in(4) {
                    true => self.expr("i32", 3),
                    false => {
                        format!("(i32.lt_u (local.get $turns) (i32.const {}))", self.below(40))
                    }
                };
                let turn = "(local.set $turns (i32.add (local.get $turns) (i32.const 1)))";
                format!("(loop {label} {COUNT_DOWN} {turn} {body} (br_if {label} {condition}))")
            }
            4 => {
                self.labels.push(label.clone());
                let (before, condition) = (self.statements(depth), self.expr("i32", 3));
                let after = self.statements(depth);
                self.labels.pop();
                format!("(block {label} {before} (br_if {label} {condition}) {after})")
            }
            5 => {
                let labels = [self.label(), self.label()];
                self.labels.extend(labels.clone());
                let index = self.expr("i32", 2);
                let all = self.labels.clone();
                let targets: String = (0..1 + self.below(6))
                    .map(|_| self.random.choose(&all.iter().collect::<Vec<_>>()).to_owned() + " ")
                    .collect();
                let inner = self.statements(depth);
                self.labels.pop();
                let outer = self.statements(depth);
                self.labels.pop();
                let [a, b] = labels;
                let index = match self.random.once_in(3) {
                    true => index,
                    false => format!("(i32.and {index} (i32.const 7))"),
                };
                format!("(block {a} (block {b} {inner} (br_table {targets}{index})) {outer})")
            }
            6 => {
                let (body, local) = (self.statements(depth), self.local("i32"));
                let out = self.label();
                format!(
                    "(block {out} (local.set {local} (block {label} (result i32) \
                     (try_table (catch $number {label}) (catch_all {out}) {body}) (br {out}))))"
                )
            }
            7 => {
                let (body, local) = (self.statements(depth), self.local("exnref"));
                let out = self.label();
                format!(
                    "(block {out} (local.set {local} (block {label} (result exnref) \
                     (try_table (catch_all_ref {label}) {body}) (br {out}))))"
                )
            }
            _ => self.leave(),
        }
    }

    /// Leaves the function now and then.
    fn leave(&mut self) -> String {
        let condition = self.expr("i32", 3);
        let results = self.sigs[self.current].results.clone();
        let leave = match self.below(5) {
            0 => format!("(throw $number {})", self.expr("i32", 2)),
            1 => format!("(throw $pair{})", self.exprs(&["i64", "f32"], 2)),
            2 => {
                let local = self.local("exnref");
                format!(
                    "(if (ref.is_null (local.get {local})) (then) (else (throw_ref (local.get {local}))))"
                )
            }
            3 => format!("(return{})", self.exprs(&results, 2)),
            _ => {
                let fits = |sig: &Sig| sig.results == results;
                let at = self.sigs.iter().rposition(fits).expect("this function's does");
                self.call(at, 2, "return_")
            }
        };
        // Most of the time it stays.
        format!(
            "(if (i32.eqz (i32.and {condition} (i32.const {}))) (then {leave}))",
            self.random.choose(&[3, 7, 0xff])
        )
    }

    /// Operators on ranges, which are small and nearly always in bounds.
    fn bulk(&mut self) -> String {
        let (at, from, len) = (self.small("i32", 7), self.small("i32", 7), self.small("i32", 7));
        match self.below(10) {
            0 => format!("(table.copy $t $t {at} {from} {len})"),
            1 => format!("(table.fill $t {at} {} {len})", self.expr("funcref", 2)),
            2 => format!("(table.init $t $fs {at} (i32.const 0) (i32.const 0))"),
            3 => format!("(drop (table.grow $u {} (i64.const 1)))", self.expr("anyref", 2)),
            4 => format!("(table.set $u (i64.const {}) {})", self.below(8), self.expr("anyref", 2)),
            5 => format!("(memory.init $m $d {at} {from} {len})"),
            6 => format!("(drop (memory.grow $m {from}))"),
            choice => {
                let at = self.small(if choice == 9 { "i64" } else { "i32" }, 0x7fff);
                let from = self.small("i32", 0x7fff);
                let mask = self.random.choose(&[7, 0xff, 0x3fff]);
                let len = self.small("i32", mask);
                match choice {
                    7 => format!("(memory.fill $m {at} {from} {len})"),
                    8 if self.random.once_in(2) => {
                        // Ranges that overlap.
                        let (local, by) = (self.local("i32"), self.below(20));
                        let near = format!("(i32.add (local.get {local}) (i32.const {by}))");
                        match self.random.once_in(2) {
                            true => {
                                format!("(memory.copy $m $m (local.tee {local} {at}) {near} {len})")
                            }
                            false => format!(
                                "(local.set {local} {at}) (memory.copy $m $m {near} (local.get {local}) {len})"
                            ),
                        }
                    }
                    8 => format!("(memory.copy $m $m {at} {from} {len})"),
                    _ => format!("(memory.copy $n $m {at} {from} {len})"),
                }
            }
        }
    }

    /// A number between 0 and `mask`.
    pub(super) fn small(&mut self, ty: &str, mask: i32) -> String {
        format!("({ty}.and {} ({ty}.const {mask}))", self.expr(ty, 2))
    }

    /// Writes to structures and arrays.
    fn change_object(&mut self) -> String {
        let array = self.random.choose(&["a8", "a32", "ar"]);
        let ty = format!("(ref null ${array})");
        let value = if array == "ar" { "anyref" } else { "i32" };
        match self.below(8) {
            0 => format!("(array.set ${array} {} {})", self.element(&ty, 2), self.expr(value, 3)),
            1 => {
                let (element, value) = (self.element(&ty, 2), self.expr(value, 3));
                format!("(array.fill ${array} {element} {value} (i32.const {}))", self.below(4))
            }
            2 => {
                let (mut to, mut from) = (self.element(&ty, 2), self.element(&ty, 2));
                if self.random.once_in(2) {
                    // Inside of one array, where ranges overlap.
                    let local = self.local(&ty);
                    to = format!("(local.get {local}) {}", self.small("i32", 3));
                    from = format!("(local.get {local}) {}", self.small("i32", 3));
                }
                format!("(array.copy ${array} ${array} {to} {from} (i32.const {}))", self.below(6))
            }
            3 => {
                let to = self.element("(ref null $a8)", 2);
                format!(
                    "(array.init_data $a8 $d {to} (i32.const {}) (i32.const 3))",
                    self.below(50)
                )
            }
            4 => {
                let to = self.element("(ref null $ar)", 2);
                format!("(array.init_elem $ar $e {to} (i32.const {}) (i32.const 2))", self.below(3))
            }
            5 => {
                let (object, other) =
                    (self.present("(ref null $s)", 3), self.expr("(ref null $s)", 2));
                format!("(struct.set $s $self {object} {other})")
            }
            6 => {
                let object = self.present("(ref null $s)", 3);
                format!("(struct.set $s $any {object} {})", self.expr("anyref", 3))
            }
            _ => {
                let field = self.random.choose(&["i8", "i16", "i32", "i64", "f32", "f64", "v128"]);
                let ty = if field == "i8" || field == "i16" { "i32" } else { field };
                let object = self.present("(ref null $s)", 3);
                format!("(struct.set $s ${field} {object} {})", self.expr(ty, 3))
            }
        }
    }
}
