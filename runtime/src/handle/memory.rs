//! Memories of a store. Spec: *Execution → Runtime Structure → Memory Instances*.

use crate::memory::MemInst;
use crate::store::{AsContext, AsContextMut, StoreContext, StoreContextMut, StoreId, StoreInner};
use crate::{Error, MemoryType, Result};
use core::fmt;

/// A linear memory.
///
/// ```
/// use rwasm::{Engine, Memory, MemoryType, Store};
///
/// let mut store = Store::new(&Engine::default(), ());
/// let memory = Memory::new(&mut store, MemoryType::new(1, Some(2)))?;
/// memory.write(&mut store, 100, b"hello")?;
/// assert_eq!(&memory.data(&store)[100..105], b"hello");
/// assert!(memory.write(&mut store, 65535, b"over the end").is_err());
/// memory.grow(&mut store, 1)?;
/// assert_eq!(memory.data_size(&store), 2 * 65536);
/// # Ok::<(), rwasm::Error>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Memory {
    pub(crate) store: StoreId,
    pub(crate) addr: u32,
}

impl Memory {
    /// A new memory of its type's minimal size, zeroed.
    ///
    /// # Errors
    ///
    /// If the store's limiter or the platform refuses, or the type is that of a
    /// [`SharedMemory`](crate::SharedMemory).
    pub fn new(mut store: impl AsContextMut, ty: MemoryType) -> Result<Memory> {
        if ty.is_shared() {
            return Err(Error::msg("shared memories are made with `SharedMemory::new`"));
        }
        let mut store = store.as_context_mut();
        let addr = store.erased(|store| store.allocate_memory(ty.to_syntax()))?;
        Ok(Memory { store: store.inner.id, addr })
    }

    pub(crate) fn inst<'s>(&self, store: &'s StoreInner) -> &'s MemInst {
        store.id.check(self.store);
        &store.mems[self.addr as usize]
    }

    fn inst_mut<'s>(&self, store: &'s mut StoreInner) -> &'s mut MemInst {
        store.id.check(self.store);
        &mut store.mems[self.addr as usize]
    }

    /// The type of the memory; its least size is the one that it had at first.
    pub fn ty(&self, store: impl AsContext) -> MemoryType {
        MemoryType::from_syntax(&self.inst(store.as_context().inner).ty)
    }

    /// Reads the bytes at `offset` into `buffer`.
    ///
    /// # Errors
    ///
    /// If some are outside of the memory; then `buffer` is unchanged.
    pub fn read(
        &self,
        store: impl AsContext,
        offset: usize,
        buffer: &mut [u8],
    ) -> Result<(), MemoryAccessError> {
        let bytes = self.inst(store.as_context().inner).data();
        let bytes = bytes.get(offset..).and_then(|bytes| bytes.get(..buffer.len()));
        buffer.copy_from_slice(bytes.ok_or(MemoryAccessError(()))?);
        Ok(())
    }

    /// Writes `buffer` to the bytes at `offset`.
    ///
    /// # Errors
    ///
    /// If some are outside of the memory; then none is written.
    pub fn write(
        &self,
        mut store: impl AsContextMut,
        offset: usize,
        buffer: &[u8],
    ) -> Result<(), MemoryAccessError> {
        let bytes = self.inst_mut(store.as_context_mut().inner).data_mut();
        let bytes = bytes.get_mut(offset..).and_then(|bytes| bytes.get_mut(..buffer.len()));
        bytes.ok_or(MemoryAccessError(()))?.copy_from_slice(buffer);
        Ok(())
    }

    /// The bytes.
    pub fn data<'a, T: 'static>(&self, store: impl Into<StoreContext<'a, T>>) -> &'a [u8] {
        self.inst(store.into().inner).data()
    }

    /// The bytes.
    pub fn data_mut<'a, T: 'static>(
        &self,
        store: impl Into<StoreContextMut<'a, T>>,
    ) -> &'a mut [u8] {
        self.inst_mut(store.into().inner).data_mut()
    }

    /// The bytes, and the embedder's data.
    pub fn data_and_store_mut<'a, T: 'static>(
        &self,
        store: impl Into<StoreContextMut<'a, T>>,
    ) -> (&'a mut [u8], &'a mut T) {
        let store = store.into();
        (self.inst_mut(store.inner).data_mut(), store.data)
    }

    /// Where the bytes are now.
    pub fn data_ptr(&self, store: impl AsContext) -> *mut u8 {
        self.inst(store.as_context().inner).base()
    }

    /// The size in bytes.
    pub fn data_size(&self, store: impl AsContext) -> usize {
        self.inst(store.as_context().inner).len_bytes()
    }

    /// The size in pages.
    pub fn size(&self, store: impl AsContext) -> u64 {
        self.inst(store.as_context().inner).size_pages()
    }

    /// The size of a page in bytes.
    pub fn page_size(&self, store: impl AsContext) -> u64 {
        1 << self.page_size_log2(store)
    }

    /// The binary logarithm of the size of a page in bytes.
    pub fn page_size_log2(&self, store: impl AsContext) -> u8 {
        self.inst(store.as_context().inner).ty.page_size_log2
    }

    /// Grows the memory by `delta` pages. Returns its size before.
    ///
    /// # Errors
    ///
    /// If its type, the store's limiter or the platform does not let it grow so far.
    pub fn grow(&self, mut store: impl AsContextMut, delta: u64) -> Result<u64> {
        let mut store = store.as_context_mut();
        store.inner.id.check(self.store);
        let before = store.erased(|store| store.grow_memory(self.addr, delta))?;
        before.ok_or_else(|| Error::msg(alloc::format!("failed to grow memory by `{delta}`")))
    }
}

/// An access of the host was outside of the bounds of a memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MemoryAccessError(());

impl MemoryAccessError {
    pub(super) const OUTSIDE: Self = MemoryAccessError(());
}

impl fmt::Display for MemoryAccessError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("out of bounds memory access")
    }
}

impl core::error::Error for MemoryAccessError {}
