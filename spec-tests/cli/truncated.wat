;; run: truncated.wat
;; run: validate truncated.wat
(module binary "\00asm\01\00\00\00" "\01\04\01\60")
