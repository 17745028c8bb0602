;; run: data/inlined.wasm --invoke run 7
;; run: data/inlined.wasm --invoke run 3
;; run: data/inlined_dwarf5.wasm --invoke run 3
;; run: data/inlined.wasm --invoke run --dispatch loop 0
;; run: dwarf.wat
;; `data/inlined.c` is the source of the others. This module's debug information is none.
(module
  (@custom ".debug_info" "\ff\ff\ff\ffnonsense")
  (@custom ".debug_abbrev" "\01\11\00")
  (@custom ".debug_line" "\10\00\00\00\05\00")
  (func $_ZN5space4trapEi (param i32) unreachable)
  (func $"_ZN4core9panicking5panic17h0123456789abcdefE" (call 0 (i32.const 1)))
  (func $"alloc::boxed::call::h0123456789abcdef" (call 1))
  (func $"a\1b[31mname" (call 2))
  (func (export "_start") (call 3)))
