;; Shifts, rotations, multiplications and additions of 64 bits that depend on each other.
(module
  (func (export "run") (param $n i32) (result i64)
    (local $x i64) (local $y i64)
    (local.set $x (i64.const 0x9e3779b97f4a7c15))
    (loop $next
      (local.set $x (i64.xor (local.get $x) (i64.shl (local.get $x) (i64.const 13))))
      (local.set $x (i64.xor (local.get $x) (i64.shr_u (local.get $x) (i64.const 7))))
      (local.set $x (i64.xor (local.get $x) (i64.shl (local.get $x) (i64.const 17))))
      (local.set $y
        (i64.add
          (i64.rotl (i64.mul (local.get $y) (i64.const 0x2545f4914f6cdd1d)) (i64.const 23))
          (i64.and (local.get $x) (i64.const 0xffffffffff))))
      (local.set $y
        (i64.sub (local.get $y) (i64.extend_i32_u (i32.popcnt (i32.wrap_i64 (local.get $x))))))
      (br_if $next (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (i64.xor (local.get $x) (local.get $y))))
