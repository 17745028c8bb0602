//! Global instances. Spec: *Execution → Runtime Structure → Global Instances*.

use super::VmGlobal;
use rwasm_parser::GlobalType;

/// A global instance.
#[repr(C)]
pub struct GlobalInst {
    /// What running code sees; first, so that a pointer to it is a pointer to the instance.
    pub vm: VmGlobal,
    /// The global's type, engine-wide.
    pub ty: GlobalType,
}
