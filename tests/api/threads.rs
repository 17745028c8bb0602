//! Shared memories, and guests on several threads.

use rwasm::wasi::host::Readiness;
use rwasm::wasi::threads::{self, WasiThreads};
use rwasm::wasi::{I32Exit, MemoryOutputPipe, OutputStream, SharedP1Ctx, WasiCtxBuilder, p1};
use rwasm::{
    Config, Dispatch, Engine, Execution, Extern, Instance, Linker, Memory, MemoryType, Module,
    Progress, Result, SharedMemory, Store, Suspension, Trap, UpdateDeadline, Val, WaitResult,
};
use std::io::{self, IoSlice, PipeWriter, Write};
use std::os::fd::AsFd;
use std::sync::Arc;
use std::time::Duration;

/// Counts to a million on each of four threads, one atomic addition at a time.
const COUNTER: &str = r#"(module
    (import "" "m" (memory 1 4 shared))
    (func (export "count") (param i32)
        (loop $again
            (drop (i64.atomic.rmw.add (i32.const 8) (i64.const 1)))
            (br_if $again (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))))"#;

fn engines() -> [Engine; 2] {
    [Dispatch::Tail, Dispatch::Loop].map(|dispatch| {
        let mut config = Config::new();
        config.dispatch(dispatch).epoch_interruption(true);
        Engine::new(&config).unwrap()
    })
}

fn instance(store: &mut Store<()>, memory: &SharedMemory, text: &str) -> Instance {
    store.set_epoch_deadline(1);
    let module = Module::new(store.engine(), text).unwrap();
    Instance::new(store, &module, &[memory.clone().into()]).unwrap()
}

#[test]
fn atomic_additions_of_several_threads_all_count() {
    for engine in engines() {
        let memory = SharedMemory::new(&engine, MemoryType::shared(1, 4)).unwrap();
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    let mut store = Store::new(&engine, ());
                    let instance = instance(&mut store, &memory, COUNTER);
                    let count = instance.get_typed_func::<i32, ()>(&mut store, "count").unwrap();
                    count.call(&mut store, 50_000).unwrap();
                });
            }
        });
        let mut sum = [0; 8];
        memory.read(8, &mut sum).unwrap();
        assert_eq!(u64::from_le_bytes(sum), 200_000);
    }
}

#[test]
fn growth_by_one_store_is_seen_by_another() {
    for engine in engines() {
        let memory = SharedMemory::new(&engine, MemoryType::shared(1, 3)).unwrap();
        let text = r#"(module
            (import "" "m" (memory 1 3 shared))
            (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0)))
            (func (export "load") (param i32) (result i32) (i32.load (local.get 0)))
            (func (export "size") (result i32) (memory.size)))"#;
        let (mut a, mut b) = (Store::new(&engine, ()), Store::new(&engine, ()));
        let (in_a, in_b) = (instance(&mut a, &memory, text), instance(&mut b, &memory, text));
        let grow = in_a.get_typed_func::<i32, i32>(&mut a, "grow").unwrap();
        let load = in_b.get_typed_func::<i32, i32>(&mut b, "load").unwrap();
        let size = in_b.get_typed_func::<(), i32>(&mut b, "size").unwrap();
        let trap = load.call(&mut b, 65536).unwrap_err();
        assert_eq!(trap.downcast_ref(), Some(&Trap::MemoryOutOfBounds));
        assert_eq!(grow.call(&mut a, 1).unwrap(), 1);
        memory.write(65536, &7_u32.to_le_bytes()).unwrap();
        assert_eq!(load.call(&mut b, 65536).unwrap(), 7);
        assert_eq!(size.call(&mut b, ()).unwrap(), 2);
        assert_eq!(memory.grow(1).unwrap(), 2);
        assert_eq!(grow.call(&mut a, 1).unwrap(), -1);
        assert_eq!(memory.data_size(), 3 << 16);
    }
}

