//! Values whose types are known at run time only. Spec: *Execution → Runtime Structure → Values*.

use crate::handle::Func;
use crate::reference::{AnyRef, ArrayRef, ContRef, EqRef, ExnRef, ExternRef, Rooted, StructRef};
use crate::store::{AsContext, StoreInner};
use crate::vm::Slot;
use crate::{Error, HeapType, RefType, Result, V128, ValType};
use rwasm_parser as syntax;
use rwasm_parser::TypeIdx;

/// A value.
///
/// ```
/// use rwasm::Val;
///
/// let val = Val::from(2.5_f32);
/// assert_eq!(val.unwrap_f32(), 2.5);
/// assert!(val.i32().is_none());
/// ```
#[derive(Clone, Copy, Debug)]
#[expect(missing_docs, reason = "the names are the spec's own")]
pub enum Val {
    I32(i32),
    I64(i64),
    /// As bits.
    F32(u32),
    /// As bits.
    F64(u64),
    V128(V128),
    FuncRef(Option<Func>),
    ExternRef(Option<Rooted<ExternRef>>),
    AnyRef(Option<Rooted<AnyRef>>),
    ExnRef(Option<Rooted<ExnRef>>),
    ContRef(Option<Rooted<ContRef>>),
}

/// A reference.
#[derive(Clone, Copy, Debug)]
#[expect(missing_docs, reason = "the names are the spec's own")]
pub enum Ref {
    Func(Option<Func>),
    Extern(Option<Rooted<ExternRef>>),
    Any(Option<Rooted<AnyRef>>),
    Exn(Option<Rooted<ExnRef>>),
    Cont(Option<Rooted<ContRef>>),
}

macro_rules! accessors {
    ($($name:ident $unwrap:ident $ty:ty: $pattern:pat => $value:expr;)*) => {$(
        #[doc = concat!("The `", stringify!($ty), "` that it is, if it is one.")]
        pub fn $name(&self) -> Option<$ty> {
            match *self {
                $pattern => Some($value),
                _ => None,
            }
        }

        #[doc = concat!("The `", stringify!($ty), "` that it is.\n\n# Panics\n\nIf it is none.")]
        pub fn $unwrap(&self) -> $ty {
            self.$name().expect(concat!("expected ", stringify!($name)))
        }
    )*};
}

impl Val {
    accessors! {
        i32 unwrap_i32 i32: Val::I32(value) => value;
        i64 unwrap_i64 i64: Val::I64(value) => value;
        f32 unwrap_f32 f32: Val::F32(bits) => f32::from_bits(bits);
        f64 unwrap_f64 f64: Val::F64(bits) => f64::from_bits(bits);
        v128 unwrap_v128 V128: Val::V128(value) => value;
    }

    /// The reference to a function that it is, if it is one; `Some(None)` is null.
    pub fn func_ref(&self) -> Option<Option<&Func>> {
        match self {
            Val::FuncRef(func) => Some(func.as_ref()),
            _ => None,
        }
    }

    /// The reference to a function that it is.
    ///
    /// # Panics
    ///
    /// If it is none.
    pub fn unwrap_func_ref(&self) -> Option<&Func> {
        self.func_ref().expect("expected func_ref")
    }

    /// The reference to a function that it is, which is not null.
    ///
    /// # Panics
    ///
    /// If it is none, or null.
    pub fn unwrap_func(&self) -> &Func {
        self.unwrap_func_ref().expect("expected a reference that is not null")
    }

    /// The reference to an object of the host that it is, if it is one; `Some(None)` is null.
    pub fn extern_ref(&self) -> Option<Option<&Rooted<ExternRef>>> {
        match self {
            Val::ExternRef(object) => Some(object.as_ref()),
            _ => None,
        }
    }

    /// The reference to an object of the host that it is.
    ///
    /// # Panics
    ///
    /// If it is none.
    pub fn unwrap_extern_ref(&self) -> Option<&Rooted<ExternRef>> {
        self.extern_ref().expect("expected extern_ref")
    }

    /// The reference to an object of a guest that it is, if it is one; `Some(None)` is null.
    pub fn any_ref(&self) -> Option<Option<&Rooted<AnyRef>>> {
        match self {
            Val::AnyRef(object) => Some(object.as_ref()),
            _ => None,
        }
    }

