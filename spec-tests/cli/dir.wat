;; run: dir.wat --invoke read
;; run: dir.wat --invoke write
;; run: dir.wat --dir data --invoke read
;; run: dir.wat --dir data::/d::ro --invoke read
;; run: dir.wat --dir data::ro --invoke write
;; run: dir.wat --dir data --invoke write
;; run: dir.wat --dir nowhere --invoke read
;; run: dir.wat --dir dir.wat --invoke read
;; run: dir.wat --dir data --invoke name
;; run: dir.wat --dir data::/d --invoke name
;; Of the errnos, 8 is `badf` and 63 `perm`.
(module
  (import "wasi_snapshot_preview1" "path_open"
    (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_prestat_dir_name"
    (func $name (param i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_read"
    (func $read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write"
    (func $write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "a.txt")
  (data (i32.const 8) "new.txt")
  (func (export "read") (result i32)
    (local $errno i32)
    (i32.store (i32.const 40) (i32.const 100))
    (i32.store (i32.const 44) (i32.const 1000))
    (local.tee $errno
      (call $open (i32.const 3) (i32.const 0) (i32.const 0) (i32.const 5) (i32.const 0)
        (i64.const 2) (i64.const 0) (i32.const 0) (i32.const 32)))
    (if
      (then (return (local.get $errno))))
    (drop (call $read (i32.load (i32.const 32)) (i32.const 40) (i32.const 1) (i32.const 44)))
    (call $write (i32.const 1) (i32.const 40) (i32.const 1) (i32.const 48)))
  (func (export "write") (result i32)
    (call $open (i32.const 3) (i32.const 0) (i32.const 8) (i32.const 7) (i32.const 1)
      (i64.const 64) (i64.const 0) (i32.const 0) (i32.const 32)))
  (func (export "name") (result i32)
    (i32.store (i32.const 40) (i32.const 100))
    (i32.store (i32.const 44) (i32.const 5))
    (drop (call $name (i32.const 3) (i32.const 100) (i32.const 5)))
    (call $write (i32.const 1) (i32.const 40) (i32.const 1) (i32.const 48))))
