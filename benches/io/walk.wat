;; Lists the 100 directories d00 to d99 and asks about each file in them.
(module
  (import "wasi_snapshot_preview1" "path_open"
    (func $path_open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_readdir"
    (func $fd_readdir (param i32 i32 i32 i64 i32) (result i32)))
  (import "wasi_snapshot_preview1" "path_filestat_get"
    (func $path_filestat_get (param i32 i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_close" (func $fd_close (param i32) (result i32)))
  (memory (export "memory") 2)
  (data (i32.const 16) "d00")
  (global $files (mut i32) (i32.const 0))
  (func $list (param $fd i32)
    (local $cookie i64) (local $used i32) (local $at i32) (local $end i32) (local $len i32)
    (loop $more
      (if (call $fd_readdir (local.get $fd) (i32.const 65536) (i32.const 4096) (local.get $cookie)
            (i32.const 40))
        (then unreachable))
      (local.set $used (i32.load (i32.const 40)))
      (local.set $at (i32.const 65536))
      (local.set $end (i32.add (local.get $at) (local.get $used)))
      (block $done
        (loop $entry
          (br_if $done
            (i32.gt_u (i32.add (local.get $at) (i32.const 24)) (local.get $end)))
          (local.set $len (i32.load offset=16 (local.get $at)))
          (br_if $done
            (i32.gt_u (i32.add (i32.add (local.get $at) (i32.const 24)) (local.get $len))
              (local.get $end)))
          (local.set $cookie (i64.load (local.get $at)))
          (if (i32.ne (i32.load8_u offset=24 (local.get $at)) (i32.const 0x2e)) ;; .
            (then
              (if (call $path_filestat_get (local.get $fd) (i32.const 0)
                    (i32.add (local.get $at) (i32.const 24)) (local.get $len) (i32.const 1024))
                (then unreachable))
              (global.set $files (i32.add (global.get $files) (i32.const 1)))))
          (local.set $at (i32.add (i32.add (local.get $at) (i32.const 24)) (local.get $len)))
          (br $entry)))
      (br_if $more (i32.eq (local.get $used) (i32.const 4096)))))
  (func (export "_start")
    (local $dir i32)
    (loop $next
      (i32.store8 (i32.const 17) (i32.add (i32.const 0x30) (i32.div_u (local.get $dir) (i32.const 10))))
      (i32.store8 (i32.const 18) (i32.add (i32.const 0x30) (i32.rem_u (local.get $dir) (i32.const 10))))
      (if (call $path_open (i32.const 3) (i32.const 0) (i32.const 16) (i32.const 3) (i32.const 2)
            (i64.const 0x4c000) (i64.const 0) (i32.const 0) (i32.const 32))
        (then unreachable))
      (call $list (i32.load (i32.const 32)))
      (if (call $fd_close (i32.load (i32.const 32))) (then unreachable))
      (br_if $next (i32.lt_u (local.tee $dir (i32.add (local.get $dir) (i32.const 1))) (i32.const 100))))
    (if (i32.ne (global.get $files) (i32.const 100000)) (then unreachable))))
