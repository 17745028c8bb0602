;; run: run invoke.wat --invoke add 40 2
;; run: run --invoke add invoke.wat 40 2
;; run: --invoke add invoke.wat 4294967295 0x1
;; run: invoke.wat --invoke add -- -7 2
;; run: invoke.wat --invoke add -7 2
;; run: invoke.wat --invoke all 1 -2 0.1 inf 0xff
;; run: invoke.wat --invoke floats
;; run: invoke.wat --invoke nothing
;; run: invoke.wat --invoke refs null
;; run: invoke.wat --invoke refs 1
;; run: invoke.wat --invoke add 1
;; run: invoke.wat --invoke add 1 2 3
;; run: invoke.wat --invoke add 1 two
;; run: invoke.wat --invoke add 1 4294967296
;; run: invoke.wat --invoke sub
;; run: invoke.wat --invoke memory
;; run: invoke.wat
(module
  (func (export "add") (param i32 i32) (result i32)
    (i32.add (local.get 0) (local.get 1)))
  (func (export "all") (param i32 i64 f32 f64 v128) (result i32 i64 f32 f64 v128)
    (local.get 0) (local.get 1) (local.get 2) (local.get 3) (local.get 4))
  (func (export "floats") (result f64 f64 f32 f64)
    (f64.const 1e21) (f64.const -0) (f32.const 16777216) (f64.const nan))
  (func (export "nothing"))
  (func (export "refs") (param externref) (result externref funcref)
    (local.get 0) (ref.func 0))
  (memory (export "memory") 1))
