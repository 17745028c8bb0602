//! References to objects of the host and of the collected heap.

use crate::store::{AsContext, AsContextMut, StoreContext, StoreContextMut, StoreId, StoreInner};
use crate::vm::Slot;
use crate::{Error, Result};
use alloc::boxed::Box;
use core::any::Any;
use core::fmt;
use core::marker::PhantomData;

/// An object of the host that guests can hold but not look into: `(ref extern)`.
#[derive(Debug)]
pub enum ExternRef {}

/// An object of a guest: `(ref any)`. None exists as long as structures, arrays and `i31` are not
/// supported.
#[derive(Debug)]
pub enum AnyRef {}

/// An exception: `(ref exn)`. None exists as long as exceptions are not supported.
#[derive(Debug)]
pub enum ExnRef {}

/// A reference that keeps its object alive, at least for as long as the store is not collected.
///
/// It is a number, which belongs to one store.
pub struct Rooted<R> {
    store: StoreId,
    /// The reference as a slot, which is not null.
    slot: Slot,
    kind: PhantomData<fn() -> R>,
}

impl<R> Clone for Rooted<R> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<R> Copy for Rooted<R> {}

impl<R> fmt::Debug for Rooted<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Rooted({})", self.slot)
    }
}

impl<R> Rooted<R> {
    /// The reference in a slot, or `None` if that is null.
    pub(crate) fn from_slot(store: &StoreInner, slot: Slot) -> Option<Self> {
        (slot != 0).then_some(Rooted { store: store.id, slot, kind: PhantomData })
    }

    /// The slot, if the reference belongs to `store`.
    pub(crate) fn to_slot(self, store: &StoreInner) -> Result<Slot> {
        if self.store != store.id {
            return Err(Error::msg("a reference belongs to another store"));
        }
        Ok(self.slot)
    }

    /// Whether two references lead to the same object.
    ///
    /// # Errors
    ///
    /// If one is of another store.
    pub fn ref_eq(store: impl AsContext, a: &Self, b: &Self) -> Result<bool> {
        let store = store.as_context().inner;
        Ok(a.to_slot(store)? == b.to_slot(store)?)
    }
}

impl ExternRef {
    /// A reference to `value`, which the store owns from now on.
    ///
    /// ```
    /// use rwasm::{Engine, ExternRef, Store};
    ///
    /// let mut store = Store::new(&Engine::default(), ());
    /// let object = ExternRef::new(&mut store, String::from("mine"))?;
    /// let value = object.data(&store)?.unwrap().downcast_ref::<String>();
    /// assert_eq!(value.unwrap(), "mine");
    /// # Ok::<(), rwasm::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If the store cannot hold more.
    pub fn new(
        mut store: impl AsContextMut,
        value: impl Any + Send + Sync,
    ) -> Result<Rooted<ExternRef>> {
        let store = store.as_context_mut().inner;
        store.externs.push(Box::new(value));
        let slot = store.externs.len() as Slot;
        Ok(Rooted { store: store.id, slot, kind: PhantomData })
    }
}

impl Rooted<ExternRef> {
    /// The object.
    ///
    /// # Errors
    ///
    /// If the reference is of another store.
    pub fn data<'a, T: 'static>(
        &self,
        store: impl Into<StoreContext<'a, T>>,
    ) -> Result<Option<&'a (dyn Any + Send + Sync)>> {
        let store = store.into().inner;
        let at = self.to_slot(store)? as usize - 1;
        Ok(store.externs.get(at).map(|object| &**object))
    }

    /// The object.
    ///
    /// # Errors
    ///
    /// If the reference is of another store.
    pub fn data_mut<'a, T: 'static>(
        &self,
        store: impl Into<StoreContextMut<'a, T>>,
    ) -> Result<Option<&'a mut (dyn Any + Send + Sync)>> {
        let store = store.into().inner;
        let at = self.to_slot(store)? as usize - 1;
        Ok(store.externs.get_mut(at).map(|object| &mut **object))
    }
}
