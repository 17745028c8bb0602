//! Runs that are recorded and replayed: [`Recording`] and [`Replay`].
//!
//! A guest is a function of what the seam answers. A recording therefore holds every operation
//! with its answer, and a replay gives those answers again, to the same operations, without asking
//! the world: no file, clock, network or variable is needed that the recorded run had. Only what was
//! written to standard output and error is written again.
//!
//! What must be the same besides is the module and how it is run: the embedder keeps that in the
//! bytes that it gives to [`Recording::begin`] and gets from [`Replay::begin`].
//!
//! | file | what |
//! |---|---|
//! | `frame` | the format |
//! | `recording` | writes it |
//! | `replay` | reads it, and compares |
//! | `error` | what can be wrong |

mod error;
mod frame;
mod recording;
mod replay;

pub use error::ReplayError;
pub use recording::Recording;
pub use replay::Replay;
