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
    /// The range around it, by number: [`TryRanges`] finds it.
    pub around: Option<u32>,
}

/// What the `try_table`s and `try`s of a function cover. Two of them are disjoint, or one is inside
/// of the other.
#[derive(Debug, Default)]
pub struct TryRanges(Box<[TryRange]>);

impl TryRanges {
    /// Takes ranges in any order; of two that are the same, the first is the inner one.
    pub fn new(mut ranges: Vec<TryRange>) -> Self {
        // Whatever is around a range comes after it.
        ranges.sort_by_key(|range| (range.end, core::cmp::Reverse(range.start)));
        let mut open: Vec<u32> = Vec::new();
        for at in (0..ranges.len()).rev() {
            while open.last().is_some_and(|&outer| ranges[outer as usize].start > ranges[at].start)
            {
                open.pop();
            }
            ranges[at].around = open.last().copied();
            open.push(at as u32);
        }
        TryRanges(ranges.into())
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Those that cover an instruction, from the innermost out.
    ///
    /// It takes time in proportion to how deep they are nested, not to how many there are.
    pub fn covering(&self, at: u32) -> impl Iterator<Item = &TryRange> {
        // What covers the place is this one or around it.
        let first = self.0.partition_point(|range| range.end <= at);
        let around = |range: &&TryRange| range.around.map(|outer| &self.0[outer as usize]);
        core::iter::successors(self.0.get(first), around).filter(move |range| range.start <= at)
    }
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
        self.leaves(0);
        Ok(())
    }

    pub fn lower_throw_ref(&mut self) -> Lowered {
        let [exception] = self.pop_slots();
        self.single(Single::ThrowRef);
        self.put_u16(exception);
        self.leaves(0);
        Ok(())
    }

    pub fn lower_try_table(&mut self, ty: BlockType<'_>, catches: &[Catch]) -> Lowered {
        self.settle();
        self.bind_label();
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
        self.b.tries.push(TryRange {
            start,
            end,
            depth,
            delegate: None,
            clauses: clauses.into(),
            around: None,
        });
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(start: u32, end: u32) -> TryRange {
        TryRange { start, end, depth: 0, delegate: None, clauses: Box::new([]), around: None }
    }

    #[test]
    fn ranges_around_a_place_are_found_from_the_innermost_out() {
        let all = [(10, 20), (4, 30), (22, 28), (24, 24), (22, 28), (0, 40), (40, 50), (33, 39)];
        let ranges = TryRanges::new(all.iter().map(|&(start, end)| range(start, end)).collect());
        for at in 0..60 {
            let found: Vec<_> = ranges.covering(at).map(|it| (it.start, it.end)).collect();
            let mut expected: Vec<_> =
                all.into_iter().filter(|&(start, end)| (start..end).contains(&at)).collect();
            expected.sort_by_key(|&(start, end)| end - start);
            assert_eq!(found, expected, "{at}");
        }
    }
}
