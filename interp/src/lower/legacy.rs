//! Exceptions as they were before WebAssembly 3.0: a `try` and its `catch`es become what a
//! `try_table` becomes, but for the code of clauses, which stands in line. In a `catch`, the
//! exception is an operand that the guest does not see, below its own.

use super::*;
use crate::exec::list::Single;
use rwasm_parser::walk::BlockType;
use rwasm_parser::{HeapType, LabelIdx, RefType, TagIdx};

/// A `try` that is open.
#[derive(Debug, Default)]
pub struct Legacy {
    /// Where its first part ends, once it has.
    end: Option<u32>,
    clauses: Vec<Clause>,
}

impl Lowering<'_> {
    pub fn lower_try(&mut self, ty: BlockType<'_>) -> Lowered {
        self.settle();
        self.bind_label();
        self.b.legacy.push(Legacy::default());
        self.push_control(Kind::Legacy, ty, self.b.code.len());
        Ok(())
    }

    pub fn lower_catch(
        &mut self,
        tag: Option<TagIdx>,
        params: &[ValType],
        reached: bool,
    ) -> Lowered {
        let top = self.b.controls.len() - 1;
        if reached {
            self.move_results(top);
            self.emit_br(top);
        }
        let control = self.b.controls[top];
        self.b.operands.truncate(control.operands);
        self.forget_above(control.operands);
        self.height = control.base;
        self.begin_block();
        let target = self.b.code.len() as u32;
        self.push_home(RefType::new(false, HeapType::Exn).into())?;
        let reference = Some(self.top_home());
        let values = self.height as u16;
        for &ty in params {
            self.push_home(ty)?;
        }
        if let Some(legacy) = self.b.legacy.last_mut() {
            legacy.end.get_or_insert(target);
            legacy.clauses.push(Clause { tag, target, values, reference });
        }
        Ok(())
    }

    /// The end of a `try`, or of its last `catch`: what it covers is known.
    pub fn close_try(&mut self, control: Control, delegate: Option<u32>) {
        let legacy = self.b.legacy.pop().unwrap_or_default();
        let end = legacy.end.unwrap_or(self.b.code.len() as u32);
        self.b.tries.push(TryRange {
            start: control.position as u32,
            end,
            depth: self.b.controls.len() as u32 - 1,
            delegate,
            clauses: legacy.clauses.into(),
            around: None,
        });
    }

    pub fn lower_delegate(&mut self, label: LabelIdx, reached: bool) -> Lowered {
        let top = self.b.controls.len() - 1;
        if reached {
            self.move_results(top);
        }
        // The block itself is closed for its label.
        let to = (top - 1 - label.index()) as u32;
        self.close_try(self.b.controls[top], Some(to));
        self.leaves(to as usize);
        self.close_label(top)
    }

    pub fn lower_rethrow(&mut self, label: LabelIdx) -> Lowered {
        let target = self.b.controls.len() - 1 - label.index();
        let exception = self.b.controls[target].base as u16;
        self.single(Single::ThrowRef);
        self.put_u16(exception);
        self.leaves(0);
        Ok(())
    }
}
