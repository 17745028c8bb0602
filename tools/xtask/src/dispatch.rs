//! `cargo xtask dispatch`: in the emitted assembly, every handler goes on by a jump.
//!
//! Stable Rust does not promise that a call in tail position is a jump, and the tail backend
//! (`interp/src/dispatch/tail.rs`) is safe only where it is one: else the native stack grows with
//! every instruction of the guest. So this compiles the interpreter in the ways that it is built
//! in, and reads what came out.

use crate::asm::{Flow, Function, aliases, functions};
use crate::workspace::{Workspace, cargo};
use crate::{Report, Result};
use std::path::{Path, PathBuf};
use std::process::Command;

/// What the symbols of all functions that go from one instruction to the next contain: handlers,
/// and the cold functions that they jump to in order to try again.
const DISPATCH: &str = "8dispatch4tail";
const HANDLERS: &[&str] = &[
    "8dispatch4tail6handle",
    "8dispatch4tail11handle_pair",
    "8dispatch4tail13handle_triple",
    "8dispatch4tail11handle_quad",
];
const RETRY: &[&str] = &[
    "8dispatch4tail17refresh_and_retry",
    "8dispatch4tail21refresh_and_retry_one",
    "8dispatch4tail21refresh_and_retry_two",
    "8dispatch4tail23refresh_and_retry_three",
];
const PROBE: &str = "8dispatch4tail5probe";

/// There are more handlers than this; fewer mean that we look for the wrong names.
const AT_LEAST: usize = 2000;

/// A way to build.
struct Build {
    name: &'static str,
    /// The package, and the kind of target in it.
    target: [&'static str; 3],
    /// What its assembly files begin with.
    file: &'static str,
    release: bool,
    /// Whether the portable backend alone will do.
    may_loop: bool,
    /// Settings of the interpreter's profile, where it is built alone. With debug assertions the
    /// portable backend, which nobody looks at here, takes the compiler less time.
    options: &'static [&'static str],
}

const LIBRARY: [&str; 3] = ["--package", "rwasm-interp", "--lib"];
const FILE: &str = "rwasm_interp-";

const BUILDS: &[Build] = &[
    Build {
        name: "the command line as released",
        target: ["--package", "rwasm-cli", "--bins"],
        file: "rwasm-",
        release: true,
        may_loop: false,
        options: &[],
    },
    Build {
        name: "as tests build it",
        target: LIBRARY,
        file: FILE,
        release: false,
        may_loop: false,
        options: &[],
    },
    Build {
        name: "opt-level 2, unwinding, 16 units",
        target: LIBRARY,
        file: FILE,
        release: true,
        may_loop: false,
        options: &["opt-level=2", "codegen-units=16"],
    },
    Build {
        name: "opt-level 1",
        target: LIBRARY,
        file: FILE,
        release: true,
        may_loop: true,
        options: &["opt-level=1", "debug-assertions=true"],
    },
    Build {
        name: "opt-level s",
        target: LIBRARY,
        file: FILE,
        release: true,
        may_loop: true,
        options: &["opt-level='s'", "debug-assertions=true"],
    },
];

/// What was seen in one build.
#[derive(Default)]
struct Seen {
    handlers: usize,
    ending: usize,
    with_frame: usize,
    with_calls: usize,
    findings: Vec<String>,
}

/// Builds for this machine, and for aarch64 if there is a standard library for it.
pub fn check(workspace: &Workspace) -> Result<Report> {
    let mut findings = Vec::new();
    let mut targets = vec![None];
    match has_std("aarch64-unknown-linux-gnu")? {
        true => targets.push(Some("aarch64-unknown-linux-gnu")),
        false => println!("dispatch: aarch64 is left out, its standard library is not installed"),
    }
    let mut builds = 0;
    for target in targets {
        // A binary needs a linker; assembly of the library does not.
        for build in BUILDS.iter().filter(|build| target.is_none() || build.file == FILE) {
            let name = match target {
                None => build.name.to_owned(),
                Some(target) => format!("{target}, {}", build.name),
            };
            let mut seen = Seen::default();
            for file in assembly(workspace, build, target)? {
                look(&std::fs::read_to_string(file)?, &mut seen);
            }
            if seen.handlers == 0 && build.may_loop {
                println!("dispatch: {name}: only the portable backend is built");
                continue;
            }
            if seen.handlers < AT_LEAST {
                seen.findings.push(format!("only {} handlers were found", seen.handlers));
            }
            println!(
                "dispatch: {name}: {} handlers, {} of them end the run, {} call cold functions, \
                 {} always make a stack frame",
                seen.handlers, seen.ending, seen.with_calls, seen.with_frame
            );
            findings.extend(seen.findings.iter().map(|finding| format!("{name}: {finding}")));
            builds += 1;
        }
    }
    Ok(Report { summary: format!("{builds} builds"), findings })
}

fn has_std(target: &str) -> Result<bool> {
    let output =
        Command::new("rustc").args(["--print", "target-libdir", "--target", target]).output()?;
    let folder = String::from_utf8(output.stdout)?;
    Ok(output.status.success() && Path::new(folder.trim()).exists())
}

