//! Entering guest code, and what comes back.

use super::{EpochCallback, Slot, VmContext, VmFunc, VmStore};
use crate::backtrace::WasmBacktrace;
use crate::coredump::WasmCoreDump;
use crate::store::{StoreInner, UpdateDeadline};
use crate::sync::Mutex;
use crate::tier::RawFrame;
use crate::vm::stack::{RESERVE, ValueStack};
use crate::{Error, Result, ThrownException, Trap};
use core::marker::PhantomData;
use core::ops::ControlFlow;
use core::ptr::{self, NonNull};

/// How running code came back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(transparent)]
pub struct Exit(pub u64);

impl Exit {
    /// It returned; results are in the slots.
    pub const RETURNED: Exit = Exit(0);
    /// An error, or a panic of the host, is in the store.
    pub const ERROR: Exit = Exit(1);
    /// A host function waits; the run can be resumed after it.
    pub const SUSPENDED: Exit = Exit(2);
    /// Fuel ran out; the run can be resumed where it stands.
    pub const OUT_OF_FUEL: Exit = Exit(3);
    /// The epoch passed the deadline; the run can be resumed where it stands.
    pub const INTERRUPTED: Exit = Exit(4);
    /// A guest's exception was thrown, is in the store as the pending one, and nobody caught it.
    pub const EXCEPTION: Exit = Exit(5);
    const TRAP: u64 = 0x100;

    /// It trapped.
    pub const fn trap(trap: Trap) -> Exit {
        Exit(Self::TRAP | trap as u64)
    }

    /// The trap, if it is one that cannot be resumed.
    pub fn as_trap(self) -> Option<Trap> {
        (self.0 & Self::TRAP != 0).then(|| Trap::from_u8(self.0 as u8)).flatten()
    }
}

/// Where running code was left.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct ExitState {
    /// The instruction, in the tier's own code; null if no guest code runs. After
    /// [`Exit::SUSPENDED`] it is the instruction behind the call of the host.
    pub ip: *const u8,
    /// Its frame.
    pub fp: *mut Slot,
    /// Its context.
    pub ctx: *mut VmContext,
    /// After [`Exit::SUSPENDED`], where the results of the host function belong; else null.
    pub results: *mut Slot,
    /// The slot of the frame whose value the code there expects in the integer accumulator as well, or
    /// [`ExitState::NO_SLOT`]. After [`Exit::OUT_OF_FUEL`] there may be one.
    pub mirrored: u16,
}

// SAFETY: plain addresses; they are followed only by whoever has the store and the stack.
unsafe impl Send for ExitState {}
// SAFETY: as above.
unsafe impl Sync for ExitState {}

impl ExitState {
    /// No guest code runs.
    pub const NONE: ExitState = ExitState::at(ptr::null(), ptr::null_mut(), ptr::null_mut());

    /// No slot: frames have fewer.
    pub const NO_SLOT: u16 = u16::MAX;

    /// An instruction that has no results to expect.
    #[inline(always)]
    pub const fn at(ip: *const u8, fp: *mut Slot, ctx: *mut VmContext) -> ExitState {
        ExitState { ip, fp, ctx, results: ptr::null_mut(), mirrored: Self::NO_SLOT }
    }

    /// The same, where results are expected at `results`.
    #[inline(always)]
    pub const fn with_results(self, results: *mut Slot) -> ExitState {
        ExitState { results, ..self }
    }
}

/// A region of the value stack that the host passes arguments and results in.
pub struct Slots<'a> {
    base: *mut Slot,
    len: usize,
    stack: PhantomData<&'a mut [Slot]>,
}

impl Slots<'_> {
    /// # Safety
    ///
    /// `len` slots from `base` on must be inside a stack that lives for as long as the result and
    /// on which nothing runs meanwhile.
    pub(super) unsafe fn new(base: *mut Slot, len: usize) -> Self {
        Slots { base, len, stack: PhantomData }
    }

    /// The slots. Those that nobody has written hold any number.
    pub fn as_mut(&mut self) -> &mut [Slot] {
        // SAFETY: whoever made it promised that the region is inside a stack, whose slots are
        // initialised, and that nothing runs on it.
        unsafe { core::slice::from_raw_parts_mut(self.base, self.len) }
    }
}

