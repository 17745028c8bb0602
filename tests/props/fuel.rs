//! A run that returns has cost what `docs/fuel.md` says: a unit for each operator.
//!
//! Modules are made to count their operators themselves, and what they count is compared.

use crate::modules::{args, config, module};
use crate::{Random, number};
use rwasm::{
    Config, Dispatch, Engine, Instance, Module, Store, StoreLimits, StoreLimitsBuilder, Val,
};
use wasmparser::{FunctionBody, Operator, Parser, Payload, Result, ValType};

/// The name of the global in which a module counts.
const COUNT: &str = "what was executed";

fn part(module: &[u8], range: std::ops::Range<u64>) -> &[u8] {
    &module[range.start as usize..range.end as usize]
}

fn leb128(bytes: &mut Vec<u8>, mut value: u32) {
    while value > 0x7f {
        bytes.push(value as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
}

/// Writes the beginning of a section or a body.
fn sized(bytes: &mut Vec<u8>, contents: &[u8]) {
    leb128(bytes, contents.len() as u32);
    bytes.extend_from_slice(contents);
}

/// What a function's own locals cost.
fn local_units(body: &FunctionBody<'_>) -> Result<u32> {
    let mut slots = 0;
    for local in body.get_locals_reader()? {
        let (count, ty) = local?;
        slots += if ty == ValType::V128 { 2 * count } else { count };
    }
    Ok(slots / 8)
}

/// Whether an operator is executed and costs a unit, or `None` if what it costs depends on operands.
fn is_counted(op: &Operator<'_>) -> Option<bool> {
    use Operator::*;
    Some(match op {
        Nop | Block { .. } | Loop { .. } | Else | End | TryTable { .. } | Drop => false,
        MemoryFill { .. }
        | MemoryCopy { .. }
        | MemoryInit { .. }
        | TableFill { .. }
        | TableCopy { .. }
        | TableInit { .. }
        | ArrayNew { .. }
        | ArrayNewDefault { .. }
        | ArrayNewData { .. }
        | ArrayNewElem { .. }
        | ArrayFill { .. }
        | ArrayCopy { .. }
        | ArrayInitData { .. }
        | ArrayInitElem { .. } => return None,
        _ => true,
    })
}

/// The body of a function that counts in a global.
fn counting_body(body: &FunctionBody<'_>, module: &[u8], global: u32) -> Result<Option<Vec<u8>>> {
    let count = |bytes: &mut Vec<u8>, units| {
        bytes.push(0x23); // global.get
        leb128(bytes, global);
        bytes.push(0x42); // i64.const
        leb128(bytes, units);
        bytes.extend_from_slice(&[0x7c, 0x24]); // i64.add, global.set
        leb128(bytes, global);
    };
    let mut ops = body.get_operators_reader()?;
    let mut bytes = part(module, body.range().start..ops.original_position()).to_vec();
    match local_units(body)? {
        0 => {}
        units @ ..=63 => count(&mut bytes, units),
        _ => return Ok(None), // The constant would be a negative one.
    }
    while !ops.eof() {
        let start = ops.original_position();
        match is_counted(&ops.read()?) {
            Some(true) => count(&mut bytes, 1),
            Some(false) => {}
            None => return Ok(None),
        }
        bytes.extend_from_slice(part(module, start..ops.original_position()));
    }
    Ok(Some(bytes))
}

/// The module with a global in which it counts, if what its operators cost is known from what they
/// are.
fn counting(module: &[u8]) -> Result<Option<Vec<u8>>> {
    let mut bytes = module[..8].to_vec();
    let (mut global, mut is_exported, mut bodies) = (None, false, Vec::new());
    for payload in Parser::new(0).parse_all(module) {
        let payload = payload?;
        let (count, rest) = match &payload {
            // Nothing is imported.
            Payload::GlobalSection(section) => {
                (section.count(), section.clone().original_position())
            }
            Payload::ExportSection(section) => {
                (section.count(), section.clone().original_position())
            }
            Payload::CodeSectionStart { count, .. } => {
                bodies.clear();
                leb128(&mut bodies, *count);
                continue;
            }
            Payload::CodeSectionEntry(body) => {
                let Some(global) = global else { return Ok(None) };
                let Some(body) = counting_body(body, module, global)? else { return Ok(None) };
                sized(&mut bodies, &body);
                continue;
            }
            _ => (0, 0),
        };
        let Some((id, range)) = payload.as_section() else { continue };
        if !bodies.is_empty() {
            bytes.push(10);
            sized(&mut bytes, &bodies);
            bodies.clear();
        }
        bytes.push(id);
        if rest == 0 {
            sized(&mut bytes, part(module, range));
            continue;
        }
        let mut contents = Vec::new();
        leb128(&mut contents, count + 1);
        contents.extend_from_slice(part(module, rest..range.end));
        match payload {
            Payload::GlobalSection(_) => {
                global = Some(count);
                contents.extend_from_slice(&[0x7e, 1, 0x42, 0, 0x0b]); // (mut i64) (i64.const 0)
            }
            _ => {
                let Some(global) = global else { return Ok(None) };
                sized(&mut contents, COUNT.as_bytes());
                contents.push(3);
                is_exported = true;
                leb128(&mut contents, global);
            }
        }
        sized(&mut bytes, &contents);
    }
    if !bodies.is_empty() {
        bytes.push(10);
        sized(&mut bytes, &bodies);
    }
    Ok(is_exported.then_some(bytes))
}

/// Makes an instance and calls its functions. Gives what each call that returned used up, and what it
/// counted.
fn run(bytes: &[u8], fuel: bool, calls: u64) -> Vec<Option<u64>> {
    let dispatch = if calls.is_multiple_of(4) { Dispatch::Loop } else { Dispatch::Auto };
    let engine = Engine::new(Config::new().consume_fuel(fuel).dispatch(dispatch)).unwrap();
    let module = Module::new(&engine, bytes).unwrap();
    let limits = StoreLimitsBuilder::new().memory_size(4 << 20).table_elements(10_000).build();
    let mut store = Store::new(&engine, limits);
    store.limiter(|limits| limits);
    const PLENTY: u64 = 1 << 60;
    if fuel {
        store.set_fuel(PLENTY).unwrap();
    }
    let Ok(instance) = Instance::new(&mut store, &module, &[]) else { return Vec::new() };
    let mut random = Random::new(calls);
    let calls: Vec<(String, Vec<Val>)> = module
        .exports()
        .filter_map(|export| Some((export.name().into(), args(&export.ty(), &mut random)?)))
        .collect();
    let spent = |store: &mut Store<StoreLimits>| match fuel {
        true => {
            let spent = PLENTY - store.get_fuel().unwrap();
            store.set_fuel(PLENTY).unwrap();
            spent
        }
        false => {
            let global = instance.get_global(&mut *store, COUNT).unwrap();
            let Val::I64(count) = global.get(&mut *store) else { unreachable!("it is an i64") };
            global.set(&mut *store, Val::I64(0)).unwrap();
            count as u64
        }
    };
    let mut outcomes = vec![Some(spent(&mut store))];
    for (name, args) in &calls {
        let func = instance.get_func(&mut store, name).unwrap();
        let mut results = vec![Val::I32(0); func.ty(&store).results().len()];
        let result = func.call(&mut store, args, &mut results);
        outcomes.push(Some(spent(&mut store)).filter(|_| result.is_ok()));
    }
    outcomes
}

#[test]
fn a_run_that_returns_costs_what_it_executes() {
    let mut random = Random::new(number("RWASM_SEED", 1));
    let (mut executed, mut cases) = (0, 0);
    let wanted = number("RWASM_CASES", 1000);
    while cases < wanted {
        let config = wasm_smith::Config {
            bulk_memory_enabled: false,
            // What is thrown leaves in the middle of what is charged.
            exceptions_enabled: false,
            ..config(&mut random)
        };
        let Some(bytes) = module(config, &mut random) else { continue };
        let Some(counting) = counting(&bytes).unwrap() else { continue };
        let fuel = run(&bytes, true, cases);
        let count = run(&counting, false, cases);
        assert_eq!(fuel, count, "case {cases}");
        executed += fuel.iter().flatten().sum::<u64>();
        cases += 1;
    }
    assert!(executed > wanted * 10, "modules are meant to execute something: {executed}");
}
