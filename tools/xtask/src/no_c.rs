//! `cargo xtask no-c`: building the runtime and the command line needs no C compiler.
//!
//! Shown twice: by what the packages are, and by building them where every C compiler and every
//! tool that drives one fails.

use crate::workspace::{PLATFORM, Package, Workspace, cargo, files_below};
use crate::{Report, Result};
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::Command;

/// What must build without C, with everything it depends on.
const ROOTS: &[&str] = &["rwasm", "rwasm-cli"];

/// Packages whose only purpose is to compile, find or bind C.
const TOOLCHAINS: &[&str] = &[
    "autotools",
    "bindgen",
    "cc",
    "cmake",
    "gcc",
    "meson",
    "nasm-rs",
    "pkg-config",
    "system-deps",
    "vcpkg",
];

/// Packages called `-sys` that hold declarations and nothing to compile or link.
const PURE_BINDINGS: &[&str] = &["linux-raw-sys", "windows-sys"];

/// Files that a C toolchain makes or reads.
const NATIVE: &[&str] = &["a", "asm", "c", "cc", "cpp", "cxx", "dll", "o", "s", "S", "so"];

/// What a build script says or calls when it has C compiled or linked.
const IN_BUILD_SCRIPTS: &[&str] =
    &["rustc-link-lib", "rustc-link-search", "cc::", "cmake::", "bindgen::", "pkg_config::"];

/// Commands that fail while we build.
const STUBBED: &[&str] = &[
    "c++",
    "c89",
    "c99",
    "cc",
    "clang",
    "clang++",
    "clang-cl",
    "cmake",
    "g++",
    "gcc",
    "gmake",
    "make",
    "meson",
    "nasm",
    "ninja",
    "pkg-config",
    "x86_64-linux-gnu-gcc",
];

/// Settings for a quick build.
const UNOPTIMISED: &[&str] = &[
    "profile.dev.opt-level=0",
    "profile.dev.package.rwasm-interp.opt-level=0",
    "profile.dev.package.rwasm-parser.opt-level=0",
    "profile.dev.package.rwasm-runtime.opt-level=0",
];

/// Looks at the packages, then builds.
pub fn check(workspace: &Workspace) -> Result<Report> {
    let packages = workspace.reachable(ROOTS)?;
    let mut findings = Vec::new();
    for package in packages.iter().filter(|package| !package.member) {
        inspect(package, &mut findings)?;
    }
    let scripts = packages.iter().filter(|package| package.build_script.is_some()).count();
    if let Err(error) = build(workspace) {
        findings.push(format!("a build where C compilers fail does not succeed: {error}"));
    }
    let summary = format!(
        "{} packages below {}, {scripts} of them with build scripts; built without a C compiler",
        packages.len(),
        ROOTS.join(" and "),
    );
    Ok(Report { summary, findings })
}

fn inspect(package: &Package, findings: &mut Vec<String>) -> Result<()> {
    let Package { name, version, .. } = package;
    let mut found = |what: String| findings.push(format!("{name} {version} {what}"));
    if TOOLCHAINS.contains(&name.as_str()) {
        found("is a tool to compile or find C".into());
    }
    if name.ends_with("-sys") && !PURE_BINDINGS.contains(&name.as_str()) {
        found("is called -sys and not known to be declarations only".into());
    }
    if let Some(links) = &package.links {
        found(format!("links the native library {links}"));
    }
    if let Some(script) = &package.build_script {
        let text = std::fs::read_to_string(script)?;
        for word in IN_BUILD_SCRIPTS.iter().filter(|&&word| text.contains(word)) {
            found(format!("has a build script that says `{word}`"));
        }
    }
    for file in files_below(&package.folder, is_native)? {
        let file = file.strip_prefix(&package.folder)?;
        if !file.starts_with("tests") && !file.starts_with("benches") {
            found(format!("holds {}", file.display()));
        }
    }
    Ok(())
}

fn is_native(path: &Path) -> bool {
    path.extension().and_then(OsStr::to_str).is_some_and(|ext| NATIVE.contains(&ext))
}

/// Builds the command line from nothing. Only rustc can find a C compiler, which it links with.
fn build(workspace: &Workspace) -> Result<()> {
    let folder = workspace.target.join("no-c");
    if folder.exists() {
        std::fs::remove_dir_all(&folder)?;
    }
    let stubs = folder.join("stubs");
    std::fs::create_dir_all(&stubs)?;
    for name in STUBBED {
        write_stub(&stubs.join(name))?;
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    let linker_key = format!("CARGO_TARGET_{}_LINKER", PLATFORM.to_uppercase().replace('-', "_"));
    let linker = match std::env::var_os(&linker_key) {
        Some(linker) => linker,
        None => find("cc", &path)?.into(),
    };
    let mut search = OsString::from(&stubs);
    search.push(":");
    search.push(&path);
    if Command::new(stubs.join("cc")).output()?.status.success() {
        return Err("a stub does not fail".into());
    }
    let status = cargo()
        .args(["build", "--package", "rwasm-cli"])
        // What is built matters here and not how well.
        .args(UNOPTIMISED.iter().flat_map(|profile| ["--config", profile]))
        .current_dir(&workspace.root)
        .env("CARGO_TARGET_DIR", folder.join("target"))
        .env("PATH", search)
        .env(linker_key, linker)
        .env("CC", stubs.join("cc"))
        .env("CXX", stubs.join("c++"))
        .status()?;
    if !status.success() {
        return Err(status.to_string().into());
    }
    std::fs::remove_dir_all(&folder)?;
    Ok(())
}

fn write_stub(path: &Path) -> Result<()> {
    use std::os::unix::fs::PermissionsExt;
    std::fs::write(
        path,
        "#!/bin/sh\necho \"$0 was called, and no C is to be compiled: $*\" >&2\nexit 1\n",
    )?;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755))?;
    Ok(())
}

fn find(command: &str, path: &OsStr) -> Result<PathBuf> {
    std::env::split_paths(path)
        .map(|folder| folder.join(command))
        .find(|file| file.is_file())
        .ok_or_else(|| format!("there is no `{command}` to link with").into())
}

#[test]
fn packages_with_native_code_are_found() {
    let found = |package: Package| {
        let mut findings = Vec::new();
        inspect(&package, &mut findings).expect("the folder of this package can be read");
        findings.len()
    };
    assert_eq!(found(Package::invented("serde", &[])), 0);
    assert_eq!(found(Package::invented("linux-raw-sys", &[])), 0);
    assert_eq!(found(Package::invented("cmake", &[])), 1);
    let links = Some("z".to_owned());
    assert_eq!(found(Package { links, ..Package::invented("libz-sys", &[]) }), 2);
    // This file itself says what a build script must not.
    let build_script = Some(concat!(env!("CARGO_MANIFEST_DIR"), "/src/no_c.rs").into());
    assert!(found(Package { build_script, ..Package::invented("a", &[]) }) > 1);
}
