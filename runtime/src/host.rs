//! Host functions: closures of the embedder that guests call.

use crate::handle::{Extern, Instance};
use crate::store::{AsContext, AsContextMut, StoreContext, StoreContextMut};
use crate::val::{Val, count_slots, read_all, write_all};
use crate::vm::{HostData, Slot};
use crate::wasm_ty::{WasmParams, WasmRet, WasmTy, for_each_arity};
use crate::{Engine, ExnRef, FuncType, Result, Rooted, ThrownException};
use alloc::sync::Arc;
use core::any::Any;
use core::marker::PhantomData;
use rwasm_parser as syntax;

/// What a host function does with its slots: the form in which the store calls every closure.
pub(crate) trait HostCall<T: 'static>: Any + Send + Sync {
    /// How many slots its parameters or its results take, whichever are more.
    fn slots(&self) -> usize;

    /// Reads parameters from `slots` and leaves results there. `instance` is the instance whose
    /// code calls, or none if the host does.
    ///
    /// # Errors
    ///
    /// The closure's own, which ends the run.
    fn call(
        &self,
        store: StoreContextMut<'_, T>,
        instance: Option<u32>,
        slots: &mut [Slot],
    ) -> Result<()>;
}

/// What calls a host function: the store, and the instance whose code does.
///
/// ```
/// use rwasm::{Caller, Engine, Extern, Linker, Module, Store};
///
/// let engine = Engine::default();
/// let mut linker = Linker::new(&engine);
/// linker.func_wrap("host", "log", |mut caller: Caller<'_, String>, ptr: u32, len: u32| {
///     let memory = caller.get_export("memory").and_then(Extern::into_memory);
///     let memory = memory.ok_or_else(|| rwasm::format_err!("the guest exports no memory"))?;
///     let (bytes, log) = memory.data_and_store_mut(&mut caller);
///     let text = bytes.get(ptr as usize..).and_then(|bytes| bytes.get(..len as usize));
///     log.push_str(std::str::from_utf8(text.unwrap_or_default())?);
///     Ok(())
/// })?;
/// let module = Module::new(
///     &engine,
///     r#"(module
///         (import "host" "log" (func $log (param i32 i32)))
///         (memory (export "memory") 1)
///         (data (i32.const 8) "hello")
///         (func (export "run") (call $log (i32.const 8) (i32.const 5))))"#,
/// )?;
/// let mut store = Store::new(&engine, String::new());
/// let instance = linker.instantiate(&mut store, &module)?;
/// instance.get_typed_func::<(), ()>(&mut store, "run")?.call(&mut store, ())?;
/// assert_eq!(store.data(), "hello");
/// # Ok::<(), rwasm::Error>(())
/// ```
pub struct Caller<'a, T: 'static> {
    store: StoreContextMut<'a, T>,
    instance: Option<u32>,
}

impl<T: 'static> Caller<'_, T> {
    /// The calling instance, or `None` if the host called the function itself.
    pub fn instance(&self) -> Option<Instance> {
        self.instance.map(|addr| Instance { store: self.store.inner.id, addr })
    }

    /// What the calling instance exports as `name`.
    pub fn get_export(&mut self, name: &str) -> Option<Extern> {
        self.instance()?.get_export(&mut self.store, name)
    }

    /// The embedder's data.
    pub fn data(&self) -> &T {
        self.store.data
    }

    /// The embedder's data.
    pub fn data_mut(&mut self) -> &mut T {
        self.store.data
    }

    /// The engine.
    pub fn engine(&self) -> &Engine {
        &self.store.inner.engine
    }

    /// Frees objects that cannot be reached any more.
    pub fn gc(&mut self) {
        self.store.gc();
    }

    /// Makes `exception` the pending one. The host function throws it by returning the error.
    ///
    /// # Errors
    ///
    /// Always.
    ///
    /// # Panics
    ///
    /// If the exception is of another store, or its scope has ended.
    pub fn throw<R>(&mut self, exception: Rooted<ExnRef>) -> Result<R, ThrownException> {
        self.store.throw(exception)
    }

    /// Takes the exception that was thrown last and that nobody caught, if there is one.
    pub fn take_pending_exception(&mut self) -> Option<Rooted<ExnRef>> {
        self.store.take_pending_exception()
    }

    /// Whether there is an exception that was thrown and that nobody caught.
    pub fn has_pending_exception(&self) -> bool {
        self.store.has_pending_exception()
    }

    /// The fuel that is left.
    ///
    /// # Errors
    ///
    /// If the engine does not count fuel.
    pub fn get_fuel(&self) -> Result<u64> {
        self.store.get_fuel()
    }

    /// Sets the fuel that is left.
    ///
    /// # Errors
    ///
    /// If the engine does not count fuel.
    pub fn set_fuel(&mut self, fuel: u64) -> Result<()> {
        self.store.set_fuel(fuel)
    }
}

impl<T: 'static> AsContext for Caller<'_, T> {
    type Data = T;

    fn as_context(&self) -> StoreContext<'_, T> {
        self.store.as_context()
    }
}

impl<T: 'static> AsContextMut for Caller<'_, T> {
    fn as_context_mut(&mut self) -> StoreContextMut<'_, T> {
        self.store.as_context_mut()
    }
}

