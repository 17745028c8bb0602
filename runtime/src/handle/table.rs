//! Tables of a store. Spec: *Execution → Runtime Structure → Table Instances*.

use crate::store::{AsContext, AsContextMut, StoreId, StoreInner};
use crate::val::{Ref, Val};
use crate::vm::TableInst;
use crate::{Error, Result, TableType, Trap};

/// A table of references.
///
/// ```
/// use rwasm::{Engine, Func, Ref, RefType, Store, Table, TableType};
///
/// let mut store = Store::new(&Engine::default(), ());
/// let ty = TableType::new(RefType::FUNCREF, 4, None);
/// let table = Table::new(&mut store, ty, Ref::Func(None))?;
/// let seven = Func::wrap(&mut store, || 7);
/// table.set(&mut store, 2, seven.into())?;
/// assert!(table.get(&mut store, 1).unwrap().is_null());
/// assert!(!table.get(&mut store, 2).unwrap().is_null());
/// # Ok::<(), rwasm::Error>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Table {
    pub(crate) store: StoreId,
    pub(crate) addr: u32,
}

impl Table {
    /// A new table of its type's minimal size, filled with `init`.
    ///
    /// # Errors
    ///
    /// If `init` is not of the type's, or the store's limiter or the platform refuses.
    pub fn new(mut store: impl AsContextMut, ty: TableType, init: Ref) -> Result<Table> {
        let mut store = store.as_context_mut();
        let ty = ty.to_syntax();
        let init = store.inner.elem_of_ref(ty.element, init)?;
        let addr = store.erased(|store| store.allocate_table(ty, init))?;
        Ok(Table { store: store.inner.id, addr })
    }

    pub(crate) fn inst<'s>(&self, store: &'s StoreInner) -> &'s TableInst {
        store.id.check(self.store);
        &store.tables[self.addr as usize]
    }

    fn inst_mut<'s>(&self, store: &'s mut StoreInner) -> &'s mut TableInst {
        store.id.check(self.store);
        &mut store.tables[self.addr as usize]
    }

    /// The type of the table; its least size is the one that it had at first.
    pub fn ty(&self, store: impl AsContext) -> TableType {
        let store = store.as_context().inner;
        TableType::from_syntax(&store.engine, &self.inst(store).ty)
    }

    /// The element at `index`, or `None` if there is none.
    pub fn get(&self, mut store: impl AsContextMut, index: u64) -> Option<Ref> {
        let store = store.as_context_mut().inner;
        let table = self.inst(store);
        let slot = table.slot(usize::try_from(index).ok()?)?;
        let ty = table.ty.element.into();
        Val::read(store, ty, &[slot]).ref_()
    }

    /// Replaces the element at `index`.
    ///
    /// # Errors
    ///
    /// If there is none, or `val` is not of the table's type.
    pub fn set(&self, mut store: impl AsContextMut, index: u64, val: Ref) -> Result<()> {
        self.fill(&mut store, index, val, 1).map_err(|error| match error.is::<Trap>() {
            true => Error::msg("table element index out of bounds"),
            false => error,
        })
    }

    /// The number of elements.
    pub fn size(&self, store: impl AsContext) -> u64 {
        self.inst(store.as_context().inner).vm.len as u64
    }

    /// Grows the table by `delta` elements `init`. Returns its size before.
    ///
    /// # Errors
    ///
    /// If `init` is not of the table's type, or that, the store's limiter or the platform does not
    /// let it grow so far.
    pub fn grow(&self, mut store: impl AsContextMut, delta: u64, init: Ref) -> Result<u64> {
        let mut store = store.as_context_mut();
        let init = store.inner.elem_of_ref(self.inst(store.inner).ty.element, init)?;
        let before = store.erased(|store| store.grow_table(self.addr, delta, init))?;
        before.ok_or_else(|| Error::msg(alloc::format!("failed to grow table by `{delta}`")))
    }

    /// Replaces the `len` elements from `index` on by `val`.
    ///
    /// # Errors
    ///
    /// If there are fewer, which is [`Trap::TableOutOfBounds`], or `val` is not of the table's
    /// type.
    pub fn fill(&self, mut store: impl AsContextMut, index: u64, val: Ref, len: u64) -> Result<()> {
        let store = store.as_context_mut().inner;
        let elem = store.elem_of_ref(self.inst(store).ty.element, val)?;
        let elems = self.inst_mut(store).elems_mut();
        elems.get_mut(range(index, len)?).ok_or(Trap::TableOutOfBounds)?.fill(elem);
        Ok(())
    }

    /// Copies `len` elements of `src` from `src_index` on to `dst` from `dst_index` on.
    ///
    /// # Errors
    ///
    /// If there are fewer, which is [`Trap::TableOutOfBounds`], or the tables' types differ.
    pub fn copy(
        mut store: impl AsContextMut,
        dst: &Table,
        dst_index: u64,
        src: &Table,
        src_index: u64,
        len: u64,
    ) -> Result<()> {
        let store = store.as_context_mut().inner;
        let (dst_ty, src_ty) = (dst.inst(store).ty.element, src.inst(store).ty.element);
        if !store.engine.types().ref_matches(src_ty, dst_ty) {
            return Err(Error::msg("tables do not have the same element type"));
        }
        let (from, to) = (range(src_index, len)?, range(dst_index, len)?);
        if dst.addr == src.addr {
            let elems = dst.inst_mut(store).elems_mut();
            if from.end > elems.len() || to.end > elems.len() {
                return Err(Trap::TableOutOfBounds.into());
            }
            elems.copy_within(from, to.start);
            return Ok(());
        }
        let [dst, src] = store
            .tables
            .get_disjoint_mut([dst.addr as usize, src.addr as usize])
            .map_err(|_| Error::msg("a table is missing"))?;
        let from = src.elems().get(from).ok_or(Trap::TableOutOfBounds)?;
        dst.elems_mut().get_mut(to).ok_or(Trap::TableOutOfBounds)?.copy_from_slice(from);
        Ok(())
    }
}

fn range(at: u64, len: u64) -> Result<core::ops::Range<usize>> {
    let end = at.checked_add(len).and_then(|end| usize::try_from(end).ok());
    end.map(|end| at as usize..end).ok_or(Trap::TableOutOfBounds.into())
}
