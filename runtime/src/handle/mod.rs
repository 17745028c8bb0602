//! Handles of what is in a store: numbers that can be copied, each with the store it belongs to.
//!
//! A handle used with another store than its own panics. A [`SharedMemory`] belongs to no store.

mod func;
mod global;
mod instance;
mod memory;
mod shared_memory;
mod table;
mod tag;
mod typed_func;

pub use func::Func;
pub(crate) use func::check_count;
pub use global::Global;
pub use instance::Instance;
pub use memory::{Memory, MemoryAccessError};
pub use shared_memory::SharedMemory;
pub use table::Table;
pub use tag::Tag;
pub use typed_func::TypedFunc;

use crate::store::{AsContext, StoreInner};
use crate::{Engine, ExternType};

/// Something that can be imported and exported.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the names are the spec's own")]
pub enum Extern {
    Func(Func),
    Global(Global),
    Table(Table),
    Memory(Memory),
    SharedMemory(SharedMemory),
    Tag(Tag),
}

macro_rules! kinds {
    ($($kind:ident $into:ident;)*) => {
        impl Extern {
            $(
                #[doc = concat!("The `", stringify!($kind), "` that it is, if it is one.")]
                pub fn $into(self) -> Option<$kind> {
                    match self {
                        Extern::$kind(handle) => Some(handle),
                        _ => None,
                    }
                }
            )*
        }

        $(impl From<$kind> for Extern {
            fn from(handle: $kind) -> Self {
                Extern::$kind(handle)
            }
        })*
    };
}
kinds! {
    Func into_func;
    Global into_global;
    Table into_table;
    Memory into_memory;
    SharedMemory into_shared_memory;
    Tag into_tag;
}

impl Extern {
    /// Whether it can be used with a store: it is of that store, or of none and the same engine.
    pub(crate) fn is_of(&self, store: &StoreInner) -> bool {
        let id = match self {
            Extern::Func(func) => func.store,
            Extern::Global(global) => global.store,
            Extern::Table(table) => table.store,
            Extern::Memory(memory) => memory.store,
            Extern::SharedMemory(memory) => return Engine::same(memory.engine(), &store.engine),
            Extern::Tag(tag) => tag.store,
        };
        id == store.id
    }

    /// Its type. That of a memory or table has the present size as the least.
    pub fn ty(&self, store: impl AsContext) -> ExternType {
        let store = store.as_context().inner;
        ExternType::from_syntax(&store.engine, &self.syntax_type(store))
    }

    /// Its type, engine-wide.
    pub(crate) fn syntax_type(&self, store: &StoreInner) -> rwasm_parser::ExternType {
        use rwasm_parser::{ExternType as E, TypeIdx};
        match self {
            Extern::Func(func) => E::Func(TypeIdx(func.type_id(store).0)),
            Extern::Global(global) => E::Global(global.inst(store).ty),
            Extern::Table(table) => E::Table(table.inst(store).present_type()),
            Extern::Memory(memory) => E::Mem(memory.inst(store).present_type()),
            Extern::SharedMemory(memory) => E::Mem(memory.inst.present_type()),
            Extern::Tag(tag) => E::Tag(TypeIdx(tag.type_id(store).0)),
        }
    }
}

/// An export of an instance.
#[derive(Clone, Debug)]
pub struct Export<'i> {
    pub(crate) name: &'i str,
    pub(crate) item: Extern,
}

impl<'i> Export<'i> {
    /// Its name.
    pub fn name(&self) -> &'i str {
        self.name
    }

    /// What it is.
    pub fn into_extern(self) -> Extern {
        self.item
    }

    /// The function that it is, if it is one.
    pub fn into_func(self) -> Option<Func> {
        self.item.into_func()
    }

    /// The global that it is, if it is one.
    pub fn into_global(self) -> Option<Global> {
        self.item.into_global()
    }

    /// The table that it is, if it is one.
    pub fn into_table(self) -> Option<Table> {
        self.item.into_table()
    }

    /// The shared memory that it is, if it is one.
    pub fn into_shared_memory(self) -> Option<SharedMemory> {
        self.item.into_shared_memory()
    }

    /// The memory that it is, if it is one.
    pub fn into_memory(self) -> Option<Memory> {
        self.item.into_memory()
    }

    /// Its type.
    pub fn ty(&self, store: impl AsContext) -> ExternType {
        self.item.ty(store)
    }
}
