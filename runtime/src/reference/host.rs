//! Objects of the host that guests can hold.

use super::{AnyRef, Rooted};
use crate::gc::{Target, extern_slot, target};
use crate::store::{AsContextMut, StoreContext, StoreContextMut};
use crate::{Error, Result};
use alloc::boxed::Box;
use core::any::Any;

/// An object of the host that guests can hold but not look into: `(ref extern)`. Also an object of
/// a guest that came through `extern.convert_any`.
#[derive(Debug)]
pub enum ExternRef {}

impl ExternRef {
    /// A reference to `value`, which the store owns from now on, and drops at some time after
    /// nobody can reach it any more.
    ///
    /// # Errors
    ///
    /// If the store cannot hold more.
    pub fn new(
        mut store: impl AsContextMut,
        value: impl Any + Send + Sync,
    ) -> Result<Rooted<ExternRef>> {
        let store = store.as_context_mut().inner;
        let number = store.extern_new(Box::new(value));
        let number = number.ok_or_else(|| Error::msg("a store has no room for more objects"))?;
        Ok(Rooted::new(store, extern_slot(number)))
    }

    /// What `extern.convert_any` makes of `object`.
    ///
    /// # Errors
    ///
    /// If it is of another store, or its scope has ended.
    pub fn convert_any(
        mut store: impl AsContextMut,
        object: Rooted<AnyRef>,
    ) -> Result<Rooted<ExternRef>> {
        object.to_slot(store.as_context_mut().inner)?;
        Ok(object.cast())
    }
}

impl Rooted<ExternRef> {
    /// The object, or `None` if it is one of a guest.
    ///
    /// # Errors
    ///
    /// If the reference is of another store, or its scope has ended.
    pub fn data<'a, T: 'static>(
        &self,
        store: impl Into<StoreContext<'a, T>>,
    ) -> Result<Option<&'a (dyn Any + Send + Sync)>> {
        let store = store.into().inner;
        let Some(Target::Extern(number)) = target(self.to_slot(store)?) else { return Ok(None) };
        Ok(store.gc.externs.get(number).map(|object| &**object))
    }

    /// The object, or `None` if it is one of a guest.
    ///
    /// # Errors
    ///
    /// If the reference is of another store, or its scope has ended.
    pub fn data_mut<'a, T: 'static>(
        &self,
        store: impl Into<StoreContextMut<'a, T>>,
    ) -> Result<Option<&'a mut (dyn Any + Send + Sync)>> {
        let store = store.into().inner;
        let Some(Target::Extern(number)) = target(self.to_slot(store)?) else { return Ok(None) };
        Ok(store.gc.externs.get_mut(number).map(|object| &mut **object))
    }
}
