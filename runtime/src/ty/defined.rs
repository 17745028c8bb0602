//! Types that modules define. Spec: *Structure → Types → Composite Types*.

use super::ValType;
use crate::Engine;
use crate::types::TypeId;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;
use rwasm_parser as syntax;
use rwasm_parser::{CompositeType, SubType};

macro_rules! registered {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone)]
        pub struct $name {
            engine: Engine,
            id: TypeId,
            def: Arc<SubType>,
        }

        impl $name {
            /// The type whose identity in `engine` is `id`.
            pub(crate) fn from_id(engine: &Engine, id: TypeId) -> Self {
                $name { engine: engine.clone(), id, def: engine.types().get(id) }
            }

            /// The engine that the type belongs to.
            pub fn engine(&self) -> &Engine {
                &self.engine
            }

            /// The identity of the type in its engine.
            pub fn type_id(&self) -> TypeId {
                self.id
            }

            /// The definition.
            #[allow(dead_code, reason = "some kinds of types are only passed on")]
            pub(super) fn def(&self) -> &SubType {
                &self.def
            }

            /// # Panics
            ///
            /// If the type is of another engine.
            #[allow(dead_code, reason = "embedders do not give every kind of types")]
            pub(crate) fn check_engine(&self, engine: &Engine) {
                assert!(Engine::same(&self.engine, engine), "type used with wrong engine");
            }

            /// Whether every value of this type is one of `other`.
            pub fn matches(&self, other: &Self) -> bool {
                self.engine.types().is_subtype(self.id, other.id)
            }

            /// Whether two types are the same.
            #[allow(clippy::should_implement_trait, reason = "the name that embedders know")]
            pub fn eq(a: &Self, b: &Self) -> bool {
                a.id == b.id && Engine::same(&a.engine, &b.engine)
            }
        }
    )*};
}

registered! {
    /// The type of a function.
    FuncType;
    /// The type of a structure.
    StructType;
    /// The type of an array.
    ArrayType;
    /// The type of a continuation.
    ContType;
}

impl FuncType {
    /// The type of functions that take `params` and give `results`.
    pub fn new(
        engine: &Engine,
        params: impl IntoIterator<Item = ValType>,
        results: impl IntoIterator<Item = ValType>,
    ) -> Self {
        let params: Vec<_> = params.into_iter().map(|ty| ty.to_syntax()).collect();
        let results: Vec<_> = results.into_iter().map(|ty| ty.to_syntax()).collect();
        let ty = syntax::FuncType::new(&params, &results);
        Self::from_id(engine, engine.types().register_func(&ty))
    }

    pub(crate) fn syntax(&self) -> &syntax::FuncType {
        match &self.def.composite {
            CompositeType::Func(ty) => ty,
            _ => unreachable!("made from the identity of a function type"),
        }
    }

    /// The types of the parameters.
    pub fn params(&self) -> impl ExactSizeIterator<Item = ValType> + '_ {
        self.syntax().params().iter().map(|&ty| ValType::from_syntax(&self.engine, ty))
    }

    /// The types of the results.
    pub fn results(&self) -> impl ExactSizeIterator<Item = ValType> + '_ {
        self.syntax().results().iter().map(|&ty| ValType::from_syntax(&self.engine, ty))
    }

    /// The type of the parameter at `index`.
    pub fn param(&self, index: usize) -> Option<ValType> {
        self.params().nth(index)
    }

    /// The type of the result at `index`.
    pub fn result(&self, index: usize) -> Option<ValType> {
        self.results().nth(index)
    }
}

impl fmt::Display for FuncType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.syntax().fmt(f)
    }
}

impl fmt::Debug for FuncType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.syntax().fmt(f)
    }
}

macro_rules! debug_as_id {
    ($($name:ident)*) => {$(
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({:?})", stringify!($name), self.def.composite)
            }
        }
    )*};
}
debug_as_id! { StructType ArrayType ContType }
