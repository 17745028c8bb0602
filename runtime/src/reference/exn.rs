//! Exceptions. Spec: *Execution → Runtime Structure → Exception Instances*.

use super::Rooted;
use crate::handle::{Tag, check_count};
use crate::store::{AsContext, AsContextMut, StoreInner};
use crate::types::TypeId;
use crate::val::{Val, count_slots, read_all, write_all};
use crate::vm::Slot;
use crate::{Error, Result, Store, StoreContextMut};
use alloc::{vec, vec::Vec};
use core::fmt;

/// An exception: `(ref exn)`.
#[derive(Debug)]
pub enum ExnRef {}

/// An exception was thrown, which the store has: [`Store::take_pending_exception`] takes it.
///
/// A host function throws by returning this as its error, which [`Store::throw`] and its like make;
/// a call of a guest that does not catch an exception fails with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ThrownException;

impl fmt::Display for ThrownException {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("thrown Wasm exception")
    }
}

impl core::error::Error for ThrownException {}

impl ExnRef {
    /// An exception of `tag`, which carries `fields`.
    ///
    /// # Errors
    ///
    /// If `fields` do not fit the tag's type, or with
    /// [`Trap::AllocationTooLarge`](crate::Trap::AllocationTooLarge) if there is no room.
    ///
    /// # Panics
    ///
    /// If `tag` is of another store.
    pub fn new(mut store: impl AsContextMut, tag: &Tag, fields: &[Val]) -> Result<Rooted<ExnRef>> {
        store.as_context_mut().erased(|store| {
            let ty = store.engine.types().func(tag.type_id(store));
            check_count("fields", ty.params().len(), fields.len())?;
            let mut slots = vec![0; count_slots(ty.params())];
            write_all(store, ty.params(), fields, &mut slots)?;
            let slot = store.exn_new(tag.addr, &slots)?;
            Ok(Rooted::new(store, slot))
        })
    }
}

impl Rooted<ExnRef> {
    /// The exception's tag.
    ///
    /// # Errors
    ///
    /// If it is of another store, or its scope has ended.
    pub fn tag(&self, mut store: impl AsContextMut) -> Result<Tag> {
        let store = store.as_context_mut().inner;
        let slot = self.to_slot(store)?;
        Ok(Tag { store: store.id, addr: store.exn_tag(slot) })
    }

    /// What the exception carries.
    ///
    /// # Errors
    ///
    /// If it is of another store, or its scope has ended.
    pub fn fields(
        &self,
        mut store: impl AsContextMut,
    ) -> Result<impl ExactSizeIterator<Item = Val> + 'static> {
        let store = store.as_context_mut().inner;
        let slot = self.to_slot(store)?;
        let (ty, slots) = (exn_type(store, slot), store.exn_slots(slot));
        let ty = store.engine.types().func(ty);
        Ok(read_all(store, ty.params(), &slots).collect::<Vec<_>>().into_iter())
    }

    /// The value at `index` of those that the exception carries.
    ///
    /// # Errors
    ///
    /// If there is none, the exception is of another store, or its scope has ended.
    pub fn field(&self, store: impl AsContextMut, index: usize) -> Result<Val> {
        let field = self.fields(store)?.nth(index);
        field.ok_or_else(|| Error::msg(alloc::format!("an exception has no field {index}")))
    }
}

fn exn_type(store: &StoreInner, exn: Slot) -> TypeId {
    store.tags[store.exn_tag(exn) as usize]
}

impl<T: 'static> StoreContextMut<'_, T> {
    /// Makes `exception` the pending one. A host function that returns the error throws it.
    ///
    /// # Errors
    ///
    /// Always.
    ///
    /// # Panics
    ///
    /// If the exception is of another store, or its scope has ended.
    pub fn throw<R>(&mut self, exception: Rooted<ExnRef>) -> Result<R, ThrownException> {
        let slot = exception.to_slot(self.inner).expect("an exception of this store");
        self.inner.pending_exn = slot;
        Err(ThrownException)
    }

    /// Takes the exception that was thrown last and that nobody caught, if there is one.
    pub fn take_pending_exception(&mut self) -> Option<Rooted<ExnRef>> {
        let slot = core::mem::take(&mut self.inner.pending_exn);
        Rooted::from_slot(self.inner, slot)
    }

    /// Whether there is an exception that was thrown and that nobody caught.
    pub fn has_pending_exception(&self) -> bool {
        self.inner.pending_exn != 0
    }
}

impl<T: 'static> Store<T> {
    /// Makes `exception` the pending one. A host function that returns the error throws it.
    ///
    /// # Errors
    ///
    /// Always.
    ///
    /// # Panics
    ///
    /// If the exception is of another store, or its scope has ended.
    pub fn throw<R>(&mut self, exception: Rooted<ExnRef>) -> Result<R, ThrownException> {
        self.as_context_mut().throw(exception)
    }

    /// Takes the exception that was thrown last and that nobody caught, if there is one.
    pub fn take_pending_exception(&mut self) -> Option<Rooted<ExnRef>> {
        self.as_context_mut().take_pending_exception()
    }

    /// Whether there is an exception that was thrown and that nobody caught.
    pub fn has_pending_exception(&self) -> bool {
        self.as_context().inner.pending_exn != 0
    }
}
