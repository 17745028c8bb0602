;; run: version.wat
(module binary "\00asm\07\00\00\00")
