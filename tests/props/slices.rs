//! A run that is stopped and resumed does what it would have done in one go, and uses up as much
//! fuel.

use crate::modules::{args, config, module};
use crate::programs::PROGRAMS;
use crate::{Random, number};
use rwasm::{
    Caller, Config, Dispatch, Engine, Execution, Extern, Linker, Module, Progress, Result, Store,
    StoreLimits, StoreLimitsBuilder, Suspension, Trap, Val,
};

/// As much as it takes.
const PLENTY: u64 = 1 << 60;
/// No deadline.
const NEVER: u64 = 1 << 60;
/// As many resumes a run has before its slices grow.
const RESUMES: u64 = 300;

/// What a call came to: its results or why it failed, what it used up, and what was to be seen
/// behind it.
#[derive(Debug, PartialEq)]
struct Outcome {
    result: Result<Vec<String>, String>,
    fuel: u64,
    state: Vec<String>,
}

/// How a case is run.
struct Setting {
    engine: Engine,
    /// Whether it has deadlines.
    epochs: bool,
}

impl Setting {
    fn new(random: &mut Random) -> Setting {
        let epochs = random.once_in(2);
        let mut config = Config::new();
        config
            .consume_fuel(true)
            .epoch_interruption(epochs)
            .gc_zeal(random.once_in(4))
            .dispatch(if random.once_in(4) { Dispatch::Loop } else { Dispatch::Auto });
        Setting { engine: Engine::new(&config).unwrap(), epochs }
    }
}

/// What is called, with which arguments.
type Calls = Vec<(String, Vec<Val>)>;

/// Makes an instance and calls its functions; in slices if there are random numbers for them.
fn run(
    setting: &Setting,
    module: &Module,
    calls: &Calls,
    mut slices: Option<&mut Random>,
) -> Vec<Outcome> {
    let limits = StoreLimitsBuilder::new().memory_size(4 << 20).table_elements(10_000).build();
    let mut store = Store::new(&setting.engine, limits);
    store.limiter(|limits| limits);
    store.set_fuel(PLENTY).unwrap();
    if setting.epochs {
        store.set_epoch_deadline(NEVER);
    }
    let mut linker: Linker<StoreLimits> = Linker::new(&setting.engine);
    linker.func_wrap("host", "add", host).unwrap();
    let instance = match linker.instantiate(&mut store, module) {
        Ok(instance) => instance,
        Err(error) => {
            return vec![Outcome { result: Err(error.to_string()), fuel: 0, state: vec![] }];
        }
    };
    let mut outcomes = Vec::new();
    for (name, args) in calls {
        let func = instance.get_func(&mut store, name).unwrap();
        let results = func.ty(&store).results().len();
        store.set_fuel(PLENTY).unwrap();
        let (result, given) = match &mut slices {
            None => {
                let mut vals = vec![Val::I32(0); results];
                (func.call(&mut store, args, &mut vals).map(|()| vals), PLENTY)
            }
            Some(random) => {
                let mut execution = Execution::new(&mut store, &func, args).unwrap();
                in_slices(&mut store, &mut execution, setting, random)
            }
        };
        let fuel = given - store.get_fuel().unwrap();
        let result =
            result.map(|vals| vals.iter().map(show).collect()).map_err(|error| error.to_string());
        let _ = store.take_pending_exception();
        let exports: Vec<Extern> =
            instance.exports(&mut store).map(|export| export.into_extern()).collect();
        let state = exports.into_iter().filter_map(|item| look(&mut store, item)).collect();
        outcomes.push(Outcome { result, fuel, state });
    }
    outcomes
}

fn in_slices(
    store: &mut Store<StoreLimits>,
    execution: &mut Execution,
    setting: &Setting,
    random: &mut Random,
) -> (Result<Vec<Val>>, u64) {
    store.set_fuel(0).unwrap();
    let mut given = 0;
    for slice in 0_u64.. {
        let largest = [1, 12, 500][random.below(3) as usize] << (slice / RESUMES).min(30);
        let fuel = random.below(largest + 1);
        given += fuel;
        let left = store.get_fuel().unwrap();
        store.set_fuel(left + fuel).unwrap();
        if setting.epochs {
            // Sometimes the deadline is over before anything happens.
            let over = slice < RESUMES && random.once_in(3);
            store.set_epoch_deadline(if over { 0 } else { NEVER });
        }
        match execution.resume(&mut *store) {
            Ok(Progress::Returned(vals)) => return (Ok(vals), given),
            Ok(Progress::Suspended(Suspension::Host)) => unreachable!("no host function waits"),
            Ok(Progress::Suspended(_)) => {}
            Err(error) => return (Err(error), given),
        }
    }
    unreachable!("slices are as large as it takes in the end")
}

