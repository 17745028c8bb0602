//! Limits that an embedder sets on what a store may take.

use crate::{Error, Result};

/// Decides whether memories and tables may grow, and how many of anything a store may hold.
///
/// Sizes of memories are in bytes, of tables in elements. [`StoreLimits`] is one of fixed numbers.
/// A limiter that panics while it answers a guest ends the process: frames of guests are not unwound.
///
/// ```
/// use rwasm::{Engine, Memory, MemoryType, ResourceLimiter, Result, Store};
///
/// /// All memories of the store together.
/// struct Budget(usize);
///
/// impl ResourceLimiter for Budget {
///     fn memory_growing(&mut self, now: usize, then: usize, _: Option<usize>) -> Result<bool> {
///         let rest = self.0.checked_sub(then - now);
///         self.0 = rest.unwrap_or(self.0);
///         Ok(rest.is_some())
///     }
///
///     fn table_growing(&mut self, _: usize, _: usize, _: Option<usize>) -> Result<bool> {
///         Ok(true)
///     }
/// }
///
/// let mut store = Store::new(&Engine::default(), Budget(3 << 16));
/// store.limiter(|budget| budget);
/// Memory::new(&mut store, MemoryType::new(2, None))?;
/// assert!(Memory::new(&mut store, MemoryType::new(2, None)).is_err());
/// # Ok::<(), rwasm::Error>(())
/// ```
pub trait ResourceLimiter {
    /// Whether a memory may grow from `current` to `desired` bytes; `maximum` is what its type
    /// allows. `Ok(false)` makes `memory.grow` return -1.
    ///
    /// # Errors
    ///
    /// An error ends the run.
    fn memory_growing(
        &mut self,
        current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> Result<bool>;

    /// Whether a table may grow from `current` to `desired` elements.
    ///
    /// # Errors
    ///
    /// An error ends the run.
    fn table_growing(
        &mut self,
        current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> Result<bool>;

    /// Whether the heap of structures, arrays and exceptions may grow from `current` to `desired`
    /// bytes; `maximum` is what the engine allows. `Ok(false)` makes the allocation trap, if
    /// nothing can be freed instead. Unless said otherwise, the heap may grow as a memory may.
    ///
    /// # Errors
    ///
    /// An error ends the run, if nothing can be freed instead.
    fn gc_heap_growing(
        &mut self,
        current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> Result<bool> {
        self.memory_growing(current, desired, maximum)
    }

    /// A memory that was allowed to grow could not: its type or the platform forbids it.
    ///
    /// # Errors
    ///
    /// An error ends the run; else `memory.grow` returns -1.
    fn memory_grow_failed(&mut self, error: Error) -> Result<()> {
        let _ = error;
        Ok(())
    }

    /// A table that was allowed to grow could not: its type or the platform forbids it.
    ///
    /// # Errors
    ///
    /// An error ends the run; else `table.grow` returns -1.
    fn table_grow_failed(&mut self, error: Error) -> Result<()> {
        let _ = error;
        Ok(())
    }

    /// How many instances a store may hold.
    fn instances(&self) -> usize {
        10_000
    }

    /// How many tables a store may hold.
    fn tables(&self) -> usize {
        10_000
    }

    /// How many memories a store may hold.
    fn memories(&self) -> usize {
        10_000
    }
}

/// A [`ResourceLimiter`] of fixed numbers.
#[derive(Clone, Debug)]
pub struct StoreLimits {
    memory_size: Option<usize>,
    table_elements: Option<usize>,
    gc_heap_size: Option<usize>,
    instances: usize,
    tables: usize,
    memories: usize,
    trap_on_grow_failure: bool,
}

impl Default for StoreLimits {
    fn default() -> Self {
        StoreLimits {
            memory_size: None,
            table_elements: None,
            gc_heap_size: None,
            instances: 10_000,
            tables: 10_000,
            memories: 10_000,
            trap_on_grow_failure: false,
        }
    }
}

/// Builds [`StoreLimits`].
#[derive(Clone, Debug, Default)]
pub struct StoreLimitsBuilder(StoreLimits);

impl StoreLimitsBuilder {
    /// No limits but the default numbers of objects.
    pub fn new() -> Self {
        Self::default()
    }

    /// The most bytes that each memory may have.
    #[must_use]
    pub fn memory_size(mut self, limit_bytes: usize) -> Self {
        self.0.memory_size = Some(limit_bytes);
        self
    }

    /// The most elements that each table may have.
    #[must_use]
    pub fn table_elements(mut self, limit: usize) -> Self {
        self.0.table_elements = Some(limit);
        self
    }

    /// The most bytes that structures, arrays and exceptions may take together; unless it is set,
    /// as many as each memory may have.
    #[must_use]
    pub fn gc_heap_size(mut self, limit_bytes: usize) -> Self {
        self.0.gc_heap_size = Some(limit_bytes);
        self
    }

    /// The most instances.
    #[must_use]
    pub fn instances(mut self, limit: usize) -> Self {
        self.0.instances = limit;
        self
    }

    /// The most tables.
    #[must_use]
    pub fn tables(mut self, limit: usize) -> Self {
        self.0.tables = limit;
        self
    }

    /// The most memories.
    #[must_use]
    pub fn memories(mut self, limit: usize) -> Self {
        self.0.memories = limit;
        self
    }

    /// Whether growth beyond a limit traps instead of returning -1.
    #[must_use]
    pub fn trap_on_grow_failure(mut self, trap: bool) -> Self {
        self.0.trap_on_grow_failure = trap;
        self
    }

    /// The limits.
    pub fn build(self) -> StoreLimits {
        self.0
    }
}

impl StoreLimits {
    fn failed(&self, error: Error) -> Result<()> {
        if self.trap_on_grow_failure { Err(error) } else { Ok(()) }
    }

    fn decide(&self, limit: Option<usize>, desired: usize, maximum: Option<usize>) -> Result<bool> {
        let allowed = limit.is_none_or(|limit| desired <= limit)
            && maximum.is_none_or(|maximum| desired <= maximum);
        if !allowed && self.trap_on_grow_failure {
            return Err(crate::Trap::AllocationTooLarge.into());
        }
        Ok(allowed)
    }
}

impl ResourceLimiter for StoreLimits {
    fn memory_growing(&mut self, _: usize, desired: usize, max: Option<usize>) -> Result<bool> {
        self.decide(self.memory_size, desired, max)
    }

    fn table_growing(&mut self, _: usize, desired: usize, max: Option<usize>) -> Result<bool> {
        self.decide(self.table_elements, desired, max)
    }

    fn gc_heap_growing(&mut self, _: usize, desired: usize, max: Option<usize>) -> Result<bool> {
        self.decide(self.gc_heap_size.or(self.memory_size), desired, max)
    }

    fn memory_grow_failed(&mut self, error: Error) -> Result<()> {
        self.failed(error)
    }

    fn table_grow_failed(&mut self, error: Error) -> Result<()> {
        self.failed(error)
    }

    fn instances(&self) -> usize {
        self.instances
    }

    fn tables(&self) -> usize {
        self.tables
    }

    fn memories(&self) -> usize {
        self.memories
    }
}
