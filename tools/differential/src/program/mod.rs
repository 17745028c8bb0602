//! Programs made of typed expressions and structured statements.
//!
//! wasm-smith chooses operators that fit what happens to be on the stack, so that some hardly ever
//! occur, loops seldom go round, and most runs end with a trap soon. These programs use every
//! operator about as often as any other, keep addresses in bounds and divisors from zero nearly
//! always, and call each other.

mod expression;
mod statement;

use crate::operators::{Form, NUMBERS, forms};
use crate::random::Random;
use crate::rewrite::FUEL;
use std::fmt::Write;

/// Types of references that locals have.
const REFERENCES: [&str; 8] = [
    "anyref",
    "(ref null $s)",
    "(ref null $a8)",
    "(ref null $a32)",
    "(ref null $ar)",
    "exnref",
    "funcref",
    "externref",
];

/// Globals that hold references, by their types.
const GLOBALS: [(&str, &str); 5] = [
    ("anyref", "$any"),
    ("(ref null $s)", "$s"),
    ("(ref null $a8)", "$a8"),
    ("(ref null $a32)", "$a32"),
    ("(ref null $ar)", "$ar"),
];

/// What every program begins with.
const TYPES: &str = r#"
  (rec
    (type $s (sub (struct (field $i32 (mut i32)) (field $i64 (mut i64)) (field $f32 (mut f32))
      (field $f64 (mut f64)) (field $v128 (mut v128)) (field $i8 (mut i8)) (field $i16 (mut i16))
      (field $any (mut anyref)) (field $self (mut (ref null $s))))))
    (type $s2 (sub $s (struct (field (mut i32)) (field (mut i64)) (field (mut f32))
      (field (mut f64)) (field (mut v128)) (field (mut i8)) (field (mut i16))
      (field (mut anyref)) (field (mut (ref null $s))) (field $more i32)))))
  (type $a8 (array (mut i8)))
  (type $a32 (array (mut i32)))
  (type $ar (array (mut anyref)))
  (import "host" "numbers" (func $host_numbers (param i32 i64 f64 v128) (result i32)))
  (import "host" "references" (func $host_references (param anyref funcref) (result anyref)))
"#;

/// What every program has besides its random functions. Those that pass on what the host offers are
/// what a second instance imports instead of that.
const ITEMS: &str = r#"
  (export "m" (memory $m))
  (export "t" (table $t))
  (export "i64" (global $i64))
  (memory $n (export "n") i64 1 2)
  (table $u (export "u") i64 8 20 anyref)
  (tag $pair (param i64 f32))
  (global $i32 (export "i32") (mut i32) (i32.const 1))
  (global $f32 (export "f32") (mut f32) (f32.const 0.5))
  (global $f64 (export "f64") (mut f64) (f64.const 1e10))
  (global $v128 (export "v128") (mut v128) (v128.const i32x4 1 2 3 4))
  (global $any (export "any") (mut anyref) (ref.null any))
  (global $s (export "s") (mut (ref null $s)) (struct.new_default $s2))
  (global $a8 (export "a8") (mut (ref null $a8)) (array.new_fixed $a8 12
    (i32.const 1) (i32.const 2) (i32.const 3) (i32.const 4) (i32.const 5) (i32.const 6)
    (i32.const 7) (i32.const 8) (i32.const 9) (i32.const 10) (i32.const 11) (i32.const 12)))
  (global $a32 (export "a32") (mut (ref null $a32)) (array.new_fixed $a32 9
    (i32.const 1) (i32.const 20) (i32.const 300) (i32.const 4000) (i32.const 50000)
    (i32.const -1) (i32.const -20) (i32.const -300) (i32.const -4000)))
  (global $ar (export "ar") (mut (ref null $ar)) (array.new_fixed $ar 8
    (ref.i31 (i32.const 1)) (ref.i31 (i32.const 2)) (ref.null any) (ref.i31 (i32.const 3))
    (struct.new_default $s) (ref.i31 (i32.const 4)) (ref.null any) (ref.i31 (i32.const 5))))
  (data $d "what is not there yet can be copied to where it is needed")
  (elem $e anyref (ref.i31 (i32.const 7)) (ref.null any) (struct.new_default $s) (ref.i31 (i32.const -1))
    (ref.i31 (i32.const 1)) (ref.i31 (i32.const 2)) (ref.i31 (i32.const 3)) (ref.i31 (i32.const 4))
    (ref.i31 (i32.const 5)) (ref.i31 (i32.const 6)) (ref.null any) (ref.i31 (i32.const 8)))
  (func (export "numbers") (param i32 i64 f64 v128) (result i32)
    (global.set $i64 (local.get 1))
    (i32.store $m (i32.const 16) (local.get 0))
    (call $host_numbers (local.get 0) (local.get 1) (local.get 2) (local.get 3)))
  (func (export "references") (param anyref funcref) (result anyref)
    (table.set $t (i32.const 9) (local.get 1))
    (try_table (result anyref)
      (return_call $host_references (local.get 0) (local.get 1))))
"#;

