//! A module for each seed, with the settings that its runs need.

use crate::program::program;
use crate::random::Random;
use crate::rewrite::{self, Kind};
use arbitrary::Unstructured;
use std::sync::Arc;
use wasm_smith::{Config, InstructionKind, InstructionKinds};

/// Something to run.
pub struct Case {
    /// What it was made from, and what arguments and host functions depend on.
    pub seed: u64,
    /// How the module was made.
    pub configuration: &'static str,
    /// The module.
    pub bytes: Vec<u8>,
    /// What it exports.
    pub exports: Arc<[(String, Kind)]>,
    /// Whether the module has the operator `array.copy`.
    pub copies_arrays: bool,
    /// Whether its module has a shared memory.
    pub shares: bool,
    /// What the global that counts down is set to before each call, if the module terminates by
    /// itself. Otherwise engines count fuel, and each at its own pace.
    pub countdown: Option<i32>,
    /// The most bytes that a memory, or the heap of objects in wasmtime, may have.
    pub memory_limit: usize,
    /// Whether rwasm collects at every allocation in one of its runs.
    pub zeal: bool,
    /// Whether there is a second instance, which imports what the first exports.
    pub twice: bool,
    /// Whether wasmtime optimises.
    pub optimize: bool,
    /// Whether wasmtime counts references instead of never freeing any.
    pub count_references: bool,
}

/// The most bytes of a heap.
const HEAP: usize = 64 << 20;
/// The most bytes of a memory that could grow for ever.
const MEMORY: usize = 1 << 20;

/// The ways to make a module.
const CONFIGURATIONS: &[&str] = &[
    "few", "all", "many", "small", "large", "gc", "vector", "core", "fuelled",
    // These find the most.
    "program", "program", "program",
];

/// The case of a seed, or `None` if it makes none.
pub fn case(seed: u64) -> Option<Case> {
    let mut random = Random::of(seed, 1);
    let configuration = random.choose(CONFIGURATIONS);
    if configuration == "program" {
        return Some(written(seed, &mut random));
    }
    let mut config = base();
    let size = shape(configuration, &mut config, &mut random);
    let has_heap = config.gc_enabled || config.exceptions_enabled;
    let data: Vec<u8> = (0..size.div_ceil(8)).flat_map(|_| random.next().to_le_bytes()).collect();
    let mut module = wasm_smith::Module::new(config, &mut Unstructured::new(&data)).ok()?;
    let countdown = (configuration != "fuelled").then(|| 1 << (4 + random.below(9)));
    let global = match countdown {
        Some(countdown) => Some(module.ensure_termination(countdown as u32).ok()?),
        None => None,
    };
    let memory_limit = if has_heap { HEAP } else { MEMORY };
    let rewritten = rewrite::rewrite(&module.to_bytes(), global, random.once_in(2)).ok()?;
    Some(Case {
        exports: rewritten.exports.into(),
        bytes: rewritten.bytes,
        copies_arrays: rewritten.copies_arrays,
        shares: rewritten.shares,
        countdown,
        memory_limit,
        ..with(seed, configuration, &mut random)
    })
}

/// A case whose module is not wasm-smith's.
fn written(seed: u64, random: &mut Random) -> Case {
    let countdown = 1 << (5 + random.below(6));
    let text = program(random, countdown);
    let bytes = wat::parse_str(&text).unwrap_or_else(|error| panic!("seed {seed}: {error}"));
    let rewritten = rewrite::rewrite(&bytes, None, true);
    let rewritten = rewritten.unwrap_or_else(|error| panic!("seed {seed}: {error}"));
    Case {
        exports: rewritten.exports.into(),
        bytes: rewritten.bytes,
        copies_arrays: rewritten.copies_arrays,
        shares: rewritten.shares,
        countdown: Some(countdown),
        ..with(seed, "program", random)
    }
}

/// The case of a seed, but with another module.
///
/// # Errors
///
/// If the module cannot be read.
pub fn case_of(seed: u64, file: &[u8]) -> Result<Case, String> {
    let bytes = wat::parse_bytes(file).map_err(|error| error.to_string())?.into_owned();
    let module = rewrite::look(bytes).map_err(|error| error.to_string())?;
    let countdown = module.exports.iter().any(|(name, _)| name == rewrite::FUEL).then_some(1000);
    let mut case = Case {
        exports: module.exports.into(),
        bytes: module.bytes,
        copies_arrays: module.copies_arrays,
        shares: module.shares,
        countdown,
        ..with(seed, "file", &mut Random::new(seed))
    };
    case.zeal = true;
    Ok(case)
}

fn with(seed: u64, configuration: &'static str, random: &mut Random) -> Case {
    Case {
        seed,
        configuration,
        bytes: Vec::new(),
        exports: Arc::new([]),
        copies_arrays: false,
        shares: false,
        countdown: None,
        memory_limit: HEAP,
        zeal: random.once_in(if configuration == "gc" { 3 } else { 16 }),
        twice: random.once_in(3),
        optimize: random.once_in(6),
        count_references: random.once_in(2),
    }
}

/// Everything that both engines have.
fn base() -> Config {
    Config {
        // Of proposals that only one of them has.
        compact_imports_enabled: false,
        custom_page_sizes_enabled: true,
        export_everything: true,
        // Memories and tables that one machine can hold several of, and compare after each call.
        max_memory32_bytes: 4 << 16,
        max_memory64_bytes: 4 << 16,
        max_table_elements: 500,
        max_funcs: 12,
        max_globals: 12,
        max_imports: 8,
        max_tags: 4,
        max_types: 20,
        max_data_segments: 6,
        max_element_segments: 6,
        max_elements: 20,
        max_type_size: 10_000,
        min_funcs: 2,
        min_types: 3,
        ..Config::default()
    }
}

