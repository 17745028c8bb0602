//! Makes of a module of wasm-smith one whose runs can be compared.
//!
//! - NaNs become canonical behind every operator that may make one: which NaN it is, the
//!   specification leaves open. wasm-smith can do this itself, but not for conversions between
//!   floats and for relaxed operators.
//! - Memories that are shared stay so in some modules only; in the others atomic operators work on
//!   memories of the store. Nobody would end a wait, so the time that it may take is none.
//! - Products of `relaxed_madd` and `relaxed_nmadd` are exact, so that it does not matter whether
//!   they are rounded before the addition: rwasm does, as the specification's deterministic profile
//!   says, and wasmtime does not, although it is told to be deterministic.
//! - The operators that wait and notify have no offset: wasmtime looks at whether address and
//!   offset overflow before it looks at the alignment, and at the bounds after that. Both are traps;
//!   the specification does not say which comes first.
//! - Tags, and the global that makes the module terminate, are exported too.

use wasm_encoder::reencode::{self, Error, Reencode, utils};
use wasm_encoder::{CodeSection, ExportKind, ExportSection, Function, Instruction, ValType};
use wasmparser::{CompositeInnerType, ExternalKind, FunctionBody, Operator, Payload};

/// The name of the exported global that counts down.
pub const FUEL: &str = "rwasm:fuel";

/// What a module exports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Func,
    Global,
    Table,
    Memory,
    Tag,
}

/// A module that is ready to be run.
pub struct Rewritten {
    /// Its binary form.
    pub bytes: Vec<u8>,
    /// What it exports.
    pub exports: Vec<(String, Kind)>,
    /// Whether it has the operator `array.copy`.
    pub copies_arrays: bool,
    /// Whether it has a shared memory.
    pub shares: bool,
}

/// Rewrites a valid module. `fuel` is the global that counts down, if there is one; `shares` is
/// whether shared memories stay shared.
///
/// # Errors
///
/// If it is not valid.
pub fn rewrite(bytes: &[u8], fuel: Option<u32>, shares: bool) -> Result<Rewritten, Error> {
    let mut rewriter = Rewriter { fuel, shares, ..Rewriter::scan(bytes)? };
    let mut module = wasm_encoder::Module::new();
    rewriter.parse_core_module(&mut module, wasmparser::Parser::new(0), bytes)?;
    look(module.finish())
}

/// Looks at a valid module that is run as it is.
///
/// # Errors
///
/// If it is not valid.
pub fn look(bytes: Vec<u8>) -> Result<Rewritten, Error> {
    let (mut exports, mut copies_arrays, mut shares) = (Vec::new(), false, false);
    for payload in wasmparser::Parser::new(0).parse_all(&bytes) {
        let section = match payload? {
            Payload::ExportSection(section) => section,
            Payload::ImportSection(section) => {
                for import in section.into_imports() {
                    shares |= matches!(import?.ty, wasmparser::TypeRef::Memory(ty) if ty.shared);
                }
                continue;
            }
            Payload::MemorySection(section) => {
                for memory in section {
                    shares |= memory?.shared;
                }
                continue;
            }
            Payload::CodeSectionEntry(body) => {
                for operator in body.get_operators_reader()? {
                    copies_arrays |= matches!(operator?, Operator::ArrayCopy { .. });
                }
                continue;
            }
            _ => continue,
        };
        for export in section {
            let export = export?;
            let kind = match export.kind {
                ExternalKind::Func | ExternalKind::FuncExact => Kind::Func,
                ExternalKind::Global => Kind::Global,
                ExternalKind::Table => Kind::Table,
                ExternalKind::Memory => Kind::Memory,
                ExternalKind::Tag => Kind::Tag,
            };
            exports.push((export.name.to_owned(), kind));
        }
    }
    Ok(Rewritten { bytes, exports, copies_arrays, shares })
}

#[derive(Default)]
struct Rewriter {
    /// The number of parameters of each function with a body.
    params: Vec<u32>,
    /// Bodies that are done.
    bodies: usize,
    tags: u32,
    fuel: Option<u32>,
    shares: bool,
}

