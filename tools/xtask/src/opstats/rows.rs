//! The list of fused instructions, as a file.

use super::choose::Choice;
use std::collections::BTreeSet;

const HEAD: &str = "\
//! The list of fused instructions, written by `cargo xtask opstats --rows N`. A handler that puts
//! its result in the accumulator only is followed by the one that puts it in a slot as well.

/// Adds pairs, triples, fusions of four, and joins to the list of handlers.
#[macro_export]
macro_rules! for_each_fused {
    ($then:ident $($plain:tt)*) => {
        $then! {
            $($plain)*
";
const TAIL: &str = "        }
    };
}
";

const LOADS: &[&str] = &[
    "I32Load",
    "I64Load",
    "F32Load",
    "F64Load",
    "I32Load8S",
    "I32Load8U",
    "I32Load16S",
    "I32Load16U",
    "I64Load8S",
    "I64Load8U",
    "I64Load16S",
    "I64Load16U",
    "I64Load32S",
    "I64Load32U",
];
const STORES: &[&str] = &[
    "I32Store",
    "I64Store",
    "F32Store",
    "F64Store",
    "I32Store8",
    "I32Store16",
    "I64Store8",
    "I64Store16",
    "I64Store32",
];

/// The file.
pub fn text(chosen: &[Choice]) -> String {
    let mut rows = Rows::default();
    for choice in chosen {
        rows.add(&choice.parts);
    }
    // Addresses that are sums, for every access.
    for sources in ["S,I", "S,S", "A,I", "A,S"] {
        let sum = format!("Bin<I32Add,{sources},ToAcc>");
        for load in LOADS {
            rows.add(&[sum.clone(), format!("LoadMem<{load},A,ToAcc,Own>")]);
        }
        for store in STORES {
            rows.add(&[sum.clone(), format!("StoreMem<{store},A,S,Own>")]);
            if store.starts_with('F') {
                rows.add(&[sum.clone(), format!("StoreMem<{store},A,A,Own>")]);
            } else if sources == "S,I" {
                rows.add(&[sum.clone(), format!("StoreMem<{store},A,I,Own>")]);
            }
        }
    }
    let mut text = HEAD.to_owned();
    for group in [&rows.pairs, &rows.triples, &rows.quads, &joins()] {
        text += "            {\n";
        for row in group {
            let parts: String = row.iter().map(|part| format!("[{}]", path(part))).collect();
            text += &format!("                {parts};\n");
        }
        text += "            }\n";
    }
    text + TAIL
}

#[derive(Default)]
struct Rows {
    pairs: BTreeSet<Vec<String>>,
    triples: BTreeSet<Vec<String>>,
    quads: BTreeSet<Vec<String>>,
}

impl Rows {
    /// Adds a fusion, and what has to be there with it.
    fn add(&mut self, parts: &[String]) {
        let (last, first) = parts.split_last().expect("there is a part");
        // Which of two it is may be found out later.
        let either = [["ToBoth", "ToAcc"], ["CallInternal", "CallDirect"]];
        let forms = either.iter().find(|forms| forms.iter().any(|form| last.contains(form)));
        let lasts = match forms {
            Some([a, b]) => vec![last.replace(a, b), last.replace(b, a)],
            None => vec![last.clone()],
        };
        for last in lasts {
            let row: Vec<String> = first.iter().cloned().chain([last]).collect();
            match row.len() {
                2 => self.pairs.insert(row),
                3 => self.triples.insert(row),
                _ => self.quads.insert(row),
            };
        }
        if first.len() >= 2 {
            self.add(first);
        }
    }
}

/// Operators whose left operand is in the accumulator, with what their right one may be.
fn joins() -> BTreeSet<Vec<String>> {
    let mut joins = BTreeSet::new();
    let mut add = |ty: &str, ops: &[&str], rights: &[String]| {
        for op in ops {
            for right in rights {
                for target in ["ToAcc", "ToBoth"] {
                    joins.insert(vec![format!("{ty}{op}"), right.clone(), target.to_owned()]);
                }
            }
        }
    };
    let memory = |loads: &[&str]| -> Vec<String> {
        let places = ["S", "Sum<S,I>", "Sum<S,S>"];
        let all = loads.iter().flat_map(|load| places.map(|place| format!("Mem<{load},{place}>")));
        all.collect()
    };
    let operators = |ty: &str, ops: &[&str], sources: &str| -> Vec<String> {
        ops.iter().map(|op| format!("Ex<{ty}{op},{sources}>")).collect()
    };
    let integers: [(&str, &[&str], &[&str]); 2] = [
        (
            "I32",
            &["I32Load", "I32Load8U", "I32Load8S", "I32Load16U", "I32Load16S"],
            &["I32WrapI64"],
        ),
        ("I64", &["I64Load", "I64Load32U", "I64Load8U"], &["I64ExtendI32U", "I64ExtendI32S"]),
    ];
    for (ty, loads, conversions) in integers {
        let shifts = ["Shl", "ShrU", "ShrS", "Rotl", "And", "Mul"];
        add(ty, &["Add", "Sub", "And", "Or", "Xor"], &operators(ty, &shifts, "A,I"));
        let all = ["Add", "Sub", "Mul", "And", "Or", "Xor"];
        add(ty, &all, &memory(loads));
        add(ty, &all, &operators(ty, &["Add"], "S,I"));
        add(ty, &all, &operators(ty, &shifts, "S,I"));
        add(ty, &all, &operators(ty, &all, "S,S"));
        add(ty, &all, &conversions.iter().map(|op| format!("Cv<{op}>")).collect::<Vec<_>>());
    }
    for ty in ["F32", "F64"] {
        let all = ["Add", "Sub", "Mul", "Div"];
        add(ty, &all, &memory(&[&format!("{ty}Load")]));
        add(ty, &all, &operators(ty, &["Add", "Sub", "Mul"], "S,S"));
        add(ty, &all, &operators(ty, &["Mul"], "S,I"));
    }
    joins
}

/// A handler's name as a type: operators are in a module of their own.
fn path(name: &str) -> String {
    const SHAPES: &[&str] =
        &["I32", "I64", "F32", "F64", "V128", "I8x16", "I16x8", "I32x4", "I64x2", "F32x4", "F64x2"];
    let mut path = String::new();
    for word in name.split_inclusive(|letter: char| !letter.is_alphanumeric()) {
        let bare = word.trim_end_matches(|letter: char| !letter.is_alphanumeric());
        let is_operator =
            SHAPES.iter().any(|shape| bare.len() > shape.len() && bare.starts_with(shape));
        path += if is_operator { "op::" } else { "" };
        path += word;
        path += if word.ends_with(',') { " " } else { "" };
    }
    path
}

#[test]
fn operators_are_qualified() {
    assert_eq!(
        path("Join<I32Add,Ex<I32Shl,S,I>,ToAcc>"),
        "Join<op::I32Add, Ex<op::I32Shl, S, I>, ToAcc>"
    );
    assert_eq!(path("MoveV128<S>"), "MoveV128<S>");
}