    /// The reference to an object of a guest that it is.
    ///
    /// # Panics
    ///
    /// If it is none.
    pub fn unwrap_any_ref(&self) -> Option<&Rooted<AnyRef>> {
        self.any_ref().expect("expected any_ref")
    }

    /// The reference to an exception that it is, if it is one; `Some(None)` is null.
    pub fn exn_ref(&self) -> Option<Option<&Rooted<ExnRef>>> {
        match self {
            Val::ExnRef(exn) => Some(exn.as_ref()),
            _ => None,
        }
    }

    /// The reference to an exception that it is.
    ///
    /// # Panics
    ///
    /// If it is none.
    pub fn unwrap_exn_ref(&self) -> Option<&Rooted<ExnRef>> {
        self.exn_ref().expect("expected exn_ref")
    }

    /// The reference to a continuation that it is, if it is one; `Some(None)` is null.
    pub fn cont_ref(&self) -> Option<Option<&Rooted<ContRef>>> {
        match self {
            Val::ContRef(cont) => Some(cont.as_ref()),
            _ => None,
        }
    }

    /// The reference that it is, if it is one.
    pub fn ref_(self) -> Option<Ref> {
        match self {
            Val::FuncRef(func) => Some(Ref::Func(func)),
            Val::ExternRef(object) => Some(Ref::Extern(object)),
            Val::AnyRef(object) => Some(Ref::Any(object)),
            Val::ExnRef(object) => Some(Ref::Exn(object)),
            Val::ContRef(cont) => Some(Ref::Cont(cont)),
            _ => None,
        }
    }

    /// The null reference to functions.
    pub const fn null_func_ref() -> Val {
        Val::FuncRef(None)
    }

    /// The null reference to objects of the host.
    pub const fn null_extern_ref() -> Val {
        Val::ExternRef(None)
    }

    /// The null reference to objects of guests.
    pub const fn null_any_ref() -> Val {
        Val::AnyRef(None)
    }

    /// The null reference to exceptions.
    pub const fn null_exn_ref() -> Val {
        Val::ExnRef(None)
    }

    /// The null reference of the hierarchy of `heap`.
    pub fn null_ref(heap: &HeapType) -> Val {
        Ref::null(heap).into()
    }

    /// The value that locals of a type have at first: zero or null.
    pub fn default_for_ty(ty: &ValType) -> Option<Val> {
        Some(match ty {
            ValType::I32 => Val::I32(0),
            ValType::I64 => Val::I64(0),
            ValType::F32 => Val::F32(0),
            ValType::F64 => Val::F64(0),
            ValType::V128 => Val::V128(V128::ZERO),
            ValType::Ref(ty) if ty.is_nullable() => Val::null_ref(ty.heap_type()),
            ValType::Ref(_) => return None,
        })
    }

    /// The type of the value.
    ///
    /// # Errors
    ///
    /// If it is a reference of another store.
    pub fn ty(&self, store: impl AsContext) -> Result<ValType> {
        self.inexact_type(store.as_context().inner)
    }

    /// The type of the value, as it is said to people.
    fn inexact_type(&self, store: &StoreInner) -> Result<ValType> {
        let ty = self.syntax_type(store)?;
        let ty = ty
            .as_ref()
            .map_or(ty, |ty| syntax::RefType::new(ty.nullable(), ty.heap_type().inexact()).into());
        Ok(ValType::from_syntax(&store.engine, ty))
    }

    /// Whether it is a value of type `ty`.
    ///
    /// # Errors
    ///
    /// If it is a reference of another store.
    pub fn matches_ty(&self, store: impl AsContext, ty: &ValType) -> Result<bool> {
        self.matches(store.as_context().inner, ty.to_syntax())
    }

