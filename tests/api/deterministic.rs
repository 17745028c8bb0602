//! Deterministic mode: the same bits on every machine.

use rwasm::{Config, Dispatch, Engine, Instance, Module, Store, Val};

/// Operators whose NaNs are the processor's own affair, by their number of operands.
const UNARY: &[&str] = &["sqrt", "ceil", "floor", "trunc", "nearest"];
const BINARY: &[&str] = &["add", "sub", "mul", "div", "min", "max"];

/// NaNs that are not canonical: quiet, signalling, negative.
const NANS: [(u32, u64); 3] = [
    (0x7fc1_2345, 0x7ff8_1234_5678_9abc),
    (0x7fa0_0001, 0x7ff4_0000_0000_0001),
    (0xffc0_0000, 0xfff8_0000_0000_0000),
];
const CANONICAL: (u32, u64) = (0x7fc0_0000, 0x7ff8_0000_0000_0000);

/// Calls `f`, whose body is `code`, on an engine that is deterministic.
fn result(results: &str, code: &str) -> Vec<Val> {
    let of = |dispatch| {
        let engine = Engine::new(Config::new().deterministic(true).dispatch(dispatch)).unwrap();
        let wat = format!(r#"(module (func (export "f") (result {results}) {code}))"#);
        let module = Module::new(&engine, &wat).unwrap_or_else(|error| panic!("{wat}: {error}"));
        let mut store = Store::new(&engine, ());
        let instance = Instance::new(&mut store, &module, &[]).unwrap();
        let func = instance.get_func(&mut store, "f").unwrap();
        let mut vals = vec![Val::I32(0); results.split(' ').count()];
        func.call(&mut store, &[], &mut vals).unwrap();
        vals
    };
    let (tail, in_loop) = (of(Dispatch::Auto), of(Dispatch::Loop));
    assert_eq!(format!("{tail:?}"), format!("{in_loop:?}"), "{code}");
    tail
}

fn is(code: &str, ty: &str, expected: (u32, u64)) {
    let (as_int, expected) = match ty {
        "f32" => ("i32", u64::from(expected.0)),
        _ => ("i64", expected.1),
    };
    let found = match result(as_int, &format!("({as_int}.reinterpret_{ty} {code})"))[0] {
        Val::I32(found) => u64::from(found as u32),
        ref found => found.unwrap_i64() as u64,
    };
    assert_eq!(found, expected, "{code}: {found:x} {expected:x}");
}

/// A NaN with these bits, as an operator's result.
fn nan(ty: &str, bits: (u32, u64)) -> String {
    match ty {
        "f32" => format!("(f32.reinterpret_i32 (i32.const {}))", bits.0 as i32),
        _ => format!("(f64.reinterpret_i64 (i64.const {}))", bits.1 as i64),
    }
}

#[test]
fn scalars_that_operators_make_up_are_canonical() {
    for ty in ["f32", "f64"] {
        for bits in NANS {
            let nan = nan(ty, bits);
            for op in UNARY {
                is(&format!("({ty}.{op} {nan})"), ty, CANONICAL);
            }
            for op in BINARY {
                is(&format!("({ty}.{op} {nan} ({ty}.const 1))"), ty, CANONICAL);
                is(&format!("({ty}.{op} ({ty}.const 1) {nan})"), ty, CANONICAL);
            }
        }
        is(&format!("({ty}.sqrt ({ty}.const -1))"), ty, CANONICAL);
        is(&format!("({ty}.div ({ty}.const 0) ({ty}.const 0))"), ty, CANONICAL);
        is(&format!("({ty}.sub ({ty}.const inf) ({ty}.const inf))"), ty, CANONICAL);
    }
    for bits in NANS {
        is(&format!("(f32.demote_f64 {})", nan("f64", bits)), "f32", CANONICAL);
        is(&format!("(f64.promote_f32 {})", nan("f32", bits)), "f64", CANONICAL);
    }
}

#[test]
fn what_keeps_bits_keeps_them() {
    for ty in ["f32", "f64"] {
        for bits in NANS {
            let nan = nan(ty, bits);
            is(&nan, ty, bits);
            let (shape, other) = if ty == "f32" { ("f32x4", "i32") } else { ("f64x2", "i64") };
            is(&format!("({shape}.extract_lane 1 ({shape}.splat {nan}))"), ty, bits);
            let replaced = format!("({shape}.replace_lane 1 (v128.const i64x2 0 0) {nan})");
            is(&format!("({shape}.extract_lane 1 {replaced})"), ty, bits);
            is(
                &format!("({ty}.copysign {nan} ({ty}.reinterpret_{other} ({other}.const 0)))"),
                ty,
                (bits.0 & 0x7fff_ffff, bits.1 & (u64::MAX >> 1)),
            );
            is(&format!("({ty}.neg ({ty}.neg {nan}))"), ty, bits);
            is(
                &format!(
                    "({shape}.extract_lane 0 ({shape}.pmin ({shape}.splat {nan}) (v128.const i64x2 0 0)))"
                ),
                ty,
                bits,
            );
        }
    }
}

#[test]
fn lanes_that_operators_make_up_are_canonical() {
    for (shape, ty) in [("f32x4", "f32"), ("f64x2", "f64")] {
        for bits in NANS {
            let nans = format!("({shape}.splat {})", nan(ty, bits));
            let ones = format!("({shape}.splat ({ty}.const 1))");
            let lane =
                |code: String| is(&format!("({shape}.extract_lane 1 {code})"), ty, CANONICAL);
            for op in UNARY {
                lane(format!("({shape}.{op} {nans})"));
            }
            for op in BINARY.iter().chain(&["relaxed_min", "relaxed_max"]) {
                lane(format!("({shape}.{op} {nans} {ones})"));
                lane(format!("({shape}.{op} {ones} {nans})"));
            }
            for op in ["relaxed_madd", "relaxed_nmadd"] {
                for at in 0..3 {
                    let operands: Vec<_> =
                        (0..3).map(|i| if i == at { &nans } else { &ones }).collect();
                    lane(format!("({shape}.{op} {} {} {})", operands[0], operands[1], operands[2]));
                }
            }
        }
    }
    for bits in NANS {
        let doubles = format!("(f64x2.splat {})", nan("f64", bits));
        let floats = format!("(f32x4.splat {})", nan("f32", bits));
        is(
            &format!("(f32x4.extract_lane 1 (f32x4.demote_f64x2_zero {doubles}))"),
            "f32",
            CANONICAL,
        );
        is(&format!("(f64x2.extract_lane 1 (f64x2.promote_low_f32x4 {floats}))"), "f64", CANONICAL);
    }
}

/// Code around such an operator is fused where it is not deterministic.
#[test]
fn what_uses_the_result_sees_the_canonical_one() {
    let code = "(local f64 f64) (local.set 0 (f64.reinterpret_i64 (i64.const -1)))
        (local.set 1 (f64.mul (local.get 0) (local.get 0)))
        (i64.reinterpret_f64 (local.get 1))
        (local.set 1 (f64.add (f64.mul (local.get 0) (f64.const 3)) (f64.const 4)))
        (i64.reinterpret_f64 (local.get 1))
        (i64.reinterpret_f64 (local.tee 1 (f64.sqrt (local.get 0))))
        (i64.reinterpret_f64 (local.get 1))";
    for val in result("i64 i64 i64 i64", code) {
        assert_eq!(val.unwrap_i64() as u64, CANONICAL.1);
    }
}
