;; run:
;; run: --version
;; run: --help
;; run: run
;; run: run --help
;; run: validate
;; run: vaildate usage.wat
;; run: nowhere.wasm
;; run: data
;; run: usage.wat --fuel lots
;; run: usage.wat --timeout soon
;; run: usage.wat --max-memory much
;; run: usage.wat --dispatch quantum
;; run: usage.wat --fuel
;; run: completion tcsh
;; run: validate usage.wat nowhere.wasm data/a.txt
(module (func (export "_start")))
