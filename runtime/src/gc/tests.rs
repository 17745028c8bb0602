//! The collector and the API of references, without any code that runs.

use crate::engine::EngineConfig;
use crate::tier::{Code, RawFrame, Tier};
use crate::types::TypeId;
use crate::vm::{Exit, ExitState, VmStore};
use crate::*;
use alloc::string::ToString;
use alloc::sync::Arc;
use alloc::{vec, vec::Vec};
use core::ops::ControlFlow;
use core::sync::atomic::{AtomicUsize, Ordering};
use rwasm_parser as syntax;

/// A tier that executes nothing.
struct NoTier;

impl Tier for NoTier {
    fn prepare(
        &self,
        _: &Arc<syntax::Module<'static>>,
        _: &Arc<[TypeId]>,
        _: &EngineConfig,
    ) -> Result<Arc<dyn Code>> {
        Err(Error::msg("no code"))
    }

    #[allow(unsafe_code)]
    unsafe fn resume(&self, _: *mut VmStore, _: ExitState) -> Exit {
        Exit::trap(Trap::UnreachableCodeReached)
    }

    #[allow(unsafe_code)]
    unsafe fn frames(&self, _: ExitState, _: &mut dyn FnMut(RawFrame) -> ControlFlow<()>) {}
}

fn store(zeal: bool, max_gc_heap: usize) -> Store<StoreLimits> {
    let config = EngineConfig { gc_zeal: zeal, max_gc_heap, ..EngineConfig::default() };
    let engine = Engine::with_tier(config, Arc::new(NoTier));
    Store::new(&engine, StoreLimits::default())
}

fn field(mutability: Mutability, ty: impl Into<StorageType>) -> FieldType {
    FieldType::new(mutability, ty.into())
}

/// The type of list cells: a value, and the next cell.
fn cell(store: &mut Store<StoreLimits>) -> StructRefPre {
    let fields = [field(Mutability::Var, ValType::I64), field(Mutability::Var, ValType::ANYREF)];
    let ty = StructType::new(store.engine(), fields).unwrap();
    StructRefPre::new(store, ty)
}

fn live(store: &mut Store<StoreLimits>) -> usize {
    store.gc();
    store.as_context().inner.gc.heap.live()
}

#[test]
fn unreachable_objects_are_freed_and_their_room_is_used_again() {
    let mut store = store(false, 1 << 30);
    let pre = cell(&mut store);
    for _ in 0..200_000 {
        let mut scope = RootScope::new(&mut store);
        StructRef::new(&mut scope, &pre, &[Val::I64(1), Val::AnyRef(None)]).unwrap();
    }
    assert_eq!(live(&mut store), 0);
    assert!(store.as_context().inner.gc.heap.len() <= 2 << 20);
}

#[test]
fn a_long_list_is_kept_and_dropped() {
    const LEN: i64 = 1_000_000;
    let mut store = store(false, 1 << 30);
    let pre = cell(&mut store);
    let mut list: Option<OwnedRooted<StructRef>> = None;
    for i in 0..LEN {
        let mut scope = RootScope::new(&mut store);
        let next = list.map(|list| list.to_rooted(&mut scope).to_anyref());
        let head = StructRef::new(&mut scope, &pre, &[Val::I64(i), Val::AnyRef(next)]).unwrap();
        list = Some(head.to_owned_rooted(&mut scope).unwrap());
    }
    assert_eq!(live(&mut store), LEN as usize * 24);
    let (mut at, mut sum) = (list.as_ref().map(|list| list.to_rooted(&mut store)), 0);
    let mut scope = RootScope::new(&mut store);
    while let Some(cell) = at {
        sum += cell.field(&mut scope, 0).unwrap().unwrap_i64();
        let next = cell.field(&mut scope, 1).unwrap();
        at = next.unwrap_any_ref().map(|next| next.unwrap_struct(&scope).unwrap());
    }
    assert_eq!(sum, LEN * (LEN - 1) / 2);
    drop(scope);
    drop(list);
    // The first cell is rooted in the store's own scope.
    assert_eq!(live(&mut store), LEN as usize * 24);
    store.as_context_mut().inner.roots.exit(0);
    assert_eq!(live(&mut store), 0);
}

