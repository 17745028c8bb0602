//! Borrows of a store, and what can be borrowed as one.

use super::{Store, StoreInner};
use crate::{Engine, Result};

/// A shared borrow of a store.
pub struct StoreContext<'a, T: 'static> {
    pub(crate) inner: &'a StoreInner,
    pub(crate) data: &'a T,
}

/// A mutable borrow of a store.
pub struct StoreContextMut<'a, T: 'static> {
    pub(crate) inner: &'a mut StoreInner,
    pub(crate) data: &'a mut T,
}

/// What holds or borrows a store.
pub trait AsContext {
    /// The embedder's data in the store.
    type Data: 'static;

    /// Borrows the store.
    fn as_context(&self) -> StoreContext<'_, Self::Data>;
}

/// What holds or mutably borrows a store: a [`Store`], a `&mut` of one, a
/// [`Caller`](crate::Caller).
///
/// ```
/// use rwasm::{AsContextMut, Engine, Store};
///
/// fn count(mut store: impl AsContextMut<Data = u32>) -> u32 {
///     *store.as_context_mut().data_mut() += 1;
///     *store.as_context().data()
/// }
///
/// let mut store = Store::new(&Engine::default(), 0);
/// count(&mut store);
/// assert_eq!(count(store.as_context_mut()), 2);
/// ```
pub trait AsContextMut: AsContext {
    /// Borrows the store mutably.
    fn as_context_mut(&mut self) -> StoreContextMut<'_, Self::Data>;
}

impl<T: 'static> Clone for StoreContext<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: 'static> Copy for StoreContext<'_, T> {}

impl<'a, T: 'static> StoreContext<'a, T> {
    /// The embedder's data.
    pub fn data(&self) -> &'a T {
        self.data
    }

    /// The engine.
    pub fn engine(&self) -> &'a Engine {
        &self.inner.engine
    }

    /// The fuel that is left.
    ///
    /// # Errors
    ///
    /// If the engine does not count fuel.
    pub fn get_fuel(&self) -> Result<u64> {
        self.inner.fuel()
    }
}

impl<T: 'static> StoreContextMut<'_, T> {
    /// The embedder's data.
    pub fn data(&self) -> &T {
        self.data
    }

    /// The embedder's data.
    pub fn data_mut(&mut self) -> &mut T {
        self.data
    }

    /// The engine.
    pub fn engine(&self) -> &Engine {
        &self.inner.engine
    }

    /// Frees objects that cannot be reached any more.
    pub fn gc(&mut self) {
        self.inner.collect(&[]);
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
    /// # Errors
    ///
    /// If the engine does not count fuel.
    pub fn set_fuel(&mut self, fuel: u64) -> Result<()> {
        self.inner.set_fuel(fuel)
    }

    /// Runs are interrupted once the engine's epoch has moved on by `ticks_beyond_current`.
    pub fn set_epoch_deadline(&mut self, ticks_beyond_current: u64) {
        self.inner.set_epoch_deadline(ticks_beyond_current);
    }

    /// Lets code that does not know `T` work on the store, with its data where callbacks find it.
    pub(crate) fn erased<R>(&mut self, f: impl FnOnce(&mut StoreInner) -> R) -> R {
        let data: *mut T = self.data;
        let outer = core::mem::replace(&mut self.inner.data, crate::vm::DataPtr::new(data));
        let result = f(self.inner);
        self.inner.data = outer;
        result
    }
}

impl<T: 'static> AsContext for Store<T> {
    type Data = T;

    fn as_context(&self) -> StoreContext<'_, T> {
        StoreContext { inner: &self.inner, data: &self.data }
    }
}

impl<T: 'static> AsContextMut for Store<T> {
    fn as_context_mut(&mut self) -> StoreContextMut<'_, T> {
        StoreContextMut { inner: &mut self.inner, data: &mut self.data }
    }
}

impl<T: 'static> AsContext for StoreContext<'_, T> {
    type Data = T;

    fn as_context(&self) -> StoreContext<'_, T> {
        *self
    }
}

impl<T: 'static> AsContext for StoreContextMut<'_, T> {
    type Data = T;

    fn as_context(&self) -> StoreContext<'_, T> {
        StoreContext { inner: self.inner, data: self.data }
    }
}

impl<T: 'static> AsContextMut for StoreContextMut<'_, T> {
    fn as_context_mut(&mut self) -> StoreContextMut<'_, T> {
        StoreContextMut { inner: self.inner, data: self.data }
    }
}

impl<C: AsContext> AsContext for &C {
    type Data = C::Data;

    fn as_context(&self) -> StoreContext<'_, Self::Data> {
        C::as_context(self)
    }
}

impl<C: AsContext> AsContext for &mut C {
    type Data = C::Data;

    fn as_context(&self) -> StoreContext<'_, Self::Data> {
        C::as_context(self)
    }
}

impl<C: AsContextMut> AsContextMut for &mut C {
    fn as_context_mut(&mut self) -> StoreContextMut<'_, Self::Data> {
        C::as_context_mut(self)
    }
}

impl<'a, C: AsContext> From<&'a C> for StoreContext<'a, C::Data> {
    fn from(store: &'a C) -> Self {
        store.as_context()
    }
}

impl<'a, C: AsContext> From<&'a mut C> for StoreContext<'a, C::Data> {
    fn from(store: &'a mut C) -> Self {
        C::as_context(store)
    }
}

impl<'a, C: AsContextMut> From<&'a mut C> for StoreContextMut<'a, C::Data> {
    fn from(store: &'a mut C) -> Self {
        store.as_context_mut()
    }
}
