;; Says hello through WASI 0.1: `rwasm run examples/guests/hello.wat`
(module $hello
  (import "wasi_snapshot_preview1" "fd_write"
    (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 16) "Hello from WebAssembly!\n")

  (func (export "_start")
    ;; One range of bytes: where it begins, and how long it is.
    (i32.store (i32.const 0) (i32.const 16))
    (i32.store (i32.const 4) (i32.const 24))
    (if (call $fd_write
          (i32.const 1)   ;; standard output
          (i32.const 0)   ;; the ranges
          (i32.const 1)   ;; how many
          (i32.const 8))  ;; where the number of written bytes goes
      (then (unreachable)))))
