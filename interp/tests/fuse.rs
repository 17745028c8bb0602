//! Fused instructions and joins do what their parts would do one after the other, on both backends.

use rwasm_interp::Interpreter;
use rwasm_runtime::{Dispatch, Engine, EngineConfig, Extern, Instance, Module, Store, Trap, Val};
use std::fmt::Write;
use std::sync::Arc;

/// Runs `test` with an engine of each backend.
fn on_both(test: impl Fn(&Engine)) {
    for dispatch in [Dispatch::Tail, Dispatch::Loop] {
        let config = EngineConfig { dispatch, ..Default::default() };
        test(&Engine::with_tier(config, Arc::new(Interpreter::new())));
    }
}

fn instantiate(store: &mut Store<()>, wat: &str, imports: &[Extern]) -> Instance {
    let module = Module::new(store.engine(), wat::parse_str(wat).unwrap()).unwrap();
    Instance::new(store, &module, imports).unwrap()
}

fn call(store: &mut Store<()>, instance: Instance, name: &str, args: &[Val]) -> Result<i64, Trap> {
    let func = instance.get_func(&mut *store, name).unwrap();
    let mut results = [Val::I64(0)];
    match func.call(store, args, &mut results) {
        Ok(()) => Ok(results[0].unwrap_i64()),
        Err(error) => Err(*error.downcast_ref::<Trap>().expect("only traps end these runs")),
    }
}

#[test]
fn an_address_that_a_local_keeps_is_written_although_its_load_is_joined() {
    on_both(|engine| {
        let mut store = Store::new(engine, ());
        let wat = r#"(module (memory 1) (data (i32.const 104) "\07")
            (func (export "run") (param i32) (result i64) (local $p i32)
                (i32.add
                    (i32.mul (local.get 0) (i32.const 3))
                    (i32.load (local.tee $p (i32.add (local.get 0) (i32.const 4)))))
                (i64.extend_i32_u (i32.add (local.get $p)))))"#;
        let instance = instantiate(&mut store, wat, &[]);
        assert_eq!(call(&mut store, instance, "run", &[Val::I32(100)]), Ok(300 + 7 + 104));
    });
}

/// Accesses that end behind the length which the accessing instance knows of its memory, in every
/// place of a fused instruction.
const LATE: &str = r#"(module
    (import "m" "memory" (memory 1))
    (func (export "second") (param i32) (result i64)
        (i64.load8_u (i32.add (local.get 0) (i32.const 1))))
    (func (export "middle") (param i32) (result i64) (local $x i32)
        (local.set $x (i32.add
            (i32.load8_u (i32.add (local.get 0) (i32.const 1)))
            (local.get 0)))
        (i64.extend_i32_u (local.get $x)))
    (func (export "first") (param i32) (result i64) (local $x i32)
        (i32.store8 (i32.const 9) (i32.load8_u (local.get 0)))
        (i64.load8_u (i32.const 9)))
    (func (export "last") (param i32) (result i64)
        (i32.store8 (local.get 0) (i32.load8_u (i32.const 8)))
        (i64.load8_u (i32.const 8)))
    (func (export "joined") (param i32) (result i64)
        (i64.extend_i32_u (i32.sub
            (i32.mul (local.get 0) (i32.const 2))
            (i32.load8_u (i32.add (local.get 0) (i32.const 1)))))))"#;

#[test]
fn an_access_anywhere_in_a_fused_instruction_finds_a_memory_that_has_grown() {
    for name in ["second", "middle", "first", "last", "joined"] {
        on_both(|engine| {
            let mut store = Store::new(engine, ());
            let owner = r#"(module (memory (export "memory") 1)
                (func (export "grow") (result i64)
                    (i64.extend_i32_u (memory.grow (i32.const 1)))))"#;
            let owner = instantiate(&mut store, owner, &[]);
            let memory = owner.get_export(&mut store, "memory").unwrap();
            let user = instantiate(&mut store, LATE, &[memory]);
            let at = 70_000;
            let args = [Val::I32(at)];
            assert_eq!(call(&mut store, user, name, &args), Err(Trap::MemoryOutOfBounds));
            call(&mut store, owner, "grow", &[]).unwrap();
            let expected = match name {
                "middle" => i64::from(at),
                "joined" => 2 * i64::from(at),
                _ => 0,
            };
            assert_eq!(call(&mut store, user, name, &args), Ok(expected), "{name}");
            let beyond = [Val::I32(2 << 16)];
            assert_eq!(call(&mut store, user, name, &beyond), Err(Trap::MemoryOutOfBounds));
        });
    }
}

