//! `cargo xtask opstats`: which instructions real programs execute, alone and one after the other,
//! and which of them should be fused.
//!
//! The kernels and applications among the guests run in the portable backend, which is built to
//! count. A share is the mean over all programs, so that a long run counts no more than a short
//! one. With `--rows N` the N best fusions are written to `interp/src/exec/fused/rows.rs`.

mod choose;
mod counts;
mod rows;

use crate::Result;
use crate::workspace::{Workspace, cargo};
use choose::Choice;
use counts::Counts;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

/// Arguments of the applications: what they do is in their folder's `expected.txt`.
const APPLICATIONS: &[&[&str]] = &[
    &["bzip2.wasm"],
    &["zlib.wasm"],
    &["zstd.wasm"],
    &["sqlite3.wasm"],
    &["rjson.wasm"],
    &["rcrypto.wasm"],
    &["--dir", ".", "lua-noeh.wasm", "data/bench.lua"],
    &["--dir", ".", "qjs.wasm", "data/bench.js"],
];

/// The same of programs of other compilers, in the guests' folder.
const OTHERS: &[&[&str]] = &[
    &["wasi-p1/go/jsonbench.wasm", "300"],
    &["--invoke", "run", "bench/apps/as/as.wasm", "10000"],
    &["--invoke", "sieve", "bench/apps/as/as.wasm", "100000"],
    &["--invoke", "run", "proposals/tailcall_vm.wasm", "10000"],
];

/// How many fusions are chosen after these from what other programs execute: kernels with 64-bit
/// memories, and what other compilers made.
const MORE: usize = 150;

/// How many fusions begin with a charge of fuel.
const CHARGES: usize = 400;

/// How many lines of each kind are printed.
const LINES: usize = 40;

/// Runs the command.
pub fn run(args: &[String]) -> Result<ExitCode> {
    let rows = match args.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => None,
        ["--rows", count] => Some(count.parse::<usize>()?),
        _ => return Err("it takes `--rows N` or nothing".into()),
    };
    let workspace = Workspace::load()?;
    let (programs, others, with_fuel) = count_all(&workspace)?;
    print("instructions", &shares(&programs, 1));
    print("pairs", &shares(&programs, 2));
    print("triples", &shares(&programs, 3));
    let mut chosen = choose::choose(&programs, rows.unwrap_or(1000), false, &[]);
    report(&chosen);
    println!("\nof other programs");
    let more = choose::choose(&others, MORE, false, &chosen);
    report(&more);
    chosen.extend(more);
    println!("\nwhere fuel is counted");
    let charges = choose::choose(&with_fuel, CHARGES, true, &[]);
    report(&charges);
    chosen.extend(charges);
    if rows.is_some() {
        let path = workspace.root.join("interp/src/exec/fused/rows.rs");
        std::fs::write(&path, rows::text(&chosen))?;
        println!("\nwritten: {}", path.display());
    }
    Ok(ExitCode::SUCCESS)
}

/// The guests' folder.
fn guests(workspace: &Workspace) -> PathBuf {
    match std::env::var_os("RWASM_GUESTS") {
        Some(named) => named.into(),
        None => workspace.root.join("../shared/guests"),
    }
}

/// Builds what counts, and runs every program, the others, and all applications once more with fuel.
fn count_all(workspace: &Workspace) -> Result<(Vec<Counts>, Vec<Counts>, Vec<Counts>)> {
    let bench = guests(workspace).join("bench");
    let expected = std::fs::read(bench.join("kernels/expected.json"))
        .map_err(|error| format!("{}: {error}", bench.display()))?;
    let expected: BTreeMap<String, Value> = serde_json::from_slice(&expected)?;
    let target = workspace.target.join("opstats");
    let mut build = cargo();
    build.args(["build", "--release", "--package", "rwasm-benches", "--package", "rwasm-cli"]);
    build.current_dir(&workspace.root).env("CARGO_TARGET_DIR", &target);
    if !build.env("RUSTFLAGS", "--cfg opstats").status()?.success() {
        return Err("it could not be built".into());
    }
    let binaries = target.join("release");
    let mut programs = Vec::new();
    for (name, sizes) in &expected {
        let mut command = Command::new(binaries.join("rwasm-benches"));
        let size = sizes["small"]["n"].to_string();
        command.args(["run", "rwasm-loop", &format!("guest-{name}"), &size]);
        command.env("RWASM_GUESTS", guests(workspace));
        programs.push(count(name, command, &target)?);
    }
    let mut with_fuel = Vec::new();
    for args in APPLICATIONS {
        let name = args.iter().find(|arg| arg.ends_with(".wasm")).unwrap_or(&"");
        for (options, counts) in
            [(&[][..], &mut programs), (&["--fuel", "1000000000000000"], &mut with_fuel)]
        {
            let mut command = Command::new(binaries.join("rwasm"));
            command.arg("run").args(options).args(*args).current_dir(bench.join("apps"));
            counts.push(count(name, command, &target)?);
        }
    }
    let mut others = Vec::new();
    for (name, sizes) in &expected {
        let file = format!("proposals/kernels64/{name}.wasm");
        if guests(workspace).join(&file).exists() {
            let size = sizes["small"]["n"].to_string();
            others.push(other(workspace, &["--invoke", "run", &file, &size])?);
        }
    }
    for args in OTHERS {
        others.push(other(workspace, args)?);
    }
    Ok((programs, others, with_fuel))
}

/// What a program executes that is run in the guests' folder.
fn other(workspace: &Workspace, args: &[&str]) -> Result<Counts> {
    let target = workspace.target.join("opstats");
    let mut command = Command::new(target.join("release/rwasm"));
    command.arg("run").args(args).current_dir(guests(workspace));
    count(args.iter().find(|arg| arg.ends_with(".wasm")).unwrap_or(&""), command, &target)
}

fn count(name: &str, mut command: Command, target: &Path) -> Result<Counts> {
    let file = target.join("counts.txt");
    command.env("RWASM_OPSTATS", &file).stdout(Stdio::null());
    if !command.status()?.success() {
        return Err(format!("{command:?} failed").into());
    }
    let counts = Counts::parse(&std::fs::read_to_string(&file)?)?;
    println!("{name}: {} instructions", counts.total);
    std::fs::remove_file(file)?;
    Ok(counts)
}

/// The mean share of every sequence of `len` instructions, the greatest first.
fn shares(programs: &[Counts], len: usize) -> Vec<(String, f64)> {
    let mut sums = BTreeMap::<String, f64>::new();
    for counts in programs {
        for (names, count) in &counts.triples {
            let share = *count as f64 / counts.total as f64 / programs.len() as f64;
            *sums.entry(names[3 - len..].join("  ")).or_default() += share;
        }
    }
    let mut sums: Vec<_> = sums.into_iter().collect();
    sums.sort_by(|a, b| b.1.total_cmp(&a.1));
    sums
}

fn print(title: &str, shares: &[(String, f64)]) {
    println!("\n{title}, of {}", shares.len());
    for (name, share) in shares.iter().take(LINES) {
        println!("{:7.3} %  {name}", share * 100.0);
    }
}

fn report(chosen: &[Choice]) {
    println!("\nfusions, and how many dispatches are left");
    for (at, choice) in chosen.iter().enumerate() {
        if (at + 1).is_power_of_two() || (at + 1) % 100 == 0 || at + 1 == chosen.len() {
            println!("{:5}  {:5.1} %  {}", at + 1, choice.left * 100.0, choice.parts.join("  "));
        }
    }
}
