//! The functions as what modules import.

use super::trace::{Bits, traced};
use super::{Fail, GuestMemory, I32Exit, MODULE, SharedP1Ctx, WasiP1Ctx, WasiTrap, functions};
use rwasm_runtime::{Caller, Error, Extern, Linker, Module, Result};

/// How a host function finds the context of the guest that calls it, and works on it.
pub(crate) trait Enter<T>: Copy + Send + Sync + 'static {
    /// Runs `function` on the context.
    fn enter(
        self,
        data: &mut T,
        mem: &mut GuestMemory<'_>,
        function: impl Fn(&mut WasiP1Ctx, &mut GuestMemory<'_>) -> super::Result,
    ) -> super::Result;
}

/// A context that the store's data has for itself.
#[derive(Clone, Copy)]
pub(crate) struct Own<F>(pub F);

impl<T, F> Enter<T> for Own<F>
where
    F: Fn(&mut T) -> &mut WasiP1Ctx + Copy + Send + Sync + 'static,
{
    #[inline]
    fn enter(
        self,
        data: &mut T,
        mem: &mut GuestMemory<'_>,
        function: impl Fn(&mut WasiP1Ctx, &mut GuestMemory<'_>) -> super::Result,
    ) -> super::Result {
        function((self.0)(data), mem)
    }
}

/// A context that threads share.
#[derive(Clone, Copy)]
pub(crate) struct Shared<F>(pub F);

impl<T, F> Enter<T> for Shared<F>
where
    F: Fn(&mut T) -> &SharedP1Ctx + Copy + Send + Sync + 'static,
{
    fn enter(
        self,
        data: &mut T,
        mem: &mut GuestMemory<'_>,
        function: impl Fn(&mut WasiP1Ctx, &mut GuestMemory<'_>) -> super::Result,
    ) -> super::Result {
        (self.0)(data).call(|cx| function(cx, &mut *mem))
    }
}

/// Defines the functions of `wasi_snapshot_preview1` in `linker`; `get` finds the guest's context in
/// the store's data.
///
/// A function works on the memory that the instance which calls it exports as `memory`.
/// `proc_exit` ends the run with an [`I32Exit`], an interrupted wait with a [`WasiTrap`].
///
/// ```
/// use rwasm_wasi::{WasiP1Ctx, p1};
///
/// struct State { wasi: WasiP1Ctx }
///
/// fn link(linker: &mut rwasm_runtime::Linker<State>) -> rwasm_runtime::Result<()> {
///     p1::add_to_linker(linker, |state| &mut state.wasi)
/// }
/// ```
///
/// # Errors
///
/// If `linker` has one of the names already.
pub fn add_to_linker<T: 'static>(
    linker: &mut Linker<T>,
    get: impl Fn(&mut T) -> &mut WasiP1Ctx + Copy + Send + Sync + 'static,
) -> Result<()> {
    define(linker, MODULE, Own(get), &|_| true)
}

/// As [`add_to_linker`], but defines only what `module` imports: that takes a fraction of the time
/// where one module is all that will be linked.
///
/// # Errors
///
/// If `linker` has one of the names already.
pub fn add_imports_to_linker<T: 'static>(
    linker: &mut Linker<T>,
    module: &Module,
    get: impl Fn(&mut T) -> &mut WasiP1Ctx + Copy + Send + Sync + 'static,
) -> Result<()> {
    define(linker, MODULE, Own(get), &|name| imports(module, MODULE, name))
}

/// As [`add_to_linker`], for guests of several threads that share a context.
///
/// # Errors
///
/// If `linker` has one of the names already.
pub fn add_shared_to_linker<T: 'static>(
    linker: &mut Linker<T>,
    get: impl Fn(&mut T) -> &SharedP1Ctx + Copy + Send + Sync + 'static,
) -> Result<()> {
    define(linker, MODULE, Shared(get), &|_| true)
}

/// As [`add_shared_to_linker`], but defines only what `module` imports.
///
/// # Errors
///
/// If `linker` has one of the names already.
pub fn add_shared_imports_to_linker<T: 'static>(
    linker: &mut Linker<T>,
    module: &Module,
    get: impl Fn(&mut T) -> &SharedP1Ctx + Copy + Send + Sync + 'static,
) -> Result<()> {
    define(linker, MODULE, Shared(get), &|name| imports(module, MODULE, name))
}

/// Whether `module` imports the function `name` of the version that is called `version`.
pub(crate) fn imports(module: &Module, version: &str, name: &str) -> bool {
    module.imports().any(|import| import.name() == name && import.module() == version)
}

/// Defines `define`, which puts the functions that are listed into a linker.
macro_rules! definer {
    ($($name:ident($($param:ident: $ty:ident),*) -> $ret:ident;)*) => {
        /// Defines those of the functions that are `wanted`, as functions of `version`.
        pub(crate) fn define<T: 'static>(
            linker: &mut Linker<T>,
            version: &'static str,
            context: impl Enter<T>,
            wanted: &dyn Fn(&str) -> bool,
        ) -> Result<()> {
            $(
                if wanted(stringify!($name)) {
                    linker.func_wrap(
                        version,
                        stringify!($name),
                        move |mut caller: Caller<'_, T>, $($param: $ty),*| {
                            $ret(&mut caller, context, |cx, mem| {
                                traced(
                                    cx,
                                    mem,
                                    (version, stringify!($name)),
                                    || [$((stringify!($param), Bits::bits($param))),*],
                                    |cx, mem| functions::$name(cx, mem, $($param as _),*),
                                )
                            })
                        },
                    )?;
                }
            )*
            Ok(())
        }
    };
}
pub(crate) use definer;
crate::for_each_p1_function!(definer);

/// Calls a function that gives the guest an errno.
#[inline]
pub(crate) fn errno<T: 'static>(
    caller: &mut Caller<'_, T>,
    context: impl Enter<T>,
    function: impl Fn(&mut WasiP1Ctx, &mut GuestMemory<'_>) -> super::Result,
) -> Result<i32> {
    let result = match caller.get_export("memory") {
        Some(Extern::Memory(memory)) => {
            let (bytes, data) = memory.data_and_store_mut(caller);
            context.enter(data, &mut GuestMemory::new(bytes), function)
        }
        Some(Extern::SharedMemory(memory)) => {
            context.enter(caller.data_mut(), &mut GuestMemory::shared(&memory), function)
        }
        _ => {
            let message = "missing memory export: WASI needs a memory exported as `memory`";
            return Err(Error::msg(message));
        }
    };
    match result {
        Ok(()) => Ok(0),
        Err(Fail::Code(errno)) => Ok(errno.raw().into()),
        Err(Fail::Trap(trap)) => Err(ended(trap)),
    }
}

/// Calls a function that does not return to the guest, and needs no memory.
#[inline]
fn never<T: 'static>(
    caller: &mut Caller<'_, T>,
    context: impl Enter<T>,
    function: impl Fn(&mut WasiP1Ctx, &mut GuestMemory<'_>) -> super::Result,
) -> Result<()> {
    match context.enter(caller.data_mut(), &mut GuestMemory::new(&mut []), function) {
        Err(Fail::Trap(trap)) => Err(ended(trap)),
        other => Ok(other?),
    }
}

#[cold]
fn ended(trap: WasiTrap) -> Error {
    match trap {
        WasiTrap::Exit(code) => Error::new(I32Exit(code as i32)),
        other => Error::new(other),
    }
}