#[test]
fn cycles_are_freed() {
    let mut store = store(false, 1 << 30);
    let pre = cell(&mut store);
    let mut scope = RootScope::new(&mut store);
    let new = |scope: &mut RootScope<_>| {
        StructRef::new(scope, &pre, &[Val::I64(0), Val::AnyRef(None)]).unwrap()
    };
    let (a, b) = (new(&mut scope), new(&mut scope));
    a.set_field(&mut scope, 1, b.into()).unwrap();
    b.set_field(&mut scope, 1, a.into()).unwrap();
    scope.as_context_mut().gc();
    assert_eq!(scope.as_context().inner.gc.heap.live(), 48);
    drop(scope);
    assert_eq!(live(&mut store), 0);
}

#[test]
fn marking_needs_no_room_for_every_object() {
    // A wide tree: more objects wait than the stack takes.
    let mut store = store(false, 1 << 30);
    let ty = ArrayType::new(store.engine(), field(Mutability::Var, ValType::ANYREF));
    let (array, pre) = (ArrayRefPre::new(&mut store, ty), cell(&mut store));
    let mut scope = RootScope::new(&mut store);
    let root = ArrayRef::new(&mut scope, &array, &Val::AnyRef(None), 300_000).unwrap();
    for i in 0..300_000 {
        let mut scope = RootScope::new(&mut scope);
        let leaf = StructRef::new(&mut scope, &pre, &[Val::I64(1), Val::AnyRef(None)]).unwrap();
        let cell = StructRef::new(&mut scope, &pre, &[Val::I64(2), leaf.into()]).unwrap();
        root.set(&mut scope, i, cell.into()).unwrap();
    }
    scope.as_context_mut().gc();
    let blocks = (300_000 * 4 + 8_usize).next_multiple_of(16 << 10);
    assert_eq!(scope.as_context().inner.gc.heap.live(), 600_000 * 24 + blocks);
}

#[test]
fn exhaustion_is_a_trap_and_leaves_the_store_usable() {
    for zeal in [false, true] {
        let mut store = store(zeal, 256 << 10);
        let pre = cell(&mut store);
        let ty = ArrayType::new(store.engine(), field(Mutability::Var, ValType::I64));
        let array = ArrayRefPre::new(&mut store, ty);
        let mut scope = RootScope::new(&mut store);
        let mut count = 0;
        let error = loop {
            match StructRef::new(&mut scope, &pre, &[Val::I64(1), Val::AnyRef(None)]) {
                Ok(_) => count += 1,
                Err(error) => break error,
            }
        };
        assert_eq!(error.downcast_ref(), Some(&Trap::AllocationTooLarge));
        assert!(count > 10_000, "{count}");
        for len in [30_000, u32::MAX / 8, u32::MAX] {
            let error = ArrayRef::new(&mut scope, &array, &Val::I64(1), len).unwrap_err();
            assert_eq!(error.downcast_ref(), Some(&Trap::AllocationTooLarge));
        }
        drop(scope);
        let mut scope = RootScope::new(&mut store);
        ArrayRef::new(&mut scope, &array, &Val::I64(1), 20_000).unwrap();
    }
}

#[test]
fn the_limiter_is_asked() {
    let mut store = store(false, 1 << 30);
    *store.data_mut() = StoreLimitsBuilder::new().gc_heap_size(128 << 10).build();
    store.limiter(|limits| limits);
    let ty = ArrayType::new(store.engine(), field(Mutability::Var, StorageType::I8));
    let array = ArrayRefPre::new(&mut store, ty);
    assert!(ArrayRef::new(&mut store, &array, &Val::I32(1), 200 << 10).is_err());
    for _ in 0..100 {
        let mut scope = RootScope::new(&mut store);
        ArrayRef::new(&mut scope, &array, &Val::I32(1), 60 << 10).unwrap();
    }
    assert!(store.as_context().inner.gc.heap.len() <= 128 << 10);
    *store.data_mut() = StoreLimitsBuilder::new().memory_size(0).build();
    assert!(ArrayRef::new(&mut store, &array, &Val::I32(1), 200 << 10).is_err());
}

