;; run: trap.wat
;; run: trap.wat --dispatch loop
;; run: trap.wat --invoke unreachable
;; run: trap.wat --invoke bounds
;; run: trap.wat --invoke indirect
(module $calculator
  (memory 1)
  (table 1 funcref)
  (func $divide (param i32 i32) (result i32)
    (i32.div_s (local.get 0) (local.get 1)))
  (func (param i32) (result i32)
    (call $divide (local.get 0) (i32.const 0)))
  (func $main (export "_start")
    (drop (call 1 (i32.const 1))))
  (func (export "unreachable") unreachable)
  (func (export "bounds") (i32.store (i32.const -1) (i32.const 0)))
  (func (export "indirect") (call_indirect (i32.const 0))))
