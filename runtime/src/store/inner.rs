//! The part of a store that does not depend on the embedder's data.

use crate::gc::{Gc, Roots};
use crate::memory::{MemInst, PendingWait};
use crate::sync::Mutex;
use crate::types::TypeId;
use crate::val::Val;
use crate::vm::{
    Arena, Continuations, DataPtr, EpochCallback, Exit, ExitState, GlobalInst, HostData,
    InstanceData, Limiter, Runs, Slot, TableInst, ValueStack, VmBox, VmFunc, VmStore,
};
use crate::{Engine, Error, Result};
use alloc::{boxed::Box, sync::Arc, vec::Vec};
use core::any::Any;
use core::sync::atomic::{AtomicU64, Ordering};

/// Tells stores of a process apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct StoreId(u64);

impl StoreId {
    fn next() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        StoreId(NEXT.fetch_add(1, Ordering::Relaxed))
    }

    /// # Panics
    ///
    /// If an object of the store `other` is used with this one.
    #[inline]
    pub(crate) fn check(self, other: StoreId) {
        if self != other {
            wrong_store();
        }
    }
}

#[cold]
#[inline(never)]
fn wrong_store() -> ! {
    panic!("object used with the wrong store")
}

/// Everything of a store but the embedder's data.
pub struct StoreInner {
    pub(crate) id: StoreId,
    pub(crate) engine: Engine,
    pub(crate) vm: VmBox<VmStore>,
    /// Where guests have their frames; made when the first one is entered.
    pub(crate) stack: Option<ValueStack>,
    pub(crate) instances: Vec<VmBox<InstanceData>>,
    pub(crate) funcs: Arena<VmFunc>,
    pub(crate) mems: Vec<VmBox<MemInst>>,
    pub(crate) tables: Vec<VmBox<TableInst>>,
    pub(crate) globals: Vec<VmBox<GlobalInst>>,
    /// The function type of each tag.
    pub(crate) tags: Vec<TypeId>,
    /// The objects of guests, and those of the host that guests can hold.
    pub(crate) gc: Gc,
    /// Computations of guests that can be resumed.
    pub(crate) conts: Continuations,
    /// The wait in which a run was just interrupted, or with which one goes on.
    pub(crate) pending_wait: Option<PendingWait>,
    /// References that the embedder holds.
    pub(crate) roots: Roots,
    /// Slots that a collection looks at too: values in the hands of the runtime.
    pub(crate) temps: Vec<Slot>,
    /// The exception that a guest or the host threw and nobody has caught yet, or null.
    pub pending_exn: Slot,
    /// Runs with stacks of their own.
    pub(crate) runs: Runs,
    /// Keeps the closures of host functions.
    pub(crate) host_funcs: Vec<Arc<HostData>>,
    /// The embedder's data, as the innermost host or the running activation borrows it.
    pub(crate) data: DataPtr,
    pub(crate) limiter: Option<Limiter>,
    pub(crate) epoch_callback: Option<EpochCallback>,
    /// The error that a host function or a builtin just failed with.
    pub pending_error: Option<Error>,
    /// The panic that a host function just ended with.
    pub(crate) pending_panic: Option<Mutex<Box<dyn Any + Send>>>,
    /// The type of the host function that just asked to be waited for.
    pub(crate) awaited: Option<TypeId>,
    /// Where the guests stand that (through the host) wait for the running one, outermost first.
    pub(crate) activations: Vec<ExitState>,
    /// Where on the native stack the outermost activation was entered.
    pub(crate) native_base: usize,
    /// Arguments and results of dynamically typed host functions, kept to save allocations.
    pub(crate) val_buffer: Vec<Val>,
}

impl StoreInner {
    pub(crate) fn new(engine: &Engine) -> Self {
        StoreInner {
            id: StoreId::next(),
            engine: engine.clone(),
            vm: VmBox::new(VmStore::new(engine)),
            stack: None,
            instances: Vec::new(),
            funcs: Arena::new(),
            mems: Vec::new(),
            tables: Vec::new(),
            globals: Vec::new(),
            tags: Vec::new(),
            gc: Gc::new(engine.config()),
            conts: Continuations::default(),
            pending_wait: None,
            roots: Roots::default(),
            temps: Vec::new(),
            pending_exn: 0,
            runs: Runs::default(),
            host_funcs: Vec::new(),
            data: DataPtr::NONE,
            limiter: None,
            epoch_callback: None,
            pending_error: None,
            pending_panic: None,
            awaited: None,
            activations: Vec::new(),
            native_base: 0,
            val_buffer: Vec::new(),
        }
    }

    /// The engine.
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// Leaves an error for whoever entered the guest.
    #[cold]
    pub fn fail(&mut self, error: Error) -> Exit {
        self.pending_error = Some(error);
        Exit::ERROR
    }

    pub(crate) fn fuel(&self) -> Result<u64> {
        self.counts_fuel()?;
        Ok(u64::try_from(self.vm.fuel).unwrap_or(0))
    }

    pub(crate) fn set_fuel(&mut self, fuel: u64) -> Result<()> {
        self.counts_fuel()?;
        // What a guest owes (for frames that it had copied) is paid first.
        let owed = self.vm.fuel.min(0);
        self.vm.fuel = i64::try_from(fuel).unwrap_or(i64::MAX).saturating_add(owed);
        Ok(())
    }

    fn counts_fuel(&self) -> Result<()> {
        match self.engine.config().consume_fuel {
            true => Ok(()),
            false => Err(Error::msg("fuel is not configured in this store")),
        }
    }

    pub(crate) fn set_epoch_deadline(&mut self, ticks_beyond_current: u64) {
        let now = self.engine.epoch().load(Ordering::Relaxed);
        self.vm.epoch_deadline = now.saturating_add(ticks_beyond_current);
    }
}
