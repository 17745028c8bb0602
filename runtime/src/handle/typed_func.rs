//! Functions whose types Rust knows.

use super::Func;
use crate::store::{AsContextMut, StoreInner};
use crate::types::TypeRegistry;
use crate::vm::{Slot, call_entry, with_slots};
use crate::wasm_ty::{WasmParams, WasmResults};
use crate::{Error, FuncType, Result};
use core::fmt;
use core::marker::PhantomData;
use rwasm_parser::ValType;

/// A [`Func`] whose parameters and results are known to Rust: calls allocate and check nothing.
///
/// ```
/// use rwasm::{Engine, Func, Store, TypedFunc};
///
/// let mut store = Store::new(&Engine::default(), ());
/// let swap = Func::wrap(&mut store, |a: i32, b: f64| (b, a));
/// let swap: TypedFunc<(i32, f64), (f64, i32)> = swap.typed(&store)?;
/// assert_eq!(swap.call(&mut store, (1, 0.5))?, (0.5, 1));
/// # Ok::<(), rwasm::Error>(())
/// ```
pub struct TypedFunc<Params, Results> {
    func: Func,
    /// Whether parameters are references of types that Rust does not know.
    checked: bool,
    signature: PhantomData<fn(Params) -> Results>,
}

impl<Params, Results> Clone for TypedFunc<Params, Results> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<Params, Results> Copy for TypedFunc<Params, Results> {}

impl<Params, Results> fmt::Debug for TypedFunc<Params, Results> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("TypedFunc").field(&self.func).finish()
    }
}

impl<Params: WasmParams, Results: WasmResults> TypedFunc<Params, Results> {
    pub(crate) fn new(store: &StoreInner, func: Func) -> Result<Self> {
        let ty = FuncType::from_id(&store.engine, func.type_id(store));
        let types = store.engine.types();
        let mut checked = false;
        let params = Params::with_types(|params| {
            params.len() == ty.syntax().params().len()
                && params.iter().zip(ty.syntax().params()).all(|(&given, &expected)| {
                    let loose = loosened(types, given, expected);
                    checked |= loose != expected;
                    types.val_matches(given, loose)
                })
        });
        let results = Results::with_types(|results| {
            results.len() == ty.syntax().results().len()
                && ty.syntax().results().iter().zip(results).all(|(&a, &b)| types.val_matches(a, b))
        });
        if !(params && results) {
            let asked = Params::with_types(|params| {
                Results::with_types(|results| rwasm_parser::FuncType::new(params, results))
            });
            return Err(Error::msg(alloc::format!(
                "type mismatch: expected function {asked}, found function {ty}"
            )));
        }
        Ok(TypedFunc { func, checked, signature: PhantomData })
    }

    /// The function.
    pub fn func(&self) -> &Func {
        &self.func
    }

    /// Calls the function.
    ///
    /// # Errors
    ///
    /// With what ended the run: a [`Trap`](crate::Trap), or the error of a host function.
    #[inline]
    pub fn call(&self, mut store: impl AsContextMut, params: Params) -> Result<Results> {
        store.as_context_mut().erased(|store| {
            let func = self.func.vm(store);
            with_slots(store, Params::SLOTS.max(Results::SLOTS), |store, slots| {
                params.store(store, slots.as_mut())?;
                if self.checked {
                    check_refs(store, self.func, slots.as_mut())?;
                }
                call_entry(store, func, slots)?;
                Ok(Results::load(store, slots.as_mut()))
            })
        })
    }
}

/// `expected`; or if it is the type of some of the references that `given` is of, then that of all
/// of those: which a reference is of, is then checked in every call.
fn loosened(types: &TypeRegistry, given: ValType, expected: ValType) -> ValType {
    match (given.as_ref(), expected.as_ref()) {
        (Some(given), Some(expected))
            if types.ref_matches(expected.with_nullable(false), given.with_nullable(false)) =>
        {
            given.with_nullable(expected.nullable()).into()
        }
        _ => expected,
    }
}

/// Compares what references in `slots` lead to with the types of the parameters.
#[cold]
fn check_refs(store: &mut StoreInner, func: Func, slots: &[Slot]) -> Result<()> {
    let ty = store.engine.types().func(func.type_id(store));
    let mut at = 0;
    for &param in ty.params() {
        let slot = slots[at];
        at += param.slots() as usize;
        let Some(expected) = param.as_ref() else { continue };
        let is_func = store.engine.types().is_func(expected.heap_type());
        if !store.ref_test(expected, slot, is_func) {
            return Err(Error::msg("type mismatch: an argument is a reference of another type"));
        }
    }
    Ok(())
}
