//! What running code reads: the layout of stores, instances and functions, and the boxes that
//! hold it.
//!
//! Every structure here is `#[repr(C)]`; the interpreter uses the fields, a compiler takes its
//! offsets from `offset_of!`. Running code holds plain pointers to these structures, so they live
//! in [`VmBox`]es: at a fixed address until their store is dropped, and never borrowed by Rust
//! while a run is in progress, except by the functions that the run itself calls.

mod arena;
mod boxed;
pub mod builtins;
mod call;
mod continuation;
mod data;
mod frames;
mod func;
mod global;
mod instance;
#[cfg(not(feature = "std"))]
mod lock;
pub mod relaxed;
mod roots;
mod run;
mod stack;
mod table;

pub(crate) use arena::Arena;
pub use boxed::VmBox;
pub use call::{Exit, ExitState};
pub(crate) use call::{Left, call_entry, call_entry_from, walk_frames, with_slots};
pub use continuation::{Awaits, Continuation, Suspended};
pub(crate) use continuation::{Continuations, cont_number};
pub(crate) use data::{DataPtr, EpochCallback, Limiter};
pub(crate) use frames::{FrameValues, Value, read_frames};
pub(crate) use func::{HostData, func_addr, instance_func, new_host_func};
pub(crate) use global::GlobalInst;
pub use instance::InstanceData;
pub(crate) use instance::{Addrs, Parts};
#[cfg(not(feature = "std"))]
pub use lock::SpinLock;
pub(crate) use roots::{visit_continuation, visit_references};
pub(crate) use run::{Run, Runs};
pub(crate) use stack::{RESERVE, StackPool, ValueStack};
pub(crate) use table::TableInst;

use crate::Engine;
use crate::store::StoreInner;
use crate::types::TypeId;
use core::ptr::{self, NonNull};
use core::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

/// One operand, local, argument or result: 8 bytes; a `v128` takes two.
///
/// An `i32` or `f32` is zero-extended. A null reference is 0; a function reference is its store
/// address plus one; any other reference is as `runtime/src/gc/` and `runtime/src/vm/continuation.rs`
/// say, below 2^32 too.
pub type Slot = u64;

/// How running code is entered from anywhere: arguments in slots, results in the same slots.
///
/// `slots` points into the store's value stack, with room for the larger of parameters and
/// results; the callee checks the room for its own frame.
///
/// # Safety
///
/// The function must belong to the store of the context, `ctx` must be the caller's context (or,
/// from the host, the function's own), and the store must not be borrowed.
pub type Entry =
    unsafe extern "C" fn(ctx: *mut VmContext, func: NonNull<VmFunc>, slots: *mut Slot) -> Exit;

/// What a store shares with the code that runs in it.
#[repr(C)]
pub struct VmStore {
    /// Frames must not begin above this slot.
    pub stack_limit: *mut Slot,
    /// The first slot above everything in use, while the host runs.
    pub sp: *mut Slot,
    /// Fuel that is left, when fuel is counted.
    pub fuel: i64,
    /// The engine's epoch.
    pub epoch: *const AtomicU64,
    /// The epoch from which on the run is interrupted.
    pub epoch_deadline: u64,
    /// Where running code was left, for a trap, a suspension or a call of the host.
    pub exit: ExitState,
    /// Where the native stack was when the guest was entered, if the tier looks at that.
    pub native_stack: usize,
    /// The store itself.
    pub store: *mut StoreInner,
}

// SAFETY: the pointers lead into boxes of the same store, which is sent as a whole.
unsafe impl Send for VmStore {}
// SAFETY: as above; shared access to a store only reads.
unsafe impl Sync for VmStore {}

impl VmStore {
    /// What a new store shares: it has no stack yet.
    pub(crate) fn new(engine: &Engine) -> Self {
        VmStore {
            stack_limit: ptr::null_mut(),
            sp: ptr::null_mut(),
            fuel: 0,
            epoch: engine.epoch(),
            epoch_deadline: 0,
            exit: ExitState::NONE,
            native_stack: 0,
            store: ptr::null_mut(),
        }
    }
}

