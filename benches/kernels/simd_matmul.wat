;; Product of two matrices of 64 x 64 single floats, four columns at once, n times.
(module
  (memory 1)
  (func $fill
    (local $i i32)
    (loop $next
      (f32.store
        (i32.shl (local.get $i) (i32.const 2))
        (f32.div (f32.convert_i32_u (local.get $i)) (f32.const 64)))
      (f32.store offset=16384
        (i32.shl (local.get $i) (i32.const 2))
        (f32.sub (f32.const 1) (f32.convert_i32_u (i32.and (local.get $i) (i32.const 31)))))
      (br_if $next
        (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 4096)))))
  (func (export "run") (param $n i32) (result i64)
    (local $i i32) (local $j i32) (local $k i32) (local $a i32) (local $b i32) (local $sum v128)
    (call $fill)
    (loop $again
      (local.set $i (i32.const 0))
      (loop $row
        (local.set $j (i32.const 0))
        (loop $columns
          (local.set $sum (v128.const f32x4 0 0 0 0))
          (local.set $a (i32.shl (local.get $i) (i32.const 8)))
          (local.set $b (i32.shl (local.get $j) (i32.const 2)))
          (local.set $k (i32.const 64))
          (loop $inner
            (local.set $sum
              (f32x4.add
                (local.get $sum)
                (f32x4.mul
                  (v128.load32_splat (local.get $a))
                  (v128.load offset=16384 (local.get $b)))))
            (local.set $a (i32.add (local.get $a) (i32.const 4)))
            (local.set $b (i32.add (local.get $b) (i32.const 256)))
            (br_if $inner (local.tee $k (i32.sub (local.get $k) (i32.const 1)))))
          (v128.store offset=32768
            (i32.add
              (i32.shl (local.get $i) (i32.const 8))
              (i32.shl (local.get $j) (i32.const 2)))
            (local.get $sum))
          (br_if $columns
            (i32.lt_u (local.tee $j (i32.add (local.get $j) (i32.const 4))) (i32.const 64))))
        (br_if $row
          (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 64))))
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (i64.xor
      (i64.load offset=32768 (i32.const 8))
      (i64.load offset=32768 (i32.const 16376)))))
