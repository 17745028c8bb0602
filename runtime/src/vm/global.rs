//! Global instances. Spec: *Execution → Runtime Structure → Global Instances*.

use super::{Slot, VmGlobal};
use crate::gc::is_traced;
use crate::types::TypeRegistry;
use rwasm_parser::GlobalType;

/// A global instance.
#[repr(C)]
pub struct GlobalInst {
    /// What running code sees; first, so that a pointer to it is a pointer to the instance.
    pub vm: VmGlobal,
    /// The global's type, engine-wide.
    pub ty: GlobalType,
    /// Whether the value is a reference that a collection follows.
    pub traced: bool,
}

impl GlobalInst {
    /// A global of an engine-wide type.
    pub fn new(types: &TypeRegistry, ty: GlobalType, value: [Slot; 2]) -> Self {
        GlobalInst { vm: VmGlobal { value }, ty, traced: is_traced(types, ty.content) }
    }
}
