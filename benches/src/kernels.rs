//! The programs that are run: our own in `kernels/`, and those of other people's compilers in the
//! folder that `RWASM_GUESTS` names, or else `../shared/guests`.

use crate::{Result, text};
use serde_json::Value;
use std::path::{Path, PathBuf};

/// An argument of `run`, and what it must return.
#[derive(Clone, Copy, Debug)]
#[expect(missing_docs, reason = "said above")]
pub struct Size {
    pub n: i32,
    pub expected: i64,
}

/// A module that exports `run: [i32] -> [i64]`.
pub struct Kernel {
    /// What it exercises; that of the guests begins with `guest-`.
    pub group: &'static str,
    /// Its name; that of the guests begins with `guest-`.
    pub name: String,
    /// The module.
    pub wasm: Vec<u8>,
    /// As many milliseconds as criterion can repeat.
    pub small: Size,
    /// Enough for the table.
    pub full: Size,
}

impl Kernel {
    /// Finds a kernel.
    pub fn by_name(name: &str) -> Result<Kernel> {
        let mut all = own()?.into_iter().chain(guests()?);
        all.find(|kernel| kernel.name == name).ok_or_else(|| format!("no kernel `{name}`"))
    }
}

/// A module in the text format from `kernels/`.
macro_rules! source {
    ($name:literal) => {
        include_str!(concat!("../kernels/", $name, ".wat"))
    };
}

macro_rules! own {
    ($($group:literal $name:literal $n:literal $expected:literal;)*) => {
        /// Group, name, source, argument and result.
        const OWN: &[(&str, &str, &str, i32, i64)] =
            &[$(($group, $name, source!($name), $n, $expected)),*];
    };
}

own! {
    "calls" "fib" 22 17711;
    "calls" "tak" 15 1;
    "integer" "intmix" 100_000 6700858449816514606;
    "integer" "crc32" 3 4036040853;
    "float" "matmul" 2 -4540258375832698880;
    "float" "nbody" 3_000 9203440063142761719;
    "memory" "sieve" 200_000 17984;
    "memory" "quicksort" 15_000 7047374259972423139;
    "memory" "hash" 40_000 88880;
    "branchy" "collatz" 4_000 19613286637;
    "branchy" "br_table" 40_000 -8751580719418530145;
    "indirect" "call_indirect" 100_000 -4783393680348828788;
    "simd" "simd_matmul" 5 401410254926653632;
    "simd" "simd_mandelbrot" 100 281972;
}

/// The kernels of this package.
pub fn own() -> Result<Vec<Kernel>> {
    OWN.iter()
        .map(|&(group, name, source, n, expected)| {
            let wasm = wat::parse_str(source).map_err(|error| format!("{name}.wat: {error}"))?;
            let size = Size { n, expected };
            Ok(Kernel { group, name: name.into(), wasm, small: size, full: size })
        })
        .collect()
}

/// The module for calls between guest and host.
pub fn host_calls() -> Result<Vec<u8>> {
    wat::parse_str(source!("host_calls")).map_err(text)
}

/// A memory of 16 MiB of which data fills one, a table of 4096 functions, and 64 globals.
pub fn large_instance() -> Result<Vec<u8>> {
    let data: String = (0..1 << 20).map(|at| char::from(b'a' + (at % 23) as u8)).collect();
    let funcs = "$leaf ".repeat(4096);
    let globals = "(global (mut i64) (i64.const 7))\n".repeat(64);
    let source = format!(
        r#"(module
            (memory 256)
            (data (i32.const 65536) "{data}")
            (func $leaf)
            (table funcref (elem {funcs}))
            {globals}
            (func (export "run") (param i32) (result i64) (i64.const 0)))"#
    );
    wat::parse_str(source).map_err(text)
}

/// Where the guests are, if they are anywhere. A folder that is named must be there.
pub fn guests_folder() -> Result<Option<PathBuf>> {
    if let Some(named) = std::env::var_os("RWASM_GUESTS") {
        let named = PathBuf::from(named);
        return match named.is_dir() {
            true => Ok(Some(named)),
            false => Err(format!("RWASM_GUESTS names {}, which is no folder", named.display())),
        };
    }
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/guests");
    Ok(beside.is_dir().then_some(beside))
}

const GUEST_GROUPS: &[(&str, &[&str])] = &[
    ("guest-calls", &["fib", "tak", "ackermann"]),
    (
        "guest-integer",
        &[
            "sieve",
            "crc32",
            "life",
            "levenshtein",
            "nqueens",
            "regex_nfa",
            "base64",
            "pidigits",
            "intmix",
            "lz",
        ],
    ),
    ("guest-float", &["nbody", "spectralnorm", "mandelbrot", "matmul", "floatmix"]),
    ("guest-simd", &["mandelbrot_simd", "matmul_simd"]),
    (
        "guest-data",
        &[
            "sha256",
            "hashtable",
            "quicksort",
            "binarytrees",
            "pointer_chase",
            "stream",
            "bulkmem",
            "fannkuch",
        ],
    ),
    ("guest-interpreters", &["bf", "vm_switch", "vm_indirect"]),
];

/// The kernels among the guests.
pub fn guests() -> Result<Vec<Kernel>> {
    let Some(folder) = guests_folder()? else { return Ok(Vec::new()) };
    let folder = folder.join("bench/kernels");
    let expected = std::fs::read(folder.join("expected.json")).map_err(text)?;
    let expected: Value = serde_json::from_slice(&expected).map_err(text)?;
    let names = GUEST_GROUPS
        .iter()
        .flat_map(|&(group, names)| names.iter().map(move |&name| (group, name)));
    names
        .map(|(group, name)| {
            let size = |which: &str| -> Option<Size> {
                let size = &expected[name][which];
                let n = size["n"].as_i64()?.try_into().ok()?;
                Some(Size { n, expected: size["expect"].as_i64()? })
            };
            let missing = || format!("expected.json has no {name}");
            let path = folder.join("wasm").join(name).with_extension("wasm");
            let wasm =
                std::fs::read(&path).map_err(|error| format!("{}: {error}", path.display()))?;
            Ok(Kernel {
                group,
                name: format!("guest-{name}"),
                wasm,
                small: size("small").ok_or_else(missing)?,
                full: size("bench").ok_or_else(missing)?,
            })
        })
        .collect()
}

/// Modules of real programs, the largest first, as name and bytes: none if there are no guests.
pub fn programs() -> Result<Vec<(&'static str, Vec<u8>)>> {
    let Some(folder) = guests_folder()? else { return Ok(Vec::new()) };
    let read = |(name, path)| {
        let path = folder.join(path);
        let wasm = std::fs::read(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        Ok((name, wasm))
    };
    [
        ("jsonbench-go", "wasi-p1/go/jsonbench.wasm"),
        ("sqlite3", "bench/apps/sqlite3.wasm"),
        ("rjson", "bench/apps/rjson.wasm"),
    ]
    .map(read)
    .into_iter()
    .collect()
}
