//! Programs of other people's compilers, each on each dispatch backend.

use libtest_mimic::{Arguments, Trial};
use rwasm::{Dispatch, Features, Linker, Module, Store, Val, ValType};
use rwasm_spec_tests::corpora::guests;
use rwasm_spec_tests::program::{Ended, Program, TempDir, engine};
use rwasm_spec_tests::suite::BACKENDS;
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

type Checked = Result<(), String>;
type Check = Arc<dyn Fn(&Path, Dispatch) -> Checked + Send + Sync>;

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let mut trials = Vec::new();
    match guests() {
        None => eprintln!("skipped: no guests in ../shared, and RWASM_GUESTS is not set"),
        Some(folder) => {
            let mut checks = Vec::new();
            kernels(&folder, &mut checks);
            proposals(&folder, &mut checks);
            apps(&folder, &mut checks);
            programs(&mut checks);
            for (name, check) in checks {
                for (backend, dispatch) in BACKENDS {
                    let (check, folder): (Check, PathBuf) = (Arc::clone(&check), folder.clone());
                    let run = move || Ok(check(&folder, dispatch)?);
                    trials.push(Trial::test(format!("{backend}::{name}"), run));
                }
            }
        }
    }
    libtest_mimic::run(&arguments, trials).exit_code()
}

type Checks = Vec<(String, Check)>;

fn add(
    checks: &mut Checks,
    name: impl Into<String>,
    check: impl Fn(&Path, Dispatch) -> Checked + Send + Sync + 'static,
) {
    checks.push((name.into(), Arc::new(check)));
}

