;; An interpreter of byte code within the guest, one br_table per step. Its program, of two-byte
;; instructions, counts the first register down from n and mixes the second on the way.
(module
  (memory 1)
  (data (i32.const 0) "\01\07\02\03\03\05\04\01\05\02\06\00\00\00")
  (func (export "run") (param $n i32) (result i64)
    (local $pc i32) (local $arg i64) (local $a i64) (local $b i64) (local $left i32)
    (local.set $left (local.get $n))
    (local.set $b (i64.const 1))
    (loop $next
      (local.set $arg (i64.load8_u offset=1 (local.get $pc)))
      (block $halt
        (block $jump
          (block $sub
            (block $xor
              (block $rotate
                (block $mul
                  (block $add
                    (br_table $halt $add $mul $rotate $xor $sub $jump $halt
                      (i32.load8_u (local.get $pc))))
                  (local.set $a (i64.add (local.get $a) (local.get $arg)))
                  (local.set $pc (i32.add (local.get $pc) (i32.const 2)))
                  (br $next))
                (local.set $b (i64.mul (local.get $b) (local.get $arg)))
                (local.set $pc (i32.add (local.get $pc) (i32.const 2)))
                (br $next))
              (local.set $b (i64.rotl (local.get $b) (local.get $arg)))
              (local.set $pc (i32.add (local.get $pc) (i32.const 2)))
              (br $next))
            (local.set $b (i64.xor (local.get $b) (local.get $a)))
            (local.set $pc (i32.add (local.get $pc) (i32.const 2)))
            (br $next))
          (local.set $a (i64.sub (local.get $a) (local.get $arg)))
          (local.set $pc (i32.add (local.get $pc) (i32.const 2)))
          (br $next))
        (local.set $left (i32.sub (local.get $left) (i32.const 1)))
        (local.set $pc
          (select (i32.wrap_i64 (local.get $arg)) (i32.const 12) (local.get $left)))
        (br $next)))
    (i64.xor (local.get $a) (local.get $b))))
