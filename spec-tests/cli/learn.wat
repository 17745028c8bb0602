;; run: run --learn learned.toml --dir data::/d --dir . --env LANG=C --timeout 10s --invoke look learn.wat
;; run: run --dir . --invoke show learn.wat 16 12
;; run: run --policy learned.toml --invoke look learn.wat
;; run: run --policy learned.toml --invoke make learn.wat
;; run: run --learn learned.toml --dir data::/d --env LANG=C --inherit-env --max-memory 64KiB --invoke make learn.wat
;; set: HERE=there
;; run: run --learn learned.toml --env LANG=C --env HERE --invoke env learn.wat
;; run: run --dir . --invoke show learn.wat 16 12
;; run: run --policy learned.toml --invoke make learn.wat
;; set: HERE=there
;; run: run --policy learned.toml --invoke env learn.wat
;; run: run --learn data/policy/rwasm.toml --dir data/sub --seed 1 --invoke dice learn.wat
;; run: run --learn data/policy/rwasm.toml --policy data/policy/rwasm.toml --env HERE=else --invoke env learn.wat
;; run: run --dir data/policy --invoke show learn.wat 32 10
;; run: run --learn exit.toml --invoke exit learn.wat
;; run: run --dir . --invoke show learn.wat 48 9
;; run: run --learn data/policy/key.toml learn.wat
;; run: run --learn nowhere/learned.toml --invoke exit learn.wat
;;
;; What a run needed becomes a policy. Of the errnos, 63 is `perm`.
(module
  (import "wasi_snapshot_preview1" "environ_sizes_get"
    (func $sizes (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "environ_get"
    (func $get (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "path_open"
    (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_read"
    (func $fd_read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write"
    (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "random_get"
    (func $random_get (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "clock_time_get"
    (func $clock_time_get (param i32 i64 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $proc_exit (param i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "a.txt")
  (data (i32.const 8) "new.txt")
  (data (i32.const 16) "learned.toml")
  (data (i32.const 32) "rwasm.toml")
  (data (i32.const 48) "exit.toml")
  (func (export "env")
    (drop (call $sizes (i32.const 80) (i32.const 84)))
    (drop (call $get (i32.const 100) (i32.const 1000)))
    (i32.store (i32.const 80) (i32.const 1000))
    (drop (call $fd_write (i32.const 1) (i32.const 80) (i32.const 1) (i32.const 88))))
  (func $show (export "show") (param $name i32) (param $len i32) (result i32)
    (local $errno i32)
    (i32.store (i32.const 80) (i32.const 100))
    (i32.store (i32.const 84) (i32.const 1000))
    (local.tee $errno
      (call $open (i32.const 3) (i32.const 0) (local.get $name) (local.get $len) (i32.const 0)
        (i64.const 2) (i64.const 0) (i32.const 0) (i32.const 72)))
    (if
      (then (return (local.get $errno))))
    (drop (call $fd_read (i32.load (i32.const 72)) (i32.const 80) (i32.const 1) (i32.const 84)))
    (call $fd_write (i32.const 1) (i32.const 80) (i32.const 1) (i32.const 88)))
  (func (export "look") (result i32)
    (call $show (i32.const 0) (i32.const 5)))
  (func (export "make") (result i32)
    (call $open (i32.const 3) (i32.const 0) (i32.const 8) (i32.const 7) (i32.const 1)
      (i64.const 64) (i64.const 0) (i32.const 0) (i32.const 72)))
  (func (export "dice") (result i32)
    (drop (call $clock_time_get (i32.const 0) (i64.const 0) (i32.const 100)))
    (call $random_get (i32.const 100) (i32.const 8)))
  (func (export "exit")
    (drop (call $clock_time_get (i32.const 0) (i64.const 0) (i32.const 100)))
    (call $proc_exit (i32.const 3))))