impl Rewriter {
    fn scan(bytes: &[u8]) -> Result<Rewriter, Error> {
        let mut found = Rewriter::default();
        let mut types = Vec::new();
        for payload in wasmparser::Parser::new(0).parse_all(bytes) {
            match payload? {
                Payload::TypeSection(section) => {
                    for group in section {
                        types.extend(group?.into_types().map(|ty| match ty.composite_type.inner {
                            CompositeInnerType::Func(ty) => ty.params().len() as u32,
                            _ => 0,
                        }));
                    }
                }
                Payload::ImportSection(section) => {
                    for import in section.into_imports() {
                        found.tags += u32::from(matches!(import?.ty, wasmparser::TypeRef::Tag(_)));
                    }
                }
                Payload::FunctionSection(section) => {
                    for ty in section {
                        found.params.push(types[ty? as usize]);
                    }
                }
                Payload::TagSection(section) => found.tags += section.count(),
                _ => {}
            }
        }
        Ok(found)
    }
}

impl Reencode for Rewriter {
    type Error = std::convert::Infallible;

    fn memory_type(
        &mut self,
        ty: wasmparser::MemoryType,
    ) -> Result<wasm_encoder::MemoryType, Error> {
        Ok(utils::memory_type(
            self,
            wasmparser::MemoryType { shared: ty.shared && self.shares, ..ty },
        ))
    }

    fn parse_export_section(
        &mut self,
        exports: &mut ExportSection,
        section: wasmparser::ExportSectionReader<'_>,
    ) -> Result<(), Error> {
        utils::parse_export_section(self, exports, section)?;
        for tag in 0..self.tags {
            exports.export(&format!("rwasm:tag{tag}"), ExportKind::Tag, tag);
        }
        if let Some(fuel) = self.fuel {
            exports.export(FUEL, ExportKind::Global, fuel);
        }
        Ok(())
    }

    fn parse_function_body(
        &mut self,
        code: &mut CodeSection,
        func: FunctionBody<'_>,
    ) -> Result<(), reencode::Error<Self::Error>> {
        let mut locals = Vec::new();
        let mut next = self.params[self.bodies];
        self.bodies += 1;
        for local in func.get_locals_reader()? {
            let (count, ty) = local?;
            next += count;
            locals.push((count, self.val_type(ty)?));
        }
        // Locals for each type that holds floats, whether they are needed or not.
        locals.extend([(1, ValType::F32), (1, ValType::F64), (3, ValType::V128)]);
        let mut body = Function::new(locals);
        let mut reader = func.get_operators_reader()?;
        while !reader.eof() {
            let mut operator = reader.read()?;
            if let Operator::MemoryAtomicNotify { memarg }
            | Operator::MemoryAtomicWait32 { memarg }
            | Operator::MemoryAtomicWait64 { memarg } = &mut operator
            {
                memarg.offset = 0;
            }
            let float = float_result(&operator);
            match operator {
                Operator::MemoryAtomicWait32 { .. } | Operator::MemoryAtomicWait64 { .. } => {
                    body.instruction(&Instruction::Drop);
                    body.instruction(&Instruction::I64Const(0));
                }
                Operator::F32x4RelaxedMadd | Operator::F32x4RelaxedNmadd => {
                    shorten(&mut body, lanes_32(0x87ff_e000), lanes_32(0x3800_0000), next);
                }
                Operator::F64x2RelaxedMadd | Operator::F64x2RelaxedNmadd => {
                    let kept = lanes_64(0x81ff_ffff_0000_0000);
                    shorten(&mut body, kept, lanes_64(0x3e00_0000_0000_0000), next);
                }
                _ => {}
            }
            body.instruction(&self.instruction(operator)?);
            if let Some(float) = float {
                canonicalize(&mut body, float, next);
            }
        }
        code.function(&body);
        Ok(())
    }
}

#[derive(Clone, Copy)]
enum Float {
    F32,
    F64,
    F32x4,
    F64x2,
}

