//! Instantiation. Spec: *Execution → Modules → Instantiation*, step by step.

use crate::const_expr::eval;
use crate::handle::{Extern, Instance};
use crate::memory::MemInst;
use crate::store::StoreInner;
use crate::ty::{globalize_ref, globalize_val};
use crate::vm::{
    Addrs, GlobalInst, InstanceData, Parts, VmBox, call_entry_from, instance_func, with_slots,
};
use crate::{Engine, Error, Module, Result, Trap};
use alloc::{boxed::Box, vec};
use core::ops::Range;
use core::ptr;
use rwasm_parser::{ConstExpr, Elem, ElemItems, FuncIdx, GlobalType, SegmentMode, TableType};

/// Instantiates `module` with imports that match, and runs its start function.
pub fn instantiate(
    store: &mut StoreInner,
    module: &Module,
    imports: &[Extern],
) -> Result<Instance> {
    if !Engine::same(&store.engine, module.engine()) {
        return Err(Error::msg("cross-`Engine` instantiation is not supported"));
    }
    store.check_instances()?;
    let addr = allocate(store, module, imports)?;
    let temps = store.temps.len();
    let initialised = New { store, module, addr }.initialise();
    store.temps.truncate(temps);
    initialised?;
    Ok(Instance { store: store.id, addr })
}

/// Adds an instance whose globals, tables and memories are zero and null. Returns its address.
fn allocate(store: &mut StoreInner, module: &Module, imports: &[Extern]) -> Result<u32> {
    let syntax = module.syntax();
    let mut addrs = Addrs::default();
    let mut funcs = vec![ptr::null_mut(); syntax.funcs.len()];
    let mut imported_funcs = 0;
    for import in imports {
        match import {
            Extern::Func(func) => {
                funcs[imported_funcs] = func.vm(store).as_ptr();
                imported_funcs += 1;
            }
            Extern::Table(table) => addrs.tables.push(table.addr),
            Extern::Memory(memory) => addrs.mems.push(memory.addr),
            Extern::SharedMemory(memory) => addrs.mems.push(store.add_shared_memory(&memory.inst)?),
            Extern::Global(global) => addrs.globals.push(global.addr),
            Extern::Tag(tag) => addrs.tags.push(tag.addr),
        }
    }
    let ids = module.type_ids();
    let imported = &syntax.imported;
    for ty in &syntax.tables[imported.tables as usize..] {
        let ty = TableType { element: globalize_ref(ids, ty.element), ..*ty };
        addrs.tables.push(store.allocate_table(ty, 0)?);
    }
    for ty in &syntax.mems[imported.mems as usize..] {
        addrs.mems.push(store.allocate_memory(*ty)?);
    }
    for ty in &syntax.globals[imported.globals as usize..] {
        let ty = GlobalType { content: globalize_val(ids, ty.content), ..*ty };
        addrs.globals.push(store.globals.len() as u32);
        let global = GlobalInst::new(store.engine.types(), ty, [0; 2]);
        store.globals.push(VmBox::new(global));
    }
    for &ty in &syntax.tags[imported.tags as usize..] {
        addrs.tags.push(store.tags.len() as u32);
        store.tags.push(module.type_id(ty));
    }
    let parts = Parts {
        funcs,
        tables: (addrs.tables.iter())
            .map(|&addr| store.tables[addr as usize].as_ptr().cast())
            .collect(),
        mems: (addrs.mems.iter())
            .map(|&addr| MemInst::vm_ptr(&store.mems[addr as usize]))
            .collect(),
        globals: (addrs.globals.iter())
            .map(|&addr| store.globals[addr as usize].as_ptr().cast())
            .collect(),
    };
    let addr = store.instances.len() as u32;
    let vm = store.vm.as_ptr();
    store.instances.push(InstanceData::new(vm, module.clone(), addr, addrs, parts));
    Ok(addr)
}

/// An instance that is being initialised.
struct New<'a> {
    store: &'a mut StoreInner,
    module: &'a Module,
    addr: u32,
}