#[test]
fn sizes_of_every_class_hold_what_is_written() {
    let mut store = store(false, 1 << 30);
    let ty = ArrayType::new(store.engine(), field(Mutability::Var, StorageType::I8));
    let pre = ArrayRefPre::new(&mut store, ty);
    let mut arrays = Vec::new();
    for (i, len) in (0..9000).step_by(7).enumerate() {
        let array = ArrayRef::new(&mut store, &pre, &Val::I32(i as i32), len).unwrap();
        arrays.push((i, len, array));
        if i % 100 == 0 {
            store.gc();
        }
    }
    for (i, len, array) in arrays {
        assert_eq!(array.len(&store).unwrap(), len);
        let mut scope = RootScope::new(&mut store);
        let elems = array.elems(&mut scope).unwrap();
        assert!(elems.into_iter().all(|elem| elem.unwrap_i32() == (i as i32 & 0xff)));
    }
}

#[test]
fn fields_of_every_storage_keep_their_values() {
    let mut store = store(true, 1 << 30);
    let engine = store.engine().clone();
    let vals = [
        StorageType::I8,
        ValType::V128.into(),
        StorageType::I16,
        ValType::F32.into(),
        ValType::I64.into(),
        ValType::EXTERNREF.into(),
        ValType::FUNCREF.into(),
        ValType::F64.into(),
        ValType::I31REF.into(),
    ];
    let fields = vals.map(|ty| field(Mutability::Var, ty));
    let ty = StructType::new(&engine, fields).unwrap();
    let pre = StructRefPre::new(&mut store, ty.clone());
    let object = ExternRef::new(&mut store, 7_u8).unwrap();
    let func = Func::wrap(&mut store, || {});
    let i31 = AnyRef::from_i31(&mut store, I31::wrapping_i32(-5));
    let vals = [
        Val::I32(0x1ff),
        Val::V128(V128::from_bits(1 << 100 | 3)),
        Val::I32(-1),
        Val::F32(1),
        Val::I64(-2),
        object.into(),
        func.into(),
        Val::F64(9),
        i31.into(),
    ];
    let object = StructRef::new(&mut store, &pre, &vals).unwrap();
    assert!(object.matches_ty(&store, &ty).unwrap());
    let fields: Vec<Val> = object.fields(&mut store).unwrap().collect();
    assert_eq!(fields[0].unwrap_i32(), 0xff);
    assert_eq!(fields[1].unwrap_v128().to_bits(), 1 << 100 | 3);
    assert_eq!(fields[2].unwrap_i32(), 0xffff);
    assert_eq!(fields[3].unwrap_f32().to_bits(), 1);
    assert_eq!(fields[4].unwrap_i64(), -2);
    let data = fields[5].unwrap_extern_ref().unwrap().data(&store).unwrap().unwrap();
    assert_eq!(data.downcast_ref::<u8>(), Some(&7));
    assert!(fields[6].unwrap_func_ref().is_some());
    assert_eq!(fields[7].unwrap_f64().to_bits(), 9);
    let any = fields[8].unwrap_any_ref().unwrap();
    assert_eq!(any.unwrap_i31(&store).unwrap().get_i32(), -5);
    assert!(object.set_field(&mut store, 4, Val::I32(0)).is_err());
    assert!(object.set_field(&mut store, 9, Val::I32(0)).is_err());
}

#[test]
fn a_subtype_has_the_fields_of_its_supertype_at_the_same_places() {
    let store = store(false, 1 << 30);
    let engine = store.engine();
    let a = [field(Mutability::Const, StorageType::I8), field(Mutability::Const, ValType::ANYREF)];
    let sup = StructType::with_finality_and_supertype(engine, Finality::NonFinal, None, a.clone());
    let sup = sup.unwrap();
    let more = [a[0].clone(), field(Mutability::Const, ValType::I31REF), a[0].clone()];
    let sub = StructType::with_finality_and_supertype(engine, Finality::Final, Some(&sup), more);
    let sub = sub.unwrap();
    assert!(sub.matches(&sup) && !sup.matches(&sub));
    let mut layouts = super::Layouts::default();
    let types = engine.types();
    let (a, b) = (layouts.get(types, sup.type_id()).clone(), layouts.get(types, sub.type_id()));
    assert_eq!((a.field(0).offset, a.field(1).offset), (8, 12));
    assert_eq!((b.field(0).offset, b.field(1).offset, b.field(2).offset), (8, 12, 16));
    assert_eq!((a.struct_size(), b.struct_size()), ((16, 2), (24, 3)));
    assert!(layouts.is_subtype(types, sub.type_id(), sup.type_id()));
    assert!(!layouts.is_subtype(types, sup.type_id(), sub.type_id()));
    // A final type has no subtypes, and fields have to match.
    let none = || StructType::with_finality_and_supertype(engine, Finality::Final, Some(&sub), []);
    assert!(none().is_err());
    let none = || StructType::with_finality_and_supertype(engine, Finality::Final, Some(&sup), []);
    assert!(none().is_err());
}

