//! Instances. Spec: *Execution → Runtime Structure → Module Instances*.

use super::{VmBox, VmContext, VmFunc, VmGlobal, VmMemory, VmStore, VmTable};
use crate::module::Module;
use alloc::{boxed::Box, vec::Vec};
use core::ptr;
use rwasm_parser::{DataIdx, ElemIdx, FuncIdx, GlobalIdx, MemIdx, TableIdx};

/// Store addresses of what an instance's indices stand for, imports first.
#[derive(Default)]
pub struct Addrs {
    /// Memories.
    pub mems: Vec<u32>,
    /// Tables.
    pub tables: Vec<u32>,
    /// Globals.
    pub globals: Vec<u32>,
    /// Tags.
    pub tags: Vec<u32>,
}

/// An instance: its context first, so that a pointer to it is a pointer to its context.
#[repr(C)]
pub struct InstanceData {
    vm: VmContext,
    /// The module.
    pub module: Module,
    /// The instance's address in its store.
    pub addr: u32,
    /// Addresses of what its indices stand for.
    pub addrs: Addrs,
    /// The references of each element segment, in the form of its tables; none once it is
    /// dropped.
    pub elems: Vec<Box<[u64]>>,
    /// Whether each data segment is dropped.
    pub dropped_datas: Vec<bool>,
    funcs: Vec<*mut VmFunc>,
    tables: Vec<*mut VmTable>,
    mems: Vec<*mut VmMemory>,
    globals: Vec<*mut VmGlobal>,
}

// SAFETY: the pointers lead to boxes of the same store, which is sent and borrowed as a whole.
unsafe impl Send for InstanceData {}
// SAFETY: as above; shared access to a store only reads.
unsafe impl Sync for InstanceData {}

/// The pointers that an instance is made of; all into boxes of one store.
pub struct Parts {
    /// Imported functions, then null for each other.
    pub funcs: Vec<*mut VmFunc>,
    /// Tables, by index.
    pub tables: Vec<*mut VmTable>,
    /// Memories, by index.
    pub mems: Vec<*mut VmMemory>,
    /// Globals, by index.
    pub globals: Vec<*mut VmGlobal>,
}

impl InstanceData {
    /// An instance over `parts`; the store keeps what they point to for as long as the instance.
    pub fn new(
        store: *mut VmStore,
        module: Module,
        addr: u32,
        addrs: Addrs,
        parts: Parts,
    ) -> VmBox<InstanceData> {
        let Parts { funcs, tables, mems, globals } = parts;
        let vm = VmContext {
            store,
            mem0_base: ptr::null_mut(),
            mem0_len: 0,
            funcs: ptr::null_mut(),
            tables: ptr::null(),
            mems: ptr::null(),
            globals: ptr::null(),
            tags: ptr::null(),
            instance: ptr::null_mut(),
        };
        let dropped_datas = alloc::vec![false; module.syntax().datas.len()];
        let mut data = VmBox::new(InstanceData {
            vm,
            module,
            addr,
            addrs,
            elems: Vec::new(),
            dropped_datas,
            funcs,
            tables,
            mems,
            globals,
        });
        let this = data.as_ptr();
        data.vm.instance = this;
        data.vm.funcs = data.funcs.as_mut_ptr();
        data.vm.tables = data.tables.as_ptr();
        data.vm.mems = data.mems.as_ptr();
        data.vm.globals = data.globals.as_ptr();
        data.vm.tags = data.addrs.tags.as_ptr();
        data.refresh_mem0();
        data
    }

    /// Takes the bounds of memory 0 from the memory itself.
    pub fn refresh_mem0(&mut self) {
        if let Some(&mem) = self.mems.first() {
            // SAFETY: a memory of the same store, which outlives the instance.
            (self.vm.mem0_base, self.vm.mem0_len) = unsafe { ((*mem).base, (*mem).len()) };
        }
    }

    /// Memory 0, null if there is none.
    pub fn mem0(&self) -> *mut VmMemory {
        self.mems.first().copied().unwrap_or(ptr::null_mut())
    }

    /// The context, for running code.
    pub fn context(&self) -> *mut VmContext {
        // Through the stored pointer, which may write, and not through the borrow.
        self.vm.instance.cast()
    }

    /// The function at `idx`, null if nobody asked for it yet and it is not imported.
    pub fn func_slot(&self, idx: FuncIdx) -> *mut VmFunc {
        self.funcs[idx.index()]
    }

    /// Remembers the function at `idx`.
    pub fn set_func_slot(&mut self, idx: FuncIdx, func: *mut VmFunc) {
        self.funcs[idx.index()] = func;
    }

    /// The table at `idx`.
    pub fn table(&self, idx: TableIdx) -> *mut VmTable {
        self.tables[idx.index()]
    }

    /// The memory at `idx`.
    pub fn mem(&self, idx: MemIdx) -> *mut VmMemory {
        self.mems[idx.index()]
    }

    /// The global at `idx`.
    pub fn global(&self, idx: GlobalIdx) -> *mut VmGlobal {
        self.globals[idx.index()]
    }

    /// The bytes of a data segment; none once it is dropped.
    pub fn data(&self, idx: DataIdx) -> &[u8] {
        let syntax = self.module.syntax();
        if self.dropped_datas[idx.index()] {
            return &[];
        }
        &syntax.bytes()[syntax.datas[idx.index()].bytes.clone()]
    }

    /// The references of an element segment; none once it is dropped.
    pub fn elem(&self, idx: ElemIdx) -> &[u64] {
        &self.elems[idx.index()]
    }
}
