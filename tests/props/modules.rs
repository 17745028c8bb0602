//! Random modules.

use crate::Random;
use arbitrary::Unstructured;
use rwasm::{ExternType, Val};

/// Where random modules end whose loops do not.
const COUNTDOWN: u32 = 500;

/// What random modules are made of.
pub fn config(random: &mut Random) -> wasm_smith::Config {
    let mut config = wasm_smith::Config {
        export_everything: true,
        max_imports: 0,
        max_memories: 2,
        max_memory32_bytes: 2 << 16,
        max_memory64_bytes: 2 << 16,
        max_tables: 2,
        max_table_elements: 200,
        max_funcs: 8,
        min_funcs: 2,
        min_types: 2,
        compact_imports_enabled: false,
        // Shared memories are not instantiated.
        threads_enabled: false,
        disallow_traps: random.once_in(2),
        ..wasm_smith::Config::default()
    };
    config.gc_enabled = random.once_in(2);
    config
}

/// A module without imports whose functions end, or `None` if these bytes make none.
pub fn module(config: wasm_smith::Config, random: &mut Random) -> Option<Vec<u8>> {
    let size = 300 + random.below(3000);
    let data: Vec<u8> = (0..size).map(|_| random.next() as u8).collect();
    let mut module = wasm_smith::Module::new(config, &mut Unstructured::new(&data)).ok()?;
    module.ensure_termination(COUNTDOWN).ok()?;
    Some(module.to_bytes())
}

/// Arguments for a function, or `None` if only objects of the guest will do.
pub fn args(ty: &ExternType, random: &mut Random) -> Option<Vec<Val>> {
    let val = |ty| {
        let mut val = Val::default_for_ty(&ty)?;
        match &mut val {
            Val::I32(value) => *value = random.below(1000) as i32 - 500,
            Val::I64(value) => *value = random.next() as i64,
            Val::F32(bits) => *bits = (random.below(1000) as f32).to_bits(),
            Val::F64(bits) => *bits = random.next(),
            _ => {}
        }
        Some(val)
    };
    ty.func()?.params().map(val).collect()
}
