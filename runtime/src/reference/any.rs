//! References to anything that guests make. Spec: *Structure → Types → Heap Types*.

use super::{ArrayRef, ExternRef, Rooted, StructRef};
use crate::gc::{Shape, Target, i31_slot, target};
use crate::store::{AsContext, AsContextMut, StoreInner};
use crate::vm::Slot;
use crate::{Error, HeapType, RefType, Result};
use core::fmt;
use rwasm_parser as syntax;

/// An object of a guest, a number of 31 bits, or an object of the host that came through
/// `any.convert_extern`: `(ref any)`.
#[derive(Debug)]
pub enum AnyRef {}

/// An object of a guest or a number of 31 bits: `(ref eq)`.
#[derive(Debug)]
pub enum EqRef {}

/// A number of 31 bits: `(ref i31)`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct I31(u32);

const BITS: u32 = 0x7fff_ffff;

impl I31 {
    /// The number, if it has 31 bits.
    pub fn new_u32(value: u32) -> Option<I31> {
        (value <= BITS).then_some(I31(value))
    }

    /// The number, if it has 31 bits.
    pub fn new_i32(value: i32) -> Option<I31> {
        let number = I31::wrapping_i32(value);
        (number.get_i32() == value).then_some(number)
    }

    /// The lower 31 bits.
    pub fn wrapping_u32(value: u32) -> I31 {
        I31(value & BITS)
    }

    /// The lower 31 bits.
    pub fn wrapping_i32(value: i32) -> I31 {
        I31(value as u32 & BITS)
    }

    /// The number, zero-extended.
    pub fn get_u32(self) -> u32 {
        self.0
    }

    /// The number, sign-extended.
    pub fn get_i32(self) -> i32 {
        (self.0 << 1) as i32 >> 1
    }

    /// The number in a slot; `None` if it is null.
    pub(crate) fn from_slot(_: &StoreInner, slot: Slot) -> Option<I31> {
        match target(slot) {
            Some(Target::I31(value)) => Some(I31(value)),
            _ => None,
        }
    }

    pub(crate) fn to_slot(self, _: &StoreInner) -> Result<Slot> {
        Ok(i31_slot(self.0))
    }
}

impl fmt::Debug for I31 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "I31({})", self.0)
    }
}

/// Whether what a slot leads to is of an abstract type of the hierarchy of `any`.
fn is(store: &StoreInner, slot: Slot, heap: syntax::HeapType) -> bool {
    use syntax::HeapType as H;
    let shape = || {
        let layout = store.gc.layouts.known(store.object_type(slot))?;
        Some(match layout.shape {
            Shape::Struct { .. } => H::Struct,
            Shape::Array(_) => H::Array,
            _ => H::Exn,
        })
    };
    match target(slot) {
        None => false,
        Some(Target::I31(_)) => matches!(heap, H::Any | H::Eq | H::I31),
        Some(Target::Extern(_)) => heap == H::Any,
        Some(Target::Object(_)) => matches!(heap, H::Any | H::Eq) || shape() == Some(heap),
    }
}

macro_rules! kinds {
    ($($heap:ident $what:literal: $is:ident $as:ident $unwrap:ident $kind:ident;)*) => {$(
        #[doc = concat!("Whether it is ", $what, ".")]
        ///
        /// # Errors
        ///
        /// If it is of another store, or its scope has ended.
        pub fn $is(&self, store: impl AsContext) -> Result<bool> {
            let store = store.as_context().inner;
            Ok(is(store, self.to_slot(store)?, syntax::HeapType::$heap))
        }

        #[doc = concat!("The same reference as one to ", $what, ", if it is one.")]
        ///
        /// # Errors
        ///
        /// If it is of another store, or its scope has ended.
        pub fn $as(&self, store: impl AsContext) -> Result<Option<Rooted<$kind>>> {
            Ok(self.$is(store)?.then_some(self.cast()))
        }

        #[doc = concat!("The same reference as one to ", $what, ".")]
        ///
        /// # Errors
        ///
        /// If it is of another store, or its scope has ended.
        ///
        /// # Panics
        ///
        /// If it is none.
        pub fn $unwrap(&self, store: impl AsContext) -> Result<Rooted<$kind>> {
            Ok(self.$as(store)?.expect(concat!("expected ", $what)))
        }
    )*};
}

