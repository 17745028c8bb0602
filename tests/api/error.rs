//! Errors of host functions, and how they reach the embedder.

use crate::{link, linker};
use rwasm::{Context, Error, Func, Trap, WasmBacktrace};
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};

#[derive(Debug, PartialEq)]
struct MyError(u32);

impl fmt::Display for MyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "mine: {}", self.0)
    }
}

impl std::error::Error for MyError {}

const CALLS_FAIL: &str = r#"(module $guest
    (import "host" "fail" (func $fail))
    (func $inner (call $fail))
    (func (export "run") (call $inner)))"#;

#[test]
fn the_error_of_a_host_function_comes_back_unchanged_with_a_backtrace() {
    let (mut linker, mut store) = linker(());
    linker.func_wrap("host", "fail", || -> rwasm::Result<()> { Err(MyError(7).into()) }).unwrap();
    let instance = link(&linker, &mut store, CALLS_FAIL);
    let run = instance.get_typed_func::<(), ()>(&mut store, "run").unwrap();
    let error = run.call(&mut store, ()).unwrap_err();
    assert_eq!(error.downcast_ref::<MyError>(), Some(&MyError(7)));
    assert_eq!(error.to_string(), "mine: 7");
    let names: Vec<_> = error.backtrace().unwrap().frames().iter().map(|f| f.func_name()).collect();
    assert_eq!(names, [Some("inner"), None]);
    assert_eq!(error.downcast_ref::<WasmBacktrace>().unwrap().frames().len(), 2);
    assert_eq!(error.downcast::<MyError>().unwrap(), MyError(7));
}

#[test]
fn a_trap_of_a_host_function_is_a_trap() {
    let (mut linker, mut store) = linker(());
    linker
        .func_wrap("host", "fail", || -> rwasm::Result<()> {
            Err(Trap::UnreachableCodeReached.into())
        })
        .unwrap();
    let instance = link(&linker, &mut store, CALLS_FAIL);
    let run = instance.get_typed_func::<(), ()>(&mut store, "run").unwrap();
    let error = run.call(&mut store, ()).unwrap_err();
    assert_eq!(error.downcast_ref(), Some(&Trap::UnreachableCodeReached));
}

#[test]
fn a_panic_of_a_host_function_goes_through_the_guest() {
    let (mut linker, mut store) = linker(());
    linker.func_wrap("host", "fail", || -> () { panic!("of the host") }).unwrap();
    let instance = link(&linker, &mut store, CALLS_FAIL);
    let run = instance.get_typed_func::<(), ()>(&mut store, "run").unwrap();
    let panic = catch_unwind(AssertUnwindSafe(|| run.call(&mut store, ()))).unwrap_err();
    assert_eq!(panic.downcast_ref::<&str>(), Some(&"of the host"));
    // The store can be used again.
    let one = Func::wrap(&mut store, || 1);
    assert_eq!(one.typed::<(), i32>(&store).unwrap().call(&mut store, ()).unwrap(), 1);
    let again = catch_unwind(AssertUnwindSafe(|| run.call(&mut store, ())));
    assert!(again.is_err());
}

#[test]
fn context_is_added_and_the_cause_stays() {
    let result: Result<(), MyError> = Err(MyError(1));
    let error = result.context("loading").unwrap_err();
    assert_eq!(error.to_string(), "loading");
    assert_eq!(format!("{error:#}"), "loading: mine: 1");
    assert_eq!(format!("{error:?}"), "loading\n\nCaused by:\n    mine: 1");
    assert!(error.is::<MyError>());
    assert_eq!(None::<()>.context("nothing").unwrap_err().to_string(), "nothing");
}

#[test]
fn an_error_becomes_a_standard_error() {
    let error: Box<dyn std::error::Error + Send + Sync> = Error::msg("text").into();
    assert_eq!(error.to_string(), "text");
}
