//! Tests of the registry of types.

use super::*;
use rwasm_parser::Module;

fn register(registry: &TypeRegistry, wat: &str) -> Box<[TypeId]> {
    let module = Module::decode(wat::parse_str(wat).unwrap(), &Default::default()).unwrap();
    registry.register(&module.types).unwrap()
}

#[test]
fn equivalent_definitions_are_one() {
    let registry = TypeRegistry::default();
    let a = register(&registry, "(module (type (func (param i32))) (type (func)))");
    let b = register(&registry, "(module (type (func)) (type (func (param i32))) (type (func)))");
    assert_eq!(&*b, [a[1], a[0], a[1]]);
    assert_ne!(a[0], a[1]);
}

#[test]
fn a_type_that_stands_alone_is_the_one_of_modules() {
    let registry = TypeRegistry::default();
    let alone = registry.register_signature(&[ValType::I32], &[ValType::FUNCREF]);
    let ids = register(&registry, "(module (type (func (param i32) (result funcref))))");
    assert_eq!(alone, ids[0]);
    assert_eq!(registry.register_signature(&[ValType::I32], &[ValType::FUNCREF]), alone);
    assert_ne!(registry.register_signature(&[], &[ValType::I32, ValType::FUNCREF]), alone);
    assert_eq!(registry.func(alone).results(), [ValType::FUNCREF]);
}

#[test]
fn recursive_groups_are_equivalent_as_a_whole() {
    let registry = TypeRegistry::default();
    let group = "(rec (type $a (func (param (ref $b)))) (type $b (func (result (ref $a)))))";
    let a = register(&registry, &alloc::format!("(module {group})"));
    let b = register(&registry, &alloc::format!("(module (type (func)) {group})"));
    assert_eq!(&*a, &b[1..]);
    let swapped = register(
        &registry,
        "(module (rec (type $b (func (result (ref $a)))) (type $a (func (param (ref $b))))))",
    );
    assert_ne!(a[0], swapped[1]);
    let longer = register(
        &registry,
        "(module (rec (type $a (func (param (ref $b)))) (type $b (func (result (ref $a))))
            (type (func))))",
    );
    assert_ne!(a[0], longer[0]);
}

#[test]
fn a_type_of_itself_is_not_one_of_another() {
    let registry = TypeRegistry::default();
    let ids = register(
        &registry,
        "(module (type $a (func (param (ref null $a)))) (type $b (func (param (ref null $a)))))",
    );
    assert_ne!(ids[0], ids[1]);
}

#[test]
fn finality_and_supertypes_belong_to_a_type() {
    let registry = TypeRegistry::default();
    let ids = register(
        &registry,
        "(module (type $f (func)) (type $o (sub (func))) (type $s (sub $o (func)))
            (type $t (sub final $s (func))))",
    );
    assert_ne!(ids[0], ids[1]);
    let [f, o, s, t] = *ids else { panic!("four types") };
    let subtypes = [(o, o), (s, o), (t, s), (t, o)];
    for a in [f, o, s, t] {
        for b in [f, o, s, t] {
            let expected = a == b || subtypes.contains(&(a, b));
            assert_eq!(registry.is_subtype(a, b), expected, "{a:?} {b:?}");
        }
    }
}

#[test]
fn heap_types_match_within_their_hierarchy() {
    use HeapType as H;
    let registry = TypeRegistry::default();
    let ids = register(&registry, "(module (type (func)) (type (struct)) (type (array i8)))");
    let [func, object, array] = [0, 1, 2].map(|i| H::Concrete(TypeIdx(ids[i].0)));
    let below = [
        (H::NoFunc, func),
        (func, H::Func),
        (H::NoFunc, H::Func),
        (H::NoExtern, H::Extern),
        (H::None, H::I31),
        (H::I31, H::Eq),
        (H::Eq, H::Any),
        (H::I31, H::Any),
        (H::None, object),
        (object, H::Struct),
        (object, H::Eq),
        (object, H::Any),
        (array, H::Array),
        (array, H::Any),
        (H::NoExn, H::Exn),
        (H::NoCont, H::Cont),
    ];
    for (a, b) in below {
        assert!(registry.heap_matches(a, b), "{a:?} {b:?}");
        assert!(!registry.heap_matches(b, a), "{b:?} {a:?}");
    }
    for (a, b) in [(H::None, H::Func), (H::NoFunc, H::Any), (object, H::Array), (func, object)] {
        assert!(!registry.heap_matches(a, b), "{a:?} {b:?}");
        assert!(!registry.heap_matches(b, a), "{b:?} {a:?}");
    }
    let funcref = RefType::new(false, H::Func);
    assert!(registry.ref_matches(funcref, RefType::FUNCREF));
    assert!(!registry.ref_matches(RefType::FUNCREF, funcref));
}