impl New<'_> {
    fn initialise(&mut self) -> Result<()> {
        self.globals()?;
        self.tables()?;
        self.passive_elems()?;
        self.active_elems()?;
        self.active_datas()?;
        self.start()
    }

    fn instance(&mut self) -> &mut InstanceData {
        &mut self.store.instances[self.addr as usize]
    }

    fn eval(&mut self, expr: &ConstExpr) -> Result<[u64; 2]> {
        eval(self.store, self.addr, expr)
    }

    fn globals(&mut self) -> Result<()> {
        let syntax = self.module.syntax();
        let first = syntax.imported.globals as usize;
        for (i, init) in syntax.global_inits.iter().enumerate() {
            let value = self.eval(init)?;
            let addr = self.instance().addrs.globals[first + i];
            self.store.globals[addr as usize].vm.value = value;
        }
        Ok(())
    }

    fn tables(&mut self) -> Result<()> {
        let syntax = self.module.syntax();
        let first = syntax.imported.tables as usize;
        for (i, init) in syntax.table_inits.iter().enumerate() {
            let Some(init) = init else { continue };
            let slot = self.eval(init)?[0];
            let addr = self.instance().addrs.tables[first + i] as usize;
            let elem = self.store.elem_of_slot(self.store.tables[addr].vm.is_func, slot);
            self.store.tables[addr].elems_mut().fill(elem);
        }
        Ok(())
    }

    /// Keeps the elements of passive segments; those of others are dropped.
    fn passive_elems(&mut self) -> Result<()> {
        let elems = &self.module.syntax().elems;
        self.instance().elems = vec![Box::default(); elems.len()];
        for (i, elem) in elems.iter().enumerate() {
            if let SegmentMode::Passive = elem.mode {
                let mut items = vec![0; elem.items.len()];
                self.items(elem, &mut items)?;
                self.instance().elems[i] = items.into();
            }
        }
        Ok(())
    }

    fn active_elems(&mut self) -> Result<()> {
        for elem in &self.module.syntax().elems {
            let SegmentMode::Active(table, offset) = &elem.mode else { continue };
            let offset = self.eval(offset)?[0];
            let addr = self.instance().addrs.tables[table.index()] as usize;
            let range = range(offset, elem.items.len(), self.store.tables[addr].vm.len)
                .ok_or(Trap::TableOutOfBounds)?;
            let mut items = vec![0; elem.items.len()];
            self.items(elem, &mut items)?;
            self.store.tables[addr].elems_mut()[range].copy_from_slice(&items);
        }
        Ok(())
    }

    fn active_datas(&mut self) -> Result<()> {
        let syntax = self.module.syntax();
        for (i, data) in syntax.datas.iter().enumerate() {
            let SegmentMode::Active(mem, offset) = &data.mode else { continue };
            let offset = self.eval(offset)?[0];
            let addr = self.instance().addrs.mems[mem.index()] as usize;
            let bytes = &syntax.bytes()[data.bytes.clone()];
            if !self.store.mems[addr].write(offset, bytes) {
                return Err(Trap::MemoryOutOfBounds.into());
            }
            self.instance().dropped_datas[i] = true;
        }
        Ok(())
    }

    /// The elements of a segment, in the form of the tables of its type.
    fn items(&mut self, elem: &Elem, items: &mut [u64]) -> Result<()> {
        match &elem.items {
            ElemItems::Funcs(funcs) => {
                for (item, &func) in items.iter_mut().zip(funcs) {
                    *item = self.func(func);
                }
            }
            ElemItems::Exprs(exprs) => {
                let ty = globalize_ref(self.module.type_ids(), elem.ty);
                let is_func = self.store.engine.types().is_func(ty.heap_type());
                // The next ones may allocate: what is evaluated is kept.
                let kept = self.store.temps.len();
                for (item, expr) in items.iter_mut().zip(exprs) {
                    let slot = self.eval(expr)?[0];
                    self.store.temps.push(slot);
                    *item = self.store.elem_of_slot(is_func, slot);
                }
                self.store.temps.truncate(kept);
            }
        }
        Ok(())
    }

    fn func(&mut self, func: FuncIdx) -> u64 {
        let instance = self.store.instances[self.addr as usize].as_ptr();
        instance_func(self.store, instance, func).as_ptr() as u64
    }

    fn start(&mut self) -> Result<()> {
        let Some(start) = self.module.syntax().start else { return Ok(()) };
        let instance = self.store.instances[self.addr as usize].as_ptr();
        let func = instance_func(self.store, instance, start);
        let caller = Some(self.addr);
        with_slots(self.store, 0, |store, slots| call_entry_from(store, caller, func, slots))
    }
}

/// The range of `len` from `at`, if it ends within `bound`.
fn range(at: u64, len: usize, bound: usize) -> Option<Range<usize>> {
    let end = at.checked_add(len as u64)?;
    (end <= bound as u64).then_some(at as usize..end as usize)
}
