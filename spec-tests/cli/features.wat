;; run: features.wat
;; run: features.wat -W custom-page-sizes
;; run: features.wat -W all
;; run: -W all,custom-page-sizes=n features.wat
;; run: -W simd=maybe features.wat
;; run: -W teleportation features.wat
;; run: -W help
(module
  (memory 3 (pagesize 1))
  (func (export "_start")))
