//! Where test data is that is not part of the repository.

use std::path::{Path, PathBuf};

/// The folder that the environment variable `variable` names, or else `../shared/NAME`, if there
/// is one.
///
/// # Panics
///
/// If the variable names a folder that is not there: whoever sets it wants these tests.
pub fn folder(variable: &str, name: &str) -> Option<PathBuf> {
    // Relative to the workspace, wherever the test runs.
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("a member's folder");
    if let Some(named) = std::env::var_os(variable) {
        let folder = workspace.join(named);
        assert!(folder.is_dir(), "{variable} names no folder: {}", folder.display());
        return Some(folder);
    }
    let folder = workspace.join("../shared").join(name);
    folder.is_dir().then_some(folder)
}

/// The conformance corpora.
pub fn corpora() -> Option<PathBuf> {
    folder("RWASM_CORPORA", "corpora")
}

/// The guest programs.
pub fn guests() -> Option<PathBuf> {
    folder("RWASM_GUESTS", "guests")
}
