;; The lengths of Collatz sequences: a branch on every step that depends on data, and calls of
;; nothing.
(module
  (func (export "run") (param $n i32) (result i64)
    (local $i i32) (local $x i64) (local $steps i32) (local $best i32) (local $sum i64)
    (loop $number
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (local.set $x (i64.extend_i32_u (local.get $i)))
      (local.set $steps (i32.const 0))
      (block $one
        (loop $step
          (br_if $one (i64.le_u (local.get $x) (i64.const 1)))
          (if (i64.eqz (i64.and (local.get $x) (i64.const 1)))
            (then (local.set $x (i64.shr_u (local.get $x) (i64.const 1))))
            (else
              (local.set $x (i64.add (i64.mul (local.get $x) (i64.const 3)) (i64.const 1)))))
          (local.set $steps (i32.add (local.get $steps) (i32.const 1)))
          (br $step)))
      (local.set $best
        (select
          (local.get $steps) (local.get $best)
          (i32.gt_u (local.get $steps) (local.get $best))))
      (local.set $sum (i64.add (local.get $sum) (i64.extend_i32_u (local.get $steps))))
      (br_if $number (i32.lt_u (local.get $i) (local.get $n))))
    (i64.add (i64.shl (local.get $sum) (i64.const 16)) (i64.extend_i32_u (local.get $best)))))