macro_rules! any_or_eq {
    ($($name:ident)*) => {$(
        impl $name {
            /// The reference that is this number.
            pub fn from_i31(mut store: impl AsContextMut, value: I31) -> Rooted<$name> {
                Rooted::new(store.as_context_mut().inner, i31_slot(value.0))
            }
        }

        impl Rooted<$name> {
            kinds! {
                Struct "a structure": is_struct as_struct unwrap_struct StructRef;
                Array "an array": is_array as_array unwrap_array ArrayRef;
            }

            /// Whether it is a number.
            ///
            /// # Errors
            ///
            /// If it is of another store, or its scope has ended.
            pub fn is_i31(&self, store: impl AsContext) -> Result<bool> {
                Ok(self.as_i31(store)?.is_some())
            }

            /// The number that it is, if it is one.
            ///
            /// # Errors
            ///
            /// If it is of another store, or its scope has ended.
            pub fn as_i31(&self, store: impl AsContext) -> Result<Option<I31>> {
                let store = store.as_context().inner;
                Ok(I31::from_slot(store, self.to_slot(store)?))
            }

            /// The number that it is.
            ///
            /// # Errors
            ///
            /// If it is of another store, or its scope has ended.
            ///
            /// # Panics
            ///
            /// If it is none.
            pub fn unwrap_i31(&self, store: impl AsContext) -> Result<I31> {
                Ok(self.as_i31(store)?.expect("expected an i31"))
            }

            /// The type of what it leads to.
            ///
            /// # Errors
            ///
            /// If it is of another store, or its scope has ended.
            pub fn ty(&self, store: impl AsContext) -> Result<HeapType> {
                let store = store.as_context().inner;
                let heap = store.heap_type_of(self.to_slot(store)?);
                let ty = syntax::RefType::new(false, heap.inexact());
                Ok(RefType::from_syntax(&store.engine, ty).heap_type().clone())
            }

            /// Whether what it leads to is of type `ty`.
            ///
            /// # Errors
            ///
            /// If it is of another store, or its scope has ended.
            pub fn matches_ty(&self, store: impl AsContext, ty: &HeapType) -> Result<bool> {
                let store = store.as_context().inner;
                let heap = store.heap_type_of(self.to_slot(store)?);
                let found = syntax::RefType::new(false, heap);
                let expected = RefType::new(false, ty.clone()).to_syntax();
                Ok(store.engine.types().ref_matches(found, expected))
            }
        }
    )*};
}
any_or_eq! { AnyRef EqRef }

impl AnyRef {
    /// What `any.convert_extern` makes of `object`.
    ///
    /// # Errors
    ///
    /// If it is of another store, or its scope has ended.
    pub fn convert_extern(
        mut store: impl AsContextMut,
        object: Rooted<ExternRef>,
    ) -> Result<Rooted<AnyRef>> {
        object.to_slot(store.as_context_mut().inner)?;
        Ok(object.cast())
    }
}

impl Rooted<AnyRef> {
    kinds! { Eq "an `eq`": is_eqref as_eqref unwrap_eqref EqRef; }
}

impl Rooted<EqRef> {
    /// The same reference as one to anything.
    pub fn to_anyref(self) -> Rooted<AnyRef> {
        self.cast()
    }
}

macro_rules! upwards {
    ($($name:ident)*) => {$(
        impl Rooted<$name> {
            /// The same reference as one to anything.
            pub fn to_anyref(self) -> Rooted<AnyRef> {
                self.cast()
            }

            /// The same reference as one that can be compared.
            pub fn to_eqref(self) -> Rooted<EqRef> {
                self.cast()
            }
        }

        impl From<Rooted<$name>> for Rooted<AnyRef> {
            fn from(reference: Rooted<$name>) -> Self {
                reference.cast()
            }
        }

        impl From<Rooted<$name>> for Rooted<EqRef> {
            fn from(reference: Rooted<$name>) -> Self {
                reference.cast()
            }
        }
    )*};
}
upwards! { StructRef ArrayRef }

impl From<Rooted<EqRef>> for Rooted<AnyRef> {
    fn from(reference: Rooted<EqRef>) -> Self {
        reference.cast()
    }
}

/// The error of a value that a field cannot hold, and the like.
pub(super) fn refuse<T>(message: impl fmt::Display) -> Result<T> {
    Err(Error::msg(message))
}
