;; run: coredump.wat --coredump trap.core
;; run: validate trap.core
;; run: coredump.wat --invoke loop --fuel 1000 --coredump fuel.core
;; run: validate fuel.core
;; run: coredump.wat --invoke loop --timeout 50ms --coredump time.core
;; run: validate time.core
;; run: coredump.wat --invoke recursion --coredump stack.core
;; run: validate stack.core
;; run: coredump.wat --coredump nowhere/trap.core
;; run: coredump.wat --invoke fine --coredump fine.core
;; run: validate fine.core
;; run: coredump.wat --invoke exit --coredump exit.core
;; run: validate exit.core
;; Dumps are modules; no file is written where there was no trap.
(module
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory (export "memory") 16)
  (data (i32.const 500000) "something")
  (global $g (mut i64) (i64.const 5))
  (func $trap (param i32) (result i32) (i32.load (local.get 0)))
  (func (export "_start") (drop (call $trap (i32.const -1))))
  (func (export "loop") (loop (br 0)))
  (func $recursion (export "recursion") (call $recursion))
  (func (export "fine"))
  (func (export "exit") (call $exit (i32.const 3))))
