//! What is in a memory that threads share.
//!
//! wasmtime lets safe code not look into one. A guest can: a module that copies it into a memory
//! of its own, which the host then reads. Compiled twice, as `guest.rs` is.

use super::api::{AsContextMut, Extern};
use super::api::{Instance, Memory, MemoryType, Module, Result, SharedMemory, TypedFunc};
use super::guest::Host;
use super::{place, undisturbed};
use crate::trace::hash;
use wasm_encoder::{
    CodeSection, EntityType, ExportKind, ExportSection, Function, FunctionSection, ImportSection,
    Instruction, MemorySection, TypeSection, ValType,
};

/// The most bytes that are looked at.
const MOST: u64 = 1 << 20;
/// The size of a page of the memory that is copied to.
const PAGE: u64 = 1 << 16;

/// An instance that copies a memory.
pub struct Copier {
    /// Which memory it copies.
    place: usize,
    memory: Memory,
    run: TypedFunc<i32, ()>,
}

/// The size of a memory and a hash of what is in it.
pub fn look(store: &mut impl AsContextMut<Data = Host>, memory: &SharedMemory) -> (u64, u64) {
    let size = memory.data_size() as u64;
    let ty = memory.ty();
    if ty.maximum().is_none_or(|maximum| maximum.saturating_mul(ty.page_size()) > MOST) {
        return (size, 0);
    }
    let place = place(memory);
    let mut known = std::mem::take(&mut store.as_context_mut().data_mut().copiers);
    let index = known.iter().position(|copier| copier.place == place).unwrap_or_else(|| {
        known.push(Copier::new(store, memory, &ty).expect("it can be copied"));
        known.len() - 1
    });
    let Copier { memory, run, .. } = &known[index];
    undisturbed(store, |store| run.call(store, size as i32)).expect("there is room for it");
    let hash = hash(&memory.data(&*store)[..size as usize]);
    store.as_context_mut().data_mut().copiers = known;
    (size, hash)
}

impl Copier {
    fn new(
        store: &mut impl AsContextMut<Data = Host>,
        shared: &SharedMemory,
        ty: &MemoryType,
    ) -> Result<Copier> {
        let engine = store.as_context().engine().clone();
        let module = Module::new(&engine, copying(ty))?;
        let import = Extern::SharedMemory(shared.clone());
        let instance = undisturbed(store, |store| Instance::new(store, &module, &[import]))?;
        let memory = instance.get_memory(&mut *store, "memory").expect("it is exported");
        let run = instance.get_typed_func(&mut *store, "run")?;
        Ok(Copier { place: place(shared), memory, run })
    }
}

/// A module that imports a memory of type `ty`, and copies as much of it as it is told.
fn copying(ty: &MemoryType) -> Vec<u8> {
    let page_size_log2 = (ty.page_size() != PAGE).then(|| ty.page_size().ilog2());
    let shared = wasm_encoder::MemoryType {
        minimum: ty.minimum(),
        maximum: ty.maximum(),
        memory64: ty.is_64(),
        shared: true,
        page_size_log2,
    };
    let own = wasm_encoder::MemoryType {
        minimum: MOST / PAGE,
        maximum: Some(MOST / PAGE),
        memory64: false,
        shared: false,
        page_size_log2: None,
    };
    let mut types = TypeSection::new();
    types.ty().function([ValType::I32], []);
    let mut imports = ImportSection::new();
    imports.import("", "shared", EntityType::Memory(shared));
    let mut functions = FunctionSection::new();
    functions.function(0);
    let mut memories = MemorySection::new();
    memories.memory(own);
    let mut exports = ExportSection::new();
    exports.export("memory", ExportKind::Memory, 1);
    exports.export("run", ExportKind::Func, 0);
    let mut run = Function::new([]);
    let zero = if ty.is_64() { Instruction::I64Const(0) } else { Instruction::I32Const(0) };
    let copy = Instruction::MemoryCopy { src_mem: 0, dst_mem: 1 };
    for instruction in
        [Instruction::I32Const(0), zero, Instruction::LocalGet(0), copy, Instruction::End]
    {
        run.instruction(&instruction);
    }
    let mut code = CodeSection::new();
    code.function(&run);
    let mut module = wasm_encoder::Module::new();
    module.section(&types).section(&imports).section(&functions).section(&memories);
    module.section(&exports).section(&code);
    module.finish()
}
