//! Custom descriptors and exact types.

use rwasm::{
    AnyRef, Config, Engine, ExternRef, Finality, Func, FuncType, HeapType, Instance, LinkError,
    Linker, Module, RefType, Rooted, Store, StructRef, StructRefPre, StructType, Trap, Val,
    ValType,
};

/// A store in which every allocation collects first, and an instance.
fn zealous(wat: &str) -> (Store<()>, Instance) {
    let engine = Engine::new(Config::new().gc_zeal(true).wasm_custom_descriptors(true)).unwrap();
    let module = Module::new(&engine, wat).unwrap();
    let mut store = Store::new(&engine, ());
    let instance = Instance::new(&mut store, &module, &[]).unwrap();
    (store, instance)
}

#[test]
fn the_feature_is_off_unless_asked_for() {
    let error = Module::new(
        &Engine::default(),
        "(module (type $s (struct)) (table 0 (ref null (exact $s))))",
    );
    assert!(error.unwrap_err().to_string().contains("needs the feature `custom-descriptors`"));
}

/// `$a` has no descriptor, `$b` and `$c` below it have one, and fields of many sizes.
const CHAIN: &str = r#"(module
    (type $a (sub (struct (field $x i8) (field $y (mut anyref)))))
    (rec
        (type $b (sub $a (descriptor $b.desc)
            (struct (field i8) (field (mut anyref)) (field $v v128))))
        (type $b.desc (sub (describes $b) (struct (field $name i32)))))
    (rec
        (type $c (sub $b (descriptor $c.desc)
            (struct (field i8) (field (mut anyref)) (field v128) (field $z i16) (field $w i64))))
        (type $c.desc (sub $b.desc (describes $c) (struct (field i32) (field $more i64)))))
    (global $c (mut (ref null $c)) (ref.null $c))
    (func (export "new") (result (ref $c))
        (struct.new_desc $c
            (i32.const 0x11) (ref.i31 (i32.const 5)) (v128.const i64x2 6 7) (i32.const 8) (i64.const 9)
            (struct.new $c.desc (i32.const 1) (i64.const 2))))
    (func (export "default") (result (ref $c))
        (struct.new_default_desc $c (struct.new $c.desc (i32.const 3) (i64.const 4))))
    (func (export "sum") (param $c (ref $c)) (result i64)
        (local $d (ref null $c.desc))
        ;; Collects a few times while nothing but the structure leads to the descriptor.
        (drop (struct.new_default $a))
        (drop (struct.new_default $c.desc))
        (local.set $d (ref.get_desc $c (local.get $c)))
        (i64.add (struct.get $c $w (local.get $c))
        (i64.add (struct.get $c.desc $more (local.get $d))
        (i64.add (i64x2.extract_lane 1 (struct.get $b $v (local.get $c)))
        (i64.extend_i32_u
            (i32.add (struct.get_s $a $x (local.get $c))
            (i32.add (struct.get_u $c $z (local.get $c))
            (struct.get $b.desc $name (ref.get_desc $b (local.get $c))))))))))
    (func (export "y") (param (ref $a)) (result anyref) (struct.get $a $y (local.get 0)))
    (func (export "set") (param (ref $a) anyref)
        (struct.set $a $y (local.get 0) (local.get 1))))"#;

