;; run: inspect inspect_kinds.wat
;; stdin: (module (func (export "_initialize")) (func (export "f") (param i32)))
;; run: inspect -
;; stdin: (module (func $f) (start $f))
;; run: inspect -
;; stdin: (module)
;; run: inspect -
;; stdin: (module (import "wasi_snapshot_preview1" "fd_close" (func)) (func (export "_start")))
;; run: inspect -
;; stdin: (component)
;; run: inspect -
;; stdin: (module (func i32.add))
;; run: inspect -
;; run: inspect inspect_kinds.wat --jsn
(module
  (import "wasi_snapshot_preview1" "fd_prestat_get" (func (param i32 i32) (result i32)))
  (import "env" "memory" (memory 1))
  (func (export "f")))
