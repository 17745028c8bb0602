//! Our verdict is `wasmparser`'s, on random modules and on modules with bytes changed; and no bytes
//! make us panic.
//!
//! `RWASM_CASES=100000 cargo test --release -p rwasm-parser --test props` makes as many modules and
//! ten times as many mutants; `RWASM_SEED` chooses others.

use arbitrary::Unstructured;
use rwasm_parser::ops::{CustomOp, Op};
use rwasm_parser::{DecodeConfig, DecodeError, Features, Module};
use std::panic::{AssertUnwindSafe, catch_unwind};
use wasm_smith::Config;
use wasmparser::{Validator, WasmFeatures};

/// Each of our features as theirs.
const FEATURES: &[(Features, WasmFeatures)] = &[
    (Features::MUTABLE_GLOBAL, WasmFeatures::MUTABLE_GLOBAL),
    (Features::SIGN_EXTENSION, WasmFeatures::SIGN_EXTENSION),
    (Features::SAT_FLOAT_TO_INT, WasmFeatures::SATURATING_FLOAT_TO_INT),
    (Features::MULTI_VALUE, WasmFeatures::MULTI_VALUE),
    (Features::BULK_MEMORY, WasmFeatures::BULK_MEMORY),
    (Features::REFERENCE_TYPES, WasmFeatures::REFERENCE_TYPES),
    (Features::SIMD, WasmFeatures::SIMD),
    (Features::RELAXED_SIMD, WasmFeatures::RELAXED_SIMD),
    (Features::TAIL_CALL, WasmFeatures::TAIL_CALL),
    (Features::EXTENDED_CONST, WasmFeatures::EXTENDED_CONST),
    (Features::MULTI_MEMORY, WasmFeatures::MULTI_MEMORY),
    (Features::MEMORY64, WasmFeatures::MEMORY64),
    (Features::FUNCTION_REFERENCES, WasmFeatures::FUNCTION_REFERENCES),
    (Features::GC, WasmFeatures::GC),
    (Features::EXCEPTIONS, WasmFeatures::EXCEPTIONS),
    (Features::THREADS, WasmFeatures::THREADS),
    (Features::WIDE_ARITHMETIC, WasmFeatures::WIDE_ARITHMETIC),
    (Features::COMPACT_IMPORTS, WasmFeatures::COMPACT_IMPORTS),
    (Features::CUSTOM_PAGE_SIZES, WasmFeatures::CUSTOM_PAGE_SIZES),
    (Features::CUSTOM_DESCRIPTORS, WasmFeatures::CUSTOM_DESCRIPTORS),
    (Features::STACK_SWITCHING, WasmFeatures::STACK_SWITCHING),
    (Features::LEGACY_EXCEPTIONS, WasmFeatures::LEGACY_EXCEPTIONS),
];

fn theirs(features: Features) -> WasmFeatures {
    let mut theirs = WasmFeatures::FLOATS | WasmFeatures::GC_TYPES;
    for (ours, flag) in FEATURES {
        if features.contains(*ours) {
            theirs |= *flag;
        }
    }
    theirs
}

fn our_verdict(bytes: &[u8], features: Features) -> Result<(), DecodeError> {
    let config = DecodeConfig { features, ..DecodeConfig::default() };
    Module::decode(bytes.to_vec(), &config)?.validate_bodies()
}

/// Xorshift: cases are the same on every run.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound.max(1) as u64) as usize
    }
}

