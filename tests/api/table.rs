//! Tables.

use rwasm::{Engine, ExternRef, Func, Ref, RefType, Store, Table, TableType, Trap};

#[test]
fn elements_are_set_and_got() {
    let mut store = Store::new(&Engine::default(), ());
    let func = Func::wrap(&mut store, || 4);
    let ty = TableType::new(RefType::FUNCREF, 2, None);
    let table = Table::new(&mut store, ty, Ref::Func(None)).unwrap();
    table.set(&mut store, 1, func.into()).unwrap();
    assert!(table.get(&mut store, 0).unwrap().is_null());
    let got = *table.get(&mut store, 1).unwrap().unwrap_func();
    assert_eq!(got.typed::<(), i32>(&store).unwrap().call(&mut store, ()).unwrap(), 4);
    assert!(table.get(&mut store, 2).is_none());
    assert!(table.get(&mut store, u64::MAX).is_none());
    assert!(table.set(&mut store, 2, func.into()).is_err());
    assert!(table.set(&mut store, 0, Ref::Extern(None)).is_err());
}

#[test]
fn elements_are_filled_and_copied() {
    let mut store = Store::new(&Engine::default(), ());
    let ty = TableType::new(RefType::EXTERNREF, 5, None);
    let a = Table::new(&mut store, ty.clone(), Ref::Extern(None)).unwrap();
    let one = ExternRef::new(&mut store, 1_i32).unwrap();
    let two = ExternRef::new(&mut store, 2_i32).unwrap();
    let b = Table::new(&mut store, ty, one.into()).unwrap();
    a.fill(&mut store, 1, two.into(), 2).unwrap();
    Table::copy(&mut store, &b, 0, &a, 2, 3).unwrap();
    Table::copy(&mut store, &a, 2, &a, 0, 3).unwrap();
    let mut values = |table: Table| -> Vec<i32> {
        (0..5)
            .map(|i| match table.get(&mut store, i).unwrap() {
                Ref::Extern(Some(object)) => {
                    *object.data(&store).unwrap().unwrap().downcast_ref().unwrap()
                }
                _ => 0,
            })
            .collect()
    };
    assert_eq!(values(b), [2, 0, 0, 1, 1]);
    assert_eq!(values(a), [0, 2, 0, 2, 2]);
    let error = Table::copy(&mut store, &b, 3, &a, 0, 3).unwrap_err();
    assert_eq!(error.downcast_ref(), Some(&Trap::TableOutOfBounds));
    assert!(a.fill(&mut store, u64::MAX, Ref::Extern(None), 2).is_err());
}

#[test]
fn a_table_of_typed_functions_takes_only_those() {
    let (mut store, instance) = crate::instance(
        r#"(module
            (type $f (func (result i32)))
            (func $one (export "one") (type $f) i32.const 1)
            (func (export "other") (param i32))
            (table (export "table") 2 (ref null $f)))"#,
    );
    let table = instance.get_table(&mut store, "table").unwrap();
    let one = instance.get_func(&mut store, "one").unwrap();
    let other = instance.get_func(&mut store, "other").unwrap();
    table.set(&mut store, 0, one.into()).unwrap();
    assert!(table.set(&mut store, 1, other.into()).is_err());
    let host = Func::wrap(&mut store, || 3);
    table.set(&mut store, 1, host.into()).unwrap();
    assert_eq!(table.size(&store), 2);
}
