;; run: inspect inspect.wat
;; run: inspect inspect.wat --json
;; run: inspect --all data/inlined.wasm
;; run: inspect nowhere.wasm
;; run: inspect data/a.txt
;; run: inspect
(module $tool
  (import "wasi_snapshot_preview1" "path_open"
    (func (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_prestat_get" (func (param i32 i32) (result i32)))
  (import "wasi_unstable" "environ_get" (func (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "args_get" (func (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "sock_shutdown" (func (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func (param i32)))
  (import "wasi" "thread-spawn" (func (param i32) (result i32)))
  (import "env" "memory" (memory 2 16 shared))
  (table 3 3 funcref)
  (export "memory" (memory 0))
  (data (i32.const 0) "hello")
  (func (export "_start"))
  (func (export "wasi_thread_start") (param i32 i32)
    (drop (i32.atomic.rmw.add (i32.const 0) (local.get 0)))
    (drop (i32.extend8_s (local.get 1))))
  (@producers (language "C11" "") (processed-by "a compiler" "1.2.3")))