/// A module from random bytes, with a random choice of proposals.
fn module(random: &mut Random) -> Option<Vec<u8>> {
    let size = 200 + random.below(3000);
    let data: Vec<u8> = (0..size).map(|_| random.next() as u8).collect();
    let mut input = Unstructured::new(&data);
    let mut config = Config::default();
    let mut coin = || random.next() & 3 != 0;
    config.bulk_memory_enabled = coin();
    config.reference_types_enabled = config.bulk_memory_enabled && coin();
    config.simd_enabled = coin();
    config.relaxed_simd_enabled = config.simd_enabled && coin();
    config.memory64_enabled = coin();
    config.exceptions_enabled = coin();
    config.gc_enabled = config.reference_types_enabled && coin();
    config.tail_call_enabled = coin();
    config.threads_enabled = coin();
    config.extended_const_enabled = coin();
    config.wide_arithmetic_enabled = coin();
    config.custom_page_sizes_enabled = coin();
    config.custom_descriptors_enabled = config.gc_enabled && coin();
    config.multi_value_enabled = coin();
    config.allow_invalid_funcs = !coin();
    config.max_memories = 1 + usize::from(coin());
    config.max_tables = 1 + 3 * usize::from(config.reference_types_enabled);
    config.allow_start_export = true;
    config.min_types = 3;
    config.min_funcs = 2;
    config.max_instructions = 150;
    let module = wasm_smith::Module::new(config, &mut input).ok()?;
    Some(module.to_bytes())
}

/// Changes, removes, repeats or inserts a few bytes, mostly behind the preamble.
fn mutate(bytes: &mut Vec<u8>, random: &mut Random) {
    for _ in 0..=random.below(3) {
        if bytes.len() < 9 {
            return;
        }
        if random.below(40) == 0 {
            bytes.truncate(8 + random.below(bytes.len() - 8));
            return;
        }
        let at =
            if random.below(50) == 0 { random.below(8) } else { 8 + random.below(bytes.len() - 8) };
        match random.below(8) {
            0 | 1 => bytes[at] ^= 1 << random.below(8),
            2 | 3 => bytes[at] = random.next() as u8,
            4 => bytes[at] = bytes[8 + random.below(bytes.len() - 8)],
            5 => drop(bytes.remove(at)),
            6 => bytes.insert(at, random.next() as u8),
            _ => {
                let value =
                    [0x00, 0x01, 0x0b, 0x40, 0x63, 0x64, 0x6f, 0x70, 0x7f, 0x80, 0xfb, 0xfd];
                bytes[at] = value[random.below(value.len())];
            }
        }
    }
}

/// Compares verdicts; gives what to say about a difference.
fn compare(bytes: &[u8], features: Features, what: &str) -> Option<String> {
    let Ok(ours) = catch_unwind(AssertUnwindSafe(|| our_verdict(bytes, features))) else {
        return Some(format!("{what}: we panic, see {}", keep(bytes)));
    };
    let theirs = Validator::new_with_features(theirs(features))
        .validate_all(bytes)
        .map(drop)
        .map_err(|error| error.to_string());
    if ours.is_ok() == theirs.is_ok() {
        return None;
    }
    let off = Features::ALL.without(features);
    let file = keep(bytes);
    Some(format!("{what}, see {file}\n  off    {off:?}\n  ours   {ours:?}\n  theirs {theirs:?}"))
}

fn keep(bytes: &[u8]) -> String {
    let name = format!("rwasm-parser-{}-{}.wasm", std::process::id(), bytes.len());
    let path = std::env::temp_dir().join(name);
    std::fs::write(&path, bytes).expect("the temporary folder can be written");
    path.display().to_string()
}

fn number(name: &str, default: u64) -> u64 {
    std::env::var(name).map_or(default, |value| value.parse().expect("a number"))
}

/// What builds on what: without the second there is no first.
const NEEDS: &[(Features, Features)] = &[
    (Features::RELAXED_SIMD, Features::SIMD),
    (Features::REFERENCE_TYPES, Features::BULK_MEMORY),
    (Features::EXCEPTIONS, Features::REFERENCE_TYPES),
    (Features::FUNCTION_REFERENCES, Features::REFERENCE_TYPES),
    (Features::GC, Features::FUNCTION_REFERENCES),
    (Features::CUSTOM_DESCRIPTORS, Features::GC),
    (Features::LEGACY_EXCEPTIONS, Features::EXCEPTIONS),
    (Features::STACK_SWITCHING, Features::GC),
    (Features::STACK_SWITCHING, Features::EXCEPTIONS),
];