impl<'a, T: 'static> From<Caller<'a, T>> for StoreContextMut<'a, T> {
    fn from(caller: Caller<'a, T>) -> Self {
        caller.store
    }
}

/// A closure that can be a host function: up to 16 parameters of types that are [`WasmTy`], after
/// a [`Caller`] if it wants one, and a result that is [`WasmRet`].
pub trait IntoFunc<T: 'static, Params, Results>: Send + Sync + 'static {
    /// The host function.
    #[doc(hidden)]
    fn into_host(self, engine: &Engine) -> HostFunc;
}

/// A host function that belongs to no store yet.
#[derive(Clone)]
pub struct HostFunc(pub(crate) Arc<HostData>);

impl HostFunc {
    /// A function whose arguments and results are in arrays.
    pub(crate) fn dynamic<T: 'static>(
        ty: &FuncType,
        closure: impl Fn(Caller<'_, T>, &[Val], &mut [Val]) -> Result<()> + Send + Sync + 'static,
    ) -> Self {
        let call = Dynamic { ty: ty.syntax().clone(), closure };
        HostFunc(Arc::new(HostData::new::<T, _>(ty.type_id(), call)))
    }
}

macro_rules! into_func {
    ($($name:ident)*) => {
        #[allow(non_snake_case)]
        impl<T: 'static, F, $($name: WasmTy,)* R: WasmRet> IntoFunc<T, ($($name,)*), R> for F
        where
            F: Fn($($name),*) -> R + Send + Sync + 'static,
        {
            fn into_host(self, engine: &Engine) -> HostFunc {
                typed(engine, move |_: Caller<'_, T>, ($($name,)*)| self($($name),*))
            }
        }

        #[allow(non_snake_case)]
        impl<T: 'static, F, $($name: WasmTy,)* R: WasmRet>
            IntoFunc<T, (Caller<'_, T>, $($name,)*), R> for F
        where
            F: Fn(Caller<'_, T>, $($name),*) -> R + Send + Sync + 'static,
        {
            fn into_host(self, engine: &Engine) -> HostFunc {
                typed(engine, move |caller: Caller<'_, T>, ($($name,)*)| self(caller, $($name),*))
            }
        }
    };
}
for_each_arity!(into_func);

fn typed<T: 'static, P: WasmParams, R: WasmRet>(
    engine: &Engine,
    closure: impl Fn(Caller<'_, T>, P) -> R + Send + Sync + 'static,
) -> HostFunc {
    let type_id = P::with_types(|params| {
        R::Results::with_types(|results| engine.types().register_signature(params, results))
    });
    let call = Typed { closure, signature: PhantomData::<fn(P) -> R> };
    HostFunc(Arc::new(HostData::new::<T, _>(type_id, call)))
}

/// A closure whose signature Rust knows.
struct Typed<F, S> {
    closure: F,
    signature: PhantomData<S>,
}

impl<T, F, P, R> HostCall<T> for Typed<F, fn(P) -> R>
where
    T: 'static,
    F: Fn(Caller<'_, T>, P) -> R + Send + Sync + 'static,
    P: WasmParams,
    R: WasmRet + 'static,
{
    #[inline(always)]
    fn slots(&self) -> usize {
        P::SLOTS.max(R::Results::SLOTS)
    }

    #[inline(always)]
    fn call(
        &self,
        mut store: StoreContextMut<'_, T>,
        instance: Option<u32>,
        slots: &mut [Slot],
    ) -> Result<()> {
        let params = P::load(store.inner, slots);
        let caller = Caller { store: store.as_context_mut(), instance };
        let results = (self.closure)(caller, params).into_result()?;
        results.store(store.inner, slots)
    }
}

/// A closure whose signature is a value.
struct Dynamic<F> {
    /// Its type, engine-wide.
    ty: syntax::FuncType,
    closure: F,
}

impl<T, F> HostCall<T> for Dynamic<F>
where
    T: 'static,
    F: Fn(Caller<'_, T>, &[Val], &mut [Val]) -> Result<()> + Send + Sync + 'static,
{
    fn slots(&self) -> usize {
        count_slots(self.ty.params()).max(count_slots(self.ty.results()))
    }

    fn call(
        &self,
        mut store: StoreContextMut<'_, T>,
        instance: Option<u32>,
        slots: &mut [Slot],
    ) -> Result<()> {
        let (params, results) = (self.ty.params(), self.ty.results());
        // A nested call finds the buffer gone and makes one of its own.
        let mut vals = core::mem::take(&mut store.inner.val_buffer);
        vals.clear();
        vals.extend(read_all(store.inner, params, slots));
        vals.resize(params.len() + results.len(), Val::null_func_ref());
        let (args, out) = vals.split_at_mut(params.len());
        for (val, &ty) in out.iter_mut().zip(results) {
            *val = Val::read(store.inner, ty, &[0, 0]);
        }
        let caller = Caller { store: store.as_context_mut(), instance };
        (self.closure)(caller, args, out)?;
        write_all(store.inner, results, out, slots)
            .map_err(|error| error.context("function attempted to return an incompatible value"))?;
        store.inner.val_buffer = vals;
        Ok(())
    }
}
