//! Limits on what a store may take.

use crate::instance;
use rwasm::{
    Config, Dispatch, Engine, Execution, Instance, Memory, MemoryType, Module, Progress, Ref,
    RefType, ResourceLimiter, Result, Store, StoreLimits, StoreLimitsBuilder, Table, TableType,
    Trap,
};

const GROWS: &str = r#"(module
    (memory (export "memory") 1)
    (table (export "table") 1 funcref)
    (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0)))
    (func (export "grow_table") (param i32) (result i32)
        (table.grow (ref.null func) (local.get 0))))"#;

fn limited(limits: StoreLimits) -> (Store<StoreLimits>, Result<Instance>) {
    let engine = Engine::default();
    let module = Module::new(&engine, GROWS).unwrap();
    let mut store = Store::new(&engine, limits);
    store.limiter(|limits| limits);
    let instance = Instance::new(&mut store, &module, &[]);
    (store, instance)
}

#[test]
fn growth_stops_at_the_limit() {
    let limits = StoreLimitsBuilder::new().memory_size(3 << 16).table_elements(4).build();
    let (mut store, instance) = limited(limits);
    let instance = instance.unwrap();
    let grow = instance.get_typed_func::<i32, i32>(&mut store, "grow").unwrap();
    assert_eq!(grow.call(&mut store, 2).unwrap(), 1);
    assert_eq!(grow.call(&mut store, 1).unwrap(), -1);
    assert_eq!(grow.call(&mut store, 0).unwrap(), 3);
    let grow = instance.get_typed_func::<i32, i32>(&mut store, "grow_table").unwrap();
    assert_eq!(grow.call(&mut store, 4).unwrap(), -1);
    assert_eq!(grow.call(&mut store, 3).unwrap(), 1);
    let memory = instance.get_memory(&mut store, "memory").unwrap();
    assert!(memory.grow(&mut store, 1).is_err());
    let table = instance.get_table(&mut store, "table").unwrap();
    assert!(table.grow(&mut store, 1, Ref::Func(None)).is_err());
}

#[test]
fn growth_past_a_limit_can_trap() {
    let limits = StoreLimitsBuilder::new().memory_size(1 << 16).trap_on_grow_failure(true).build();
    let (mut store, instance) = limited(limits);
    let grow = instance.unwrap().get_typed_func::<i32, i32>(&mut store, "grow").unwrap();
    let error = grow.call(&mut store, 1).unwrap_err();
    assert_eq!(error.downcast_ref(), Some(&Trap::AllocationTooLarge));
    assert_eq!(error.backtrace().unwrap().frames().len(), 1);
}

#[test]
fn the_size_at_the_beginning_counts() {
    let (_, instance) = limited(StoreLimitsBuilder::new().memory_size(65535).build());
    assert!(instance.unwrap_err().to_string().contains("exceeds memory limits"));
    let (_, instance) = limited(StoreLimitsBuilder::new().table_elements(0).build());
    assert!(instance.unwrap_err().to_string().contains("exceeds table limits"));
}

#[test]
fn the_number_of_objects_is_limited() {
    let (mut store, instance) = limited(StoreLimitsBuilder::new().instances(1).build());
    let module = instance.unwrap().module(&store).clone();
    assert!(Instance::new(&mut store, &module, &[]).is_err());
    let (mut store, _) = limited(StoreLimitsBuilder::new().memories(1).tables(1).build());
    assert!(Memory::new(&mut store, MemoryType::new(0, None)).is_err());
    let ty = TableType::new(RefType::FUNCREF, 0, None);
    assert!(Table::new(&mut store, ty, Ref::Func(None)).is_err());
}

/// Notes what it is asked.
#[derive(Default)]
struct Notes(Vec<(usize, usize, Option<usize>)>);

impl ResourceLimiter for Notes {
    fn memory_growing(&mut self, now: usize, then: usize, max: Option<usize>) -> Result<bool> {
        self.0.push((now, then, max));
        match then {
            0x50000 => Err(rwasm::format_err!("not five")),
            _ => Ok(true),
        }
    }

    fn table_growing(&mut self, _: usize, _: usize, _: Option<usize>) -> Result<bool> {
        Ok(true)
    }
}

#[test]
fn a_limiter_is_asked_and_its_error_ends_the_run() {
    let engine = Engine::default();
    let module = Module::new(
        &engine,
        r#"(module (memory 1 9)
            (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0))))"#,
    )
    .unwrap();
    let mut store = Store::new(&engine, Notes::default());
    store.limiter(|notes| notes);
    let instance = Instance::new(&mut store, &module, &[]).unwrap();
    let grow = instance.get_typed_func::<i32, i32>(&mut store, "grow").unwrap();
    assert_eq!(grow.call(&mut store, 1).unwrap(), 1);
    assert_eq!(grow.call(&mut store, 3).unwrap_err().to_string(), "not five");
    assert_eq!(grow.call(&mut store, 70_000).unwrap(), -1);
    assert_eq!(
        store.data().0,
        [
            (0, 0x10000, Some(0x90000)),
            (0x10000, 0x20000, Some(0x90000)),
            (0x20000, 0x50000, Some(0x90000)),
            (0x20000, 70_002 << 16, Some(0x90000)),
        ]
    );
}