fn json(path: &Path) -> Value {
    let text = fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_slice(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn is<T: PartialEq + std::fmt::Debug>(expected: T, found: T) -> Checked {
    if expected == found { Ok(()) } else { Err(format!("expected {expected:?}, found {found:?}")) }
}

/// Compares texts line by line.
fn reads(expected: &str, found: &str) -> Checked {
    let mut pairs = expected.lines().zip(found.lines());
    match pairs.find(|(expected, found)| expected != found) {
        Some((expected, found)) => is(expected, found),
        None => is(expected.lines().count(), found.lines().count()),
    }
}

/// Calls an export of a module that imports nothing, all of whose parameters are integers.
fn call(file: &Path, dispatch: Dispatch, name: &str, args: &[i32]) -> rwasm::Result<Vec<Val>> {
    let engine = engine(dispatch, Features::default())?;
    let module = Module::from_file(&engine, file)?;
    let mut store = Store::new(&engine, ());
    let instance = Linker::new(&engine).instantiate(&mut store, &module)?;
    let func = instance.get_func(&mut store, name);
    let func = func.ok_or_else(|| rwasm::format_err!("there is no function `{name}`"))?;
    let ty = func.ty(&store);
    let args = ty.params().zip(args).map(|(ty, &arg)| match ty {
        ValType::I64 => Val::I64(arg.into()),
        _ => Val::I32(arg),
    });
    let args: Vec<Val> = args.collect();
    let mut results = vec![Val::I32(0); ty.results().len()];
    func.call(&mut store, &args, &mut results)?;
    Ok(results)
}

fn returns(file: &Path, dispatch: Dispatch, name: &str, args: &[i32], expected: i64) -> Checked {
    match call(file, dispatch, name, args) {
        Ok(results) => match results[..] {
            [Val::I64(result)] => is(expected, result),
            [Val::I32(result)] => is(expected, i64::from(result)),
            _ => Err(format!("expected {expected}, found {results:?}")),
        },
        Err(error) => Err(format!("{error:?}")),
    }
}

/// Kernels in C: `run(n)` for a small n.
fn kernels(folder: &Path, checks: &mut Checks) {
    let expected = json(&folder.join("bench/kernels/expected.json"));
    for (name, kernel) in expected.as_object().expect("one entry for each kernel") {
        let file = format!("bench/kernels/wasm/{name}.wasm");
        let (n, result) = small(kernel);
        add(checks, format!("kernels/{name}"), move |folder, dispatch| {
            returns(&folder.join(&file), dispatch, "run", &[n], result)
        });
    }
}

/// The small n of a kernel, and what it gives.
fn small(kernel: &Value) -> (i32, i64) {
    let small = &kernel["small"];
    let n = small["n"].as_i64().and_then(|n| i32::try_from(n).ok()).expect("n is an i32");
    (n, small["expect"].as_i64().expect("the result is an i64"))
}

/// Modules that need newer features.
fn proposals(folder: &Path, checks: &mut Checks) {
    let kernels = json(&folder.join("bench/kernels/expected.json"));
    let expected = json(&folder.join("proposals/expected.json"));
    for (key, result) in expected.as_object().expect("one entry for each call") {
        let result = result.as_i64().expect("results are an i64");
        let (file, call) = key.split_once(':').unwrap_or((key, ""));
        let (name, args) = match call.trim_end_matches(')').split_once('(') {
            Some((name, args)) => {
                let args = args.split(',').filter(|arg| !arg.is_empty());
                (name, args.map(|arg| arg.parse().expect("arguments are i32")).collect())
            }
            // A kernel as before, with 64-bit addresses.
            None => {
                let kernel = Path::new(file).file_stem().and_then(|stem| stem.to_str());
                ("run", vec![small(&kernels[kernel.expect("it has a name")]).0])
            }
        };
        let (file, name) = (format!("proposals/{file}"), name.to_owned());
        add(checks, key.replace(".wasm", ""), move |folder, dispatch| {
            returns(&folder.join(&file), dispatch, &name, &args, result)
        });
    }
    // Lua whose errors are exceptions, of the standard and of the older kind.
    let legacy = Features::default().with(Features::LEGACY_EXCEPTIONS);
    for (guest, features) in [("lua-exnref", Features::default()), ("lua-legacy-eh", legacy)] {
        for (script, expected) in [("err.lua", "\n1000 pcalls ok\n"), ("co.lua", "\nco\t500500\n")]
        {
            add(checks, format!("proposals/{guest}/{script}"), move |folder, dispatch| {
                let file = folder.join(format!("proposals/{guest}.wasm"));
                let mut program =
                    Program::new(file, &[script]).dir(folder.join("bench/apps/data"), ".");
                program.features = features;
                let ended = run(&program, dispatch)?;
                match format!("\n{}", ended.stdout).contains(expected) && ended.status == 0 {
                    true => Ok(()),
                    false => Err(format!("expected {expected:?} in {ended:?}")),
                }
            });
        }
    }
    add(checks, "proposals/lua-legacy-eh/refused", |folder, dispatch| {
        let program = Program::new(folder.join("proposals/lua-legacy-eh.wasm"), &[]);
        match program.run(dispatch) {
            Ok(ended) => Err(format!("ran without the feature: {ended:?}")),
            Err(error)
                if format!("{error:#}").contains("needs the feature `legacy-exceptions`") =>
            {
                Ok(())
            }
            Err(error) => Err(format!("{error:#}")),
        }
    });
    add(checks, "proposals/wasi_threads", |folder, dispatch| {
        let program = Program::new(folder.join("proposals/wasi_threads.wasm"), &[]);
        let sum = program.call_with_threads(dispatch, "run", 4);
        is(500_000_500_000, sum.map_err(|error| format!("{error:?}"))?)
    });
}

/// Applications, and what they write: sections of a file that begin with `## FILE ARGS`.
fn apps(folder: &Path, checks: &mut Checks) {
    let path = folder.join("bench/apps");
    let text = fs::read_to_string(path.join("expected.txt")).expect("the apps' output is there");
    for section in text.split("## ").skip(1) {
        let (line, output) = section.split_once('\n').expect("sections have output");
        let (file, args) = line.split_once(' ').unwrap_or((line, ""));
        if !path.join(file).exists() {
            continue;
        }
        let (file, args, output) = (file.to_owned(), args.to_owned(), output.to_owned());
        add(checks, format!("apps/{file}"), move |folder, dispatch| {
            let apps = folder.join("bench/apps");
            let args: Vec<_> = args.split_whitespace().collect();
            let program = Program::new(apps.join(&file), &args).dir(&apps, ".");
            let ended = run(&program, dispatch)?;
            reads(&output, &format!("{}rc {}\n", ended.stdout, ended.status))
        });
    }
    for (name, n, expected) in [("run", 10000, "49995001.00345449"), ("sieve", 100_000, "9592")] {
        add(checks, format!("apps/as/{name}"), move |folder, dispatch| {
            let file = folder.join("bench/apps/as/as.wasm");
            let results =
                call(&file, dispatch, name, &[n]).map_err(|error| format!("{error:?}"))?;
            match results[..] {
                [Val::F64(bits)] => reads(expected, &f64::from_bits(bits).to_string()),
                [Val::I32(result)] => reads(expected, &result.to_string()),
                _ => Err(format!("expected {expected}, found {results:?}")),
            }
        });
    }
}

fn run(program: &Program, dispatch: Dispatch) -> Result<Ended, String> {
    program.run(dispatch).map_err(|error| format!("{error:?}"))
}

/// Programs of WASI 0.1 in several languages.
fn programs(checks: &mut Checks) {
    add(checks, "wasi-p1/wasitest", wasitest);
    add(checks, "wasi-p1/rtools", rtools);
    add(checks, "wasi-p1/jsonbench", |folder, dispatch| {
        let ended =
            run(&Program::new(folder.join("wasi-p1/go/jsonbench.wasm"), &["2000"]), dispatch)?;
        let wanted = "in=214960 out=109502 kept=993 sum=610966.500 crc=dffbd353";
        is((0, true), (ended.status, ended.stdout.contains(wanted)))
    });
    add(checks, "wasi-p1/stdin_poll", |folder, dispatch| {
        let mut program = Program::new(folder.join("wasi-p1/go/stdin_poll.wasm"), &[]);
        program.stdin = b"l1\nl2\n".to_vec();
        let ended = run(&program, dispatch)?;
        is(0, ended.status)?;
        reads("line 1: l1\nline 2: l2\neof after 2 lines\n", &ended.stdout)
    });
    add(checks, "wasi-p1/ztools", |folder, dispatch| {
        let data = TempDir::new();
        let program = Program::new(folder.join("wasi-p1/zig/ztools.wasm"), &["a", "b"])
            .dir(data.path(), "/data");
        let ended = run(&program, dispatch)?;
        let output = ended.stdout + &ended.stderr;
        is((5, true, true), (ended.status, output.contains("argc 3"), output.contains("arg b")))
    });
    add(checks, "wasi-p1/micropython", |folder, dispatch| {
        let file = folder.join("wasi-p1/prebuilt/micropython-wasi.wasm");
        let mut program = Program::new(file, &["-c", "print(sum(range(10)))"]);
        program.trap_unknown = true;
        reads("45\n", &run(&program, dispatch)?.stdout)
    });
    add(checks, "wasi-p1/boolector", |folder, dispatch| {
        let file = folder.join("wasi-p1/prebuilt/boolector.wasm");
        let data = TempDir::copy_of(&folder.join("wasi-p1/prebuilt"));
        let program = Program::new(file, &["-m", "/d/q.smt2"]).dir(data.path(), "/d");
        let ended = run(&program, dispatch)?;
        let model = ended.stdout.contains("1011)") && ended.stdout.contains("1101)");
        is((10, true, true), (ended.status, ended.stdout.starts_with("sat"), model))
    });
}

fn wasitest(folder: &Path, dispatch: Dispatch) -> Checked {
    let data = TempDir::new();
    let mut program = Program::new(folder.join("wasi-p1/c/wasitest.wasm"), &["/data", "x", "y z"])
        .dir(data.path(), "/data");
    program.env.push(("GREETING".into(), "hi".into()));
    program.stdin = b"abc\n".to_vec();
    let ended = run(&program, dispatch)?;
    let expected = fs::read_to_string(folder.join("wasi-p1/c/wasitest.expected.txt"));
    is(7, ended.status)?;
    reads(&expected.map_err(|error| error.to_string())?, &ended.stdout)
}

/// Runs the commands that the file of expected output shows, one after the other.
fn rtools(folder: &Path, dispatch: Dispatch) -> Checked {
    let data = TempDir::new();
    let write = |name: &str, text: &str| fs::write(data.path().join(name), text);
    fs::create_dir_all(data.path().join("a/b")).map_err(|error| error.to_string())?;
    write("a/f.txt", "x y\nzz\n").map_err(|error| error.to_string())?;
    let expected = fs::read_to_string(folder.join("wasi-p1/rust/rtools.expected.txt"));
    let expected = expected.map_err(|error| error.to_string())?;
    for section in expected.split("$ rtools ").skip(1) {
        let (line, wanted) = section.split_once('\n').expect("commands have output");
        let args: Vec<_> = match line {
            "args 1 2 3" => vec!["args", "1", "2 3"], // The quotes are not shown.
            line => line.split(' ').collect(),
        };
        let mut program =
            Program::new(folder.join("wasi-p1/rust/rtools.wasm"), &args).dir(data.path(), "/d");
        program.env.push(("K".into(), "V".into()));
        program.stdin = b"b\na\n".to_vec();
        let ended = run(&program, dispatch)?;
        let output = format!("{}{}rc {}\n", ended.stdout, ended.stderr, ended.status);
        reads(wanted, &output).map_err(|message| format!("{line}: {message}"))?;
    }
    Ok(())
}
