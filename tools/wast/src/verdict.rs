//! What the decoder and validator say of a module, and whether it is what the script says.

use crate::context::Context;
use crate::report::{Outcome, Verdict};
use rwasm::{DecodeError, Module, Result};
use wast::core::{Module as TextModule, ModuleKind};
use wast::{QuoteWat, Wat};

/// What a script says of a module that is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    Malformed,
    Invalid,
}

/// Whether `module` is refused as the script says.
pub fn refused(
    cx: &Context,
    module: QuoteWat<'_>,
    refusal: Refusal,
    message: &str,
) -> (Outcome, Option<Verdict>) {
    refused_by(cx, module, refusal, message, |bytes| Module::validate(&cx.engine, bytes))
}

/// Whether `module` is refused for its custom sections as the script says.
pub fn refused_custom(
    cx: &Context,
    module: QuoteWat<'_>,
    refusal: Refusal,
    message: &str,
) -> (Outcome, Option<Verdict>) {
    refused_by(cx, module, refusal, message, |bytes| {
        Module::from_binary(&cx.engine, bytes)?.check_custom_sections()
    })
}

fn refused_by(
    cx: &Context,
    mut module: QuoteWat<'_>,
    refusal: Refusal,
    message: &str,
    check: impl FnOnce(&[u8]) -> Result<()>,
) -> (Outcome, Option<Verdict>) {
    let is_binary = matches!(
        &module,
        QuoteWat::Wat(Wat::Module(TextModule { kind: ModuleKind::Binary(_), .. }))
    );
    let Ok(bytes) = module.encode() else { return (Outcome::TextParser, None) };
    let error = match check(&bytes) {
        Ok(()) if is_refused_without_features(cx, &bytes, message) => {
            return (Outcome::Passed, Some(Verdict { right: true, in_words: true }));
        }
        Ok(()) => {
            let failed = Outcome::Failed(format!("accepted, expected {message:?}"));
            return (failed, Some(Verdict { right: false, in_words: false }));
        }
        Err(error) => error,
    };
    let (found, found_message) = match error.downcast_ref() {
        Some(DecodeError::Malformed(error)) => (Refusal::Malformed, error.message()),
        Some(DecodeError::Invalid(error)) => (Refusal::Invalid, error.message()),
        None => {
            let failed = Outcome::Failed(format!("refused for another reason: {error:#}"));
            return (failed, Some(Verdict { right: false, in_words: false }));
        }
    };
    // Text that should have been refused as malformed, but was encoded, has lost what was
    // malformed about it on the way: being refused at all is enough.
    let right = found == refusal || (!is_binary && refusal == Refusal::Malformed);
    let in_words = begins_alike(found_message, message);
    let outcome = match right {
        true => Outcome::Passed,
        false => Outcome::Failed(format!("{found:?} instead, for {error:#}")),
    };
    (outcome, Some(Verdict { right, in_words }))
}

/// Whether a module is refused in the script's words where what allows it is switched off.
fn is_refused_without_features(cx: &Context, bytes: &[u8], message: &str) -> bool {
    let validated = cx.stricter_engine(message).and_then(|engine| Module::validate(&engine, bytes));
    validated.is_err_and(|error| match error.downcast_ref() {
        Some(DecodeError::Malformed(error)) => begins_alike(error.message(), message),
        Some(DecodeError::Invalid(error)) => begins_alike(error.message(), message),
        None => false,
    })
}

/// Whether one message begins with the other: scripts sometimes say more than there is to say,
/// as in `uninitialized element 2`, and we say what was found.
pub fn begins_alike(found: &str, expected: &str) -> bool {
    found.starts_with(expected) || expected.starts_with(found)
}