#[test]
fn references_know_what_they_lead_to() {
    let mut store = store(false, 1 << 30);
    let pre = cell(&mut store);
    let object = StructRef::new(&mut store, &pre, &[Val::I64(1), Val::AnyRef(None)]).unwrap();
    let any = object.to_anyref();
    assert!(any.is_struct(&store).unwrap() && any.is_eqref(&store).unwrap());
    assert!(!any.is_array(&store).unwrap() && !any.is_i31(&store).unwrap());
    assert!(any.matches_ty(&store, &HeapType::Struct).unwrap());
    assert!(!any.matches_ty(&store, &HeapType::Array).unwrap());
    let i31 = AnyRef::from_i31(&mut store, I31::new_u32(3).unwrap());
    assert!(i31.matches_ty(&store, &HeapType::I31).unwrap() && !i31.is_struct(&store).unwrap());
    assert_eq!(I31::new_i32(1 << 30), None);
    assert_eq!(I31::new_i32(-1 << 30).unwrap().get_i32(), -1 << 30);
    let host = ExternRef::new(&mut store, ()).unwrap();
    let inner = AnyRef::convert_extern(&mut store, host).unwrap();
    assert!(!inner.is_eqref(&store).unwrap());
    assert!(inner.matches_ty(&store, &HeapType::Any).unwrap());
    let outer = ExternRef::convert_any(&mut store, inner).unwrap();
    assert!(Rooted::ref_eq(&store, &host, &outer).unwrap());
    let outer = ExternRef::convert_any(&mut store, any).unwrap();
    assert!(outer.data(&store).unwrap().is_none());
}

/// Counts how often it is dropped.
struct Counted(Arc<AtomicUsize>);

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

#[test]
fn objects_of_the_host_are_dropped_when_nobody_can_reach_them() {
    let mut store = store(false, 1 << 30);
    let dropped = Arc::new(AtomicUsize::new(0));
    let ty = GlobalType::new(ValType::EXTERNREF, Mutability::Var);
    let global = Global::new(&mut store, ty, Val::ExternRef(None)).unwrap();
    let owned = {
        let mut scope = RootScope::new(&mut store);
        let kept = ExternRef::new(&mut scope, Counted(dropped.clone())).unwrap();
        global.set(&mut scope, kept.into()).unwrap();
        let owned = ExternRef::new(&mut scope, Counted(dropped.clone())).unwrap();
        ExternRef::new(&mut scope, Counted(dropped.clone())).unwrap();
        owned.to_owned_rooted(&mut scope).unwrap()
    };
    store.gc();
    assert_eq!(dropped.load(Ordering::Relaxed), 1);
    drop(owned);
    store.gc();
    assert_eq!(dropped.load(Ordering::Relaxed), 2);
    global.set(&mut store, Val::ExternRef(None)).unwrap();
    for _ in 0..10_000 {
        let mut scope = RootScope::new(&mut store);
        ExternRef::new(&mut scope, Counted(dropped.clone())).unwrap();
    }
    assert!(dropped.load(Ordering::Relaxed) > 8_000);
}