/// All features, or now and then all but a few.
fn some_features(random: &mut Random) -> Features {
    let mut features = Features::ALL;
    if random.below(4) == 0 {
        for _ in 0..=random.below(3) {
            features = features.without(Features::NAMES[random.below(Features::NAMES.len())].1);
        }
    }
    for (feature, needed) in NEEDS {
        if !features.contains(*needed) {
            features = features.without(*feature);
        }
    }
    features
}

#[test]
fn verdicts_are_wasmparsers() {
    let cases = number("RWASM_CASES", 500);
    let seed = number("RWASM_SEED", 1);
    let mut random = Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
    let (mut made, mut valid) = (0, 0);
    let mut differences = Vec::new();
    while made < cases && differences.len() < 20 {
        let Some(bytes) = module(&mut random) else { continue };
        made += 1;
        differences.extend(compare(&bytes, Features::ALL, "module"));
        differences.extend(compare(&bytes, some_features(&mut random), "module"));
        valid += u64::from(our_verdict(&bytes, Features::ALL).is_ok());
        for _ in 0..10 {
            let mut mutant = bytes.clone();
            mutate(&mut mutant, &mut random);
            differences.extend(compare(&mutant, some_features(&mut random), "mutant"));
        }
    }
    println!("{made} modules, {valid} of them valid, and {} mutants", 10 * made);
    assert!(differences.is_empty(), "verdicts differ:\n{}", differences.join("\n"));
    assert!(valid > cases / 4, "most modules are meant to be valid");
}

/// A module with something of each kind, and a body of random operators. Most of the body is in
/// unreachable code, where whatever an operator takes is there, so that long bodies are valid.
fn soup(random: &mut Random) -> Vec<u8> {
    let mut body = Vec::new();
    // Locals: two of each of a few types, some of them without a default.
    let types: &[&[u8]] = &[
        &[0x7f],
        &[0x7e],
        &[0x7d],
        &[0x7c],
        &[0x7b],
        &[0x70],
        &[0x64, 2],
        &[0x63, 3],
        &[0x6e],
        &[0x69],
        &[0x63, 8],
        &[0x63, 0x62, 9],
        &[0x63, 0x62, 10],
        &[0x63, 13],
        &[0x64, 15],
        &[0x63, 17],
        &[0x68],
    ];
    body.push(types.len() as u8);
    for ty in types {
        body.push(2);
        body.extend(*ty);
    }
    let ops: Vec<Op> = Op::all().collect();
    let mut blocks = Vec::new();
    for _ in 0..1 + random.below(12) {
        if random.below(8) != 0 {
            body.push(0x00);
        }
        for _ in 0..1 + random.below(2) {
            let op = ops[random.below(ops.len())];
            match op {
                Op::CustomOp(CustomOp::Else) => {}
                Op::CustomOp(CustomOp::End) if blocks.is_empty() => {}
                Op::CustomOp(CustomOp::End) => {
                    blocks.pop();
                    body.push(0x0b);
                }
                Op::CustomOp(
                    kind @ (CustomOp::Block
                    | CustomOp::Loop
                    | CustomOp::If
                    | CustomOp::Try
                    | CustomOp::TryTable),
                ) => {
                    blocks.push(kind);
                    operator(op, &mut body, random);
                }
                Op::CustomOp(kind @ (CustomOp::Catch | CustomOp::CatchAll)) => {
                    if let Some(last @ (CustomOp::Try | CustomOp::Catch)) = blocks.last_mut() {
                        *last = kind;
                        operator(op, &mut body, random);
                    }
                }
                Op::CustomOp(CustomOp::Delegate) => {
                    if let Some(CustomOp::Try) = blocks.last() {
                        blocks.pop();
                        operator(op, &mut body, random);
                    }
                }
                _ => operator(op, &mut body, random),
            }
        }
    }
    for _ in 0..=blocks.len() {
        body.extend([0x00, 0x0b]);
    }
    let mut code = vec![1];
    leb(&mut code, body.len() as u32);
    code.extend(body);
    let mut module = b"\0asm\x01\0\0\0".to_vec();
    for (id, contents) in SOUP.iter().copied().chain([(10, &code[..]), (11, &[1, 1, 0])]) {
        module.push(id);
        leb(&mut module, contents.len() as u32);
        module.extend(contents);
    }
    module
}

