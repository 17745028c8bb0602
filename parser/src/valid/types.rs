//! Types and groups of them. Spec: *Validation → Types*.
//!
//! Groups are compared by what they say, not by where they stand: a reference into the group
//! itself is written as a distance from its start, one to an earlier type as that type's canonical
//! index. The words that come out are the keys of an ordered map, so that no choice of types makes
//! the comparison slow, as it could with a hash.

use crate::binary::Builder;
use crate::binary::types::limit;
use crate::syntax::*;
use crate::{Features, Invalid};
use alloc::format;
use alloc::vec::Vec;

/// Checks the group of types from `start` on, the last that was decoded.
pub(crate) fn check_group(b: &mut Builder<'_>, at: usize, start: usize) -> Result<(), Invalid> {
    check_descriptors(&b.types.subs, at, start)?;
    for sub in &b.types.subs[start..] {
        check_composite(&b.types, at, &sub.composite)?;
    }
    canonicalise(b, start);
    for idx in start..b.types.len() {
        if let CompositeType::Struct(fields) = &b.types.subs[idx].composite
            && fields.iter().any(|field| !field.storage.unpacked().is_defaultable())
        {
            b.types.not_defaultable.insert(idx as u32);
        }
    }
    // No chain of supertypes is followed before each was found to be short.
    for idx in start..b.types.len() {
        let depth = match b.types.subs[idx].supertype {
            Some(supertype) => b.depths[supertype.index()] + 1,
            None => 0,
        };
        limit(at, depth, b.limits.subtype_depth, "supertypes above a type")?;
        b.depths.push(depth);
    }
    for idx in start..b.types.len() {
        if let Some(supertype) = b.types.subs[idx].supertype {
            check_supertype(&b.types, at, idx, supertype)?;
        }
    }
    Ok(())
}

/// Checks that a type can be declared below another.
fn check_supertype(types: &Types, at: usize, idx: usize, above: TypeIdx) -> Result<(), Invalid> {
    let (sub, sup) = (&types.subs[idx], types.get(above));
    if sup.is_final {
        let message = format!("sub type {idx} has final super type {}", above.0);
        return Err(Invalid::new(at, message));
    }
    let mismatch = |what: &str, of: TypeIdx, expected: TypeIdx| {
        let message = format!("{what} type {} does not match {}", of.0, expected.0);
        Err(Invalid::new(at, message))
    };
    // A type describes if and only if its supertype does: descriptors may be laid out differently
    // from other structures. One with a descriptor may be below one without.
    let clauses_match = match (sub.describes, sup.describes, sub.descriptor, sup.descriptor) {
        (Some(of), Some(expected), ..) if !types.is_subtype(of, expected) => {
            return mismatch("described", of, expected);
        }
        (Some(_), None, ..) | (None, Some(_), ..) | (.., None, Some(_)) => false,
        (.., Some(of), Some(expected)) if !types.is_subtype(of, expected) => {
            return mismatch("descriptor", of, expected);
        }
        _ => true,
    };
    if clauses_match && types.composite_matches(&sub.composite, &sup.composite) {
        return Ok(());
    }
    let message = format!("sub type {idx} does not match super type {}", above.0);
    Err(Invalid::new(at, message))
}

/// Checks that types and those of their descriptors, which are of the group that begins at `start`,
/// name each other; the former come first, which makes every chain of descriptors end.
fn check_descriptors(subs: &[SubType], at: usize, start: usize) -> Result<(), Invalid> {
    let refuse = |idx: usize, message: &str| {
        Err(Invalid::new(at, format!("{message}: in the definition of type {idx}")))
    };
    let of_group = |idx: TypeIdx| subs[start..].get(idx.index().checked_sub(start)?);
    for (idx, sub) in subs.iter().enumerate().skip(start) {
        let this = Some(TypeIdx(idx as u32));
        let is_struct = matches!(sub.composite, CompositeType::Struct(_));
        if let Some(described) = sub.describes {
            match of_group(described) {
                None => refuse(idx, "described type is outside rec group")?,
                Some(other) if other.descriptor != this => {
                    refuse(idx, "described type is not described by descriptor")?;
                }
                Some(_) if described.index() >= idx => {
                    refuse(idx, "forward use of described type")?;
                }
                Some(_) if !is_struct => refuse(idx, "described type must be a struct")?,
                Some(_) => {}
            }
        }
        if let Some(descriptor) = sub.descriptor {
            match of_group(descriptor) {
                None => refuse(idx, "descriptor type is outside rec group")?,
                Some(other) if other.describes != this => {
                    refuse(idx, "type is not described by its descriptor")?;
                }
                Some(_) if !is_struct => refuse(idx, "descriptor type must be a struct")?,
                Some(_) => {}
            }
        }
    }
    Ok(())
}

