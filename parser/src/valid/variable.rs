//! Locals and globals. Spec: *Validation → Instructions → Variable Instructions*.

use crate::syntax::*;
use crate::walk::{Sink, Walk, Walked};
use crate::{DecodeError, Invalid};
use alloc::format;
use alloc::vec::Vec;

/// How many locals are looked up by index. The others are searched for among their runs, so that
/// a few bytes cannot declare more locals than they are worth.
const FLAT: usize = 256;

/// The locals of a function body.
#[derive(Debug, Default)]
pub(crate) struct Locals {
    /// The first locals.
    flat: Vec<ValType>,
    /// Declared locals as runs: how many, and their type.
    runs: Vec<(u32, ValType)>,
    /// For each run the index after its last local.
    ends: Vec<u32>,
    params: u32,
    /// Locals that have no default and were set, and the order in which they were.
    set: BitSet,
    order: Vec<u32>,
}

impl Locals {
    /// A function begins.
    pub(crate) fn begin(&mut self, params: &[ValType]) {
        self.unset_from(0);
        self.runs.clear();
        self.ends.clear();
        self.flat.clear();
        // Parameters are as many as the type has words, so they can all be looked up.
        self.flat.extend_from_slice(params);
        self.params = params.len() as u32;
    }

    /// Declares a run of locals; fails if there are more than `u32` can count.
    pub(crate) fn declare(&mut self, count: u32, ty: ValType) -> Option<u32> {
        let start = self.ends.last().copied().unwrap_or(self.params);
        let end = start.checked_add(count)?;
        self.runs.push((count, ty));
        self.ends.push(end);
        if self.flat.len() < FLAT && self.flat.len() == start as usize {
            self.flat.resize((end as usize).min(FLAT), ty);
        }
        Some(end)
    }

    pub(crate) fn runs(&self) -> &[(u32, ValType)] {
        &self.runs
    }

    #[inline(always)]
    fn get(&self, local: LocalIdx) -> Option<ValType> {
        match self.flat.get(local.index()) {
            Some(&ty) => Some(ty),
            None => self.get_far(local),
        }
    }

    #[cold]
    fn get_far(&self, local: LocalIdx) -> Option<ValType> {
        let run = self.ends.partition_point(|&end| end <= local.0);
        self.runs.get(run).map(|run| run.1)
    }

    fn is_set(&self, local: LocalIdx) -> bool {
        local.0 < self.params || self.set.contains(local.0)
    }

    #[inline(never)]
    fn set(&mut self, local: LocalIdx) {
        if !self.is_set(local) {
            self.set.insert(local.0);
            self.order.push(local.0);
        }
    }

    /// How many locals without a default have been set.
    #[inline]
    pub(crate) fn set_count(&self) -> u32 {
        self.order.len() as u32
    }

    /// The end of a block: what was set in it counts as set no more.
    #[inline]
    pub(crate) fn unset_from(&mut self, count: u32) {
        while self.order.len() > count as usize
            && let Some(local) = self.order.pop()
        {
            self.set.remove(local);
        }
    }
}

impl<S: Sink> Walk<'_, '_, S> {
    #[inline(always)]
    fn local(&mut self) -> Result<(LocalIdx, ValType), DecodeError> {
        let local = LocalIdx(self.reader.u32()?);
        match self.locals.get(local) {
            Some(ty) => Ok((local, ty)),
            None => Err(self.unknown("local", local.0).into()),
        }
    }

    #[cold]
    fn uninitialized(&self, local: LocalIdx, ty: ValType) -> Invalid {
        Invalid::new(self.offset, format!("uninitialized local: {} of type {ty}", local.0))
    }

    #[inline(always)]
    pub(crate) fn local_get(&mut self) -> Walked<S> {
        let (local, ty) = self.local()?;
        if !ty.is_defaultable() && !self.locals.is_set(local) {
            return Err(self.uninitialized(local, ty).into());
        }
        self.operands.push(ty);
        self.emit(|sink, at| sink.local_get(at, local, ty))
    }

    #[inline(always)]
    pub(crate) fn local_set(&mut self) -> Walked<S> {
        let (local, ty) = self.local()?;
        self.operands.pop(self.cx(), ty)?;
        if !ty.is_defaultable() {
            self.locals.set(local);
        }
        self.emit(|sink, at| sink.local_set(at, local, ty))
    }

    #[inline(always)]
    pub(crate) fn local_tee(&mut self) -> Walked<S> {
        let (local, ty) = self.local()?;
        self.operands.unary(self.cx(), ty, ty)?;
        if !ty.is_defaultable() {
            self.locals.set(local);
        }
        self.emit(|sink, at| sink.local_tee(at, local, ty))
    }

    #[inline]
    fn global(&mut self) -> Result<(GlobalIdx, GlobalType), DecodeError> {
        let global = GlobalIdx(self.reader.u32()?);
        match self.module.globals.get(global.index()) {
            Some(&ty) => Ok((global, ty)),
            None => Err(self.unknown("global", global.0).into()),
        }
    }

    #[inline]
    pub(crate) fn global_get(&mut self) -> Walked<S> {
        let (global, ty) = self.global()?;
        self.operands.push(ty.content);
        self.emit(|sink, at| sink.global_get(at, global, ty.content))
    }

    #[inline]
    pub(crate) fn global_set(&mut self) -> Walked<S> {
        let (global, ty) = self.global()?;
        if !ty.mutable {
            let message = format!("immutable global: {}", global.0);
            return Err(Invalid::new(self.offset, message).into());
        }
        self.operands.pop(self.cx(), ty.content)?;
        self.emit(|sink, at| sink.global_set(at, global, ty.content))
    }
}
