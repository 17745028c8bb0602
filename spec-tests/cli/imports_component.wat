;; run: imports_component.wat
(module
  (import "wasi:cli/environment@0.2.0" "get-arguments" (func (param i32)))
  (func (export "_start")))
