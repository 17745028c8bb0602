;; run: run --env NAME=value --record it.rec record.wat
;; run: replay it.rec
;; run: run --record late.rec --timeout 100ms --invoke forever record.wat
;; run: replay late.rec
;; run: run --record call.rec --invoke add record.wat 3 4
;; run: replay call.rec
;; run: run --record fuel.rec --fuel 1000 --invoke forever record.wat
;; run: replay fuel.rec
;; run: replay record.wat
;; run: replay nothing.rec
;; run: run --record /dev/full record.wat
;; run: run --record it.rec --threads record.wat
;;
;; A run is recorded, and replayed without what it was given: the variable, randomness, the time.
(module
  (import "wasi_snapshot_preview1" "fd_write"
    (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "environ_get"
    (func $environ_get (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "random_get"
    (func $random_get (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $proc_exit (param i32)))
  (memory (export "memory") 1)
  ;; A ciovec: the variable as it comes, and a line's end.
  (data (i32.const 0) "\40\00\00\00\0b\00\00\00")
  (data (i32.const 0x4a) "\n")
  (func (export "_start")
    (drop (call $environ_get (i32.const 0x20) (i32.const 0x40)))
    (i32.store8 (i32.const 0x4a) (i32.const 10))
    (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 16)))
    (drop (call $random_get (i32.const 0x80) (i32.const 16)))
    (call $proc_exit (i32.const 7)))
  (func (export "forever") (loop (br 0)))
  (func (export "add") (param i32 i32) (result i32)
    (i32.add (local.get 0) (local.get 1))))
