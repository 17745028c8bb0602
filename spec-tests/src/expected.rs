//! What is expected to fail: `expected.toml`.

use rwasm_wast::Report;
use serde::Deserialize;
use std::collections::BTreeSet;
use std::fmt::Write;

/// The file `expected.toml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expected {
    fails: Vec<Entry>,
}

/// Scripts that are expected to fail.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    /// Their names, in which `*` stands for anything.
    scripts: Vec<String>,
    /// Why.
    reason: String,
    /// The lines of the directives that fail; any may if there are none.
    #[serde(default)]
    lines: Vec<usize>,
    /// Whether modules may also be decoded and validated wrongly.
    #[serde(default)]
    verdicts: bool,
    /// Whether the text parser refuses the script.
    #[serde(default)]
    text: bool,
}

impl Expected {
    /// Reads the file that belongs to this package.
    ///
    /// # Panics
    ///
    /// If it is no such file.
    pub fn read() -> Self {
        toml::from_str(include_str!("../expected.toml")).expect("expected.toml is well-formed")
    }

    fn entry(&self, script: &str) -> Option<&Entry> {
        self.fails.iter().find(|entry| entry.scripts.iter().any(|name| matches(name, script)))
    }

    /// Why a script is expected to fail, if it is.
    pub fn reason(&self, script: &str) -> Option<&str> {
        self.entry(script).map(|entry| entry.reason.as_str())
    }

    /// Entries that are about none of `scripts`.
    pub fn stale<'a>(&'a self, scripts: &[&str]) -> Vec<&'a str> {
        let names = self.fails.iter().flat_map(|entry| &entry.scripts);
        let is_stale = |name: &&String| !scripts.iter().any(|script| matches(name, script));
        names.filter(is_stale).map(String::as_str).collect()
    }

    /// Compares what became of a script with what is expected.
    ///
    /// # Errors
    ///
    /// With what is different, for people.
    pub fn check(&self, script: &str, ran: &Result<Report, String>) -> Result<(), String> {
        let entry = self.entry(script);
        let report = match (ran, entry) {
            (Err(_), Some(entry)) if entry.text => return Ok(()),
            (Err(error), _) => return Err(format!("the script does not parse: {error}")),
            (Ok(report), _) => report,
        };
        let passes = report.failures().next().is_none();
        match entry {
            None if passes => Ok(()),
            None => Err(failures(report, |_| true)),
            Some(entry) if passes => Err(format!(
                "passes, but expected.toml says that it fails: {}. Take it off the list.",
                entry.reason
            )),
            Some(entry) => entry.check(report),
        }
    }
}

impl Entry {
    fn check(&self, report: &Report) -> Result<(), String> {
        let wrong = |verdict: &rwasm_wast::Verdict| !verdict.right;
        let misjudged = report.directives.iter().find(|it| it.verdict.as_ref().is_some_and(wrong));
        if let (Some(directive), false) = (misjudged, self.verdicts) {
            let line = directive.line;
            return Err(format!("line {line}: a module is not decoded or validated as it should"));
        }
        if self.lines.is_empty() {
            return Ok(());
        }
        let expected: BTreeSet<usize> = self.lines.iter().copied().collect();
        let found: BTreeSet<usize> = report.failures().map(|directive| directive.line).collect();
        let fixed: Vec<_> = expected.difference(&found).collect();
        if !fixed.is_empty() {
            return Err(format!("passes now in lines {fixed:?}: take them off the list"));
        }
        match found.is_subset(&expected) {
            true => Ok(()),
            false => Err(failures(report, |line| !expected.contains(&line))),
        }
    }
}

/// The failures of some lines, one a line.
fn failures(report: &Report, select: impl Fn(usize) -> bool) -> String {
    let mut text = String::new();
    for directive in report.failures().filter(|directive| select(directive.line)) {
        let (line, kind, outcome) = (directive.line, directive.kind, &directive.outcome);
        if let rwasm_wast::Outcome::Failed(message) = outcome {
            let _ = writeln!(text, "line {line}: {kind}: {message}");
        }
    }
    text
}

/// Whether `name` is what `pattern` describes, in which `*` stands for anything.
fn matches(pattern: &str, name: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == name,
        Some((start, rest)) => name.strip_prefix(start).is_some_and(|tail| {
            (0..=tail.len()).any(|at| tail.is_char_boundary(at) && matches(rest, &tail[at..]))
        }),
    }
}

#[test]
fn patterns() {
    assert!(matches("spec/gc/*", "spec/gc/array"));
    assert!(matches("spec/*64", "spec/memory64/table64"));
    assert!(!matches("spec/gc", "spec/gc/array"));
    assert!(!matches("spec/*64", "spec/memory64/table64-x"));
}
