;; run: no_entry.wat
;; run: no_entry.wat --invoke main
(module (memory (export "memory") 1))
