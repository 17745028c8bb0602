//! Calls from the host.

use crate::instance;
use rwasm::{Engine, Func, FuncType, Instance, Store, V128, Val, ValType};

#[test]
fn a_typed_function_takes_and_gives_every_number() {
    let (mut store, instance) = instance(
        r#"(module (func (export "f") (param i32 i64 f32 f64 v128) (result v128 f64 f32 i64 i32)
            local.get 4 local.get 3 local.get 2 local.get 1 local.get 0))"#,
    );
    let f = instance
        .get_typed_func::<(i32, i64, f32, f64, V128), (V128, f64, f32, i64, i32)>(&mut store, "f")
        .unwrap();
    let vector = V128::from(0x0123_4567_89ab_cdef_0011_2233_4455_6677_u128);
    let results = f.call(&mut store, (-1, i64::MIN, 1.5, -0.0, vector)).unwrap();
    assert_eq!(results, (vector, -0.0, 1.5, i64::MIN, -1));
}

#[test]
fn unsigned_types_stand_for_integers_too() {
    let (mut store, instance) = instance(
        r#"(module (func (export "f") (param i32 i64) (result i64 i32) local.get 1 local.get 0))"#,
    );
    let f = instance.get_typed_func::<(u32, u64), (u64, u32)>(&mut store, "f").unwrap();
    assert_eq!(f.call(&mut store, (u32::MAX, u64::MAX)).unwrap(), (u64::MAX, u32::MAX));
}

#[test]
fn a_typed_function_of_another_type_is_refused() {
    let (mut store, instance) = instance(r#"(module (func (export "f") (param i32)))"#);
    let error = instance.get_typed_func::<i64, ()>(&mut store, "f").unwrap_err();
    assert!(format!("{error:#}").contains("[i64] -> []"), "{error:#}");
    assert!(instance.get_typed_func::<(), ()>(&mut store, "f").is_err());
    assert!(instance.get_typed_func::<i32, i32>(&mut store, "f").is_err());
    assert!(instance.get_typed_func::<i32, ()>(&mut store, "g").is_err());
}

#[test]
fn a_dynamic_call_gives_values() {
    let (mut store, instance) = instance(
        r#"(module (func (export "swap") (param i32 v128) (result v128 i32)
            local.get 1 local.get 0))"#,
    );
    let swap = instance.get_func(&mut store, "swap").unwrap();
    let mut results = [Val::I32(0), Val::I32(0)];
    swap.call(&mut store, &[Val::I32(7), Val::from(9_u128)], &mut results).unwrap();
    assert_eq!(results[0].unwrap_v128().as_u128(), 9);
    assert_eq!(results[1].unwrap_i32(), 7);
}

#[test]
fn wrong_arguments_are_errors() {
    let (mut store, instance) =
        instance(r#"(module (func (export "f") (param i32) (result i32) local.get 0))"#);
    let f = instance.get_func(&mut store, "f").unwrap();
    let mut call = |params: &[Val], results: usize| {
        let mut results = vec![Val::I32(0); results];
        f.call(&mut store, params, &mut results).map_err(|error| error.to_string())
    };
    assert_eq!(call(&[], 1), Err("expected 1 arguments, got 0".into()));
    assert_eq!(call(&[Val::I32(1)], 0), Err("expected 1 results, got 0".into()));
    assert_eq!(call(&[Val::I64(1)], 1), Err("type mismatch: expected i32, found i64".into()));
    assert_eq!(call(&[Val::I32(1)], 1), Ok(()));
}

#[test]
fn the_type_of_a_function_can_be_asked_for() {
    let (mut store, instance) =
        instance(r#"(module (func (export "f") (param i32 f64) (result funcref) ref.null func))"#);
    let ty = instance.get_func(&mut store, "f").unwrap().ty(&store);
    let expected = FuncType::new(store.engine(), [ValType::I32, ValType::F64], [ValType::FUNCREF]);
    assert!(FuncType::eq(&ty, &expected));
    assert_eq!(ty.to_string(), "[i32 f64] -> [funcref]");
}

#[test]
fn a_host_function_can_be_called_without_a_guest() {
    let mut store = Store::new(&Engine::default(), 5);
    let add = Func::wrap(&mut store, |caller: rwasm::Caller<'_, i32>, a: i32| a + caller.data());
    assert_eq!(add.typed::<i32, i32>(&store).unwrap().call(&mut store, 2).unwrap(), 7);
    let mut results = [Val::I32(0)];
    add.call(&mut store, &[Val::I32(3)], &mut results).unwrap();
    assert_eq!(results[0].unwrap_i32(), 8);
}

#[test]
#[should_panic(expected = "object used with the wrong store")]
fn a_function_of_another_store_panics() {
    let engine = Engine::default();
    let mut mine = Store::new(&engine, ());
    let mut other = Store::new(&engine, ());
    let func = Func::wrap(&mut other, || {});
    let _ = func.call(&mut mine, &[], &mut []);
}

#[test]
#[should_panic(expected = "object used with the wrong store")]
fn an_instance_of_another_store_panics() {
    let (_, instance) = instance("(module)");
    let mut other = Store::new(&Engine::default(), ());
    let _ = instance.get_export(&mut other, "f");
}

#[test]
fn a_function_of_another_store_is_no_argument() {
    let engine = Engine::default();
    let mut mine = Store::new(&engine, ());
    let mut other = Store::new(&engine, ());
    let take = Func::wrap(&mut mine, |_: Option<Func>| {});
    let foreign = Func::wrap(&mut other, || {});
    assert!(take.call(&mut mine, &[foreign.into()], &mut []).is_err());
    let take = take.typed::<Option<Func>, ()>(&mine).unwrap();
    assert!(take.call(&mut mine, Some(foreign)).is_err());
    assert!(take.call(&mut mine, None).is_ok());
}

#[test]
fn many_parameters_and_results_pass() {
    let list = |ty: &str, n: usize| vec![ty; n].join(" ");
    let gets: String = (0..16).rev().map(|i| format!("local.get {i} ")).collect();
    let wat = format!(
        r#"(module (func (export "f") (param {}) (result {}) {gets}))"#,
        list("i64", 16),
        list("i64", 16)
    );
    let (mut store, instance) = instance(&wat);
    type Sixteen = (i64, i64, i64, i64, i64, i64, i64, i64, i64, i64, i64, i64, i64, i64, i64, i64);
    let f = instance.get_typed_func::<Sixteen, Sixteen>(&mut store, "f").unwrap();
    let results = f.call(&mut store, (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16));
    let (a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p) = results.unwrap();
    let results = [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p];
    assert_eq!(results, [16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1]);
}

#[test]
fn a_handle_outlives_the_borrow_it_came_from() {
    let (mut store, instance) =
        instance(r#"(module (func (export "one") (result i32) i32.const 1))"#);
    let one = instance.get_typed_func::<(), i32>(&mut store, "one").unwrap();
    let copy: (Instance, _) = (instance, one);
    assert_eq!(copy.1.call(&mut store, ()).unwrap(), 1);
}
