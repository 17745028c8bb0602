//! Validation. Spec: *Validation*.
//!
//! `types` and `module` hold what [`Module::decode`](crate::Module::decode) checks, `matching` the
//! relation between types. The other files hold the rules of operators, one category each; they
//! extend the [`Walk`](crate::walk) over a function body.

mod aggregate;
mod atomic;
pub(crate) mod const_expr;
mod continuation;
pub(crate) mod control;
mod exception;
mod legacy;
mod matching;
mod memory;
pub(crate) mod module;
mod numeric;
mod operands;
mod parametric;
mod reference;
mod table;
pub(crate) mod types;
pub(crate) mod variable;
mod vector;

pub(crate) use operands::{Cx, Operands};
