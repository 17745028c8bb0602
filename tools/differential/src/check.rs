//! Runs a case in both engines and compares.

use crate::generate::Case;
use crate::ours::{self, Mode};
use crate::theirs;
use crate::trace::{Event, Exhausted, Trace, Verdict, compare};
use std::collections::BTreeMap;
use std::fmt::Debug;

/// How often each thing happened.
pub type Counts = BTreeMap<&'static str, u64>;

/// Runs a case in every way. Adds to `counts` what happened.
///
/// # Errors
///
/// If something differs, with what to say about it.
pub fn check(case: &Case, counts: &mut Counts) -> Result<(), String> {
    let mut count = |what, number| *counts.entry(what).or_default() += number;
    let theirs = match (theirs::run(case), ours::validate(&case.bytes)) {
        (Ok(trace), _) => trace,
        (Err(theirs), Ok(())) => return Err(format!("wasmtime refuses the module: {theirs:#}")),
        (Err(theirs), Err(ours)) => {
            return Err(format!("both refuse the module\nwasmtime: {theirs:#}\nrwasm: {ours:#}"));
        }
    };
    let mut modes = vec![Mode::Tail, Mode::Loop, Mode::Slices];
    if case.seed.is_multiple_of(4) {
        modes.push(Mode::Deadlines);
    }
    if case.zeal {
        modes.push(Mode::Zeal);
    }
    let mut fuel: Option<(Mode, Vec<u64>)> = None;
    let mut conclusive = true;
    for mode in modes {
        let ours = ours::run(case, mode)
            .map_err(|error| format!("rwasm refuses the module ({mode:?}): {error:#}"))?;
        match compare(&ours.events, &theirs.events, case.copies_arrays) {
            Verdict::Same => {}
            Verdict::Inconclusive => conclusive = false,
            Verdict::Differs(at) => return Err(difference(mode, at, &ours, &theirs)),
        }
        let used = used(&ours);
        match &fuel {
            Some((other, before)) if !used.is_empty() && !before.is_empty() => {
                let differs = before.iter().zip(&used).position(|(before, now)| before != now);
                if let Some(at) = differs {
                    return Err(format!(
                        "call {at} uses {} fuel with {other:?} and {} with {mode:?}",
                        before[at], used[at]
                    ));
                }
            }
            _ if used.is_empty() => {}
            _ => fuel = Some((mode, used)),
        }
    }
    if theirs.events.contains(&Event::Instantiated) {
        count("executed", 1);
        count("fully compared", conclusive.into());
    } else {
        count("not instantiated", 1);
    }
    for event in &theirs.events {
        match event {
            Event::Call(..) => count("calls", 1),
            Event::Host(..) => count("host calls", 1),
            Event::Returned(_) => count("returned", 1),
            Event::Trapped(_) => count("trapped", 1),
            Event::Threw(_) => count("threw", 1),
            Event::Exhausted(Exhausted::Fuel) => count("out of fuel", 1),
            Event::Exhausted(Exhausted::Stack) => count("out of stack", 1),
            Event::Exhausted(Exhausted::Heap) => count("out of heap", 1),
            _ => {}
        }
    }
    Ok(())
}

/// What the calls of a run used up, without one that was ended for it: with slices, what is left
/// of the last one counts as used.
fn used(trace: &Trace) -> Vec<u64> {
    let mut fuel = trace.fuel.clone();
    if trace.events.contains(&Event::Exhausted(Exhausted::Fuel)) {
        fuel.pop();
    }
    fuel
}

fn difference(mode: Mode, at: usize, ours: &Trace, theirs: &Trace) -> String {
    let mut text = format!("rwasm ({mode:?}) and wasmtime differ at event {at}\n");
    let mut calls = theirs.events.iter().take(at + 1);
    let call = calls.rposition(|event| matches!(event, Event::Call(..))).unwrap_or(0);
    for event in &theirs.events[call.max(at.saturating_sub(6))..at] {
        text += &format!("  both     {event:?}\n");
    }
    if call < at.saturating_sub(6) {
        text += &format!("  in       {:?}\n", theirs.events[call]);
    }
    match (ours.events.get(at), theirs.events.get(at)) {
        (Some(Event::State(ours)), Some(Event::State(theirs))) => {
            list(&mut text, "global", &ours.globals, &theirs.globals);
            list(&mut text, "memory", &ours.memories, &theirs.memories);
            for (at, (ours, theirs)) in ours.tables.iter().zip(&theirs.tables).enumerate() {
                list(&mut text, &format!("table {at}, size"), &[ours.0], &[theirs.0]);
                list(&mut text, &format!("table {at}, element"), &ours.1, &theirs.1);
            }
        }
        (ours, theirs) => text += &format!("  rwasm    {ours:?}\n  wasmtime {theirs:?}\n"),
    }
    text
}

/// Says which of some things differ.
fn list<T: PartialEq + Debug>(text: &mut String, what: &str, ours: &[T], theirs: &[T]) {
    for (at, (ours, theirs)) in ours.iter().zip(theirs).enumerate() {
        if ours != theirs {
            *text += &format!("  {what} {at}: rwasm {ours:?}, wasmtime {theirs:?}\n");
        }
    }
}
