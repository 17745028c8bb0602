;; A million writes of 64 bytes to a file.
(module
  (import "wasi_snapshot_preview1" "path_open"
    (func $path_open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write"
    (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "\00\01\00\00\40\00\00\00") ;; 64 bytes at 256.
  (data (i32.const 16) "written")
  (func (export "_start")
    (local $left i32)
    (if (call $path_open (i32.const 3) (i32.const 0) (i32.const 16) (i32.const 7) (i32.const 9)
          (i64.const 0x42) (i64.const 0) (i32.const 0) (i32.const 32))
      (then unreachable))
    (local.set $left (i32.const 1000000))
    (loop $next
      (if (call $fd_write (i32.load (i32.const 32)) (i32.const 0) (i32.const 1) (i32.const 36))
        (then unreachable))
      (br_if $next (local.tee $left (i32.sub (local.get $left) (i32.const 1)))))))
