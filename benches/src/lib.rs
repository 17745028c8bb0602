//! Part of rwasm; use the crate `rwasm`.
