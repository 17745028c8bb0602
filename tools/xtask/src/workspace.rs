//! The workspace: its folder, its files, and what Cargo knows of its packages.

use crate::Result;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The platform whose dependencies are looked at.
pub const PLATFORM: &str = "x86_64-unknown-linux-gnu";

/// The workspace.
pub struct Workspace {
    /// Its folder.
    pub root: PathBuf,
    /// Where Cargo builds.
    pub target: PathBuf,
    /// Every package of the dependency graph, by identity.
    pub packages: BTreeMap<String, Package>,
}

/// A package, of the workspace or not.
pub struct Package {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Its licence, as an SPDX expression, if it says one.
    pub license: Option<String>,
    /// Whether it is a member of the workspace.
    pub member: bool,
    /// The native library that it says it links.
    pub links: Option<String>,
    /// Its folder.
    pub folder: PathBuf,
    /// Its build script.
    pub build_script: Option<PathBuf>,
    /// What it depends on when it is built and run, by identity; not for its tests.
    pub deps: Vec<String>,
    /// What it declares to depend on when it is built and run, on any platform, by name.
    pub declared: BTreeSet<String>,
}

impl Workspace {
    /// Asks Cargo.
    ///
    /// # Errors
    ///
    /// If Cargo fails.
    pub fn load() -> Result<Workspace> {
        let output = cargo()
            .args(["metadata", "--format-version", "1", "--filter-platform", PLATFORM])
            .stderr(std::process::Stdio::inherit())
            .output()?;
        if !output.status.success() {
            return Err("cargo metadata failed".into());
        }
        let metadata: Value = serde_json::from_slice(&output.stdout)?;
        let members: BTreeSet<&str> = strings(&metadata["workspace_members"]).collect();
        let mut packages = BTreeMap::new();
        for package in array(&metadata["packages"]) {
            let id = text(&package["id"]);
            packages.insert(id.to_owned(), Package::read(package, members.contains(id)));
        }
        for node in array(&metadata["resolve"]["nodes"]) {
            if let Some(package) = packages.get_mut(text(&node["id"])) {
                package.deps = array(&node["deps"])
                    .filter(|dep| array(&dep["dep_kinds"]).any(|kind| kind["kind"] != "dev"))
                    .map(|dep| text(&dep["pkg"]).to_owned())
                    .collect();
            }
        }
        let path = |key: &str| PathBuf::from(text(&metadata[key]));
        let (root, target) = (path("workspace_root"), path("target_directory"));
        Ok(Workspace { root, target, packages })
    }

    /// The member called `name`.
    ///
    /// # Errors
    ///
    /// If there is none.
    pub fn member(&self, name: &str) -> Result<&Package> {
        self.members()
            .find(|package| package.name == name)
            .ok_or_else(|| format!("the workspace has no package {name}").into())
    }

    /// The members.
    pub fn members(&self) -> impl Iterator<Item = &Package> {
        self.packages.values().filter(|package| package.member)
    }

    /// Packages that are built for those called `roots`, and these themselves.
    ///
    /// # Errors
    ///
    /// If a root is no member.
    pub fn reachable(&self, roots: &[&str]) -> Result<Vec<&Package>> {
        let mut seen = BTreeSet::new();
        let mut waiting = Vec::new();
        for root in roots {
            waiting.push(self.member(root)?);
        }
        let mut reachable = Vec::new();
        while let Some(package) = waiting.pop() {
            if seen.insert((&package.name, &package.version)) {
                waiting.extend(package.deps.iter().filter_map(|id| self.packages.get(id)));
                reachable.push(package);
            }
        }
        reachable.sort_by_key(|package| (&package.name, &package.version));
        Ok(reachable)
    }

    /// The files of the project whose names end with one of `extensions`, as paths from its
    /// folder, sorted.
    ///
    /// # Errors
    ///
    /// If a folder cannot be read.
    pub fn files(&self, extensions: &[&str]) -> Result<Vec<PathBuf>> {
        let mut files = files_below(&self.root, |path| {
            path.extension().and_then(OsStr::to_str).is_some_and(|ext| extensions.contains(&ext))
        })?;
        for file in &mut files {
            *file = file.strip_prefix(&self.root)?.to_owned();
        }
        files.sort();
        Ok(files)
    }
}

impl Package {
    fn read(package: &Value, member: bool) -> Package {
        let owned = |value: &Value| value.as_str().map(str::to_owned);
        let manifest = Path::new(text(&package["manifest_path"]));
        let build_script = array(&package["targets"])
            .find(|target| strings(&target["kind"]).any(|kind| kind == "custom-build"))
            .map(|target| PathBuf::from(text(&target["src_path"])));
        let declared = array(&package["dependencies"])
            .filter(|dep| dep["kind"] != "dev")
            .map(|dep| text(&dep["name"]).to_owned())
            .collect();
        Package {
            name: text(&package["name"]).to_owned(),
            version: text(&package["version"]).to_owned(),
            license: owned(&package["license"]),
            member,
            links: owned(&package["links"]),
            folder: manifest.parent().unwrap_or(manifest).to_owned(),
            build_script,
            deps: Vec::new(),
            declared,
        }
    }
}

#[cfg(test)]
impl Package {
    /// A member of a workspace that is not there, which depends on others.
    pub fn invented(name: &str, declared: &[&str]) -> Package {
        Package {
            name: name.into(),
            version: "1.0.0".into(),
            license: None,
            member: true,
            links: None,
            folder: env!("CARGO_MANIFEST_DIR").into(),
            build_script: None,
            deps: Vec::new(),
            declared: declared.iter().map(|&dep| dep.to_owned()).collect(),
        }
    }
}

/// Cargo, as it was called for this.
pub fn cargo() -> Command {
    Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

/// Files below `folder` that `wanted` accepts; what is built, and what is hidden, is left out.
///
/// # Errors
///
/// If a folder cannot be read.
pub fn files_below(folder: &Path, wanted: impl Fn(&Path) -> bool) -> Result<Vec<PathBuf>> {
    let mut folders = vec![folder.to_owned()];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder)? {
            let entry = entry?;
            let name = entry.file_name();
            let hidden = name.as_encoded_bytes().starts_with(b".") && name != ".ci";
            if hidden || name == "target" {
                continue;
            }
            if entry.file_type()?.is_dir() {
                folders.push(entry.path());
            } else if wanted(&entry.path()) {
                files.push(entry.path());
            }
        }
    }
    Ok(files)
}

fn array(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn strings(value: &Value) -> impl Iterator<Item = &str> {
    array(value).filter_map(Value::as_str)
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
