//! `cargo xtask licenses`: what we depend on may be given on under our licence.

use crate::workspace::Workspace;
use crate::{Report, Result};
use std::iter::Peekable;
use std::str::SplitWhitespace;

/// Licences that go with Apache-2.0 WITH LLVM-exception: nobody who uses rwasm takes on more than
/// naming the authors.
const ALLOWED: &[&str] = &[
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "ISC",
    "MIT",
    "MIT-0",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
];

/// Looks at every package of the dependency graph, also those of tests and benchmarks.
pub fn check(workspace: &Workspace) -> Result<Report> {
    let foreign = || workspace.packages.values().filter(|package| !package.member);
    let findings = foreign().filter_map(|package| {
        let (name, version) = (&package.name, &package.version);
        match &package.license {
            None => Some(format!("{name} {version} says no licence")),
            Some(license) if allows(license) => None,
            Some(license) => Some(format!("{name} {version} is under {license}")),
        }
    });
    let findings = findings.collect();
    Ok(Report { summary: format!("{} dependencies", foreign().count()), findings })
}

/// Whether an SPDX expression can be met with allowed licences alone.
fn allows(expression: &str) -> bool {
    // Old manifests write a slash for `OR`.
    let spaced = expression.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
    any_of(&mut spaced.split_whitespace().peekable())
}

type Words<'a, 'b> = &'a mut Peekable<SplitWhitespace<'b>>;

fn any_of(words: Words<'_, '_>) -> bool {
    let mut allowed = all_of(words);
    while words.next_if_eq(&"OR").is_some() {
        allowed |= all_of(words);
    }
    allowed
}

fn all_of(words: Words<'_, '_>) -> bool {
    let mut allowed = one(words);
    while words.next_if_eq(&"AND").is_some() {
        allowed &= one(words);
    }
    allowed
}

fn one(words: Words<'_, '_>) -> bool {
    if words.next_if_eq(&"(").is_some() {
        let allowed = any_of(words);
        return words.next() == Some(")") && allowed;
    }
    let mut license = words.next().unwrap_or_default().to_owned();
    if words.next_if_eq(&"WITH").is_some() {
        license = format!("{license} WITH {}", words.next().unwrap_or_default());
    }
    ALLOWED.contains(&license.as_str())
}

#[test]
fn expressions_are_met_by_one_choice_and_all_its_parts() {
    for (expression, allowed) in [
        ("MIT", true),
        ("GPL-3.0", false),
        ("MIT OR GPL-3.0", true),
        ("MIT AND GPL-3.0", false),
        ("Apache-2.0 / MIT", true),
        ("MIT/Apache-2.0", true),
        ("Apache-2.0 WITH LLVM-exception OR GPL-2.0", true),
        ("GPL-2.0 WITH Classpath-exception-2.0", false),
        ("(MIT OR Apache-2.0) AND Unicode-3.0", true),
        ("(MIT OR Apache-2.0) AND GPL-3.0", false),
        ("GPL-3.0 AND (MIT OR Apache-2.0)", false),
        ("Unlicense OR MIT", true),
    ] {
        assert_eq!(allows(expression), allowed, "{expression}");
    }
}
