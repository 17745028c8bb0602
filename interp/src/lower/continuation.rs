//! Continuations.

use super::*;
use crate::exec::list::Single;
use rwasm_parser::walk::{self, Resume, With};
use rwasm_parser::{CompositeType, FuncType, HeapType, RefType, TagIdx, TypeIdx};

/// The handlers of an instruction that resumes a continuation.
#[derive(Debug)]
pub struct ResumeSite {
    /// Where a frame stands that waits for the continuation: behind the instruction, and the one
    /// that restores the context.
    pub behind: u32,
    /// The handlers, in order.
    pub handlers: Box<[(TagIdx, Option<HandlerClause>)]>,
}

/// Where a handler of `suspend` goes on; one of `switch` has no such.
#[derive(Clone, Copy, Debug, Default)]
pub struct HandlerClause {
    /// The code to go to.
    pub target: u32,
    /// The slot for the tag's first value.
    pub values: u16,
    /// The slot for the continuation.
    pub reference: u16,
}

fn slots(types: &[ValType]) -> u16 {
    // Types have at most a thousand parameters, or as many as limits allow.
    types.iter().map(|ty| ty.slots()).sum::<u32>() as u16
}

fn cont_ref(idx: TypeIdx) -> ValType {
    RefType::new(false, HeapType::Concrete(idx)).into()
}

impl Lowering<'_> {
    pub fn lower_cont_new(&mut self, cont: TypeIdx) -> Lowered {
        self.safepoint();
        let [func] = self.pop_slots();
        self.push_home(cont_ref(cont))?;
        let dst = self.top_home();
        self.allocating(Single::ContNew);
        self.put_u16(dst);
        self.put_u16(func);
        Ok(())
    }

    pub fn lower_cont_bind(&mut self, to: TypeIdx, bound: &[ValType]) -> Lowered {
        let (cont, first) = self.begin_switching(bound.len());
        for _ in bound {
            self.pop();
        }
        self.push_home(cont_ref(to))?;
        let dst = self.top_home();
        self.allocating(Single::ContBind);
        self.put_u16(dst);
        self.put_u16(cont);
        self.put_u16(first);
        self.put_u16(slots(bound));
        Ok(())
    }

    /// Puts a continuation and the `count` values below it home and pops the former. Gives where it
    /// is, and where the first value is or would be. What a collection has to know is noted.
    fn begin_switching(&mut self, count: usize) -> (u16, u16) {
        self.send_top_home(count + 1);
        self.safepoint();
        let cont = self.pop().home;
        let first = self.b.operands.len() - count;
        let home = self.b.operands.get(first).map_or(cont, |first| first.home);
        (cont, home)
    }

    /// Begins an instruction at which the frame may be suspended. `count` values on the stack are
    /// no longer this frame's then.
    fn suspending(&mut self, single: Single, count: usize) -> usize {
        let at = self.allocating(single);
        if self.notes.is_some() {
            let operands = self.b.operands.len() - count;
            self.note_callee(at, operands);
        }
        at
    }

    pub fn lower_suspend(&mut self, tag: TagIdx, ty: &FuncType) -> Lowered {
        let count = ty.params().len();
        self.send_top_home(count);
        self.safepoint();
        let first = self.b.operands.len() - count;
        let home = self.b.operands.get(first).map_or(self.height as u16, |first| first.home);
        self.suspending(Single::Suspend, count);
        self.put_u16(home);
        self.put_u16(slots(ty.params()));
        self.put_u32(tag.0);
        self.put_u32(self.type_id(self.cx.syntax.tags[tag.index()]));
        self.finish_call(ty)
    }

    pub fn lower_switch(
        &mut self,
        tag: TagIdx,
        params: &[ValType],
        cont: TypeIdx,
        results: &[ValType],
    ) -> Lowered {
        let values = &params[..params.len() - 1];
        let (target, first) = self.begin_switching(values.len());
        let func = match self.cx.syntax.types.get(cont).composite {
            CompositeType::Cont(func) => func,
            _ => unreachable!("validated"),
        };
        self.suspending(Single::Switch, values.len());
        self.put_u16(first);
        self.put_u16(slots(values));
        self.put_u32(tag.0);
        self.put_u32(self.type_id(func));
        self.put_u16(target);
        self.finish_call(&FuncType::new(values, results))
    }

    pub fn lower_resume(&mut self, resume: Resume<'_, '_>) -> Lowered {
        let exn = [ValType::from(RefType::new(true, HeapType::Exn))];
        let values = match resume.with {
            With::Values => resume.ty.params(),
            With::Throw(_, params) => params,
            With::ThrowRef => &exn,
        };
        let (cont, first) = self.begin_switching(values.len());
        let ty = FuncType::new(values, resume.ty.results());
        let frames = self.call_frames(&ty)?;
        let single = match resume.with {
            With::Values => Single::Resume,
            With::Throw(..) => Single::ResumeThrow,
            With::ThrowRef => Single::ResumeThrowRef,
        };
        self.suspending(single, values.len());
        self.put_u16(cont);
        match resume.with {
            With::Values => self.put_u16(slots(values)),
            With::Throw(tag, _) => {
                self.put_u16(first);
                self.put_u32(tag.0);
            }
            With::ThrowRef => self.put_u16(first),
        }
        self.put_distance_to_callee(&frames);
        self.put_restore(&frames);
        self.lower_handlers(resume.handlers, values.len())?;
        self.finish_call(&ty)
    }

    /// What follows an instruction that resumes a continuation: a branch over the code that its
    /// handlers lead to, and that. The values, `count` of them, are on the stack still.
    fn lower_handlers(&mut self, handlers: &[walk::Handler], count: usize) -> Lowered {
        let behind = self.b.code.len() as u32;
        if handlers.is_empty() {
            return Ok(());
        }
        let br = handlers.iter().any(|handler| handler.label.is_some()).then(|| {
            let at = self.single(Single::Br);
            self.put_u32(0);
            at
        });
        let first = self.b.operands.len() - count;
        let values = self.b.operands.split_off(first);
        let (height, base) = (self.height, values.first().map_or(self.height, |v| v.home.into()));
        let mut clauses = Vec::new();
        for handler in handlers {
            let Some(label) = handler.label else {
                clauses.push((handler.tag, None));
                continue;
            };
            self.check_size()?; // One instruction can have many handlers.
            self.begin_stub();
            self.b.operands.truncate(first);
            self.forget_above(first);
            self.height = base;
            let clause = HandlerClause {
                target: self.b.code.len() as u32,
                values: base as u16,
                reference: 0,
            };
            let syntax = &self.cx.syntax;
            let params = match &syntax.types.get(syntax.tags[handler.tag.index()]).composite {
                CompositeType::Func(ty) => ty.params().to_vec(),
                _ => unreachable!("tags have function types"),
            };
            for ty in params {
                self.push_home(ty)?;
            }
            self.push_home(RefType::new(false, HeapType::Cont).into())?;
            let clause = HandlerClause { reference: self.top_home(), ..clause };
            let target = self.b.controls.len() - 1 - label.index();
            self.emit_carry(target)?;
            clauses.push((handler.tag, Some(clause)));
        }
        self.b.operands.truncate(first);
        self.b.operands.extend(values);
        self.height = height;
        if let Some(at) = br {
            self.bind_here(at + crate::exec::WORD, at);
            self.begin_stub();
            self.fuel_cost = None;
        }
        self.b.resumes.push(ResumeSite { behind, handlers: clauses.into() });
        Ok(())
    }
}
