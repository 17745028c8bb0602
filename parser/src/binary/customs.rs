//! Custom sections that say how code runs best. Spec: the branch hinting proposal.

use super::Reader;
use crate::syntax::*;
use crate::walk::{At, Each, Scratch, walk};
use crate::{DecodeError, Features, Invalid, Malformed};
use alloc::boxed::Box;
use alloc::vec::Vec;
use core::ops::Range;

/// Which way a conditional branch mostly goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BranchHint {
    /// Where the `if` or `br_if` is, in bytes from the start of the function body.
    pub offset: u32,
    /// Whether the branch is likely taken.
    pub likely: bool,
}

/// The hints of a function, in order of their offsets.
#[derive(Clone, Debug)]
pub struct BranchHints<'m>(Reader<'m>);

impl Iterator for BranchHints<'_> {
    type Item = BranchHint;

    fn next(&mut self) -> Option<BranchHint> {
        if self.0.is_at_end() { None } else { hint(&mut self.0).ok() }
    }
}

impl Module<'_> {
    /// The branch hints of a function; none if the module has none for it, or a broken section.
    pub fn branch_hints(&self, func: FuncIdx) -> BranchHints<'_> {
        let range = match self.hints.binary_search_by_key(&func, |entry| entry.0) {
            Ok(at) => self.hints[at].1.clone(),
            Err(_) => 0..0,
        };
        BranchHints(Reader::new(self.bytes(), range, Features::MVP))
    }
}

fn hint(reader: &mut Reader<'_>) -> Result<BranchHint, Malformed> {
    let offset = reader.u32()?;
    let at = reader.pos();
    match (reader.u32()?, reader.u8()?) {
        (1, likely @ (0 | 1)) => Ok(BranchHint { offset, likely: likely == 1 }),
        _ => Err(Malformed::new(at, "malformed branch hint")),
    }
}

impl Module<'_> {
    /// Checks the custom sections to which the specification and its proposals give a meaning:
    /// branch hints. Modules are valid whatever is in them; a section with a mistake is ignored.
    ///
    /// # Errors
    ///
    /// With the first mistake.
    pub fn check_custom_sections(&self) -> Result<(), DecodeError> {
        for (_, range) in self.customs.iter().filter(|custom| &*custom.0 == BRANCH_HINT) {
            let hints = section(Reader::new(self.bytes(), range.clone(), Features::MVP))?;
            for (func, range) in hints {
                self.check_hints(func, range)?;
            }
        }
        Ok(())
    }

    fn check_hints(&self, func: FuncIdx, range: Range<usize>) -> Result<(), DecodeError> {
        let at = range.start;
        let Some(body) = self.body(func) else {
            return Err(Invalid::new(at, "branch hint: unknown function").into());
        };
        // The `if`s and `br_if`s, whether or not they can be reached.
        let mut branches = Vec::new();
        let mut each = Each(|at: At, first| {
            if matches!(first, 0x04 | 0x0d) {
                branches.push(at.offset);
            }
        });
        walk(self, func, &mut Scratch::default(), &mut each)?;
        for hint in BranchHints(Reader::new(self.bytes(), range, Features::MVP)) {
            let offset = body.start + hint.offset as usize;
            if branches.binary_search(&offset).is_err() {
                let message = "@metadata.code.branch_hint annotation: invalid target";
                return Err(Invalid::new(offset, message).into());
            }
        }
        Ok(())
    }
}

const BRANCH_HINT: &str = "metadata.code.branch_hint";

/// Finds the hints of each function. A section that is malformed has none.
pub(super) fn hints(
    bytes: &[u8],
    customs: &[(Box<str>, Range<usize>)],
) -> Box<[(FuncIdx, Range<usize>)]> {
    let mut sections = customs.iter().filter(|custom| &*custom.0 == BRANCH_HINT);
    let Some((_, range)) = sections.next() else { return Box::default() };
    let reader = Reader::new(bytes, range.clone(), Features::MVP);
    section(reader).unwrap_or_default().into()
}

fn section(mut reader: Reader<'_>) -> Result<Vec<(FuncIdx, Range<usize>)>, Malformed> {
    let count = reader.count()?;
    let mut hints: Vec<(FuncIdx, Range<usize>)> = Vec::with_capacity(reader.capacity(count, 2));
    for _ in 0..count {
        let at = reader.pos();
        let func = FuncIdx(reader.u32()?);
        if hints.last().is_some_and(|last| last.0 >= func) {
            return Err(Malformed::new(at, "malformed branch hint: functions out of order"));
        }
        let hints_of_func = reader.count()?;
        let start = reader.pos();
        let mut last = None;
        for _ in 0..hints_of_func {
            let hint = hint(&mut reader)?;
            if last.is_some_and(|last| last >= hint.offset) {
                return Err(Malformed::new(start, "malformed branch hint: offsets out of order"));
            }
            last = Some(hint.offset);
        }
        hints.push((func, start..reader.pos()));
    }
    if !reader.is_at_end() {
        return Err(Malformed::new(reader.pos(), "malformed branch hint: section too long"));
    }
    Ok(hints)
}
