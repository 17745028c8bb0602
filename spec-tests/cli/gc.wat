;; run: validate gc.wat
;; run: --invoke sum gc.wat
;; run: --invoke thrown gc.wat
;; run: --invoke caught gc.wat
(module
  (type $point (struct (field i32) (field i32)))
  (tag $t (param i32))
  (func (export "sum") (result i32) (local $p (ref null $point))
    (local.set $p (struct.new $point (i32.const 1) (i32.const 2)))
    (i32.add (struct.get $point 0 (local.get $p)) (struct.get $point 1 (local.get $p))))
  (func $throw (export "thrown") (throw $t (i32.const 7)))
  (func (export "caught") (result i32)
    (block $caught (result i32)
      (try_table (catch $t $caught) (call $throw))
      (i32.const 0))))
