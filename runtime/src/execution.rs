//! Runs that can be suspended and resumed.

use crate::backtrace::WasmBacktrace;
use crate::gc::is_traced;
use crate::handle::{Func, check_count};
use crate::store::{AsContext, AsContextMut, StoreId, StoreInner};
use crate::val::{Val, count_slots, read_all, write_all};
use crate::vm::{Exit, Left, RESERVE, Run};
use crate::{Error, FuncType, Result};
use alloc::{boxed::Box, vec::Vec};
use core::fmt;

/// A host function that returns this as its error is waited for: the [`Execution`] that called it
/// is suspended until [`Execution::resume_with`] gives the function's results.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Suspend;

impl fmt::Display for Suspend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the host function is to be waited for")
    }
}

impl core::error::Error for Suspend {}

/// Why a run is suspended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Suspension {
    /// The store's fuel ran out. With more it goes on where it stands.
    OutOfFuel,
    /// The engine's epoch passed the store's deadline. With a later one it goes on where it stands.
    Epoch,
    /// A host function asked to be waited for with [`Suspend`].
    Host,
}

/// How far a run got.
#[derive(Clone, Debug)]
pub enum Progress {
    /// To its end, with these results.
    Returned(Vec<Val>),
    /// Not to its end.
    Suspended(Suspension),
}

/// A call that can be suspended: it runs on a value stack of its own, so that other calls in the
/// same store can be made, suspended and finished in any order meanwhile.
///
/// Only the guest that was called itself can be suspended, not one that a host function called.
///
/// ```
/// use rwasm::{Engine, Execution, Linker, Module, Progress, Store, Suspend, Val};
///
/// let engine = Engine::default();
/// let mut linker = Linker::new(&engine);
/// linker.func_wrap("host", "read", || -> rwasm::Result<i32> { Err(Suspend.into()) })?;
/// let module = Module::new(
///     &engine,
///     r#"(module (import "host" "read" (func $read (result i32)))
///         (func (export "run") (result i32) (i32.mul (call $read) (call $read))))"#,
/// )?;
/// let mut store = Store::new(&engine, ());
/// let instance = linker.instantiate(&mut store, &module)?;
/// let run = instance.get_func(&mut store, "run").unwrap();
///
/// let mut execution = Execution::new(&mut store, &run, &[])?;
/// let mut progress = execution.resume(&mut store)?;
/// let mut reads = [6, 7].into_iter();
/// let results = loop {
///     match progress {
///         Progress::Returned(results) => break results,
///         // What was waited for is there: the guest goes on.
///         Progress::Suspended(_) => {
///             let value = Val::I32(reads.next().unwrap());
///             progress = execution.resume_with(&mut store, &[value])?;
///         }
///     }
/// };
/// assert_eq!(results[0].unwrap_i32(), 42);
/// # Ok::<(), rwasm::Error>(())
/// ```
pub struct Execution {
    store: StoreId,
    func: Func,
    ty: FuncType,
    run: Run,
    state: State,
}

#[derive(Clone)]
enum State {
    New,
    Suspended(Suspension),
    /// Suspended in a host function of this type.
    Awaiting(FuncType),
    Finished,
}

impl Execution {
    /// A call of `func` with `params`, which has not begun.
    ///
    /// # Errors
    ///
    /// If `params` do not fit the type of the function.
    pub fn new(mut store: impl AsContextMut, func: &Func, params: &[Val]) -> Result<Execution> {
        let store = store.as_context_mut().inner;
        let ty = FuncType::from_id(&store.engine, func.type_id(store));
        check_count("arguments", ty.syntax().params().len(), params.len())?;
        let len = slots(&ty);
        if len > RESERVE {
            return Err(Error::msg("a function has too many parameters or results"));
        }
        let mut run = Run::new(store, traced(store, ty.syntax().params()))?;
        let slots = &mut run.slots(store, len);
        write_all(store, ty.syntax().params(), params, slots.as_mut())?;
        Ok(Execution { store: store.id, func: *func, ty, run, state: State::New })
    }

