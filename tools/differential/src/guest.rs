//! Runs a case and writes down what can be seen of it.
//!
//! This file is compiled twice, once with each engine as `api`: their names and types are the
//! same. What is not stands in the module around it, `super`.

use super::api::{AsContextMut, Engine, Extern, Instance, Module, RootScope, Store, Val};
use super::api::{Error, ExnRef, Result, Rooted, StoreLimits, StoreLimitsBuilder, Tag};
use super::api::{RefType, ThrownException};
use super::host::{Refused, imports};
use super::shared::{self, Copier};
use super::values::{describe, describe_all, make, make_all};
use super::{Way, call, collect, reason, refuel, spent};
use crate::generate::Case;
use crate::random::Random;
use crate::rewrite::{FUEL, Kind};
use crate::trace::{Event, Exhausted, State, Trace, Value, hash};
use std::sync::Arc;

/// How many events a trace has before its run is given up.
pub const EVENTS: usize = 20_000;
/// How many calls a run makes.
const CALLS: usize = 40;
/// How many functions of guests the host calls during one call.
const CALLBACKS: u32 = 8;
/// How far values are looked into.
const DEPTH: u32 = 3;
/// How many elements of a table are looked at.
const ELEMENTS: u64 = 600;

/// What a store carries.
pub struct Host {
    /// What the host's decisions depend on.
    pub seed: u64,
    /// What the module exports.
    pub exports: Arc<[(String, Kind)]>,
    /// What happened.
    pub events: Vec<Event>,
    /// How many host functions were called.
    pub calls: u64,
    /// How many functions of guests hosts may still call.
    pub callbacks: u32,
    /// How many host functions that called a guest are active.
    pub depth: u32,
    /// Tags that the host knows.
    pub tags: Vec<Tag>,
    /// Whether the module is instantiated, so that what runs is a call that we made.
    pub called: bool,
    /// Whether the module ends by itself, so that nobody needs to limit it.
    pub ends: bool,
    /// Instances that show what is in shared memories.
    pub copiers: Vec<Copier>,
    limits: StoreLimits,
}

/// An exported item and its name.
pub type Items = Vec<(String, Extern)>;

/// Runs a case.
pub fn run(engine: &Engine, module: &Module, case: &Case, way: &mut Way) -> Trace {
    let limits =
        StoreLimitsBuilder::new().memory_size(case.memory_limit).table_elements(10_000).build();
    let host = Host {
        seed: case.seed,
        exports: case.exports.clone(),
        events: Vec::new(),
        calls: 0,
        callbacks: CALLBACKS,
        depth: 0,
        tags: Vec::new(),
        called: false,
        ends: case.countdown.is_some(),
        copiers: Vec::new(),
        limits,
    };
    let mut store = Store::new(engine, host);
    store.limiter(|host| &mut host.limits);
    let mut fuel = Vec::new();
    if let Some(mut items) = instantiate(&mut store, module, &Items::new(), way, &mut fuel) {
        if case.twice {
            let second = instantiate(&mut store, module, &items, way, &mut fuel);
            items.splice(0..0, second.unwrap_or_default());
        }
        calls(&mut store, &items, case, way, &mut fuel);
    }
    Trace { events: store.into_data().events, fuel }
}

/// Adds to the trace.
pub fn tell(store: &mut impl AsContextMut<Data = Host>, event: Event) {
    store.as_context_mut().data_mut().events.push(event);
}

/// What an error says, and the exception if it is one.
pub fn failure(
    store: &mut impl AsContextMut<Data = Host>,
    error: &Error,
) -> (Event, Option<Rooted<ExnRef>>) {
    if error.is::<Refused>() {
        return (Event::Trapped("host"), None);
    }
    if !error.is::<ThrownException>() {
        return (reason(error), None);
    }
    let Some(exception) = store.as_context_mut().take_pending_exception() else {
        return (Event::Failed("nothing was thrown".into()), None);
    };
    let value = describe(store, &Val::ExnRef(Some(exception)), DEPTH);
    (Event::Threw(value), Some(exception))
}

