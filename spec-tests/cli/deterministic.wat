;; run: --deterministic --invoke bits deterministic.wat
;; run: --deterministic --invoke lanes deterministic.wat
;; run: --deterministic --threads deterministic.wat
(module
  (func (export "bits") (result i32)
    (i32.reinterpret_f32 (f32.sqrt (f32.const -1))))
  (func (export "lanes") (result v128)
    (f64x2.div (f64x2.splat (f64.const 0)) (f64x2.splat (f64.const 0)))))
