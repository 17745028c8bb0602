//! Every handler of the interpreter is executed on a small native stack.
//!
//! In builds with debug assertions the end of each run compares the depth of the native stack with
//! what it always is there, so that a handler which calls the next one instead of jumping to it
//! fails the run at once. Here it is seen to that no handler is left out: of those that no script or
//! program has led to, functions are written that do.

#[cfg(debug_assertions)]
fn main() {
    checked::main();
}

#[cfg(not(debug_assertions))]
fn main() {
    eprintln!("skipped: handlers check the native stack in builds with debug assertions");
}

#[cfg(debug_assertions)]
mod checked {
    use rwasm::{Config, Dispatch, Engine, Features, Instance, Module, Store, Trap};
    use rwasm_interp::coverage::unseen;
    use rwasm_parser::ValType;
    use rwasm_spec_tests::corpora::guests;
    use rwasm_spec_tests::handlers::{ARGS, Args, Functions};
    use rwasm_spec_tests::program::Program;
    use rwasm_spec_tests::suite::{SETTINGS, scripts};
    use serde_json::Value;
    use std::fs;
    use std::path::Path;
    use std::thread;

    /// What guests have of the native stack: less than a thousand frames.
    const STACK: usize = 256 << 10;

    pub fn main() {
        let (scripts, _) = scripts().expect("the corpora can be read");
        for script in &scripts {
            // Whether it passes is for the conformance tests to say.
            let _ = script.run(SETTINGS[0]);
        }
        let guests = guests();
        let run = move || {
            if let Some(folder) = &guests {
                programs(folder);
            }
            generated();
            guests.is_some()
        };
        let thread = thread::Builder::new().stack_size(STACK).spawn(run).expect("a thread begins");
        let has_guests = thread.join().expect("no handler grows the stack");

        let (unseen, all) = unseen();
        let is_fused =
            |name: &str| ["Pair<", "Triple<", "Quad<"].iter().any(|kind| name.starts_with(kind));
        let left: Vec<_> = unseen
            .iter()
            .filter(|name| !is_never_lowered(name))
            // What is fused was chosen from what the guests execute.
            .filter(|name| has_guests || !is_fused(name))
            .collect();
        println!(
            "{all} handlers, {} of which nothing leads to by design",
            unseen.len() - left.len()
        );
        if !has_guests {
            println!("skipped: no guests in ../shared, so fused handlers may be left out");
        }
        assert!(left.is_empty(), "{} were not executed: {left:#?}", left.len());
    }

    /// Whether lowering prefers another handler than this.
    fn is_never_lowered(name: &str) -> bool {
        let (kind, rest) = name.split_once('<').unwrap_or((name, ""));
        let mut args = rest.trim_end_matches('>').split(',');
        let (op, first, second, last) =
            (args.next().unwrap_or(""), args.next(), args.next(), args.next());
        let is_float = op.starts_with('F');
        let op = &op[op.len().min(3)..];
        let is_relation = matches!(op.get(..2), Some("Eq" | "Ne" | "Lt" | "Le" | "Gt" | "Ge"));
        let commutes = matches!(op, "Add" | "Mul" | "And" | "Or" | "Xor");
        match (kind, first, second) {
            // Stubs of the module, which are not lowered.
            ("Finish" | "Compile", ..) => true,
            // Operands change places.
            ("Bin" | "BrCmp", Some("S"), Some("A")) if is_relation || commutes => true,
            // The opposite relation does the same, except for floats.
            ("BrCmp", ..) => !is_float && last == Some("false"),
            // A constant is added instead.
            ("Bin", _, Some("I")) => !is_float && op == "Sub",
            // A comparison with 0.
            ("Un", ..) => op == "Eqz" && name.contains("I64Eqz"),
            // The value is read from its slot.
            ("StoreMem", Some("A"), Some("A")) => !is_float,
            _ => false,
        }
    }