    /// Runs to the end or the next suspension.
    ///
    /// # Errors
    ///
    /// With what ended the run: a [`Trap`](crate::Trap), or the error of a host function. Also if
    /// the run waits for a host function (see [`Execution::resume_with`]) or is over.
    pub fn resume(&mut self, mut store: impl AsContextMut) -> Result<Progress> {
        store.as_context_mut().erased(|store| {
            store.id.check(self.store);
            match self.state {
                State::New => self.begin(store),
                State::Suspended(_) => self.go_on(store),
                State::Awaiting(_) => {
                    Err(Error::msg("the run waits for the results of a host function"))
                }
                State::Finished => Err(Error::msg("the run is over")),
            }
        })
    }

    /// Gives the host function that the run waits for its results, and runs to the end or the next
    /// suspension.
    ///
    /// # Errors
    ///
    /// As [`Execution::resume`]. If the run does not wait for a host function, or `results` do not
    /// fit its type, the run stays suspended.
    pub fn resume_with(
        &mut self,
        mut store: impl AsContextMut,
        results: &[Val],
    ) -> Result<Progress> {
        store.as_context_mut().erased(|store| {
            store.id.check(self.store);
            let State::Awaiting(ty) = &self.state else {
                return Err(Error::msg("the run does not wait for a host function"));
            };
            let types = ty.syntax().results();
            check_count("results", types.len(), results.len())?;
            let mut slots = self.run.awaited_slots(store, count_slots(types));
            write_all(store, types, results, slots.as_mut())?;
            self.go_on(store)
        })
    }

    /// Why the run is suspended, if it is.
    pub fn suspension(&self) -> Option<Suspension> {
        match self.state {
            State::Suspended(suspension) => Some(suspension),
            State::Awaiting(_) => Some(Suspension::Host),
            State::New | State::Finished => None,
        }
    }

    /// Whether the run returned, or ended with an error.
    pub fn is_finished(&self) -> bool {
        matches!(self.state, State::Finished)
    }

    /// Where the run is suspended.
    pub fn backtrace(&self, store: impl AsContext) -> WasmBacktrace {
        let store = store.as_context().inner;
        store.id.check(self.store);
        match self.suspension() {
            Some(_) => WasmBacktrace::of(store, self.run.state(store)),
            None => WasmBacktrace::empty(),
        }
    }

    fn begin(&mut self, store: &mut StoreInner) -> Result<Progress> {
        self.state = State::Finished;
        let func = self.func.vm(store);
        let left = self.run.begin(store, func, slots(&self.ty))?;
        self.progress(store, left)
    }

    fn go_on(&mut self, store: &mut StoreInner) -> Result<Progress> {
        self.state = State::Finished;
        let left = self.run.go_on(store)?;
        self.progress(store, left)
    }

    /// What a run that was just left comes to.
    fn progress(&mut self, store: &mut StoreInner, left: Left) -> Result<Progress> {
        let suspension = match left.exit {
            Exit::OUT_OF_FUEL => Suspension::OutOfFuel,
            Exit::INTERRUPTED => Suspension::Epoch,
            Exit::SUSPENDED => Suspension::Host,
            _ => {
                let result = self.result(store, left);
                self.run.finish(store);
                return result;
            }
        };
        self.state = match store.awaited.take() {
            Some(id) if suspension == Suspension::Host => {
                State::Awaiting(FuncType::from_id(&store.engine, id))
            }
            _ => State::Suspended(suspension),
        };
        Ok(Progress::Suspended(suspension))
    }

    /// What a run that is over comes to.
    fn result(&mut self, store: &mut StoreInner, left: Left) -> Result<Progress> {
        if left.exit != Exit::RETURNED {
            return Err(left.into_error(store));
        }
        let results = self.ty.syntax().results();
        let mut slots = self.run.slots(store, count_slots(results));
        Ok(Progress::Returned(read_all(store, results, slots.as_mut()).collect()))
    }
}

/// Which slots of parameters hold references that a collection follows.
fn traced(store: &StoreInner, params: &[rwasm_parser::ValType]) -> Box<[usize]> {
    let (mut at, mut traced) = (0, Vec::new());
    for &param in params {
        if is_traced(store.engine.types(), param) {
            traced.push(at);
        }
        at += param.slots() as usize;
    }
    traced.into()
}

fn slots(ty: &FuncType) -> usize {
    count_slots(ty.syntax().params()).max(count_slots(ty.syntax().results()))
}

impl fmt::Debug for Execution {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Execution")
            .field("func", &self.func)
            .field("suspension", &self.suspension())
            .finish_non_exhaustive()
    }
}
