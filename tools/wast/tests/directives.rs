//! Each directive passes when it should, and fails when it should.

use rwasm::Engine;
use rwasm_wast::{Outcome, Report, run};

fn report(script: &str) -> Report {
    run(&Engine::default(), script, &Default::default()).expect("the script parses")
}

/// Runs a script in which the directives of the lines that end in `;; fails` have to fail.
fn check(script: &str) {
    let wanted =
        |line: usize| script.lines().nth(line - 1).is_some_and(|line| line.ends_with(";; fails"));
    for directive in report(script).directives {
        let fails = matches!(directive.outcome, Outcome::Failed(_));
        assert_eq!(fails, wanted(directive.line), "{directive:#?}");
    }
}

#[test]
fn results_are_compared() {
    check(
        r#"
        (module
          (func (export "numbers") (result i32 i64 f32 f64)
            (i32.const -1) (i64.const 2) (f32.const -0) (f64.const 0.5))
          (func (export "nans") (result f32 f32) (f32.const nan) (f32.const nan:0x600000))
          (func (export "nothing"))
          (func (export "vector") (result v128) (v128.const f32x4 1 nan 3 nan:0x600000))
          (func (export "same") (param externref) (result externref) (local.get 0))
          (func (export "null") (result funcref) (ref.null func))
          (func (export "func") (result funcref) (ref.func 0))
          (global (export "global") i32 (i32.const 7)))
        (assert_return (invoke "numbers") (i32.const -1) (i64.const 2) (f32.const -0) (f64.const 0.5))
        (assert_return (invoke "numbers") (i32.const -1) (i64.const 2) (f32.const 0) (f64.const 0.5)) ;; fails
        (assert_return (invoke "numbers") (i32.const -1) (i64.const 2) (f32.const -0)) ;; fails
        (assert_return (invoke "numbers")) ;; fails
        (assert_return (invoke "nothing"))
        (assert_return (invoke "nothing") (i32.const 0)) ;; fails
        (assert_return (invoke "nans") (f32.const nan:canonical) (f32.const nan:arithmetic))
        (assert_return (invoke "nans") (f32.const nan:arithmetic) (f32.const nan:canonical)) ;; fails
        (assert_return (invoke "vector") (v128.const f32x4 1 nan:canonical 3 nan:arithmetic))
        (assert_return (invoke "vector") (v128.const f32x4 1 nan:canonical 3 nan:canonical)) ;; fails
        (assert_return (invoke "same" (ref.extern 3)) (ref.extern 3))
        (assert_return (invoke "same" (ref.extern 3)) (ref.extern))
        (assert_return (invoke "same" (ref.extern 3)) (ref.extern 4)) ;; fails
        (assert_return (invoke "same" (ref.null extern)) (ref.null extern))
        (assert_return (invoke "same" (ref.null extern)) (ref.extern)) ;; fails
        (assert_return (invoke "null") (ref.null))
        (assert_return (invoke "null") (ref.func)) ;; fails
        (assert_return (invoke "func") (ref.func))
        (assert_return (invoke "func") (ref.null)) ;; fails
        (assert_return (get "global") (i32.const 7))
        (assert_return (get "global") (i32.const 8)) ;; fails
        (assert_return (get "global") (either (i32.const 8) (i32.const 7)))
        (assert_return (get "global") (either (i32.const 8) (i32.const 9))) ;; fails
        (assert_return (get "nothing") (i32.const 7)) ;; fails
        (assert_return (invoke "global") (i32.const 7)) ;; fails
        (assert_return (invoke "numbers" (i32.const 1))) ;; fails
        "#,
    );
}

#[test]
fn traps_are_told_apart() {
    check(
        r#"
        (module
          (func (export "trap") unreachable)
          (func (export "divide") (drop (i32.div_s (i32.const 1) (i32.const 0))))
          (func $deep (export "deep") (call $deep))
          (func (export "fine")))
        (assert_trap (invoke "trap") "unreachable")
        (assert_trap (invoke "trap") "integer divide by zero") ;; fails
        (assert_trap (invoke "divide") "integer divide by zero")
        (assert_trap (invoke "fine") "unreachable") ;; fails
        (assert_trap (invoke "absent") "unreachable") ;; fails
        (assert_return (invoke "trap")) ;; fails
        (assert_exhaustion (invoke "deep") "call stack exhausted")
        (assert_exhaustion (invoke "trap") "call stack exhausted") ;; fails
        (assert_trap (module (func $f unreachable) (start $f)) "unreachable")
        (assert_trap (module (func $f) (start $f)) "unreachable") ;; fails
        (assert_exception (invoke "fine")) ;; fails
        (invoke "fine")
        (invoke "trap") ;; fails
        "#,
    );
}

