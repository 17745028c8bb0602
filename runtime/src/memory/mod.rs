//! Linear memories. Spec: *Execution → Runtime Structure → Memory Instances*.
//!
//! One file per backing: `mapped` reserves address space and never moves; `vector` serves where
//! the platform cannot map, and moves when it grows.

#[cfg(all(feature = "std", unix, target_pointer_width = "64", not(miri)))]
mod mapped;
mod vector;

#[cfg(all(feature = "std", unix, target_pointer_width = "64", not(miri)))]
use mapped::Mapped;
use vector::Vector;

use crate::vm::VmMemory;
use rwasm_parser::{Limits, MemType};

/// Zeroed bytes: where they are, and who owns them.
pub enum Backing {
    #[cfg(all(feature = "std", unix, target_pointer_width = "64", not(miri)))]
    Mapped(Mapped),
    Vector(Vector),
}

/// A memory instance.
#[repr(C)]
pub struct MemInst {
    /// What running code sees; first, so that a pointer to it is a pointer to the instance.
    pub vm: VmMemory,
    /// The memory's type, as declared.
    pub ty: MemType,
    backing: Backing,
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
        let base = backing.base();
        Some(MemInst { vm: VmMemory { base, len }, ty, backing })
    }

    /// The size in pages of the memory's page size.
    pub fn size_pages(&self) -> u64 {
        self.vm.len as u64 >> self.ty.page_size_log2
    }

    /// The memory's type with its present size as the least.
    pub fn present_type(&self) -> MemType {
        MemType { limits: Limits { min: self.size_pages(), ..self.ty.limits }, ..self.ty }
    }

    /// Grows the memory to `len` bytes, which its type allows. Returns whether the platform could.
    pub fn grow_to(&mut self, len: usize) -> bool {
        let grown = match &mut self.backing {
            #[cfg(all(feature = "std", unix, target_pointer_width = "64", not(miri)))]
            Backing::Mapped(mapped) => mapped.grow_to(len),
            Backing::Vector(vector) => vector.grow_to(len),
        };
        if grown {
            self.vm.base = self.backing.base();
            self.vm.len = len;
        }
        grown
    }

    /// The bytes.
    pub fn data(&self) -> &[u8] {
        self.backing.data(self.vm.len)
    }

    /// The bytes.
    pub fn data_mut(&mut self) -> &mut [u8] {
        self.backing.data_mut(self.vm.len)
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
