;; run: unstable.wat --dir data
;; run: unstable.wat --dir data --threads
;; run: unstable.wat
;; Reads the last three bytes of a file, by its size and from its end, and writes them. The status
;; says what fails.
(module
  (import "wasi_unstable" "path_open"
    (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
  (import "wasi_unstable" "fd_filestat_get" (func $stat (param i32 i32) (result i32)))
  (import "wasi_unstable" "fd_seek" (func $seek (param i32 i64 i32 i32) (result i32)))
  (import "wasi_unstable" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_unstable" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_unstable" "poll_oneoff" (func $poll (param i32 i32 i32 i32) (result i32)))
  (import "wasi_unstable" "proc_exit" (func $exit (param i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "a.txt")
  (func $check (param $errno i32) (param $status i32)
    (if (local.get $errno) (then (call $exit (local.get $status)))))
  (func (export "_start")
    (local $fd i32)
    (call $check
      (call $open (i32.const 3) (i32.const 0) (i32.const 0) (i32.const 5) (i32.const 0)
        (i64.const 38) (i64.const 0) (i32.const 0) (i32.const 32))
      (i32.const 1))
    (local.set $fd (i32.load (i32.const 32)))
    (call $check (call $stat (local.get $fd) (i32.const 128)) (i32.const 2))
    (call $check
      (call $seek (local.get $fd) (i64.const -3) (i32.const 1) (i32.const 40)) ;; From the end.
      (i32.const 3))
    (call $check
      (i64.ne (i64.sub (i64.load (i32.const 152)) (i64.const 3)) (i64.load (i32.const 40)))
      (i32.const 4))
    (i64.store (i32.const 48) (i64.const 0x3_0000_0100)) ;; Three bytes at 256.
    (call $check
      (call $read (local.get $fd) (i32.const 48) (i32.const 1) (i32.const 56))
      (i32.const 5))
    (i32.store (i32.const 328) (i32.const 1)) ;; The monotonic clock,
    (i64.store (i32.const 336) (i64.const 1000)) ;; 1,000 nanoseconds from now.
    (call $check
      (call $poll (i32.const 304) (i32.const 400) (i32.const 1) (i32.const 56))
      (i32.const 6))
    (call $check
      (call $write (i32.const 1) (i32.const 48) (i32.const 1) (i32.const 56))
      (i32.const 7))))
