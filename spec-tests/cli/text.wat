;; run: text.wat
(module
  (func (export "_start")
    (i32.cnst 1)))
