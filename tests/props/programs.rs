//! Programs that spend their time in one kind of thing. Each exports `run`, which takes a number
//! that says how much to do and gives one that depends on everything it did.

/// The names of the programs, and their texts.
pub const PROGRAMS: &[(&str, &str)] = &[
    ("arithmetic", ARITHMETIC),
    ("bulk memory", BULK_MEMORY),
    ("calls", CALLS),
    ("tables", TABLES),
    ("objects", OBJECTS),
    ("exceptions", EXCEPTIONS),
    ("host", HOST),
];

const ARITHMETIC: &str = r#"(module
    (memory (export "memory") 1)
    (global $sum (export "sum") (mut f64) (f64.const 0))
    (func (export "run") (param $n i32) (result i32)
        (local $i i32) (local $x i64) (local $v v128)
        (local.set $x (i64.const 88172645463325252))
        (loop $next
            (local.set $x (i64.xor (local.get $x) (i64.shl (local.get $x) (i64.const 13))))
            (local.set $x (i64.xor (local.get $x) (i64.shr_u (local.get $x) (i64.const 7))))
            (local.set $v (i32x4.add (local.get $v) (i64x2.splat (local.get $x))))
            (global.set $sum (f64.add (global.get $sum) (f64.convert_i64_s (local.get $x))))
            (block $d (block $c (block $b (block $a
                (br_table $a $b $c $d (i32.and (i32.wrap_i64 (local.get $x)) (i32.const 3))))
                (v128.store offset=16 (i32.and (local.get $i) (i32.const 0xfff)) (local.get $v))
                (br $d))
                (if (i64.lt_s (local.get $x) (i64.const 0))
                    (then (br $c))
                    (else (i64.store (i32.const 8) (local.get $x)))))
                (i32.store16 (i32.and (local.get $i) (i32.const 0xff)) (i32.wrap_i64 (local.get $x))))
            (local.set $i (i32.add (local.get $i) (i32.const 1)))
            (br_if $next (i32.lt_u (local.get $i) (i32.mul (local.get $n) (i32.const 20)))))
        (i32.xor (i32x4.extract_lane 1 (local.get $v)) (i32.load (i32.const 8)))))"#;

/// Ranges of more than a MiB, which are done in pieces where deadlines are looked at.
const BULK_MEMORY: &str = r#"(module
    (memory $a (export "a") 40)
    (memory $b (export "b") 40)
    (data $text "0123456789abcdef")
    (func (export "run") (param $n i32) (result i32)
        (local $at i32)
        (local.set $at (i32.mul (local.get $n) (i32.const 1111)))
        (memory.fill $a (local.get $at) (local.get $n) (i32.const 2400000))
        (memory.init $a $text (local.get $at) (i32.const 3) (i32.const 9))
        (memory.copy $b $a (i32.const 5) (local.get $at) (i32.const 2300000))
        (memory.copy $b $b (i32.const 777) (i32.const 0) (i32.const 2100000))
        (memory.copy $a $b (i32.const 0) (i32.const 4) (i32.const 1200000))
        (drop (memory.grow $a (i32.const 1)))
        (memory.fill $a (i32.const 2621440) (i32.const 7) (i32.const 65536))
        (i32.add (i32.load $b (i32.const 2000000)) (i32.load $a (i32.const 770)))))"#;

const CALLS: &str = r#"(module
    (global $calls (export "calls") (mut i32) (i32.const 0))
    (func $fib (param i32) (result i32)
        (global.set $calls (i32.add (global.get $calls) (i32.const 1)))
        (if (result i32) (i32.lt_u (local.get 0) (i32.const 2))
            (then (local.get 0))
            (else (i32.add
                (call $fib (i32.sub (local.get 0) (i32.const 1)))
                (call $fib (i32.sub (local.get 0) (i32.const 2)))))))
    (func $even (param i32 i64) (result i32 i64)
        (if (i32.eqz (local.get 0)) (then (return (i32.const 1) (local.get 1))))
        (return_call $odd
            (i32.sub (local.get 0) (i32.const 1)) (i64.add (local.get 1) (i64.const 3))))
    (func $odd (param i32 i64) (result i32 i64)
        (if (i32.eqz (local.get 0)) (then (return (i32.const 0) (local.get 1))))
        (return_call $even
            (i32.sub (local.get 0) (i32.const 1)) (i64.mul (local.get 1) (i64.const 5))))
    (func (export "run") (param $n i32) (result i32)
        (call $fib (i32.and (local.get $n) (i32.const 15)))
        (i32.wrap_i64 (call $even (local.get $n) (i64.const 1)))
        i32.add i32.add))"#;

