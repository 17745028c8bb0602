//! What modules import, and what the host does when it is called.
//!
//! Compiled twice, as `guest.rs` is. Everything that the host decides depends on the seed, on
//! types, and on how many host functions were called before, so hosts of both engines do the same
//! as long as their guests do.

use super::api::{
    AsContextMut, Caller, Extern, ExternType, Func, FuncType, Global, Memory, Module, Mutability,
    RefType, Result, SharedMemory, Table, Tag, TagType, Val, ValType,
};
use super::guest::{EVENTS, Host, Items, failure, make_element, tell};
use super::values::{describe, describe_all, make, make_all};
use super::{after_callback, before_callback, collect, new_exception, throw};
use crate::random::Random;
use crate::rewrite::{FUEL, Kind};
use crate::trace::{Event, Value};
use std::fmt;

/// The host function would not go on.
#[derive(Debug)]
pub struct Refused;

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the host function would not go on")
    }
}

impl std::error::Error for Refused {}

/// What a module imports, from the items of an earlier instance where one fits; or `None` if a type among it has no values.
///
/// # Errors
///
/// If something ran out.
pub fn imports(
    store: &mut impl AsContextMut<Data = Host>,
    module: &Module,
    earlier: &Items,
) -> Result<Option<Vec<Extern>>> {
    let mut random = Random::of(store.as_context().data().seed, 3);
    // One that no module can name.
    let engine = store.as_context().engine().clone();
    let tag = Tag::new(&mut *store, &TagType::new(FuncType::new(&engine, [], [])))?;
    store.as_context_mut().data_mut().tags.push(tag);
    let mut imports = Vec::new();
    for (number, import) in module.imports().enumerate() {
        let ty = import.ty();
        let fitting = earlier.iter().filter(|(name, item)| name != FUEL && fits(store, item, &ty));
        let fitting: Vec<_> = fitting.map(|(_, item)| item.clone()).collect();
        let found = match fitting.is_empty() {
            true => item(store, number, &ty, &mut random)?,
            false => Some(fitting[random.below(fitting.len() as u64) as usize].clone()),
        };
        match found {
            Some(item) => imports.push(item),
            None => return Ok(None),
        }
    }
    Ok(Some(imports))
}

/// Whether an item can be imported as what has type `ty`; some that could are left out.
fn fits(store: &mut impl AsContextMut<Data = Host>, item: &Extern, ty: &ExternType) -> bool {
    match (item, ty) {
        (Extern::Func(func), ExternType::Func(ty)) => FuncType::eq(&func.ty(&*store), ty),
        (Extern::Global(global), ExternType::Global(ty)) => {
            let own = global.ty(&*store);
            own.mutability() == ty.mutability() && ValType::eq(own.content(), ty.content())
        }
        (Extern::Table(table), ExternType::Table(ty)) => {
            let own = table.ty(&*store);
            RefType::eq(own.element(), ty.element())
                && (own.is_64(), own.maximum()) == (ty.is_64(), ty.maximum())
                && table.size(&*store) >= ty.minimum()
        }
        (Extern::Memory(memory), ExternType::Memory(ty)) => {
            let own = memory.ty(&*store);
            (own.is_64(), own.maximum()) == (ty.is_64(), ty.maximum())
                && own.page_size() == ty.page_size()
                && memory.size(&*store) >= ty.minimum()
                && !ty.is_shared()
        }
        (Extern::SharedMemory(memory), ExternType::Memory(ty)) => {
            let own = memory.ty();
            (own.is_64(), own.maximum()) == (ty.is_64(), ty.maximum())
                && own.page_size() == ty.page_size()
                && memory.size() >= ty.minimum()
                && ty.is_shared()
        }
        (Extern::Tag(tag), ExternType::Tag(ty)) => FuncType::eq(tag.ty(&*store).ty(), ty.ty()),
        _ => false,
    }
}

