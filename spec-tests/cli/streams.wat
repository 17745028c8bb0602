;; run: run --stdin in.txt --stdout out.txt --stderr out.txt streams.wat
;; run: run --stdin data/a.txt --stdout out.txt --stderr out.txt streams.wat
;; run: run --stdin out.txt streams.wat
;; run: run --stdin out.txt --stdout nothing/out.txt streams.wat
;;
;; Standard streams can be files; output and errors one file.
(module
  (import "wasi_snapshot_preview1" "fd_write"
    (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_read"
    (func $fd_read (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "\00\01\00\00\00\10\00\00")
  (data (i32.const 8) "\20\00\00\00\07\00\00\00")
  (data (i32.const 0x20) "errors\n")
  (func (export "_start")
    (drop (call $fd_write (i32.const 2) (i32.const 8) (i32.const 1) (i32.const 16)))
    (drop (call $fd_read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 4)))
    (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 16)))))
