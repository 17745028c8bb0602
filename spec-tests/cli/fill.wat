;; run: fill.wat --timeout 100ms
;; One instruction that takes long.
(module
  (memory 65536)
  (func (export "_start")
    (loop $again
      (memory.fill (i32.const 0) (i32.const 0) (i32.const 0xffffffff))
      (br $again))))