#[test]
fn every_plain_access_works_on_a_shared_memory() {
    // What is stored at any alignment is loaded again, and bulk operators see it.
    let text = r#"(module
        (import "" "m" (memory 1 4 shared))
        (data $d "hello")
        (func (export "run") (param $at i32) (result i64)
            (i64.store (local.get $at) (i64.const 0x1122334455667788))
            (i32.store16 offset=8 (local.get $at) (i32.const 0x99aa))
            (f64.store offset=100 (local.get $at) (f64.const 1.5))
            (v128.store offset=200 (local.get $at)
                (v128.load (local.get $at)))
            (v128.store8_lane offset=300 3 (local.get $at) (v128.load32_splat (local.get $at)))
            (memory.copy (i32.add (local.get $at) (i32.const 1000))
                (local.get $at) (i32.const 400))
            (memory.fill (i32.add (local.get $at) (i32.const 2000)) (i32.const 7) (i32.const 99))
            (memory.init $d (i32.add (local.get $at) (i32.const 3000)) (i32.const 0) (i32.const 5))
            (i64.add
                (i64.xor
                    (i64.load offset=1200 (local.get $at))
                    (i64.load32_u offset=2090 (local.get $at)))
                (i64.add
                    (i64.load16_s offset=1208 (local.get $at))
                    (i64.add
                        (i64.load8_u offset=1300 (local.get $at))
                        (i64.add
                            (i64.trunc_f64_s (f64.load offset=1100 (local.get $at)))
                            (i64.load8_u offset=3004 (local.get $at))))))))"#;
    for engine in engines() {
        let shared = SharedMemory::new(&engine, MemoryType::shared(1, 4)).unwrap();
        let mut store = Store::new(&engine, ());
        let on_shared = instance(&mut store, &shared, text);
        let own = Memory::new(&mut store, MemoryType::new(1, Some(4))).unwrap();
        let module = Module::new(&engine, text.replace(" shared", "")).unwrap();
        let on_own = Instance::new(&mut store, &module, &[own.into()]).unwrap();
        for at in 0..20 {
            let mut run = |instance: &Instance| {
                let run = instance.get_typed_func::<i32, i64>(&mut store, "run").unwrap();
                run.call(&mut store, at).unwrap()
            };
            assert_eq!(run(&on_shared), run(&on_own));
        }
        let mut bytes = vec![0; 1 << 16];
        shared.read(0, &mut bytes).unwrap();
        assert_eq!(bytes, own.data(&store));
    }
}

#[test]
fn a_shared_memory_is_no_memory_of_a_store() {
    let engine = Engine::default();
    let mut store = Store::new(&engine, ());
    assert!(Memory::new(&mut store, MemoryType::shared(1, 1)).is_err());
    assert!(SharedMemory::new(&engine, MemoryType::new(1, Some(1))).is_err());
    let module = Module::new(&engine, r#"(module (memory (export "m") 1 2 shared))"#).unwrap();
    let instance = Instance::new(&mut store, &module, &[]).unwrap();
    assert!(instance.get_memory(&mut store, "m").is_none());
    let memory = instance.get_shared_memory(&mut store, "m").unwrap();
    assert_eq!((memory.size(), memory.ty().maximum()), (1, Some(2)));
    assert!(memory.read(65536, &mut [0]).is_err());
    // It can be had where another engine made it, but not used there.
    let other = Engine::default();
    let module = Module::new(&other, COUNTER).unwrap();
    let imports = [Extern::from(memory)];
    assert!(Instance::new(&mut Store::new(&other, ()), &module, &imports).is_err());
}

#[test]
fn hosts_wait_and_notify() {
    let engine = Engine::default();
    let memory = SharedMemory::new(&engine, MemoryType::shared(1, 1)).unwrap();
    let soon = Some(Duration::from_millis(1));
    assert_eq!(memory.atomic_wait32(8, 1, None), Ok(WaitResult::Mismatch));
    assert_eq!(memory.atomic_wait64(8, 0, soon), Ok(WaitResult::TimedOut));
    assert_eq!(memory.atomic_wait32(2, 0, soon), Err(Trap::UnalignedAtomic));
    assert_eq!(memory.atomic_notify(1 << 16, 1), Err(Trap::MemoryOutOfBounds));
    std::thread::scope(|scope| {
        let waits = scope.spawn(|| memory.atomic_wait32(8, 0, None));
        while memory.atomic_notify(8, 1) == Ok(0) {
            std::thread::yield_now();
        }
        assert_eq!(waits.join().unwrap(), Ok(WaitResult::Ok));
    });
}

const WAITS: &str = r#"(module
    (import "" "m" (memory 1 4 shared))
    (func (export "wait") (param i64) (result i32)
        (memory.atomic.wait32 (i32.const 0) (i32.const 0) (local.get 0))))"#;

#[test]
fn a_wait_ends_at_the_deadline() {
    for engine in engines() {
        let memory = SharedMemory::new(&engine, MemoryType::shared(1, 4)).unwrap();
        let mut store = Store::new(&engine, ());
        let instance = instance(&mut store, &memory, WAITS);
        let wait = instance.get_typed_func::<i64, i32>(&mut store, "wait").unwrap();
        std::thread::scope(|scope| {
            scope.spawn(|| {
                std::thread::sleep(Duration::from_millis(20));
                engine.increment_epoch();
            });
            let error = wait.call(&mut store, -1).unwrap_err();
            assert_eq!(error.downcast_ref(), Some(&Trap::Interrupt));
        });
    }
}

