;; Product of two matrices of 64 x 64 double floats, n times.
(module
  (memory 2)
  (func $fill
    (local $i i32)
    (loop $next
      (f64.store
        (i32.shl (local.get $i) (i32.const 3))
        (f64.div (f64.convert_i32_u (local.get $i)) (f64.const 64)))
      (f64.store offset=32768
        (i32.shl (local.get $i) (i32.const 3))
        (f64.sub (f64.const 1) (f64.convert_i32_u (i32.and (local.get $i) (i32.const 31)))))
      (br_if $next
        (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 4096)))))
  (func (export "run") (param $n i32) (result i64)
    (local $i i32) (local $j i32) (local $k i32) (local $a i32) (local $b i32) (local $sum f64)
    (call $fill)
    (loop $again
      (local.set $i (i32.const 0))
      (loop $row
        (local.set $j (i32.const 0))
        (loop $column
          (local.set $sum (f64.const 0))
          (local.set $a (i32.shl (local.get $i) (i32.const 9)))
          (local.set $b (i32.shl (local.get $j) (i32.const 3)))
          (local.set $k (i32.const 64))
          (loop $inner
            (local.set $sum
              (f64.add
                (local.get $sum)
                (f64.mul (f64.load (local.get $a)) (f64.load offset=32768 (local.get $b)))))
            (local.set $a (i32.add (local.get $a) (i32.const 8)))
            (local.set $b (i32.add (local.get $b) (i32.const 512)))
            (br_if $inner (local.tee $k (i32.sub (local.get $k) (i32.const 1)))))
          (f64.store offset=65536
            (i32.add
              (i32.shl (local.get $i) (i32.const 9))
              (i32.shl (local.get $j) (i32.const 3)))
            (local.get $sum))
          (br_if $column
            (i32.lt_u (local.tee $j (i32.add (local.get $j) (i32.const 1))) (i32.const 64))))
        (br_if $row
          (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 64))))
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (i64.xor
      (i64.load offset=65536 (i32.const 8))
      (i64.load offset=65536 (i32.const 32760)))))
