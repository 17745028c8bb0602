//! The functions as what modules import.

use super::{Fail, GuestMemory, I32Exit, MODULE, WasiP1Ctx, WasiTrap, functions};
use rwasm_runtime::{Caller, Error, Extern, Linker, Result};

macro_rules! link {
    ($($name:ident($($param:ident: $ty:ident),*) -> $ret:ident;)*) => {
        /// Defines the functions of `wasi_snapshot_preview1` in `linker`; `get` finds the guest's
        /// context in the store's data.
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
            $(
                linker.func_wrap(
                    MODULE,
                    stringify!($name),
                    move |mut caller: Caller<'_, T>, $($param: $ty),*| {
                        $ret(&mut caller, get, |cx, mem| {
                            functions::$name(cx, mem, $($param as _),*)
                        })
                    },
                )?;
            )*
            Ok(())
        }
    };
}
crate::for_each_p1_function!(link);

/// Calls a function that gives the guest an errno.
#[inline]
fn errno<T: 'static>(
    caller: &mut Caller<'_, T>,
    get: impl Fn(&mut T) -> &mut WasiP1Ctx,
    function: impl FnOnce(&mut WasiP1Ctx, &mut GuestMemory<'_>) -> super::Result,
) -> Result<i32> {
    let Some(Extern::Memory(memory)) = caller.get_export("memory") else {
        return Err(Error::msg("missing memory export: WASI needs a memory exported as `memory`"));
    };
    let (bytes, data) = memory.data_and_store_mut(caller);
    match function(get(data), &mut GuestMemory::new(bytes)) {
        Ok(()) => Ok(0),
        Err(Fail::Code(errno)) => Ok(errno.raw().into()),
        Err(Fail::Trap(trap)) => Err(ended(trap)),
    }
}

/// Calls a function that does not return to the guest, and needs no memory.
#[inline]
fn never<T: 'static>(
    caller: &mut Caller<'_, T>,
    get: impl Fn(&mut T) -> &mut WasiP1Ctx,
    function: impl FnOnce(&mut WasiP1Ctx, &mut GuestMemory<'_>) -> super::Result,
) -> Result<()> {
    match function(get(caller.data_mut()), &mut GuestMemory::new(&mut [])) {
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
