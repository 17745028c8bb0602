;; run: exit.wat
;; run: exit.wat --invoke with 0
;; run: exit.wat --invoke with 256
;; run: exit.wat --invoke with -- -1
(module
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (func (export "with") (param i32) (call $exit (local.get 0)))
  (func (export "_start") (call $exit (i32.const 7)) unreachable))
