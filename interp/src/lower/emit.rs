//! Instructions.

use super::*;
use crate::exec::WORD;
use crate::exec::fused::FUSIONS;
use crate::exec::list::Single;
use rwasm_runtime::vm::ExitState;

impl Lowering<'_> {
    /// Begins an instruction and returns where it is. Of one that is fused with the instruction
    /// before, that is where its own word would be, its operands being where they are.
    pub fn op(&mut self, handler: usize) -> usize {
        let handler = handler as u16;
        let previous = self.b.emitted.last().copied();
        let fused = previous.and_then(|previous| {
            if cfg!(opstats) {
                // What is counted is what could be fused.
                return None;
            }
            let word = FUSIONS.find(previous.word, handler, self.cx.backend.most_parts)?;
            (!self.may_be_rewritten(previous.at)).then_some((previous.word_at, word))
        });
        let emitted = match fused {
            Some((word_at, word)) => {
                self.set_word(word_at, word);
                Emitted {
                    at: self.b.code.len() - WORD,
                    word_at,
                    word,
                    own: handler,
                    is_home: false,
                    prior: None,
                }
            }
            None => {
                let at = self.b.code.len();
                self.b.code.extend_from_slice(&[0; WORD]);
                self.set_word(at, handler);
                Emitted {
                    at,
                    word_at: at,
                    word: handler,
                    own: handler,
                    is_home: false,
                    prior: None,
                }
            }
        };
        self.b.emitted.push(emitted);
        if let Some(notes) = &mut self.notes {
            notes.positions.push((emitted.at as u32, self.at));
        }
        self.forget_last();
        emitted.at
    }

    pub fn set_word(&mut self, at: usize, handler: u16) {
        let word = (self.cx.backend.word)(handler as usize).to_ne_bytes();
        self.b.code[at..at + WORD].copy_from_slice(&word);
        if cfg!(debug_assertions) {
            self.b.words.insert(at, handler);
        }
    }

    /// Whether an instruction has a result that is in its accumulator only, and may be needed home:
    /// then it is better left alone.
    fn may_be_rewritten(&self, at: usize) -> bool {
        self.holder.iter().flatten().any(|&index| {
            matches!(self.b.operands[index].loc, Loc::Acc(Some(producer)) if producer.at == at)
        })
    }

    /// Nothing is made of the instruction emitted last.
    pub fn forget_last(&mut self) {
        self.last = Last::Nothing;
        self.last_result = usize::MAX;
        self.last_home = usize::MAX;
    }

    /// The next instruction may be reached by other ways than the one before, so it stands for
    /// itself.
    pub fn bind_label(&mut self) {
        self.forget_last();
        let at = self.b.code.len();
        self.b.emitted.push(Emitted {
            at,
            word_at: usize::MAX,
            word: NO_FUSION,
            own: NO_FUSION,
            is_home: false,
            prior: None,
        });
    }

    pub fn single(&mut self, single: Single) -> usize {
        self.op(index::single(single))
    }

    pub fn put_u16(&mut self, value: u16) {
        self.b.code.extend_from_slice(&value.to_ne_bytes());
    }

    pub fn put_u32(&mut self, value: u32) {
        self.b.code.extend_from_slice(&value.to_ne_bytes());
    }

    pub fn put_u64(&mut self, value: u64) {
        self.b.code.extend_from_slice(&value.to_ne_bytes());
    }

    /// The operand of a source; a constant takes `size` bytes.
    pub fn put_src(&mut self, src: Src, size: usize) {
        match src {
            Src::Slot(slot) => self.put_u16(slot),
            Src::Acc => {}
            Src::Const(value) if size == 4 => self.put_u32(value as u32),
            Src::Const(value) => self.put_u64(value),
        }
    }

    /// Takes back all instructions from `at` on.
    pub fn take_back(&mut self, at: usize) {
        let mut end = at;
        while let Some(last) = self.b.emitted.pop() {
            if last.at == at {
                end = if last.at == last.word_at { last.at } else { last.at + WORD };
                break;
            }
        }
        self.b.code.truncate(end);
        if cfg!(debug_assertions) {
            self.b.words.split_off(&end);
        }
        if end > at
            && let Some(&Emitted { word_at, word, .. }) = self.b.emitted.last()
        {
            self.set_word(word_at, word);
        }
        if let Some(notes) = &mut self.notes {
            while notes.positions.last().is_some_and(|&(position, _)| position as usize >= at) {
                notes.positions.pop();
            }
        }
        self.forget_last();
    }

    /// Fails if the code is out of all proportion to the body it is made from.
    pub fn check_size(&self) -> Lowered {
        if self.b.code.len() > self.code_limit {
            return Err(LowerError::CodeTooLarge);
        }
        Ok(())
    }

    /// Charges for an operator.
    pub fn tick(&mut self) {
        self.charge(1);
    }

    /// Charges the block for so many units.
    pub fn charge(&mut self, units: u32) {
        if !self.cx.fuel || units == 0 {
            return;
        }
        self.begin_charge();
        let Some(at) = self.fuel_cost else { return };
        let field = &mut self.b.code[at..at + 4];
        let cost = u32::from_ne_bytes([field[0], field[1], field[2], field[3]]);
        field.copy_from_slice(&cost.saturating_add(units).to_ne_bytes());
    }

    /// Lets what follows have a place where its cost is written.
    pub fn begin_charge(&mut self) {
        if !self.cx.fuel || self.fuel_cost.is_some() {
            return;
        }
        // A run that is resumed here begins with empty accumulators, but for what the charge names.
        self.safepoint();
        let mirrored = self.mirror[Class::Int as usize];
        self.mirror = [None; ACCUMULATORS];
        self.mirror[Class::Int as usize] = mirrored;
        let at = self.allocating(Single::Fuel) + WORD;
        self.put_u32(0);
        self.put_u16(mirrored.unwrap_or(ExitState::NO_SLOT));
        self.fuel_cost = Some(at);
    }

    /// Before a bulk operator, which takes long: looks at the epoch, and charges for the length that is
    /// on top of the stack, a unit for each `per_unit` of it. What is paid already is kept in a slot,
    /// since a run that cannot pay all at once is resumed here as often as it takes.
    pub fn begin_bulk(&mut self, per_unit: u16) -> Lowered {
        if self.cx.epoch {
            self.safepoint();
            self.mirror = [None; ACCUMULATORS];
            self.allocating(Single::CheckEpoch);
        }
        if !self.cx.fuel {
            return Ok(());
        }
        let top = self.b.operands.len() - 1;
        self.send_home(top);
        let len = self.b.operands[top].home;
        self.push_home(ValType::I32)?;
        let paid = self.top_home();
        self.emit_const(paid, ValType::I32, 0);
        self.safepoint();
        self.mirror = [None; ACCUMULATORS];
        self.allocating(Single::Pay);
        self.put_u16(len);
        self.put_u16(paid);
        self.put_u16(per_unit);
        self.pop();
        Ok(())
    }

    /// Makes the NaNs of a result canonical, if the engine is to compute the same everywhere.
    pub fn canonicalize(&mut self, mnemonic: &str) {
        if !self.cx.canonical_nans || !numeric::may_give_nan(mnemonic) {
            return;
        }
        let top = self.b.operands.len() - 1;
        match self.b.operands[top].ty {
            ValType::F32 | ValType::F64 => {
                let is_f32 = self.b.operands[top].ty == ValType::F32;
                self.single(if is_f32 { Single::CanonF32 } else { Single::CanonF64 });
                // The instruction before must not put its own result anywhere else.
                self.b.operands[top].loc = Loc::Acc(None);
            }
            ValType::V128 => {
                let is_f32 = mnemonic.starts_with("f32x4");
                self.single(if is_f32 { Single::CanonF32x4 } else { Single::CanonF64x2 });
                let home = self.b.operands[top].home;
                self.put_u16(home);
            }
            _ => {}
        }
    }

    /// A basic block begins: nothing is known of accumulators, and operators are charged anew.
    pub fn begin_block(&mut self) {
        self.mirror = [None; ACCUMULATORS];
        // No operand is in an accumulator only, so nothing emitted before can still change.
        self.b.emitted.clear();
        self.forget_last();
        self.fuel_cost = None;
    }

    /// Begins an instruction whose result of type `ty` goes to its accumulator, and pushes that
    /// result. The handler must be the one that delivers to the accumulator only, and the one that
    /// delivers to both must follow it; sources must have been read from a state in which the
    /// accumulator was freed ([`Lowering::free_acc`]).
    pub fn op_to_acc(&mut self, handler: usize, ty: ValType) -> Result<usize, LowerError> {
        debug_assert!(self.holder[class_of(ty) as usize].is_none());
        let at = self.op(handler);
        if let Some(emitted) = self.b.emitted.last_mut() {
            emitted.prior = self.mirror[class_of(ty) as usize];
        }
        let home = self.push(ty, Loc::Acc(Some(Producer { at })))?;
        self.put_u16(home);
        self.last_result = at;
        Ok(at)
    }
}
