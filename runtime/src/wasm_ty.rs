//! Rust types that stand for WebAssembly's, in the signatures of typed functions.

use crate::handle::Func;
use crate::reference::{
    AnyRef, ArrayRef, ContRef, EqRef, ExnRef, ExternRef, I31, Rooted, StructRef,
};
use crate::store::StoreInner;
use crate::val::{join, split};
use crate::vm::Slot;
use crate::{Error, Result, V128};
use rwasm_parser::{HeapType, RefType, ValType};

/// A Rust type that stands for a type of values.
///
/// Numbers, vectors, [`Func`], [`I31`], [`Rooted`] references, and `Option` of a reference, where `None` is
/// null. It is not for others to implement.
pub trait WasmTy: Sized + Send + Sync + 'static {
    /// How many slots its values take.
    #[doc(hidden)]
    const SLOTS: usize = 1;

    /// The type that it stands for.
    #[doc(hidden)]
    fn wasm_type() -> ValType;

    /// Reads a value from its slots.
    #[doc(hidden)]
    fn load(store: &mut StoreInner, slots: &[Slot]) -> Self;

    /// Writes a value to its slots. Fails if it belongs to another store.
    #[doc(hidden)]
    fn store(self, store: &StoreInner, slots: &mut [Slot]) -> Result<()>;
}

macro_rules! numbers {
    ($($ty:ty, $wasm:ident: |$slot:ident| $load:expr, |$value:ident| $store:expr;)*) => {$(
        impl WasmTy for $ty {
            #[inline(always)]
            fn wasm_type() -> ValType {
                ValType::$wasm
            }

            #[inline(always)]
            fn load(_: &mut StoreInner, slots: &[Slot]) -> Self {
                let $slot = slots[0];
                $load
            }

            #[inline(always)]
            fn store(self, _: &StoreInner, slots: &mut [Slot]) -> Result<()> {
                let $value = self;
                slots[0] = $store;
                Ok(())
            }
        }
    )*};
}
numbers! {
    i32, I32: |slot| slot as i32, |value| Slot::from(value as u32);
    u32, I32: |slot| slot as u32, |value| Slot::from(value);
    i64, I64: |slot| slot as i64, |value| value as Slot;
    u64, I64: |slot| slot, |value| value;
    f32, F32: |slot| f32::from_bits(slot as u32), |value| Slot::from(value.to_bits());
    f64, F64: |slot| f64::from_bits(slot), |value| value.to_bits();
}

impl WasmTy for V128 {
    const SLOTS: usize = 2;

    #[inline(always)]
    fn wasm_type() -> ValType {
        ValType::V128
    }

    #[inline(always)]
    fn load(_: &mut StoreInner, slots: &[Slot]) -> Self {
        join(slots[0], slots[1])
    }

    #[inline(always)]
    fn store(self, _: &StoreInner, slots: &mut [Slot]) -> Result<()> {
        (slots[0], slots[1]) = split(self);
        Ok(())
    }
}

macro_rules! references {
    ($($ty:ty, $heap:ident;)*) => {$(
        impl WasmTy for Option<$ty> {
            #[inline]
            fn wasm_type() -> ValType {
                RefType::new(true, HeapType::$heap).into()
            }

            #[inline]
            fn load(store: &mut StoreInner, slots: &[Slot]) -> Self {
                <$ty>::from_slot(store, slots[0])
            }

            #[inline]
            fn store(self, store: &StoreInner, slots: &mut [Slot]) -> Result<()> {
                slots[0] = self.map_or(Ok(0), |reference| reference.to_slot(store))?;
                Ok(())
            }
        }

        impl WasmTy for $ty {
            #[inline]
            fn wasm_type() -> ValType {
                RefType::new(false, HeapType::$heap).into()
            }

            #[inline]
            fn load(store: &mut StoreInner, slots: &[Slot]) -> Self {
                <$ty>::from_slot(store, slots[0]).expect("the type of the slot is without null")
            }

            #[inline]
            fn store(self, store: &StoreInner, slots: &mut [Slot]) -> Result<()> {
                slots[0] = self.to_slot(store)?;
                Ok(())
            }
        }
    )*};
}
references! {
    Func, Func;
    Rooted<ExternRef>, Extern;
    Rooted<AnyRef>, Any;
    Rooted<EqRef>, Eq;
    I31, I31;
    Rooted<StructRef>, Struct;
    Rooted<ArrayRef>, Array;
    Rooted<ExnRef>, Exn;
    Rooted<ContRef>, Cont;
}

