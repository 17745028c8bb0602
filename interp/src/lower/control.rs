//! Blocks and branches.

use super::*;
use crate::exec::list::Single;
use alloc::collections::BTreeMap;
use rwasm_parser::walk::BlockType;
use rwasm_parser::{FuncType, LabelIdx};

/// The home of the frame's first local that is no parameter: behind the header.
const HEADER_SLOTS: u32 = 2;

/// How many slots of locals cost a unit of fuel: 64 bytes.
const LOCALS_PER_UNIT: u32 = 8;

impl Lowering<'_> {
    pub fn lower_begin(&mut self, ty: &FuncType, locals: &[(u32, ValType)]) -> Lowered {
        let b = &mut *self.b;
        b.code.clear();
        b.emitted.clear();
        b.own_calls.clear();
        b.operands.clear();
        b.controls.clear();
        b.types.clear();
        b.locals.clear();
        b.patches.clear();
        b.pending.clear();
        b.catches.clear();
        b.tries.clear();
        b.legacy.clear();
        b.resumes.clear();
        b.tail_calls.clear();
        b.reference_locals.clear();
        b.words.clear();
        let mut slot = 0;
        for &ty in ty.params() {
            self.add_local(slot, ty);
            slot += ty.slots();
        }
        let first = u32::from(self.header) + HEADER_SLOTS;
        slot = first;
        for &(count, ty) in locals {
            for _ in 0..count {
                if slot + ty.slots() > MAX_SLOTS {
                    return Err(LowerError::FrameTooLarge);
                }
                self.add_local(slot, ty);
                slot += ty.slots();
            }
        }
        self.height = slot;
        self.max_height = slot;
        if self.check_stack {
            self.single(Single::CheckStack);
            self.put_u32(0);
        }
        if slot > first {
            self.zero_locals(first as u16, slot as u16);
        }
        if self.cx.epoch {
            self.safepoint();
            self.allocating(Single::CheckEpoch);
        }
        let ty = BlockType { params: &[], results: ty.results() };
        self.push_control(Kind::Body, ty, 0);
        self.begin_block();
        self.b.local_units = (slot - first) / LOCALS_PER_UNIT;
        self.charge(self.b.local_units);
        Ok(())
    }

    fn add_local(&mut self, slot: u32, ty: ValType) {
        self.b.locals.push(slot as u16);
        self.note_local(slot as u16, ty);
        if self.is_collected(ty) {
            self.b.reference_locals.push(slot as u16);
        }
    }

    /// Opens a block whose parameters are on the stack.
    pub fn push_control(&mut self, kind: Kind, ty: BlockType<'_>, position: usize) {
        let operands = self.b.operands.len() - ty.params.len();
        let base = self.b.operands.get(operands).map_or(self.height, |first| first.home.into());
        let types = self.b.types.len();
        self.b.types.extend_from_slice(ty.params);
        self.b.types.extend_from_slice(ty.results);
        self.b.controls.push(Control {
            kind,
            operands,
            base,
            types,
            params: ty.params.len(),
            results: ty.results.len(),
            branches: None,
            position,
            fuel_cost: self.fuel_cost,
            leaves: usize::MAX,
        });
    }

    /// Closes the innermost block. `fuel_cost` is of what leads to its end straight on, if it is known
    /// that nothing else does.
    fn pop_control(&mut self, fuel_cost: Option<usize>) {
        let Some(control) = self.b.controls.pop() else { return };
        let depth = self.b.controls.len();
        let is_left = control.leaves < depth;
        if is_left && let Some(outer) = self.b.controls.last_mut() {
            outer.leaves = outer.leaves.min(control.leaves);
        }
        // What is never left but by its end is followed by what follows it as often as it begins.
        self.fuel_cost = fuel_cost.or(control.fuel_cost.filter(|_| !is_left));
    }

    /// Control may leave the blocks inside of the one at `target` from here.
    pub fn leaves(&mut self, target: usize) {
        if let Some(top) = self.b.controls.last_mut() {
            top.leaves = top.leaves.min(target);
        }
    }

    pub fn lower_block(&mut self, ty: BlockType<'_>) -> Lowered {
        // What happens to locals and accumulators inside may happen on one of several paths.
        self.settle();
        self.last = Last::Nothing;
        self.begin_charge();
        self.push_control(Kind::Block, ty, 0);
        Ok(())
    }

    pub fn lower_loop(&mut self, ty: BlockType<'_>) -> Lowered {
        self.settle();
        self.send_top_home(ty.params.len());
        self.push_control(Kind::Loop, ty, self.b.code.len());
        self.begin_block();
        if self.cx.epoch {
            self.safepoint();
            self.allocating(Single::CheckEpoch);
        }
        Ok(())
    }

    pub fn lower_if(&mut self, ty: BlockType<'_>) -> Lowered {
        let condition = self.pop_condition();
        self.settle();
        self.send_top_home(ty.params.len());
        let from = self.emit_br_if(condition, false);
        let field = self.b.code.len();
        self.put_u32(0);
        // The branch to the `else` is a patch of its own.
        let patch = self.b.patches.len();
        self.b.patches.push(Patch { field, from, next: None });
        self.push_control(Kind::If, ty, patch);
        self.fuel_cost = None;
        Ok(())
    }

    pub fn lower_else(&mut self, reached: bool) -> Lowered {
        let top = self.b.controls.len() - 1;
        if reached {
            self.move_results(top);
            self.emit_br(top);
        }
        let control = self.b.controls[top];
        self.bind(control.position);
        self.b.controls[top].kind = Kind::Else;
        let params = control.types..control.types + control.params;
        self.restart(control, params)
    }

    pub fn lower_end(&mut self, reached: bool) -> Lowered {
        let top = self.b.controls.len() - 1;
        let control = self.b.controls[top];
        if control.kind == Kind::Body {
            if reached {
                self.lower_return()?;
            }
            return Ok(());
        }
        let is_label = match control.kind {
            Kind::Loop => false,
            Kind::If | Kind::Try { .. } | Kind::Legacy => true,
            _ => control.branches.is_some(),
        };
        if reached && !is_label {
            self.b.types.truncate(control.types);
            self.pop_control(self.fuel_cost);
            if self.cx.fuel {
                // A charge is emitted before the next operator; nothing may be fused over it.
                self.last = Last::Nothing;
            }
            return Ok(());
        }
        if reached {
            self.move_results(top);
        }
        if let Kind::Try { catches } = control.kind {
            if reached && catches < self.b.catches.len() {
                self.emit_br(top);
            }
            self.emit_clauses(control, catches)?;
        }
        if control.kind == Kind::Legacy {
            self.close_try(control, None);
        }
        self.close_label(top)
    }

    /// Closes the block at `top`, the innermost, whose results are in place: its label is here.
    pub fn close_label(&mut self, top: usize) -> Lowered {
        // Clauses may have branched here, as the end of the body did.
        let control = self.b.controls[top];
        if control.kind == Kind::If {
            self.bind(control.position);
        }
        let mut next = control.branches;
        while let Some(patch) = next {
            let Patch { field, from, next: following } = self.b.patches[patch as usize];
            self.write_distance(field, from, self.b.code.len());
            next = following;
        }
        let start = control.types + control.params;
        self.restart(control, start..start + control.results)?;
        self.pop_control(None);
        self.b.types.truncate(control.types);
        Ok(())
    }

    /// Forgets operands from the one at `len` on, which are no longer on the stack.
    pub fn forget_above(&mut self, len: usize) {
        self.b.pending.retain(|&pending| pending < len);
        for holder in &mut self.holder {
            *holder = holder.filter(|&index| index < len);
        }
    }

    /// Goes on at a label: the operands below the block, and those of `types` at home.
    fn restart(&mut self, control: Control, types: core::ops::Range<usize>) -> Lowered {
        self.b.operands.truncate(control.operands);
        self.forget_above(control.operands);
        self.height = control.base;
        self.begin_block();
        for i in types {
            self.push_home(self.b.types[i])?;
        }
        Ok(())
    }

    /// Lets the distance at `field`, of the instruction at `from`, lead here.
    pub fn bind_here(&mut self, field: usize, from: usize) {
        self.write_distance(field, from, self.b.code.len());
    }

    /// Lets the branch of a patch lead here.
    fn bind(&mut self, patch: usize) {
        let Patch { field, from, .. } = self.b.patches[patch];
        self.write_distance(field, from, self.b.code.len());
    }

    fn write_distance(&mut self, field: usize, from: usize, target: usize) {
        // Code is a small multiple of the body, whose size is limited far below 2 GiB.
        let distance = target as i64 - from as i64;
        self.b.code[field..field + 4].copy_from_slice(&(distance as i32).to_ne_bytes());
    }

    /// The label that `label` counts to.
    fn target(&self, label: LabelIdx) -> usize {
        self.b.controls.len() - 1 - label.index()
    }

    /// The types that a branch to a label carries, as a range of `types`.
    fn label_types(&self, target: usize) -> core::ops::Range<usize> {
        let control = &self.b.controls[target];
        let results = control.types + control.params;
        match control.kind {
            Kind::Loop => control.types..results,
            _ => results..results + control.results,
        }
    }

    /// The first operand of those that a branch to a label carries.
    fn first_carried(&self, target: usize) -> usize {
        self.b.operands.len() - self.label_types(target).len()
    }

    /// Moves the topmost operands to where the label expects them; they are dead afterwards.
    pub fn move_results(&mut self, target: usize) {
        let mut dst = self.b.controls[target].base as u16;
        // Operands only move down and in order, so none is overwritten before it is read.
        for index in self.first_carried(target)..self.b.operands.len() {
            let operand = self.b.operands[index];
            self.move_to(&operand, dst);
            dst += operand.ty.slots() as u16;
        }
    }

    /// Whether operands that are at home are where the label expects them.
    fn is_in_place(&self, target: usize) -> bool {
        let control = &self.b.controls[target];
        match self.b.operands.get(self.first_carried(target)) {
            Some(first) => u32::from(first.home) == control.base,
            None => true,
        }
    }

    /// Branches to a label with everything in place.
    pub fn emit_br(&mut self, target: usize) {
        let at = self.single(Single::Br);
        self.put_distance(at, target);
    }

    /// Writes the distance from the instruction at `from` to a label.
    fn put_distance(&mut self, from: usize, target: usize) {
        let field = self.b.code.len();
        self.put_u32(0);
        self.aim(field, from, target);
    }

    fn aim(&mut self, field: usize, from: usize, target: usize) {
        self.leaves(target);
        let control = self.b.controls[target];
        if control.kind == Kind::Loop {
            self.write_distance(field, from, control.position);
        } else {
            let patch = self.b.patches.len() as u32;
            self.b.patches.push(Patch { field, from, next: control.branches });
            self.b.controls[target].branches = Some(patch);
        }
    }

    pub fn lower_br(&mut self, label: LabelIdx) -> Lowered {
        let target = self.target(label);
        if self.b.controls[target].kind == Kind::Body {
            return self.lower_return();
        }
        self.move_results(target);
        self.emit_br(target);
        Ok(())
    }

    /// Branches to a label with the topmost operands, which are all at home.
    pub fn emit_carry(&mut self, target: usize) -> Lowered {
        if self.b.controls[target].kind == Kind::Body {
            let first = self.b.operands.len() - self.b.controls[target].results;
            self.emit_return_of_homes(first);
        } else {
            self.move_results(target);
            self.emit_br(target);
        }
        Ok(())
    }

    /// What `emit` emits is a branch without its distance, taken when the code is to go to `label`
    /// if it is given `true`, and when it is not to go there if it is given `false`.
    pub fn lower_conditional(
        &mut self,
        label: LabelIdx,
        mut emit: impl FnMut(&mut Self, bool) -> usize,
    ) -> Lowered {
        let target = self.target(label);
        let carried = self.label_types(target).len();
        self.send_top_home(carried);
        let is_body = self.b.controls[target].kind == Kind::Body;
        if !is_body && self.is_in_place(target) {
            let at = emit(self, true);
            self.put_distance(at, target);
            self.fuel_cost = None;
            return Ok(());
        }
        let (mirror, holder) = (self.mirror, self.holder);
        let at = emit(self, false);
        let field = self.b.code.len();
        self.put_u32(0);
        let height = self.height;
        if is_body {
            // Returning leaves nothing but the operands as they were: all carried ones are home.
            let operands = self.b.operands.len();
            self.emit_return_of_homes(operands - carried);
        } else {
            self.move_results(target);
            self.emit_br(target);
        }
        self.write_distance(field, at, self.b.code.len());
        (self.mirror, self.holder, self.height) = (mirror, holder, height);
        self.bind_label();
        self.fuel_cost = None;
        Ok(())
    }

    pub fn lower_br_if(&mut self, label: LabelIdx) -> Lowered {
        let condition = self.pop_condition();
        // Sending home cannot disturb the condition: it writes no accumulator and only homes that
        // are below the condition's own.
        self.lower_conditional(label, |this, when| this.emit_br_if(condition, when))
    }

    fn emit_br_null(&mut self, slot: u16, when_null: bool) -> usize {
        let single = if when_null { Single::BrOnNull } else { Single::BrOnNonNull };
        let at = self.single(single);
        self.put_u16(slot);
        at
    }

    pub fn lower_br_on_null(&mut self, label: LabelIdx) -> Lowered {
        let operand = self.pop();
        let slot = self.slot(&operand);
        self.lower_conditional(label, |this, when| this.emit_br_null(slot, when))?;
        // The reference is still where it was.
        if slot != operand.home {
            self.emit_move(operand.home, slot, operand.ty);
        }
        self.push_home(operand.ty)
    }

    pub fn lower_br_on_non_null(&mut self, label: LabelIdx) -> Lowered {
        let top = self.b.operands.len() - 1;
        self.send_home(top);
        let slot = self.b.operands[top].home;
        self.lower_conditional(label, |this, when| this.emit_br_null(slot, !when))?;
        self.pop();
        Ok(())
    }

    pub fn lower_br_table(&mut self, labels: &[LabelIdx], default: LabelIdx) -> Lowered {
        let operand = self.pop();
        let index = self.src_or_slot(&operand);
        let carried = self.label_types(self.target(default)).len();
        self.send_top_home(carried);
        let single = if index == Src::Acc { Single::BrTableA } else { Single::BrTableS };
        self.single(single);
        self.put_src(index, 4);
        self.put_u32(labels.len() as u32);
        let at = self.b.code.len();
        // Distances to labels that need operands moved lead to code behind the table that moves
        // them, one piece per label.
        let mut stubs: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for &label in labels.iter().chain([&default]) {
            let target = self.target(label);
            let direct = self.b.controls[target].kind != Kind::Body && self.is_in_place(target);
            if direct {
                self.put_distance(at, target);
            } else {
                stubs.entry(target).or_default().push(self.b.code.len());
                self.put_u32(0);
            }
        }
        let first = self.b.operands.len() - carried;
        for (target, fields) in stubs {
            for field in fields {
                self.write_distance(field, at, self.b.code.len());
            }
            self.check_size()?; // One table can lead to many pieces.
            self.begin_stub();
            if self.b.controls[target].kind == Kind::Body {
                self.emit_return_of_homes(first);
            } else {
                self.move_results(target);
                self.emit_br(target);
            }
        }
        Ok(())
    }

    /// Nothing is known at the beginning of a stub.
    pub fn begin_stub(&mut self) {
        self.mirror = [None; ACCUMULATORS];
        self.bind_label();
    }

    /// Returns the operands from `first` on, which are all at home.
    fn emit_return_of_homes(&mut self, first: usize) {
        self.leaves(0);
        let header = self.header;
        match self.b.operands[first..] {
            [] => {
                self.single(Single::Return);
                self.put_u16(header);
            }
            [only] if only.ty != ValType::V128 => self.emit_return_value(&only),
            _ => {
                let mut dst = 0;
                for index in first..self.b.operands.len() {
                    let operand = self.b.operands[index];
                    self.emit_move(dst, operand.home, operand.ty);
                    dst += operand.ty.slots() as u16;
                }
                self.single(Single::Return);
                self.put_u16(header);
            }
        }
    }

    /// Returns one number or reference.
    fn emit_return_value(&mut self, operand: &Operand) {
        let header = self.header;
        let class = class_of(operand.ty);
        match self.src(operand) {
            Src::Acc => {
                // It is not going to be needed home, so what computes it may be fused.
                let holder = self.holder[class as usize].take();
                self.single(Single::Return);
                self.put_u16(header);
                self.holder[class as usize] = holder;
            }
            Src::Const(value) if class == Class::Int => {
                self.single(Single::ReturnIntI);
                self.put_u16(header);
                self.put_u64(value);
            }
            _ => {
                let slot = self.slot(operand);
                self.single(match class {
                    Class::F32 => Single::ReturnF32S,
                    Class::F64 => Single::ReturnF64S,
                    _ => Single::ReturnIntS,
                });
                self.put_u16(header);
                self.put_u16(slot);
            }
        }
    }

    pub fn lower_return(&mut self) -> Lowered {
        self.leaves(0);
        let count = self.b.controls[0].results;
        let first = self.b.operands.len() - count;
        match self.b.operands[first..] {
            [only] if only.ty != ValType::V128 => self.emit_return_value(&only),
            _ => {
                // Results go where parameters are, and some may still be read from there.
                self.send_top_home(count);
                self.emit_return_of_homes(first);
            }
        }
        Ok(())
    }

    pub fn lower_unreachable(&mut self) -> Lowered {
        self.single(Single::Unreachable);
        Ok(())
    }
}
