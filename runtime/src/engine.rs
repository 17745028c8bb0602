//! Engines: what modules, stores and tiers share.

use crate::tier::Tier;
use crate::types::TypeRegistry;
use crate::vm::{RESERVE, StackPool};
use alloc::sync::Arc;
use core::sync::atomic::{AtomicU64, Ordering};
use rwasm_parser::DecodeConfig;

/// How an engine behaves; fixed when it is made.
#[derive(Clone, Debug)]
pub struct EngineConfig {
    /// Features and limits of the decoder.
    pub decode: DecodeConfig,
    /// Whether code counts fuel.
    pub consume_fuel: bool,
    /// Whether code looks at the epoch.
    pub epoch_interruption: bool,
    /// The size of a value stack in bytes.
    pub max_wasm_stack: usize,
    /// How many bytes of the native stack nested calls between guest and host may take.
    pub max_native_stack: usize,
    /// Whether functions are compiled with their module instead of at their first call.
    pub eager_compilation: bool,
    /// Whether function bodies are validated when they are first called instead of with their
    /// module.
    pub lazy_validation: bool,
    /// Whether errors carry the guest's backtrace.
    pub wasm_backtrace: bool,
    /// Whether errors carry a core dump.
    pub coredump_on_trap: bool,
    /// Which dispatch the interpreter uses.
    pub dispatch: Dispatch,
    /// How many bytes the collected objects of a store may take.
    pub max_gc_heap: usize,
    /// Whether every allocation of an object collects first, to find roots that are missing.
    pub gc_zeal: bool,
    /// Whether code computes the same bits on every machine.
    pub deterministic: bool,
}

/// The most parameters or results that a function can have, whatever the limits say: each takes up
/// to two slots of [`RESERVE`].
const MAX_PARAMS: u32 = RESERVE as u32 / 2 - 8;

/// How the interpreter goes from one instruction to the next.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Dispatch {
    /// The fastest that is safe in this build and on this machine.
    #[default]
    Auto,
    /// Each instruction jumps to the next. Where that is not safe, [`Dispatch::Loop`] is used.
    Tail,
    /// One loop around one switch; works everywhere.
    Loop,
}

impl Default for EngineConfig {
    fn default() -> Self {
        EngineConfig {
            decode: DecodeConfig::default(),
            consume_fuel: false,
            epoch_interruption: false,
            max_wasm_stack: 8 << 20,
            max_native_stack: 512 << 10,
            eager_compilation: false,
            lazy_validation: false,
            wasm_backtrace: true,
            coredump_on_trap: false,
            dispatch: Dispatch::Auto,
            max_gc_heap: 1 << 30,
            gc_zeal: false,
            deterministic: false,
        }
    }
}

/// What modules and stores share: settings, the tier that executes code, types, and the epoch.
///
/// Clones are the same engine.
#[derive(Clone)]
pub struct Engine(Arc<EngineInner>);

struct EngineInner {
    config: EngineConfig,
    tier: Arc<dyn Tier>,
    types: TypeRegistry,
    epoch: AtomicU64,
    stacks: StackPool,
}

impl Engine {
    /// An engine that executes code in `tier`.
    pub fn with_tier(mut config: EngineConfig, tier: Arc<dyn Tier>) -> Self {
        // Parameters and results have to fit the reserve of every value stack.
        let limits = &mut config.decode.limits;
        limits.params = limits.params.min(MAX_PARAMS);
        limits.results = limits.results.min(MAX_PARAMS);
        Engine(Arc::new(EngineInner {
            config,
            tier,
            types: TypeRegistry::default(),
            epoch: AtomicU64::new(0),
            stacks: StackPool::default(),
        }))
    }

    /// The settings.
    pub fn config(&self) -> &EngineConfig {
        &self.0.config
    }

    /// The tier.
    pub fn tier(&self) -> &dyn Tier {
        &*self.0.tier
    }

    /// The types of all modules.
    pub fn types(&self) -> &TypeRegistry {
        &self.0.types
    }

    /// Whether two handles are the same engine.
    pub fn same(a: &Engine, b: &Engine) -> bool {
        Arc::ptr_eq(&a.0, &b.0)
    }

    /// Moves the epoch on by one. Callable from any thread and from signal handlers.
    pub fn increment_epoch(&self) {
        self.0.epoch.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn stacks(&self) -> &StackPool {
        &self.0.stacks
    }

    pub(crate) fn epoch(&self) -> &AtomicU64 {
        &self.0.epoch
    }
}

impl core::fmt::Debug for Engine {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Engine").finish_non_exhaustive()
    }
}
