//! The operand stack of the validator. Spec: *Appendix → Validation Algorithm*.
//!
//! The methods have a fast path for operands of exactly the type that is expected, and go on
//! elsewhere for subtypes, unreachable code and errors.

use crate::Invalid;
use crate::syntax::*;
use alloc::format;
use alloc::vec::Vec;

/// The types of the operands.
#[derive(Debug, Default)]
pub(crate) struct Operands {
    stack: Vec<ValType>,
    /// Where the operands of the innermost block begin; never above the length of the stack.
    height: usize,
    /// Whether the innermost block goes on in unreachable code, where any operand can be had.
    polymorphic: bool,
}

/// What checking an operator needs to know besides: types, and where it is for error messages.
#[derive(Clone, Copy)]
pub(crate) struct Cx<'m> {
    pub(crate) types: &'m Types,
    pub(crate) offset: usize,
}

impl Operands {
    /// Forgets everything.
    pub(crate) fn clear(&mut self) {
        self.stack.clear();
        self.height = 0;
        self.polymorphic = false;
    }

    /// How many operands there are in all blocks.
    #[inline]
    pub(crate) fn len(&self) -> usize {
        self.stack.len()
    }

    /// A block is entered: operands below `height`, which is not above the present length, are out
    /// of its reach.
    #[inline]
    pub(crate) fn enter(&mut self, height: usize, polymorphic: bool) {
        self.height = height.min(self.stack.len());
        self.polymorphic = polymorphic;
    }

    /// What follows is unreachable.
    #[inline]
    pub(crate) fn set_unreachable(&mut self) {
        self.stack.truncate(self.height);
        self.polymorphic = true;
    }

    #[inline(always)]
    pub(crate) fn push(&mut self, ty: ValType) {
        self.stack.push(ty);
    }

    #[inline]
    pub(crate) fn push_all(&mut self, types: &[ValType]) {
        match types {
            [] => {}
            [ty] => self.push(*ty),
            _ => self.stack.extend_from_slice(types),
        }
    }

    /// Takes an operand of a type that matches `expected`; gives its type.
    #[inline(always)]
    pub(crate) fn pop(&mut self, cx: Cx<'_>, expected: ValType) -> Result<ValType, Invalid> {
        if let Some([.., top]) = self.stack.get(self.height..)
            && *top == expected
        {
            self.stack.truncate(self.stack.len() - 1);
            return Ok(expected);
        }
        self.pop_other(cx, expected)
    }

    #[cold]
    #[inline(never)]
    fn pop_other(&mut self, cx: Cx<'_>, expected: ValType) -> Result<ValType, Invalid> {
        if self.stack.len() == self.height {
            if self.polymorphic {
                return Ok(ValType::BOTTOM);
            }
            let message = format!("type mismatch: expected {expected}, found nothing on the stack");
            return Err(Invalid::new(cx.offset, message));
        }
        let found = self.stack[self.stack.len() - 1];
        if !cx.types.matches(found, expected) {
            let message = format!("type mismatch: expected {expected}, found {found}");
            return Err(Invalid::new(cx.offset, message));
        }
        self.stack.pop();
        Ok(found)
    }

    /// Takes an operand of whatever type.
    #[inline]
    pub(crate) fn pop_any(&mut self, cx: Cx<'_>) -> Result<ValType, Invalid> {
        if self.stack.len() > self.height
            && let Some(ty) = self.stack.pop()
        {
            return Ok(ty);
        }
        if self.polymorphic {
            return Ok(ValType::BOTTOM);
        }
        Err(Invalid::new(cx.offset, "type mismatch: expected a value, found nothing on the stack"))
    }

    /// Takes a reference of whatever type.
    pub(crate) fn pop_ref(&mut self, cx: Cx<'_>) -> Result<RefType, Invalid> {
        match self.pop_any(cx)? {
            ValType::BOTTOM => Ok(RefType::BOTTOM),
            ty => ty.as_ref().ok_or_else(|| {
                let message = format!("type mismatch: expected a reference, found {ty}");
                Invalid::new(cx.offset, message)
            }),
        }
    }

