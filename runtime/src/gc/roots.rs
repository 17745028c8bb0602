//! The references that embedders hold.

use crate::vm::Slot;
use alloc::sync::{Arc, Weak};
use alloc::vec::Vec;

/// A reference in the list of roots.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Root {
    index: u32,
    /// Tells references in the same place apart.
    generation: u32,
}

/// References that keep their objects alive.
#[derive(Default)]
pub struct Roots {
    scoped: Vec<(u32, u32)>,
    generation: u32,
    owned: Vec<(Slot, Weak<()>)>,
    /// From how many owned ones on it is worth looking for those that are gone.
    prune_at: usize,
}

impl Roots {
    /// Adds a reference to the innermost scope.
    pub fn push(&mut self, slot: Slot) -> Root {
        self.scoped.push((slot as u32, self.generation));
        Root { index: self.scoped.len() as u32 - 1, generation: self.generation }
    }

    /// The reference, unless its scope has ended.
    pub fn get(&self, root: Root) -> Option<Slot> {
        let &(reference, generation) = self.scoped.get(root.index as usize)?;
        (generation == root.generation).then_some(reference.into())
    }

    /// Begins a scope.
    #[inline]
    pub fn enter(&self) -> usize {
        self.scoped.len()
    }

    /// Ends the scope that began with `scope`, and those inside it.
    #[inline]
    pub fn exit(&mut self, scope: usize) {
        if self.scoped.len() > scope {
            self.scoped.truncate(scope);
            self.generation = self.generation.wrapping_add(1);
        }
    }

    /// Adds a reference that stays until nobody has what is returned.
    pub fn own(&mut self, slot: Slot) -> Arc<()> {
        if self.owned.len() >= self.prune_at {
            self.prune();
        }
        let alive = Arc::new(());
        self.owned.push((slot, Arc::downgrade(&alive)));
        alive
    }

    /// Forgets the owned references that are gone.
    pub fn prune(&mut self) {
        self.owned.retain(|(_, alive)| alive.strong_count() != 0);
        self.prune_at = (self.owned.len() * 2).max(16);
    }

    /// Every reference.
    pub fn slots(&self) -> impl Iterator<Item = Slot> + '_ {
        let scoped = self.scoped.iter().map(|&(reference, _)| reference.into());
        scoped.chain(self.owned.iter().map(|&(slot, _)| slot))
    }
}
