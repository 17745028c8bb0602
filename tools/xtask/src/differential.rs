//! `cargo xtask differential`: random modules in rwasm and in wasmtime.
//!
//! The package is a workspace of its own, so that nobody compiles wasmtime but here.

use crate::Result;
use crate::workspace::{Workspace, cargo};
use std::process::ExitCode;

/// Builds the package and runs it with `options`.
pub fn run(options: &[String]) -> Result<ExitCode> {
    let workspace = Workspace::load()?;
    let manifest = workspace.root.join("tools/differential/Cargo.toml");
    let status = cargo()
        .args(["run", "--quiet", "--release", "--manifest-path"])
        .arg(manifest)
        .arg("--target-dir")
        .arg(workspace.target.join("differential"))
        .arg("--")
        .args(options)
        .status()?;
    Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
