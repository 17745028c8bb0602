//! Core dumps: what is in them, read back by somebody else's parser.

use rwasm::{
    AsContext, Config, Engine, Error, Global, GlobalType, Instance, Linker, Module, Mutability,
    Store, Trap, Val, ValType, WasmCoreDump,
};
use wasmparser::{
    CoreDumpInstance, CoreDumpInstancesSection, CoreDumpModulesSection, CoreDumpSection,
    CoreDumpStackFrame, CoreDumpStackSection, CoreDumpValue, KnownCustom, Parser, Payload,
};

/// A dump that was read.
#[derive(Default)]
struct Dump {
    name: String,
    modules: Vec<String>,
    instances: Vec<CoreDumpInstance>,
    frames: Vec<CoreDumpStackFrame>,
    memories: Vec<wasmparser::MemoryType>,
    /// The types of globals, and their values as operators.
    globals: Vec<String>,
    /// Memory, offset and bytes of each segment.
    data: Vec<(u32, i64, Vec<u8>)>,
}

impl Dump {
    fn of(error: &Error, store: impl AsContext) -> Dump {
        let dump = error.downcast_ref::<WasmCoreDump>().expect("the error has a core dump");
        Dump::read(&dump.serialize(store, "test.wasm"))
    }

    fn read(bytes: &[u8]) -> Dump {
        wasmparser::Validator::new_with_features(wasmparser::WasmFeatures::all())
            .validate_all(bytes)
            .unwrap();
        let mut dump = Dump::default();
        for payload in Parser::new(0).parse_all(bytes) {
            dump.section(payload.unwrap());
        }
        dump
    }

    fn section(&mut self, payload: Payload<'_>) {
        match payload {
            Payload::CustomSection(section) => match section.as_known() {
                KnownCustom::CoreDump(CoreDumpSection { name }) => self.name = name.into(),
                KnownCustom::CoreDumpModules(CoreDumpModulesSection { modules }) => {
                    self.modules = modules.into_iter().map(String::from).collect();
                }
                KnownCustom::CoreDumpInstances(CoreDumpInstancesSection { instances }) => {
                    self.instances = instances;
                }
                KnownCustom::CoreDumpStack(CoreDumpStackSection { name, frames }) => {
                    assert_eq!(name, "main");
                    self.frames = frames;
                }
                _ => panic!("unknown section {}", section.name()),
            },
            Payload::MemorySection(memories) => {
                self.memories = memories.into_iter().map(Result::unwrap).collect();
            }
            Payload::GlobalSection(globals) => {
                for global in globals.into_iter().map(Result::unwrap) {
                    let value = global.init_expr.get_operators_reader().read().unwrap();
                    assert!(!global.ty.mutable);
                    self.globals.push(format!("{} {value:?}", global.ty.content_type));
                }
            }
            Payload::DataSection(segments) => {
                for segment in segments.into_iter().map(Result::unwrap) {
                    let wasmparser::DataKind::Active { memory_index, offset_expr } = segment.kind
                    else {
                        panic!("segments are active");
                    };
                    let offset = match offset_expr.get_operators_reader().read().unwrap() {
                        wasmparser::Operator::I32Const { value } => i64::from(value as u32),
                        wasmparser::Operator::I64Const { value } => value,
                        other => panic!("{other:?}"),
                    };
                    self.data.push((memory_index, offset, segment.data.to_vec()));
                }
            }
            _ => {}
        }
    }

    /// The locals and operands of a frame, for people.
    fn values(&self, frame: usize) -> String {
        let frame = &self.frames[frame];
        let show = |values: &[CoreDumpValue]| values.iter().map(show).collect::<Vec<_>>().join(" ");
        format!("{} | {}", show(&frame.locals), show(&frame.stack))
    }
}

fn show(value: &CoreDumpValue) -> String {
    match value {
        CoreDumpValue::Missing => "?".into(),
        CoreDumpValue::I32(value) => format!("{value}"),
        CoreDumpValue::I64(value) => format!("{value}L"),
        CoreDumpValue::F32(value) => format!("{:?}f", f32::from_bits(value.bits())),
        CoreDumpValue::F64(value) => format!("{:?}", f64::from_bits(value.bits())),
    }
}