#[test]
fn a_function_calls_itself_and_functions_compiled_before_and_after_it() {
    on_both(|engine| {
        let mut store = Store::new(engine, ());
        let wat = r#"(module
            (func $after (param i64) (result i64) (i64.mul (local.get 0) (i64.const 10)))
            (func $before (export "before") (param i64) (result i64)
                (i64.add (local.get 0) (i64.const 1)))
            (func $run (export "run") (param i64) (result i64)
                (if (result i64) (i64.eqz (local.get 0))
                    (then (call $before (i64.const 0)))
                    (else (i64.add
                        (call $after (local.get 0))
                        (call $run (i64.sub (local.get 0) (i64.const 1))))))))"#;
        let instance = instantiate(&mut store, wat, &[]);
        assert_eq!(call(&mut store, instance, "before", &[Val::I64(4)]), Ok(5));
        for _ in 0..2 {
            assert_eq!(call(&mut store, instance, "run", &[Val::I64(5)]), Ok(151));
        }
    });
}

/// Numbers that look random.
struct Random(u64);

impl Random {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(0x1405_7b7e_f767_814f);
        (self.0 >> 33) % end
    }
}

/// A program of the text format, made together with what it computes.
struct Program {
    random: Random,
    text: String,
    i32s: [u32; 4],
    i64s: [u64; 3],
    f64s: [f64; 3],
    memory: [u8; 512],
}

impl Program {
    /// An expression: its value is computed while its text is written.
    fn i32(&mut self, depth: u64) -> u32 {
        let which = if depth == 0 { self.random.below(2) } else { self.random.below(9) };
        match which {
            0 => {
                let at = self.random.below(4) as usize;
                write!(self.text, "(local.get $i{at})").unwrap();
                self.i32s[at]
            }
            1 => {
                let value = self.random.below(300) as u32;
                write!(self.text, "(i32.const {value})").unwrap();
                value
            }
            2 | 3 => {
                let wide = self.random.below(2) == 0;
                let offset = self.random.below(8);
                let load = if wide { "i32.load" } else { "i32.load8_u" };
                write!(self.text, "({load} offset={offset} ").unwrap();
                let at = self.address(depth - 1) as usize + offset as usize;
                self.text.push(')');
                let mut bytes = [0; 4];
                let len = if wide { 4 } else { 1 };
                bytes[..len].copy_from_slice(&self.memory[at..at + len]);
                u32::from_le_bytes(bytes)
            }
            4 => {
                let at = self.random.below(4) as usize;
                write!(self.text, "(local.tee $i{at} ").unwrap();
                self.i32s[at] = self.i32(depth - 1);
                self.text.push(')');
                self.i32s[at]
            }
            5 => {
                self.text.push_str("(i32.wrap_i64 ");
                let value = self.i64(depth - 1) as u32;
                self.text.push(')');
                value
            }
            _ => {
                let ops = ["add", "sub", "mul", "and", "or", "xor", "shl", "shr_u", "rotl", "lt_u"];
                let op = ops[self.random.below(10) as usize];
                write!(self.text, "(i32.{op} ").unwrap();
                let (a, b) = (self.i32(depth - 1), self.i32(depth - 1));
                self.text.push(')');
                match op {
                    "add" => a.wrapping_add(b),
                    "sub" => a.wrapping_sub(b),
                    "mul" => a.wrapping_mul(b),
                    "and" => a & b,
                    "or" => a | b,
                    "xor" => a ^ b,
                    "shl" => a.wrapping_shl(b),
                    "shr_u" => a.wrapping_shr(b),
                    "rotl" => a.rotate_left(b & 31),
                    _ => u32::from(a < b),
                }
            }
        }
    }

    /// An address that leaves room for an offset and a number.
    fn address(&mut self, depth: u64) -> u32 {
        self.text.push_str("(i32.and (i32.const 0xff) ");
        let value = self.i32(depth) & 0xff;
        self.text.push(')');
        if self.random.below(2) == 0 {
            return value;
        }
        // The sum of two.
        let more = self.random.below(64) as u32;
        write!(self.text, "(i32.const {more}) (i32.add)").unwrap();
        value + more
    }

    fn i64(&mut self, depth: u64) -> u64 {
        let which = if depth == 0 { self.random.below(2) } else { self.random.below(7) };
        match which {
            0 => {
                let at = self.random.below(3) as usize;
                write!(self.text, "(local.get $l{at})").unwrap();
                self.i64s[at]
            }
            1 => {
                let value = self.random.below(1 << 31) * self.random.below(1 << 31);
                write!(self.text, "(i64.const {value})").unwrap();
                value
            }
            2 => {
                self.text.push_str("(i64.load ");
                let at = self.address(depth - 1) as usize;
                self.text.push(')');
                u64::from_le_bytes(self.memory[at..at + 8].try_into().unwrap())
            }
            3 => {
                self.text.push_str("(i64.extend_i32_s ");
                let value = self.i32(depth - 1) as i32 as u64;
                self.text.push(')');
                value
            }
            _ => {
                let op =
                    ["add", "sub", "mul", "xor", "shr_u", "rotl"][self.random.below(6) as usize];
                write!(self.text, "(i64.{op} ").unwrap();
                let (a, b) = (self.i64(depth - 1), self.i64(depth - 1));
                self.text.push(')');
                match op {
                    "add" => a.wrapping_add(b),
                    "sub" => a.wrapping_sub(b),
                    "mul" => a.wrapping_mul(b),
                    "xor" => a ^ b,
                    "shr_u" => a.wrapping_shr(b as u32),
                    _ => a.rotate_left(b as u32 & 63),
                }
            }
        }
    }