fn item(
    store: &mut impl AsContextMut<Data = Host>,
    number: usize,
    ty: &ExternType,
    random: &mut Random,
) -> Result<Option<Extern>> {
    Ok(Some(match ty {
        ExternType::Func(ty) => function(store, number, ty).into(),
        ExternType::Global(ty) => {
            let Some(val) = make(store, ty.content(), random, 2)? else { return Ok(None) };
            Global::new(&mut *store, ty.clone(), val)?.into()
        }
        ExternType::Table(ty) => {
            let Some(init) = make_element(store, ty.element(), random)? else { return Ok(None) };
            let table = Table::new(&mut *store, ty.clone(), init)?;
            for index in 0..table.size(&*store).min(8) {
                if let Some(element) = make_element(store, ty.element(), random)? {
                    table.set(&mut *store, index, element)?;
                }
            }
            table.into()
        }
        ExternType::Memory(ty) if ty.is_shared() => {
            let engine = store.as_context().engine().clone();
            SharedMemory::new(&engine, ty.clone())?.into()
        }
        ExternType::Memory(ty) => {
            let memory = Memory::new(&mut *store, ty.clone())?;
            let size = memory.data_size(&*store);
            for _ in 0..8 {
                write(store, &memory, size, random);
            }
            memory.into()
        }
        ExternType::Tag(ty) => {
            let tag = Tag::new(&mut *store, ty)?;
            store.as_context_mut().data_mut().tags.push(tag);
            tag.into()
        }
    }))
}

/// A host function.
pub fn function(store: &mut impl AsContextMut<Data = Host>, number: usize, ty: &FuncType) -> Func {
    let types: Vec<ValType> = ty.results().collect();
    Func::new(&mut *store, ty.clone(), move |mut caller, params, results| {
        serve(&mut caller, number, &types, params, results)
    })
}

fn serve(
    caller: &mut Caller<'_, Host>,
    number: usize,
    types: &[ValType],
    params: &[Val],
    results: &mut [Val],
) -> Result<()> {
    let described = describe_all(caller, params, 1);
    tell(caller, Event::Host(number, described));
    let host = caller.data_mut();
    host.calls += 1;
    let mut random = Random::of(host.seed, host.calls << 16 | number as u64);
    if host.events.len() > EVENTS {
        return Err(Refused.into());
    }
    act(caller, params, &mut random)?;
    for (ty, result) in types.iter().zip(results) {
        // Values that come back are as good as new ones. Functions do not: wasmtime's `matches_ty`
        // compares what they take and return, and not which of two such types they have.
        let mut same = None;
        if random.once_in(2) {
            for param in params {
                let is_func = matches!(param, Val::FuncRef(Some(_)));
                if same.is_none() && !is_func && param.matches_ty(&*caller, ty)? {
                    same = Some(*param);
                }
            }
        }
        let val = match same {
            Some(val) => Some(val),
            None => make(caller, ty, &mut random, 2)?,
        };
        *result = val.ok_or(Refused)?;
    }
    Ok(())
}

/// What a host function does besides returning.
fn act(caller: &mut Caller<'_, Host>, params: &[Val], random: &mut Random) -> Result<()> {
    match random.below(20) {
        0 | 1 => change_memory(caller, random),
        2 => change_global(caller, random)?,
        3 => change_table(caller, random)?,
        4..=7 => call_guest(caller, params, random)?,
        8 => collect(caller),
        9 => {
            let tags = &caller.data().tags;
            let tag = tags[random.below(tags.len() as u64) as usize];
            let types: Vec<ValType> = tag.ty(&*caller).ty().params().collect();
            if let Some(fields) = make_all(caller, types.into_iter(), random, 2)? {
                let exception = new_exception(caller, &tag, &fields)?;
                return Err(throw(caller, exception));
            }
        }
        10 if random.once_in(4) => return Err(Refused.into()),
        _ => {}
    }
    Ok(())
}

/// One of the exports of the instance that called, of some kind.
fn export(caller: &mut Caller<'_, Host>, kind: Kind, random: &mut Random) -> Option<Extern> {
    let exports = caller.data().exports.clone();
    let of_kind = || exports.iter().filter(|export| export.1 == kind && export.0 != FUEL);
    let (name, _) = of_kind().nth(random.below(of_kind().count().max(1) as u64) as usize)?;
    caller.get_export(name)
}

