;; run: inspect inspect_library.wat
;; run: inspect inspect_library.wat --all
;; A module that nobody's names are kept out of, and that has very many of them.
(module
  (import "game" "draw" (func (param i32 i32) (result f64)))
  (import "env" "\1b[31mred" (func))
  (import "game" "load" (func (param i32)))
  (memory 1 (pagesize 1))
  (memory i64 1 0x1_0000_0000)
  (table 1 (ref null any))
  (global (export "a global") (mut i32) (i32.const 0))
  (func $f (param v128 funcref) (result i32 i32) i32.const 0 i32.const 1)
  (func (export "a name that is so long that it does not fit into any column of a terminal"))
  (export "f00" (func $f)) (export "f01" (func $f)) (export "f02" (func $f))
  (export "f03" (func $f)) (export "f04" (func $f)) (export "f05" (func $f))
  (export "f06" (func $f)) (export "f07" (func $f)) (export "f08" (func $f))
  (export "f09" (func $f)) (export "f10" (func $f)) (export "f11" (func $f))
  (export "f12" (func $f)) (export "f13" (func $f)) (export "f14" (func $f))
  (export "f15" (func $f)) (export "f16" (func $f)) (export "f17" (func $f))
  (export "f18" (func $f)) (export "f19" (func $f)) (export "f20" (func $f)))
