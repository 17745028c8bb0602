//! Which types stand where others are expected. Spec: *Validation → Matching*.

use crate::syntax::*;

impl Types {
    /// Whether two type definitions are equivalent.
    #[inline]
    pub fn equivalent(&self, a: TypeIdx, b: TypeIdx) -> bool {
        a == b || self.canonical[a.index()] == self.canonical[b.index()]
    }

    /// Whether `sub` is `sup` or declared, over any number of steps, as its subtype.
    pub fn is_subtype(&self, sub: TypeIdx, sup: TypeIdx) -> bool {
        let mut next = Some(sub);
        while let Some(idx) = next {
            if self.equivalent(idx, sup) {
                return true;
            }
            next = self.get(idx).supertype;
        }
        false
    }

    /// Whether the heap type `sub` matches `sup`.
    pub fn heap_matches(&self, sub: HeapType, sup: HeapType) -> bool {
        use HeapType::*;
        match (sub, sup) {
            _ if sub == sup => true,
            (Concrete(sub) | Exact(sub), Concrete(sup)) => self.is_subtype(sub, sup),
            (Exact(sub), Exact(sup)) => self.equivalent(sub, sup),
            (Concrete(_), Exact(_)) => false,
            (Concrete(sub) | Exact(sub), sup) => match self.get(sub).composite {
                CompositeType::Func(_) => sup == Func,
                CompositeType::Struct(_) => matches!(sup, Struct | Eq | Any),
                CompositeType::Array(_) => matches!(sup, Array | Eq | Any),
                CompositeType::Cont(_) => sup == Cont,
            },
            (sub, Concrete(sup) | Exact(sup)) => match self.get(sup).composite {
                CompositeType::Func(_) => sub == NoFunc,
                CompositeType::Struct(_) | CompositeType::Array(_) => sub == None,
                CompositeType::Cont(_) => sub == NoCont,
            },
            (NoFunc, Func) | (NoExtern, Extern) | (NoExn, Exn) | (NoCont, Cont) => true,
            (None, I31 | Struct | Array | Eq | Any) => true,
            (I31 | Struct | Array, Eq | Any) | (Eq, Any) => true,
            _ => false,
        }
    }

    /// Whether the reference type `sub` matches `sup`.
    #[inline]
    pub fn ref_matches(&self, sub: RefType, sup: RefType) -> bool {
        if sub == sup || sub.with_nullable(true) == sup {
            return true;
        }
        if sub.nullable() && !sup.nullable() {
            return false;
        }
        sub.is_bottom() || (!sup.is_bottom() && self.heap_matches(sub.heap_type(), sup.heap_type()))
    }

    /// Whether the value type `sub` matches `sup`.
    #[inline]
    pub fn matches(&self, sub: ValType, sup: ValType) -> bool {
        if sub == sup || sub == ValType::BOTTOM {
            return true;
        }
        match (sub.as_ref(), sup.as_ref()) {
            (Some(sub), Some(sup)) => self.ref_matches(sub, sup),
            _ => false,
        }
    }

    /// Whether the types `subs` match `sups`, one by one.
    pub fn all_match(&self, subs: &[ValType], sups: &[ValType]) -> bool {
        subs.len() == sups.len() && subs.iter().zip(sups).all(|(&sub, &sup)| self.matches(sub, sup))
    }

    /// Whether the function type `sub` matches `sup`.
    pub fn func_matches(&self, sub: &FuncType, sup: &FuncType) -> bool {
        self.all_match(sup.params(), sub.params()) && self.all_match(sub.results(), sup.results())
    }

    fn storage_matches(&self, sub: StorageType, sup: StorageType) -> bool {
        match (sub, sup) {
            (StorageType::Val(sub), StorageType::Val(sup)) => self.matches(sub, sup),
            _ => sub == sup,
        }
    }

    /// Whether the field type `sub` matches `sup`; mutable fields have to be equivalent.
    pub fn field_matches(&self, sub: &FieldType, sup: &FieldType) -> bool {
        sub.mutable == sup.mutable
            && self.storage_matches(sub.storage, sup.storage)
            && (!sup.mutable || self.storage_matches(sup.storage, sub.storage))
    }

    /// Whether the composite type `sub` matches `sup`, as a declared subtype has to.
    pub fn composite_matches(&self, sub: &CompositeType, sup: &CompositeType) -> bool {
        match (sub, sup) {
            (CompositeType::Func(sub), CompositeType::Func(sup)) => self.func_matches(sub, sup),
            (CompositeType::Struct(sub), CompositeType::Struct(sup)) => {
                sub.len() >= sup.len()
                    && sub.iter().zip(sup).all(|(sub, sup)| self.field_matches(sub, sup))
            }
            (CompositeType::Array(sub), CompositeType::Array(sup)) => self.field_matches(sub, sup),
            (CompositeType::Cont(sub), CompositeType::Cont(sup)) => self.is_subtype(*sub, *sup),
            _ => false,
        }
    }

    /// The uppermost heap type above `heap`, which tells the hierarchies apart.
    pub fn top(&self, heap: HeapType) -> HeapType {
        use HeapType::*;
        match heap {
            Func | NoFunc => Func,
            Extern | NoExtern => Extern,
            Exn | NoExn => Exn,
            Cont | NoCont => Cont,
            Any | Eq | I31 | Struct | Array | None => Any,
            Concrete(idx) | Exact(idx) => match self.get(idx).composite {
                CompositeType::Func(_) => Func,
                CompositeType::Struct(_) | CompositeType::Array(_) => Any,
                CompositeType::Cont(_) => Cont,
            },
        }
    }
}
