//! Continuations. Spec: the proposal *Stack Switching*, *Execution*.

/// A continuation of a guest: `(ref cont)`.
///
/// Hosts can hold it and hand it on as a `contref`; what resumes it is a guest.
#[derive(Debug)]
pub enum ContRef {}
