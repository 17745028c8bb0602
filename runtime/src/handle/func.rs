//! Functions of a store. Spec: *Execution → Runtime Structure → Function Instances*.

use super::TypedFunc;
use crate::host::{Caller, HostFunc, IntoFunc};
use crate::store::{AsContext, AsContextMut, StoreId, StoreInner};
use crate::types::TypeId;
use crate::val::{Val, count_slots, read_all, write_all};
use crate::vm::{Slot, VmFunc, call_entry, new_host_func, with_slots};
use crate::wasm_ty::{WasmParams, WasmResults};
use crate::{Error, FuncType, Result};
use core::ptr::NonNull;
use rwasm_parser as syntax;

/// A function: of a guest, or of the host.
///
/// ```
/// use rwasm::{Caller, Engine, Func, Store, Val};
///
/// let mut store = Store::new(&Engine::default(), 10);
/// let add = Func::wrap(&mut store, |caller: Caller<'_, i32>, n: i32| caller.data() + n);
///
/// // A call whose types are known at run time only,
/// let mut results = [Val::I32(0)];
/// add.call(&mut store, &[Val::I32(1)], &mut results)?;
/// assert_eq!(results[0].unwrap_i32(), 11);
///
/// // and one whose types Rust checks.
/// assert_eq!(add.typed::<i32, i32>(&store)?.call(&mut store, 2)?, 12);
/// # Ok::<(), rwasm::Error>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Func {
    pub(crate) store: StoreId,
    pub(crate) addr: u32,
}

impl Func {
    /// A host function whose type is known at run time only.
    ///
    /// `func` gets its arguments in one slice, of the types that `ty` says, and leaves its results
    /// in the other, which holds zeros and nulls at first. A result of another type than `ty` says
    /// ends the run with an error.
    ///
    /// ```
    /// use rwasm::{Engine, Func, FuncType, Store, Val, ValType};
    ///
    /// let mut store = Store::new(&Engine::default(), ());
    /// let ty = FuncType::new(store.engine(), [ValType::I32, ValType::I32], [ValType::I32]);
    /// let max = Func::new(&mut store, ty, |_caller, params, results| {
    ///     results[0] = Val::I32(params[0].unwrap_i32().max(params[1].unwrap_i32()));
    ///     Ok(())
    /// });
    /// let mut results = [Val::I32(0)];
    /// max.call(&mut store, &[Val::I32(3), Val::I32(5)], &mut results)?;
    /// assert_eq!(results[0].unwrap_i32(), 5);
    /// # Ok::<(), rwasm::Error>(())
    /// ```
    ///
    /// # Panics
    ///
    /// If `ty` is of another engine than the store.
    pub fn new<T: 'static>(
        mut store: impl AsContextMut<Data = T>,
        ty: FuncType,
        func: impl Fn(Caller<'_, T>, &[Val], &mut [Val]) -> Result<()> + Send + Sync + 'static,
    ) -> Func {
        let store = store.as_context_mut().inner;
        ty.check_engine(&store.engine);
        Func::from_host(store, &HostFunc::dynamic(&ty, func))
    }

