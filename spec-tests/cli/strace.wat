;; run: strace --clock virtual --seed 1 --dir data::/d::ro strace.wat
;; run: strace --dir data::/d -e !clock,fd_write -s 3 strace.wat
;; run: strace --dir data::/d -e path_open -o calls.txt strace.wat
;; run: run --stdin calls.txt strace.wat
;; run: strace --dir data::/d -e nonsense strace.wat
;; run: strace --dri data strace.wat
;; run: strace -o /dev/full strace.wat
;; run: strace --record it.rec strace.wat
;; run: strace --policy nowhere.toml strace.wat
;; run: strace --learn learned.toml --dir data::/d -e none strace.wat
;; run: strace --policy learned.toml -e path_open strace.wat
;;
;; Each call of the guest is shown with what it means, to standard error.
(module
  (import "wasi_snapshot_preview1" "fd_write"
    (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_read"
    (func $fd_read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "path_open"
    (func $path_open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "clock_time_get"
    (func $clock_time_get (param i32 i64 i32) (result i32)))
  (import "wasi_snapshot_preview1" "poll_oneoff"
    (func $poll_oneoff (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_prestat_get"
    (func $fd_prestat_get (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $proc_exit (param i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "\00\01\00\00\10\00\00\00")
  (data (i32.const 0x20) "a.txt")
  (data (i32.const 0x80) "\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\01\00\00\00\00\00\00\00\40\42\0f")
  (func (export "_start")
    (drop (call $clock_time_get (i32.const 1) (i64.const 0) (i32.const 8)))
    (drop (call $fd_prestat_get (i32.const 3) (i32.const 8)))
    (drop (call $path_open (i32.const 3) (i32.const 1) (i32.const 0x20) (i32.const 5)
      (i32.const 0) (i64.const 2) (i64.const 0) (i32.const 0) (i32.const 12)))
    (drop (call $fd_read (i32.const 4) (i32.const 0) (i32.const 1) (i32.const 16)))
    (drop (call $path_open (i32.const 3) (i32.const 0) (i32.const 0xfffffff0) (i32.const 50)
      (i32.const 9) (i64.const 0x80000000000007fe) (i64.const 0) (i32.const 0) (i32.const 12)))
    (drop (call $poll_oneoff (i32.const 0x80) (i32.const 0x200) (i32.const 1) (i32.const 16)))
    (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 16)))
    (call $proc_exit (i32.const 3))))