fn engine(configure: impl FnOnce(&mut Config)) -> Engine {
    let mut config = Config::new();
    configure(config.coredump_on_trap(true));
    Engine::new(&config).unwrap()
}

fn instantiate(engine: &Engine, wat: &str) -> (Store<()>, Instance) {
    let module = Module::new(engine, wat).unwrap();
    let mut store = Store::new(engine, ());
    if engine.config().consume_fuel {
        store.set_fuel(1000).unwrap();
    }
    if engine.config().epoch_interruption {
        store.set_epoch_deadline(1);
    }
    let instance = Instance::new(&mut store, &module, &[]).unwrap();
    (store, instance)
}

fn fail(store: &mut Store<()>, instance: &Instance, args: &[Val]) -> Error {
    instance.get_func(&mut *store, "run").unwrap().call(store, args, &mut []).unwrap_err()
}

/// The dump of a module whose function `run` fails.
fn dump_of(wat: &str) -> Dump {
    let (mut store, instance) = instantiate(&engine(|_| ()), wat);
    let error = fail(&mut store, &instance, &[]);
    Dump::of(&error, &store)
}

#[test]
fn frames_have_their_locals_and_operands() {
    let dump = dump_of(
        r#"(module $m
        (func $inner (param i32 i64) (result f64) (local f32 f64 v128 funcref)
            (local.set 2 (f32.const 1.5))
            (local.set 3 (f64.promote_f32 (local.get 2)))
            (local.set 0 (i32.add (local.get 0) (i32.const 1)))
            (i32.const 9)
            (local.get 1)
            (i32.div_u (local.get 0) (i32.const 0))
            unreachable)
        (func $outer (export "run") (local $n i32)
            (local.set $n (i32.const -5))
            (i64.const -7)
            (i32.mul (local.get $n) (local.get $n))
            (call $inner (i32.add (local.get $n) (i32.const 100)) (i64.const 1000000000000))
            unreachable))"#,
    );
    assert_eq!((&*dump.name, &dump.modules[..]), ("test.wasm", &["m".to_owned()][..]));
    let indices: Vec<_> = dump.frames.iter().map(|f| (f.instanceidx, f.funcidx)).collect();
    assert_eq!(indices, [(0, 0), (0, 1)]);
    assert_eq!(dump.values(0), "96 1000000000000L 1.5f 1.5 ? ? | 9 1000000000000L 96 0");
    assert_eq!(dump.values(1), "-5 | -7L 25");
}

/// Locals that are written before they are read need no zeros, but are zero all the same for whoever
/// looks in between; nor does a dump show what a joined operand's slot held before.
#[test]
fn what_is_not_written_yet_is_zero_or_unknown() {
    let dump = dump_of(
        r#"(module (memory 1)
        (func $litter (param i32 i32 i32 i32 i32 i32 i32 i32) (local i64 i64 i64)
            (local.set 8 (i64.const 11)) (local.set 9 (i64.const 12)) (local.set 10 (i64.const 13)))
        (func $late (param i32) (result i32) (local $a i32) (local $b i64)
            (local.set $a (i32.const 5))
            (i32.add
                (i32.mul (local.get 0) (local.get $a))
                (i32.load (i32.add (local.get 0) (i32.const 65536))))
            (local.set $b (i64.const 6)))
        (func (export "run")
            (call $litter (i32.const 1) (i32.const 2) (i32.const 3) (i32.const 4)
                (i32.const 5) (i32.const 6) (i32.const 7) (i32.const 8))
            (drop (call $late (i32.const 2)))))"#,
    );
    // The product and the address are in accumulators alone.
    assert_eq!(dump.values(0), "2 5 0L | ? ?");
}

#[test]
fn offsets_count_from_the_start_of_the_body() {
    let wat = r#"(module (func (export "run") (drop (i32.const 1)) unreachable))"#;
    let (mut store, instance) = instantiate(&engine(|_| ()), wat);
    let error = fail(&mut store, &instance, &[]);
    let dump = Dump::of(&error, &store);
    assert_eq!(dump.frames[0].codeoffset, 4);
    let frame = &error.downcast_ref::<WasmCoreDump>().unwrap().frames()[0];
    assert_eq!(frame.func_offset(), Some(4));
    assert_eq!(error.downcast_ref(), Some(&Trap::UnreachableCodeReached));
}

