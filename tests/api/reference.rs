//! References.

use crate::instance;
use rwasm::{Engine, ExternRef, Func, Rooted, Store, Val};

#[test]
fn an_object_of_the_host_passes_through_a_guest() {
    let (mut store, instance) = instance(
        r#"(module (func (export "id") (param externref) (result externref) local.get 0)
            (func (export "is_null") (param externref) (result i32) (ref.is_null (local.get 0))))"#,
    );
    type Object = Option<Rooted<ExternRef>>;
    let id = instance.get_typed_func::<Object, Object>(&mut store, "id").unwrap();
    let is_null = instance.get_typed_func::<Object, i32>(&mut store, "is_null").unwrap();
    let object = ExternRef::new(&mut store, vec![1_u8]).unwrap();
    let same = id.call(&mut store, Some(object)).unwrap().unwrap();
    assert!(Rooted::ref_eq(&store, &object, &same).unwrap());
    same.data_mut(&mut store).unwrap().unwrap().downcast_mut::<Vec<u8>>().unwrap().push(2);
    let vec = object.data(&store).unwrap().unwrap().downcast_ref::<Vec<u8>>();
    assert_eq!(vec, Some(&vec![1, 2]));
    assert!(id.call(&mut store, None).unwrap().is_none());
    assert_eq!(is_null.call(&mut store, None).unwrap(), 1);
    assert_eq!(is_null.call(&mut store, Some(object)).unwrap(), 0);
}

#[test]
fn an_object_of_another_store_is_an_error() {
    let engine = Engine::default();
    let mut store = Store::new(&engine, ());
    let mut other = Store::new(&engine, ());
    let object = ExternRef::new(&mut other, 1).unwrap();
    assert!(object.data(&store).is_err());
    let take = Func::wrap(&mut store, |_: Option<Rooted<ExternRef>>| {});
    assert!(take.call(&mut store, &[object.into()], &mut []).is_err());
}

#[test]
fn a_typed_reference_is_checked_in_each_call() {
    let (mut store, instance) = instance(
        r#"(module
            (type $f (func (result i32)))
            (func $one (export "one") (type $f) i32.const 1)
            (func (export "other"))
            (func (export "call") (param (ref null $f)) (result i32)
                (call_ref $f (local.get 0)))
            (func (export "call_some") (param (ref $f)) (result i32)
                (call_ref $f (local.get 0))))"#,
    );
    let one = instance.get_func(&mut store, "one").unwrap();
    let other = instance.get_func(&mut store, "other").unwrap();
    let call = instance.get_typed_func::<Option<Func>, i32>(&mut store, "call").unwrap();
    assert_eq!(call.call(&mut store, Some(one)).unwrap(), 1);
    assert!(call.call(&mut store, Some(other)).is_err());
    assert!(call.call(&mut store, None).is_err());
    assert!(instance.get_typed_func::<Option<Func>, i32>(&mut store, "call_some").is_err());
    let call = instance.get_typed_func::<Func, i32>(&mut store, "call_some").unwrap();
    assert_eq!(call.call(&mut store, one).unwrap(), 1);
    assert!(call.call(&mut store, other).is_err());
    let call = instance.get_func(&mut store, "call").unwrap();
    let mut results = [Val::I32(0)];
    assert!(call.call(&mut store, &[other.into()], &mut results).is_err());
    call.call(&mut store, &[one.into()], &mut results).unwrap();
    assert_eq!(results[0].unwrap_i32(), 1);
}
