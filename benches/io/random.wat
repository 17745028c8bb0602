;; As many reads of 4 KiB as there are in 1 GiB, in no order.
(module
  (import "wasi_snapshot_preview1" "path_open"
    (func $path_open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_pread"
    (func $fd_pread (param i32 i32 i32 i64 i32) (result i32)))
  (memory (export "memory") 2)
  (data (i32.const 0) "\10\00\01\00\00\10\00\00") ;; 4096 bytes at 65552.
  (data (i32.const 16) "large")
  (func (export "_start")
    (local $left i32) (local $place i64)
    (if (call $path_open (i32.const 3) (i32.const 0) (i32.const 16) (i32.const 5) (i32.const 0)
          (i64.const 6) (i64.const 0) (i32.const 0) (i32.const 32))
      (then unreachable))
    (local.set $left (i32.const 262144))
    (loop $next
      (local.set $place
        (i64.add (i64.mul (local.get $place) (i64.const 6364136223846793005))
          (i64.const 1442695040888963407)))
      (if (call $fd_pread (i32.load (i32.const 32)) (i32.const 0) (i32.const 1)
            (i64.and (i64.shr_u (local.get $place) (i64.const 22)) (i64.const 0x3ffff000))
            (i32.const 36))
        (then unreachable))
      (br_if $next (local.tee $left (i32.sub (local.get $left) (i32.const 1)))))))