/// Every operator of a loop has the locals that it has: the guest writes down what they are and
/// is stopped everywhere.
#[test]
fn locals_are_right_wherever_a_guest_is_stopped() {
    let wat = r#"(module
        (memory 1)
        (func $note (param i32 i64 f64) (result i32)
            (i32.store (i32.const 0) (local.get 0))
            (i64.store (i32.const 8) (local.get 1))
            (f64.store (i32.const 16) (local.get 2))
            (i32.const 3))
        (func (export "run") (param $n i32) (local $i i32) (local $x i64) (local $f f64)
            (loop $l
                (local.set $i (i32.add (local.get $i) (i32.const 1)))
                (local.set $x (i64.mul (i64.add (local.get $x) (i64.const 3)) (i64.const 5)))
                (local.set $f (f64.convert_i64_s (local.get $x)))
                (if (i32.and (local.get $i) (i32.const 1))
                    (then (local.set $n
                        (i32.sub (local.get $n)
                            (call $note (local.get $i) (local.get $x) (local.get $f))))))
                (br $l))))"#;
    let engine = engine(|config| {
        config.consume_fuel(true);
    });
    let (mut i, mut x, mut f, mut n) = (0, 0_i64, 0.0, 50);
    let mut states = vec![format!("{n} {i} {x}L {f:?}")];
    for _ in 0..12 {
        i += 1;
        states.push(format!("{n} {i} {x}L {f:?}"));
        x = (x + 3) * 5;
        states.push(format!("{n} {i} {x}L {f:?}"));
        f = x as f64;
        states.push(format!("{n} {i} {x}L {f:?}"));
        n -= if i % 2 == 1 { 3 } else { 0 };
        states.push(format!("{n} {i} {x}L {f:?}"));
    }
    let mut known = 0;
    for fuel in 0..200 {
        let (mut store, instance) = instantiate(&engine, wat);
        store.set_fuel(fuel).unwrap();
        let error = fail(&mut store, &instance, &[Val::I32(50)]);
        assert_eq!(error.downcast_ref(), Some(&Trap::OutOfFuel));
        let dump = Dump::of(&error, &store);
        let outermost = dump.values(dump.frames.len() - 1);
        let (locals, operands) = outermost.split_once(" | ").unwrap();
        let at = states.iter().rposition(|state| state == locals);
        let at = at.unwrap_or_else(|| panic!("{locals} after {fuel}"));
        assert!(at >= known, "{locals} after {fuel}");
        known = at;
        if dump.frames.len() == 2 {
            // In the callee; the caller has the number that it will subtract from.
            assert_eq!(locals.split(' ').next().unwrap(), operands);
        }
    }
    assert!(known > 20, "{known}");
}

