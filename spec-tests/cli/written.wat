;; run: run --max-written 12 written.wat
;; run: run --max-written 0 written.wat
;; run: run --max-written 1KiB written.wat
;;
;; Writes 8 bytes, three times at most; the status is the errno that ended it.
(module
  (import "wasi_snapshot_preview1" "fd_write"
    (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $proc_exit (param i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "\10\00\00\00\08\00\00\00")
  (data (i32.const 16) "written\n")
  (func (export "_start")
    (local $left i32) (local $errno i32)
    (local.set $left (i32.const 3))
    (loop $next
      (local.set $errno (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))
      (if (local.get $errno) (then (call $proc_exit (local.get $errno))))
      (br_if $next (local.tee $left (i32.sub (local.get $left) (i32.const 1)))))))
