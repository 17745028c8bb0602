//! Calls. `exec::call` describes frames.

use super::*;
use crate::exec::list::Single;
use rwasm_parser::{FuncIdx, FuncType, TableIdx, TypeIdx};

/// The frames of a call, as its instruction names them.
pub struct Frames {
    /// How far above this frame the callee's begins.
    distance: u16,
    /// This frame's slot that becomes the callee's header.
    header: u16,
    /// The same, counted from the callee's frame.
    callee_header: u16,
    /// How many slots the arguments take.
    arg_slots: u16,
}

impl Lowering<'_> {
    /// Puts arguments where the callee expects them, which is where they are at home, and saves
    /// everything that a call destroys.
    fn prepare_call(&mut self, ty: &FuncType) -> Result<Frames, LowerError> {
        self.send_top_home(ty.params().len());
        self.free_all();
        let frames = self.call_frames(ty)?;
        self.safepoint();
        Ok(frames)
    }

    /// The frames of a call whose arguments are at home.
    pub fn call_frames(&mut self, ty: &FuncType) -> Result<Frames, LowerError> {
        let first = self.b.operands.len() - ty.params().len();
        let distance = self.b.operands.get(first).map_or(self.height, |arg| arg.home.into());
        let callee_header = header_slot(ty.params(), ty.results());
        let header = distance + u32::from(callee_header);
        if header > MAX_SLOTS {
            return Err(LowerError::FrameTooLarge);
        }
        self.max_height = self.max_height.max(header);
        Ok(Frames {
            distance: distance as u16,
            header: header as u16,
            callee_header,
            arg_slots: (self.height - distance) as u16,
        })
    }

    /// Replaces arguments by results.
    pub fn finish_call(&mut self, ty: &FuncType) -> Lowered {
        for _ in ty.params() {
            self.pop();
        }
        self.mirror = [None; ACCUMULATORS];
        self.bind_label();
        match *ty.results() {
            [only] if only != ValType::V128 => self.push(only, Loc::Acc(None)).map(drop),
            ref results => results.iter().try_for_each(|&ty| self.push_home(ty)),
        }
    }

    /// The last operand of every instruction that leads to another frame.
    pub fn put_distance_to_callee(&mut self, frames: &Frames) {
        self.put_u16(frames.distance);
    }

    /// The instruction behind every call that may leave the instance.
    pub fn put_restore(&mut self, frames: &Frames) {
        self.single(Single::RestoreCtx);
        self.put_u16(self.header);
        self.put_u16(frames.distance);
    }

    /// The last operands of such a call, and that instruction.
    fn put_frames(&mut self, frames: &Frames) {
        self.put_u16(self.header);
        self.put_u16(frames.header);
        self.put_u16(frames.distance);
        self.put_restore(frames);
    }

    pub fn lower_call(&mut self, func: FuncIdx, ty: &FuncType) -> Lowered {
        let frames = self.prepare_call(ty)?;
        if func.0 < self.cx.syntax.imported.funcs {
            self.calling(Single::CallImport, ty);
            self.put_u32(func.0);
            self.put_frames(&frames);
        } else {
            let known = self.cx.known_code(func);
            let is_direct = known.is_some() || func == self.func;
            let single = if is_direct { Single::CallDirect } else { Single::CallInternal };
            let at = self.calling(single, ty);
            match known {
                Some(code) => self.put_u64(code as u64),
                None if is_direct => {
                    self.b.own_calls.push(at + crate::exec::WORD);
                    self.put_u64(0);
                }
                None => self.put_entry(func),
            }
            self.put_u16(frames.header);
            self.put_u16(frames.distance);
        }
        self.finish_call(ty)
    }

    fn put_entry(&mut self, func: FuncIdx) {
        let entry = core::ptr::from_ref(self.cx.entry(func));
        self.put_u64(entry as u64);
    }

    pub fn lower_call_indirect(
        &mut self,
        table: TableIdx,
        type_idx: TypeIdx,
        ty: &FuncType,
    ) -> Lowered {
        let operand = self.pop();
        // Arguments may be spilled from accumulators on the way, but none is loaded.
        let index = self.src_or_slot(&operand);
        let frames = self.prepare_call(ty)?;
        let acc = index == Src::Acc;
        self.calling(if acc { Single::CallIndirectA } else { Single::CallIndirectS }, ty);
        self.put_u32(table.0);
        self.put_u32(self.type_id(type_idx));
        self.put_src(index, 8);
        self.put_frames(&frames);
        self.finish_call(ty)
    }

    pub fn lower_call_ref(&mut self, ty: &FuncType) -> Lowered {
        let [reference] = self.pop_slots();
        let frames = self.prepare_call(ty)?;
        self.calling(Single::CallRef, ty);
        self.put_u16(reference);
        self.put_frames(&frames);
        self.finish_call(ty)
    }

    pub fn lower_return_call(&mut self, func: FuncIdx, ty: &FuncType) -> Lowered {
        let frames = self.prepare_call(ty)?;
        if func.0 < self.cx.syntax.imported.funcs {
            let start = self.calling(Single::ReturnCallImport, ty);
            self.put_u32(func.0);
            return self.finish_return_call(start, &frames, ty);
        }
        self.calling(Single::ReturnCallInternal, ty);
        self.put_entry(func);
        self.put_u16(frames.distance);
        self.put_u16(frames.arg_slots);
        self.put_u16(frames.callee_header);
        self.put_u16(self.header);
        self.leaves(0);
        Ok(())
    }

    /// The last operands of a tail call that may leave the instance, whose instruction is at
    /// `start`, and what follows it if the callee did not take this frame's place.
    fn finish_return_call(&mut self, start: usize, frames: &Frames, ty: &FuncType) -> Lowered {
        self.put_u16(frames.distance);
        self.put_u16(frames.arg_slots);
        self.put_u16(frames.callee_header);
        self.put_frames(frames);
        self.b.tail_calls.push(start as u32..self.b.code.len() as u32);
        self.finish_call(ty)?;
        self.lower_return()
    }

    pub fn lower_return_call_indirect(
        &mut self,
        table: TableIdx,
        type_idx: TypeIdx,
        ty: &FuncType,
    ) -> Lowered {
        let [index] = self.pop_slots();
        let frames = self.prepare_call(ty)?;
        let start = self.calling(Single::ReturnCallIndirect, ty);
        self.put_u32(table.0);
        self.put_u32(self.type_id(type_idx));
        self.put_u16(index);
        self.finish_return_call(start, &frames, ty)
    }

    pub fn lower_return_call_ref(&mut self, ty: &FuncType) -> Lowered {
        let [reference] = self.pop_slots();
        let frames = self.prepare_call(ty)?;
        let start = self.calling(Single::ReturnCallRef, ty);
        self.put_u16(reference);
        self.finish_return_call(start, &frames, ty)
    }
}
