;; set: RWASM_CASE=inherited
;; run: run --argv0 tool --cwd /work --env A=1 names.wat one
;; set: RWASM_CASE=inherited
;; run: run --inherit-env --env RWASM_CASE=given names.wat
;;
;; What the guest is called and where it begins. The second run only says whether the environment
;; has the variable, since the rest of it differs from place to place.
(module
  (import "wasi_snapshot_preview1" "fd_write"
    (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "args_sizes_get"
    (func $args_sizes_get (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "args_get" (func $args_get (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "environ_sizes_get"
    (func $environ_sizes_get (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "environ_get" (func $environ_get (param i32 i32) (result i32)))
  (memory (export "memory") 16)
  (data (i32.const 0x20) "RWASM_CASE=given\n")
  (func $print (param $at i32) (param $len i32)
    (local $i i32)
    (loop $next
      (if (i32.lt_u (local.get $i) (local.get $len))
        (then
          (if (i32.eqz (i32.load8_u (i32.add (local.get $at) (local.get $i))))
            (then (i32.store8 (i32.add (local.get $at) (local.get $i)) (i32.const 10))))
          (local.set $i (i32.add (local.get $i) (i32.const 1)))
          (br $next))))
    (i32.store (i32.const 0) (local.get $at))
    (i32.store (i32.const 4) (local.get $len))
    (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 16))))
  (func $is_here (param $at i32) (result i32)
    (local $i i32)
    (loop $next
      (if (i32.eq
            (i32.load8_u (i32.add (local.get $at) (local.get $i)))
            (i32.load8_u (i32.add (i32.const 0x20) (local.get $i))))
        (then
          (local.set $i (i32.add (local.get $i) (i32.const 1)))
          (br_if $next (i32.lt_u (local.get $i) (i32.const 16))))))
    (i32.eq (local.get $i) (i32.const 16)))
  (func (export "_start")
    (local $at i32) (local $end i32)
    (drop (call $args_sizes_get (i32.const 8) (i32.const 12)))
    (drop (call $args_get (i32.const 0x1000) (i32.const 0x2000)))
    (call $print (i32.const 0x2000) (i32.load (i32.const 12)))
    (drop (call $environ_sizes_get (i32.const 8) (i32.const 12)))
    (drop (call $environ_get (i32.const 0x10000) (i32.const 0x20000)))
    (local.set $at (i32.const 0x20000))
    (local.set $end (i32.add (local.get $at) (i32.load (i32.const 12))))
    (if (i32.le_u (i32.load (i32.const 8)) (i32.const 2))
      (then (call $print (local.get $at) (i32.load (i32.const 12))))
      (else
        (loop $next
          (if (call $is_here (local.get $at))
            (then (call $print (i32.const 0x20) (i32.const 17))))
          (local.set $at (i32.add (local.get $at) (i32.const 1)))
          (br_if $next (i32.lt_u (local.get $at) (local.get $end))))))))
