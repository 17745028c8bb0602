//! Engines with the tiers that this crate is built with.

use crate::{Config, Result};
use alloc::sync::Arc;
use core::ops::Deref;
use rwasm_interp::Interpreter;

/// What modules and stores share: settings, the interpreter, types, and the epoch. Clones are the
/// same engine.
///
/// ```
/// use rwasm::{Engine, Store};
///
/// let engine = Engine::default();
/// let store = Store::new(&engine, ());
/// # let _ = store;
/// ```
#[derive(Clone, Debug)]
pub struct Engine(rwasm_runtime::Engine);

impl Engine {
    /// An engine with these settings.
    ///
    /// # Errors
    ///
    /// If they contradict each other or the platform cannot do what they ask for.
    pub fn new(config: &Config) -> Result<Self> {
        Ok(Self::with_config(config))
    }

    fn with_config(config: &Config) -> Self {
        let tier = Arc::new(Interpreter::new());
        Engine(rwasm_runtime::Engine::with_tier(config.0.clone(), tier))
    }

    /// Whether two handles are the same engine.
    pub fn same(a: &Engine, b: &Engine) -> bool {
        rwasm_runtime::Engine::same(&a.0, &b.0)
    }
}

impl Default for Engine {
    fn default() -> Self {
        Self::with_config(&Config::new())
    }
}

impl Deref for Engine {
    type Target = rwasm_runtime::Engine;

    fn deref(&self) -> &rwasm_runtime::Engine {
        &self.0
    }
}

impl From<rwasm_runtime::Engine> for Engine {
    fn from(engine: rwasm_runtime::Engine) -> Self {
        Engine(engine)
    }
}

/// What [`Store::engine`](crate::Store::engine) and its like give.
impl From<&rwasm_runtime::Engine> for Engine {
    fn from(engine: &rwasm_runtime::Engine) -> Self {
        Engine(engine.clone())
    }
}

impl AsRef<rwasm_runtime::Engine> for Engine {
    fn as_ref(&self) -> &rwasm_runtime::Engine {
        &self.0
    }
}
