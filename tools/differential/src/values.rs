//! Values that hosts give to guests, and what can be seen of those that guests give to hosts.
//!
//! Compiled twice, as `guest.rs` is. Which values are made depends on types and random numbers
//! alone.

use super::api::{
    AnyRef, ArrayRef, ArrayRefPre, ArrayType, AsContextMut, ExternRef, FieldType, FuncType,
    HeapType, I31, Mutability, Ref, Result, Rooted, StorageType, StructRef, StructRefPre,
    StructType, V128, Val, ValType,
};
use super::guest::Host;
use super::host::function;
use super::new_exception;
use crate::random::Random;
use crate::trace::Value;

/// The number of host functions that are made as values.
const MADE: usize = 1000;
/// How many fields and elements are looked at.
const FIELDS: usize = 16;

/// Values of some types, or `None` if one has none.
///
/// # Errors
///
/// If something ran out.
pub fn make_all(
    store: &mut impl AsContextMut<Data = Host>,
    types: impl Iterator<Item = ValType>,
    random: &mut Random,
    depth: u32,
) -> Result<Option<Vec<Val>>> {
    let mut vals = Vec::new();
    for ty in types {
        match make(store, &ty, random, depth)? {
            Some(val) => vals.push(val),
            None => return Ok(None),
        }
    }
    Ok(Some(vals))
}

/// A value of a type, or `None` if it has none that could be made.
///
/// # Errors
///
/// If something ran out.
pub fn make(
    store: &mut impl AsContextMut<Data = Host>,
    ty: &ValType,
    random: &mut Random,
    depth: u32,
) -> Result<Option<Val>> {
    Ok(Some(match ty {
        ValType::I32 => Val::I32(random.bits() as i32),
        ValType::I64 => Val::I64(random.bits() as i64),
        ValType::F32 => Val::F32(match random.once_in(2) {
            true => (f64::from_bits(random.bits()) as f32).to_bits(),
            false => random.bits() as u32,
        }),
        ValType::F64 => Val::F64(random.bits()),
        ValType::V128 => {
            Val::V128(V128::from(u128::from(random.bits()) << 64 | u128::from(random.bits())))
        }
        ValType::Ref(ty) => {
            let heap = ty.heap_type();
            if ty.is_nullable() && random.once_in(3) {
                return Ok(Some(Ref::null(heap).into()));
            }
            let made = object(store, heap, random, depth)?;
            return Ok(made.or_else(|| ty.is_nullable().then(|| Ref::null(heap).into())));
        }
    }))
}

/// A reference that is not null.
fn object(
    store: &mut impl AsContextMut<Data = Host>,
    heap: &HeapType,
    random: &mut Random,
    depth: u32,
) -> Result<Option<Val>> {
    let engine = store.as_context().engine().clone();
    let any = |object: Rooted<AnyRef>| Ok(Some(Val::AnyRef(Some(object))));
    match heap {
        HeapType::Extern => {
            let object = ExternRef::new(&mut *store, random.below(1000) as u32)?;
            Ok(Some(Val::ExternRef(Some(object))))
        }
        HeapType::Func => {
            object(store, &HeapType::ConcreteFunc(FuncType::new(&engine, [], [])), random, depth)
        }
        HeapType::ConcreteFunc(ty) => Ok(Some(Val::FuncRef(Some(function(store, MADE, ty))))),
        HeapType::Any | HeapType::Eq if depth > 0 && random.once_in(3) => {
            object(store, &HeapType::Struct, random, depth)
        }
        HeapType::Any | HeapType::Eq | HeapType::I31 => {
            let value = I31::wrapping_u32(random.bits() as u32);
            any(AnyRef::from_i31(&mut *store, value))
        }
        HeapType::Struct => {
            let field = FieldType::new(Mutability::Var, StorageType::I8);
            let ty = StructType::new(&engine, [field])?;
            object(store, &HeapType::ConcreteStruct(ty), random, depth.max(1))
        }
        HeapType::Array => {
            let ty = ArrayType::new(&engine, FieldType::new(Mutability::Var, StorageType::I16));
            object(store, &HeapType::ConcreteArray(ty), random, depth.max(1))
        }
        HeapType::ConcreteStruct(ty) if depth > 0 => {
            let types = ty.fields().map(|field| unpacked(field.element_type()));
            let Some(fields) = make_all(store, types, random, depth - 1)? else { return Ok(None) };
            let pre = StructRefPre::new(&mut *store, ty.clone());
            any(StructRef::new(&mut *store, &pre, &fields)?.to_anyref())
        }
        HeapType::ConcreteArray(ty) if depth > 0 => {
            let types = vec![unpacked(&ty.element_type()); random.below(5) as usize];
            let elements = make_all(store, types.into_iter(), random, depth - 1)?;
            let Some(elements) = elements else { return Ok(None) };
            let pre = ArrayRefPre::new(&mut *store, ty.clone());
            any(ArrayRef::new_fixed(&mut *store, &pre, &elements)?.to_anyref())
        }
        HeapType::Exn if depth > 0 => {
            let tags = &store.as_context().data().tags;
            let tag = tags[random.below(tags.len() as u64) as usize];
            let types: Vec<ValType> = tag.ty(&*store).ty().params().collect();
            let fields = make_all(store, types.into_iter(), random, depth - 1)?;
            let Some(fields) = fields else { return Ok(None) };
            Ok(Some(Val::ExnRef(Some(new_exception(store, &tag, &fields)?))))
        }
        _ => Ok(None),
    }
}

