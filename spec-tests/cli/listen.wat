;; run: run --tcplisten nowhere listen.wat
;; run: run --tcplisten 127.0.0.1 listen.wat
;; run: run listen.wat
;;
;; Accepts a connection on descriptor 3 and gives back in reverse what it receives, up to 16 bytes.
;; `tools/cli/tests/listen.rs` connects to it; here is what happens where nobody can.
(module
  (import "wasi_snapshot_preview1" "sock_accept"
    (func $sock_accept (param i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "sock_recv"
    (func $sock_recv (param i32 i32 i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "sock_send"
    (func $sock_send (param i32 i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $proc_exit (param i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "\00\01\00\00\10\00\00\00") ;; 16 bytes at 256.
  (func $check (param $errno i32)
    (if (local.get $errno) (then (call $proc_exit (local.get $errno)))))
  (func (export "_start")
    (local $from i32) (local $to i32)
    (call $check (call $sock_accept (i32.const 3) (i32.const 0) (i32.const 16)))
    (call $check (call $sock_recv (i32.load (i32.const 16)) (i32.const 0) (i32.const 1)
      (i32.const 2) (i32.const 4) (i32.const 20)))
    (local.set $from (i32.add (i32.const 255) (i32.load (i32.const 4))))
    (local.set $to (i32.const 512))
    (loop $next
      (if (i32.ge_u (local.get $from) (i32.const 256))
        (then
          (i32.store8 (local.get $to) (i32.load8_u (local.get $from)))
          (local.set $from (i32.sub (local.get $from) (i32.const 1)))
          (local.set $to (i32.add (local.get $to) (i32.const 1)))
          (br $next))))
    (i32.store (i32.const 0) (i32.const 512))
    (call $check (call $sock_send (i32.load (i32.const 16)) (i32.const 0) (i32.const 1)
      (i32.const 0) (i32.const 4)))
    (call $proc_exit (i32.load (i32.const 4)))))