    /// The type below all others that the value has.
    fn syntax_type(&self, store: &StoreInner) -> Result<syntax::ValType> {
        use syntax::{HeapType as H, ValType as V};
        let null = |heap| Ok(syntax::RefType::new(true, heap).into());
        let some = |heap| Ok(syntax::RefType::new(false, heap).into());
        match self {
            Val::I32(_) => Ok(V::I32),
            Val::I64(_) => Ok(V::I64),
            Val::F32(_) => Ok(V::F32),
            Val::F64(_) => Ok(V::F64),
            Val::V128(_) => Ok(V::V128),
            Val::FuncRef(None) => null(H::NoFunc),
            Val::FuncRef(Some(func)) => {
                func.to_slot(store)?;
                some(H::Exact(TypeIdx(func.type_id(store).0)))
            }
            Val::ExternRef(None) => null(H::NoExtern),
            Val::ExternRef(Some(object)) => object.to_slot(store).and_then(|_| some(H::Extern)),
            Val::AnyRef(None) => null(H::None),
            Val::AnyRef(Some(object)) => some(store.heap_type_of(object.to_slot(store)?)),
            Val::ExnRef(None) => null(H::NoExn),
            Val::ExnRef(Some(object)) => object.to_slot(store).and_then(|_| some(H::Exn)),
            Val::ContRef(None) => null(H::NoCont),
            // Continuations do not know their types.
            Val::ContRef(Some(cont)) => cont.to_slot(store).and_then(|_| some(H::Cont)),
        }
    }

    /// Whether it is a value of an engine-wide type.
    pub(crate) fn matches(&self, store: &StoreInner, ty: syntax::ValType) -> Result<bool> {
        let simple = matches!(
            (self, ty),
            (Val::I32(_), syntax::ValType::I32)
                | (Val::I64(_), syntax::ValType::I64)
                | (Val::F32(_), syntax::ValType::F32)
                | (Val::F64(_), syntax::ValType::F64)
                | (Val::V128(_), syntax::ValType::V128)
        );
        Ok(simple || store.engine.types().val_matches(self.syntax_type(store)?, ty))
    }

    /// Writes a value of an engine-wide type to its slots.
    pub(crate) fn write(
        &self,
        store: &StoreInner,
        ty: syntax::ValType,
        slots: &mut [Slot],
    ) -> Result<()> {
        if !self.matches(store, ty)? {
            return Err(Error::msg(alloc::format!(
                "type mismatch: expected {}, found {}",
                ValType::from_syntax(&store.engine, ty),
                self.inexact_type(store)?,
            )));
        }
        slots[0] = match *self {
            Val::I32(value) => Slot::from(value as u32),
            Val::I64(value) => value as u64,
            Val::F32(bits) => bits.into(),
            Val::F64(bits) => bits,
            Val::V128(value) => {
                (slots[0], slots[1]) = split(value);
                return Ok(());
            }
            Val::FuncRef(func) => func.map_or(Ok(0), |func| func.to_slot(store))?,
            Val::ExternRef(object) => object.map_or(Ok(0), |object| object.to_slot(store))?,
            Val::AnyRef(object) => object.map_or(Ok(0), |object| object.to_slot(store))?,
            Val::ExnRef(object) => object.map_or(Ok(0), |object| object.to_slot(store))?,
            Val::ContRef(cont) => cont.map_or(Ok(0), |cont| cont.to_slot(store))?,
        };
        Ok(())
    }

    /// Reads a value of an engine-wide type from its slots.
    pub(crate) fn read(store: &mut StoreInner, ty: syntax::ValType, slots: &[Slot]) -> Val {
        use syntax::{HeapType as H, ValType as V};
        match ty {
            V::I32 => Val::I32(slots[0] as i32),
            V::I64 => Val::I64(slots[0] as i64),
            V::F32 => Val::F32(slots[0] as u32),
            V::F64 => Val::F64(slots[0]),
            V::V128 => Val::V128(join(slots[0], slots[1])),
            _ => match hierarchy(store, ty) {
                H::Extern => Val::ExternRef(Rooted::from_slot(store, slots[0])),
                H::Any => Val::AnyRef(Rooted::from_slot(store, slots[0])),
                H::Exn => Val::ExnRef(Rooted::from_slot(store, slots[0])),
                H::Cont => Val::ContRef(Rooted::from_slot(store, slots[0])),
                _ => Val::FuncRef(Func::from_slot(store, slots[0])),
            },
        }
    }
}

/// The two slots of a vector.
pub(crate) fn split(vector: V128) -> (Slot, Slot) {
    let bits = vector.to_bits();
    (bits as u64, (bits >> 64) as u64)
}

/// The vector in two slots.
pub(crate) fn join(low: Slot, high: Slot) -> V128 {
    V128::from_bits(u128::from(low) | u128::from(high) << 64)
}

