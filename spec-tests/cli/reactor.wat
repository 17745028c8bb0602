;; run: reactor.wat
;; run: reactor.wat --invoke count
;; run: reactor.wat --invoke _initialize
(module
  (global $count (mut i32) (i32.const 0))
  (func (export "_initialize") (global.set $count (i32.add (global.get $count) (i32.const 1))))
  (func (export "count") (result i32) (global.get $count)))
