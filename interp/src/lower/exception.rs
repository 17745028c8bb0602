//! Exceptions.

use super::*;
use crate::exec::list::Single;
use rwasm_parser::walk::{BlockType, Catch};
use rwasm_parser::{HeapType, RefType, TagIdx};

/// Instructions that a `try_table` covers, and where its clauses lead.
#[derive(Debug)]
pub struct TryRange {
    /// The first instruction covered, in bytes of code.
    pub start: u32,
    /// The first that is not.
    pub end: u32,
    /// How many blocks are around its block.
    pub depth: u32,
    /// The block to which exceptions are delegated: none of those between is asked.
    pub delegate: Option<u32>,
    /// Its clauses, in order.
    pub clauses: Box<[Clause]>,
}

/// Where an exception goes that a clause catches.
#[derive(Clone, Copy, Debug)]
pub struct Clause {
    /// The tag that is caught, or `None` for all.
    pub tag: Option<TagIdx>,
    /// The code to go to.
    pub target: u32,
    /// The slot for the exception's first value.
    pub values: u16,
    /// The slot for the exception itself, if the clause asks for it.
    pub reference: Option<u16>,
}

impl Lowering<'_> {
    pub fn lower_throw(&mut self, tag: TagIdx, params: &[ValType]) -> Lowered {
        self.send_top_home(params.len());
        self.safepoint();
        let first = self.b.operands.len() - params.len();
        let home = self.b.operands.get(first).map_or(self.height as u16, |first| first.home);
        self.allocating(Single::Throw);
        self.put_u16(home);
        self.put_u16(0);
        self.put_u32(tag.0);
        Ok(())
    }

    pub fn lower_throw_ref(&mut self) -> Lowered {
        let [exception] = self.pop_slots();
        self.single(Single::ThrowRef);
        self.put_u16(exception);
        Ok(())
    }

    pub fn lower_try_table(&mut self, ty: BlockType<'_>, catches: &[Catch]) -> Lowered {
        self.settle();
        self.last = Last::Nothing;
        let first = self.b.catches.len();
        self.b.catches.extend_from_slice(catches);
        self.push_control(Kind::Try { catches: first }, ty, self.b.code.len());
        Ok(())
    }

    /// The end of the block that is the innermost one: the code that its clauses lead to. Control
    /// must not flow into it from above.
    pub fn emit_clauses(&mut self, control: Control, first: usize) -> Lowered {
        let end = self.b.code.len() as u32;
        let mut clauses = Vec::new();
        for at in first..self.b.catches.len() {
            let catch = self.b.catches[at];
            // The block itself is closed for its clauses.
            let target = self.b.controls.len() - 2 - catch.label.index();
            self.check_size()?; // One block can have many clauses.
            self.begin_stub();
            self.b.operands.truncate(control.operands);
            self.forget_above(control.operands);
            self.height = control.base;
            let code = self.b.code.len() as u32;
            let mut values = self.height as u16;
            if let Some(tag) = catch.tag {
                let syntax = &self.cx.syntax;
                let params = match &syntax.types.get(syntax.tags[tag.index()]).composite {
                    rwasm_parser::CompositeType::Func(ty) => ty.params().to_vec(),
                    _ => unreachable!("tags have function types"),
                };
                for ty in params {
                    self.push_home(ty)?;
                }
            } else {
                values = 0;
            }
            let reference = match catch.with_ref {
                true => {
                    self.push_home(RefType::new(false, HeapType::Exn).into())?;
                    Some(self.top_home())
                }
                false => None,
            };
            self.emit_carry(target)?;
            clauses.push(Clause { tag: catch.tag, target: code, values, reference });
        }
        self.b.catches.truncate(first);
        let start = control.position as u32;
        let depth = self.b.controls.len() as u32 - 1;
        self.b.tries.push(TryRange { start, end, depth, delegate: None, clauses: clauses.into() });
        Ok(())
    }
}
