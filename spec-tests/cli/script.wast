;; run: wast script.wast
;; run: wast nowhere.wast
;; run: wast data/a.txt
(module $m
  (import "spectest" "print_i32" (func $print (param i32)))
  (func (export "one") (result i32) (call $print (i32.const 42)) (i32.const 1)))
(assert_return (invoke "one") (i32.const 1))
(assert_return (invoke "one") (i32.const 2))
(assert_return (invoke $m "two"))
(assert_trap (invoke "one") "unreachable")
(assert_malformed (module quote "(func") "unexpected end")
(assert_invalid (module (func (result i32))) "type mismatch")
(register "m" $m)
(assert_unlinkable (module (import "m" "one" (func))) "incompatible import type")
(assert_unlinkable (module (import "m" "two" (func))) "unknown import")
