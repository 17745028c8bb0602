//! Runs in wasmtime.

use self::guest::Host;
use crate::generate::Case;
use crate::trace::{Event, Exhausted, Trace};
pub use wasmtime as api;
use wasmtime::{
    AsContext, AsContextMut, Caller, Collector, Config, Engine, Error, ExnRef, ExnRefPre, ExnType,
    Func, GcHeapOutOfMemory, Module, OptLevel, Result, Rooted, SharedMemory, Tag, Trap, Val,
};

#[path = "guest.rs"]
pub mod guest;
#[path = "host.rs"]
mod host;
#[path = "shared.rs"]
pub mod shared;
#[path = "values.rs"]
mod values;

/// How much a module may execute in a call if it does not end by itself. wasmtime charges less for
/// a module than rwasm, or more; the more it executes the better, since what ends first decides.
const BUDGET: u64 = 200_000;
/// As much as it takes.
const PLENTY: u64 = u64::MAX / 4;

/// How a run executes.
pub struct Way {
    counts: bool,
}

/// Runs a case.
///
/// # Errors
///
/// If the module is refused.
pub fn run(case: &Case) -> Result<Trace> {
    let mut config = Config::new();
    config
        .wasm_wide_arithmetic(true)
        .wasm_custom_page_sizes(true)
        .wasm_multi_memory(true)
        .wasm_memory64(true)
        .wasm_threads(true)
        .shared_memory(true)
        // Where a fault is the trap, it wants no two instances to have the memory.
        .signals_based_traps(!case.shares)
        .wasm_gc(true)
        .wasm_function_references(true)
        .wasm_exceptions(true)
        .wasm_relaxed_simd(true)
        // rwasm computes what the specification calls the deterministic profile.
        .relaxed_simd_deterministic(true)
        .consume_fuel(case.countdown.is_none())
        .collector(match case.count_references {
            true => Collector::DeferredReferenceCounting,
            false => Collector::Null,
        })
        .cranelift_opt_level(if case.optimize { OptLevel::Speed } else { OptLevel::None })
        .wasm_backtrace_max_frames(None)
        // As much as it lets anybody have.
        .max_wasm_stack(2 << 20);
    let engine = Engine::new(&config)?;
    let module = Module::new(&engine, &case.bytes)?;
    let mut way = Way { counts: case.countdown.is_none() };
    Ok(guest::run(&engine, &module, case, &mut way))
}

/// Gives the store what a call may use up.
fn refuel(store: &mut impl AsContextMut<Data = Host>, way: &mut Way) {
    if way.counts {
        store.as_context_mut().set_fuel(BUDGET).expect("it counts fuel");
    }
}

/// Nothing: the engines do not count alike.
fn spent(_: &impl AsContext<Data = Host>, _: &Way) -> Option<u64> {
    None
}

fn call(
    store: &mut impl AsContextMut<Data = Host>,
    way: &mut Way,
    func: &Func,
    args: &[Val],
    results: usize,
) -> Result<Vec<Val>> {
    refuel(store, way);
    let mut vals = vec![Val::I32(0); results];
    func.call(store, args, &mut vals)?;
    Ok(vals)
}

fn before_callback(caller: &mut Caller<'_, Host>) -> Option<u64> {
    let before = caller.get_fuel().ok()?;
    let budget = if caller.data().ends { PLENTY } else { BUDGET };
    caller.set_fuel(budget).ok()?;
    Some(before)
}

fn after_callback(caller: &mut Caller<'_, Host>, before: Option<u64>, _: bool) {
    if let Some(before) = before {
        caller.set_fuel(before).expect("it counts fuel");
    }
}

/// Does something that is no part of the run: it has fuel of its own, and time.
fn undisturbed<S: AsContextMut<Data = Host>, R>(
    store: &mut S,
    f: impl FnOnce(&mut S) -> Result<R>,
) -> Result<R> {
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
    memory.data().as_ptr() as usize
}

fn collect(store: &mut impl AsContextMut<Data = Host>) {
    store.as_context_mut().gc(None).expect("a collection takes nothing");
}

fn new_exception(
    store: &mut impl AsContextMut<Data = Host>,
    tag: &Tag,
    fields: &[Val],
) -> Result<Rooted<ExnRef>> {
    let ty = ExnType::from_tag_type(&tag.ty(&*store))?;
    let pre = ExnRefPre::new(&mut *store, ty);
    ExnRef::new(store, &pre, tag, fields)
}

fn throw(caller: &mut Caller<'_, Host>, exception: Rooted<ExnRef>) -> Error {
    match caller.as_context_mut().throw::<()>(exception) {
        Err(error) => error,
        Ok(()) => unreachable!("throwing fails"),
    }
}

/// What ended a run, in words that both engines share.
fn reason(error: &Error) -> Event {
    if error.is::<GcHeapOutOfMemory<()>>() {
        return Event::Exhausted(Exhausted::Heap);
    }
    let Some(trap) = error.downcast_ref::<Trap>() else {
        return Event::Failed(format!("{error:#}"));
    };
    Event::Trapped(match trap {
        Trap::StackOverflow => return Event::Exhausted(Exhausted::Stack),
        Trap::AllocationTooLarge => return Event::Exhausted(Exhausted::Heap),
        Trap::OutOfFuel => return Event::Exhausted(Exhausted::Fuel),
        Trap::UnreachableCodeReached => "unreachable",
        Trap::MemoryOutOfBounds => "memory out of bounds",
        Trap::HeapMisaligned => "unaligned atomic",
        Trap::TableOutOfBounds => "table out of bounds",
        Trap::IndirectCallToNull => "uninitialized element",
        Trap::BadSignature => "indirect call type mismatch",
        Trap::IntegerOverflow => "integer overflow",
        Trap::IntegerDivisionByZero => "integer divide by zero",
        Trap::BadConversionToInteger => "invalid conversion to integer",
        Trap::NullReference => "null reference",
        Trap::ArrayOutOfBounds => "array out of bounds",
        Trap::CastFailure => "cast failure",
        Trap::AtomicWaitNonSharedMemory => "expected shared memory",
        other => return Event::Failed(other.to_string()),
    })
}
