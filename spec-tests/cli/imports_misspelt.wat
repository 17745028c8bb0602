;; run: imports_misspelt.wat
(module
  (import "wasi_snapshot_preview1" "fd_wirte" (func (param i32 i32 i32 i32) (result i32)))
  (import "host" "table" (table 1 funcref))
  (import "host" "global" (global (mut i64)))
  (func (export "_start")))
