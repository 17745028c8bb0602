//! References to objects of the host and of the collected heap, as embedders hold them.

mod aggregate;
mod any;
mod cont;
mod exn;
mod host;

pub use aggregate::{ArrayRef, ArrayRefPre, StructRef, StructRefPre};
pub use any::{AnyRef, EqRef, I31};
pub use cont::ContRef;
pub use exn::{ExnRef, ThrownException};
pub use host::ExternRef;

use crate::gc::Root;
use crate::store::{AsContext, AsContextMut, StoreContext, StoreContextMut, StoreId, StoreInner};
use crate::vm::Slot;
use crate::{Error, Result};
use alloc::sync::Arc;
use core::fmt;
use core::marker::PhantomData;

/// A reference that keeps its object alive until its scope ends.
///
/// The scope of what a host function gets or makes is the call; that of anything else is the
/// innermost [`RootScope`], or the whole life of the store. Later uses are errors. An
/// [`OwnedRooted`] lives longer.
pub struct Rooted<R> {
    store: StoreId,
    root: Root,
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
        write!(f, "Rooted({:?})", self.root)
    }
}

impl<R> Rooted<R> {
    /// The reference in a slot, which is not null.
    pub(crate) fn new(store: &mut StoreInner, slot: Slot) -> Self {
        Rooted { store: store.id, root: store.roots.push(slot), kind: PhantomData }
    }

    /// The reference in a slot, or `None` if that is null.
    pub(crate) fn from_slot(store: &mut StoreInner, slot: Slot) -> Option<Self> {
        (slot != 0).then(|| Rooted::new(store, slot))
    }

    /// The slot, if the reference belongs to `store`.
    pub(crate) fn to_slot(self, store: &StoreInner) -> Result<Slot> {
        if self.store != store.id {
            return Err(Error::msg("a reference belongs to another store"));
        }
        store.roots.get(self.root).ok_or_else(|| {
            Error::msg("attempted to use a garbage-collected object that has been unrooted")
        })
    }

    /// The same reference as one of another kind, which it is.
    fn cast<S>(self) -> Rooted<S> {
        Rooted { store: self.store, root: self.root, kind: PhantomData }
    }

    /// Whether two references lead to the same object.
    ///
    /// # Errors
    ///
    /// If one is of another store, or its scope has ended.
    pub fn ref_eq(store: impl AsContext, a: &Self, b: &Self) -> Result<bool> {
        let store = store.as_context().inner;
        Ok(a.to_slot(store)? == b.to_slot(store)?)
    }

    /// The same reference without a scope.
    ///
    /// # Errors
    ///
    /// If it is of another store, or its scope has ended.
    pub fn to_owned_rooted(&self, mut store: impl AsContextMut) -> Result<OwnedRooted<R>> {
        let store = store.as_context_mut().inner;
        let slot = self.to_slot(store)?;
        let alive = store.roots.own(slot);
        Ok(OwnedRooted { store: store.id, slot, alive, kind: PhantomData })
    }
}

/// A reference that keeps its object alive until it, and every clone of it, is dropped.
pub struct OwnedRooted<R> {
    store: StoreId,
    slot: Slot,
    alive: Arc<()>,
    kind: PhantomData<fn() -> R>,
}

impl<R> Clone for OwnedRooted<R> {
    fn clone(&self) -> Self {
        let OwnedRooted { store, slot, ref alive, kind } = *self;
        OwnedRooted { store, slot, alive: alive.clone(), kind }
    }
}

impl<R> fmt::Debug for OwnedRooted<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "OwnedRooted({:?})", self.slot)
    }
}

impl<R> OwnedRooted<R> {
    /// The same reference in the innermost scope.
    ///
    /// # Panics
    ///
    /// If it is of another store.
    pub fn to_rooted(&self, mut store: impl AsContextMut) -> Rooted<R> {
        let store = store.as_context_mut().inner;
        store.id.check(self.store);
        Rooted::new(store, self.slot)
    }
}

/// A borrow of a store that lets go, when it is dropped, of every [`Rooted`] that was made
/// meanwhile.
pub struct RootScope<C: AsContextMut> {
    store: C,
    scope: usize,
}

impl<C: AsContextMut> RootScope<C> {
    /// Begins a scope.
    pub fn new(store: C) -> Self {
        let scope = store.as_context().inner.roots.enter();
        RootScope { store, scope }
    }
}

impl<C: AsContextMut> Drop for RootScope<C> {
    fn drop(&mut self) {
        self.store.as_context_mut().inner.roots.exit(self.scope);
    }
}

impl<C: AsContextMut> AsContext for RootScope<C> {
    type Data = C::Data;

    fn as_context(&self) -> StoreContext<'_, C::Data> {
        self.store.as_context()
    }
}

impl<C: AsContextMut> AsContextMut for RootScope<C> {
    fn as_context_mut(&mut self) -> StoreContextMut<'_, C::Data> {
        self.store.as_context_mut()
    }
}
