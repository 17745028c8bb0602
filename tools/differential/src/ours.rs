//! Runs in rwasm.

use self::guest::Host;
use crate::generate::Case;
use crate::random::Random;
use crate::trace::{Event, Exhausted, Trace};
pub use rwasm as api;
use rwasm::{
    AsContext, AsContextMut, Caller, Config, Dispatch, Engine, Error, Execution, ExnRef, Features,
    Func, Module, Progress, Result, Rooted, SharedMemory, Suspension, Tag, Trap, Val,
};

#[path = "guest.rs"]
pub mod guest;
#[path = "host.rs"]
mod host;
#[path = "shared.rs"]
pub mod shared;
#[path = "values.rs"]
mod values;

/// How much a module may execute in a call if it does not end by itself.
const BUDGET: u64 = 50_000;
/// As much as it takes.
const PLENTY: u64 = u64::MAX / 4;
/// No deadline.
const NEVER: u64 = u64::MAX / 4;

/// A way to execute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Each instruction jumps to the next.
    Tail,
    /// One loop around one switch.
    Loop,
    /// As `Tail`, with fuel given by and by.
    Slices,
    /// As `Tail`, with a deadline that is over whenever somebody looks at it.
    Deadlines,
    /// As `Tail`, with a collection at every allocation.
    Zeal,
}

/// How a run executes.
pub struct Way {
    mode: Mode,
    /// What a call may use up.
    budget: u64,
    /// What the call was given so far, if fuel is counted.
    given: Option<u64>,
    random: Random,
}

/// What there is to say of a module before it runs.
///
/// # Errors
///
/// If it is refused.
pub fn validate(bytes: &[u8]) -> Result<()> {
    let engine = engine(Mode::Tail, false)?;
    Module::validate(&engine, bytes)
}

/// Runs a case.
///
/// # Errors
///
/// If the module is refused.
pub fn run(case: &Case, mode: Mode) -> Result<Trace> {
    // Where nothing has to be counted, one of the ways does not.
    let counts = case.countdown.is_none() || matches!(mode, Mode::Loop | Mode::Slices);
    let engine = engine(mode, counts)?;
    let module = Module::new(&engine, &case.bytes)?;
    let budget = if case.countdown.is_some() { PLENTY } else { BUDGET };
    let random = Random::of(case.seed, 4);
    let mut way = Way { mode, budget, given: counts.then_some(0), random };
    Ok(guest::run(&engine, &module, case, &mut way))
}

fn engine(mode: Mode, counts: bool) -> Result<Engine> {
    let mut config = Config::new();
    config
        .wasm_features(Features::ALL, true)
        .consume_fuel(counts)
        .wasm_backtrace(false)
        .epoch_interruption(mode == Mode::Deadlines)
        .gc_zeal(mode == Mode::Zeal)
        .max_gc_heap(64 << 20)
        .max_wasm_stack(32 << 20)
        .max_native_stack(16 << 20)
        .dispatch(if mode == Mode::Loop { Dispatch::Loop } else { Dispatch::Tail });
    Engine::new(&config)
}

/// Gives the store what a call may use up, in fuel and time.
fn refuel(store: &mut impl AsContextMut<Data = Host>, way: &mut Way) {
    store.as_context_mut().set_epoch_deadline(NEVER);
    if let Some(given) = &mut way.given {
        *given = way.budget;
        store.as_context_mut().set_fuel(way.budget).expect("it counts fuel");
    }
}

/// What the last call used up.
fn spent(store: &impl AsContext<Data = Host>, way: &Way) -> Option<u64> {
    let left = store.as_context().get_fuel();
    way.given.map(|given| given - left.expect("it counts fuel"))
}

fn call(
    store: &mut impl AsContextMut<Data = Host>,
    way: &mut Way,
    func: &Func,
    args: &[Val],
    results: usize,
) -> Result<Vec<Val>> {
    match way.mode {
        Mode::Slices => return call_in_slices(store, way, func, args),
        Mode::Deadlines => return call_with_deadlines(store, way, func, args),
        _ => {}
    }
    refuel(store, way);
    let mut vals = vec![Val::I32(0); results];
    func.call(store, args, &mut vals)?;
    Ok(vals)
}

/// Calls with a little fuel, and with a little more whenever it has run out.
fn call_in_slices(
    store: &mut impl AsContextMut<Data = Host>,
    way: &mut Way,
    func: &Func,
    args: &[Val],
) -> Result<Vec<Val>> {
    store.as_context_mut().set_fuel(0)?;
    let mut given = 0;
    let mut execution = Execution::new(&mut *store, func, args)?;
    for slice in 0_u64.. {
        // Long runs get larger slices, so that they end.
        let largest = way.random.choose(&[2, 16, 300]) << (slice / 200).min(20);
        let fuel = way.random.below(largest).min(way.budget - given);
        given += fuel;
        way.given = Some(given);
        let left = store.as_context().get_fuel()?;
        store.as_context_mut().set_fuel(left + fuel)?;
        match execution.resume(&mut *store)? {
            Progress::Returned(vals) => return Ok(vals),
            Progress::Suspended(Suspension::OutOfFuel) if given == way.budget => break,
            Progress::Suspended(Suspension::OutOfFuel) => {}
            Progress::Suspended(other) => rwasm::bail!("suspended because of {other:?}"),
        }
    }
    Err(Trap::OutOfFuel.into())
}

