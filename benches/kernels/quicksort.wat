;; Quicksort of n words: loads, stores, comparisons that no predictor knows, recursion.
(module
  (memory 16)
  (func $sort (param $low i32) (param $high i32)
    (local $i i32) (local $j i32) (local $pivot i32) (local $t i32)
    (loop $again
      (if (i32.ge_s (local.get $low) (local.get $high)) (then (return)))
      (local.set $i (local.get $low))
      (local.set $j (local.get $high))
      (local.set $pivot
        (i32.load
          (i32.and
            (i32.add
              (local.get $low)
              (i32.shr_u (i32.sub (local.get $high) (local.get $low)) (i32.const 1)))
            (i32.const -4))))
      (loop $partition
        (block $up
          (loop $more
            (br_if $up (i32.ge_s (i32.load (local.get $i)) (local.get $pivot)))
            (local.set $i (i32.add (local.get $i) (i32.const 4)))
            (br $more)))
        (block $down
          (loop $more
            (br_if $down (i32.le_s (i32.load (local.get $j)) (local.get $pivot)))
            (local.set $j (i32.sub (local.get $j) (i32.const 4)))
            (br $more)))
        (if (i32.le_s (local.get $i) (local.get $j))
          (then
            (local.set $t (i32.load (local.get $i)))
            (i32.store (local.get $i) (i32.load (local.get $j)))
            (i32.store (local.get $j) (local.get $t))
            (local.set $i (i32.add (local.get $i) (i32.const 4)))
            (local.set $j (i32.sub (local.get $j) (i32.const 4)))
            (br_if $partition (i32.le_s (local.get $i) (local.get $j))))))
      (call $sort (local.get $low) (local.get $j))
      (local.set $low (local.get $i))
      (br $again)))
  (func (export "run") (param $n i32) (result i64)
    (local $i i32) (local $seed i32) (local $end i32) (local $sum i64)
    (local.set $end (i32.shl (local.get $n) (i32.const 2)))
    (local.set $seed (i32.const 12345))
    (loop $fill
      (local.set $seed
        (i32.add (i32.mul (local.get $seed) (i32.const 1103515245)) (i32.const 12345)))
      (i32.store (local.get $i) (i32.shr_u (local.get $seed) (i32.const 8)))
      (br_if $fill
        (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 4))) (local.get $end))))
    (call $sort (i32.const 0) (i32.sub (local.get $end) (i32.const 4)))
    (local.set $i (i32.const 0))
    (loop $check
      (local.set $sum
        (i64.add
          (i64.mul (local.get $sum) (i64.const 31))
          (i64.load32_s (local.get $i))))
      (br_if $check
        (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 4))) (local.get $end))))
    (local.get $sum)))
