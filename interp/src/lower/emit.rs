//! Instructions and the model of the operand stack.

use super::*;
use crate::exec::WORD;
use crate::exec::fused::FUSIONS;
use crate::exec::list::Single;

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
        let at = match self.fuel_cost {
            Some(at) => at,
            None => {
                // A run that is resumed here begins with empty accumulators.
                self.safepoint();
                self.mirror = [None; ACCUMULATORS];
                let at = self.allocating(Single::Fuel) + WORD;
                self.put_u32(0);
                self.fuel_cost = Some(at);
                at
            }
        };
        let field = &mut self.b.code[at..at + 4];
        let cost = u32::from_ne_bytes([field[0], field[1], field[2], field[3]]);
        field.copy_from_slice(&cost.saturating_add(units).to_ne_bytes());
    }

    /// Charges for the length that is on top of the stack, a unit for each `per_unit` of it: how much
    /// a bulk operator works. What is paid already is kept in a slot, since a run that cannot pay
    /// all at once is resumed here as often as it takes.
    pub fn pay_for(&mut self, per_unit: u16) -> Lowered {
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

    /// Pushes an operand and returns its home.
    pub fn push(&mut self, ty: ValType, loc: Loc) -> Result<u16, LowerError> {
        let slots = ty.slots();
        if self.height + slots > MAX_SLOTS {
            return Err(LowerError::FrameTooLarge);
        }
        let home = self.height as u16;
        self.height += slots;
        self.max_height = self.max_height.max(self.height);
        let index = self.b.operands.len();
        self.displaced = self.displaced.filter(|displaced| displaced.index < index);
        match loc {
            Loc::Local(_) => {
                // Few reads wait at a time, so that writes of locals need not look far.
                if self.b.pending.len() == 16 {
                    let oldest = self.b.pending.remove(0);
                    self.send_home(oldest);
                }
                self.b.pending.push(index);
            }
            Loc::Acc(_) => {
                let class = class_of(ty) as usize;
                self.holder[class] = Some(index);
                self.mirror[class] = None;
            }
            Loc::Home | Loc::Const(_) => {}
        }
        self.b.operands.push(Operand { ty, home, loc });
        self.wrote(home, slots);
        Ok(home)
    }

    /// Pushes a result that an instruction put home.
    pub fn push_home(&mut self, ty: ValType) -> Lowered {
        self.push(ty, Loc::Home).map(drop)
    }

    /// Slots changed: accumulators that were equal to them are no longer.
    pub fn wrote(&mut self, slot: u16, slots: u32) {
        let written = u32::from(slot)..u32::from(slot) + slots;
        for (class, mirror) in self.mirror.iter_mut().enumerate() {
            let len = if class == Class::Vector as usize { 2 } else { 1 };
            if mirror.is_some_and(|known| {
                let known = u32::from(known);
                known < written.end && written.start < known + len
            }) {
                *mirror = None;
            }
        }
    }

    /// Pops an operand. What it says of accumulators stays true until the next result.
    pub fn pop(&mut self) -> Operand {
        let operand = self.b.operands.pop().expect("validation keeps the stacks in step");
        let index = self.b.operands.len();
        match operand.loc {
            Loc::Local(_) => {
                if self.b.pending.last() == Some(&index) {
                    self.b.pending.pop();
                }
            }
            Loc::Acc(_) => self.holder[class_of(operand.ty) as usize] = None,
            Loc::Home | Loc::Const(_) => {}
        }
        self.height = u32::from(operand.home);
        operand
    }

    /// Where an operand, popped or not, is read best.
    pub fn src(&self, operand: &Operand) -> Src {
        let mirrored = |slot: u16| {
            let class = class_of(operand.ty);
            if class != Class::Vector && self.mirror[class as usize] == Some(slot) {
                Src::Acc
            } else {
                Src::Slot(slot)
            }
        };
        match operand.loc {
            Loc::Home => mirrored(operand.home),
            Loc::Local(slot) => mirrored(slot),
            Loc::Const(value) => Src::Const(value),
            Loc::Acc(_) => Src::Acc,
        }
    }

    /// A slot that holds a popped operand, which is sent home if it is nowhere yet.
    pub fn slot(&mut self, operand: &Operand) -> u16 {
        match operand.loc {
            Loc::Home => operand.home,
            Loc::Local(slot) => slot,
            Loc::Const(value) => {
                self.emit_const(operand.home, operand.ty, value);
                operand.home
            }
            Loc::Acc(producer) => {
                self.deliver(operand, producer);
                operand.home
            }
        }
    }

    /// Makes an operand that is in its accumulator only be at home as well.
    fn deliver(&mut self, operand: &Operand, producer: Option<Producer>) {
        let class = class_of(operand.ty);
        if !producer.is_some_and(|producer| self.rewrite(producer, operand.home)) {
            self.op(index::spill(class));
            self.put_u16(operand.home);
        }
        self.wrote(operand.home, 1);
        self.mirror[class as usize] = Some(operand.home);
    }

    /// Makes an instruction deliver its result to `slot` as well, if that can still be done.
    fn rewrite(&mut self, Producer { at }: Producer, slot: u16) -> bool {
        let mut word_at = usize::MAX;
        for emitted in self.b.emitted.iter_mut().rev() {
            if emitted.at != at {
                word_at = emitted.word_at;
                continue;
            }
            if emitted.is_home || word_at == emitted.word_at {
                // The latter was fused with what follows it.
                return false;
            }
            emitted.is_home = true;
            // The handler that delivers to both places follows the one that does not.
            emitted.word += 1;
            let Emitted { word_at, word, .. } = *emitted;
            self.set_word(word_at, word);
            self.b.code[at + WORD..at + WORD + 2].copy_from_slice(&slot.to_ne_bytes());
            return true;
        }
        false
    }

    /// Writes a constant to a slot.
    fn emit_const(&mut self, slot: u16, ty: ValType, value: u64) {
        match u32::try_from(value) {
            Ok(value) => {
                self.single(Single::Move32);
                self.put_u16(slot);
                self.put_u32(value);
            }
            Err(_) => {
                self.single(Single::MoveI);
                self.put_u16(slot);
                self.put_u64(value);
            }
        }
        self.wrote(slot, ty.slots());
    }

    /// Copies between slots.
    pub fn emit_move(&mut self, dst: u16, src: u16, ty: ValType) {
        if dst == src {
            return;
        }
        if ty == ValType::V128 {
            let is_in_acc = self.is_in_acc(src);
            self.single(if is_in_acc { Single::SpillV128 } else { Single::MoveV128S });
            self.put_u16(dst);
            if !is_in_acc {
                self.put_u16(src);
            }
            self.wrote(dst, 2);
            self.mirror[Class::Vector as usize] = Some(dst);
            return;
        }
        self.single(Single::MoveS);
        self.put_u16(dst);
        self.put_u16(src);
        self.wrote(dst, 1);
    }

    /// Whether the accumulator for vectors holds what is in the two slots from `slot` on.
    pub fn is_in_acc(&self, slot: u16) -> bool {
        self.mirror[Class::Vector as usize] == Some(slot)
    }

    /// Notes that the instruction emitted last has put its result, a vector, in its accumulator and
    /// at the home of the topmost operand. It begins at `at`, with the number of that slot.
    pub fn delivered_vector(&mut self, at: usize) {
        self.mirror[Class::Vector as usize] = Some(self.top_home());
        self.delivered_home(at);
    }

    /// Puts an operand, popped or not, in a slot. The operand itself stays where it is.
    pub fn move_to(&mut self, operand: &Operand, dst: u16) {
        match operand.loc {
            Loc::Const(value) => self.emit_const(dst, operand.ty, value),
            Loc::Acc(Some(producer)) if self.is_last(producer) && self.rewrite(producer, dst) => {
                self.wrote(dst, 1);
                self.mirror[class_of(operand.ty) as usize] = Some(dst);
            }
            Loc::Acc(_) => {
                self.op(index::spill(class_of(operand.ty)));
                self.put_u16(dst);
                self.wrote(dst, 1);
                self.mirror[class_of(operand.ty) as usize] = Some(dst);
            }
            Loc::Home if self.retarget_home(operand.home, dst) => {
                let is_vector = operand.ty == ValType::V128;
                let mirrored = is_vector && self.is_in_acc(operand.home);
                self.wrote(dst, operand.ty.slots());
                if mirrored {
                    self.mirror[Class::Vector as usize] = Some(dst);
                }
            }
            Loc::Home => self.emit_move(dst, operand.home, operand.ty),
            Loc::Local(slot) => self.emit_move(dst, slot, operand.ty),
        }
    }

    /// The instruction emitted last put its result home, and the slot for it is its first operand.
    pub fn delivered_home(&mut self, at: usize) {
        self.last_home = at;
    }

    /// If the last instruction put its result in the slot `home`, makes it `dst` instead. Nothing
    /// may read it at home any more.
    fn retarget_home(&mut self, home: u16, dst: u16) -> bool {
        let at = self.last_home.saturating_add(WORD);
        let Some(field) = self.b.code.get_mut(at..at.saturating_add(2)) else { return false };
        let is_result = field == home.to_ne_bytes();
        if is_result {
            field.copy_from_slice(&dst.to_ne_bytes());
            self.last_home = usize::MAX;
        }
        is_result
    }

    /// Whether nothing was emitted, and no label bound, since a result was produced.
    fn is_last(&self, producer: Producer) -> bool {
        producer.at == self.last_result
    }

    /// Sends an operand on the stack home.
    pub fn send_home(&mut self, index: usize) {
        let operand = self.b.operands[index];
        match operand.loc {
            Loc::Home => return,
            Loc::Local(slot) => {
                self.emit_move(operand.home, slot, operand.ty);
                self.b.pending.retain(|&pending| pending != index);
            }
            Loc::Const(value) => self.emit_const(operand.home, operand.ty, value),
            Loc::Acc(producer) => {
                self.holder[class_of(operand.ty) as usize] = None;
                self.deliver(&operand, producer);
            }
        }
        self.b.operands[index].loc = Loc::Home;
    }

    /// Sends the topmost `count` operands home.
    pub fn send_top_home(&mut self, count: usize) {
        for index in self.b.operands.len() - count..self.b.operands.len() {
            self.send_home(index);
        }
    }

    /// Makes the accumulator of a class free for a result.
    pub fn free_acc(&mut self, class: Class) {
        if class != Class::Vector
            && let Some(index) = self.holder[class as usize]
        {
            let loc = self.b.operands[index].loc;
            self.send_home(index);
            self.displaced = match loc {
                Loc::Acc(Some(Producer { at })) => Some(Displaced { index, producer: at }),
                _ => None,
            };
        }
    }

    /// Makes all accumulators free, and sends reads of locals home.
    pub fn settle(&mut self) {
        self.free_all();
        while let Some(&index) = self.b.pending.last() {
            self.send_home(index);
        }
    }

    /// Makes all accumulators free.
    pub fn free_all(&mut self) {
        for class in [Class::Int, Class::F32, Class::F64] {
            self.free_acc(class);
        }
    }

    /// Before the operands of an instruction are popped that may collect garbage: no accumulator
    /// is a root, and the operands are.
    pub fn safepoint(&mut self) {
        self.free_all();
        if self.notes.is_some() {
            self.note_moved();
            self.roots = self.live_references(self.b.operands.len());
        }
    }

    /// Begins an instruction that may collect garbage, after [`Lowering::safepoint`].
    pub fn allocating(&mut self, single: Single) -> usize {
        let at = self.single(single);
        if let Some(notes) = &mut self.notes {
            notes.references.push((at as u32, self.roots.clone()));
        }
        at
    }

    /// Begins a call whose arguments are on the stack. While the host runs, arguments are roots of
    /// this frame; while a guest does, they are the callee's.
    pub fn calling(&mut self, single: Single, ty: &rwasm_parser::FuncType) -> usize {
        let at = self.single(single);
        if self.notes.is_some() {
            let operands = self.b.operands.len();
            let all = self.live_references(operands);
            if let Some(notes) = &mut self.notes {
                notes.references.push((at as u32, all));
            }
            self.note_callee(at, operands - ty.params().len());
        }
        at
    }

    /// Notes what an instruction leaves to its frame while another runs: the lowest `operands`
    /// operands.
    pub fn note_callee(&mut self, at: usize, operands: usize) {
        self.note_below(operands);
        let below = self.live_references(operands);
        if let Some(notes) = &mut self.notes {
            notes.references.push((at as u32 + 1, below));
        }
    }

    /// The slots that hold references which keep objects alive: those of locals, and the homes of
    /// the lowest `operands` operands.
    fn live_references(&self, operands: usize) -> Arc<[u16]> {
        let slots = self.b.reference_locals.iter().copied();
        let homes = self.b.operands[..operands]
            .iter()
            .filter(|operand| operand.loc == Loc::Home && self.is_collected(operand.ty));
        slots.chain(homes.map(|operand| operand.home)).collect()
    }

    /// Whether references of a type keep objects alive.
    pub fn is_collected(&self, ty: ValType) -> bool {
        let types = &self.cx.syntax.types;
        ty.as_ref().is_some_and(|ty| !aggregate::is_func(types, ty.heap_type()))
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
