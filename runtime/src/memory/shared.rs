//! Memories that threads share. Spec: the threads proposal, *Shared Memories*.

use super::wait::{WaitResult, Waiters, Waiting};
use super::{Backing, maximum_bytes, new_backing, page_size};
use crate::Trap;
use crate::sync::Mutex;
use crate::vm::{VmMemory, relaxed};
use alloc::sync::Arc;
use core::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use core::time::Duration;
use rwasm_parser::{Limits, MemType};

/// A shared memory. Clones are the same memory.
///
/// Its bytes never move, so that nobody who accesses them needs a lock.
#[derive(Clone)]
pub struct SharedInst(Arc<Inner>);

struct Inner {
    vm: VmMemory,
    ty: MemType,
    /// Locked while the memory grows.
    backing: Mutex<Backing>,
    waiters: Waiters,
}

/// A wait that was interrupted, and ends if nobody goes on with it.
pub struct PendingWait {
    memory: SharedInst,
    waiting: Option<Waiting>,
}

impl PendingWait {
    fn new(memory: &SharedInst, waiting: Waiting) -> Self {
        PendingWait { memory: memory.clone(), waiting: Some(waiting) }
    }

    /// The time that is left, if the wait has an end.
    pub fn left(&self) -> Option<Duration> {
        self.waiting.as_ref().and_then(Waiting::left)
    }

    /// Goes on with the wait.
    pub fn go_on(
        mut self,
        is_interrupted: Option<&dyn Fn() -> bool>,
    ) -> Result<WaitResult, PendingWait> {
        match self.waiting.take() {
            Some(waiting) => {
                let waited = self.memory.0.waiters.go_on(waiting, is_interrupted);
                waited.map_err(|waiting| PendingWait::new(&self.memory, waiting))
            }
            None => Ok(WaitResult::TimedOut),
        }
    }
}

impl Drop for PendingWait {
    fn drop(&mut self) {
        if let Some(waiting) = &self.waiting {
            self.memory.0.waiters.give_up(waiting);
        }
    }
}

/// What became of growing a memory of a certain size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grown {
    /// It grew.
    Yes,
    /// Its type or the platform does not let it.
    No,
    /// It has another size, since another thread made it grow.
    Elsewhere,
}

/// The most bytes that are allocated at once where memories cannot be reserved.
const MOST_UNRESERVED: u64 = 1 << 30;

impl SharedInst {
    /// A memory of its type's minimal size, zeroed; `None` if the platform has not that much.
    pub fn new(ty: MemType) -> Option<Self> {
        let len = usize::try_from(ty.limits.min.checked_mul(page_size(&ty))?).ok()?;
        let max = maximum_bytes(&ty);
        if len as u64 > max {
            return None;
        }
        let mut backing = new_backing(len, max)?;
        if matches!(backing, Backing::Vector(_)) {
            let all = usize::try_from(max.min(MOST_UNRESERVED)).ok()?;
            backing = new_backing(all.max(len), max)?;
        }
        let vm = VmMemory::shared(backing.base(), len);
        let waiters = Waiters::default();
        Some(SharedInst(Arc::new(Inner { vm, ty, backing: Mutex::new(backing), waiters })))
    }

    /// What running code sees.
    pub fn vm(&self) -> &VmMemory {
        &self.0.vm
    }

    /// The type, as declared.
    pub fn ty(&self) -> &MemType {
        &self.0.ty
    }

    /// The size in pages of the memory's page size.
    pub fn size_pages(&self) -> u64 {
        self.vm().len() as u64 >> self.ty().page_size_log2
    }

    /// The type with its present size as the least.
    pub fn present_type(&self) -> MemType {
        let ty = self.ty();
        MemType { limits: Limits { min: self.size_pages(), ..ty.limits }, ..*ty }
    }

    /// Whether two are the same memory.
    pub fn same(a: &Self, b: &Self) -> bool {
        Arc::ptr_eq(&a.0, &b.0)
    }

    /// Grows the memory by `delta` pages. Returns its size before, or `None` if its type or the
    /// platform does not let it grow so far.
    pub fn grow(&self, delta: u64) -> Option<u64> {
        loop {
            let before = self.size_pages();
            match self.grow_from(before, delta) {
                Grown::Yes => return Some(before),
                Grown::No => return None,
                Grown::Elsewhere => {}
            }
        }
    }

