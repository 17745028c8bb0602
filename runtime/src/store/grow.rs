//! Growth of memories and tables: one way for guests and embedders, past the store's limiter.

use super::StoreInner;
use crate::limits::ResourceLimiter;
use crate::memory::{Grown, MemInst, SharedInst, page_size};
use crate::val::{Ref, Val};
use crate::vm::{Slot, TableInst, VmBox};
use crate::{Error, Result, Trap, Unsupported};
use rwasm_parser::{MemType, RefType, TableType};

/// The most elements that a table may have, as in the JavaScript embedding.
pub const MAX_TABLE_ELEMENTS: u64 = 10_000_000;

impl StoreInner {
    /// Adds a memory of its type's minimal size. Returns its address.
    pub(crate) fn allocate_memory(&mut self, ty: MemType) -> Result<u32> {
        self.check_memories()?;
        let bytes = saturate(ty.limits.min.checked_mul(page_size(&ty)));
        let declared = ty.limits.max.map(|max| saturate(max.checked_mul(page_size(&ty))));
        if !self.memory_growing(0, bytes, declared)? {
            return Err(Error::msg(alloc::format!(
                "memory minimum size of {} pages exceeds memory limits",
                ty.limits.min
            )));
        }
        let mem = match ty.shared {
            true => SharedInst::new(ty).map(MemInst::shared),
            false => MemInst::new(ty),
        };
        let mem = mem.ok_or_else(|| {
            Error::msg(alloc::format!("the platform has no {bytes} bytes for a memory"))
        })?;
        self.mems.push(VmBox::new(mem));
        Ok(self.mems.len() as u32 - 1)
    }

    /// Fails if there cannot be one more memory.
    fn check_memories(&mut self) -> Result<()> {
        let limit = self.limiter.as_mut().map(|limiter| limiter.ask(self.data, |l| l.memories()));
        check_count("memory", self.mems.len(), limit)
    }

    /// The address of a memory that other stores may have too, which is added if it is new here.
    pub(crate) fn add_shared_memory(&mut self, memory: &SharedInst) -> Result<u32> {
        let is_it = |mem: &VmBox<MemInst>| {
            mem.as_shared().is_some_and(|other| SharedInst::same(other, memory))
        };
        if let Some(addr) = self.mems.iter().position(is_it) {
            return Ok(addr as u32);
        }
        self.check_memories()?;
        self.mems.push(VmBox::new(MemInst::shared(memory.clone())));
        Ok(self.mems.len() as u32 - 1)
    }

    /// Grows a memory by `delta` pages. Returns its size before in pages, or `None` if its type,
    /// the limiter or the platform does not let it grow so far.
    pub(crate) fn grow_memory(&mut self, addr: u32, delta: u64) -> Result<Option<u64>> {
        loop {
            // Who was allowed to grow a shared memory from one size to another asks again if other
            // threads made it larger meanwhile.
            if let Some(result) = self.try_grow_memory(addr, delta)? {
                return Ok(result);
            }
        }
    }

    /// As [`StoreInner::grow_memory`], but `None` if another thread came in between.
    fn try_grow_memory(&mut self, addr: u32, delta: u64) -> Result<Option<Option<u64>>> {
        let mem = &self.mems[addr as usize];
        let (ty, current, before) = (mem.ty, mem.len_bytes(), mem.size_pages());
        if delta == 0 {
            return Ok(Some(Some(before)));
        }
        let pages = before.checked_add(delta);
        let bytes = pages.and_then(|pages| pages.checked_mul(page_size(&ty)));
        let declared = ty.limits.max.map(|max| saturate(max.checked_mul(page_size(&ty))));
        if !self.memory_growing(current, saturate(bytes), declared)? {
            return Ok(Some(None));
        }
        let mem = &mut self.mems[addr as usize];
        let shared = mem.as_shared().cloned();
        let grown = match shared {
            Some(shared) => shared.grow_from(before, delta),
            None if mem.grow(delta).is_some() => Grown::Yes,
            None => Grown::No,
        };
        match grown {
            Grown::Yes => {}
            Grown::Elsewhere => return Ok(None),
            Grown::No => {
                self.growth_failed(|limiter, error| limiter.memory_grow_failed(error))?;
                return Ok(Some(None));
            }
        }
        let mem = &mut self.mems[addr as usize];
        let mem = MemInst::vm_ptr(mem);
        for instance in &mut self.instances {
            if instance.mem0() == mem {
                instance.refresh_mem0();
            }
        }
        Ok(Some(Some(before)))
    }