#[test]
fn memories_and_globals_are_those_of_the_store() {
    let engine = engine(|_| ());
    let mut store = Store::new(&engine, ());
    let ty = GlobalType::new(ValType::I64, Mutability::Var);
    let host = Global::new(&mut store, ty, Val::I64(-1)).unwrap();
    let mut linker = Linker::new(&engine);
    linker.define(&store, "host", "g", host).unwrap();
    let first = r#"(module $first
        (memory (export "m") 2 3)
        (data (i32.const 70000) "after growing")
        (global $f (export "f") f32 (f32.const 0.5)))"#;
    let first = Module::new(&engine, first).unwrap();
    let first = linker.instantiate(&mut store, &first).unwrap();
    linker.instance(&mut store, "first", first).unwrap();
    let second = r#"(module
        (import "first" "m" (memory $shared 1))
        (import "host" "g" (global $g (mut i64)))
        (memory $own i64 1)
        (data (memory $own) (i64.const 5) "own")
        (global $r (mut (ref null func)) (ref.func $run))
        (global $v v128 (v128.const i64x2 1 2))
        (global $i i32 (i32.const -3))
        (global $a (ref null i31) (ref.i31 (i32.const 1)))
        (func $run (export "run")
            (global.set $g (i64.const 99))
            (i32.store $shared (i32.const 0) (i32.const 1))
            (drop (memory.grow $shared (i32.const 1)))
            unreachable))"#;
    let second = Module::new(&engine, second).unwrap();
    let second = linker.instantiate(&mut store, &second).unwrap();
    let error = fail(&mut store, &second, &[]);

    let core = error.downcast_ref::<WasmCoreDump>().unwrap();
    assert_eq!((core.modules().len(), core.instances().len()), (2, 2));
    assert_eq!((core.memories().len(), core.globals().len()), (2, 6));
    assert_eq!(core.to_string(), "core dump of 1 frames, 2 instances and 2 memories");

    let dump = Dump::of(&error, &store);
    assert_eq!(dump.modules, ["first", "<unnamed module>"]);
    let of = |i: usize| {
        let CoreDumpInstance { module_index, memories, globals } = &dump.instances[i];
        (*module_index, &memories[..], &globals[..])
    };
    assert_eq!(of(0), (0, &[0][..], &[1][..]));
    assert_eq!(of(1), (1, &[0, 1][..], &[0, 2, 3, 4, 5][..]));
    assert_eq!(dump.frames[0].instanceidx, 1);
    let sizes: Vec<_> = dump.memories.iter().map(|m| (m.initial, m.maximum, m.memory64)).collect();
    assert_eq!(sizes, [(3, Some(3), false), (1, None, true)]);
    let data = |mem, at, bytes: &[u8]| (mem, at, bytes.to_vec());
    assert_eq!(dump.data, [data(0, 0, &[1]), data(0, 70000, b"after growing"), data(1, 5, b"own")]);
    assert_eq!(
        dump.globals,
        [
            "i64 I64Const { value: 99 }",
            "f32 F32Const { value: Ieee32(1056964608) }",
            "funcref RefNull { hty: Abstract { shared: false, ty: Func } }",
            "v128 V128Const { value: V128([1, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0]) }",
            "i32 I32Const { value: -3 }",
            "anyref RefNull { hty: Abstract { shared: false, ty: Any } }",
        ]
    );
}

#[test]
fn a_large_memory_that_is_nearly_empty_makes_a_small_dump() {
    let wat = r#"(module (memory 2000) (data (i32.const 100000000) "far")
        (func (export "run") (i32.store8 (i32.const 131071999) (i32.const 1)) unreachable))"#;
    let (mut store, instance) = instantiate(&engine(|_| ()), wat);
    let error = fail(&mut store, &instance, &[]);
    let dump = error.downcast_ref::<WasmCoreDump>().unwrap();
    let (mut pieces, mut len) = (0, 0);
    dump.serialize_to(&store, "n", |piece| {
        (pieces, len) = (pieces + 1, len + piece.len());
        Ok(())
    })
    .unwrap();
    assert!(len < 300 && pieces > 5, "{len} bytes in {pieces} pieces");
    let dump = Dump::of(&error, &store);
    assert_eq!(dump.data, [(0, 100_000_000, b"far".to_vec()), (0, 131_071_999, vec![1])]);
}

#[test]
fn an_error_of_the_writer_is_passed_on() {
    let (mut store, instance) =
        instantiate(&engine(|_| ()), r#"(module (func (export "run") unreachable))"#);
    let error = fail(&mut store, &instance, &[]);
    let dump = error.downcast_ref::<WasmCoreDump>().unwrap();
    let full = dump.serialize_to(&store, "n", |_| Err(Error::msg("the disk is full")));
    assert_eq!(full.unwrap_err().to_string(), "the disk is full");
}

#[test]
fn endless_recursion_has_its_frames() {
    let wat = r#"(module (func $f (export "run") (param i32) (local i64)
        (local.set 1 (i64.extend_i32_s (local.get 0)))
        (call $f (i32.add (local.get 0) (i32.const 1)))))"#;
    let engine = engine(|config| {
        config.max_wasm_stack(64 << 10);
    });
    let (mut store, instance) = instantiate(&engine, wat);
    let error = fail(&mut store, &instance, &[Val::I32(0)]);
    assert_eq!(error.downcast_ref(), Some(&Trap::StackOverflow));
    let dump = Dump::of(&error, &store);
    let count = dump.frames.len();
    assert!(count > 1000, "{count}");
    for (i, outer) in (0..count).rev().enumerate().skip(1) {
        assert_eq!(dump.values(outer).split(" | ").next().unwrap(), format!("{i} {i}L"));
    }
}