    /// Grows the memory by `delta` pages if its size is `before`.
    pub fn grow_from(&self, before: u64, delta: u64) -> Grown {
        let mut backing = self.0.backing.lock();
        if self.size_pages() != before {
            return Grown::Elsewhere;
        }
        match self.grow_backing(&mut backing, before, delta) {
            Some(()) => Grown::Yes,
            None => Grown::No,
        }
    }

    fn grow_backing(&self, backing: &mut Backing, before: u64, delta: u64) -> Option<()> {
        let ty = self.ty();
        let bytes = before.checked_add(delta)?.checked_mul(page_size(ty))?;
        let len = usize::try_from(bytes).ok().filter(|_| bytes <= maximum_bytes(ty))?;
        if delta != 0 {
            if !backing.grow_in_place(len) {
                return None;
            }
            self.vm().set_len(len);
        }
        Some(())
    }

    /// Where `len` bytes from `at` on are, if they are within the memory.
    pub fn range(&self, at: u64, len: usize) -> Option<*mut u8> {
        let end = at.checked_add(len as u64)?;
        (end <= self.vm().len() as u64).then(|| self.vm().base.wrapping_add(at as usize))
    }

    /// Fills `bytes` with those from `at` on. Returns whether they are within the memory.
    pub fn read(&self, at: u64, bytes: &mut [u8]) -> bool {
        let Some(ptr) = self.range(at, bytes.len()) else { return false };
        // SAFETY: within the memory, which `self` keeps alive; all accesses to it are atomic.
        unsafe { relaxed::read(ptr, bytes) };
        true
    }

    /// Copies `bytes` to `at`. Returns whether they are within the memory; else none is written.
    pub fn write(&self, at: u64, bytes: &[u8]) -> bool {
        let Some(ptr) = self.range(at, bytes.len()) else { return false };
        // SAFETY: as in `read`.
        unsafe { relaxed::write(ptr, bytes) };
        true
    }

    fn cell(&self, at: u64, len: usize) -> Result<*mut u8, Trap> {
        if !at.is_multiple_of(len as u64) {
            return Err(Trap::UnalignedAtomic);
        }
        self.range(at, len).ok_or(Trap::MemoryOutOfBounds)
    }

    /// Ends the waits of at most `count` threads for the place `at`. Returns how many they were.
    ///
    /// # Errors
    ///
    /// If the place is not aligned to four bytes or not within the memory.
    pub fn notify(&self, at: u64, count: u32) -> Result<u32, Trap> {
        self.cell(at, 4)?;
        Ok(self.0.waiters.notify(at as usize, count))
    }

    /// Waits for the four bytes at `at` to be notified, if they are `expected`. The inner error says
    /// that `is_interrupted` ended the wait.
    ///
    /// # Errors
    ///
    /// If the place is not aligned or not within the memory.
    pub fn wait32(
        &self,
        at: u64,
        expected: u32,
        timeout: Option<Duration>,
        is_interrupted: Option<&dyn Fn() -> bool>,
    ) -> Result<Result<WaitResult, PendingWait>, Trap> {
        let cell = self.cell(at, 4)?.cast::<AtomicU32>();
        // SAFETY: aligned, within the memory, which `self` keeps alive; all accesses are atomic.
        let is_expected = || unsafe { (*cell).load(Ordering::SeqCst) } == expected.to_le();
        let waited = self.0.waiters.wait(at as usize, is_expected, timeout, is_interrupted);
        Ok(waited.map_err(|waiting| PendingWait::new(self, waiting)))
    }

    /// As [`SharedInst::wait32`], for eight bytes.
    ///
    /// # Errors
    ///
    /// As [`SharedInst::wait32`].
    pub fn wait64(
        &self,
        at: u64,
        expected: u64,
        timeout: Option<Duration>,
        is_interrupted: Option<&dyn Fn() -> bool>,
    ) -> Result<Result<WaitResult, PendingWait>, Trap> {
        let cell = self.cell(at, 8)?.cast::<AtomicU64>();
        // SAFETY: as in `wait32`.
        let is_expected = || unsafe { (*cell).load(Ordering::SeqCst) } == expected.to_le();
        let waited = self.0.waiters.wait(at as usize, is_expected, timeout, is_interrupted);
        Ok(waited.map_err(|waiting| PendingWait::new(self, waiting)))
    }
}
