;; Eight bodies in the plane that attract each other: loads, stores and float arithmetic with a
;; square root and a division. A body is x, y, vx, vy and its mass, 40 bytes.
(module
  (memory 1)
  (func $start
    (local $i i32) (local $p i32) (local $f f64)
    (loop $next
      (local.set $p (i32.mul (local.get $i) (i32.const 40)))
      (local.set $f (f64.convert_i32_s (local.get $i)))
      (f64.store (local.get $p) (f64.mul (local.get $f) (f64.const 1.5)))
      (f64.store offset=8 (local.get $p) (f64.sub (f64.mul (local.get $f) (local.get $f)) (f64.const 7)))
      (f64.store offset=16 (local.get $p) (f64.const 0))
      (f64.store offset=24 (local.get $p) (f64.const 0))
      (f64.store offset=32 (local.get $p) (f64.add (local.get $f) (f64.const 0.25)))
      (br_if $next (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 8)))))
  (func $step
    (local $a i32) (local $b i32) (local $dx f64) (local $dy f64) (local $d2 f64) (local $m f64)
    (loop $outer
      (local.set $b (i32.add (local.get $a) (i32.const 40)))
      (block $done
        (loop $inner
          (br_if $done (i32.ge_u (local.get $b) (i32.const 320)))
          (local.set $dx (f64.sub (f64.load (local.get $a)) (f64.load (local.get $b))))
          (local.set $dy (f64.sub (f64.load offset=8 (local.get $a)) (f64.load offset=8 (local.get $b))))
          (local.set $d2
            (f64.add
              (f64.add
                (f64.mul (local.get $dx) (local.get $dx))
                (f64.mul (local.get $dy) (local.get $dy)))
              (f64.const 0.01)))
          (local.set $m
            (f64.div (f64.const 0.001) (f64.mul (local.get $d2) (f64.sqrt (local.get $d2)))))
          (f64.store offset=16 (local.get $a)
            (f64.sub
              (f64.load offset=16 (local.get $a))
              (f64.mul (f64.mul (local.get $dx) (f64.load offset=32 (local.get $b))) (local.get $m))))
          (f64.store offset=24 (local.get $a)
            (f64.sub
              (f64.load offset=24 (local.get $a))
              (f64.mul (f64.mul (local.get $dy) (f64.load offset=32 (local.get $b))) (local.get $m))))
          (f64.store offset=16 (local.get $b)
            (f64.add
              (f64.load offset=16 (local.get $b))
              (f64.mul (f64.mul (local.get $dx) (f64.load offset=32 (local.get $a))) (local.get $m))))
          (f64.store offset=24 (local.get $b)
            (f64.add
              (f64.load offset=24 (local.get $b))
              (f64.mul (f64.mul (local.get $dy) (f64.load offset=32 (local.get $a))) (local.get $m))))
          (local.set $b (i32.add (local.get $b) (i32.const 40)))
          (br $inner)))
      (f64.store (local.get $a)
        (f64.add (f64.load (local.get $a)) (f64.mul (f64.const 0.001) (f64.load offset=16 (local.get $a)))))
      (f64.store offset=8 (local.get $a)
        (f64.add (f64.load offset=8 (local.get $a)) (f64.mul (f64.const 0.001) (f64.load offset=24 (local.get $a)))))
      (br_if $outer
        (i32.lt_u (local.tee $a (i32.add (local.get $a) (i32.const 40))) (i32.const 320)))))
  (func (export "run") (param $n i32) (result i64)
    (call $start)
    (loop $again
      (call $step)
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (i64.xor (i64.load (i32.const 0)) (i64.load offset=8 (i32.const 280)))))
