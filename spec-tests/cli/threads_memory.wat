;; run: --threads --max-memory 1MiB threads_memory.wat
;; run: --threads --max-memory 8MiB --invoke grow threads_memory.wat 27
;; run: --threads --max-memory 8MiB --invoke grow threads_memory.wat 29
;; run: --threads --invoke grow threads_memory.wat 29
(module
  (import "env" "memory" (memory 100 200 shared))
  (func (export "wasi_thread_start") (param i32 i32))
  (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0)))
  (func (export "_start")))