const TABLES: &str = r#"(module
    (type $f (func (param i32) (result i32)))
    (table $t (export "t") 20 200 funcref)
    (table $u (export "u") 4 externref)
    (elem $funcs func $double $square $trap)
    (func $double (type $f) (i32.shl (local.get 0) (i32.const 1)))
    (func $square (type $f) (i32.mul (local.get 0) (local.get 0)))
    (func $trap (type $f) unreachable)
    (func (export "run") (param $n i32) (result i32)
        (local $i i32) (local $sum i32)
        (table.init $t $funcs (i32.const 0) (i32.const 0) (i32.const 2))
        (drop (table.grow $t (ref.func $square) (i32.and (local.get $n) (i32.const 31))))
        (table.fill $t (i32.const 4) (ref.func $double) (i32.const 9))
        (table.copy $t $t (i32.const 2) (i32.const 0) (i32.const 12))
        (table.copy $t $t (i32.const 0) (i32.const 1) (i32.const 3))
        (drop (table.grow $u (ref.null extern) (local.get $n)))
        (loop $next
            (if (ref.is_null (table.get $t (local.get $i)))
                (then (table.set $t (local.get $i) (ref.func $square))))
            (local.set $sum
                (i32.add (local.get $i) (call_indirect $t (type $f) (local.get $sum) (local.get $i))))
            (local.set $i (i32.add (local.get $i) (i32.const 1)))
            (br_if $next (i32.lt_u (local.get $i) (table.size $t))))
        ;; Now and then it ends with a trap.
        (if (i32.eqz (i32.rem_u (local.get $n) (i32.const 7)))
            (then (table.init $t $funcs (i32.const 0) (i32.const 2) (i32.const 1))))
        (i32.add (local.get $sum) (call_indirect $t (type $f) (i32.const 9) (i32.const 0)))))"#;

/// Lists and arrays that mostly become garbage.
const OBJECTS: &str = r#"(module
    (rec (type $list (sub (struct (field $value i32) (field $next (mut (ref null $list))))))
         (type $long (sub $list (struct (field i32) (field (mut (ref null $list))) (field i64)))))
    (type $bytes (array (mut i8)))
    (type $refs (array (mut anyref)))
    (global $kept (export "kept") (mut (ref null $list)) (ref.null $list))
    (data $text "garbage is collected")
    (func $make (param i32) (result (ref $list))
        (if (result (ref $list)) (i32.and (local.get 0) (i32.const 1))
            (then (struct.new $list (local.get 0) (global.get $kept)))
            (else (struct.new $long (local.get 0) (ref.null $list) (i64.const 9)))))
    (func $sum (param (ref null $list)) (result i32)
        (local $sum i32)
        (loop $next
            (if (ref.is_null (local.get 0)) (then (return (local.get $sum))))
            (if (ref.test (ref $long) (local.get 0))
                (then (local.set $sum (i32.mul (local.get $sum) (i32.const 3)))))
            (local.set $sum (i32.add (local.get $sum)
                (struct.get $list $value (ref.as_non_null (local.get 0)))))
            (local.set 0 (struct.get $list $next (ref.as_non_null (local.get 0))))
            (br $next))
        unreachable)
    (func (export "run") (param $n i32) (result i32)
        (local $i i32) (local $refs (ref $refs)) (local $bytes (ref $bytes)) (local $sum i32)
        (local.set $refs (array.new_default $refs (i32.const 40)))
        (loop $next
            (global.set $kept (call $make (local.get $i)))
            (array.set $refs (local.get $refs) (i32.rem_u (local.get $i) (i32.const 40))
                (if (result anyref) (i32.and (local.get $i) (i32.const 4))
                    (then (global.get $kept))
                    (else (ref.i31 (local.get $i)))))
            (local.set $bytes (array.new_data $bytes $text (i32.const 2) (i32.const 12)))
            (array.fill $bytes (local.get $bytes) (i32.const 3) (local.get $i) (i32.const 4))
            (array.copy $bytes $bytes
                (local.get $bytes) (i32.const 0) (local.get $bytes) (i32.const 2) (i32.const 9))
            (local.set $sum (i32.add (local.get $sum)
                (array.get_u $bytes (local.get $bytes) (i32.const 1))))
            (local.set $i (i32.add (local.get $i) (i32.const 1)))
            (br_if $next (i32.lt_u (local.get $i) (local.get $n))))
        (array.copy $refs $refs
            (local.get $refs) (i32.const 1) (local.get $refs) (i32.const 0) (i32.const 30))
        (i32.add (local.get $sum) (call $sum (global.get $kept)))))"#;

