//! Runs specification scripts, the `.wast` files of the official testsuite.
//!
//! [`run`] goes through a script's directives one by one and [reports](Report) on each; a
//! directive that fails does not end the script. The language is that of the reference
//! interpreter (`interpreter/README.md` in the specification's repository).
//!
//! ```
//! let engine = rwasm::Engine::default();
//! let script = r#"
//!     (module (func (export "one") (result i32) (i32.const 1)))
//!     (assert_return (invoke "one") (i32.const 1))
//!     (assert_return (invoke "one") (i32.const 2))
//! "#;
//! let report = rwasm_wast::run(&engine, script, &Default::default()).unwrap();
//! let counts = report.counts();
//! assert_eq!((counts.passed, counts.failed), (2, 1));
//! assert_eq!(report.failures().next().unwrap().line, 4);
//! ```

#![forbid(unsafe_code)]

mod context;
mod directive;
mod lines;
mod report;
mod script;
mod spectest;
mod unfold;
mod value;
mod verdict;

pub use report::{Counts, Kind, Outcome, Report, Tally, Verdict};

use context::Context;
use lines::Lines;
use rwasm::Engine;
use script::Script;
use wast::Wast;
use wast::lexer::Lexer;
use wast::parser::{ParseBuffer, parse};

/// How to run a script.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Whether the `print` functions of `spectest` write to standard output.
    pub prints: bool,
}

/// Runs the script `text`.
///
/// # Errors
///
/// If the text is no script.
pub fn run(engine: &Engine, text: &str, options: &Options) -> Result<Report, wast::Error> {
    let text = &*unfold::unfold(text);
    let mut lexer = Lexer::new(text);
    lexer.allow_confusing_unicode(true);
    let located = |mut error: wast::Error| {
        error.set_text(text);
        error
    };
    let buffer = ParseBuffer::new_with_lexer(lexer).map_err(located)?;
    let script = parse::<Wast<'_>>(&buffer).map_err(located)?;
    let lines = Lines::new(text);
    let cx = Context::new(engine, options).map_err(|error| {
        let message = format!("the module `spectest` cannot be made: {error:#}");
        wast::Error::new(wast::token::Span::from_offset(0), message)
    })?;
    let (lines, directives) = (&lines, script.directives);
    Ok(std::thread::scope(|scope| Script { scope, lines }.run(cx, directives)))
}
