//! [`Policy`]: a file with a table for each program.

use super::mistake;
use super::program::Program;
use crate::exit::Stop;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf, absolute};
use std::{fs, io};

/// What programs are granted.
#[derive(Debug, PartialEq)]
pub struct Policy {
    path: PathBuf,
    /// The programs by their names.
    pub programs: BTreeMap<String, Program>,
}

/// The file, as TOML.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    #[serde(default)]
    program: BTreeMap<String, Program>,
}

impl Policy {
    /// Reads the file `path`.
    ///
    /// # Errors
    ///
    /// If it cannot be read, or is no policy.
    pub fn read(path: &Path) -> Result<Self, Stop> {
        let unreadable = |error: io::Error| {
            Stop::error(format!("cannot read the policy {}: {error}", path.display()))
        };
        Self::parse(path, &fs::read_to_string(path).map_err(unreadable)?)
    }

    /// The policy that `text` is, which the file `path` has.
    ///
    /// # Errors
    ///
    /// If it is none.
    pub fn parse(path: &Path, text: &str) -> Result<Self, Stop> {
        match toml::from_str::<Document>(text) {
            Ok(document) => Ok(Policy { path: path.to_owned(), programs: document.program }),
            Err(error) => Err(mistake::explain(path, text, &error)),
        }
    }

    /// What the program in `file` is granted.
    ///
    /// # Errors
    ///
    /// If the policy does not have it.
    pub fn program(&self, file: &Path) -> Result<&Program, Stop> {
        if let Some(name) = self.name(file) {
            return Ok(&self.programs[name]);
        }
        let path = self.path.display();
        let name = file.file_name().unwrap_or(file.as_os_str()).to_string_lossy();
        let names = self.programs.keys().map(String::as_str);
        let mut message = format!("{path}: there is no program `{name}`");
        match (mistake::nearest(&name, names.clone()), self.programs.len()) {
            (Some(nearest), _) => message += &format!("; there is `{nearest}`"),
            (None, 0) => message += "; there is none at all",
            (None, _) => message += &format!("; there are: {}", mistake::list(names)),
        }
        Err(Stop::Error(message))
    }

    /// The name under which the program in `file` stands here: its path as seen from the policy, or
    /// else its name without folders.
    pub fn name(&self, file: &Path) -> Option<&str> {
        let folder = self.path.parent().unwrap_or(Path::new(""));
        // Where there is such a file, however its path is written.
        let place = |path: &Path| path.canonicalize().or_else(|_| absolute(path)).ok();
        let at = place(file);
        let is_there = |name: &&String| at.is_some() && place(&folder.join(name)) == at;
        let is_called = |name: &&String| file.file_name().is_some_and(|file| file == name.as_str());
        let mut names = self.programs.keys();
        names.clone().find(is_there).or_else(|| names.find(is_called)).map(String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy(text: &str) -> Result<Policy, Stop> {
        Policy::parse(Path::new("folder/rwasm.toml"), text)
    }

    #[test]
    fn a_program_is_found_by_its_path_and_else_by_its_name() {
        let policy = policy("[program.\"a.wasm\"]\n[program.\"bin/a.wasm\"]").unwrap();
        let name = |file| policy.name(Path::new(file));
        assert_eq!(name("folder/bin/a.wasm"), Some("bin/a.wasm"));
        assert_eq!(name("./folder/./bin/a.wasm"), Some("bin/a.wasm"));
        assert_eq!(name("bin/a.wasm"), Some("a.wasm"));
        assert_eq!(name("a.wasm"), Some("a.wasm"));
        assert_eq!(name("/elsewhere/a.wasm"), Some("a.wasm"));
        assert_eq!(name("b.wasm"), None);
        assert_eq!(name(".."), None);
    }

    #[test]
    fn a_program_with_a_folder_is_not_found_elsewhere() {
        let policy = policy("[program.\"bin/a.wasm\"]").unwrap();
        assert_eq!(policy.name(Path::new("a.wasm")), None);
        assert_eq!(policy.name(Path::new("folder/a.wasm")), None);
    }

    #[test]
    fn what_is_no_policy_is_an_error() {
        for text in ["program = 1", "[programs.a]", "[program.a]\ndirs = []", "[", "x = 1"] {
            assert!(policy(text).is_err(), "{text}");
        }
    }
}
