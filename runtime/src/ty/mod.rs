//! Types as embedders see them: those of an engine, not of one module.

mod aggregate;
mod defined;
mod external;
mod val;

pub use aggregate::{FieldType, Finality, StorageType};
pub use defined::{ArrayType, ContType, FuncType, StructType};
pub use external::{
    ExportType, ExternType, GlobalType, ImportType, MemoryType, MemoryTypeBuilder, Mutability,
    TableType, TagType,
};
pub(crate) use external::{globalize_extern, globalize_ref, globalize_val};
pub use val::{HeapType, RefType, ValType};
