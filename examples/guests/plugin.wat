;; A plugin as `examples/plugin_host.rs` loads it: the host writes an event into memory that the
;; plugin allocates, calls `processEvent`, and reads the answer from where the plugin says.
;;
;; This one writes the event in capitals, and refuses events longer than 100 bytes.
(module $plugin
  (import "host" "log" (func $log (param $ptr i32) (param $len i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "event too long")

  ;; Memory is given out upwards and taken back all at once.
  (global $free (mut i32) (i32.const 1024))

  (func (export "allocate") (param $len i32) (result i32)
    (local $ptr i32)
    (local.set $ptr (global.get $free))
    (global.set $free (i32.add (local.get $ptr) (local.get $len)))
    (if (i32.gt_u (global.get $free) (i32.mul (memory.size) (i32.const 65536)))
      (then (drop (memory.grow (i32.const 1)))))
    (local.get $ptr))

  (func (export "reset")
    (global.set $free (i32.const 1024)))

  ;; Returns where the answer is and how long it is.
  (func (export "processEvent") (param $ptr i32) (param $len i32) (result i32 i32)
    (local $at i32)
    (local $byte i32)
    (if (i32.gt_u (local.get $len) (i32.const 100))
      (then
        (call $log (i32.const 0) (i32.const 14))
        (return (i32.const 0) (i32.const 0))))
    (block $done
      (loop $next
        (br_if $done (i32.eq (local.get $at) (local.get $len)))
        (local.set $byte (i32.load8_u (i32.add (local.get $ptr) (local.get $at))))
        (if (i32.lt_u (i32.sub (local.get $byte) (i32.const 97)) (i32.const 26))
          (then
            (i32.store8
              (i32.add (local.get $ptr) (local.get $at))
              (i32.sub (local.get $byte) (i32.const 32)))))
        (local.set $at (i32.add (local.get $at) (i32.const 1)))
        (br $next)))
    (local.get $ptr)
    (local.get $len)))
