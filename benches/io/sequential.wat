;; Reads a file from its beginning to its end, 64 KiB at a time. The buffer is 16 bytes behind a page's
;; begin, as an allocator gives it: where both begin a page, the copy takes a tenth more on some processors.
(module
  (import "wasi_snapshot_preview1" "path_open"
    (func $path_open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_read"
    (func $fd_read (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 3)
  (data (i32.const 0) "\10\00\01\00\00\00\01\00") ;; 65536 bytes at 65552.
  (data (i32.const 16) "large")
  (func (export "_start")
    (if (call $path_open (i32.const 3) (i32.const 0) (i32.const 16) (i32.const 5) (i32.const 0)
          (i64.const 2) (i64.const 0) (i32.const 0) (i32.const 32))
      (then unreachable))
    (loop $next
      (if (call $fd_read (i32.load (i32.const 32)) (i32.const 0) (i32.const 1) (i32.const 36))
        (then unreachable))
      (br_if $next (i32.load (i32.const 36))))))