#[test]
fn a_wait_that_is_interrupted_goes_on_with_the_time_that_is_left() {
    for engine in engines() {
        let memory = SharedMemory::new(&engine, MemoryType::shared(1, 4)).unwrap();
        let mut store = Store::new(&engine, ());
        let instance = instance(&mut store, &memory, WAITS);
        store.epoch_deadline_callback(|_| Ok(UpdateDeadline::Continue(0)));
        engine.increment_epoch();
        let wait = instance.get_typed_func::<i64, i32>(&mut store, "wait").unwrap();
        // Interrupted all the time, it would never end if it began anew each time.
        assert_eq!(wait.call(&mut store, 50_000_000).unwrap(), 2);
    }
}

#[test]
fn a_wait_that_is_interrupted_is_notified_all_the_same() {
    for engine in engines() {
        let memory = SharedMemory::new(&engine, MemoryType::shared(1, 4)).unwrap();
        let at = 0;
        assert_eq!(memory.atomic_notify(at, 1).unwrap(), 0);
        // While the host decides whether it goes on.
        let mut store = Store::new(&engine, ());
        let waits = instance(&mut store, &memory, WAITS);
        let notifier = memory.clone();
        // It is asked at the beginning of the function, too.
        store.epoch_deadline_callback(move |_| {
            let notified = notifier.atomic_notify(at, 5).unwrap();
            Ok(UpdateDeadline::Continue(notified.into()))
        });
        engine.increment_epoch();
        let wait = waits.get_typed_func::<i64, i32>(&mut store, "wait").unwrap();
        assert_eq!(wait.call(&mut store, -1).unwrap(), 0);

        // While a run is suspended.
        let mut store = Store::new(&engine, ());
        let waits = instance(&mut store, &memory, WAITS);
        engine.increment_epoch();
        let wait = waits.get_func(&mut store, "wait").unwrap();
        let mut run = Execution::new(&mut store, &wait, &[Val::I64(-1)]).unwrap();
        let mut is_interrupted = |run: &mut Execution| {
            matches!(run.resume(&mut store).unwrap(), Progress::Suspended(Suspension::Epoch))
        };
        loop {
            assert!(is_interrupted(&mut run));
            if memory.atomic_notify(at, 5).unwrap() == 1 {
                break;
            }
        }
        assert!(!is_interrupted(&mut run));

        // But nobody waits where nobody will go on.
        let mut run = Execution::new(&mut store, &wait, &[Val::I64(-1)]).unwrap();
        for _ in 0..3 {
            let progress = run.resume(&mut store).unwrap();
            assert!(matches!(progress, Progress::Suspended(Suspension::Epoch)));
        }
        drop(run);
        assert_eq!(memory.atomic_notify(at, 1).unwrap(), 0);
        let error = wait.call(&mut store, &[Val::I64(-1)], &mut [Val::I32(0)]).unwrap_err();
        assert_eq!(error.downcast_ref(), Some(&Trap::Interrupt));
        assert_eq!(memory.atomic_notify(at, 1).unwrap(), 0);
    }
}

#[derive(Clone)]
struct State {
    wasi: SharedP1Ctx,
    threads: Option<Arc<WasiThreads<State>>>,
}

/// Runs a guest with threads. Gives what it ended with and what it wrote.
fn run(engine: &Engine, text: &str) -> (Result<()>, Vec<u8>) {
    let output = MemoryOutputPipe::new(1 << 16);
    let result = run_to(engine, text, output.clone());
    (result, output.contents())
}

/// Runs a guest with threads that writes to `stdout`.
fn run_to(engine: &Engine, text: &str, stdout: impl OutputStream + 'static) -> Result<()> {
    let wasi = WasiCtxBuilder::new().stdout(stdout).build_p1();
    let module = Module::new(engine, text).unwrap();
    let mut store = Store::new(engine, State { wasi: SharedP1Ctx::new(wasi), threads: None });
    store.set_epoch_deadline(1);
    let mut linker = Linker::new(engine);
    p1::add_shared_to_linker(&mut linker, |state: &mut State| &state.wasi).unwrap();
    threads::add_to_linker(&mut linker, &mut store, &module, |state| state.threads.as_ref())
        .unwrap();
    let interrupt = store.data().wasi.interrupt_handle();
    let threads = WasiThreads::new(&linker, &module, State::clone).unwrap().interrupt(interrupt);
    let threads = Arc::new(threads);
    store.data_mut().threads = Some(Arc::clone(&threads));
    let instance = linker.instantiate(&mut store, &module).unwrap();
    let start = instance.get_typed_func::<(), ()>(&mut store, "_start").unwrap();
    threads.finish(start.call(&mut store, ()))
}

/// A pipe.
struct Pipe(PipeWriter);

impl OutputStream for Pipe {
    fn write(&mut self, bufs: &[IoSlice<'_>]) -> io::Result<usize> {
        self.0.write_vectored(bufs)
    }

    fn readiness(&self) -> Readiness<'_> {
        Readiness::Os(self.0.as_fd())
    }
}