#[test]
fn a_structure_keeps_its_descriptor_beside_its_fields() {
    let (mut store, instance) = zealous(CHAIN);
    let new = instance.get_typed_func::<(), Rooted<StructRef>>(&mut store, "new").unwrap();
    let default = instance.get_typed_func::<(), Rooted<StructRef>>(&mut store, "default").unwrap();
    let sum = instance.get_typed_func::<Rooted<StructRef>, i64>(&mut store, "sum").unwrap();
    let y = instance.get_typed_func::<Rooted<StructRef>, Option<Rooted<AnyRef>>>(&mut store, "y");
    let y = y.unwrap();
    let object = new.call(&mut store, ()).unwrap();
    let other = default.call(&mut store, ()).unwrap();
    assert_eq!(sum.call(&mut store, object).unwrap(), 9 + 2 + 7 + 0x11 + 8 + 1);
    assert_eq!(sum.call(&mut store, other).unwrap(), 4 + 3);
    let i31 = y.call(&mut store, object).unwrap().unwrap();
    assert_eq!(i31.unwrap_i31(&store).unwrap().get_u32(), 5);
    assert!(y.call(&mut store, other).unwrap().is_none());
    // Writing what a supertype declares leaves the descriptor alone.
    let set = instance.get_typed_func::<(Rooted<StructRef>, Rooted<AnyRef>), ()>(&mut store, "set");
    set.unwrap().call(&mut store, (other, object.to_anyref())).unwrap();
    assert_eq!(sum.call(&mut store, other).unwrap(), 4 + 3);
    let fields: Vec<Val> = object.fields(&mut store).unwrap().collect();
    assert_eq!((fields.len(), fields[4].unwrap_i64()), (5, 9));
}

#[test]
fn casts_compare_descriptors_of_whatever_they_are_given() {
    let (mut store, instance) = zealous(
        r#"(module
            (rec
                (type $s (descriptor $d) (struct))
                (type $d (describes $s) (struct)))
            (type $plain (struct))
            (global $d (ref (exact $d)) (struct.new $d))
            (func (export "s") (result anyref) (struct.new_desc $s (global.get $d)))
            (func (export "other") (result anyref) (struct.new_desc $s (struct.new $d)))
            (func (export "plain") (result anyref) (struct.new $plain))
            (func (export "cast") (param anyref) (result i32)
                (drop (ref.cast_desc_eq (ref $s) (local.get 0) (global.get $d)))
                (i32.const 1))
            (func (export "cast_null") (param anyref) (result i32)
                (drop (ref.cast_desc_eq (ref $s) (local.get 0) (ref.null none)))
                (i32.const 1)))"#,
    );
    let make = |store: &mut Store<()>, name| {
        let make = instance.get_typed_func::<(), Option<Rooted<AnyRef>>>(&mut *store, name);
        make.unwrap().call(store, ()).unwrap()
    };
    let host = ExternRef::new(&mut store, 5_u32).unwrap();
    let host = AnyRef::convert_extern(&mut store, host).unwrap();
    let others = [
        None,
        Some(host),
        make(&mut store, "other"),
        make(&mut store, "plain"),
        Some(AnyRef::from_i31(&mut store, rwasm::I31::wrapping_u32(8))),
    ];
    let cast = instance.get_typed_func::<Option<Rooted<AnyRef>>, i32>(&mut store, "cast").unwrap();
    for other in others {
        let error = cast.call(&mut store, other).unwrap_err();
        assert_eq!(error.downcast_ref(), Some(&Trap::DescriptorCastFailure), "{other:?}");
    }
    let object = make(&mut store, "s");
    assert_eq!(cast.call(&mut store, object).unwrap(), 1);
    let cast = instance.get_typed_func::<Option<Rooted<AnyRef>>, i32>(&mut store, "cast_null");
    let error = cast.unwrap().call(&mut store, object).unwrap_err();
    assert_eq!(error.downcast_ref(), Some(&Trap::NullDescriptorReference));
}