    fn memory_growing(&mut self, now: usize, then: usize, max: Option<usize>) -> Result<bool> {
        match &mut self.limiter {
            Some(limiter) => limiter.ask(self.data, |l| l.memory_growing(now, then, max)),
            None => Ok(true),
        }
    }

    /// Adds a table of its type's minimal size, filled with `init`. Its type is engine-wide.
    /// Returns its address.
    pub(crate) fn allocate_table(&mut self, ty: TableType, init: u64) -> Result<u32> {
        if ty.shared {
            return Err(Unsupported::new("shared tables").into());
        }
        let limit = self.limiter.as_mut().map(|limiter| limiter.ask(self.data, |l| l.tables()));
        check_count("table", self.tables.len(), limit)?;
        let min = ty.limits.min;
        let allowed = self.table_growing(0, saturate(Some(min)), ty.limits.max)?;
        let mut table = TableInst::new(self.engine.types(), ty);
        if !allowed || min > MAX_TABLE_ELEMENTS || !table.grow_to(min as usize, init) {
            return Err(Error::msg(alloc::format!(
                "table minimum size of {min} elements exceeds table limits"
            )));
        }
        self.tables.push(VmBox::new(table));
        Ok(self.tables.len() as u32 - 1)
    }

    /// Grows a table by `delta` elements `init`, which are in the table's own form. Returns its
    /// size before, or `None` if its type, the limiter or the platform does not let it grow so far.
    pub(crate) fn grow_table(&mut self, addr: u32, delta: u64, init: u64) -> Result<Option<u64>> {
        let table = &self.tables[addr as usize];
        let (before, max) = (table.vm.len, table.ty.limits.max);
        if delta == 0 {
            return Ok(Some(before as u64));
        }
        let len = (before as u64).checked_add(delta);
        if !self.table_growing(before, saturate(len), max)? {
            return Ok(None);
        }
        let limit = max.unwrap_or(u64::MAX).min(MAX_TABLE_ELEMENTS);
        let table = &mut self.tables[addr as usize];
        if !len.is_some_and(|len| len <= limit && table.grow_to(len as usize, init)) {
            self.growth_failed(|limiter, error| limiter.table_grow_failed(error))?;
            return Ok(None);
        }
        Ok(Some(before as u64))
    }

    /// Tells the limiter that what it allowed was not possible.
    #[cold]
    fn growth_failed(
        &mut self,
        tell: impl FnOnce(&mut dyn ResourceLimiter, Error) -> Result<()>,
    ) -> Result<()> {
        match &mut self.limiter {
            Some(limiter) => limiter.ask(self.data, |l| tell(l, Trap::AllocationTooLarge.into())),
            None => Ok(()),
        }
    }

    fn table_growing(&mut self, now: usize, then: usize, max: Option<u64>) -> Result<bool> {
        let max = max.map(|max| saturate(Some(max)));
        match &mut self.limiter {
            Some(limiter) => limiter.ask(self.data, |l| l.table_growing(now, then, max)),
            None => Ok(true),
        }
    }

    /// A reference slot in the form in which tables hold it; `is_func` says which tables.
    pub(crate) fn elem_of_slot(&self, is_func: bool, slot: Slot) -> u64 {
        match slot.checked_sub(1) {
            Some(addr) if is_func => self.funcs.get(addr as usize).as_ptr() as u64,
            _ => slot,
        }
    }

    /// A reference in the form in which tables of `element`s hold it.
    pub(crate) fn elem_of_ref(&self, element: RefType, reference: Ref) -> Result<u64> {
        let mut slots = [0];
        Val::from(reference).write(self, element.into(), &mut slots)?;
        Ok(self.elem_of_slot(self.engine.types().is_func(element.heap_type()), slots[0]))
    }

    /// Fails if there cannot be one more instance.
    pub(crate) fn check_instances(&mut self) -> Result<()> {
        let limit = self.limiter.as_mut().map(|limiter| limiter.ask(self.data, |l| l.instances()));
        check_count("instance", self.instances.len(), limit)
    }
}

fn check_count(what: &str, count: usize, limit: Option<usize>) -> Result<()> {
    match limit {
        Some(limit) if count >= limit => Err(Error::msg(alloc::format!(
            "resource limit exceeded: {what} count too high at {}",
            count + 1
        ))),
        _ => Ok(()),
    }
}

/// A size for the limiter, which must not be asked about a smaller one.
fn saturate(size: Option<u64>) -> usize {
    size.and_then(|size| usize::try_from(size).ok()).unwrap_or(usize::MAX)
}