    fn programs(folder: &Path) {
        let expected = fs::read(folder.join("bench/kernels/expected.json")).expect("it is there");
        let expected: Value = serde_json::from_slice(&expected).expect("it is JSON");
        for (name, kernel) in expected.as_object().expect("one entry for each kernel") {
            let file = folder.join(format!("bench/kernels/wasm/{name}.wasm"));
            let n = kernel["small"]["n"].as_i64().expect("a number") as i32;
            let engine = Engine::default();
            let module = Module::from_file(&engine, file).expect("a kernel is valid");
            let mut store = Store::new(&engine, ());
            let instance = Instance::new(&mut store, &module, &[]).expect("it imports nothing");
            let run = instance.get_typed_func::<i32, i64>(&mut store, "run").expect("it is there");
            let result = run.call(&mut store, n).expect("a kernel does not trap");
            assert_eq!(Some(result), kernel["small"]["expect"].as_i64(), "{name}");
        }
        let apps = folder.join("bench/apps");
        for (file, args) in [
            ("bzip2.wasm", &[][..]),
            ("zlib.wasm", &[]),
            ("zstd.wasm", &[]),
            ("sqlite3.wasm", &[]),
            ("rjson.wasm", &[]),
            ("rcrypto.wasm", &[]),
            ("lua-noeh.wasm", &["data/bench.lua"]),
            ("qjs.wasm", &["data/bench.js"]),
        ] {
            let program = Program::new(apps.join(file), args).dir(&apps, ".");
            let ended = program.run(Dispatch::Tail).expect("an application runs");
            assert_eq!(ended.status, 0, "{file}: {}", ended.stderr);
        }
    }

    fn generated() {
        let plain = |config: &mut Config| _ = config.wasm_features(Features::ALL, true);
        let mut functions = Functions::default();
        functions.numeric();
        functions.vectors();
        functions.joins();
        functions.memory(0);
        call_all(&functions, "(memory 1)", &plain);
        for memories in
            ["(memory 1 1 shared)", "(memory 1) (memory 1)", "(memory 1) (memory 1 1 shared)"]
        {
            let mut functions = Functions::default();
            functions.memory(memories.matches("memory").count() as u32 - 1);
            call_all(&functions, memories, &plain);
        }
        let mut functions = Functions::default();
        functions.others();
        call_all(&functions, "(memory 1)", &plain);
        call_all(&functions, "(memory 1)", &|config| {
            config.wasm_features(Features::ALL, true).consume_fuel(true);
            config.epoch_interruption(true).deterministic(true);
        });
        let (with_fuel, without): (Vec<_>, Vec<_>) =
            unseen().0.into_iter().partition(|name| name.contains("<Fuel,"));
        for (addr, memories) in [(ValType::I32, "(memory 1)"), (ValType::I64, "(memory i64 1)")] {
            let mut functions = Functions::default();
            functions.fused(&without, addr);
            call_all(&functions, memories, &plain);
        }
        let mut functions = Functions::default();
        functions.fused(&with_fuel, ValType::I32);
        call_all(&functions, "(memory 1)", &|config| {
            config.wasm_features(Features::ALL, true).consume_fuel(true);
        });
    }

    /// Calls every function once.
    fn call_all(functions: &Functions, memories: &str, configure: &dyn Fn(&mut Config)) {
        let mut config = Config::new();
        configure(config.dispatch(Dispatch::Tail));
        let engine = Engine::new(&config).expect("the settings go together");
        // On a stack that is large enough to parse it.
        let text = functions.module(memories);
        let module = thread::scope(|scope| {
            let parsing = scope.spawn(|| wat::parse_str(text).expect("the text is well formed"));
            let binary = parsing.join().expect("it is parsed");
            Module::from_binary(&engine, &binary).expect("the functions are valid")
        });
        let mut store = Store::new(&engine, ());
        store.set_epoch_deadline(1);
        let _ = store.set_fuel(u64::MAX / 2);
        let instance = Instance::new(&mut store, &module, &[]).expect("it imports nothing");
        for number in 0..functions.len() {
            let name = number.to_string();
            let run = instance.get_typed_func::<Args, ()>(&mut store, &name).expect("it is there");
            if let Err(error) = run.call(&mut store, ARGS) {
                assert!(error.downcast_ref::<Trap>().is_some(), "{name}: {error:#}");
            }
        }
    }
}
