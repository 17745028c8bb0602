;; set: FROM_HERE=there
;; run: run --policy data/policy/rwasm.toml --invoke env policy.wat
;; set: FROM_HERE=there
;; run: run --policy data/policy/rwasm.toml --invoke read policy.wat
;; set: FROM_HERE=there
;; run: run --policy data/policy/rwasm.toml --invoke write policy.wat
;; run: run --policy data/policy/rwasm.toml --env FROM_HERE=else --env MORE=1 --invoke env policy.wat
;; run: run --policy data/policy/rwasm.toml --env FROM_HERE=else --timeout 100ms --invoke forever policy.wat
;; run: run --policy data/policy/rwasm.toml policy.wat
;; run: run --policy data/policy/rwasm.toml threads.wat
;; run: run --policy data/policy/flags.toml --threads policy.wat
;; run: run --policy data/policy/nowhere.toml policy.wat
;; run: run --policy data/policy/rwasm.toml polici.wat
;; run: run --policy data/policy/rwasm.toml other.wasm
;; run: run --policy nowhere.toml policy.wat
;; run: run --policy data/policy/key.toml policy.wat
;; run: run --policy data/policy/far_key.toml policy.wat
;; run: run --policy data/policy/table.toml policy.wat
;; run: run --policy data/policy/type.toml policy.wat
;; run: run --policy data/policy/elements.toml policy.wat
;; run: run --policy data/policy/value.toml policy.wat
;; run: run --policy data/policy/feature.toml policy.wat
;; run: run --policy data/policy/clock.toml policy.wat
;; run: run --policy data/policy/variable.toml policy.wat
;; run: run --policy data/policy/flag.toml policy.wat
;; run: run --policy data/policy/syntax.toml policy.wat
;;
;; A file grants what options would. Of the errnos, 63 is `perm`.
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
  (memory (export "memory") 1)
  (data (i32.const 0) "b.txt")
  (data (i32.const 8) "new.txt")
  (func (export "_start"))
  (func (export "env")
    (drop (call $sizes (i32.const 40) (i32.const 44)))
    (drop (call $get (i32.const 100) (i32.const 1000)))
    (i32.store (i32.const 40) (i32.const 1000))
    (drop (call $fd_write (i32.const 1) (i32.const 40) (i32.const 1) (i32.const 48))))
  (func (export "read") (result i32)
    (local $errno i32)
    (i32.store (i32.const 40) (i32.const 100))
    (i32.store (i32.const 44) (i32.const 1000))
    (local.tee $errno
      (call $open (i32.const 3) (i32.const 0) (i32.const 0) (i32.const 5) (i32.const 0)
        (i64.const 2) (i64.const 0) (i32.const 0) (i32.const 32)))
    (if
      (then (return (local.get $errno))))
    (drop (call $fd_read (i32.load (i32.const 32)) (i32.const 40) (i32.const 1) (i32.const 44)))
    (call $fd_write (i32.const 1) (i32.const 40) (i32.const 1) (i32.const 48)))
  (func (export "write") (result i32)
    (call $open (i32.const 3) (i32.const 0) (i32.const 8) (i32.const 7) (i32.const 1)
      (i64.const 64) (i64.const 0) (i32.const 0) (i32.const 32)))
  (func (export "forever") (loop (br 0))))
