//! Runs on stacks of their own, which can be suspended.

use super::call::{Slots, StackSwap, enter, resume};
use super::{Exit, ExitState, Left, RESERVE, Slot, ValueStack, VmFunc};
use crate::Result;
use crate::memory::PendingWait;
use crate::store::StoreInner;
use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::sync::{Arc, Weak};
use core::ptr::NonNull;

/// The runs of a store that are not over.
///
/// The store has their stacks, and not whoever has the [`Run`]: a collection looks at the frames,
/// wherever the run was dropped meanwhile.
#[derive(Default)]
pub struct Runs {
    list: BTreeMap<u64, Stacked>,
    next: u64,
    /// From how many on it is worth looking for those that were dropped.
    prune_at: usize,
}

/// The store's part of a run.
struct Stacked {
    stack: ValueStack,
    /// Where it was left; only what [`enter`] reported for this stack. Nowhere, while it runs.
    state: ExitState,
    /// Which of the first slots hold references, before it has begun.
    arguments: Box<[usize]>,
    /// Whether somebody has the [`Run`].
    alive: Weak<()>,
}

impl Runs {
    /// Forgets the runs that nobody can go on with.
    pub fn prune(&mut self) {
        self.list.retain(|_, run| run.alive.strong_count() != 0);
        self.prune_at = (self.list.len() * 2).max(16);
    }

    /// Shows where each suspended run was left.
    pub fn visit(&self, visit: impl FnMut(ExitState)) {
        self.list.values().map(|run| run.state).for_each(visit);
    }

    /// Shows the references among the arguments of runs that have not begun.
    pub fn visit_arguments(&self, visit: &mut dyn FnMut(Slot)) {
        for run in self.list.values() {
            for &slot in &run.arguments {
                // SAFETY: one of the first slots of a stack on which nothing runs.
                visit(unsafe { *run.stack.base().wrapping_add(slot) });
            }
        }
    }
}

/// A run on a stack of its own, which can be suspended. It is a number; the store has the rest.
pub struct Run {
    number: u64,
    /// The wait in which it was interrupted.
    pending_wait: Option<PendingWait>,
    /// Tells the store, when it is gone, that nobody will go on with the run.
    _alive: Arc<()>,
}

impl Run {
    /// A run that has not begun. Of its first slots, those that `arguments` says hold references.
    ///
    /// # Errors
    ///
    /// If the platform has no room for a stack.
    pub fn new(store: &mut StoreInner, arguments: Box<[usize]>) -> Result<Self> {
        let stack = ValueStack::new(&store.engine)?;
        let runs = &mut store.runs;
        if runs.list.len() >= runs.prune_at {
            runs.prune();
        }
        let (number, alive) = (runs.next, Arc::new(()));
        runs.next += 1;
        let (state, weak) = (ExitState::NONE, Arc::downgrade(&alive));
        runs.list.insert(number, Stacked { stack, state, arguments, alive: weak });
        Ok(Run { number, pending_wait: None, _alive: alive })
    }

    /// # Panics
    ///
    /// If the run is over, or of another store.
    fn stacked<'s>(&self, store: &'s StoreInner) -> &'s Stacked {
        store.runs.list.get(&self.number).expect("the run is one of the store and not over")
    }

    /// The first slots: the arguments before the run and the results after it.
    ///
    /// # Panics
    ///
    /// If they are more than the stack's reserve.
    pub fn slots(&mut self, store: &StoreInner, len: usize) -> Slots<'_> {
        assert!(len <= RESERVE, "callers compare with the reserve first");
        // SAFETY: the store keeps the stack for as long as `self` is there, unless `finish` is
        // called, which borrows it as mutably as running it does.
        unsafe { Slots::new(self.stacked(store).stack.base(), len) }
    }

    /// Where the run was left.
    pub fn state(&self, store: &StoreInner) -> ExitState {
        self.stacked(store).state
    }

    /// Where the results belong that the run waits for.
    ///
    /// # Panics
    ///
    /// If it does not wait for a host function, or they are more than the stack's reserve.
    pub fn awaited_slots(&mut self, store: &StoreInner, len: usize) -> Slots<'_> {
        let run = self.stacked(store);
        let base = match run.state.ip.is_null() {
            // The host function itself was called, and not by a guest.
            true => run.stack.base(),
            false => run.state.results,
        };
        assert!(run.stack.contains(base) && len <= RESERVE, "the run waits for a host function");
        // SAFETY: inside the stack and its reserve, which is kept as `slots` says.
        unsafe { Slots::new(base, len) }
    }

    /// Begins the run: calls `func`, whose arguments are in the first of `len` slots.
    ///
    /// # Errors
    ///
    /// If activations are nested too deeply.
    pub fn begin(
        &mut self,
        store: &mut StoreInner,
        func: NonNull<VmFunc>,
        len: usize,
    ) -> Result<Left> {
        self.on_stack(store, |store, base, _| {
            enter(store, base.wrapping_add(len), |_| {
                // SAFETY: a function of this store, whose borrow is not used until it returns; the
                // slots are the first of a stack on which nothing else runs.
                unsafe { (func.as_ref().entry)(func.as_ref().ctx, func, base) }
            })
        })
    }

    /// Goes on with the run. One that waited for a host function that no guest called is over.
    ///
    /// # Errors
    ///
    /// If activations are nested too deeply.
    pub fn go_on(&mut self, store: &mut StoreInner) -> Result<Left> {
        let state = self.state(store);
        if state.ip.is_null() {
            return Ok(Left { exit: Exit::RETURNED, state });
        }
        self.on_stack(store, resume)
    }

    /// Has `f` run on this stack instead of the store's, from the state in which it was left.
    fn on_stack(
        &mut self,
        store: &mut StoreInner,
        f: impl FnOnce(&mut StoreInner, *mut Slot, ExitState) -> Result<Left>,
    ) -> Result<Left> {
        let run = store.runs.list.get_mut(&self.number).expect("the run is not over");
        let state = core::mem::replace(&mut run.state, ExitState::NONE);
        run.arguments = Box::default();
        let (base, limit) = (run.stack.base(), run.stack.limit());
        let _swapped = StackSwap::new(store, base, limit);
        store.pending_wait = self.pending_wait.take();
        let left = f(store, base, state);
        self.pending_wait = store.pending_wait.take();
        let left = left?;
        if let Some(run) = store.runs.list.get_mut(&self.number) {
            run.state = left.state;
        }
        Ok(left)
    }

    /// Gives the stack back; the run is over.
    pub fn finish(&mut self, store: &mut StoreInner) {
        store.runs.list.remove(&self.number);
    }
}
