//! Memories in reserved address space: they never move, and their pages cost nothing until touched.

use core::ptr;
#[cfg(target_os = "linux")]
use rustix::mm::{Advice, madvise};
use rustix::mm::{MapFlags, MprotectFlags, ProtFlags, mmap_anonymous, mprotect, munmap};

/// Address space behind every memory that stays inaccessible, so that a compiler may leave the
/// checks of small offsets to the hardware.
const GUARD: usize = 32 << 20;

/// The largest page size of the platforms in use.
const PAGE: usize = 64 << 10;

/// The most address space reserved for one memory; one that outgrows its reservation moves.
const RESERVATION: u64 = 4 << 30;

/// A reservation whose first bytes are accessible.
pub struct Mapped {
    base: *mut u8,
    /// The length of the reservation without what is behind it for good.
    room: usize,
    guard: usize,
    accessible: usize,
}

// SAFETY: the mapping is owned and is plain bytes.
unsafe impl Send for Mapped {}
// SAFETY: as above; shared access only reads.
unsafe impl Sync for Mapped {}

impl Mapped {
    /// Reserves room for `max` bytes, or as much as is reserved at once, and makes `len` of them
    /// accessible. `None` if the platform refuses.
    pub fn new(len: usize, max: u64) -> Option<Self> {
        let wanted = max.min(RESERVATION).max(len as u64);
        Self::with_room(wanted)?.with_accessible(len)
    }

    fn with_room(room: u64) -> Option<Self> {
        Self::reserve(usize::try_from(round_up(room)?).ok()?, GUARD)
    }

    /// `len` accessible bytes that never grow.
    pub fn fixed(len: usize) -> Option<Self> {
        let room = usize::try_from(round_up(len as u64)?).ok()?;
        Self::reserve(room, 0)?.with_accessible(len)
    }

    fn reserve(room: usize, guard: usize) -> Option<Self> {
        let flags = MapFlags::PRIVATE | MapFlags::NORESERVE;
        let len = room.checked_add(guard)?.max(PAGE);
        // SAFETY: a new anonymous mapping at an address of the kernel's choice.
        let base = unsafe { mmap_anonymous(ptr::null_mut(), len, ProtFlags::empty(), flags) };
        Some(Mapped { base: base.ok()?.cast(), room, guard, accessible: 0 })
    }

    fn with_accessible(mut self, len: usize) -> Option<Self> {
        self.make_accessible(len).then_some(self)
    }

    /// Where the memory begins.
    pub fn base(&self) -> *mut u8 {
        self.base
    }

    /// How many bytes there can be without moving.
    pub fn room(&self) -> usize {
        self.room
    }

    /// Makes `len` bytes accessible, which are more than before. Returns whether that was possible.
    pub fn grow_to(&mut self, len: usize) -> bool {
        if len <= self.room {
            return self.make_accessible(len);
        }
        // Only a 64-bit memory outgrows its reservation: it moves to one of twice its size, or of
        // just its size if the platform has not that much.
        let roomy = (len as u64).checked_mul(2).and_then(Self::with_room);
        let larger = roomy.or_else(|| Self::with_room(len as u64));
        let Some(mut larger) = larger.and_then(|larger| larger.with_accessible(len)) else {
            return false;
        };
        let old = self.accessible;
        larger.data_mut(old).copy_from_slice(self.data(old));
        *self = larger;
        true
    }

    fn make_accessible(&mut self, len: usize) -> bool {
        let Some(end) = round_up(len as u64).map(|end| end as usize) else { return false };
        if end <= self.accessible {
            return true;
        }
        let start = self.base.wrapping_add(self.accessible).cast();
        let flags = MprotectFlags::READ | MprotectFlags::WRITE;
        // SAFETY: the range lies in our own mapping: `end` is at most what `new` reserved or
        // `grow_to` compared with, rounded up to pages as that was.
        let changed = unsafe { mprotect(start, end - self.accessible, flags) };
        if changed.is_ok() {
            self.accessible = end;
        }
        changed.is_ok()
    }

    /// Gives the accessible pages behind the first `keep` bytes back to the platform, where they
    /// read as zero from then on. Returns whether the platform can do that.
    pub fn release_beyond(&mut self, keep: usize) -> bool {
        #[cfg(target_os = "linux")]
        {
            let Some(keep) = round_up(keep as u64).map(|keep| keep as usize) else { return false };
            let len = self.accessible.saturating_sub(keep);
            let start = self.base.wrapping_add(keep).cast();
            // SAFETY: accessible pages of our own mapping, which stay mapped and become zero.
            len == 0 || unsafe { madvise(start, len, Advice::LinuxDontNeed) }.is_ok()
        }
        #[cfg(not(target_os = "linux"))]
        {
            let _ = keep;
            false
        }
    }

    /// The first `len` bytes, which must be accessible.
    pub fn data(&self, len: usize) -> &[u8] {
        assert!(len <= self.accessible, "the length of a memory is never beyond its mapping");
        // SAFETY: accessible, initialised by the kernel, owned by `self`.
        unsafe { core::slice::from_raw_parts(self.base, len) }
    }

    /// The first `len` bytes, which must be accessible.
    pub fn data_mut(&mut self, len: usize) -> &mut [u8] {
        assert!(len <= self.accessible, "the length of a memory is never beyond its mapping");
        // SAFETY: as in `data`, and `self` is borrowed mutably.
        unsafe { core::slice::from_raw_parts_mut(self.base, len) }
    }
}

/// `len` rounded up to pages.
fn round_up(len: u64) -> Option<u64> {
    len.checked_next_multiple_of(PAGE as u64)
}

impl Drop for Mapped {
    fn drop(&mut self) {
        // SAFETY: the whole of our own mapping, which nobody uses once its store is dropped. An
        // error leaves the mapping behind, which is harmless.
        let _ = unsafe { munmap(self.base.cast(), (self.room + self.guard).max(PAGE)) };
    }
}