fn write(
    store: &mut impl AsContextMut<Data = Host>,
    memory: &Memory,
    size: usize,
    random: &mut Random,
) {
    if size >= 8 {
        let offset = random.below(size as u64 - 7) as usize;
        memory.write(&mut *store, offset, &random.next().to_le_bytes()).expect("it is in bounds");
    }
}

fn change_memory(caller: &mut Caller<'_, Host>, random: &mut Random) {
    let Some(memory) = export(caller, Kind::Memory, random).and_then(Extern::into_memory) else {
        return;
    };
    let size = memory.data_size(&*caller);
    write(caller, &memory, size, random);
    if random.once_in(4) {
        let before = memory.grow(&mut *caller, 1);
        let before = before.map_or(-1, |before| before as i64);
        tell(caller, Event::Did("memory.grow", vec![Value::I64(before)]));
    }
}

fn change_global(caller: &mut Caller<'_, Host>, random: &mut Random) -> Result<()> {
    let Some(global) = export(caller, Kind::Global, random).and_then(Extern::into_global) else {
        return Ok(());
    };
    let ty = global.ty(&*caller);
    if ty.mutability() == Mutability::Var
        && let Some(val) = make(caller, ty.content(), random, 2)?
    {
        global.set(&mut *caller, val)?;
        let value = describe(caller, &val, 1);
        tell(caller, Event::Did("global.set", vec![value]));
    }
    Ok(())
}

fn change_table(caller: &mut Caller<'_, Host>, random: &mut Random) -> Result<()> {
    let Some(table) = export(caller, Kind::Table, random).and_then(Extern::into_table) else {
        return Ok(());
    };
    let ty = table.ty(&*caller);
    let Some(element) = make_element(caller, ty.element(), random)? else { return Ok(()) };
    let size = table.size(&*caller);
    if size > 0 {
        table.set(&mut *caller, random.below(size), element)?;
    }
    if random.once_in(4) {
        let Some(element) = make_element(caller, ty.element(), random)? else { return Ok(()) };
        let before = table.grow(&mut *caller, 1, element);
        let before = before.map_or(-1, |before| before as i64);
        tell(caller, Event::Did("table.grow", vec![Value::I64(before)]));
    }
    Ok(())
}

/// Calls a function that was an argument, or one of the exports.
fn call_guest(caller: &mut Caller<'_, Host>, params: &[Val], random: &mut Random) -> Result<()> {
    let host = caller.data_mut();
    if host.callbacks == 0 || host.depth == 2 {
        return Ok(());
    }
    let func = params.iter().find_map(|param| match param {
        Val::FuncRef(func) => *func,
        _ => None,
    });
    let func = func.or_else(|| export(caller, Kind::Func, random)?.into_func());
    let Some(func) = func else { return Ok(()) };
    let ty = func.ty(&*caller);
    let Some(args) = make_all(caller, ty.params(), random, 2)? else { return Ok(()) };
    let described = describe_all(caller, &args, 1);
    tell(caller, Event::Did("call", described));
    let host = caller.data_mut();
    host.callbacks -= 1;
    let outermost = host.depth == 0 && host.called;
    host.depth += 1;
    let mut results = vec![Val::I32(0); ty.results().len()];
    let before = before_callback(caller);
    let result = func.call(&mut *caller, &args, &mut results);
    after_callback(caller, before, outermost);
    caller.data_mut().depth -= 1;
    let Err(error) = result else {
        let described = describe_all(caller, &results, 1);
        tell(caller, Event::Did("return", described));
        return Ok(());
    };
    let (event, exception) = failure(caller, &error);
    if matches!(event, Event::Exhausted(_)) {
        return Err(error);
    }
    tell(caller, event);
    match (random.once_in(3), exception) {
        (true, Some(exception)) => Err(throw(caller, exception)),
        (true, None) => Err(error),
        (false, _) => Ok(()),
    }
}
