;; Calls through a table of eight functions, in an order that a generator of random numbers gives.
(module
  (type $op (func (param i64 i64) (result i64)))
  (table funcref (elem $add $sub $xor $mul $rotl $and_add $shift $swap))
  (func $add (type $op) (i64.add (local.get 0) (local.get 1)))
  (func $sub (type $op) (i64.sub (local.get 0) (local.get 1)))
  (func $xor (type $op) (i64.xor (local.get 0) (local.get 1)))
  (func $mul (type $op) (i64.mul (local.get 0) (i64.or (local.get 1) (i64.const 1))))
  (func $rotl (type $op) (i64.rotl (local.get 0) (local.get 1)))
  (func $and_add (type $op)
    (i64.add (i64.and (local.get 0) (local.get 1)) (local.get 0)))
  (func $shift (type $op)
    (i64.add (i64.shr_u (local.get 0) (i64.const 3)) (local.get 1)))
  (func $swap (type $op) (i64.sub (local.get 1) (local.get 0)))
  (func (export "run") (param $n i32) (result i64)
    (local $seed i32) (local $x i64)
    (local.set $seed (i32.const 1))
    (loop $next
      (local.set $seed
        (i32.add (i32.mul (local.get $seed) (i32.const 1664525)) (i32.const 1013904223)))
      (local.set $x
        (call_indirect (type $op)
          (local.get $x) (i64.extend_i32_u (local.get $seed))
          (i32.shr_u (local.get $seed) (i32.const 29))))
      (br_if $next (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $x)))