#[test]
fn refusals_are_told_apart() {
    check(
        r#"
        (assert_malformed (module binary "\00asm\02\00\00\00") "unknown binary version")
        (assert_malformed (module binary "\00asm\01\00\00\00") "unexpected end") ;; fails
        (assert_invalid (module binary "\00asm\02\00\00\00") "unknown binary version") ;; fails
        (assert_malformed (module binary "\00asm\01\00\00\00\03\02\01\00\0a\04\01\02\00\0b") "unknown type") ;; fails
        (assert_invalid (module (func (result i32))) "type mismatch")
        (assert_invalid (module (func)) "type mismatch") ;; fails
        (module (func (result i32))) ;; fails
        (module quote "(func (export \"f\"))")
        (assert_return (invoke "f"))
        "#,
    );
}

#[test]
fn instances_are_found_and_linked() {
    check(
        r#"
        (register "a") ;; fails
        (module $a (func (export "f") (result i32) (i32.const 1)))
        (register "a" $a)
        (module $b (func (export "f") (result i32) (i32.const 2)))
        (assert_return (invoke "f") (i32.const 2))
        (assert_return (invoke $a "f") (i32.const 1))
        (assert_return (invoke $c "f") (i32.const 1)) ;; fails
        (module (import "a" "f" (func $f (result i32))) (export "g" (func $f)))
        (assert_return (invoke "g") (i32.const 1))
        (assert_unlinkable (module (import "a" "g" (func))) "unknown import")
        (assert_unlinkable (module (import "a" "f" (func))) "incompatible import type")
        (assert_unlinkable (module (import "a" "f" (func))) "unknown import") ;; fails
        (assert_unlinkable (module (import "a" "f" (func (result i32)))) "unknown import") ;; fails
        (module (import "a" "g" (func))) ;; fails
        (assert_return (invoke "g") (i32.const 1)) ;; fails
        (module definition $d (global (export "n") (mut i32) (i32.const 5)))
        (module instance $d1 $d)
        (module instance $d2 $d)
        (module instance $d3 $e) ;; fails
        (assert_return (get $d1 "n") (i32.const 5))
        (module
          (import "spectest" "memory" (memory 1 2))
          (import "spectest" "table" (table 10 20 funcref))
          (import "spectest" "table64" (table i64 10 20 funcref))
          (import "spectest" "global_f32" (global f32))
          (import "spectest" "print_f64_f64" (func (param f64 f64)))
          (export "g" (global 0)))
        (assert_return (get "g") (f32.const 666.6))
        "#,
    );
}

#[test]
fn what_the_engine_does_not_see_is_counted_apart() {
    let report = report(
        r#"
        (assert_malformed (module quote "(func") "unexpected end")
        (module)
        "#,
    );
    let outcomes: Vec<_> = report.directives.iter().map(|directive| &directive.outcome).collect();
    assert!(matches!(outcomes[..], [Outcome::TextParser, Outcome::Passed]));
    let counts = report.counts();
    assert_eq!((counts.passed, counts.failed, counts.text_parser), (1, 0, 1));
}

#[test]
fn threads_run_beside_the_script_and_share_memories() {
    check(
        r#"
        (module $mem (memory (export "m") 1 1 shared))
        (thread $waits (shared (module $mem))
            (register "mem" $mem)
            (module
                (import "mem" "m" (memory 1 1 shared))
                (func (export "wait") (result i32)
                    (loop
                        (drop (memory.atomic.wait32
                            (i32.const 0) (i32.const 0) (i64.const 1000)))
                        (br_if 0 (i32.eqz (i32.atomic.load (i32.const 0)))))
                    (i32.atomic.load (i32.const 0))))
            (assert_return (invoke "wait") (i32.const 7)))
        (thread $apart
            (assert_unlinkable (module (import "mem" "m" (memory 1 1 shared))) "unknown import"))
        (register "mem" $mem)
        (module
            (import "mem" "m" (memory 1 1 shared))
            (func (export "set") (i32.atomic.store (i32.const 0) (i32.const 7))))
        (invoke "set")
        (wait $waits)
        (wait $apart)
        "#,
    );
    // What fails in a thread fails.
    let report = report(
        r#"
        (module)
        (thread $t (module (func (export "f") unreachable)) (invoke "f"))
        (wait $t)
        (wait $t)
        "#,
    );
    let lines: Vec<_> = report.failures().map(|failure| failure.line).collect();
    assert_eq!(lines, [3, 5]);
    assert_eq!(report.counts().passed, 4);
}

#[test]
fn verdicts_are_known_of_modules_that_are_not_executed() {
    let report = report(
        r#"
        (module (type (struct)) (global anyref (struct.new 0)))
        (assert_invalid (module (type (struct)) (global i32 (struct.new 0))) "type mismatch")
        "#,
    );
    let counts = report.counts();
    assert_eq!((counts.valid.right, counts.valid.all), (1, 1));
    assert_eq!((counts.invalid.right, counts.in_words), (1, 1));
}

#[test]
fn a_text_that_is_no_script_is_an_error() {
    let error = run(&Engine::default(), "(assert_nothing)", &Default::default()).unwrap_err();
    assert!(error.to_string().contains(":1:2"), "{error}");
}