/// Makes an instance, which shares with an earlier one what that exports and it can import.
fn instantiate(
    store: &mut Store<Host>,
    module: &Module,
    earlier: &Items,
    way: &mut Way,
    fuel: &mut Vec<u64>,
) -> Option<Items> {
    let mut scope = RootScope::new(&mut *store);
    let instance = match imports(&mut scope, module, earlier) {
        Ok(Some(imports)) => {
            refuel(&mut scope, way);
            let instance = Instance::new(&mut scope, module, &imports);
            fuel.extend(spent(&scope, way));
            instance
        }
        Ok(None) => {
            tell(&mut scope, Event::Uninhabited);
            return None;
        }
        Err(error) => Err(error),
    };
    let instance = match instance {
        Ok(instance) => instance,
        Err(error) => {
            let (event, _) = failure(&mut scope, &error);
            tell(&mut scope, event);
            return None;
        }
    };
    tell(&mut scope, Event::Instantiated);
    let exports = scope.as_context_mut().data().exports.clone();
    let items = exports
        .iter()
        .filter_map(|(name, _)| Some((name.clone(), instance.get_export(&mut scope, name)?)));
    let items = items.collect();
    state(&mut scope, &items);
    Some(items)
}

/// Calls each exported function, and then each again with other arguments.
fn calls(store: &mut Store<Host>, items: &Items, case: &Case, way: &mut Way, fuel: &mut Vec<u64>) {
    let mut random = Random::of(case.seed, 2);
    let funcs = || items.iter().filter_map(|(name, item)| Some((name, item.clone().into_func()?)));
    for (name, func) in funcs().chain(funcs()).take(CALLS) {
        let mut scope = RootScope::new(&mut *store);
        let ty = func.ty(&scope);
        let args = match make_all(&mut scope, ty.params(), &mut random, 2) {
            Ok(Some(args)) => args,
            Ok(None) => continue,
            Err(error) => {
                let (event, _) = failure(&mut scope, &error);
                return tell(&mut scope, event);
            }
        };
        if let Some(countdown) = case.countdown {
            let globals = items.iter().filter(|(name, _)| name == FUEL);
            for global in globals.filter_map(|(_, item)| item.clone().into_global()) {
                global.set(&mut scope, Val::I32(countdown)).expect("it is a variable i32");
            }
        }
        scope.as_context_mut().data_mut().callbacks = CALLBACKS;
        scope.as_context_mut().data_mut().called = true;
        if random.once_in(8) {
            collect(&mut scope);
        }
        let described = describe_all(&mut scope, &args, DEPTH);
        tell(&mut scope, Event::Call(name.clone(), described));
        let result = call(&mut scope, way, &func, &args, ty.results().len());
        fuel.extend(spent(&scope, way));
        let event = match result {
            Ok(results) => Event::Returned(describe_all(&mut scope, &results, DEPTH)),
            Err(error) => failure(&mut scope, &error).0,
        };
        let over = matches!(event, Event::Exhausted(Exhausted::Stack | Exhausted::Fuel));
        tell(&mut scope, event);
        if over {
            return;
        }
        state(&mut scope, items);
        if scope.as_context_mut().data().events.len() > EVENTS {
            return;
        }
    }
}

/// Writes down everything that is exported.
fn state(store: &mut impl AsContextMut<Data = Host>, items: &Items) {
    let (mut globals, mut memories, mut tables) = (Vec::new(), Vec::new(), Vec::new());
    for (_, item) in items {
        match item {
            Extern::Global(global) => {
                let val = global.get(&mut *store);
                globals.push(describe(store, &val, DEPTH));
            }
            Extern::Memory(memory) => {
                let data = memory.data(&*store);
                memories.push((data.len() as u64, hash(data)));
            }
            Extern::SharedMemory(memory) => memories.push(shared::look(store, memory)),
            Extern::Table(table) => {
                let size = table.size(&*store);
                let elements = (0..size.min(ELEMENTS)).map(|index| {
                    let element = table.get(&mut *store, index).expect("it is in bounds");
                    describe(store, &Val::from(element), 1)
                });
                let elements: Vec<Value> = elements.collect();
                tables.push((size, elements));
            }
            _ => {}
        }
    }
    tell(store, Event::State(State { globals, memories, tables }));
}

/// A reference for a table, or `None` if there is no value of its type.
///
/// # Errors
///
/// If something ran out.
pub fn make_element(
    store: &mut impl AsContextMut<Data = Host>,
    ty: &RefType,
    random: &mut Random,
) -> Result<Option<super::api::Ref>> {
    let val = make(store, &ty.clone().into(), random, 2)?;
    Ok(val.and_then(Val::ref_))
}
