;; run: loop.wat --timeout 100ms
;; run: loop.wat --fuel 100000
;; run: loop.wat --fuel 0
;; run: loop.wat --timeout 0.05s --dispatch loop
;; run: loop.wat --invoke nothing --fuel 1000 --timeout 10s
(module
  (func $inner (loop $l (br $l)))
  (func $outer (export "_start") (call $inner))
  (func (export "nothing")))
