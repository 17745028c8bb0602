//! Linear memories. Spec: *Execution → Runtime Structure → Memory Instances*.
//!
//! One file per backing: `mapped` reserves address space and never moves; `vector` serves where
//! the platform cannot map, and moves when it grows. `shared` is a memory of several threads, over
//! either, and `wait` the threads that wait for a place in it.

#[cfg(all(feature = "std", unix, target_pointer_width = "64", not(miri)))]
mod mapped;
mod shared;
mod vector;
mod wait;

#[cfg(all(feature = "std", unix, target_pointer_width = "64", not(miri)))]
use mapped::Mapped;
use vector::Vector;

pub use shared::{Grown, PendingWait, SharedInst};
pub use wait::{WaitResult, timeout};

use crate::vm::{VmBox, VmMemory};
use rwasm_parser::{Limits, MemType};

/// Zeroed bytes: where they are, and who owns them.
pub enum Backing {
    #[cfg(all(feature = "std", unix, target_pointer_width = "64", not(miri)))]
    Mapped(Mapped),
    Vector(Vector),
}

/// A memory instance.
pub struct MemInst {
    /// The memory's type, as declared.
    pub ty: MemType,
    /// What running code sees of a memory that is not shared.
    own: VmMemory,
    kind: Kind,
}

enum Kind {
    /// A memory of this store alone.
    Own(Backing),
    Shared(SharedInst),
}

impl MemInst {
    /// A memory of its type's minimal size, zeroed; `None` if the platform has not that much.
    pub fn new(ty: MemType) -> Option<Self> {
        let len = usize::try_from(ty.limits.min.checked_mul(page_size(&ty))?).ok()?;
        let max = maximum_bytes(&ty);
        if len as u64 > max {
            return None;
        }
        let backing = new_backing(len, max)?;
        let own = VmMemory::new(backing.base(), len);
        Some(MemInst { ty, own, kind: Kind::Own(backing) })
    }

    /// A memory that other stores may have too.
    pub fn shared(memory: SharedInst) -> Self {
        let own = VmMemory::new(core::ptr::null_mut(), 0);
        MemInst { ty: *memory.ty(), own, kind: Kind::Shared(memory) }
    }

    /// The memory that other stores may have too, if it is one.
    pub fn as_shared(&self) -> Option<&SharedInst> {
        match &self.kind {
            Kind::Own(_) => None,
            Kind::Shared(memory) => Some(memory),
        }
    }

    /// What running code sees, for as long as the instance stays where it is.
    pub fn vm_ptr(this: &VmBox<MemInst>) -> *mut VmMemory {
        match this.as_shared() {
            // What is shared is not changed through the pointer but for its length, an atomic.
            Some(memory) => core::ptr::from_ref(memory.vm()).cast_mut(),
            // SAFETY: a field of the box's value. The pointer is made from the box's own, which no
            // borrow of the instance invalidates.
            None => unsafe { &raw mut (*this.as_ptr()).own },
        }
    }

    fn vm(&self) -> &VmMemory {
        match &self.kind {
            Kind::Own(_) => &self.own,
            Kind::Shared(memory) => memory.vm(),
        }
    }

    /// Where the bytes are now.
    pub fn base(&self) -> *mut u8 {
        self.vm().base
    }

    /// The size in bytes.
    pub fn len_bytes(&self) -> usize {
        self.vm().len()
    }

    /// The size in pages of the memory's page size.
    pub fn size_pages(&self) -> u64 {
        self.len_bytes() as u64 >> self.ty.page_size_log2
    }

    /// The memory's type with its present size as the least.
    pub fn present_type(&self) -> MemType {
        MemType { limits: Limits { min: self.size_pages(), ..self.ty.limits }, ..self.ty }
    }

    /// Grows the memory by `delta` pages. Returns its size before, or `None` if its type or the
    /// platform does not let it grow so far.
    pub fn grow(&mut self, delta: u64) -> Option<u64> {
        let before = self.size_pages();
        let backing = match &mut self.kind {
            Kind::Own(backing) => backing,
            Kind::Shared(memory) => return memory.grow(delta),
        };
        let bytes = before.checked_add(delta)?.checked_mul(page_size(&self.ty))?;
        let len = usize::try_from(bytes).ok().filter(|_| bytes <= maximum_bytes(&self.ty))?;
        if delta != 0 {
            if !backing.grow_to(len) {
                return None;
            }
            self.own.base = backing.base();
            self.own.set_len(len);
        }
        Some(before)
    }

    /// The bytes of a memory that is not shared; of a shared one there is no slice.
    pub fn data(&self) -> &[u8] {
        match &self.kind {
            Kind::Own(backing) => backing.data(self.own.len()),
            Kind::Shared(_) => &[],
        }
    }