/// Types 0 to 7: `[] -> []`, `[i32 i64] -> [f32]`, a structure, an array of `i8`, an array of
/// references, a substructure, `[funcref] -> [i32 i32]`, a structure of a number. Types 8 to 11: a
/// structure with a descriptor, that descriptor, and a subtype of each. Types 12 to 17: three
/// functions and continuations of them, which take a continuation, or an `i32` and give an `i64`, or
/// take both. Then a function, tables,
/// memories, tags, globals, and segments.
const SOUP: &[(u8, &[u8])] = &[
    (
        1,
        &[
            14, 0x60, 0, 0, 0x60, 2, 0x7f, 0x7e, 1, 0x7d, 0x50, 0, 0x5f, 2, 0x7f, 1, 0x78,
            1, //
            0x5e, 0x78, 1, 0x5e, 0x6e, 1, 0x50, 1, 2, 0x5f, 3, 0x7f, 1, 0x78, 1, 0x6e, 0, //
            0x60, 1, 0x70, 2, 0x7f, 0x7f, 0x5f, 1, 0x7e, 1, //
            0x4e, 4, 0x50, 0, 0x4d, 9, 0x5f, 1, 0x7f, 1, 0x50, 0, 0x4c, 8, 0x5f, 0, //
            0x50, 1, 8, 0x4d, 11, 0x5f, 1, 0x7f, 1, 0x50, 1, 9, 0x4c, 10, 0x5f, 0, //
            0x4e, 2, 0x60, 1, 0x63, 13, 0, 0x5d, 12, 0x60, 1, 0x7f, 1, 0x7e, 0x5d, 14, //
            0x60, 2, 0x7f, 0x63, 13, 0, 0x5d, 16,
        ],
    ),
    (3, &[1, 0]),
    (4, &[3, 0x70, 0, 4, 0x6f, 4, 4, 0x6e, 1, 1, 4]),
    (5, &[2, 0, 1, 4, 1]),
    (13, &[4, 0, 0, 0, 0, 0, 6, 0, 14]),
    (6, &[2, 0x7f, 1, 0x41, 0, 0x0b, 0x7e, 0, 0x42, 0, 0x0b]),
    (7, &[1, 1, b'f', 0, 0]),
    (9, &[2, 1, 0, 1, 0, 5, 0x6e, 1, 0xd0, 0x71, 0x0b]),
    (12, &[1]),
];