    /// A host function whose type is that of a closure.
    ///
    /// It takes up to 16 [`WasmTy`](crate::WasmTy) parameters, after a [`Caller`] if it wants one,
    /// and returns nothing, a value, a tuple of values, or a [`Result`] of these.
    ///
    /// ```
    /// use rwasm::{Engine, Func, Store};
    ///
    /// let mut store = Store::new(&Engine::default(), ());
    /// let divide = Func::wrap(&mut store, |a: u32, b: u32| -> rwasm::Result<(u32, u32)> {
    ///     rwasm::ensure!(b != 0, "there is no quotient");
    ///     Ok((a / b, a % b))
    /// });
    /// let divide = divide.typed::<(u32, u32), (u32, u32)>(&store)?;
    /// assert_eq!(divide.call(&mut store, (17, 5))?, (3, 2));
    /// assert!(divide.call(&mut store, (1, 0)).is_err());
    /// # Ok::<(), rwasm::Error>(())
    /// ```
    pub fn wrap<T: 'static, Params, Results>(
        mut store: impl AsContextMut<Data = T>,
        func: impl IntoFunc<T, Params, Results>,
    ) -> Func {
        let store = store.as_context_mut().inner;
        let host = func.into_host(&store.engine);
        Func::from_host(store, &host)
    }

    pub(crate) fn from_host(store: &mut StoreInner, host: &HostFunc) -> Func {
        let func = new_host_func(store, &host.0);
        Func::from_vm(store, func)
    }

    /// The function at `func`, which is of `store`.
    pub(crate) fn from_vm(store: &StoreInner, func: NonNull<VmFunc>) -> Func {
        Func { store: store.id, addr: crate::vm::func_addr(func) }
    }

    pub(crate) fn from_slot(store: &StoreInner, slot: Slot) -> Option<Func> {
        slot.checked_sub(1).map(|addr| Func { store: store.id, addr: addr as u32 })
    }

    /// The slot that refers to the function, if it is of `store`.
    pub(crate) fn to_slot(self, store: &StoreInner) -> Result<Slot> {
        if self.store != store.id {
            return Err(Error::msg("a function belongs to another store"));
        }
        Ok(Slot::from(self.addr) + 1)
    }

    pub(crate) fn vm(&self, store: &StoreInner) -> NonNull<VmFunc> {
        store.id.check(self.store);
        store.funcs.get(self.addr as usize)
    }

    pub(crate) fn type_id(&self, store: &StoreInner) -> TypeId {
        store.id.check(self.store);
        store.funcs[self.addr as usize].type_id
    }

    /// The type of the function.
    pub fn ty(&self, store: impl AsContext) -> FuncType {
        let store = store.as_context().inner;
        FuncType::from_id(&store.engine, self.type_id(store))
    }

    /// Whether the function can be used where one of type `ty` is asked for.
    pub fn matches_ty(&self, store: impl AsContext, ty: &FuncType) -> bool {
        let store = store.as_context().inner;
        store.engine.types().is_subtype(self.type_id(store), ty.type_id())
    }

    /// Calls the function with `params` and leaves what it returns in `results`, which must be as
    /// many as its type says; what they held is overwritten.
    ///
    /// # Errors
    ///
    /// If `params` or `results` do not fit the type, or with what ended the run: a
    /// [`Trap`](crate::Trap), or the error of a host function.
    pub fn call(
        &self,
        mut store: impl AsContextMut,
        params: &[Val],
        results: &mut [Val],
    ) -> Result<()> {
        store.as_context_mut().erased(|store| {
            let def = store.engine.types().get(self.type_id(store));
            let syntax::CompositeType::Func(ty) = &def.composite else {
                unreachable!("functions have function types")
            };
            check_count("results", ty.results().len(), results.len())?;
            self.call_dynamic(store, ty, params, |vals| {
                results.iter_mut().zip(vals).for_each(|(result, val)| *result = val);
            })
        })
    }

    /// Calls the function, whose type is `ty`, and hands its results to `take`.
    pub(crate) fn call_dynamic(
        &self,
        store: &mut StoreInner,
        ty: &syntax::FuncType,
        params: &[Val],
        take: impl FnOnce(&mut dyn Iterator<Item = Val>),
    ) -> Result<()> {
        check_count("arguments", ty.params().len(), params.len())?;
        let func = self.vm(store);
        let len = count_slots(ty.params()).max(count_slots(ty.results()));
        with_slots(store, len, |store, slots| {
            write_all(store, ty.params(), params, slots.as_mut())?;
            call_entry(store, func, slots)?;
            take(&mut read_all(store, ty.results(), slots.as_mut()));
            Ok(())
        })
    }

    /// The same function with its type known to Rust, which makes calls fast.
    ///
    /// # Errors
    ///
    /// If its type is another.
    pub fn typed<Params: WasmParams, Results: WasmResults>(
        &self,
        store: impl AsContext,
    ) -> Result<TypedFunc<Params, Results>> {
        TypedFunc::new(store.as_context().inner, *self)
    }
}

pub(crate) fn check_count(what: &str, expected: usize, found: usize) -> Result<()> {
    if expected != found {
        return Err(Error::msg(alloc::format!("expected {expected} {what}, got {found}")));
    }
    Ok(())
}
