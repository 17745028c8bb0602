//! Types across modules: the engine's registry, in which equivalent definitions are one.
//!
//! Spec: *Validation → Matching*, *Type Equivalence* by rolling up recursive groups.

use crate::gc::Layout;
use crate::sync::Mutex;
use crate::{Error, Result};
use alloc::{boxed::Box, collections::BTreeMap, sync::Arc, vec::Vec};
use core::hash::{Hash, Hasher};
use rwasm_parser::{
    CompositeType, FieldType, FuncType, HeapType, RefType, StorageType, SubType, TypeIdx, Types,
    ValType,
};

/// The identity of a defined type in its engine: equal exactly for equivalent definitions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(transparent)]
pub struct TypeId(pub u32);

/// The defined types of an engine. Indices inside the definitions are [`TypeId`]s.
#[derive(Default)]
pub struct TypeRegistry {
    inner: Mutex<Inner>,
}

#[derive(Default)]
struct Inner {
    defs: Vec<Def>,
    /// Groups by the hash of their definitions: where they begin in `defs`, and their length.
    groups: BTreeMap<u64, Vec<(u32, u32)>>,
    /// Function types that stand alone, by the hash of parameters and results.
    signatures: BTreeMap<u64, Vec<TypeId>>,
}

struct Def {
    sub: Arc<SubType>,
    /// All proper supertypes, the root first.
    supers: Arc<[TypeId]>,
    /// What objects of the type look like, once somebody asked.
    layout: Option<Arc<Layout>>,
}

/// Marks a reference to a member of the same group while groups are compared. Identities are below
/// it, so that both fit the index of a reference type.
const IN_GROUP: u32 = 1 << 27;

impl TypeRegistry {
    /// Registers all types of a module and gives their identities by index.
    ///
    /// # Errors
    ///
    /// If there are more than a hundred million types in the engine.
    pub fn register(&self, types: &Types) -> Result<Box<[TypeId]>> {
        let mut inner = self.inner.lock();
        if inner.defs.len() + types.len() > IN_GROUP as usize {
            return Err(Error::msg("the modules of the engine have too many types"));
        }
        let mut ids: Vec<TypeId> = Vec::with_capacity(types.len());
        for group in &types.groups {
            let (start, len) = (group.start, group.end - group.start);
            let relative = |idx: TypeIdx| match idx.0.checked_sub(start) {
                Some(offset) => TypeIdx(IN_GROUP | offset),
                None => TypeIdx(ids[idx.index()].0),
            };
            let key: Vec<SubType> = types.subs[start as usize..group.end as usize]
                .iter()
                .map(|sub| map_sub(sub, &relative))
                .collect();
            let first = inner.intern(key);
            ids.extend((0..len).map(|i| TypeId(first + i)));
        }
        Ok(ids.into())
    }

    /// Registers a function type that stands alone; concrete types in it are [`TypeId`]s.
    pub fn register_func(&self, ty: &FuncType) -> TypeId {
        self.register_signature(ty.params(), ty.results())
    }

    /// Registers the function type of these parameters and results, as
    /// [`TypeRegistry::register_func`] does.
    pub fn register_signature(&self, params: &[ValType], results: &[ValType]) -> TypeId {
        let mut hasher = Fnv::default();
        (params, results).hash(&mut hasher);
        let hash = hasher.finish();
        let mut inner = self.inner.lock();
        let known = inner.signatures.get(&hash).into_iter().flatten().copied();
        for id in known {
            if let CompositeType::Func(ty) = &inner.defs[id.0 as usize].sub.composite
                && (ty.params(), ty.results()) == (params, results)
            {
                return id;
            }
        }
        let composite = CompositeType::Func(FuncType::new(params, results));
        let id = TypeId(inner.intern(alloc::vec![alone(true, None, composite)]));
        inner.signatures.entry(hash).or_default().push(id);
        id
    }

    /// Registers a type that stands alone; concrete types in it are [`TypeId`]s.
    pub(crate) fn register_sub(&self, sub: SubType) -> TypeId {
        TypeId(self.inner.lock().intern(alloc::vec![sub]))
    }