#[test]
fn hosts_make_no_structures_without_their_descriptors() {
    let (mut store, instance) = zealous(
        r#"(module
            (rec
                (type $s (sub (descriptor $d) (struct)))
                (type $d (sub (describes $s) (struct))))
            (func (export "d") (result (ref (exact $d))) (struct.new $d))
            (func (export "s") (param (ref (exact $d))) (result (ref $s))
                (struct.new_desc $s (local.get 0))))"#,
    );
    let engine = store.engine().clone();
    let struct_type = |store: &mut Store<()>, name| {
        let func = instance.get_func(&mut *store, name).unwrap();
        match func.ty(&*store).result(0).unwrap().unwrap_ref().heap_type() {
            HeapType::ConcreteStruct(ty) | HeapType::ExactStruct(ty) => ty.clone(),
            other => panic!("{other:?}"),
        }
    };
    let (s, d) = (struct_type(&mut store, "s"), struct_type(&mut store, "d"));
    let pre = StructRefPre::new(&mut store, s.clone());
    assert!(StructRef::new(&mut store, &pre, &[]).is_err());
    for sup in [&s, &d] {
        let below =
            StructType::with_finality_and_supertype(&engine, Finality::Final, Some(sup), []);
        assert!(below.is_err());
    }
    // A descriptor that has none itself is a structure like any other.
    let pre = StructRefPre::new(&mut store, d);
    let descriptor = StructRef::new(&mut store, &pre, &[]).unwrap();
    let func = instance.get_func(&mut store, "s").unwrap();
    let mut results = [Val::AnyRef(None)];
    func.call(&mut store, &[descriptor.into()], &mut results).unwrap();
    let object = results[0];
    assert!(
        object
            .ty(&store)
            .unwrap()
            .matches(&ValType::Ref(RefType::new(false, HeapType::ConcreteStruct(s))))
    );
    assert!(func.call(&mut store, &[object], &mut results).is_err());
}

#[test]
fn exact_functions_are_of_the_very_type() {
    let engine = Engine::new(Config::new().wasm_custom_descriptors(true)).unwrap();
    let mut store = Store::new(&engine, ());
    let module = |wat| Module::new(&engine, wat).unwrap();
    let a = module(
        r#"(module
            (type $sup (sub (func))) (type $sub (sub $sup (func)))
            (func (export "sup") (type $sup)) (func (export "sub") (type $sub))
            (func (export "take") (param (ref (exact $sup)))))"#,
    );
    let a = Instance::new(&mut store, &a, &[]).unwrap();
    let [sup, sub] = ["sup", "sub"].map(|name| a.get_func(&mut store, name).unwrap());
    let take = a.get_func(&mut store, "take").unwrap();
    take.call(&mut store, &[sup.into()], &mut []).unwrap();
    assert!(take.call(&mut store, &[sub.into()], &mut []).is_err());
    let take = take.typed::<Func, ()>(&store).unwrap();
    take.call(&mut store, sup).unwrap();
    assert!(take.call(&mut store, sub).is_err());

    let b = module(
        r#"(module
            (type $sup (sub (func))) (type $sub (sub $sup (func)))
            (import "a" "f" (func (exact (type $sup)))))"#,
    );
    assert!(Instance::new(&mut store, &b, &[sup.into()]).is_ok());
    let error = Instance::new(&mut store, &b, &[sub.into()]).unwrap_err();
    let text = error.downcast_ref::<LinkError>().unwrap().to_string();
    assert!(text.contains("exact function [] -> []"), "{text}");
    // What a host gives its type by itself is a final type.
    let c = module(r#"(module (import "a" "f" (func (exact (param i32)))))"#);
    let mut linker = Linker::new(&engine);
    linker.func_wrap("a", "f", |_: i32| {}).unwrap();
    assert!(linker.instantiate(&mut store, &c).is_ok());
    assert!(linker.instantiate(&mut store, &b).is_err());

    let ty = FuncType::new(&engine, [ValType::I32], []);
    let exact = RefType::new(false, HeapType::ExactFunc(ty.clone()));
    let concrete = RefType::new(false, HeapType::ConcreteFunc(ty));
    assert!(exact.matches(&concrete) && !concrete.matches(&exact));
    assert!(exact.matches(&RefType::FUNCREF) && !RefType::FUNCREF.matches(&exact));
    let host = Func::wrap(&mut store, |_: i32| {});
    assert!(Val::from(host).matches_ty(&store, &exact.clone().into()).unwrap());
    assert!(ValType::eq(&Val::from(host).ty(&store).unwrap(), &concrete.into()));
    assert!(!Val::from(sup).matches_ty(&store, &exact.into()).unwrap());
}