#[test]
fn a_reference_cannot_be_used_after_its_scope() {
    let mut store = store(false, 1 << 30);
    let pre = cell(&mut store);
    let object = {
        let mut scope = RootScope::new(&mut store);
        StructRef::new(&mut scope, &pre, &[Val::I64(1), Val::AnyRef(None)]).unwrap()
    };
    assert!(object.field(&mut store, 0).is_err());
    let other = StructRef::new(&mut store, &pre, &[Val::I64(1), Val::AnyRef(None)]).unwrap();
    assert!(object.field(&mut store, 0).is_err());
    assert!(other.field(&mut store, 0).is_ok());
}

#[test]
fn tables_and_elements_are_roots() {
    let mut store = store(true, 1 << 30);
    let pre = cell(&mut store);
    let ty = TableType::new(RefType::ANYREF, 3, None);
    let table = Table::new(&mut store, ty, Ref::Any(None)).unwrap();
    {
        let mut scope = RootScope::new(&mut store);
        let cell = StructRef::new(&mut scope, &pre, &[Val::I64(1), Val::AnyRef(None)]).unwrap();
        table.set(&mut scope, 1, cell.into()).unwrap();
    }
    assert_eq!(live(&mut store), 24);
    table.set(&mut store, 1, Ref::Any(None)).unwrap();
    assert_eq!(live(&mut store), 0);
}

#[test]
fn exceptions_carry_values_and_keep_what_they_refer_to() {
    let mut store = store(true, 1 << 30);
    let pre = cell(&mut store);
    let params = [ValType::I32, ValType::V128, ValType::ANYREF];
    let ty = TagType::new(FuncType::new(store.engine(), params, []));
    let tag = Tag::new(&mut store, &ty).unwrap();
    let exn = {
        let mut scope = RootScope::new(&mut store);
        let cell = StructRef::new(&mut scope, &pre, &[Val::I64(6), Val::AnyRef(None)]).unwrap();
        let vals = [Val::I32(-1), Val::V128(V128::from_bits(1 << 127)), cell.into()];
        let exn = ExnRef::new(&mut scope, &tag, &vals).unwrap();
        assert!(ExnRef::new(&mut scope, &tag, &vals[..2]).is_err());
        let thrown: Result<(), ThrownException> = scope.as_context_mut().throw(exn);
        assert_eq!(Error::from(thrown.unwrap_err()).to_string(), "thrown Wasm exception");
        exn
    };
    assert!(exn.tag(&mut store).is_err());
    store.gc();
    let exn = store.take_pending_exception().unwrap();
    assert!(!store.has_pending_exception());
    assert!(Tag::eq(&exn.tag(&mut store).unwrap(), &tag, &store));
    let fields: Vec<Val> = exn.fields(&mut store).unwrap().collect();
    assert_eq!(fields[0].unwrap_i32(), -1);
    assert_eq!(fields[1].unwrap_v128().to_bits(), 1 << 127);
    let cell = fields[2].unwrap_any_ref().unwrap().unwrap_struct(&store).unwrap();
    assert_eq!(cell.field(&mut store, 0).unwrap().unwrap_i64(), 6);
}

#[test]
fn elements_are_filled_in_every_storage() {
    let mut store = store(false, 1 << 30);
    for (ty, val) in [
        (StorageType::I8, Val::I32(0x81)),
        (StorageType::I16, Val::I32(0x8182)),
        (ValType::I32.into(), Val::I32(-3)),
        (ValType::F64.into(), Val::F64(5)),
        (ValType::V128.into(), Val::V128(V128::from_bits(5 << 70 | 8))),
    ] {
        for len in [0, 1, 2, 3, 17] {
            let ty = ArrayType::new(store.engine(), field(Mutability::Const, ty.clone()));
            let pre = ArrayRefPre::new(&mut store, ty);
            let array = ArrayRef::new(&mut store, &pre, &val, len).unwrap();
            let fixed = ArrayRef::new_fixed(&mut store, &pre, &vec![val; len as usize]).unwrap();
            for array in [array, fixed] {
                let elems: Vec<Val> = array.elems(&mut store).unwrap().collect();
                assert_eq!(elems.len(), len as usize);
                let same = |a: &Val| alloc::format!("{a:?}") == alloc::format!("{val:?}");
                assert!(elems.iter().all(same), "{elems:?}");
                assert!(array.get(&mut store, len).is_err());
                assert!(array.set(&mut store, 0, val).is_err());
            }
        }
    }
}
