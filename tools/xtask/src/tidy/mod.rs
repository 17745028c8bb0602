//! `cargo xtask tidy`: what `docs/ARCHITECTURE.md` calls invariants, as far as text shows them.

mod documents;
mod layers;
mod source;
mod unsafety;

use crate::workspace::Workspace;
use crate::{Report, Result};

/// Looks at manifests, sources and documents.
pub fn check(workspace: &Workspace) -> Result<Report> {
    let sources = source::read(workspace)?;
    let mut findings = layers::check(workspace)?;
    findings.extend(source::check(workspace, &sources)?);
    findings.extend(unsafety::check(workspace, &sources)?);
    findings.extend(documents::check(workspace)?);
    let lines: usize = sources.iter().map(|source| source.text.lines().count()).sum();
    let summary = format!(
        "{} packages, {} Rust files of {lines} lines",
        workspace.members().count(),
        sources.len(),
    );
    Ok(Report { summary, findings })
}