/// Calls with a deadline that has always passed: every look at it is an interruption.
fn call_with_deadlines(
    store: &mut impl AsContextMut<Data = Host>,
    way: &mut Way,
    func: &Func,
    args: &[Val],
) -> Result<Vec<Val>> {
    refuel(store, way);
    store.as_context_mut().set_epoch_deadline(0);
    let mut execution = Execution::new(&mut *store, func, args)?;
    loop {
        match execution.resume(&mut *store) {
            Ok(Progress::Suspended(Suspension::Epoch)) => {}
            Ok(Progress::Suspended(Suspension::OutOfFuel)) => return Err(Trap::OutOfFuel.into()),
            Ok(Progress::Suspended(Suspension::Host)) => rwasm::bail!("no host function waits"),
            Ok(Progress::Returned(vals)) => return Ok(vals),
            Err(error) => return Err(error),
        }
    }
}

/// Gives a guest that a host function calls fuel of its own and time: it cannot be suspended.
fn before_callback(caller: &mut Caller<'_, Host>) -> Option<u64> {
    caller.as_context_mut().set_epoch_deadline(NEVER);
    let before = caller.get_fuel().ok()?;
    let budget = if caller.data().ends { PLENTY } else { BUDGET };
    caller.set_fuel(budget).ok()?;
    Some(before)
}

/// What was called by one who can be suspended goes on as that.
fn after_callback(caller: &mut Caller<'_, Host>, before: Option<u64>, outermost: bool) {
    if outermost {
        caller.as_context_mut().set_epoch_deadline(0);
    }
    if let Some(before) = before {
        caller.set_fuel(before).expect("it counts fuel");
    }
}

/// Does something that is no part of the run: it has fuel of its own, and time.
fn undisturbed<S: AsContextMut<Data = Host>, R>(
    store: &mut S,
    f: impl FnOnce(&mut S) -> Result<R>,
) -> Result<R> {
    store.as_context_mut().set_epoch_deadline(NEVER);
    let before = store.as_context().get_fuel().ok();
    if before.is_some() {
        store.as_context_mut().set_fuel(PLENTY)?;
    }
    let result = f(store);
    if let Some(before) = before {
        store.as_context_mut().set_fuel(before)?;
    }
    result
}

/// Which memory it is.
fn place(memory: &SharedMemory) -> usize {
    memory.data_ptr() as usize
}

fn collect(store: &mut impl AsContextMut<Data = Host>) {
    store.as_context_mut().gc();
}

fn new_exception(
    store: &mut impl AsContextMut<Data = Host>,
    tag: &Tag,
    fields: &[Val],
) -> Result<Rooted<ExnRef>> {
    ExnRef::new(store, tag, fields)
}

fn throw(caller: &mut Caller<'_, Host>, exception: Rooted<ExnRef>) -> Error {
    match caller.throw::<()>(exception) {
        Err(error) => error.into(),
        Ok(()) => unreachable!("throwing fails"),
    }
}

/// What ended a run, in words that both engines share.
fn reason(error: &Error) -> Event {
    let Some(trap) = error.downcast_ref::<Trap>() else {
        return Event::Failed(format!("{error:#}"));
    };
    Event::Trapped(match trap {
        Trap::StackOverflow => return Event::Exhausted(Exhausted::Stack),
        Trap::AllocationTooLarge => return Event::Exhausted(Exhausted::Heap),
        Trap::OutOfFuel => return Event::Exhausted(Exhausted::Fuel),
        Trap::UnreachableCodeReached => "unreachable",
        Trap::MemoryOutOfBounds => "memory out of bounds",
        Trap::UnalignedAtomic => "unaligned atomic",
        Trap::TableOutOfBounds | Trap::UndefinedElement => "table out of bounds",
        Trap::UninitializedElement => "uninitialized element",
        Trap::IndirectCallTypeMismatch => "indirect call type mismatch",
        Trap::IntegerOverflow => "integer overflow",
        Trap::IntegerDivisionByZero => "integer divide by zero",
        Trap::BadConversionToInteger => "invalid conversion to integer",
        Trap::NullFunctionReference
        | Trap::NullReference
        | Trap::NullStructReference
        | Trap::NullArrayReference
        | Trap::NullI31Reference
        | Trap::NullExceptionReference => "null reference",
        Trap::ArrayOutOfBounds => "array out of bounds",
        Trap::CastFailure => "cast failure",
        Trap::ExpectedSharedMemory => "expected shared memory",
        other => return Event::Failed(other.to_string()),
    })
}