    /// All proper supertypes of a type, the root first.
    pub(crate) fn supertypes(&self, id: TypeId) -> Arc<[TypeId]> {
        self.inner.lock().defs[id.0 as usize].supers.clone()
    }

    /// The layout of a type's objects, which `make` makes the first time.
    pub(crate) fn layout(&self, id: TypeId, make: impl FnOnce() -> Layout) -> Arc<Layout> {
        let known = self.inner.lock().defs[id.0 as usize].layout.clone();
        known.unwrap_or_else(|| {
            let layout = Arc::new(make());
            self.inner.lock().defs[id.0 as usize].layout.get_or_insert(layout).clone()
        })
    }

    /// The definition of a type.
    pub fn get(&self, id: TypeId) -> Arc<SubType> {
        self.inner.lock().defs[id.0 as usize].sub.clone()
    }

    /// The definition of a function type.
    ///
    /// # Panics
    ///
    /// If `id` is no function type.
    pub fn func(&self, id: TypeId) -> FuncType {
        match &self.get(id).composite {
            CompositeType::Func(ty) => ty.clone(),
            _ => unreachable!("functions have function types"),
        }
    }

    /// Whether `sub` is `sup` or declared below it.
    pub fn is_subtype(&self, sub: TypeId, sup: TypeId) -> bool {
        sub == sup || self.inner.lock().defs[sub.0 as usize].supers.contains(&sup)
    }

    /// Whether every value of type `a` has type `b`.
    pub fn val_matches(&self, a: ValType, b: ValType) -> bool {
        match (a.as_ref(), b.as_ref()) {
            (Some(a), Some(b)) => self.ref_matches(a, b),
            _ => a == b,
        }
    }

    /// Whether every value of type `a` has type `b`.
    pub fn ref_matches(&self, a: RefType, b: RefType) -> bool {
        (!a.nullable() || b.nullable()) && self.heap_matches(a.heap_type(), b.heap_type())
    }

    fn heap_matches(&self, a: HeapType, b: HeapType) -> bool {
        use HeapType as H;
        if let (H::Concrete(a) | H::Exact(a), H::Concrete(b)) = (a, b) {
            return self.is_subtype(TypeId(a.0), TypeId(b.0));
        }
        let top_down = |kind| match kind {
            H::Concrete(id) | H::Exact(id) => self.abstract_of(TypeId(id.0)),
            other => other,
        };
        match (a, b) {
            _ if a == b => true,
            (H::None, _) => self.hierarchy(b) == H::Any,
            (H::NoFunc, _) => self.hierarchy(b) == H::Func,
            (H::NoExtern, _) => self.hierarchy(b) == H::Extern,
            (H::NoExn, _) => self.hierarchy(b) == H::Exn,
            (H::NoCont, _) => self.hierarchy(b) == H::Cont,
            (_, H::Concrete(_) | H::Exact(_)) => false,
            (_, H::Any) => self.hierarchy(a) == H::Any,
            (_, H::Eq) => matches!(top_down(a), H::Eq | H::I31 | H::Struct | H::Array),
            _ => top_down(a) == b,
        }
    }

    /// The abstract type just above a defined one.
    fn abstract_of(&self, id: TypeId) -> HeapType {
        match self.get(id).composite {
            CompositeType::Func(_) => HeapType::Func,
            CompositeType::Struct(_) => HeapType::Struct,
            CompositeType::Array(_) => HeapType::Array,
            CompositeType::Cont(_) => HeapType::Cont,
        }
    }

    /// Whether references to a heap type are to functions.
    pub fn is_func(&self, heap: HeapType) -> bool {
        self.hierarchy(heap) == HeapType::Func
    }

    /// The top of the hierarchy that a heap type belongs to.
    pub fn hierarchy(&self, heap: HeapType) -> HeapType {
        use HeapType as H;
        match heap {
            H::Func | H::NoFunc => H::Func,
            H::Extern | H::NoExtern => H::Extern,
            H::Exn | H::NoExn => H::Exn,
            H::Cont | H::NoCont => H::Cont,
            H::Any | H::Eq | H::I31 | H::Struct | H::Array | H::None => H::Any,
            H::Concrete(id) | H::Exact(id) => self.hierarchy(self.abstract_of(TypeId(id.0))),
        }
    }
}

