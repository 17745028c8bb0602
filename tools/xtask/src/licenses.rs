//! `cargo xtask licenses`: what we depend on may be given on under our licence.

use crate::workspace::Workspace;
use crate::{Report, Result};

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
    // Old manifests write a slash for `OR`. `AND` binds tighter, and nobody nests deeper than one
    // pair of parentheses around a choice.
    let expression = expression.replace('/', " OR ");
    let mut choices = vec![true];
    let mut outer: Option<bool> = None;
    let mut license = String::new();
    let spaced = expression.replace('(', " ( ").replace(')', " ) ");
    let mut settle = |license: &mut String, choices: &mut Vec<bool>| {
        if !license.is_empty() {
            let last = choices.last_mut().expect("there is always a choice");
            *last &= ALLOWED.contains(&license.as_str());
            license.clear();
        }
    };
    for word in spaced.split_whitespace() {
        match word {
            "OR" => {
                settle(&mut license, &mut choices);
                choices.push(true);
            }
            "AND" => settle(&mut license, &mut choices),
            "(" => outer = choices.pop(),
            ")" => {
                settle(&mut license, &mut choices);
                let inner = choices.iter().any(|&allowed| allowed);
                choices = vec![inner && outer.unwrap_or(true)];
            }
            word => {
                if !license.is_empty() {
                    license.push(' ');
                }
                license.push_str(word);
            }
        }
    }
    settle(&mut license, &mut choices);
    choices.iter().any(|&allowed| allowed)
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
