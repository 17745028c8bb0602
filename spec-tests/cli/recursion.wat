;; run: recursion.wat
;; run: recursion.wat --dispatch loop
;; run: recursion.wat --invoke indirect
(module
  (table funcref (elem $indirect))
  (func $f (export "_start") (call $g (i32.const 0)))
  (func $g (param i32) (call $f))
  (func $indirect (export "indirect") (call_indirect (i32.const 0))))
