;; run: --invoke good lazy_validation.wat
;; run: --lazy-validation --invoke good lazy_validation.wat
;; run: --lazy-validation --invoke bad lazy_validation.wat
(module
  (func (export "good") (result i32) (i32.const 7))
  (func $bad (export "bad") (result i32) (i64.const 7)))