    fn f64(&mut self, depth: u64) -> f64 {
        let which = if depth == 0 { self.random.below(2) } else { self.random.below(6) };
        match which {
            0 => {
                let at = self.random.below(3) as usize;
                write!(self.text, "(local.get $d{at})").unwrap();
                self.f64s[at]
            }
            1 => {
                let value = self.random.below(1000) as f64 / 8.0;
                write!(self.text, "(f64.const {value})").unwrap();
                value
            }
            2 => {
                self.text.push_str("(f64.load ");
                let at = self.address(depth - 1) as usize;
                self.text.push(')');
                f64::from_le_bytes(self.memory[at..at + 8].try_into().unwrap())
            }
            _ => {
                let op = ["add", "sub", "mul", "div"][self.random.below(4) as usize];
                write!(self.text, "(f64.{op} ").unwrap();
                let (a, b) = (self.f64(depth - 1), self.f64(depth - 1));
                self.text.push(')');
                match op {
                    "add" => a + b,
                    "sub" => a - b,
                    "mul" => a * b,
                    _ => a / b,
                }
            }
        }
    }

    fn statement(&mut self) {
        match self.random.below(8) {
            0 | 1 => {
                let at = self.random.below(4) as usize;
                write!(self.text, "(local.set $i{at} ").unwrap();
                self.i32s[at] = self.i32(4);
            }
            2 | 3 => {
                let at = self.random.below(3) as usize;
                write!(self.text, "(local.set $l{at} ").unwrap();
                self.i64s[at] = self.i64(4);
            }
            4 => {
                let at = self.random.below(3) as usize;
                write!(self.text, "(local.set $d{at} ").unwrap();
                self.f64s[at] = self.f64(4);
                if self.f64s[at].is_nan() {
                    // Which NaN it is may differ.
                    write!(self.text, ") (local.set $d{at} (f64.const 1)").unwrap();
                    self.f64s[at] = 1.0;
                }
            }
            5 => {
                self.text.push_str("(i64.store ");
                let at = self.address(3) as usize;
                let value = self.i64(3);
                self.memory[at..at + 8].copy_from_slice(&value.to_le_bytes());
            }
            6 => {
                self.text.push_str("(i32.store8 ");
                let at = self.address(3) as usize;
                self.memory[at] = self.i32(3) as u8;
            }
            _ => {
                // The condition is false, so what it guards is not reached.
                self.text.push_str("(if (i32.and (i32.const 0) ");
                self.i32(2);
                self.text.push_str(") (then (local.set $i0 (i32.const 77)))");
            }
        }
        self.text.push_str(")\n");
    }
}

/// The text of a random program, and what it returns.
fn program(seed: u64) -> (String, u64) {
    let mut program = Program {
        random: Random(seed),
        text: String::new(),
        i32s: [seed as u32, 0, 0, 0],
        i64s: [0; 3],
        f64s: [0.0; 3],
        memory: [0; 512],
    };
    for _ in 0..12 {
        program.statement();
    }
    let mut sum = 0u64;
    let mut result = String::from("(i64.const 0)");
    for (at, value) in program.i32s.into_iter().enumerate() {
        write!(result, "(i64.extend_i32_u (local.get $i{at})) (i64.add)").unwrap();
        sum = sum.wrapping_add(value.into());
    }
    for (at, value) in program.i64s.into_iter().enumerate() {
        write!(result, "(local.get $l{at}) (i64.add)").unwrap();
        sum = sum.wrapping_add(value);
    }
    for (at, value) in program.f64s.into_iter().enumerate() {
        write!(result, "(i64.reinterpret_f64 (local.get $d{at})) (i64.add)").unwrap();
        sum = sum.wrapping_add(value.to_bits());
    }
    for at in (0..512).step_by(8) {
        write!(result, "(i64.load (i32.const {at})) (i64.add)").unwrap();
        sum = sum.wrapping_add(u64::from_le_bytes(program.memory[at..at + 8].try_into().unwrap()));
    }
    let locals = "(local $i1 i32) (local $i2 i32) (local $i3 i32) (local $l0 i64) (local $l1 i64)
        (local $l2 i64) (local $d0 f64) (local $d1 f64) (local $d2 f64)";
    let text = format!(
        "(module (memory 1) (func (export \"run\") (param $i0 i32) (result i64) {locals}\n{}\n{result}))",
        program.text
    );
    (text, sum)
}

#[test]
fn random_expressions_give_what_they_should() {
    let count = if cfg!(miri) { 5 } else { 1500 };
    for seed in 0..count {
        let (text, expected) = program(seed);
        on_both(|engine| {
            let mut store = Store::new(engine, ());
            let instance = instantiate(&mut store, &text, &[]);
            let result = call(&mut store, instance, "run", &[Val::I32(seed as i32)]);
            assert_eq!(result, Ok(expected as i64), "seed {seed}: {text}");
        });
    }
}