fn check_composite(types: &Types, at: usize, composite: &CompositeType) -> Result<(), Invalid> {
    let field = |field: &FieldType| match field.storage {
        StorageType::Val(ty) => check_valtype(types, at, ty),
        StorageType::I8 | StorageType::I16 => Ok(()),
    };
    match composite {
        CompositeType::Func(ty) => {
            ty.params().iter().chain(ty.results()).try_for_each(|&ty| check_valtype(types, at, ty))
        }
        CompositeType::Struct(fields) => fields.iter().try_for_each(field),
        CompositeType::Array(element) => field(element),
        CompositeType::Cont(idx) => {
            check_typeidx(types, at, *idx)?;
            match types.get(*idx).composite {
                CompositeType::Func(_) => Ok(()),
                _ => Err(Invalid::new(at, format!("non-function type {}", idx.0))),
            }
        }
    }
}

/// Checks that a type that is referred to exists.
#[inline]
pub(crate) fn check_typeidx(types: &Types, at: usize, idx: TypeIdx) -> Result<(), Invalid> {
    if idx.index() < types.len() { Ok(()) } else { Err(unknown_type(at, idx)) }
}

/// Checks that what a value type refers to exists.
#[inline]
pub(crate) fn check_valtype(types: &Types, at: usize, ty: ValType) -> Result<(), Invalid> {
    match ty.as_ref() {
        Some(ty) => check_heaptype(types, at, ty.heap_type()),
        None => Ok(()),
    }
}

/// Checks that what a heap type refers to exists.
#[inline]
pub(crate) fn check_heaptype(types: &Types, at: usize, heap: HeapType) -> Result<(), Invalid> {
    match heap {
        HeapType::Concrete(idx) | HeapType::Exact(idx) => check_typeidx(types, at, idx),
        _ => Ok(()),
    }
}

#[cold]
pub(crate) fn unknown_type(at: usize, idx: TypeIdx) -> Invalid {
    Invalid::new(at, format!("unknown type {}", idx.0))
}

/// Finds the first group that says the same as the one from `start` on.
fn canonicalise(b: &mut Builder<'_>, start: usize) {
    let types = &mut b.types;
    let end = types.len();
    types.groups.push(start as u32..end as u32);
    let first = if b.features.contains(Features::GC) || end - start == 1 {
        let mut words =
            Words { canonical: &types.canonical, start: start as u32, words: Vec::new() };
        for sub in &types.subs[start..] {
            words.sub(sub);
        }
        let key = words.words.into_boxed_slice();
        *b.groups.entry(key).or_insert(start as u32)
    } else {
        start as u32
    };
    types.canonical.extend((0..(end - start) as u32).map(|distance| TypeIdx(first + distance)));
}

/// A group written as words. Each item says how many words follow it, so that different groups are
/// written differently.
struct Words<'a> {
    canonical: &'a [TypeIdx],
    start: u32,
    words: Vec<u32>,
}

impl Words<'_> {
    fn sub(&mut self, sub: &SubType) {
        let named = [sub.supertype, sub.describes, sub.descriptor];
        let is_named = named.iter().rev().fold(0, |bits, it| bits << 1 | u32::from(it.is_some()));
        self.words.push(is_named << 1 | u32::from(sub.is_final));
        named.into_iter().flatten().for_each(|idx| self.typeidx(idx));
        match &sub.composite {
            CompositeType::Func(ty) => {
                self.words.extend([0, ty.params().len() as u32, ty.results().len() as u32]);
                ty.params().iter().chain(ty.results()).for_each(|&ty| self.valtype(ty));
            }
            CompositeType::Struct(fields) => {
                self.words.extend([1, fields.len() as u32]);
                fields.iter().for_each(|field| self.field(field));
            }
            CompositeType::Array(field) => {
                self.words.push(2);
                self.field(field);
            }
            CompositeType::Cont(idx) => {
                self.words.push(3);
                self.typeidx(*idx);
            }
        }
    }

    fn field(&mut self, field: &FieldType) {
        let storage = match field.storage {
            StorageType::I8 => 0,
            StorageType::I16 => 1,
            StorageType::Val(_) => 2,
        };
        self.words.push(storage << 1 | u32::from(field.mutable));
        if let StorageType::Val(ty) = field.storage {
            self.valtype(ty);
        }
    }

    fn valtype(&mut self, ty: ValType) {
        match ty.as_ref().map(|ty| (ty, ty.heap_type())) {
            Some((ty, heap @ (HeapType::Concrete(idx) | HeapType::Exact(idx)))) => {
                // No value type has the packed word of a number that does not exist.
                let is_exact = heap == HeapType::Exact(idx);
                self.words.push(0x100 | u32::from(is_exact) << 1 | u32::from(ty.nullable()));
                self.typeidx(idx);
            }
            _ => self.words.push(ty.bits()),
        }
    }

    fn typeidx(&mut self, idx: TypeIdx) {
        match idx.0.checked_sub(self.start) {
            Some(distance) => self.words.extend([1, distance]),
            None => self.words.extend([0, self.canonical[idx.index()].0]),
        }
    }
}
