;; run: names_evil.wat
;; run: names_evil.wat --trap-unknown-imports --invoke nothing
;; run: names_evil.wat --trap-unknown-imports
;; run: inspect names_evil.wat
;;
;; Names that a terminal would obey are shown without what it would.
(module
  (import "a\1b[2Jb" "c\c2\9bd" (func))
  (func $"e\1b]0;f\07" (export "_start") unreachable)
  (export "g\1b[31m\0d\0ah" (func 1)))