/// Builds, and returns the files of assembly.
fn assembly(workspace: &Workspace, build: &Build, target: Option<&str>) -> Result<Vec<PathBuf>> {
    let folder = workspace.target.join("dispatch");
    let profile = if build.release { "release" } else { "debug" };
    let deps = folder.join(target.unwrap_or("")).join(profile).join("deps");
    for file in files(&deps, build.file)? {
        std::fs::remove_file(file)?;
    }
    let mut command = cargo();
    command.arg("rustc").args(build.target).current_dir(&workspace.root);
    command.env("CARGO_TARGET_DIR", &folder);
    // Symbols that say which handler they are.
    command.env("RUSTFLAGS", "-C symbol-mangling-version=v0");
    if build.release {
        command.arg("--release");
    }
    if build.release && build.file == FILE {
        // A library alone is not optimised at link time.
        command.args(["--config", "profile.release.lto=false"]);
        command.args(["--config", "profile.release.panic='unwind'"]);
    }
    for option in build.options {
        command.args(["--config", &format!("profile.release.package.rwasm-interp.{option}")]);
    }
    if let Some(target) = target {
        command.args(["--target", target]);
    }
    // The number makes Cargo build anew, so that there is assembly of what is there now.
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH)?.as_nanos();
    command.args(["--", "--emit", "asm", "--cfg", &format!("xtask_dispatch=\"{now}\"")]);
    if !command.status()?.success() {
        return Err(format!("{command:?} failed").into());
    }
    files(&deps, build.file)
}

fn files(folder: &Path, prefix: &str) -> Result<Vec<PathBuf>> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Ok(Vec::new()) };
    let mut files = Vec::new();
    for entry in entries {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if name.starts_with(prefix) && name.ends_with(".s") {
            files.push(path);
        }
    }
    Ok(files)
}

/// Judges every function of `text` that goes from one instruction to the next.
fn look(text: &str, seen: &mut Seen) {
    let is_one_of = |name: &str, of: &[&str]| of.iter().any(|part| name.contains(part));
    seen.handlers += aliases(text).filter(|name| is_one_of(name, HANDLERS)).count();
    for function in functions(text) {
        let is_handler = is_one_of(function.name, HANDLERS);
        if is_handler || is_one_of(function.name, RETRY) || function.name.contains(PROBE) {
            judge(&function, is_handler, seen);
        }
    }
}

fn judge(function: &Function<'_>, is_handler: bool, seen: &mut Seen) {
    let name = readable(function.name);
    let mut calls = false;
    let mut jumps = false;
    let mut strays = 0;
    for (at, flow) in function.flows().enumerate() {
        match flow {
            Flow::IndirectJump => jumps = true,
            // Behind a call of the host the guest goes on; behind one of the next handler it has
            // only the way back.
            Flow::IndirectCall if !function.goes_on_after(at) => strays += 1,
            Flow::Call(called) if called.contains(DISPATCH) => {
                seen.findings.push(format!("{name} calls {}", readable(called)));
            }
            Flow::IndirectCall | Flow::Call(_) => calls = true,
            // What tries a part of a fused instruction again knows its handler.
            Flow::Jump(target) if target.contains(DISPATCH) => jumps = true,
            Flow::Next | Flow::Jump(_) | Flow::Branch(_) | Flow::End => {}
        }
    }
    if strays > 0 {
        seen.findings.push(format!("{name} calls the next handler in {strays} places"));
    } else if !is_handler && !jumps {
        seen.findings.push(format!("{name} does not jump"));
    }
    if is_handler {
        seen.handlers += 1;
        seen.ending += usize::from(!jumps && strays == 0);
        seen.with_calls += usize::from(calls);
        seen.with_frame += usize::from(function.has_frame());
    }
}

/// The names of types and functions in a symbol: `handle Un I32Clz S ToAcc`.
fn readable(symbol: &str) -> String {
    let Some(start) = symbol.find(DISPATCH) else { return symbol.to_owned() };
    let mut rest = &symbol[start + DISPATCH.len()..];
    let mut names = Vec::new();
    while let Some(first) = rest.chars().next() {
        // Back references, disambiguators and constants end with an underscore.
        let skipped =
            if matches!(first, 'B' | 's' | 'K') { rest.find('_').map(|at| at + 1) } else { None };
        let digits = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        let len: usize = rest[..digits].parse().unwrap_or(0);
        rest = rest.get(skipped.unwrap_or(digits.max(1))..).unwrap_or_default();
        if len > 0 {
            let name = rest.get(..len).unwrap_or_default();
            rest = &rest[name.len()..];
            // After the function itself, modules are left out.
            if names.is_empty() || name.starts_with(|c: char| c.is_ascii_uppercase()) {
                names.push(name);
            }
        }
    }
    names.join(" ")
}

#[test]
fn symbols_are_made_readable() {
    let symbol = "_RINvNtNtCs1_12rwasm_interp8dispatch4tail6handleINtNtNtB6_4exec7numeric2Un\
        NtNtNtNtB6_4exec4list2op6I32ClzNtNtB1d_7operand1SNtB1F_5ToAccEB6_";
    assert_eq!(readable(symbol), "handle Un I32Clz S ToAcc");
    assert_eq!(readable("memcpy"), "memcpy");
}