/// The parameters of a typed function: one [`WasmTy`], or a tuple of up to 16.
pub trait WasmParams: Sized + Send + Sync + 'static {
    /// How many slots the values take.
    #[doc(hidden)]
    const SLOTS: usize;

    /// Hands the types to `f`.
    #[doc(hidden)]
    fn with_types<R>(f: impl FnOnce(&[ValType]) -> R) -> R;

    /// Reads the values from their slots.
    #[doc(hidden)]
    fn load(store: &mut StoreInner, slots: &[Slot]) -> Self;

    /// Writes the values to their slots. Fails if one belongs to another store.
    #[doc(hidden)]
    fn store(self, store: &StoreInner, slots: &mut [Slot]) -> Result<()>;
}

/// The results of a typed function: one [`WasmTy`], or a tuple of up to 16.
pub trait WasmResults: WasmParams {}

impl<R: WasmParams> WasmResults for R {}

/// What a host function may return: [`WasmResults`], or a [`Result`] of those.
pub trait WasmRet: 'static {
    /// The results.
    #[doc(hidden)]
    type Results: WasmResults;

    /// The results, or the error that ends the run.
    #[doc(hidden)]
    fn into_result(self) -> Result<Self::Results>;
}

impl<R: WasmResults> WasmRet for R {
    type Results = R;

    #[inline(always)]
    fn into_result(self) -> Result<R> {
        Ok(self)
    }
}

impl<R: WasmResults> WasmRet for Result<R, Error> {
    type Results = R;

    #[inline(always)]
    fn into_result(self) -> Result<R> {
        self
    }
}

impl<V: WasmTy> WasmParams for V {
    const SLOTS: usize = V::SLOTS;

    fn with_types<R>(f: impl FnOnce(&[ValType]) -> R) -> R {
        f(&[V::wasm_type()])
    }

    #[inline(always)]
    fn load(store: &mut StoreInner, slots: &[Slot]) -> Self {
        V::load(store, slots)
    }

    #[inline(always)]
    fn store(self, store: &StoreInner, slots: &mut [Slot]) -> Result<()> {
        V::store(self, store, slots)
    }
}

/// Calls a macro with 0 to 16 names.
macro_rules! for_each_arity {
    ($then:ident) => {
        $then! {}
        $then! { A1 }
        $then! { A1 A2 }
        $then! { A1 A2 A3 }
        $then! { A1 A2 A3 A4 }
        $then! { A1 A2 A3 A4 A5 }
        $then! { A1 A2 A3 A4 A5 A6 }
        $then! { A1 A2 A3 A4 A5 A6 A7 }
        $then! { A1 A2 A3 A4 A5 A6 A7 A8 }
        $then! { A1 A2 A3 A4 A5 A6 A7 A8 A9 }
        $then! { A1 A2 A3 A4 A5 A6 A7 A8 A9 A10 }
        $then! { A1 A2 A3 A4 A5 A6 A7 A8 A9 A10 A11 }
        $then! { A1 A2 A3 A4 A5 A6 A7 A8 A9 A10 A11 A12 }
        $then! { A1 A2 A3 A4 A5 A6 A7 A8 A9 A10 A11 A12 A13 }
        $then! { A1 A2 A3 A4 A5 A6 A7 A8 A9 A10 A11 A12 A13 A14 }
        $then! { A1 A2 A3 A4 A5 A6 A7 A8 A9 A10 A11 A12 A13 A14 A15 }
        $then! { A1 A2 A3 A4 A5 A6 A7 A8 A9 A10 A11 A12 A13 A14 A15 A16 }
    };
}
pub(crate) use for_each_arity;

macro_rules! tuple {
    ($($name:ident)*) => {
        #[allow(non_snake_case, unused_assignments, unused_mut, unused_variables)]
        #[allow(clippy::unused_unit, reason = "the tuple of no values")]
        impl<$($name: WasmTy,)*> WasmParams for ($($name,)*) {
            const SLOTS: usize = 0 $(+ $name::SLOTS)*;

            fn with_types<R>(f: impl FnOnce(&[ValType]) -> R) -> R {
                f(&[$($name::wasm_type(),)*])
            }

            #[inline(always)]
            fn load(store: &mut StoreInner, slots: &[Slot]) -> Self {
                let slots = &slots[..Self::SLOTS];
                let mut at = 0;
                $(
                    let $name = $name::load(store, &slots[at..]);
                    at += $name::SLOTS;
                )*
                ($($name,)*)
            }

            #[inline(always)]
            fn store(self, store: &StoreInner, slots: &mut [Slot]) -> Result<()> {
                let ($($name,)*) = self;
                let slots = &mut slots[..Self::SLOTS];
                let mut at = 0;
                $(
                    $name.store(store, &mut slots[at..])?;
                    at += $name::SLOTS;
                )*
                Ok(())
            }
        }
    };
}
for_each_arity!(tuple);
