//! Where the values of a frame are, for core dumps.

use super::*;
use rwasm_runtime::tier::{FrameValue, ValuePlace};

/// Operators at which frames stand, and what the model of the operand stack knows there.
#[derive(Default)]
pub struct Stops {
    /// The operators: offsets in the module, ascending and distinct.
    pub operators: Vec<usize>,
    /// The locals, parameters first.
    pub locals: Vec<FrameValue>,
    /// For each of `operators` the operands when it begins; none if it is not lowered.
    pub operands: Vec<Vec<FrameValue>>,
    /// For each of `operators`, the slots of locals that need not be filled with zeros yet,
    /// ascending.
    pub unset: Vec<Vec<u16>>,
    /// For each of `operators`, how many of these are not arguments of a call.
    pub below: Vec<usize>,
}

impl Stops {
    /// Forgets what was found.
    pub fn restart(&mut self) {
        self.locals.clear();
        self.operands = alloc::vec![Vec::new(); self.operators.len()];
        self.unset = alloc::vec![Vec::new(); self.operators.len()];
        self.below = alloc::vec![usize::MAX; self.operators.len()];
    }

    /// Forgets where one of the operands is at an operator.
    pub fn forget(&mut self, operator: usize, operand: usize) {
        if let Some(stop) = self.find(operator)
            && let Some(known) = self.operands[stop].get_mut(operand)
        {
            known.place = ValuePlace::Unknown;
        }
    }

    fn find(&self, operator: usize) -> Option<usize> {
        self.operators.binary_search(&operator).ok()
    }
}

fn noted(operand: &Operand) -> FrameValue {
    let place = match operand.loc {
        Loc::Home => ValuePlace::Slot(operand.home),
        Loc::Local(slot) => ValuePlace::Slot(slot),
        Loc::Const(value) => ValuePlace::Const(value),
        Loc::Acc(_) => ValuePlace::Unknown,
    };
    FrameValue { ty: operand.ty, place }
}

impl Lowering<'_> {
    /// Goes on with the operator at an offset in the module.
    pub fn begin_operator(&mut self, at: usize) {
        self.at = at;
        if let Some(notes) = &mut self.notes
            && let Some(stop) = notes.stops.find(at)
        {
            notes.stops.operands[stop] = self.b.operands.iter().map(noted).collect();
            notes.stops.unset[stop] = self.entry.iter().flat_map(Entry::unset).collect();
        }
    }

    /// Corrects what was noted of operands that the operator's first instructions have moved.
    pub fn note_moved(&mut self) {
        if let Some(notes) = &mut self.notes
            && let Some(stop) = notes.stops.find(self.at)
        {
            let known = notes.stops.operands[stop].iter_mut();
            known.zip(&self.b.operands).for_each(|(known, operand)| *known = noted(operand));
        }
    }

    /// Notes how many of the operands belong to this frame, and not to the one that it calls.
    pub fn note_below(&mut self, operands: usize) {
        if let Some(notes) = &mut self.notes
            && let Some(stop) = notes.stops.find(self.at)
        {
            notes.stops.below[stop] = operands;
        }
    }

    /// Notes the slot of a local.
    pub fn note_local(&mut self, slot: u16, ty: ValType) {
        if let Some(notes) = &mut self.notes
            && !notes.stops.operators.is_empty()
        {
            notes.stops.locals.push(FrameValue { ty, place: ValuePlace::Slot(slot) });
        }
    }
}
