;; run: imports_env.wat
;; run: imports_env.wat --trap-unknown-imports
;; run: imports_env.wat --trap-unknown-imports --invoke fine
(module
  (import "env" "mystery" (func $mystery (param i32) (result i64)))
  (func (export "_start") (drop (call $mystery (i32.const 1))))
  (func (export "fine") (result i32) (i32.const 1)))