    /// As [`MemInst::data`].
    pub fn data_mut(&mut self) -> &mut [u8] {
        match &mut self.kind {
            Kind::Own(backing) => backing.data_mut(self.own.len()),
            Kind::Shared(_) => &mut [],
        }
    }

    /// Copies `bytes` to `at`. Returns whether they are within the memory; else none is written.
    pub fn write(&mut self, at: u64, bytes: &[u8]) -> bool {
        if let Kind::Shared(memory) = &self.kind {
            return memory.write(at, bytes);
        }
        let range = usize::try_from(at).ok().and_then(|at| Some(at..at.checked_add(bytes.len())?));
        let Some(target) = range.and_then(|range| self.data_mut().get_mut(range)) else {
            return false;
        };
        target.copy_from_slice(bytes);
        true
    }
}

impl Backing {
    /// Bytes that never grow, and cost nothing until they are touched where the platform can do
    /// that.
    pub fn fixed(len: usize) -> Option<Self> {
        #[cfg(all(feature = "std", unix, target_pointer_width = "64", not(miri)))]
        if let Some(mapped) = Mapped::fixed(len) {
            return Some(Backing::Mapped(mapped));
        }
        Vector::new(len).map(Backing::Vector)
    }

    /// Makes `len` bytes accessible, which are more than before; they may move. Returns whether
    /// that was possible.
    fn grow_to(&mut self, len: usize) -> bool {
        match self {
            #[cfg(all(feature = "std", unix, target_pointer_width = "64", not(miri)))]
            Backing::Mapped(mapped) => mapped.grow_to(len),
            Backing::Vector(vector) => vector.grow_to(len),
        }
    }

    /// The same, but the bytes stay where they are.
    fn grow_in_place(&mut self, len: usize) -> bool {
        match self {
            #[cfg(all(feature = "std", unix, target_pointer_width = "64", not(miri)))]
            Backing::Mapped(mapped) => len <= mapped.room() && mapped.grow_to(len),
            Backing::Vector(vector) => len <= vector.len(),
        }
    }

    /// Gives what is behind the first `keep` bytes back to the platform, where it reads as zero
    /// from then on. Returns whether the platform can do that.
    pub fn release_beyond(&mut self, keep: usize) -> bool {
        match self {
            #[cfg(all(feature = "std", unix, target_pointer_width = "64", not(miri)))]
            Backing::Mapped(mapped) => mapped.release_beyond(keep),
            Backing::Vector(_) => {
                let _ = keep;
                false
            }
        }
    }

    /// Where the bytes begin, aligned to 16.
    pub fn base(&self) -> *mut u8 {
        match self {
            #[cfg(all(feature = "std", unix, target_pointer_width = "64", not(miri)))]
            Backing::Mapped(mapped) => mapped.base(),
            Backing::Vector(vector) => vector.base(),
        }
    }

    /// The first `len` bytes.
    fn data(&self, len: usize) -> &[u8] {
        match self {
            #[cfg(all(feature = "std", unix, target_pointer_width = "64", not(miri)))]
            Backing::Mapped(mapped) => mapped.data(len),
            Backing::Vector(vector) => vector.data(len),
        }
    }

    fn data_mut(&mut self, len: usize) -> &mut [u8] {
        match self {
            #[cfg(all(feature = "std", unix, target_pointer_width = "64", not(miri)))]
            Backing::Mapped(mapped) => mapped.data_mut(len),
            Backing::Vector(vector) => vector.data_mut(len),
        }
    }
}

fn new_backing(len: usize, max: u64) -> Option<Backing> {
    #[cfg(all(feature = "std", unix, target_pointer_width = "64", not(miri)))]
    if let Some(mapped) = Mapped::new(len, max) {
        return Some(Backing::Mapped(mapped));
    }
    let _ = max;
    Vector::new(len).map(Backing::Vector)
}

/// The page size in bytes.
pub fn page_size(ty: &MemType) -> u64 {
    1 << ty.page_size_log2
}

/// The most bytes that the type allows, which is never more than the index type can address.
pub fn maximum_bytes(ty: &MemType) -> u64 {
    // What a 32-bit memory has in pages is a number of 32 bits, even where pages are bytes.
    let most_pages = u64::from(u32::MAX);
    let addressable = match ty.is_64 {
        true => u64::MAX >> 1,
        false => (1 << 32).min(most_pages.saturating_mul(page_size(ty))),
    };
    let declared = ty.limits.max.and_then(|max| max.checked_mul(page_size(ty)));
    declared.map_or(addressable, |max| max.min(addressable))
}

#[cfg(test)]
mod tests;
