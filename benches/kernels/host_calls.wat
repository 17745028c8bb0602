;; Calls from the guest to the host and back. `run_*` call the host n times; `leaf_*` are for the
;; host to call.
(module
  (import "host" "none" (func $none))
  (import "host" "four" (func $four (param i32 i64 f64 i32) (result i64)))
  (func (export "run_none") (param $n i32) (result i64)
    (loop $next
      (call $none)
      (br_if $next (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (i64.const 0))
  (func (export "run_four") (param $n i32) (result i64)
    (local $sum i64)
    (loop $next
      (local.set $sum
        (call $four (local.get $n) (local.get $sum) (f64.const 0.5) (i32.const 3)))
      (br_if $next (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $sum))
  (func (export "leaf_none"))
  (func (export "leaf_four") (param i32 i64 f64 i32) (result i64)
    (i64.add (local.get 1) (i64.extend_i32_s (local.get 0)))))
