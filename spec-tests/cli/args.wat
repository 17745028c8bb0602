;; run: args.wat
;; run: args.wat a 'b c' -x --dir . -- --help
;; run: args.wat -- --env A=1
;; run: args.wat --env A=1 -- --env B=2
;; run: args.wat --fuel 1000000 -- -x
;; run: args.wat -x
;; run: args.wat --dri . a
;; run: args.wat --verbose=3 'b c'
;; run: --verbose args.wat
;; run: run args.wat a
;; run: run -- args.wat -x
(module
  (import "wasi_snapshot_preview1" "args_sizes_get"
    (func $sizes (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "args_get"
    (func $get (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write"
    (func $write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (func (export "_start")
    (drop (call $sizes (i32.const 0) (i32.const 12)))
    (drop (call $get (i32.const 100) (i32.const 1000)))
    (i32.store (i32.const 8) (i32.const 1000))
    (drop (call $write (i32.const 1) (i32.const 8) (i32.const 1) (i32.const 0)))))