fn unpacked(ty: &StorageType) -> ValType {
    match ty {
        StorageType::I8 | StorageType::I16 => ValType::I32,
        StorageType::ValType(ty) => ty.clone(),
    }
}

/// What can be seen of some values.
pub fn describe_all(
    store: &mut impl AsContextMut<Data = Host>,
    vals: &[Val],
    depth: u32,
) -> Vec<Value> {
    vals.iter().map(|val| describe(store, val, depth)).collect()
}

/// What can be seen of a value, `depth` references far.
pub fn describe(store: &mut impl AsContextMut<Data = Host>, val: &Val, depth: u32) -> Value {
    match *val {
        Val::I32(value) => Value::I32(value),
        Val::I64(value) => Value::I64(value),
        Val::F32(bits) => Value::F32(bits),
        Val::F64(bits) => Value::F64(bits),
        Val::V128(value) => Value::V128(value.into()),
        Val::FuncRef(Some(func)) => {
            let ty = func.ty(&*store);
            Value::Func(ty.params().len(), ty.results().len())
        }
        Val::ExternRef(Some(_)) | Val::AnyRef(Some(_)) | Val::ExnRef(Some(_)) if depth == 0 => {
            Value::Deeper
        }
        Val::ExternRef(Some(object)) => describe_extern(store, object, depth - 1),
        Val::AnyRef(Some(object)) => describe_any(store, object, depth - 1),
        Val::ExnRef(Some(object)) => {
            let tag = object.tag(&mut *store).expect("it is rooted");
            let len = tag.ty(&*store).ty().params().len();
            Value::Exception(list(store, len, depth - 1, |store, index| {
                object.field(store, index).expect("it has this field")
            }))
        }
        _ => Value::Null,
    }
}

fn describe_extern(
    store: &mut impl AsContextMut<Data = Host>,
    object: Rooted<ExternRef>,
    depth: u32,
) -> Value {
    let data = object.data(&*store).expect("it is rooted");
    match data.map(|data| data.downcast_ref::<u32>().copied()) {
        Some(number) => Value::Extern(number.expect("the host gives away numbers")),
        None => {
            let object = AnyRef::convert_extern(&mut *store, object).expect("it is rooted");
            Value::Converted(Box::new(describe_any(store, object, depth)))
        }
    }
}

fn describe_any(
    store: &mut impl AsContextMut<Data = Host>,
    object: Rooted<AnyRef>,
    depth: u32,
) -> Value {
    const ROOTED: &str = "it is rooted";
    if let Some(value) = object.as_i31(&*store).expect(ROOTED) {
        return Value::I31(value.get_u32());
    }
    if let Some(object) = object.as_struct(&*store).expect(ROOTED) {
        let len = object.ty(&*store).expect(ROOTED).fields().len();
        let fields = list(store, len, depth, |store, index| {
            object.field(store, index).expect("it has this field")
        });
        return Value::Struct(fields, len);
    }
    if let Some(object) = object.as_array(&*store).expect(ROOTED) {
        let len = object.len(&*store).expect(ROOTED);
        let elements = list(store, len as usize, depth, |store, index| {
            object.get(store, index as u32).expect("it has this element")
        });
        return Value::Array(elements, len);
    }
    let object = ExternRef::convert_any(&mut *store, object).expect(ROOTED);
    let data = object.data(&*store).expect(ROOTED).expect("nothing else is left");
    let number = *data.downcast_ref::<u32>().expect("the host gives away numbers");
    Value::Converted(Box::new(Value::Extern(number)))
}

/// The first fields or elements of an object, and the last one.
fn list<S: AsContextMut<Data = Host>>(
    store: &mut S,
    len: usize,
    depth: u32,
    get: impl Fn(&mut S, usize) -> Val,
) -> Vec<Value> {
    let indices = (0..len.min(FIELDS)).chain((len > FIELDS).then(|| len - 1));
    let mut values = Vec::new();
    for index in indices {
        let val = get(store, index);
        values.push(describe(store, &val, depth));
    }
    values
}