#[test]
fn a_memory_has_at_most_65536_pages() {
    let (mut store, instance) = instance(GROWS);
    let grow = instance.get_typed_func::<i32, i32>(&mut store, "grow").unwrap();
    assert_eq!(grow.call(&mut store, 65536).unwrap(), -1);
    assert_eq!(grow.call(&mut store, -1).unwrap(), -1);
    let grow = instance.get_typed_func::<i32, i32>(&mut store, "grow_table").unwrap();
    assert_eq!(grow.call(&mut store, -1).unwrap(), -1);
    assert_eq!(grow.call(&mut store, 100_000_000).unwrap(), -1);
}

/// Allows everything, and makes failures errors.
struct Strict;

impl ResourceLimiter for Strict {
    fn memory_growing(&mut self, _: usize, _: usize, _: Option<usize>) -> Result<bool> {
        Ok(true)
    }

    fn table_growing(&mut self, _: usize, _: usize, _: Option<usize>) -> Result<bool> {
        Ok(true)
    }

    fn memory_grow_failed(&mut self, error: rwasm::Error) -> Result<()> {
        Err(error.context("no more memory"))
    }

    fn table_grow_failed(&mut self, error: rwasm::Error) -> Result<()> {
        Err(error.context("no more elements"))
    }
}

#[test]
fn a_limiter_is_told_of_growth_that_was_not_possible() {
    let engine = Engine::default();
    let module = Module::new(&engine, GROWS).unwrap();
    let mut store = Store::new(&engine, Strict);
    store.limiter(|strict| strict);
    let instance = Instance::new(&mut store, &module, &[]).unwrap();
    for (name, message) in [("grow", "no more memory"), ("grow_table", "no more elements")] {
        let grow = instance.get_typed_func::<i32, i32>(&mut store, name).unwrap();
        let error = grow.call(&mut store, -1).unwrap_err();
        assert_eq!(error.to_string(), message);
        assert_eq!(error.downcast_ref(), Some(&Trap::AllocationTooLarge));
    }
}

/// Answers until it is told to panic.
struct Panics(bool);

impl ResourceLimiter for Panics {
    fn memory_growing(&mut self, _: usize, _: usize, _: Option<usize>) -> Result<bool> {
        assert!(!self.0, "as it was told to");
        Ok(true)
    }

    fn table_growing(&mut self, _: usize, _: usize, _: Option<usize>) -> Result<bool> {
        Ok(true)
    }
}

/// Guests' frames are not unwound, in no way to execute: not in a run that was resumed either.
#[test]
#[cfg(unix)]
fn a_limiter_that_panics_ends_the_process() {
    use std::os::unix::process::ExitStatusExt;
    const DISPATCH: &str = "RWASM_TEST_DISPATCH";
    let own = "limits::a_limiter_that_panics_ends_the_process";
    let Ok(dispatch) = std::env::var(DISPATCH) else {
        for dispatch in ["auto", "loop"] {
            let mut test = std::process::Command::new(std::env::current_exe().unwrap());
            let output = test.args([own, "--exact"]).env(DISPATCH, dispatch).output().unwrap();
            assert_eq!(output.status.signal(), Some(6), "{output:?}");
        }
        return;
    };
    let dispatch = if dispatch == "loop" { Dispatch::Loop } else { Dispatch::Auto };
    let engine = Engine::new(Config::new().consume_fuel(true).dispatch(dispatch)).unwrap();
    let wat = "(module (memory 1) (func (export \"run\")
        (loop (drop (memory.grow (i32.const 1))) (br 0))))";
    let module = Module::new(&engine, wat).unwrap();
    let mut store = Store::new(&engine, Panics(false));
    store.limiter(|panics| panics);
    let instance = Instance::new(&mut store, &module, &[]).unwrap();
    let run = instance.get_func(&mut store, "run").unwrap();
    let mut execution = Execution::new(&mut store, &run, &[]).unwrap();
    store.set_fuel(10).unwrap();
    assert!(matches!(execution.resume(&mut store), Ok(Progress::Suspended(_))));
    store.data_mut().0 = true;
    store.set_fuel(10).unwrap();
    let resumed = std::panic::AssertUnwindSafe(|| execution.resume(&mut store));
    let _ = std::panic::catch_unwind(resumed);
}
