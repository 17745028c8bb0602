;; The Mandelbrot set on n x n points, two points at once, at most 64 steps each.
(module
  (func (export "run") (param $n i32) (result i64)
    (local $x i32) (local $y i32) (local $steps i32) (local $scale f64)
    (local $cr v128) (local $ci v128) (local $zr v128) (local $zi v128) (local $r2 v128)
    (local $i2 v128) (local $inside v128) (local $count v128)
    (local.set $scale (f64.div (f64.const 3) (f64.convert_i32_u (local.get $n))))
    (loop $row
      (local.set $x (i32.const 0))
      (local.set $ci
        (f64x2.splat
          (f64.sub
            (f64.mul (f64.convert_i32_u (local.get $y)) (local.get $scale))
            (f64.const 1.5))))
      (loop $points
        (local.set $cr
          (f64x2.replace_lane 1
            (f64x2.splat
              (f64.sub
                (f64.mul (f64.convert_i32_u (local.get $x)) (local.get $scale))
                (f64.const 2)))
            (f64.sub
              (f64.mul
                (f64.convert_i32_u (i32.add (local.get $x) (i32.const 1)))
                (local.get $scale))
              (f64.const 2))))
        (local.set $zr (v128.const i64x2 0 0))
        (local.set $zi (v128.const i64x2 0 0))
        (local.set $r2 (v128.const i64x2 0 0))
        (local.set $i2 (v128.const i64x2 0 0))
        (local.set $steps (i32.const 64))
        (block $escaped
          (loop $step
            (local.set $zi
              (f64x2.add
                (f64x2.mul (f64x2.add (local.get $zr) (local.get $zr)) (local.get $zi))
                (local.get $ci)))
            (local.set $zr
              (f64x2.add (f64x2.sub (local.get $r2) (local.get $i2)) (local.get $cr)))
            (local.set $r2 (f64x2.mul (local.get $zr) (local.get $zr)))
            (local.set $i2 (f64x2.mul (local.get $zi) (local.get $zi)))
            (local.set $inside
              (f64x2.le
                (f64x2.add (local.get $r2) (local.get $i2))
                (v128.const f64x2 4 4)))
            (br_if $escaped (i32.eqz (v128.any_true (local.get $inside))))
            (local.set $count (i64x2.sub (local.get $count) (local.get $inside)))
            (br_if $step (local.tee $steps (i32.sub (local.get $steps) (i32.const 1))))))
        (br_if $points
          (i32.lt_u (local.tee $x (i32.add (local.get $x) (i32.const 2))) (local.get $n))))
      (br_if $row
        (i32.lt_u (local.tee $y (i32.add (local.get $y) (i32.const 1))) (local.get $n))))
    (i64.add
      (i64x2.extract_lane 0 (local.get $count))
      (i64.mul (i64x2.extract_lane 1 (local.get $count)) (i64.const 3)))))