/// What programs import or have of their own: the text of either.
const EITHER: [(&str, &str); 4] = [
    (r#"(import "" "m" (memory $m 1 3))"#, "(memory $m 1 3)"),
    (r#"(import "" "t" (table $t 16 40 funcref))"#, "(table $t 16 40 funcref)"),
    (r#"(import "" "number" (tag $number (param i32)))"#, "(tag $number (param i32))"),
    (r#"(import "" "i64" (global $i64 (mut i64)))"#, "(global $i64 (mut i64) (i64.const -2))"),
];

/// A function's type.
#[derive(Clone)]
struct Sig {
    params: Vec<&'static str>,
    results: Vec<&'static str>,
}

impl Sig {
    fn random(random: &mut Random) -> Sig {
        let types = |random: &mut Random, most| -> Vec<&'static str> {
            let count = random.below(most);
            (0..count)
                .map(|_| match random.once_in(4) {
                    true => random.choose(&REFERENCES[..5]),
                    false => random.choose(&NUMBERS),
                })
                .collect()
        };
        Sig { params: types(random, 5), results: types(random, 3) }
    }

    fn text(&self) -> String {
        let list = |word, types: &[&str]| match types {
            [] => String::new(),
            types => format!(" ({word} {})", types.join(" ")),
        };
        list("param", &self.params) + &list("result", &self.results)
    }
}

struct Writer<'a> {
    random: &'a mut Random,
    forms: &'a [Form],
    sigs: Vec<Sig>,
    /// The function being written.
    current: usize,
    /// Its locals, with their types.
    locals: Vec<(String, &'static str)>,
    /// Labels that take no values.
    labels: Vec<String>,
    /// The number of the next label.
    next: usize,
    /// How much may still be written.
    size: i64,
}

/// A program in the text format, which ends after `countdown` turns and calls.
pub fn program(random: &mut Random, countdown: i32) -> String {
    let forms = forms();
    let sigs: Vec<Sig> = (0..2 + random.below(4)).map(|_| Sig::random(random)).collect();
    let mut text = format!("(module{TYPES}");
    let imported: Vec<bool> = EITHER.iter().map(|_| random.once_in(2)).collect();
    for imports in [true, false] {
        let either = EITHER.iter().zip(&imported).filter(|(_, imported)| **imported == imports);
        either.for_each(|((import, own), _)| {
            let _ = writeln!(text, "  {}", if imports { import } else { own });
        });
    }
    text += ITEMS;
    for (at, sig) in sigs.iter().enumerate() {
        let _ = writeln!(text, "  (type $t{at} (func{}))", sig.text());
    }
    let names: Vec<String> = (0..sigs.len()).map(|at| format!("$f{at}")).collect();
    let _ = writeln!(text, "  (elem $fs (table $t) (i32.const 0) func {})", names.join(" "));
    let _ =
        writeln!(text, "  (global $fuel (export \"{FUEL}\") (mut i32) (i32.const {countdown}))");
    let size = 0;
    let (locals, labels) = Default::default();
    let mut writer =
        Writer { random, forms: &forms, sigs, current: 0, locals, labels, next: 0, size };
    for at in 0..names.len() {
        let _ = writeln!(text, "{}", writer.function(at));
    }
    text + ")"
}

const COUNT_DOWN: &str = "(if (i32.eqz (global.get $fuel)) (then unreachable)) \
    (global.set $fuel (i32.sub (global.get $fuel) (i32.const 1)))";

impl Writer<'_> {
    fn function(&mut self, at: usize) -> String {
        self.current = at;
        self.size = 100 + self.random.below(700) as i64;
        self.labels.clear();
        self.locals.clear();
        let sig = self.sigs[at].clone();
        let mut text = format!("  (func $f{at} (export \"f{at}\") (type $t{at})");
        for (number, ty) in sig.params.iter().enumerate() {
            let _ = write!(text, " (param $p{number} {ty})");
            self.locals.push((format!("$p{number}"), ty));
        }
        for ty in &sig.results {
            let _ = write!(text, " (result {ty})");
        }
        for ty in NUMBERS.iter().chain(&REFERENCES) {
            for _ in 0..2 {
                let name = format!("$l{}", self.locals.len());
                let _ = write!(text, " (local {name} {ty})");
                self.locals.push((name, ty));
            }
        }
        let _ = write!(text, " (local $turns i32)\n    {COUNT_DOWN}");
        // Objects to work with.
        for at in sig.params.len()..self.locals.len() {
            let (name, ty) = self.locals[at].clone();
            if REFERENCES[1..5].contains(&ty) && !self.random.once_in(4) {
                let global = GLOBALS.iter().find(|global| global.0 == ty);
                let (_, global) = global.expect("there is one of each");
                let value = match self.random.once_in(2) {
                    true => format!("(global.get {global})"),
                    false => self.object(ty),
                };
                let _ = write!(text, "\n    (local.set {name} {value})");
            }
        }
        text += &self.statements(4);
        for ty in &sig.results {
            let _ = write!(text, "\n    {}", self.expr(ty, 3));
        }
        text + ")"
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.random.below(bound)
    }

    fn label(&mut self) -> String {
        self.next += 1;
        format!("$b{}", self.next)
    }

    fn local(&mut self, ty: &str) -> String {
        let of_type = |local: &&(String, &str)| local.1 == ty;
        let count = self.locals.iter().filter(of_type).count() as u64;
        let at = self.below(count) as usize;
        let (name, _) = self.locals.iter().filter(of_type).nth(at).expect("there are two of each");
        name.clone()
    }
}
