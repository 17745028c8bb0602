//! Functions of a store: made for instances when somebody asks, and for host closures.

use super::{Entry, Exit, InstanceData, Slot, VmContext, VmFunc};
use crate::ThrownException;
use crate::host::HostCall;
use crate::store::{StoreContextMut, StoreInner};
use crate::sync::Mutex;
use crate::types::TypeId;
use alloc::sync::Arc;
use core::any::Any;
use core::ptr::{self, NonNull};
use rwasm_parser::FuncIdx;

/// The function `idx` of an instance, which is made now if nobody asked for it before.
///
/// Direct calls inside an instance need no [`VmFunc`], so most functions never get one.
pub fn instance_func(
    store: &mut StoreInner,
    instance: *mut InstanceData,
    idx: FuncIdx,
) -> NonNull<VmFunc> {
    // SAFETY: the caller took the pointer from an instance of this store.
    let data = unsafe { &mut *instance };
    if let Some(func) = NonNull::new(data.func_slot(idx)) {
        return func;
    }
    let code = data.module.code().func(idx);
    let func = VmFunc {
        entry: code.entry,
        code: code.code,
        ctx: data.context(),
        store: store.vm.as_ptr(),
        type_id: data.module.type_id(data.module.syntax().funcs[idx.index()]),
        addr: 0,
        func_idx: idx.0,
        host: ptr::null(),
    };
    let func = push(store, func);
    data.set_func_slot(idx, func.as_ptr());
    func
}

/// The address of a function of a store that is alive.
pub fn func_addr(func: NonNull<VmFunc>) -> u32 {
    // SAFETY: callers have the pointer from a store that they borrow.
    unsafe { func.as_ref() }.addr
}

fn push(store: &mut StoreInner, mut func: VmFunc) -> NonNull<VmFunc> {
    func.addr = store.funcs.len() as u32;
    store.funcs.push(func)
}

/// A host function before it belongs to a store.
pub struct HostData {
    entry: Entry,
    /// Its type.
    pub type_id: TypeId,
    closure: Arc<dyn Any + Send + Sync>,
}

impl HostData {
    /// A host function that calls `closure` in stores over `T`.
    pub fn new<T: 'static, F: HostCall<T>>(type_id: TypeId, closure: F) -> Self {
        HostData { entry: host_entry::<T, F>, type_id, closure: Arc::new(closure) }
    }
}

/// Adds a host function to a store; the store must be one over the `T` it was made for.
pub fn new_host_func(store: &mut StoreInner, data: &Arc<HostData>) -> NonNull<VmFunc> {
    let func = VmFunc {
        entry: data.entry,
        code: ptr::null(),
        ctx: ptr::null_mut(),
        store: store.vm.as_ptr(),
        type_id: data.type_id,
        addr: 0,
        func_idx: 0,
        host: Arc::as_ptr(&data.closure).cast(),
    };
    store.host_funcs.push(data.clone());
    push(store, func)
}

/// Calls the closure of a host function.
///
/// # Safety
///
/// As for [`Entry`]; `func` must have been made from `HostData::new::<T, F>` for a store over `T`.
unsafe extern "C" fn host_entry<T: 'static, F: HostCall<T>>(
    ctx: *mut VmContext,
    func: NonNull<VmFunc>,
    slots: *mut Slot,
) -> Exit {
    // SAFETY: by contract; the store keeps the closure, and nobody else borrows it mutably.
    let closure = unsafe { &*func.as_ref().host.cast::<F>() };
    let len = closure.slots();
    // SAFETY: by contract of `Entry` the slots have room for parameters and results, and nothing
    // else points to them while the host runs.
    let values = unsafe { core::slice::from_raw_parts_mut(slots, len) };
    // SAFETY: by contract the store is over `T` and not borrowed.
    let (inner, data, lent) = unsafe {
        let vm = func.as_ref().store;
        // What the host calls begins above the arguments, which are above everything in use.
        (*vm).sp = slots.wrapping_add(len);
        let inner = &mut *(*vm).store;
        let lent = inner.data;
        (inner, &mut *lent.cast::<T>(), lent)
    };
    let instance = NonNull::new(ctx).map(|ctx| {
        // SAFETY: the caller's context, which begins its instance.
        unsafe { (*(*ctx.as_ptr()).instance).addr }
    });
    let scope = inner.roots.enter();
    let store = StoreContextMut { inner, data };
    let result = guarded(move || closure.call(store, instance, values));
    // What the closure called may have panicked while it had borrowed the data anew.
    // SAFETY: the borrow of the store that the closure had has ended.
    unsafe {
        let inner = (*func.as_ref().store).store;
        (*inner).data = lent;
        (*inner).roots.exit(scope);
    }
    match result {
        Ok(Ok(())) => Exit::RETURNED,
        Ok(Err(error)) => fail(func, Failure::Error(error)),
        Err(panic) => fail(func, Failure::Panic(panic)),
    }
}

enum Failure {
    Error(crate::Error),
    Panic(alloc::boxed::Box<dyn Any + Send>),
}

/// Leaves a failure in the store for whoever entered the guest.
#[cold]
fn fail(func: NonNull<VmFunc>, failure: Failure) -> Exit {
    // SAFETY: the borrow of the store that the closure had has ended.
    let store = unsafe { &mut *(*func.as_ref().store).store };
    match failure {
        Failure::Error(error) if error.is::<crate::Suspend>() => {
            // SAFETY: by contract of `Entry` a function of this store.
            store.awaited = Some(unsafe { func.as_ref() }.type_id);
            return Exit::SUSPENDED;
        }
        Failure::Error(error) if error.is::<ThrownException>() && store.pending_exn != 0 => {
            return Exit::EXCEPTION;
        }
        Failure::Error(error) => store.pending_error = Some(error),
        Failure::Panic(panic) => store.pending_panic = Some(Mutex::new(panic)),
    }
    Exit::ERROR
}

/// Runs `call`, catching a panic so that it does not unwind through guest frames; whoever entered
/// the guest goes on with it.
#[cfg(feature = "std")]
fn guarded<R>(call: impl FnOnce() -> R) -> Result<R, alloc::boxed::Box<dyn Any + Send>> {
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(call))
}

#[cfg(not(feature = "std"))]
fn guarded<R>(call: impl FnOnce() -> R) -> Result<R, alloc::boxed::Box<dyn Any + Send>> {
    Ok(call())
}
