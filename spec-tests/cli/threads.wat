;; run: --threads threads.wat
;; run: threads.wat
;; run: --threads threads.wat trap
;; run: --threads --fuel 1 threads.wat
(module
  (import "env" "memory" (memory 1 1 shared))
  (import "wasi" "thread-spawn" (func $spawn (param i32) (result i32)))
  (import "wasi_snapshot_preview1" "args_sizes_get"
    (func $args (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write"
    (func $write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (export "memory" (memory 0))
  (data (i32.const 32) "three threads were here\n")
  ;; Each thread adds to the word at 0 and says so.
  (func (export "wasi_thread_start") (param $id i32) (param $argument i32)
    (if (i32.eqz (local.get $argument)) (then unreachable))
    (drop (i32.atomic.rmw.add (i32.const 0) (local.get $argument)))
    (drop (memory.atomic.notify (i32.const 0) (i32.const 1))))
  (func (export "_start") (local $seen i32)
    (drop (call $args (i32.const 8) (i32.const 12)))
    ;; With an argument, a thread that traps ends all.
    (if (i32.gt_u (i32.load (i32.const 8)) (i32.const 1))
      (then
        (drop (call $spawn (i32.const 0)))
        (drop (memory.atomic.wait32 (i32.const 4) (i32.const 0) (i64.const -1)))))
    (drop (call $spawn (i32.const 1)))
    (drop (call $spawn (i32.const 2)))
    (drop (call $spawn (i32.const 4)))
    (loop $wait
      (local.set $seen (i32.atomic.load (i32.const 0)))
      (if (i32.ne (local.get $seen) (i32.const 7))
        (then
          (drop (memory.atomic.wait32 (i32.const 0) (local.get $seen) (i64.const 1000000000)))
          (br $wait))))
    (i32.store (i32.const 16) (i32.const 32))
    (i32.store (i32.const 20) (i32.const 24))
    (drop (call $write (i32.const 1) (i32.const 16) (i32.const 1) (i32.const 24)))
    (call $exit (i32.const 3))))
