//! Memories that threads share. Spec: the threads proposal, *Shared Memories*.

use crate::memory::{PendingWait, SharedInst, WaitResult, page_size};
use crate::{AsContextMut, Engine, Error, MemoryAccessError, MemoryType, Result, Trap};
use core::fmt;
use core::time::Duration;

/// A linear memory that belongs to no store: instances in several stores, each on a thread of its
/// own, can import it. Clones are the same memory.
///
/// Whatever is read may be changed by another thread at any time, so there is no slice of its
/// bytes: they are copied out and in.
///
/// ```
/// use rwasm::{Engine, Linker, MemoryType, Module, SharedMemory, Store};
///
/// let engine = Engine::default();
/// let memory = SharedMemory::new(&engine, MemoryType::shared(1, 2))?;
/// let module = Module::new(
///     &engine,
///     r#"(module (import "host" "memory" (memory 1 2 shared))
///         (func (export "add") (drop (i32.atomic.rmw.add (i32.const 0) (i32.const 1)))))"#,
/// )?;
/// std::thread::scope(|scope| {
///     for _ in 0..4 {
///         scope.spawn(|| -> rwasm::Result<()> {
///             let mut store = Store::new(&engine, ());
///             let mut linker = Linker::new(&engine);
///             linker.define(&store, "host", "memory", memory.clone())?;
///             let instance = linker.instantiate(&mut store, &module)?;
///             let add = instance.get_typed_func::<(), ()>(&mut store, "add")?;
///             (0..100).try_for_each(|_| add.call(&mut store, ()))
///         });
///     }
/// });
/// let mut count = [0; 4];
/// memory.read(0, &mut count)?;
/// assert_eq!(u32::from_le_bytes(count), 400);
/// # Ok::<(), rwasm::Error>(())
/// ```
#[derive(Clone)]
pub struct SharedMemory {
    engine: Engine,
    pub(crate) inst: SharedInst,
}

impl SharedMemory {
    /// A new memory of its type's minimal size, zeroed.
    ///
    /// # Errors
    ///
    /// If the type is not that of shared memories, or the platform has not that much.
    pub fn new(engine: &Engine, ty: MemoryType) -> Result<Self> {
        if !ty.is_shared() {
            return Err(not_shared());
        }
        let inst = SharedInst::new(ty.to_syntax()).ok_or_else(|| {
            Error::msg(alloc::format!("the platform has no {} pages for a memory", ty.minimum()))
        })?;
        Ok(SharedMemory { engine: engine.clone(), inst })
    }

    /// As [`SharedMemory::new`], but a memory of `store` that its limits are asked for.
    ///
    /// # Errors
    ///
    /// As there, or if the store's limits do not let it have the memory.
    pub fn new_in(mut store: impl AsContextMut, ty: MemoryType) -> Result<Self> {
        let mut store = store.as_context_mut();
        if !ty.is_shared() {
            return Err(not_shared());
        }
        store.erased(|inner| {
            let addr = inner.allocate_memory(ty.to_syntax())?;
            let engine = inner.engine.clone();
            let inst = inner.mems[addr as usize].as_shared().ok_or_else(not_shared)?;
            Ok(SharedMemory::from_inst(&engine, inst))
        })
    }

    pub(crate) fn from_inst(engine: &Engine, inst: &SharedInst) -> Self {
        SharedMemory { engine: engine.clone(), inst: inst.clone() }
    }

    pub(crate) fn engine(&self) -> &Engine {
        &self.engine
    }

    /// The type; its least size is the one that the memory had at first.
    pub fn ty(&self) -> MemoryType {
        MemoryType::from_syntax(self.inst.ty())
    }

    /// The size in pages.
    pub fn size(&self) -> u64 {
        self.inst.size_pages()
    }

    /// The size of a page in bytes.
    pub fn page_size(&self) -> u64 {
        page_size(self.inst.ty())
    }

    /// The size in bytes.
    pub fn data_size(&self) -> usize {
        self.inst.vm().len()
    }

    /// Where the bytes are; they never move. Other threads may access them atomically at any time.
    pub fn data_ptr(&self) -> *mut u8 {
        self.inst.vm().base
    }

    /// Reads the bytes at `offset` into `buffer`.
    ///
    /// # Errors
    ///
    /// If some are outside of the memory; then `buffer` is unchanged.
    pub fn read(&self, offset: usize, buffer: &mut [u8]) -> Result<(), MemoryAccessError> {
        let is_inside = self.inst.read(offset as u64, buffer);
        is_inside.then_some(()).ok_or(MemoryAccessError::OUTSIDE)
    }

    /// Writes `buffer` to the bytes at `offset`.
    ///
    /// # Errors
    ///
    /// If some are outside of the memory; then none is written.
    pub fn write(&self, offset: usize, buffer: &[u8]) -> Result<(), MemoryAccessError> {
        let is_inside = self.inst.write(offset as u64, buffer);
        is_inside.then_some(()).ok_or(MemoryAccessError::OUTSIDE)
    }

    /// Grows the memory by `delta` pages. Returns its size before. No store's limiter is asked.
    ///
    /// # Errors
    ///
    /// If its type or the platform does not let it grow so far.
    pub fn grow(&self, delta: u64) -> Result<u64> {
        let before = self.inst.grow(delta);
        before.ok_or_else(|| Error::msg(alloc::format!("failed to grow memory by `{delta}`")))
    }

    /// `memory.atomic.notify`: ends the waits of at most `count` threads for the place `addr`.
    /// Returns how many they were.
    ///
    /// # Errors
    ///
    /// If the place is not aligned to four bytes or not within the memory.
    pub fn atomic_notify(&self, addr: u64, count: u32) -> Result<u32, Trap> {
        self.inst.notify(addr, count)
    }

    /// `memory.atomic.wait32`: if the four bytes at `addr` are `expected`, waits until the place is
    /// notified or the time is over, which without a `timeout` it never is. The calling thread is
    /// blocked.
    ///
    /// # Errors
    ///
    /// If the place is not aligned to four bytes or not within the memory.
    pub fn atomic_wait32(
        &self,
        addr: u64,
        expected: u32,
        timeout: Option<Duration>,
    ) -> Result<WaitResult, Trap> {
        Ok(uninterrupted(self.inst.wait32(addr, expected, timeout, None)?))
    }

    /// `memory.atomic.wait64`: as [`SharedMemory::atomic_wait32`], for eight bytes.
    ///
    /// # Errors
    ///
    /// If the place is not aligned to eight bytes or not within the memory.
    pub fn atomic_wait64(
        &self,
        addr: u64,
        expected: u64,
        timeout: Option<Duration>,
    ) -> Result<WaitResult, Trap> {
        Ok(uninterrupted(self.inst.wait64(addr, expected, timeout, None)?))
    }
}

/// How a wait ended that nobody can interrupt.
fn uninterrupted(result: Result<WaitResult, PendingWait>) -> WaitResult {
    result.unwrap_or(WaitResult::TimedOut)
}

fn not_shared() -> Error {
    Error::msg("shared memory must have the `shared` flag enabled on its memory type")
}

impl fmt::Debug for SharedMemory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SharedMemory").field("ty", self.inst.ty()).finish_non_exhaustive()
    }
}