/// What an operator computes, if that may be a NaN which is not an operand.
fn float_result(operator: &Operator<'_>) -> Option<Float> {
    use Operator as O;
    Some(match operator {
        O::F32Ceil
        | O::F32Floor
        | O::F32Trunc
        | O::F32Nearest
        | O::F32Sqrt
        | O::F32Add
        | O::F32Sub
        | O::F32Mul
        | O::F32Div
        | O::F32Min
        | O::F32Max
        | O::F32DemoteF64 => Float::F32,
        O::F64Ceil
        | O::F64Floor
        | O::F64Trunc
        | O::F64Nearest
        | O::F64Sqrt
        | O::F64Add
        | O::F64Sub
        | O::F64Mul
        | O::F64Div
        | O::F64Min
        | O::F64Max
        | O::F64PromoteF32 => Float::F64,
        O::F32x4Ceil
        | O::F32x4Floor
        | O::F32x4Trunc
        | O::F32x4Nearest
        | O::F32x4Sqrt
        | O::F32x4Add
        | O::F32x4Sub
        | O::F32x4Mul
        | O::F32x4Div
        | O::F32x4Min
        | O::F32x4Max
        | O::F32x4DemoteF64x2Zero
        | O::F32x4RelaxedMadd
        | O::F32x4RelaxedNmadd
        | O::F32x4RelaxedMin
        | O::F32x4RelaxedMax => Float::F32x4,
        O::F64x2Ceil
        | O::F64x2Floor
        | O::F64x2Trunc
        | O::F64x2Nearest
        | O::F64x2Sqrt
        | O::F64x2Add
        | O::F64x2Sub
        | O::F64x2Mul
        | O::F64x2Div
        | O::F64x2Min
        | O::F64x2Max
        | O::F64x2PromoteLowF32x4
        | O::F64x2RelaxedMadd
        | O::F64x2RelaxedNmadd
        | O::F64x2RelaxedMin
        | O::F64x2RelaxedMax => Float::F64x2,
        _ => return None,
    })
}

fn lanes_32(bits: u32) -> i128 {
    (u128::from(bits) * 0x1_0000_0001_0000_0001_0000_0001) as i128
}

fn lanes_64(bits: u64) -> i128 {
    (u128::from(bits) * 0x1_0000_0000_0000_0001) as i128
}

/// Of three vectors on the stack, keeps the bits `kept` of the lower two and sets the bits `set`:
/// then their fractions have at most half of the bits that there is room for, and their exponents
/// are near zero.
fn shorten(body: &mut Function, kept: i128, set: i128, locals: u32) {
    let (above, second) = (locals + 3, locals + 4);
    let instructions = [
        Instruction::LocalSet(above),
        Instruction::V128Const(kept),
        Instruction::V128And,
        Instruction::V128Const(set),
        Instruction::V128Or,
        Instruction::LocalSet(second),
        Instruction::V128Const(kept),
        Instruction::V128And,
        Instruction::V128Const(set),
        Instruction::V128Or,
        Instruction::LocalGet(second),
        Instruction::LocalGet(above),
    ];
    for instruction in &instructions {
        body.instruction(instruction);
    }
}

/// Replaces the value on the stack by the canonical NaN if it is not equal to itself. The three
/// locals from `locals` on are free.
fn canonicalize(body: &mut Function, float: Float, locals: u32) {
    const NAN_32: u32 = 0x7fc0_0000;
    const NAN_64: u64 = 0x7ff8_0000_0000_0000;
    let (local, nan, equal, select) = match float {
        Float::F32 => (
            locals,
            Instruction::F32Const(f32::from_bits(NAN_32).into()),
            Instruction::F32Eq,
            Instruction::Select,
        ),
        Float::F64 => (
            locals + 1,
            Instruction::F64Const(f64::from_bits(NAN_64).into()),
            Instruction::F64Eq,
            Instruction::Select,
        ),
        Float::F32x4 => (
            locals + 2,
            Instruction::V128Const(lanes_32(NAN_32)),
            Instruction::F32x4Eq,
            Instruction::V128Bitselect,
        ),
        Float::F64x2 => (
            locals + 2,
            Instruction::V128Const(lanes_64(NAN_64)),
            Instruction::F64x2Eq,
            Instruction::V128Bitselect,
        ),
    };
    body.instruction(&Instruction::LocalTee(local));
    body.instruction(&nan);
    body.instruction(&Instruction::LocalGet(local));
    body.instruction(&Instruction::LocalGet(local));
    body.instruction(&equal);
    body.instruction(&select);
}
