//! Functions whose types Rust knows.

use super::Func;
use crate::store::{AsContextMut, StoreInner};
use crate::types::TypeId;
use crate::vm::{Slot, call_entry, with_slots};
use crate::wasm_ty::{WasmParams, WasmResults};
use crate::{Error, FuncType, Result};
use core::fmt;
use core::marker::PhantomData;
use rwasm_parser::{HeapType, RefType, TypeIdx, ValType};

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
    /// Whether parameters are references to functions of types that Rust does not know.
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
                    let loose = loosened(given, expected);
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
                    check_funcs(store, self.func, slots.as_mut())?;
                }
                call_entry(store, func, slots)?;
                Ok(Results::load(store, slots.as_mut()))
            })
        })
    }
}

/// `expected`, or any function if it is a reference to functions of some type and `given` is one
/// to any: which it is, is then checked in every call.
fn loosened(given: ValType, expected: ValType) -> ValType {
    match (given.as_ref(), expected.as_ref()) {
        (Some(given), Some(expected))
            if given.heap_type() == HeapType::Func
                && matches!(expected.heap_type(), HeapType::Concrete(_)) =>
        {
            RefType::new(expected.nullable(), HeapType::Func).into()
        }
        _ => expected,
    }
}

/// Compares the types of functions in `slots` with those of the parameters.
#[cold]
fn check_funcs(store: &StoreInner, func: Func, slots: &[Slot]) -> Result<()> {
    let ty = FuncType::from_id(&store.engine, func.type_id(store));
    let mut at = 0;
    for &param in ty.syntax().params() {
        let slot = slots[at];
        at += param.slots() as usize;
        let Some(HeapType::Concrete(TypeIdx(expected))) = param.as_ref().map(RefType::heap_type)
        else {
            continue;
        };
        let Some(given) = Func::from_slot(store, slot) else { continue };
        if !store.engine.types().is_subtype(given.type_id(store), TypeId(expected)) {
            return Err(Error::msg("type mismatch: an argument is a function of another type"));
        }
    }
    Ok(())
}
