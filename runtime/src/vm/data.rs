//! The embedder's data, and its callbacks that take it, without their type.

use crate::Result;
use crate::limits::ResourceLimiter;
use crate::store::{StoreContextMut, StoreInner, UpdateDeadline};
use alloc::boxed::Box;

/// Leads to the `T` of a `Store<T>`, as the innermost borrow of it.
///
/// Invariant: a store's `DataPtr` is made of the `T` that its callbacks and host functions were
/// made for, and whoever puts it there does not use its own borrow until it is taken back.
#[derive(Clone, Copy)]
pub struct DataPtr(*mut ());

// SAFETY: a store is sent and shared only if its `T` is; the pointer is followed only while the
// store is borrowed.
unsafe impl Send for DataPtr {}
// SAFETY: as above.
unsafe impl Sync for DataPtr {}

impl DataPtr {
    /// Nothing was lent.
    pub const NONE: DataPtr = DataPtr(core::ptr::null_mut());

    /// The way to `data`.
    pub fn new<T>(data: *mut T) -> Self {
        DataPtr(data.cast())
    }

    pub(super) fn cast<T>(self) -> *mut T {
        debug_assert!(!self.0.is_null(), "a store lends its data before anything asks for it");
        self.0.cast()
    }
}

type Ask = dyn FnMut(DataPtr, &mut dyn FnMut(&mut dyn ResourceLimiter)) + Send + Sync;

/// The way to the limiter inside the embedder's data.
pub struct Limiter(Box<Ask>);

impl Limiter {
    /// A limiter for a store over `T`.
    pub fn new<T: 'static>(
        mut find: impl (FnMut(&mut T) -> &mut dyn ResourceLimiter) + Send + Sync + 'static,
    ) -> Self {
        Limiter(Box::new(move |data, question| {
            // SAFETY: by the invariant of `DataPtr`.
            question(find(unsafe { &mut *data.cast::<T>() }));
        }))
    }

    /// Asks a question.
    pub fn ask<R>(&mut self, data: DataPtr, f: impl FnOnce(&mut dyn ResourceLimiter) -> R) -> R {
        let (mut f, mut answer) = (Some(f), None);
        (self.0)(data, &mut |limiter| answer = f.take().map(|f| f(limiter)));
        answer.expect("the closure of `new` asks exactly once")
    }
}

type AtDeadline = dyn FnMut(&mut StoreInner) -> Result<UpdateDeadline> + Send + Sync;

/// What to call when a run passes its deadline.
pub struct EpochCallback(Box<AtDeadline>);

impl EpochCallback {
    /// A callback for a store over `T`.
    pub fn new<T: 'static>(
        mut callback: impl FnMut(StoreContextMut<'_, T>) -> Result<UpdateDeadline>
        + Send
        + Sync
        + 'static,
    ) -> Self {
        EpochCallback(Box::new(move |inner| {
            // SAFETY: by the invariant of `DataPtr`.
            let data = unsafe { &mut *inner.data.cast::<T>() };
            callback(StoreContextMut { inner, data })
        }))
    }

    /// Calls it.
    ///
    /// # Errors
    ///
    /// The callback's own.
    pub fn call(&mut self, store: &mut StoreInner) -> Result<UpdateDeadline> {
        (self.0)(store)
    }
}
