//! Stores: everything that instances are made of, and the embedder's own data.
//!
//! Spec: *Execution → Runtime Structure → Store*. [`Store`] is a typed wrapper; what runs, links
//! and instantiates sees [`StoreInner`] only and is not generic.

mod context;
mod grow;
mod inner;

pub use context::{AsContext, AsContextMut, StoreContext, StoreContextMut};
pub use inner::{StoreId, StoreInner};

use crate::limits::ResourceLimiter;
use crate::vm::{Limiter, VmBox};
use crate::{Engine, Result};

/// Owns instances and what they are made of, and a `T` that host functions reach.
///
/// Objects are freed with their store, never before. An object used with another store than its
/// own panics.
///
/// ```
/// use rwasm::{Engine, Store};
///
/// let mut store = Store::new(&Engine::default(), vec!["mine"]);
/// store.data_mut().push("too");
/// assert_eq!(store.into_data(), ["mine", "too"]);
/// ```
pub struct Store<T: 'static> {
    inner: VmBox<StoreInner>,
    data: VmBox<T>,
}

impl<T: 'static> Store<T> {
    /// A store of `engine` with nothing in it but `data`.
    pub fn new(engine: &Engine, data: T) -> Self {
        Store { inner: VmBox::new(StoreInner::new(engine)), data: VmBox::new(data) }
    }

    /// The embedder's data.
    pub fn data(&self) -> &T {
        &self.data
    }

    /// The embedder's data.
    pub fn data_mut(&mut self) -> &mut T {
        &mut self.data
    }

    /// Drops the store and gives back the embedder's data.
    pub fn into_data(self) -> T {
        self.data.into_inner()
    }

    /// The engine.
    pub fn engine(&self) -> &Engine {
        &self.inner.engine
    }

    /// Frees objects that cannot be reached any more.
    pub fn gc(&mut self) {
        self.as_context_mut().gc();
    }

    /// Has the limiter inside the embedder's data decide about growth and numbers of objects.
    ///
    /// It decides about what happens from now on.
    ///
    /// ```
    /// use rwasm::{Engine, Memory, MemoryType, Store, StoreLimits, StoreLimitsBuilder};
    ///
    /// let limits = StoreLimitsBuilder::new().memory_size(2 << 16).build();
    /// let mut store = Store::new(&Engine::default(), limits);
    /// store.limiter(|limits| limits);
    /// let memory = Memory::new(&mut store, MemoryType::new(1, None))?;
    /// assert!(memory.grow(&mut store, 1).is_ok());
    /// assert!(memory.grow(&mut store, 1).is_err());
    /// # Ok::<(), rwasm::Error>(())
    /// ```
    pub fn limiter(
        &mut self,
        limiter: impl (FnMut(&mut T) -> &mut dyn ResourceLimiter) + Send + Sync + 'static,
    ) {
        self.inner.limiter = Some(Limiter::new(limiter));
    }

    /// The fuel that is left.
    ///
    /// # Errors
    ///
    /// If the engine does not count fuel.
    pub fn get_fuel(&self) -> Result<u64> {
        self.inner.fuel()
    }

    /// Sets the fuel that is left.
    ///
    /// ```
    /// use rwasm::{Config, Engine, Instance, Module, Store, Trap};
    ///
    /// let engine = Engine::new(Config::new().consume_fuel(true))?;
    /// let module = Module::new(&engine, r#"(module (func (export "run") (loop (br 0))))"#)?;
    /// let mut store = Store::new(&engine, ());
    /// store.set_fuel(10_000)?;
    /// let instance = Instance::new(&mut store, &module, &[])?;
    /// let run = instance.get_typed_func::<(), ()>(&mut store, "run")?;
    /// let error = run.call(&mut store, ()).unwrap_err();
    /// assert_eq!(error.downcast_ref(), Some(&Trap::OutOfFuel));
    /// # Ok::<(), rwasm::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If the engine does not count fuel.
    pub fn set_fuel(&mut self, fuel: u64) -> Result<()> {
        self.inner.set_fuel(fuel)
    }

    /// Runs are interrupted once the engine's epoch has moved on by `ticks_beyond_current`.
    ///
    /// A new store's deadline is the epoch 0, so that nothing runs before this is called, if the
    /// engine looks at the epoch at all.
    ///
    /// ```
    /// use rwasm::{Config, Engine, Instance, Module, Store, Trap};
    /// use std::{thread, time::Duration};
    ///
    /// let engine = Engine::new(Config::new().epoch_interruption(true))?;
    /// let module = Module::new(&engine, r#"(module (func (export "run") (loop (br 0))))"#)?;
    /// let mut store = Store::new(&engine, ());
    /// let instance = Instance::new(&mut store, &module, &[])?;
    /// let run = instance.get_typed_func::<(), ()>(&mut store, "run")?;
    ///
    /// store.set_epoch_deadline(1);
    /// thread::spawn(move || {
    ///     thread::sleep(Duration::from_millis(10));
    ///     engine.increment_epoch();
    /// });
    /// let error = run.call(&mut store, ()).unwrap_err();
    /// assert_eq!(error.downcast_ref(), Some(&Trap::Interrupt));
    /// # Ok::<(), rwasm::Error>(())
    /// ```
    pub fn set_epoch_deadline(&mut self, ticks_beyond_current: u64) {
        self.inner.set_epoch_deadline(ticks_beyond_current);
    }

    /// A run that passes the deadline ends with [`Trap::Interrupt`](crate::Trap::Interrupt), which
    /// is what happens unless something else was asked for. An [`Execution`](crate::Execution) is
    /// suspended instead.
    pub fn epoch_deadline_trap(&mut self) {
        self.inner.epoch_callback = None;
    }

    /// Calls `callback` when a run passes the deadline; it says whether and for how long to go on. An
    /// [`Execution`](crate::Execution) is suspended instead, with
    /// [`Suspension::Epoch`](crate::Suspension::Epoch).
    pub fn epoch_deadline_callback(
        &mut self,
        callback: impl FnMut(StoreContextMut<'_, T>) -> Result<UpdateDeadline> + Send + Sync + 'static,
    ) {
        self.inner.epoch_callback = Some(crate::vm::EpochCallback::new(callback));
    }
}

/// What to do about a run that passed its deadline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum UpdateDeadline {
    /// Go on for so many ticks.
    Continue(u64),
    /// End the run with [`Trap::Interrupt`](crate::Trap::Interrupt).
    Interrupt,
}

impl<T: core::fmt::Debug> core::fmt::Debug for Store<T> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Store").field("data", self.data()).finish_non_exhaustive()
    }
}
