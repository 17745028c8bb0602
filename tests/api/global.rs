//! Globals.

use crate::instance;
use rwasm::{Engine, ExternRef, Global, GlobalType, Mutability, Store, Val, ValType};

#[test]
fn a_variable_is_read_and_written_by_host_and_guest() {
    let (mut store, instance) = instance(
        r#"(module (global $g (export "g") (mut i64) (i64.const 1))
            (func (export "double") (global.set $g (i64.mul (global.get $g) (i64.const 2)))))"#,
    );
    let global = instance.get_global(&mut store, "g").unwrap();
    global.set(&mut store, Val::I64(21)).unwrap();
    instance.get_typed_func::<(), ()>(&mut store, "double").unwrap().call(&mut store, ()).unwrap();
    assert_eq!(global.get(&mut store).unwrap_i64(), 42);
    assert!(global.set(&mut store, Val::I32(1)).is_err());
}

#[test]
fn a_constant_cannot_be_set() {
    let mut store = Store::new(&Engine::default(), ());
    let ty = GlobalType::new(ValType::F32, Mutability::Const);
    let global = Global::new(&mut store, ty.clone(), Val::from(1.5_f32)).unwrap();
    assert!(global.set(&mut store, Val::from(2.5_f32)).is_err());
    assert_eq!(global.get(&mut store).unwrap_f32(), 1.5);
    assert!(Global::new(&mut store, ty, Val::I32(1)).is_err());
    assert_eq!(global.ty(&store).mutability(), Mutability::Const);
}

#[test]
fn a_reference_is_kept() {
    let mut store = Store::new(&Engine::default(), ());
    let ty = GlobalType::new(ValType::EXTERNREF, Mutability::Var);
    let global = Global::new(&mut store, ty, Val::null_extern_ref()).unwrap();
    assert!(global.get(&mut store).unwrap_extern_ref().is_none());
    let object = ExternRef::new(&mut store, String::from("kept")).unwrap();
    global.set(&mut store, object.into()).unwrap();
    let got = *global.get(&mut store).unwrap_extern_ref().unwrap();
    assert_eq!(got.data(&store).unwrap().unwrap().downcast_ref(), Some(&String::from("kept")));
}
