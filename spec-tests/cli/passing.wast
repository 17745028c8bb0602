;; run: wast passing.wast passing.wast
;; run: wast passing.wast -W simd=n
(module (func (export "v") (result v128) (v128.const i32x4 1 2 3 4)))
(assert_return (invoke "v") (v128.const i32x4 1 2 3 4))
