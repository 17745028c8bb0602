;; A hash table of 32768 entries with open addressing: n insertions or increments of random keys.
(module
  (memory 8)
  (func $add (param $key i64) (result i32)
    (local $at i32)
    (local.set $at
      (i32.shl
        (i32.wrap_i64
          (i64.shr_u (i64.mul (local.get $key) (i64.const 0x9e3779b97f4a7c15)) (i64.const 49)))
        (i32.const 4)))
    (loop $probe
      (if (i64.eqz (i64.load (local.get $at)))
        (then
          (i64.store (local.get $at) (local.get $key))
          (i32.store offset=8 (local.get $at) (i32.const 1))
          (return (i32.const 1))))
      (if (i64.ne (i64.load (local.get $at)) (local.get $key))
        (then
          (local.set $at
            (i32.and (i32.add (local.get $at) (i32.const 16)) (i32.const 0x7ffff)))
          (br $probe))))
    (i32.store offset=8 (local.get $at)
      (i32.add (i32.load offset=8 (local.get $at)) (i32.const 1)))
    (i32.load offset=8 (local.get $at)))
  (func (export "run") (param $n i32) (result i64)
    (local $x i64) (local $sum i64)
    (memory.fill (i32.const 0) (i32.const 0) (i32.const 0x80000))
    (local.set $x (i64.const 88172645463325252))
    (loop $next
      (local.set $x (i64.xor (local.get $x) (i64.shl (local.get $x) (i64.const 13))))
      (local.set $x (i64.xor (local.get $x) (i64.shr_u (local.get $x) (i64.const 7))))
      (local.set $x (i64.xor (local.get $x) (i64.shl (local.get $x) (i64.const 17))))
      (local.set $sum
        (i64.add
          (local.get $sum)
          (i64.extend_i32_u
            (call $add
              (i64.add (i64.and (local.get $x) (i64.const 0x3fff)) (i64.const 1))))))
      (br_if $next (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $sum)))
