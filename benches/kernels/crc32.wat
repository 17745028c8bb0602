;; CRC-32 of 64 KiB by a table of 256 words: a load of a byte and one of a word per step.
(module
  (memory 2)
  (func $table
    (local $i i32) (local $bit i32) (local $c i32)
    (loop $entry
      (local.set $c (local.get $i))
      (local.set $bit (i32.const 8))
      (loop $shift
        (local.set $c
          (if (result i32) (i32.and (local.get $c) (i32.const 1))
            (then (i32.xor (i32.shr_u (local.get $c) (i32.const 1)) (i32.const 0xedb88320)))
            (else (i32.shr_u (local.get $c) (i32.const 1)))))
        (br_if $shift (local.tee $bit (i32.sub (local.get $bit) (i32.const 1)))))
      (i32.store (i32.shl (local.get $i) (i32.const 2)) (local.get $c))
      (i32.store8 offset=65536 (local.get $i) (i32.mul (local.get $i) (i32.const 7)))
      (br_if $entry
        (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 256)))))
  (func (export "run") (param $n i32) (result i64)
    (local $crc i32) (local $at i32)
    (call $table)
    (local.set $crc (i32.const -1))
    (loop $round
      (local.set $at (i32.const 0))
      (loop $byte
        (local.set $crc
          (i32.xor
            (i32.shr_u (local.get $crc) (i32.const 8))
            (i32.load
              (i32.shl
                (i32.and
                  (i32.xor (local.get $crc) (i32.load8_u offset=65536 (local.get $at)))
                  (i32.const 255))
                (i32.const 2)))))
        (br_if $byte
          (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 1))) (i32.const 65536))))
      (br_if $round (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (i64.extend_i32_u (i32.xor (local.get $crc) (i32.const -1)))))