/// What `programs::HOST` imports. What it calls cannot be suspended, so it gets fuel of its own.
fn host(mut caller: Caller<'_, StoreLimits>, value: i32) -> Result<i32> {
    let memory = caller.get_export("memory").and_then(Extern::into_memory).unwrap();
    let mut number = [0; 4];
    memory.read(&caller, 0, &mut number)?;
    let mut sum = i32::from_le_bytes(number).wrapping_add(value);
    memory.write(&mut caller, 0, &sum.to_le_bytes())?;
    if sum % 5 == 0 && memory.size(&caller) < 20 {
        memory.grow(&mut caller, 1)?;
    }
    if sum % 3 == 0 {
        let again = caller.get_export("again").and_then(Extern::into_func).unwrap();
        let again = again.typed::<i32, i32>(&caller)?;
        let before = caller.get_fuel()?;
        caller.set_fuel(PLENTY)?;
        sum = match again.call(&mut caller, sum) {
            // Its deadline is over too, and it does nothing then, so it is done without it.
            Err(error) if error.downcast_ref() == Some(&Trap::Interrupt) => {
                memory.write(&mut caller, 4, &sum.to_le_bytes())?;
                sum + 1
            }
            result => result?,
        };
        caller.set_fuel(before)?;
    }
    Ok(sum)
}

fn show(val: &Val) -> String {
    match val {
        Val::FuncRef(func) => format!("func {}", func.is_some()),
        Val::ExternRef(object) => format!("extern {}", object.is_some()),
        Val::AnyRef(object) => format!("any {}", object.is_some()),
        Val::ExnRef(object) => format!("exn {}", object.is_some()),
        number => format!("{number:?}"),
    }
}

/// What can be seen of an exported item.
fn look(store: &mut Store<StoreLimits>, item: Extern) -> Option<String> {
    Some(match item {
        Extern::Global(global) => show(&global.get(&mut *store)),
        Extern::Memory(memory) => {
            let data = memory.data(&*store);
            let hash = data.iter().fold(0_u64, |hash, &byte| {
                (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3).rotate_left(9)
            });
            format!("memory {} {hash:x}", data.len())
        }
        Extern::Table(table) => {
            let size = table.size(&*store);
            let elements = (0..size).map(|at| show(&table.get(&mut *store, at).unwrap().into()));
            elements.collect::<Vec<_>>().join(",")
        }
        _ => return None,
    })
}

/// Runs a case in one go and in slices.
fn compare(module: &Module, setting: &Setting, calls: &Calls, random: &mut Random) -> u64 {
    let whole = run(setting, module, calls, None);
    let sliced = run(setting, module, calls, Some(random));
    assert_eq!(whole, sliced);
    whole.iter().map(|outcome| outcome.fuel).sum()
}

#[test]
fn programs_do_the_same_in_slices() {
    let mut random = Random::new(number("RWASM_SEED", 1));
    for case in 0..number("RWASM_CASES", 200) {
        let (name, text) = PROGRAMS[case as usize % PROGRAMS.len()];
        let setting = Setting::new(&mut random);
        let module = Module::new(&setting.engine, text).unwrap();
        let calls: Calls =
            (0..2).map(|_| ("run".into(), vec![Val::I32(random.below(150) as i32)])).collect();
        let fuel = compare(&module, &setting, &calls, &mut random);
        assert!(fuel > 10, "{name} does something");
    }
}

#[test]
fn random_modules_do_the_same_in_slices() {
    let mut random = Random::new(number("RWASM_SEED", 1));
    let (mut executed, mut cases) = (0, 0);
    let wanted = number("RWASM_CASES", 300);
    while cases < wanted {
        let config = config(&mut random);
        let Some(bytes) = module(config, &mut random) else { continue };
        let setting = Setting::new(&mut random);
        let module = Module::new(&setting.engine, &bytes).unwrap();
        let calls = module.exports().filter_map(|export| {
            Some((export.name().to_owned(), args(&export.ty(), &mut random)?))
        });
        let calls: Calls = calls.collect();
        executed += compare(&module, &setting, &calls, &mut random);
        cases += 1;
    }
    assert!(executed > wanted * 100, "modules are meant to execute something: {executed}");
}