fn leb(bytes: &mut Vec<u8>, mut value: u32) {
    while value >= 0x80 {
        bytes.push(value as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
}

/// An operator with small immediates, most of which exist.
fn operator(op: Op, body: &mut Vec<u8>, random: &mut Random) {
    if op.opcode() > 0xff {
        body.push((op.opcode() >> 16) as u8);
        leb(body, op.opcode() & 0xffff);
    } else {
        body.push(op.opcode() as u8);
    }
    let memarg = |body: &mut Vec<u8>, natural: u32, random: &mut Random| {
        let align = if random.below(8) == 0 { random.below(5) as u32 } else { natural };
        match random.below(4) {
            0 => body.extend([align as u8 | 0x40, random.below(3) as u8]),
            _ => body.push(align as u8),
        }
        body.push(random.below(100) as u8);
    };
    match op {
        Op::LoadOp(op) => memarg(body, op.size_log2(), random),
        Op::StoreOp(op) => memarg(body, op.size_log2(), random),
        Op::VLoadOp(op) => memarg(body, op.size_log2(), random),
        Op::VStoreOp(op) => memarg(body, op.size_log2(), random),
        Op::VLoadLaneOp(op) => {
            memarg(body, op.size_log2(), random);
            body.push(random.below(5) as u8);
        }
        Op::VStoreLaneOp(op) => {
            memarg(body, op.size_log2(), random);
            body.push(random.below(5) as u8);
        }
        Op::AtomicLoadOp(op) => memarg(body, op.size_log2(), random),
        Op::AtomicStoreOp(op) => memarg(body, op.size_log2(), random),
        Op::AtomicRmwOp(op) => memarg(body, op.size_log2(), random),
        Op::AtomicCmpxchgOp(op) => memarg(body, op.size_log2(), random),
        Op::VExtractOp(_) | Op::VReplaceOp(_) => body.push(random.below(5) as u8),
        Op::CustomOp(CustomOp::AtomicFence) => body.push(0),
        Op::CustomOp(CustomOp::MemoryAtomicWait64) => memarg(body, 3, random),
        Op::CustomOp(op) => {
            for name in op.immediates() {
                immediate(name, body, random);
            }
        }
        _ => {}
    }
}

fn immediate(name: &str, body: &mut Vec<u8>, random: &mut Random) {
    let mut below = |bound| random.below(bound) as u8;
    match name {
        "TypeIdx" => body.push(below(19)),
        "TagIdx" => body.push(below(5)),
        "LabelIdx" | "MemIdx" | "Len" | "GlobalIdx" => body.push(below(3)),
        "FuncIdx" | "DataIdx" => body.push(below(8) / 7),
        "ElemIdx" => body.push(below(2)),
        "FieldIdx" | "TableIdx" | "CastFlags" => body.push(below(4)),
        "LocalIdx" => body.push(below(27)),
        "BlockType" => {
            let types: &[&[u8]] = &[
                &[0x40],
                &[0x40],
                &[0x7f],
                &[0x7b],
                &[0x63, 2],
                &[0],
                &[1],
                &[6],
                &[0x69],
                &[0x64, 0x6e],
                &[0x63, 13],
                &[0x63, 15],
                &[14],
            ];
            body.extend(types[random.below(types.len())]);
        }
        "HeapType" => {
            let types = [
                2, 3, 4, 5, 7, 0, 0x70, 0x6f, 0x6e, 0x6d, 0x6c, 0x6b, 0x6a, 0x69, 0x71, 0x73, 0x74,
                8, 9, 10, 11, 0x62, 0x62, 0x62, 12, 13, 15, 16, 17, 0x68, 0x75,
            ];
            let ty = types[random.below(types.len())];
            body.push(ty);
            if ty == 0x62 {
                body.push([0, 2, 8, 9, 10, 11][random.below(6)]);
            }
        }
        "ValTypes" => body.extend([1, [0x7f, 0x70, 0x6e, 0x7b][random.below(4)]]),
        "Labels" => {
            let count = below(3);
            body.push(count);
            (0..=count).for_each(|_| body.push(below(2)));
        }
        "Catches" => {
            let count = below(3);
            body.push(count);
            for _ in 0..count {
                let kind = below(4);
                body.push(kind);
                if kind < 2 {
                    body.push(below(2));
                }
                body.push(below(2));
            }
        }
        "Handlers" => {
            let count = below(3);
            body.push(count);
            for _ in 0..count {
                let kind = below(2);
                body.extend([kind, below(5)]);
                if kind == 0 {
                    body.push(below(3));
                }
            }
        }
        "I32" | "I64" => body.push(below(128)),
        "F32" => body.extend([0; 4]),
        "F64" => body.extend([0; 8]),
        "V128" => body.extend([1; 16]),
        "Lanes" => (0..16).for_each(|_| body.push(below(32))),
        "MemArg" => body.extend([2, 0]),
        other => unreachable!("no immediate is called {other}"),
    }
}

#[test]
fn verdicts_on_operators_are_wasmparsers() {
    let cases = 20 * number("RWASM_CASES", 500);
    let mut random = Random(number("RWASM_SEED", 1).wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
    let mut valid = 0;
    let mut differences = Vec::new();
    for _ in 0..cases {
        let bytes = soup(&mut random);
        differences.extend(compare(&bytes, Features::ALL, "operators"));
        valid += u64::from(our_verdict(&bytes, Features::ALL).is_ok());
        if differences.len() >= 20 {
            break;
        }
    }
    println!("{cases} bodies, {valid} of them valid");
    assert!(differences.is_empty(), "verdicts differ:\n{}", differences.join("\n"));
    assert!(valid > cases / 20, "many bodies are meant to be valid");
}
