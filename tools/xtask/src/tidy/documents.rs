//! Documents: dependencies have reasons, paths exist, the style sample builds.

use crate::Result;
use crate::workspace::Workspace;
use std::path::Path;
use std::process::Command;

/// Packages that nobody gets who uses the runtime or the command line.
const FOR_DEVELOPMENT: &[&str] = &["rwasm-spec-tests", "rwasm-benches", "xtask"];

/// Documents that name files of the project.
const NAMING_FILES: &[&str] = &["README.md", "docs/ARCHITECTURE.md", "docs/UNSAFE.md"];

/// How paths begin that are meant to exist.
const FOLDERS: &[&str] = &[
    "benches/",
    "docs/",
    "examples/",
    "interp/",
    "parser/",
    "runtime/",
    "spec-tests/",
    "src/",
    "tests/",
    "tools/",
    "wasi/",
];

pub fn check(workspace: &Workspace) -> Result<Vec<String>> {
    let mut findings = dependencies(workspace)?;
    for document in NAMING_FILES {
        let text = std::fs::read_to_string(workspace.root.join(document))?;
        for path in code_spans(&text).flat_map(alternatives) {
            if FOLDERS.iter().any(|folder| path.starts_with(folder)) && !exists(workspace, &path) {
                findings.push(format!("{document} names {path}, which does not exist"));
            }
        }
    }
    findings.extend(links(workspace)?);
    if let Err(error) = style_example(workspace) {
        findings.push(format!("docs/style-example.rs: {error}"));
    }
    Ok(findings)
}

/// Every run-time dependency must be named in the decisions.
fn dependencies(workspace: &Workspace) -> Result<Vec<String>> {
    let decisions = std::fs::read_to_string(workspace.root.join("docs/DECISIONS.md"))?;
    let mut findings = Vec::new();
    for package in workspace.members() {
        if FOR_DEVELOPMENT.contains(&package.name.as_str()) {
            continue;
        }
        for dep in &package.declared {
            let ours = workspace.members().any(|member| member.name == *dep);
            if !ours && !decisions.contains(&format!("`{dep}`")) {
                findings.push(format!(
                    "{} depends on {dep}, for which docs/DECISIONS.md gives no reason",
                    package.name
                ));
            }
        }
    }
    Ok(findings)
}

/// What stands between backquotes, outside of code blocks.
fn code_spans(text: &str) -> impl Iterator<Item = &str> {
    let mut in_block = false;
    let lines = text.lines().filter(move |line| {
        let fence = line.trim_start().starts_with("```");
        in_block ^= fence;
        !in_block && !fence
    });
    lines.flat_map(|line| line.split('`').skip(1).step_by(2))
}

/// `a/{b,c}/d` as `a/b/d` and `a/c/d`.
fn alternatives(path: &str) -> Vec<String> {
    let parts = path.split_once('{').and_then(|(before, rest)| {
        let (inside, after) = rest.split_once('}')?;
        Some((before, inside, after))
    });
    match parts {
        None => vec![path.to_owned()],
        Some((before, inside, after)) => inside
            .split(',')
            .flat_map(|choice| alternatives(&format!("{before}{choice}{after}")))
            .collect(),
    }
}

/// Whether a file or folder exists; what is no path at all does.
fn exists(workspace: &Workspace, path: &str) -> bool {
    let is_path = |c: char| c.is_alphanumeric() || "/_-.".contains(c);
    !path.chars().all(is_path) || workspace.root.join(path).exists()
}

/// Links inside of the project must lead somewhere.
fn links(workspace: &Workspace) -> Result<Vec<String>> {
    let mut findings = Vec::new();
    for document in workspace.files(&["md"])? {
        let path = workspace.root.join(&document);
        let folder = path.parent().unwrap_or(&workspace.root);
        let text = std::fs::read_to_string(&path)?;
        for target in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let file = target.split('#').next().unwrap_or(target);
            if !target.contains("://") && !folder.join(file).exists() {
                findings
                    .push(format!("{} links to {target}, which is not there", document.display()));
            }
        }
    }
    Ok(findings)
}

/// Builds the sample as a library and runs its tests, also those in its documentation.
fn style_example(workspace: &Workspace) -> Result<()> {
    let folder = workspace.target.join("style-example");
    std::fs::create_dir_all(&folder)?;
    let source = workspace.root.join("docs/style-example.rs");
    let common = ["--edition", "2024", "--crate-name", "style_example", "-D", "warnings"];
    let library = folder.join("libstyle_example.rlib");
    let tests = folder.join("tests");
    run(
        Command::new("rustc").args(common).args(["--crate-type", "rlib", "-o"]),
        &[&library, &source],
    )?;
    run(Command::new("rustc").args(common).args(["--test", "-o"]), &[&tests, &source])?;
    run(&mut Command::new(&tests), &[])?;
    let link = format!("style_example={}", library.display());
    run(Command::new("rustdoc").args(&common[..4]).args(["--test", "--extern", &link]), &[&source])
}

fn run(command: &mut Command, paths: &[&Path]) -> Result<()> {
    let output = command.args(paths).output()?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(format!("{} failed\n{said}", command.get_program().display()).into());
    }
    Ok(())
}

#[test]
fn paths_are_found_in_documents() {
    let text = "See `a/{b,c.rs}` and `x`.\n```text\n`no/no`\n```\n`d`";
    let found: Vec<String> = code_spans(text).flat_map(alternatives).collect();
    assert_eq!(found, ["a/b", "a/c.rs", "x", "d"]);
}
