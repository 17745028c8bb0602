;; run: memory.wat --invoke grow 2
;; run: memory.wat --invoke grow 2 --max-memory 256KiB
;; run: memory.wat --max-memory 256KiB --invoke grow 2
;; run: memory.wat --max-memory 192KiB --invoke grow 2
;; run: memory.wat --max-memory 64KiB --invoke grow 2
(module
  (memory 1)
  (memory $other 1)
  (func (export "grow") (param i32) (result i32 i32)
    (memory.grow (local.get 0)) (memory.size)))
