//! Objects of the host behind external references.

use alloc::{boxed::Box, vec::Vec};
use core::any::Any;

/// An object of the host.
pub type Object = Box<dyn Any + Send + Sync>;

/// The least number of objects made between two collections.
const MIN_THRESHOLD: usize = 1024;
/// The most objects: their numbers have 30 bits in a reference.
const MAX: usize = 1 << 30;

/// The host's objects, by number.
#[derive(Default)]
pub struct Externs {
    objects: Vec<Option<Object>>,
    free: Vec<u32>,
    marks: Vec<u64>,
    /// Made since the last collection.
    made: usize,
    /// In use after the last collection.
    live: usize,
}

impl Externs {
    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.objects.is_empty()
    }

    /// Whether so many were made since the last collection that the next is due.
    pub fn is_due(&self) -> bool {
        self.made > MIN_THRESHOLD && self.made > self.live
    }

    /// Adds an object. Returns its number, or `None` if there is no room.
    pub fn push(&mut self, object: Object) -> Option<u32> {
        if let Some(number) = self.free.pop() {
            self.made += 1;
            self.objects[number as usize] = Some(object);
            return Some(number);
        }
        if self.objects.len() == MAX || self.objects.try_reserve(1).is_err() {
            return None;
        }
        self.made += 1;
        self.objects.push(Some(object));
        Some(self.objects.len() as u32 - 1)
    }

    /// The object with a number.
    pub fn get(&self, number: u32) -> Option<&Object> {
        self.objects.get(number as usize)?.as_ref()
    }

    /// The object with a number.
    pub fn get_mut(&mut self, number: u32) -> Option<&mut Object> {
        self.objects.get_mut(number as usize)?.as_mut()
    }

    /// Gets ready for a collection.
    pub fn begin(&mut self) {
        self.marks.clear();
        self.marks.resize(self.objects.len().div_ceil(64), 0);
    }

    /// Notes that an object, if there is one, is reached.
    pub fn mark(&mut self, number: u32) {
        if let Some(word) = self.marks.get_mut(number as usize / 64) {
            *word |= 1 << (number % 64);
        }
    }

    /// Takes out the objects that are not marked.
    pub fn sweep(&mut self) -> Vec<Object> {
        let mut dead = Vec::new();
        (self.made, self.live) = (0, 0);
        for (number, object) in self.objects.iter_mut().enumerate() {
            if self.marks[number / 64] >> (number % 64) & 1 != 0 {
                self.live += 1;
            } else if let Some(object) = object.take() {
                dead.push(object);
                self.free.push(number as u32);
            }
        }
        dead
    }
}