/// Reads values of engine-wide types, one after the other.
pub(crate) fn read_all<'a>(
    store: &'a mut StoreInner,
    types: &'a [syntax::ValType],
    slots: &'a [Slot],
) -> impl ExactSizeIterator<Item = Val> + 'a {
    let mut at = 0;
    types.iter().map(move |&ty| {
        let val = Val::read(store, ty, &slots[at..]);
        at += ty.slots() as usize;
        val
    })
}

/// Writes values of engine-wide types, one after the other. There must be as many as types.
pub(crate) fn write_all(
    store: &StoreInner,
    types: &[syntax::ValType],
    vals: &[Val],
    slots: &mut [Slot],
) -> Result<()> {
    let mut at = 0;
    for (&ty, val) in types.iter().zip(vals) {
        val.write(store, ty, &mut slots[at..])?;
        at += ty.slots() as usize;
    }
    Ok(())
}

/// How many slots values of these types take.
pub(crate) fn count_slots(types: &[syntax::ValType]) -> usize {
    types.iter().map(|ty| ty.slots() as usize).sum()
}

impl Ref {
    /// The null reference of the hierarchy of `heap`.
    pub fn null(heap: &HeapType) -> Ref {
        use HeapType as H;
        match heap {
            H::Extern | H::NoExtern => Ref::Extern(None),
            H::Any | H::Eq | H::I31 | H::None => Ref::Any(None),
            H::Struct | H::ConcreteStruct(_) | H::ExactStruct(_) => Ref::Any(None),
            H::Array | H::ConcreteArray(_) | H::ExactArray(_) => Ref::Any(None),
            H::Exn | H::NoExn => Ref::Exn(None),
            H::Func | H::ConcreteFunc(_) | H::ExactFunc(_) | H::NoFunc => Ref::Func(None),
            H::Cont | H::ConcreteCont(_) | H::ExactCont(_) | H::NoCont => Ref::Cont(None),
        }
    }

    /// Whether it is null.
    pub fn is_null(&self) -> bool {
        use Ref::*;
        matches!(self, Func(None) | Extern(None) | Any(None) | Exn(None) | Cont(None))
    }

    /// The function that it leads to, if it is a reference to functions; `Some(None)` is null.
    pub fn as_func(&self) -> Option<Option<&Func>> {
        match self {
            Ref::Func(func) => Some(func.as_ref()),
            _ => None,
        }
    }

    /// The function that it leads to.
    ///
    /// # Panics
    ///
    /// If it is no reference to functions, or null.
    pub fn unwrap_func(&self) -> &Func {
        self.as_func().flatten().expect("expected a function")
    }

    /// The object of the host that it leads to, if it is a reference to such; `Some(None)` is null.
    pub fn as_extern(&self) -> Option<Option<&Rooted<ExternRef>>> {
        match self {
            Ref::Extern(object) => Some(object.as_ref()),
            _ => None,
        }
    }

    /// The object of the host that it leads to.
    ///
    /// # Panics
    ///
    /// If it is no reference to such, or null.
    pub fn unwrap_extern(&self) -> &Rooted<ExternRef> {
        self.as_extern().flatten().expect("expected an object of the host")
    }

    /// The object of a guest that it leads to, if it is a reference to such; `Some(None)` is null.
    pub fn as_any(&self) -> Option<Option<&Rooted<AnyRef>>> {
        match self {
            Ref::Any(object) => Some(object.as_ref()),
            _ => None,
        }
    }

    /// The object of a guest that it leads to.
    ///
    /// # Panics
    ///
    /// If it is no reference to such, or null.
    pub fn unwrap_any(&self) -> &Rooted<AnyRef> {
        self.as_any().flatten().expect("expected an object of a guest")
    }

    /// The exception that it leads to, if it is a reference to such; `Some(None)` is null.
    pub fn as_exn(&self) -> Option<Option<&Rooted<ExnRef>>> {
        match self {
            Ref::Exn(exn) => Some(exn.as_ref()),
            _ => None,
        }
    }

    /// The exception that it leads to.
    ///
    /// # Panics
    ///
    /// If it is no reference to such, or null.
    pub fn unwrap_exn(&self) -> &Rooted<ExnRef> {
        self.as_exn().flatten().expect("expected an exception")
    }