impl Inner {
    /// The index of the first member of a group equal to `key`, which is added if there is none.
    fn intern(&mut self, key: Vec<SubType>) -> u32 {
        let mut hasher = Fnv::default();
        key.hash(&mut hasher);
        let hash = hasher.finish();
        let known = self.groups.get(&hash).into_iter().flatten().find(|&&(first, len)| {
            let back = |idx: TypeIdx| match idx.0.checked_sub(first) {
                Some(offset) if offset < len => TypeIdx(IN_GROUP | offset),
                _ => idx,
            };
            let defs = &self.defs[first as usize..(first + len) as usize];
            len as usize == key.len()
                && defs.iter().zip(&key).all(|(def, sub)| map_sub(&def.sub, &back) == *sub)
        });
        if let Some(&(first, _)) = known {
            return first;
        }
        let (first, len) = (self.defs.len() as u32, key.len() as u32);
        let absolute = |idx: TypeIdx| match idx.0 & IN_GROUP {
            0 => idx,
            _ => TypeIdx(first + (idx.0 & !IN_GROUP)),
        };
        for sub in key {
            let sub = map_sub(&sub, &absolute);
            let supers = match sub.supertype {
                None => Arc::from([]),
                Some(sup) => {
                    let above = self.defs[sup.index()].supers.iter().copied();
                    above.chain([TypeId(sup.0)]).collect()
                }
            };
            self.defs.push(Def { sub: Arc::new(sub), supers, layout: None });
        }
        self.groups.entry(hash).or_default().push((first, len));
        first
    }
}

/// A definition that no other one belongs to.
pub(crate) fn alone(
    is_final: bool,
    supertype: Option<TypeIdx>,
    composite: CompositeType,
) -> SubType {
    SubType { is_final, supertype, describes: None, descriptor: None, composite }
}

/// `sub` with every type index replaced.
fn map_sub(sub: &SubType, map: &impl Fn(TypeIdx) -> TypeIdx) -> SubType {
    let field = |field: &FieldType| FieldType {
        storage: match field.storage {
            StorageType::Val(ty) => StorageType::Val(map_val(ty, map)),
            packed => packed,
        },
        mutable: field.mutable,
    };
    SubType {
        is_final: sub.is_final,
        supertype: sub.supertype.map(map),
        describes: sub.describes.map(map),
        descriptor: sub.descriptor.map(map),
        composite: match &sub.composite {
            CompositeType::Func(ty) => CompositeType::Func(map_func(ty, map)),
            CompositeType::Struct(fields) => {
                CompositeType::Struct(fields.iter().map(field).collect())
            }
            CompositeType::Array(element) => CompositeType::Array(field(element)),
            CompositeType::Cont(func) => CompositeType::Cont(map(*func)),
        },
    }
}

/// `ty` with every type index replaced.
pub fn map_func(ty: &FuncType, map: &impl Fn(TypeIdx) -> TypeIdx) -> FuncType {
    let types = |types: &[ValType]| types.iter().map(|&ty| map_val(ty, map)).collect::<Vec<_>>();
    FuncType::new(&types(ty.params()), &types(ty.results()))
}

/// `ty` with its type index, if it has one, replaced.
pub fn map_val(ty: ValType, map: &impl Fn(TypeIdx) -> TypeIdx) -> ValType {
    match ty.as_ref() {
        Some(reference) => map_ref(reference, map).into(),
        None => ty,
    }
}

/// `ty` with its type index, if it has one, replaced.
pub fn map_ref(ty: RefType, map: &impl Fn(TypeIdx) -> TypeIdx) -> RefType {
    match ty.heap_type() {
        HeapType::Concrete(idx) => RefType::new(ty.nullable(), HeapType::Concrete(map(idx))),
        HeapType::Exact(idx) => RefType::new(ty.nullable(), HeapType::Exact(map(idx))),
        _ => ty,
    }
}

/// FNV-1a: definitions are short and every hit is compared in full.
struct Fnv(u64);

impl Default for Fnv {
    fn default() -> Self {
        Fnv(0xcbf2_9ce4_8422_2325)
    }
}

impl Hasher for Fnv {
    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3);
        }
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

#[cfg(test)]
mod tests;
