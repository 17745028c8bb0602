;; Writes the file that the first argument names to standard output. The name counts from the
;; directory that the guest was given: `rwasm run --dir . examples/guests/cat.wat README.md`
;;
;; Exits with 1 if the file cannot be opened, and with 2 if there is no argument.
(module $cat
  (import "wasi_snapshot_preview1" "args_sizes_get"
    (func $args_sizes_get (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "args_get"
    (func $args_get (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "path_open"
    (func $path_open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_read"
    (func $fd_read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write"
    (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit"
    (func $proc_exit (param i32)))
  (memory (export "memory") 2)

  ;; 0: number of arguments   4: their bytes     8: the open file   12: bytes read or written
  ;; 16: a range of bytes     64: pointers to arguments   4096: arguments   65536: the buffer
  (func $strlen (param $ptr i32) (result i32)
    (local $end i32)
    (local.set $end (local.get $ptr))
    (loop $next
      (if (i32.load8_u (local.get $end))
        (then
          (local.set $end (i32.add (local.get $end) (i32.const 1)))
          (br $next))))
    (i32.sub (local.get $end) (local.get $ptr)))

  (func $open (param $name i32)
    (if (call $path_open
          (i32.const 3)                        ;; the first directory that was given
          (i32.const 1)                        ;; follow links
          (local.get $name)
          (call $strlen (local.get $name))
          (i32.const 0)
          (i64.const 2)                        ;; the right to read
          (i64.const 0)
          (i32.const 0)
          (i32.const 8))
      (then (call $proc_exit (i32.const 1)))))

  (func (export "_start")
    (drop (call $args_sizes_get (i32.const 0) (i32.const 4)))
    (if (i32.or
          (i32.lt_u (i32.load (i32.const 0)) (i32.const 2))
          (i32.gt_u (i32.load (i32.const 4)) (i32.const 4096)))
      (then (call $proc_exit (i32.const 2))))
    (drop (call $args_get (i32.const 64) (i32.const 4096)))
    (call $open (i32.load (i32.const 68)))
    (loop $next
      (i32.store (i32.const 16) (i32.const 65536))
      (i32.store (i32.const 20) (i32.const 65536))
      (drop (call $fd_read (i32.load (i32.const 8)) (i32.const 16) (i32.const 1) (i32.const 12)))
      (if (i32.load (i32.const 12))
        (then
          (i32.store (i32.const 20) (i32.load (i32.const 12)))
          (drop (call $fd_write (i32.const 1) (i32.const 16) (i32.const 1) (i32.const 12)))
          (br $next))))))
