;; run: run --seed 7 --clock virtual reproducible.wat
;; run: run --seed 7 --clock fixed reproducible.wat
;; run: run --seed 8 --clock virtual reproducible.wat
;; run: run --seed x reproducible.wat
;; run: run --clock sundial reproducible.wat
(module
  (import "wasi_snapshot_preview1" "random_get" (func $random_get (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "clock_time_get"
    (func $clock_time_get (param i32 i64 i32) (result i32)))
  (import "wasi_snapshot_preview1" "poll_oneoff"
    (func $poll_oneoff (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write"
    (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  ;; One iovec: 17 bytes at 32.
  (data (i32.const 16) "\20\00\00\00\11\00\00\00")
  (data (i32.const 48) "\n")
  ;; A subscription to an hour of the monotonic clock, at 128.
  (data (i32.const 144) "\01")

  ;; Prints a number in 16 digits.
  (func $print (param $number i64)
    (local $at i32) (local $digit i32)
    (local.set $at (i32.const 47))
    (loop $next
      (local.set $digit (i32.wrap_i64 (i64.and (local.get $number) (i64.const 15))))
      (i32.store8 (local.get $at)
        (i32.add (local.get $digit)
          (select (i32.const 48) (i32.const 87) (i32.lt_u (local.get $digit) (i32.const 10)))))
      (local.set $number (i64.shr_u (local.get $number) (i64.const 4)))
      (local.set $at (i32.sub (local.get $at) (i32.const 1)))
      (br_if $next (i32.ge_u (local.get $at) (i32.const 32))))
    (drop (call $fd_write (i32.const 1) (i32.const 16) (i32.const 1) (i32.const 24))))

  (func $print_time (param $clock i32)
    (drop (call $clock_time_get (local.get $clock) (i64.const 1) (i32.const 0)))
    (call $print (i64.load (i32.const 0))))

  (func (export "_start")
    (drop (call $random_get (i32.const 0) (i32.const 8)))
    (call $print (i64.load (i32.const 0)))
    (call $print_time (i32.const 0))
    ;; An hour takes no time.
    (i64.store (i32.const 152) (i64.const 3600000000000))
    (drop (call $poll_oneoff (i32.const 128) (i32.const 192) (i32.const 1) (i32.const 24)))
    (call $print_time (i32.const 0))
    (call $print_time (i32.const 1))))