const EXCEPTIONS: &str = r#"(module
    (tag $small (export "small") (param i32))
    (tag $large (param i64 f32))
    (global $caught (export "caught") (mut i32) (i32.const 0))
    (func $throw (param i32)
        (if (i32.eqz (i32.rem_u (local.get 0) (i32.const 3)))
            (then (throw $small (local.get 0))))
        (if (i32.eqz (i32.rem_u (local.get 0) (i32.const 5)))
            (then (throw $large (i64.extend_i32_u (local.get 0)) (f32.const 0.5)))))
    (func $deep (param i32 i32)
        (if (local.get 1)
            (then (call $deep (local.get 0) (i32.sub (local.get 1) (i32.const 1))))
            (else (call $throw (local.get 0)))))
    (func $try (param i32) (result i32)
        (block $small (result i32)
            (block $all (result exnref)
                (try_table (catch $small $small) (catch_all_ref $all)
                    (call $deep (local.get 0) (i32.and (local.get 0) (i32.const 7))))
                (return (i32.const 1)))
            (block $large (param exnref) (result i64 f32)
                (try_table (param exnref) (catch $large $large)
                    throw_ref)
                unreachable)
            i64.trunc_f32_s
            i64.add
            i32.wrap_i64)
        (global.set $caught (i32.add (global.get $caught) (i32.const 1))))
    (func (export "run") (param $n i32) (result i32)
        (local $sum i32)
        (loop $next
            (local.set $sum (i32.add
                (i32.mul (local.get $sum) (i32.const 3)) (call $try (local.get $n))))
            (local.set $n (i32.sub (local.get $n) (i32.const 1)))
            (br_if $next (i32.gt_s (local.get $n) (i32.const 0))))
        ;; Now and then nobody catches the last one.
        (call $throw (i32.and (local.get $sum) (i32.const 0xff)))
        (local.get $sum)))"#;

/// The host adds its argument to the memory's first number, sometimes grows the memory, sometimes
/// calls `again`, and gives the sum.
const HOST: &str = r#"(module
    (import "host" "add" (func $add (param i32) (result i32)))
    (memory (export "memory") 1)
    (func (export "again") (param i32) (result i32)
        (i32.store offset=4 (i32.const 0) (local.get 0))
        (i32.add (local.get 0) (i32.const 1)))
    (func (export "run") (param $n i32) (result i32)
        (local $sum i32)
        (loop $next
            (local.set $sum (i32.add (local.get $sum) (call $add (local.get $n))))
            (i32.store offset=8 (i32.const 0)
                (i32.load (i32.sub (i32.mul (memory.size) (i32.const 65536)) (i32.const 4))))
            (local.set $n (i32.sub (local.get $n) (i32.const 1)))
            (br_if $next (i32.gt_s (local.get $n) (i32.const 0))))
        (i32.xor (local.get $sum) (i32.load (i32.const 4)))))"#;
