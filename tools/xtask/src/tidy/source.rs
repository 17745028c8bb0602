//! Rust files: they say what they are, and stay short.

use crate::Result;
use crate::workspace::Workspace;
use std::path::PathBuf;

/// A file longer than this is asked why it is not two.
const LONG: usize = 600;

/// Long files that gave an answer.
const ANSWERED: &[(&str, &str)] = &[
    ("interp/src/exec/fused/rows.rs", "a list that `cargo xtask opstats` writes"),
    ("runtime/src/numerics/tests.rs", "a table of cases per operator"),
];

/// What names a machine, and so must not be in a file of the project.
const MACHINE_PATHS: &[&str] = &["/root/", "/home/", "/Users/", ".cargo/registry"];

/// A Rust file.
pub struct Source {
    /// Its path from the workspace's folder.
    pub path: PathBuf,
    /// What it holds.
    pub text: String,
}

/// All Rust files of the workspace.
pub fn read(workspace: &Workspace) -> Result<Vec<Source>> {
    let mut sources = Vec::new();
    for path in workspace.files(&["rs"])? {
        let text = std::fs::read_to_string(workspace.root.join(&path))?;
        sources.push(Source { path, text });
    }
    Ok(sources)
}

pub fn check(workspace: &Workspace, sources: &[Source]) -> Result<Vec<String>> {
    let mut findings = Vec::new();
    for Source { path, text } in sources {
        let path = path.display();
        if !text.starts_with("//!") {
            findings.push(format!("{path} does not begin with `//!` and what it is"));
        }
        let lines = text.lines().count();
        let answered = ANSWERED.iter().any(|(file, _)| *file == path.to_string());
        match lines > LONG {
            true if !answered => findings.push(format!(
                "{path} has {lines} lines: make it two, or say in xtask's list why not"
            )),
            false if answered => {
                findings.push(format!("{path} is short now: take it off xtask's list"));
            }
            _ => {}
        }
    }
    for (file, _) in ANSWERED.iter().filter(|(file, _)| !workspace.root.join(file).exists()) {
        findings.push(format!("xtask's list of long files names {file}, which does not exist"));
    }
    findings.extend(machine_paths(workspace)?);
    Ok(findings)
}

fn machine_paths(workspace: &Workspace) -> Result<Vec<String>> {
    // This file names them to find them.
    let this = "tools/xtask/src/tidy/source.rs";
    let mut findings = Vec::new();
    for path in workspace.files(&["rs", "md", "toml", "wat", "wast", "json", "sh", "yml"])? {
        let text = std::fs::read_to_string(workspace.root.join(&path))?;
        for (at, line) in text.lines().enumerate() {
            if path.as_os_str() != this && MACHINE_PATHS.iter().any(|word| line.contains(word)) {
                findings.push(format!("{}:{} names a path of one machine", path.display(), at + 1));
            }
        }
    }
    Ok(findings)
}
