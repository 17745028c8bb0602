//! `cargo xtask dist`: the command line as one file that needs nothing else, and starts fast.
//!
//! It is linked statically, since the dynamic linker takes longer than a small guest, and what runs
//! when the program starts lies together: the system brings a program into memory in pieces of 16
//! pages, and the functions of a start would be in most of them.

use crate::Result;
use crate::workspace::{Workspace, cargo};
use std::collections::BTreeSet;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

const USAGE: &str = "\
Usage: cargo xtask dist [--trace]

Builds target/dist/rwasm. With --trace, tools/cli/start.ld is written anew before: which functions a
start needs. That takes valgrind.
";

/// The linker script, from the folder of the workspace.
const SCRIPT: &str = "tools/cli/start.ld";
/// The guest whose start is traced.
const GUEST: &str = "examples/guests/hello.wat";
/// Part of the names of handlers, which are not told apart by names without their hashes.
const HANDLERS: &str = "8dispatch4tail";

/// Builds, as the arguments say.
pub fn run(args: &[String]) -> Result<ExitCode> {
    let trace = match args {
        [] => false,
        [option] if option == "--trace" => true,
        _ => {
            eprint!("{USAGE}");
            return Ok(ExitCode::from(2));
        }
    };
    let workspace = Workspace::load()?;
    let script = workspace.root.join(SCRIPT);
    if trace {
        let program = build(&workspace, None)?;
        let functions = started(&workspace, &program)?;
        std::fs::write(&script, linker_script(&functions))?;
        println!("dist: {SCRIPT} has {} functions", functions.len());
    }
    let program = build(&workspace, Some(&script))?;
    let folder = workspace.target.join("dist");
    std::fs::create_dir_all(&folder)?;
    let file = folder.join("rwasm");
    std::fs::copy(&program, &file)?;
    println!("dist: {}, {} KiB", file.display(), std::fs::metadata(&file)?.len() >> 10);
    Ok(ExitCode::SUCCESS)
}

/// Builds the program, and gives its path.
fn build(workspace: &Workspace, script: Option<&Path>) -> Result<PathBuf> {
    let target = format!("{}-unknown-linux-musl", std::env::consts::ARCH);
    let folder = workspace.target.join("static");
    let mut command = cargo();
    command.current_dir(&workspace.root).args(["rustc", "--release", "--package", "rwasm-cli"]);
    command.args(["--bin", "rwasm", "--target", &target]).arg("--target-dir").arg(&folder);
    command.arg("--");
    if let Some(script) = script {
        // Cargo does not look into files that the linker reads, so each has a name of its own.
        let text = std::fs::read(script)?;
        let mut hasher = DefaultHasher::new();
        text.hash(&mut hasher);
        std::fs::create_dir_all(&folder)?;
        let copy = folder.join(format!("start-{:016x}.ld", hasher.finish()));
        std::fs::write(&copy, text)?;
        command.arg(format!("-Clink-arg=-Wl,-T,{}", copy.display()));
    }
    if !command.status()?.success() {
        return Err(format!("the build failed; has `rustup target add {target}` been run?").into());
    }
    Ok(folder.join(target).join("release/rwasm"))
}

/// The functions that run when the program runs a small guest, as linkers know them.
fn started(workspace: &Workspace, program: &Path) -> Result<BTreeSet<String>> {
    let wasm = workspace.target.join("static/hello.wasm");
    std::fs::write(&wasm, wat::parse_file(workspace.root.join(GUEST))?)?;
    let profile = workspace.target.join("static/start.callgrind");
    let traced = Command::new("valgrind")
        .args(["--tool=callgrind", "--demangle=no", "--compress-strings=no", "--quiet"])
        .arg(format!("--callgrind-out-file={}", profile.display()))
        .arg(program)
        .arg("run")
        .arg(&wasm)
        .output()
        .map_err(|error| format!("valgrind: {error}"))?;
    if !traced.status.success() {
        return Err(format!("valgrind: {}", String::from_utf8_lossy(&traced.stderr)).into());
    }
    let profile = std::fs::read_to_string(&profile)?;
    let names = profile.lines().filter_map(|line| line.strip_prefix("fn="));
    // Where there is no symbol, callgrind gives an address or a name of its own.
    let is_symbol = |name: &&str| name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    Ok(names.filter(is_symbol).filter(|name| !name.contains(HANDLERS)).map(pattern).collect())
}

/// What matches a function's symbol in other builds too: without what the compiler counts or hashes.
fn pattern(symbol: &str) -> String {
    // Recursive calls are functions of their own to callgrind.
    let symbol = symbol.split('\'').next().unwrap_or(symbol);
    let mut pattern = match symbol.rsplit_once("17h") {
        Some((name, hash)) if symbol.starts_with("_ZN") && hash.len() == 17 => {
            format!("{name}17h*E")
        }
        _ => symbol.to_owned(),
    };
    if symbol.starts_with("_R") {
        // `Cs`, the crate's hash, `_`.
        let mut parts = symbol.split("Cs");
        pattern = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let rest = part.find('_').map_or("", |end| &part[end..]);
            pattern += "Cs*";
            pattern += rest;
        }
    }
    // Letters that linkers do not take in names.
    pattern.replace('$', "?")
}

/// Puts functions before all others.
fn linker_script(functions: &BTreeSet<String>) -> String {
    let mut script = String::from(
        "/* What runs when the program starts, together. Written by `cargo xtask dist --trace`. */\n\
         SECTIONS\n{\n  .text.start :\n  {\n",
    );
    for name in functions {
        script += &format!("    *(.text.{name} .text.unlikely.{name})\n");
    }
    script + "  }\n}\nINSERT BEFORE .text;\n"
}

#[test]
fn hashes_are_left_out_of_patterns() {
    let legacy = "_ZN4core3ptr42drop_in_place$LT$alloc..string..String$GT$17h0123456789abcdefE";
    let expected = "_ZN4core3ptr42drop_in_place?LT?alloc..string..String?GT?17h*E";
    assert_eq!(pattern(legacy), expected);
    assert_eq!(
        pattern("_RNvCsfLfy6EI15iL_7___rustc12___rust_alloc'2"),
        "_RNvCs*_7___rustc12___rust_alloc"
    );
    assert_eq!(pattern("memcpy"), "memcpy");
}
