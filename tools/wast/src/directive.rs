//! What each directive does, and what makes it pass.

use crate::context::{Context, Stop};
use crate::report::{Outcome, Verdict};
use crate::value::matches;
use crate::verdict::{Refusal, begins_alike, refused, refused_custom};
use rwasm::{DecodeError, Error, LinkError, Module, Trap, Val};
use wast::{QuoteWat, WastDirective, WastExecute, WastRet};

type Ran = (Outcome, Option<Verdict>);

/// Runs one directive.
pub fn run(cx: &mut Context, directive: WastDirective<'_>) -> Ran {
    use WastDirective as D;
    match directive {
        D::Module(text) => {
            let name = text.name();
            with_module(cx, text, |cx, module| passed(cx.instantiate(name, &module)))
        }
        D::ModuleDefinition(text) => {
            let name = text.name();
            with_module(cx, text, |cx, module| {
                cx.define(name, module);
                Outcome::Passed
            })
        }
        D::ModuleInstance { instance, module, .. } => {
            alone(passed(cx.instantiate_definition(instance, module)))
        }
        D::Register { name, module, .. } => alone(passed(cx.register(name, module))),
        D::Invoke(invoke) => alone(passed(cx.invoke(&invoke).map(drop))),
        D::AssertReturn { exec, results, .. } => alone(match cx.execute(exec) {
            Ok(found) => returned(cx, &results, &found),
            Err(stop) => Outcome::Failed(stop.to_string()),
        }),
        D::AssertTrap { exec: WastExecute::Wat(module), message, .. } => {
            with_module(cx, QuoteWat::Wat(module), |cx, module| {
                trapped(cx.try_instantiate(&module).map(|()| Vec::new()), message)
            })
        }
        D::AssertTrap { exec, message, .. } => alone(trapped(cx.execute(exec), message)),
        D::AssertExhaustion { call, message, .. } => alone(trapped(cx.invoke(&call), message)),
        D::AssertUnlinkable { module, message, .. } => {
            with_module(cx, QuoteWat::Wat(module), |cx, module| {
                unlinkable(cx.try_instantiate(&module), message)
            })
        }
        D::AssertMalformed { module, message, .. } => {
            refused(cx, module, Refusal::Malformed, message)
        }
        D::AssertInvalid { module, message, .. } => refused(cx, module, Refusal::Invalid, message),
        D::AssertMalformedCustom { module, message, .. } => {
            refused_custom(cx, module, Refusal::Malformed, message)
        }
        D::AssertInvalidCustom { module, message, .. } => {
            refused_custom(cx, module, Refusal::Invalid, message)
        }
        D::AssertException { exec, .. } => alone(exception(cx, exec)),
        D::AssertSuspension { exec, message, .. } => alone(trapped(cx.execute(exec), message)),
        D::Thread(_) | D::Wait { .. } => unreachable!("a script takes these itself"),
    }
}

/// The outcome of a directive without a module.
fn alone(outcome: Outcome) -> Ran {
    (outcome, None)
}

/// Encodes, decodes and validates a module that has to be valid, and goes on with it.
fn with_module(
    cx: &mut Context,
    mut text: QuoteWat<'_>,
    then: impl FnOnce(&mut Context, Module) -> Outcome,
) -> Ran {
    let bytes = match text.encode() {
        Ok(bytes) => bytes,
        Err(error) => {
            let failed = format!("refused by the text parser: {}", error.message());
            return alone(Outcome::Failed(failed));
        }
    };
    let module = Module::from_binary(&cx.engine, &bytes);
    let right = !module.as_ref().is_err_and(Error::is::<DecodeError>);
    let outcome = match module {
        Ok(module) => then(cx, module),
        Err(error) => Outcome::Failed(format!("{error:#}")),
    };
    (outcome, Some(Verdict { right, in_words: false }))
}

fn passed(result: Result<(), Stop>) -> Outcome {
    match result {
        Ok(()) => Outcome::Passed,
        Err(stop) => Outcome::Failed(stop.to_string()),
    }
}

fn returned(cx: &mut Context, expected: &[WastRet<'_>], found: &[Val]) -> Outcome {
    let is = |(expected, found): (&WastRet<'_>, &Val)| match expected {
        WastRet::Core(expected) => matches(&mut cx.store, expected, found),
        _ => false,
    };
    if expected.len() == found.len() && expected.iter().zip(found).all(is) {
        return Outcome::Passed;
    }
    let expected: Vec<_> = expected
        .iter()
        .map(|expected| match expected {
            WastRet::Core(expected) => format!("{expected:x?}"),
            other => format!("{other:x?}"),
        })
        .collect();
    Outcome::Failed(format!("returned {}, expected [{}]", shown(found), expected.join(", ")))
}

/// `found` for a message; bits in hexadecimal.
fn shown(found: &[Val]) -> String {
    let vals: Vec<_> = found.iter().map(|val| format!("{val:x?}")).collect();
    format!("[{}]", vals.join(", "))
}

fn trapped(result: Result<Vec<Val>, Stop>, message: &str) -> Outcome {
    let stop = match result {
        Ok(found) => {
            return Outcome::Failed(format!("returned {}, expected {message:?}", shown(&found)));
        }
        Err(stop) => stop,
    };
    match &stop {
        Stop::Engine(error) => match error.downcast_ref::<Trap>() {
            Some(trap) if begins_alike(trap.text(), message) => Outcome::Passed,
            _ => Outcome::Failed(format!("{error:#}, expected the trap {message:?}")),
        },
        Stop::Script(_) => Outcome::Failed(stop.to_string()),
    }
}

fn unlinkable(result: Result<(), Stop>, message: &str) -> Outcome {
    match result {
        Ok(()) => Outcome::Failed(format!("instantiated, expected {message:?}")),
        Err(Stop::Engine(error))
            if error
                .downcast_ref::<LinkError>()
                .is_some_and(|error| begins_alike(&error.to_string(), message)) =>
        {
            Outcome::Passed
        }
        Err(stop) => Outcome::Failed(format!("{stop}, expected {message:?}")),
    }
}

fn exception(cx: &mut Context, exec: WastExecute<'_>) -> Outcome {
    match cx.execute(exec) {
        Err(Stop::Engine(error)) if error.is::<rwasm::ThrownException>() => {
            cx.store.take_pending_exception();
            Outcome::Passed
        }
        result => unsupported(result, "an exception"),
    }
}

fn unsupported(result: Result<Vec<Val>, Stop>, what: &str) -> Outcome {
    match result {
        Ok(found) => Outcome::Failed(format!("returned {}, expected {what}", shown(&found))),
        Err(stop) => Outcome::Failed(format!("{stop}, expected {what}")),
    }
}
