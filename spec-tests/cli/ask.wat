;; run: run --ask ask.wat
;; run: run --ask --dir data ask.wat
;; run: run --ask --dir data --env A=1 ask.wat
;; run: run --ask --policy data/policy/ask.toml ask.wat
;;
;; What was granted is not asked for; who asks needs a terminal, which these runs do not have.
(module
  (import "wasi_snapshot_preview1" "environ_get"
    (func $environ_get (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "path_open"
    (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $proc_exit (param i32)))
  (memory (export "memory") 1)
  (func (export "_start") (call $proc_exit (i32.const 7))))