    /// The type of the reference.
    ///
    /// # Errors
    ///
    /// If it is of another store.
    pub fn ty(&self, store: impl AsContext) -> Result<RefType> {
        match Val::from(*self).ty(store)? {
            ValType::Ref(ty) => Ok(ty),
            _ => Err(Error::msg("a reference has the type of a number")),
        }
    }

    /// Whether it is of type `ty`.
    ///
    /// # Errors
    ///
    /// If it is of another store.
    pub fn matches_ty(&self, store: impl AsContext, ty: &RefType) -> Result<bool> {
        Val::from(*self).matches(store.as_context().inner, ty.to_syntax().into())
    }
}

macro_rules! from {
    ($($ty:ty, $to:ident: |$value:ident| $val:expr;)*) => {$(
        impl From<$ty> for $to {
            fn from($value: $ty) -> $to {
                $val
            }
        }
    )*};
}
from! {
    i32, Val: |value| Val::I32(value);
    u32, Val: |value| Val::I32(value as i32);
    i64, Val: |value| Val::I64(value);
    u64, Val: |value| Val::I64(value as i64);
    f32, Val: |value| Val::F32(value.to_bits());
    f64, Val: |value| Val::F64(value.to_bits());
    V128, Val: |value| Val::V128(value);
    u128, Val: |value| Val::V128(value.into());
    Func, Val: |func| Val::FuncRef(Some(func));
    Option<Func>, Val: |func| Val::FuncRef(func);
    Rooted<ExternRef>, Val: |object| Val::ExternRef(Some(object));
    Option<Rooted<ExternRef>>, Val: |object| Val::ExternRef(object);
    Rooted<AnyRef>, Val: |object| Val::AnyRef(Some(object));
    Option<Rooted<AnyRef>>, Val: |object| Val::AnyRef(object);
    Rooted<EqRef>, Val: |object| Val::AnyRef(Some(object.into()));
    Rooted<StructRef>, Val: |object| Val::AnyRef(Some(object.into()));
    Rooted<ArrayRef>, Val: |object| Val::AnyRef(Some(object.into()));
    Rooted<ExnRef>, Val: |exn| Val::ExnRef(Some(exn));
    Option<Rooted<ExnRef>>, Val: |exn| Val::ExnRef(exn);
    Rooted<ContRef>, Val: |cont| Val::ContRef(Some(cont));
    Option<Rooted<ContRef>>, Val: |cont| Val::ContRef(cont);
    Func, Ref: |func| Ref::Func(Some(func));
    Option<Func>, Ref: |func| Ref::Func(func);
    Rooted<ExternRef>, Ref: |object| Ref::Extern(Some(object));
    Option<Rooted<ExternRef>>, Ref: |object| Ref::Extern(object);
    Rooted<AnyRef>, Ref: |object| Ref::Any(Some(object));
    Option<Rooted<AnyRef>>, Ref: |object| Ref::Any(object);
    Rooted<EqRef>, Ref: |object| Ref::Any(Some(object.into()));
    Rooted<StructRef>, Ref: |object| Ref::Any(Some(object.into()));
    Rooted<ArrayRef>, Ref: |object| Ref::Any(Some(object.into()));
    Rooted<ExnRef>, Ref: |exn| Ref::Exn(Some(exn));
    Option<Rooted<ExnRef>>, Ref: |exn| Ref::Exn(exn);
    Rooted<ContRef>, Ref: |cont| Ref::Cont(Some(cont));
    Option<Rooted<ContRef>>, Ref: |cont| Ref::Cont(cont);
    Ref, Val: |reference| match reference {
        Ref::Func(func) => Val::FuncRef(func),
        Ref::Extern(object) => Val::ExternRef(object),
        Ref::Any(object) => Val::AnyRef(object),
        Ref::Exn(object) => Val::ExnRef(object),
        Ref::Cont(cont) => Val::ContRef(cont),
    };
}

impl V128 {
    /// The vector's bits, as a number.
    pub fn as_u128(self) -> u128 {
        self.to_bits()
    }
}

/// The top of the hierarchy of a reference type.
fn hierarchy(store: &StoreInner, ty: syntax::ValType) -> syntax::HeapType {
    let heap = ty.as_ref().map_or(syntax::HeapType::Func, syntax::RefType::heap_type);
    store.engine.types().hierarchy(heap)
}