const IMPORTS: &str = r#"
    (import "env" "memory" (memory 1 1 shared))
    (import "wasi" "thread-spawn" (func $spawn (param i32) (result i32)))
    (import "wasi_snapshot_preview1" "fd_write"
        (func $write (param i32 i32 i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "random_get" (func $random (param i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "poll_oneoff"
        (func $poll (param i32 i32 i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
    (export "memory" (memory 0))"#;

#[test]
fn a_thread_writes_while_another_sleeps() {
    for engine in engines() {
        // The main thread sleeps in WASI until the other, which writes, exits for both.
        let text = format!(
            r#"(module {IMPORTS}
                (data (i32.const 100) "\08\01\00\00\05\00\00\00")
                (data (i32.const 264) "hello")
                (func (export "wasi_thread_start") (param i32 i32)
                    (if (i32.ne (i32.const 7) (local.get 1)) (then unreachable))
                    (drop (call $write (i32.const 1) (i32.const 100) (i32.const 1) (i32.const 96)))
                    (if (call $random (i32.const 400) (i32.const 100)) (then unreachable))
                    (if (i64.eqz (i64.load (i32.const 450))) (then unreachable))
                    (call $exit (i32.load (i32.const 96))))
                (func (export "_start")
                    ;; A subscription to the monotonic clock, an hour from now.
                    (i32.store (i32.const 1016) (i32.const 1))
                    (i64.store (i32.const 1024) (i64.const 3600000000000))
                    (if (i32.le_s (call $spawn (i32.const 7)) (i32.const 0)) (then unreachable))
                    (drop (call $poll (i32.const 1000) (i32.const 1100) (i32.const 1)
                        (i32.const 1200)))
                    unreachable))"#
        );
        let (result, output) = run(&engine, &text);
        assert_eq!(result.unwrap_err().downcast_ref(), Some(&I32Exit(5)));
        assert_eq!(output, b"hello");
    }
}

#[test]
fn the_time_of_a_sleep_passes_in_a_shared_context() {
    let text = format!(
        r#"(module {IMPORTS}
            (func (export "wasi_thread_start") (param i32 i32))
            (func (export "_start")
                (i32.store (i32.const 1016) (i32.const 1))
                (i64.store (i32.const 1024) (i64.const 30000000))
                (if (call $poll (i32.const 1000) (i32.const 1100) (i32.const 1) (i32.const 1200))
                    (then unreachable))
                (call $exit (i32.load (i32.const 1200)))))"#
    );
    let (result, _) = run(&engines()[0], &text);
    assert_eq!(result.unwrap_err().downcast_ref(), Some(&I32Exit(1)));
}

#[test]
fn a_trap_in_a_thread_ends_the_guest() {
    for engine in engines() {
        let text = format!(
            r#"(module {IMPORTS}
                (func (export "wasi_thread_start") (param i32 i32)
                    (drop (i32.div_u (i32.const 1) (i32.const 0))))
                (func (export "_start")
                    (drop (call $spawn (i32.const 7)))
                    (loop (br 0))))"#
        );
        let (result, _) = run(&engine, &text);
        assert_eq!(result.unwrap_err().downcast_ref(), Some(&Trap::IntegerDivisionByZero));
    }
}

#[test]
fn a_thread_that_writes_to_a_full_pipe_does_not_keep_the_others() {
    let text = format!(
        r#"(module {IMPORTS}
            (data (i32.const 100) "\00\02\00\00\00\f0\00\00")
            (func (export "wasi_thread_start") (param i32 i32)
                (loop $again
                    (i32.atomic.store (i32.const 0) (i32.const 1))
                    (drop (call $write (i32.const 1) (i32.const 100) (i32.const 1) (i32.const 96)))
                    (drop (i32.atomic.rmw.add (i32.const 4) (i32.load (i32.const 96))))
                    (br $again)))
            (func (export "_start") (local $before i32)
                (drop (call $spawn (i32.const 7)))
                ;; Until nothing was written for a while.
                (loop $again
                    (local.set $before (i32.atomic.load (i32.const 4)))
                    (drop (call $random (i32.const 400) (i32.const 100)))
                    (drop (memory.atomic.wait32 (i32.const 8) (i32.const 0) (i64.const 50000000)))
                    (br_if $again (i32.eqz (local.get $before)))
                    (br_if $again
                        (i32.ne (i32.atomic.load (i32.const 4)) (local.get $before))))
                (call $exit (i32.const 9))))"#
    );
    let (reader, writer) = io::pipe().unwrap();
    let result = run_to(&engines()[0], &text, Pipe(writer));
    assert_eq!(result.unwrap_err().downcast_ref(), Some(&I32Exit(9)));
    drop(reader);
}
