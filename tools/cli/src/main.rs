//! rwasm.
fn main() {}