/// Sets what makes `configuration`; gives how many random bytes it wants.
fn shape(configuration: &str, config: &mut Config, random: &mut Random) -> u64 {
    let mut coin = || random.once_in(2);
    config.max_memories = 1 + usize::from(coin());
    config.max_tables = 1 + usize::from(coin());
    config.disallow_traps = coin();
    config.allow_floats = coin() || coin();
    config.threads_enabled = coin();
    match configuration {
        "few" => {
            config.bulk_memory_enabled = coin();
            config.reference_types_enabled = config.bulk_memory_enabled && coin();
            config.gc_enabled = config.reference_types_enabled && coin();
            config.exceptions_enabled = config.reference_types_enabled && coin();
            config.simd_enabled = coin();
            config.relaxed_simd_enabled = config.simd_enabled && coin();
            config.memory64_enabled = coin();
            config.tail_call_enabled = coin();
            config.extended_const_enabled = coin();
            config.wide_arithmetic_enabled = coin();
            config.custom_page_sizes_enabled = coin();
            config.multi_value_enabled = coin();
            config.sign_extension_ops_enabled = coin();
            config.saturating_float_to_int_enabled = coin();
        }
        "many" => {
            config.max_memories = 6;
            config.max_tables = 8;
            config.max_memory32_bytes = 2 << 16;
            config.max_memory64_bytes = 2 << 16;
            config.min_memories = 2;
            config.min_tables = 2;
            config.max_globals = 40;
            config.max_imports = 30;
        }
        "small" => {
            config.max_instructions = 20;
            config.max_funcs = 4;
            config.max_imports = 2;
            config.max_types = 6;
        }
        "large" => {
            config.max_instructions = 1000;
            config.max_funcs = 40;
            config.max_memory32_bytes = 16 << 16;
            config.max_memory64_bytes = 16 << 16;
            config.max_table_elements = 5000;
        }
        "gc" => {
            config.min_types = 8;
            config.max_types = 40;
            config.min_globals = 2;
            config.simd_enabled = false;
            config.threads_enabled = false;
            config.allowed_instructions = InstructionKinds::new(&[
                InstructionKind::NumericInt,
                InstructionKind::Reference,
                InstructionKind::Aggregate,
                InstructionKind::Parametric,
                InstructionKind::Variable,
                InstructionKind::Table,
                InstructionKind::Control,
            ]);
        }
        "vector" => {
            config.allow_floats = true;
            config.gc_enabled = false;
            config.min_memories = 1;
            config.allowed_instructions = InstructionKinds::new(&[
                InstructionKind::Numeric,
                InstructionKind::Vector,
                InstructionKind::Memory,
                InstructionKind::Variable,
                InstructionKind::Parametric,
                InstructionKind::Control,
            ]);
        }
        "core" => {
            config.gc_enabled = false;
            config.simd_enabled = false;
            config.relaxed_simd_enabled = false;
            config.exceptions_enabled = coin();
            config.disallow_traps = true;
            config.min_memories = 1;
            config.max_instructions = 300;
        }
        _ => {}
    }
    if config.gc_enabled || config.exceptions_enabled {
        // What limits memories without a maximum limits the heap in wasmtime too, which is meant
        // to be larger.
        config.memory_max_size_required = true;
    }
    match configuration {
        "small" => 200 + random.below(1500),
        "large" => 5000 + random.below(40_000),
        _ => 500 + random.below(10_000),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;
    use wasmparser::{Operator, Parser, Payload};

    macro_rules! names {
        ($(@$proposal:ident $op:ident $({ $($arg:ident: $argty:ty),* })? => $visit:ident ($($ann:tt)*))*) => {
            fn name(operator: &Operator<'_>) -> &'static str {
                match operator {
                    $(Operator::$op { .. } => stringify!($op),)*
                    _ => "?",
                }
            }
            const NAMES: &[(&str, &str)] = &[$((stringify!($proposal), stringify!($op))),*];
        };
    }
    wasmparser::for_each_operator!(names);

    /// Proposals that only one of the engines has, or none.
    const ABSENT: &[&str] = &[
        "acquire_release_atomics",
        "custom_descriptors",
        "legacy_exceptions",
        "memory_control",
        "multibyte_array_access",
        "shared_everything_threads",
        "stack_switching",
    ];

    #[test]
    fn all_operators_occur() {
        let mut seen = BTreeSet::new();
        for case in (0..4000).filter_map(case) {
            for payload in Parser::new(0).parse_all(&case.bytes) {
                if let Payload::CodeSectionEntry(body) = payload.unwrap() {
                    let reader = body.get_operators_reader().unwrap();
                    seen.extend(reader.into_iter().map(|op| name(&op.unwrap())));
                }
            }
        }
        let mut unseen: Vec<&str> = NAMES
            .iter()
            .filter(|(proposal, _)| !ABSENT.contains(proposal))
            .map(|&(_, operator)| operator)
            .filter(|operator| !seen.contains(operator))
            .collect();
        // No type of a select can be a list of several.
        unseen.retain(|operator| *operator != "TypedSelectMulti");
        assert_eq!(unseen, [""; 0]);
    }
}