    /// Takes operands of these types, the last of which is on top.
    #[inline]
    pub(crate) fn pop_all(&mut self, cx: Cx<'_>, types: &[ValType]) -> Result<(), Invalid> {
        if let Some(own) = self.stack.get(self.height..)
            && own.ends_with(types)
        {
            self.stack.truncate(self.stack.len() - types.len());
            return Ok(());
        }
        for &ty in types.iter().rev() {
            if self.is_endless() {
                break;
            }
            self.pop_other(cx, ty)?;
        }
        Ok(())
    }

    /// Whether only operands are left that unreachable code makes up, which need no check.
    #[inline]
    pub(crate) fn is_endless(&self) -> bool {
        self.polymorphic && self.stack.len() == self.height
    }

    /// Operands of these types stay where they are, and are of these types from now on.
    #[inline]
    pub(crate) fn retype(&mut self, cx: Cx<'_>, types: &[ValType]) -> Result<(), Invalid> {
        if !types.is_empty() {
            self.pop_all(cx, types)?;
            self.push_all(types);
        }
        Ok(())
    }

    /// Checks that operands of these types are on top, and leaves them there.
    pub(crate) fn expect_all(&self, cx: Cx<'_>, types: &[ValType]) -> Result<(), Invalid> {
        let own = &self.stack[self.height..];
        if own.ends_with(types) {
            return Ok(());
        }
        if own.len() < types.len() && !self.polymorphic {
            let (expected, found) = (types.len(), own.len());
            let message = format!("type mismatch: expected {expected} values, found {found}");
            return Err(Invalid::new(cx.offset, message));
        }
        for (&found, &expected) in own.iter().rev().zip(types.iter().rev()) {
            if !cx.types.matches(found, expected) {
                let message = format!("type mismatch: expected {expected}, found {found}");
                return Err(Invalid::new(cx.offset, message));
            }
        }
        Ok(())
    }

    /// Checks that the innermost block has no operands left.
    #[inline]
    pub(crate) fn finish(&self, cx: Cx<'_>) -> Result<(), Invalid> {
        if self.stack.len() == self.height {
            return Ok(());
        }
        Err(self.left_over(cx))
    }

    #[cold]
    fn left_over(&self, cx: Cx<'_>) -> Invalid {
        let count = self.stack.len() - self.height;
        let message =
            format!("type mismatch: expected the end of the stack, found {count} values more");
        Invalid::new(cx.offset, message)
    }

    /// `[operand] -> [result]`
    #[inline(always)]
    pub(crate) fn unary(
        &mut self,
        cx: Cx<'_>,
        operand: ValType,
        result: ValType,
    ) -> Result<(), Invalid> {
        if let Some([.., top]) = self.stack.get_mut(self.height..)
            && *top == operand
        {
            *top = result;
            return Ok(());
        }
        self.pop_other(cx, operand)?;
        self.push(result);
        Ok(())
    }

    /// `[lhs rhs] -> [result]`
    #[inline(always)]
    pub(crate) fn binary(
        &mut self,
        cx: Cx<'_>,
        lhs: ValType,
        rhs: ValType,
        result: ValType,
    ) -> Result<(), Invalid> {
        if let Some([.., second, top]) = self.stack.get_mut(self.height..)
            && *second == lhs
            && *top == rhs
        {
            *second = result;
            self.stack.truncate(self.stack.len() - 1);
            return Ok(());
        }
        self.pop_other(cx, rhs)?;
        self.pop_other(cx, lhs)?;
        self.push(result);
        Ok(())
    }

    /// `[lhs rhs] -> []`
    #[inline(always)]
    pub(crate) fn pop_two(
        &mut self,
        cx: Cx<'_>,
        lhs: ValType,
        rhs: ValType,
    ) -> Result<(), Invalid> {
        if let Some([.., second, top]) = self.stack.get(self.height..)
            && *second == lhs
            && *top == rhs
        {
            self.stack.truncate(self.stack.len() - 2);
            return Ok(());
        }
        self.pop_other(cx, rhs)?;
        self.pop_other(cx, lhs)?;
        Ok(())
    }
}
