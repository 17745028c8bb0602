//! The model of the operand stack: where operands are, and how they get elsewhere.

use super::*;
use crate::exec::WORD;
use crate::exec::list::Single;

impl Lowering<'_> {
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
    pub fn emit_const(&mut self, slot: u16, ty: ValType, value: u64) {
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
}