#[test]
fn a_frame_without_room_has_its_parameters() {
    let locals = " i64".repeat(3000);
    let wat = format!(
        r#"(module (func $f (export "run") (param i32) (local{locals})
            (local.set 1 (i64.const 1))
            (call $f (i32.const 7))))"#
    );
    let engine = engine(|config| {
        config.max_wasm_stack(64 << 10);
    });
    let (mut store, instance) = instantiate(&engine, &wat);
    let error = fail(&mut store, &instance, &[Val::I32(7)]);
    let dump = Dump::of(&error, &store);
    for frame in &dump.frames {
        assert_eq!(frame.locals.len(), 3001);
        assert_eq!(show(&frame.locals[0]), "7");
    }
    assert_eq!(dump.frames[0].codeoffset, 0);
    assert_eq!(show(&dump.frames[0].locals[1]), "0L");
    assert_eq!(show(&dump.frames[1].locals[1]), "1L");
}

#[test]
fn deadlines_and_errors_of_the_host_have_dumps() {
    let engine = engine(|config| {
        config.epoch_interruption(true);
    });
    let wat = r#"(module (func (export "run") (local i32)
        (local.set 0 (i32.const 5))
        (i64.const 3)
        (loop (param i64) (drop) (i64.const 4) (br 0))))"#;
    let (mut store, instance) = instantiate(&engine, wat);
    let run = instance.get_func(&mut store, "run").unwrap();
    let other = engine.clone();
    let ticking = std::thread::spawn(move || {
        std::thread::sleep(std::time::Duration::from_millis(20));
        other.increment_epoch();
    });
    let error = run.call(&mut store, &[], &mut []).unwrap_err();
    ticking.join().unwrap();
    assert_eq!(error.downcast_ref(), Some(&Trap::Interrupt));
    let values = Dump::of(&error, &store).values(0);
    assert!(["5 | 4L", "5 | 3L"].contains(&&*values), "{values}");

    // At the beginning of a function.
    let (mut store, instance) =
        instantiate(&engine, r#"(module (func (export "run") (local i32)))"#);
    engine.increment_epoch();
    let error = fail(&mut store, &instance, &[]);
    let dump = Dump::of(&error, &store);
    assert_eq!((dump.values(0), dump.frames[0].codeoffset), ("0 | ".into(), 3));
}

#[test]
fn frames_on_both_sides_of_the_host_are_there() {
    let engine = engine(|_| ());
    let mut linker = Linker::new(&engine);
    linker
        .func_wrap("host", "call", |mut caller: rwasm::Caller<'_, ()>, _: i32| {
            let inner = caller.get_export("inner").unwrap().into_func().unwrap();
            inner.call(&mut caller, &[Val::I32(2)], &mut [])
        })
        .unwrap();
    linker
        .func_wrap("host", "fail", |_: i32| -> rwasm::Result<()> { Err(Error::msg("no")) })
        .unwrap();
    let wat = r#"(module
        (import "host" "call" (func $call (param i32)))
        (import "host" "fail" (func $fail (param i32)))
        (func (export "inner") (param i32) (f32.const 4) (call $fail (local.get 0)) (drop))
        (func (export "run") (param i32) (i64.const 8) (call $call (i32.const 1)) (drop)))"#;
    let module = Module::new(&engine, wat).unwrap();
    let mut store = Store::new(&engine, ());
    let instance = linker.instantiate(&mut store, &module).unwrap();
    let error = fail(&mut store, &instance, &[Val::I32(6)]);
    assert_eq!(error.to_string(), "no");
    let dump = Dump::of(&error, &store);
    assert_eq!([dump.values(0), dump.values(1)], ["2 | 4.0f 2", "6 | 8L 1"]);
}

#[test]
fn exceptions_that_nobody_catches_have_dumps() {
    let dump = dump_of(
        r#"(module (tag $t (param i32))
        (func $f (param i32) (throw $t (local.get 0)))
        (func (export "run") (call $f (i32.const 5))))"#,
    );
    assert_eq!(dump.frames.len(), 2);
    assert_eq!(dump.values(0), "5 | 5");
}

#[test]
fn dumps_are_off_at_first() {
    let (mut store, instance) = crate::instance(r#"(module (func (export "run") unreachable))"#);
    let error = fail(&mut store, &instance, &[]);
    assert!(error.downcast_ref::<WasmCoreDump>().is_none());
}
