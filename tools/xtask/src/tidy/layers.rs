//! Layers: a package depends on lower ones only.

use crate::Result;
#[cfg(test)]
use crate::workspace::Package;
use crate::workspace::Workspace;
use std::collections::BTreeSet;

/// The packages of each layer, the lowest first, as in `docs/ARCHITECTURE.md`.
const LAYERS: &[&[&str]] = &[
    &["rwasm-parser"],
    &["rwasm-runtime"],
    &["rwasm-interp"],
    &["rwasm-wasi"],
    &["rwasm"],
    &["rwasm-wast"],
    &["rwasm-cli", "rwasm-spec-tests", "rwasm-benches"],
    &["xtask"],
];

/// Arrows that would go downwards and are still not wanted.
const NEVER: &[(&str, &str, &str)] = &[
    ("rwasm-wasi", "rwasm-interp", "WASI hosts do not know who executes the guest"),
    ("rwasm-cli", "rwasm-interp", "`rwasm` alone decides which tiers exist"),
    ("rwasm-wast", "rwasm-interp", "`rwasm` alone decides which tiers exist"),
];

/// Packages that depend on nothing at all.
const WITHOUT_DEPENDENCIES: &[&str] = &["rwasm-parser"];

pub fn check(workspace: &Workspace) -> Result<Vec<String>> {
    let mut findings = Vec::new();
    let names: BTreeSet<&str> = workspace.members().map(|package| package.name.as_str()).collect();
    for package in workspace.members() {
        let name = package.name.as_str();
        let Some(layer) = layer_of(name) else {
            findings.push(format!("the package {name} is in no layer of xtask's list"));
            continue;
        };
        for dep in package.declared.iter().filter(|dep| names.contains(dep.as_str())) {
            if layer_of(dep).is_some_and(|lower| lower >= layer) {
                findings.push(format!("{name} depends on {dep}, which is not in a lower layer"));
            }
            for (_, _, why) in NEVER.iter().filter(|never| (never.0, never.1) == (name, dep)) {
                findings.push(format!("{name} depends on {dep}: {why}"));
            }
        }
        if WITHOUT_DEPENDENCIES.contains(&name) && !package.declared.is_empty() {
            let declared = package.declared.iter().map(String::as_str).collect::<Vec<_>>();
            findings.push(format!("{name} is to depend on nothing, not {}", declared.join(", ")));
        }
    }
    for name in LAYERS.concat().iter().filter(|name| !names.contains(**name)) {
        findings.push(format!("xtask's list of layers names {name}, which does not exist"));
    }
    Ok(findings)
}

fn layer_of(package: &str) -> Option<usize> {
    LAYERS.iter().position(|layer| layer.contains(&package))
}

#[test]
fn arrows_that_do_not_point_downwards_are_found() {
    let found = |name: &str, declared: &[&str]| {
        let invented = LAYERS.concat().into_iter().map(|member| {
            let declared = if member == name { declared } else { &[] };
            (member.to_owned(), Package::invented(member, declared))
        });
        let packages = invented.collect();
        let workspace = Workspace { root: "".into(), target: "".into(), packages };
        check(&workspace).expect("nothing is read").len()
    };
    assert_eq!(found("rwasm", &["rwasm-parser", "rwasm-wasi"]), 0);
    assert_eq!(found("rwasm-runtime", &["rwasm-interp"]), 1);
    assert_eq!(found("rwasm-runtime", &["rwasm-runtime"]), 1);
    assert_eq!(found("rwasm-wasi", &["rwasm-interp"]), 1);
    assert_eq!(found("rwasm-parser", &["memchr"]), 1);
}