/// Lends `len` slots above everything in use to `f`. What `f` calls begins above them.
///
/// # Errors
///
/// If the value stack is exhausted, or what `f` fails with.
#[inline]
pub fn with_slots<R>(
    store: &mut StoreInner,
    len: usize,
    f: impl FnOnce(&mut StoreInner, &mut Slots<'_>) -> Result<R>,
) -> Result<R> {
    if store.vm.sp.is_null() {
        make_stack(store)?;
    }
    let base = store.vm.sp;
    // The limit leaves a reserve, more than any usual list of parameters or results.
    if base > store.vm.stack_limit || len > RESERVE {
        return Err(Trap::StackOverflow.into());
    }
    f(store, &mut Slots { base, len, stack: PhantomData })
}

#[cold]
fn make_stack(store: &mut StoreInner) -> Result<()> {
    let stack = ValueStack::new(&store.engine)?;
    store.vm.sp = stack.base();
    store.vm.stack_limit = stack.limit();
    store.stack = Some(stack);
    Ok(())
}

/// Calls `func` with arguments in `slots`; results replace them. The store's data must be lent.
///
/// # Errors
///
/// What ended the run: a trap or the host's own error, with a backtrace.
pub fn call_entry(
    store: &mut StoreInner,
    func: NonNull<VmFunc>,
    slots: &mut Slots<'_>,
) -> Result<()> {
    call_entry_from(store, None, func, slots)
}

/// As [`call_entry`]; a function of the host is told that the instance at address `caller` calls
/// it.
///
/// # Errors
///
/// As [`call_entry`].
pub fn call_entry_from(
    store: &mut StoreInner,
    caller: Option<u32>,
    func: NonNull<VmFunc>,
    slots: &mut Slots<'_>,
) -> Result<()> {
    let base = slots.base;
    let caller = caller.map(|caller| store.instances[caller as usize].context());
    let caller = caller.unwrap_or(ptr::null_mut());
    let mut left = enter(store, base.wrapping_add(slots.len), |_| {
        // SAFETY: a function of this store, whose borrow is not used until it returns; `slots`
        // are of the store's stack and above everything in use; instances live as long as stores.
        unsafe {
            let own = func.as_ref().ctx;
            let ctx = if own.is_null() { caller } else { own };
            (func.as_ref().entry)(ctx, func, base)
        }
    })?;
    while left.exit != Exit::RETURNED {
        let pending = store.pending_wait.take();
        let answer = match left.exit {
            Exit::INTERRUPTED => goes_on(store, left.state),
            _ => Ok(false),
        };
        match answer {
            Ok(true) => {}
            Ok(false) => return Err(left.into_error(store)),
            Err(error) => {
                store.pending_error = Some(error);
                return Err(Left { exit: Exit::ERROR, ..left }.into_error(store));
            }
        }
        store.pending_wait = pending;
        let resumed = resume(store, base.wrapping_add(slots.len), left.state);
        left = resumed.inspect_err(|_| store.pending_wait = None)?;
    }
    Ok(())
}

/// How and where a run was left.
pub struct Left {
    /// How.
    pub exit: Exit,
    /// Where, if it did not return.
    pub state: ExitState,
}

/// Goes on with a run of this store that was left at `state`, which can be resumed.
pub(super) fn resume(store: &mut StoreInner, sp: *mut Slot, state: ExitState) -> Result<Left> {
    let engine = store.engine.clone();
    // SAFETY: callers pass a state that the tier left in a way that can be resumed, while its
    // stack is as it was.
    enter(store, sp, |vm| unsafe { engine.tier().resume(vm, state) })
}

/// Asks the embedder whether a run that was just interrupted at `state` goes on.
fn goes_on(store: &mut StoreInner, state: ExitState) -> Result<bool> {
    let Some(callback) = store.epoch_callback.take() else { return Ok(false) };
    // The interrupted frames are above `sp`: what the callback calls gets another stack. They wait
    // for the callback as they would for a host function.
    let stack = store.stack.take();
    let swapped = StackSwap::new(store, ptr::null_mut(), ptr::null_mut());
    let this: *mut StoreInner = store;
    let mut taken = Taken { store: this, stack, callback: None };
    // SAFETY: `this` is the only way to the store until the guards are dropped.
    let answer = unsafe {
        let waits = Waits::new(this, state);
        let answer = taken.callback.insert(callback).call(&mut *this);
        drop(waits);
        answer
    };
    drop(taken);
    drop(swapped);
    Ok(match answer? {
        UpdateDeadline::Continue(ticks) => {
            store.set_epoch_deadline(ticks);
            true
        }
        UpdateDeadline::Interrupt => false,
    })
}

/// What a store does without while its epoch callback runs; panics put it back too, since the guest's
/// frames are on the stack.
struct Taken {
    store: *mut StoreInner,
    stack: Option<ValueStack>,
    callback: Option<EpochCallback>,
}

impl Drop for Taken {
    fn drop(&mut self) {
        // SAFETY: the store outlives this, and nobody has it borrowed any more.
        let inner = unsafe { &mut *self.store };
        inner.stack = self.stack.take();
        if inner.epoch_callback.is_none() {
            inner.epoch_callback = self.callback.take();
        }
    }
}

/// While it lives, the frames left at some state wait for the host; panics end that too.
struct Waits(*mut StoreInner);

impl Waits {
    /// # Safety
    ///
    /// The store must outlive what is returned, and not be borrowed when that is made or dropped.
    unsafe fn new(store: *mut StoreInner, state: ExitState) -> Self {
        // SAFETY: by contract.
        let inner = unsafe { &mut *store };
        let outer = core::mem::replace(&mut inner.vm.exit, state);
        inner.activations.push(outer);
        Waits(store)
    }
}

impl Drop for Waits {
    fn drop(&mut self) {
        // SAFETY: by contract of `new`.
        let inner = unsafe { &mut *self.0 };
        inner.vm.exit = inner.activations.pop().unwrap_or(ExitState::NONE);
    }
}

/// While it lives, a store uses other bounds of its stack; panics put the old ones back too.
pub(super) struct StackSwap {
    vm: *mut VmStore,
    sp: *mut Slot,
    limit: *mut Slot,
}

impl StackSwap {
    pub(super) fn new(store: &mut StoreInner, sp: *mut Slot, limit: *mut Slot) -> Self {
        let swap =
            StackSwap { vm: store.vm.as_ptr(), sp: store.vm.sp, limit: store.vm.stack_limit };
        (store.vm.sp, store.vm.stack_limit) = (sp, limit);
        swap
    }
}

impl Drop for StackSwap {
    fn drop(&mut self) {
        // SAFETY: a box of the store that whoever made this has borrowed for longer.
        unsafe { ((*self.vm).sp, (*self.vm).stack_limit) = (self.sp, self.limit) };
    }
}

/// Runs `run` as a new activation of guest code, in which the host's calls begin at `sp`.
///
/// # Errors
///
/// If activations of guest and host are nested too deeply for the native stack.
///
/// # Panics
///
/// Goes on with a panic of a host function that ended the run.
pub(super) fn enter(
    store: &mut StoreInner,
    sp: *mut Slot,
    run: impl FnOnce(*mut VmStore) -> Exit,
) -> Result<Left> {
    let marker = 0u8;
    let here = &raw const marker as usize;
    if store.activations.is_empty() {
        store.native_base = here;
    } else if store.native_base.abs_diff(here) > store.engine.config().max_native_stack {
        return Err(Trap::StackOverflow.into());
    }
    let this: *mut StoreInner = store;
    // SAFETY: `vm` is a box of the store; from here to the end of the run everybody reaches the
    // store through `this` only, which the running code finds in `vm`.
    let (left, panic) = unsafe {
        let vm = (*this).vm.as_ptr();
        let outer = ((*vm).sp, (*vm).store);
        (*this).activations.push((*vm).exit);
        (*vm).sp = sp;
        (*vm).store = this;
        (*vm).exit = ExitState::NONE;
        let exit = run(vm);
        let left = Left { exit, state: (*vm).exit };
        (*vm).exit = (*this).activations.pop().unwrap_or(ExitState::NONE);
        ((*vm).sp, (*vm).store) = outer;
        (left, if exit == Exit::ERROR { (*this).pending_panic.take() } else { None })
    };
    if let Some(panic) = panic {
        go_on_panicking(panic);
    }
    Ok(left)
}

type Panic = Mutex<alloc::boxed::Box<dyn core::any::Any + Send>>;

#[cold]
#[cfg(feature = "std")]
fn go_on_panicking(panic: Panic) -> ! {
    std::panic::resume_unwind(panic.into_inner())
}

#[cold]
#[cfg(not(feature = "std"))]
fn go_on_panicking(_: Panic) -> ! {
    unreachable!("panics are caught with `std` only")
}

impl Left {
    /// The error for a run that did not return and will not be resumed, with its backtrace.
    #[cold]
    pub fn into_error(self, store: &mut StoreInner) -> Error {
        let mut error = match self.exit {
            Exit::ERROR => store
                .pending_error
                .take()
                .unwrap_or_else(|| Error::msg("a run failed and left no error")),
            Exit::SUSPENDED => Error::msg(
                "a host function asked to be waited for in a call that cannot be suspended",
            ),
            Exit::OUT_OF_FUEL => Trap::OutOfFuel.into(),
            Exit::INTERRUPTED => Trap::Interrupt.into(),
            Exit::EXCEPTION => ThrownException.into(),
            exit => match exit.as_trap() {
                Some(trap) => trap.into(),
                None => Error::msg("a run ended in an unknown way"),
            },
        };
        if store.engine.config().wasm_backtrace && !error.has_backtrace() {
            let backtrace = WasmBacktrace::of(store, self.state);
            if !backtrace.frames().is_empty() {
                error.set_backtrace(backtrace);
            }
        }
        if store.engine.config().coredump_on_trap {
            error.set_coredump(|| WasmCoreDump::of(store, self.state));
        }
        error
    }
}

/// Shows the guest's frames to `visit`, the innermost first, until it has seen enough: those of
/// the activation left at `innermost`, then of those that wait for it.
pub fn walk_frames(
    store: &StoreInner,
    innermost: ExitState,
    visit: &mut dyn FnMut(&super::InstanceData, RawFrame) -> ControlFlow<()>,
) {
    let waiting = store.activations.iter().rev().copied();
    let mut flow = ControlFlow::Continue(());
    for state in [innermost, store.vm.exit].into_iter().chain(waiting) {
        if state.ip.is_null() || flow.is_break() {
            continue;
        }
        let mut visit = |frame: RawFrame| {
            // SAFETY: a context of this store, which begins its instance; nothing runs.
            flow = visit(unsafe { &*(*frame.ctx).instance }, frame);
            flow
        };
        // SAFETY: the tier left its state there, and the stack above is unchanged since: what ran
        // last is the innermost.
        unsafe { store.engine.tier().frames(state, &mut visit) };
    }
}