/// What the functions of one instance reach.
#[repr(C)]
pub struct VmContext {
    /// What the store shares with running code.
    pub store: *mut VmStore,
    /// Where memory 0 begins. It changes only where memories are not mapped, and then for every
    /// instance at once.
    pub mem0_base: *mut u8,
    /// The length of memory 0 in bytes, or less: a memory only grows, and whoever finds an access
    /// beyond this length asks the memory itself before it traps.
    pub mem0_len: usize,
    /// Functions by index; those that are not imported are null until somebody asks for them
    /// through [`builtins::ref_func`].
    pub funcs: *mut *mut VmFunc,
    /// Tables by index.
    pub tables: *const *mut VmTable,
    /// Memories by index.
    pub mems: *const *mut VmMemory,
    /// Globals by index.
    pub globals: *const *mut VmGlobal,
    /// Store addresses of tags by index.
    pub tags: *const u32,
    /// The instance itself.
    pub instance: *mut InstanceData,
}

/// A memory.
#[repr(C)]
pub struct VmMemory {
    /// Its first byte. That of a shared memory never changes.
    pub base: *mut u8,
    /// Its length in bytes, which another thread may change if the memory is shared.
    len: AtomicUsize,
    /// Whether other threads may access it.
    pub is_shared: bool,
}

impl VmMemory {
    /// `len` bytes from `base` on, of one store alone.
    pub(crate) const fn new(base: *mut u8, len: usize) -> Self {
        VmMemory { base, len: AtomicUsize::new(len), is_shared: false }
    }

    /// The same of a memory that threads share.
    pub(crate) const fn shared(base: *mut u8, len: usize) -> Self {
        VmMemory { is_shared: true, ..VmMemory::new(base, len) }
    }

    /// The length in bytes. It only ever grows, so what was true stays safe.
    #[inline(always)]
    pub fn len(&self) -> usize {
        self.len.load(Ordering::Relaxed)
    }

    /// Whether it has no bytes.
    #[inline(always)]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Sets the length, once so many bytes are accessible.
    pub(crate) fn set_len(&self, len: usize) {
        self.len.store(len, Ordering::Release);
    }
}

// SAFETY: the pointer leads to bytes of the same store, which is sent as a whole, or to those of a
// shared memory, which are accessed atomically.
unsafe impl Send for VmMemory {}
// SAFETY: as above; shared access to a store only reads.
unsafe impl Sync for VmMemory {}

/// A table.
#[repr(C)]
pub struct VmTable {
    /// Its elements: pointers to [`VmFunc`] (or null) for function types, else reference slots.
    pub base: *mut u64,
    /// Its length in elements.
    pub len: usize,
    /// Whether the elements are pointers to functions.
    pub is_func: bool,
}

// SAFETY: the pointers lead into the same store, which is sent as a whole.
unsafe impl Send for VmTable {}
// SAFETY: as above; shared access to a store only reads.
unsafe impl Sync for VmTable {}

/// A global.
#[repr(C, align(16))]
pub struct VmGlobal {
    /// Its value; all but a `v128` use the first slot.
    pub value: [Slot; 2],
}

/// A function of a store.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct VmFunc {
    /// Runs it.
    pub entry: Entry,
    /// The tier's own code object, or null for a host function.
    pub code: *const (),
    /// The context of its instance, or null for a host function.
    pub ctx: *mut VmContext,
    /// The store that it belongs to.
    pub store: *mut VmStore,
    /// Its type.
    pub type_id: TypeId,
    /// Its address in the store.
    pub addr: u32,
    /// Its index in its instance.
    pub func_idx: u32,
    /// The closure of a host function, or null.
    pub host: *const (),
}

// SAFETY: the pointers lead into the same store, which is sent as a whole.
unsafe impl Send for VmFunc {}
// SAFETY: as above; shared access to a store only reads.
unsafe impl Sync for VmFunc {}
