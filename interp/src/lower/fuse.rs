//! Fusing instructions: `exec::fused` has the list.

use super::*;
use crate::exec::WORD;
use crate::exec::fused::JOINS_BY_PART;
use rwasm_parser::ops::BinOp;

/// An operand that was put home, so that its accumulator could be used for another one.
#[derive(Clone, Copy, Debug)]
pub struct Displaced {
    /// Which operand.
    pub index: usize,
    /// The instruction that produced it.
    pub producer: usize,
}

/// Why the left operand of a join is in the accumulator.
#[derive(Clone, Copy, Debug)]
enum Left {
    /// It was put home for the sake of the right one alone.
    Displaced,
    /// The accumulator was equal to its slot.
    Mirrored,
}

impl Lowering<'_> {
    /// Emits a binary operator on two popped operands as a join, if there is one: the right operand
    /// must have been computed last, and the left one have been in the accumulator until then.
    pub fn join(&mut self, op: BinOp, lhs: &Operand, rhs: &Operand) -> Result<bool, LowerError> {
        let is_exchanged = matches!(lhs.loc, Loc::Acc(_)) && index::commutes(op);
        let (lhs, rhs) = if is_exchanged { (rhs, lhs) } else { (lhs, rhs) };
        let Loc::Acc(Some(Producer { at })) = rhs.loc else { return Ok(false) };
        let slot = match lhs.loc {
            Loc::Home => lhs.home,
            Loc::Local(slot) => slot,
            Loc::Const(_) | Loc::Acc(_) => return Ok(false),
        };
        let Some(last) = self.b.emitted.last().filter(|last| last.at == at && !last.is_home) else {
            return Ok(false);
        };
        let rows = JOINS_BY_PART.of(last.own).iter();
        let mut rows = rows.filter(|row| row[1] == index::binop(op) as u16);
        let Some((first, join, lhs)) = rows.find_map(|&[before, _, join]| {
            let first = self.first_part(before)?;
            Some((first, join, self.left_operand(first, slot, class_of(lhs.ty))?))
        }) else {
            return Ok(false);
        };
        let index = self.b.operands.len();
        let mut operands = [0; 32];
        let mut len = 0;
        for part in first..self.b.emitted.len() {
            let start = self.b.emitted[part].at + WORD + 2;
            let end = match self.b.emitted.get(part + 1) {
                Some(next) if next.at != next.word_at => next.at + WORD,
                Some(next) => next.at,
                None => self.b.code.len(),
            };
            operands[len..len + end - start].copy_from_slice(&self.b.code[start..end]);
            len += end - start;
        }
        let position = self.notes.as_ref().and_then(|notes| notes.positions.last().copied());
        self.take_back(self.b.emitted[first].at);
        if let Left::Displaced = lhs {
            self.keep_in_acc();
            self.displaced = None;
        }
        self.op_to_acc(join as usize, op.results()[0])?;
        self.b.code.extend_from_slice(&operands[..len]);
        if let (Some(notes), Some((_, at))) = (&mut self.notes, position)
            && let Some(last) = notes.positions.last_mut()
        {
            // What can trap is the access to memory.
            last.1 = at;
            notes.stops.forget(at, index);
        }
        Ok(true)
    }

    /// The first of the instructions that compute the right operand, the last being the one emitted
    /// last and `before` the one before it, if there is one.
    fn first_part(&self, before: u16) -> Option<usize> {
        let last = self.b.emitted.len() - 1;
        if before == crate::exec::join::NONE as u16 {
            return Some(last);
        }
        let part = self.b.emitted.get(last.checked_sub(1)?)?;
        (part.own == before && !part.is_home).then_some(last - 1)
    }

    /// How the left operand came to be in the accumulator when the instruction `first` began.
    fn left_operand(&self, first: usize, slot: u16, class: Class) -> Option<Left> {
        // The address of a load has an accumulator of its own, unless the result has the same.
        let part = if class == Class::Int { first } else { self.b.emitted.len() - 1 };
        if self.b.emitted[part].prior == Some(slot) {
            return Some(Left::Mirrored);
        }
        let Displaced { index, producer } = self.displaced?;
        let before = self.b.emitted.get(first.checked_sub(1)?)?;
        let is_displaced =
            index == self.b.operands.len() && before.at == producer && before.is_home;
        is_displaced.then_some(Left::Displaced)
    }

    /// Takes back that the last instruction puts its result home.
    fn keep_in_acc(&mut self) {
        let Some(last) = self.b.emitted.last_mut() else { return };
        last.is_home = false;
        last.word -= 1;
        let Emitted { word_at, word, .. } = *last;
        self.set_word(word_at, word);
    }
}
