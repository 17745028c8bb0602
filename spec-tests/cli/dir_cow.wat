;; run: dir_cow.wat --dir data::cow
;; run: dir_cow.wat --dir data::/d::cow
;; run: dir_cow.wat --dir data::ro
;; run: dir_cow.wat --dir nowhere::cow
;; Prints `a.txt`, writes `X` over its first byte, prints it again, and removes it twice, the second time in
;; vain: the errno 44 is `noent`. The second run finds what the first one found. 63 is `perm`.
(module
  (import "wasi_snapshot_preview1" "path_open"
    (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "path_unlink_file"
    (func $unlink (param i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_pread"
    (func $pread (param i32 i32 i32 i64 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write"
    (func $write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "a.txtX")
  (func $print (param $ptr i32) (param $len i32) (param $fd i32)
    (i32.store (i32.const 40) (local.get $ptr))
    (i32.store (i32.const 44) (local.get $len))
    (call $check (call $write (local.get $fd) (i32.const 40) (i32.const 1) (i32.const 48))))
  (func $check (param $errno i32)
    (if (local.get $errno)
      (then (call $exit (local.get $errno)))))
  (func $show (param $fd i32)
    (i32.store (i32.const 40) (i32.const 100))
    (i32.store (i32.const 44) (i32.const 1000))
    (call $check
      (call $pread (local.get $fd) (i32.const 40) (i32.const 1) (i64.const 0) (i32.const 32)))
    (call $print (i32.const 100) (i32.load (i32.const 32)) (i32.const 1)))
  (func (export "_start")
    (local $fd i32)
    (call $check
      (call $open (i32.const 3) (i32.const 0) (i32.const 0) (i32.const 5) (i32.const 0)
        (i64.const 66) (i64.const 0) (i32.const 0) (i32.const 32)))
    (local.set $fd (i32.load (i32.const 32)))
    (call $show (local.get $fd))
    (call $print (i32.const 5) (i32.const 1) (local.get $fd))
    (call $show (local.get $fd))
    (call $check (call $unlink (i32.const 3) (i32.const 0) (i32.const 5)))
    (call $check (call $unlink (i32.const 3) (i32.const 0) (i32.const 5)))))
