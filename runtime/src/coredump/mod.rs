//! Core dumps: what a guest was when it trapped, for debuggers.
//!
//! The format is the tool conventions' (`Coredump.md`): a module whose memories and globals are
//! those of the store, and whose custom sections have the frames.

mod encode;

use crate::backtrace::FrameInfo;
use crate::handle::{Global, Instance, Memory};
use crate::store::{AsContext, StoreId, StoreInner};
use crate::vm::{ExitState, FrameValues, read_frames};
use crate::{Module, Result};
use alloc::vec::Vec;
use core::fmt;

/// What a store's guests were when one of them trapped: frames with their values, modules,
/// instances, memories and globals.
///
/// Errors have one if the engine was made with `Config::coredump_on_trap`;
/// [`Error::downcast_ref`](crate::Error::downcast_ref) finds it. It keeps the frames as they were.
/// Of memories and globals it knows which there are: their contents are taken from the store when
/// the dump is serialized.
///
/// ```
/// use rwasm::{Config, Engine, Instance, Module, Store, WasmCoreDump};
///
/// let engine = Engine::new(Config::new().coredump_on_trap(true))?;
/// let module = Module::new(
///     &engine,
///     r#"(module (memory 1) (data (i32.const 8) "in memory")
///         (func (export "run") (param i32) unreachable))"#,
/// )?;
/// let mut store = Store::new(&engine, ());
/// let instance = Instance::new(&mut store, &module, &[])?;
/// let run = instance.get_typed_func::<i32, ()>(&mut store, "run")?;
/// let error = run.call(&mut store, 7).unwrap_err();
///
/// let dump = error.downcast_ref::<WasmCoreDump>().unwrap();
/// assert_eq!(dump.frames()[0].func_index(), 0);
/// let bytes = dump.serialize(&store, "example.wasm");
/// assert!(bytes.starts_with(b"\0asm"));
/// // A page of memory, and nearly all of it zero.
/// assert!(bytes.len() < 500);
/// # Ok::<(), rwasm::Error>(())
/// ```
pub struct WasmCoreDump {
    store: StoreId,
    modules: Vec<Module>,
    instances: Vec<Instance>,
    memories: Vec<Memory>,
    /// How many memories there were, the shared ones too.
    mems: usize,
    globals: Vec<Global>,
    frames: Vec<FrameInfo>,
    values: Vec<FrameValues>,
}

impl WasmCoreDump {
    /// The guests of a store, the innermost of which was left at `innermost`.
    #[cold]
    pub(crate) fn of(store: &StoreInner, innermost: ExitState) -> Self {
        let id = store.id;
        let mut modules: Vec<Module> = Vec::new();
        for instance in &store.instances {
            // Instances of one module mostly follow each other.
            let known = modules.iter().rev().any(|module| Module::same(module, &instance.module));
            if !known {
                modules.push(instance.module.clone());
            }
        }
        let numbers = |len: usize| 0..len as u32;
        let values = read_frames(store, innermost);
        let frames = values.iter().map(|frame| {
            FrameInfo::new(
                frame.module.clone(),
                frame.func,
                frame.stop.code_offset,
                frame.stop.innermost,
            )
        });
        WasmCoreDump {
            store: id,
            modules,
            instances: numbers(store.instances.len())
                .map(|addr| Instance { store: id, addr })
                .collect(),
            memories: numbers(store.mems.len())
                .filter(|&addr| store.mems[addr as usize].as_shared().is_none())
                .map(|addr| Memory { store: id, addr })
                .collect(),
            mems: store.mems.len(),
            globals: numbers(store.globals.len()).map(|addr| Global { store: id, addr }).collect(),
            frames: frames.collect(),
            values,
        }
    }

    /// Whether it is of this store, and not of that of another of the guest's threads.
    pub fn is_of(&self, store: impl AsContext) -> bool {
        store.as_context().inner.id == self.store
    }

    /// The frames, the innermost first; the outermost of very many are left out.
    pub fn frames(&self) -> &[FrameInfo] {
        &self.frames
    }

    /// The modules that were instantiated in the store.
    pub fn modules(&self) -> &[Module] {
        &self.modules
    }

    /// The instances that were in the store.
    pub fn instances(&self) -> &[Instance] {
        &self.instances
    }

    /// The globals that were in the store.
    pub fn globals(&self) -> &[Global] {
        &self.globals
    }

    /// The memories that were in the store and were not shared.
    pub fn memories(&self) -> &[Memory] {
        &self.memories
    }

    /// The dump in the format of the tool conventions; `name` is that of the program.
    ///
    /// Values that are lost or that the format cannot tell (references and vectors) are marked as
    /// missing, globals that hold references are null. What is zero in memories is left out, and
    /// so is what goes beyond 4 GiB, which a section cannot hold.
    ///
    /// # Panics
    ///
    /// If `store` is not the one in which the guest trapped.
    pub fn serialize(&self, store: impl AsContext, name: &str) -> Vec<u8> {
        let mut bytes = Vec::new();
        let collect = |piece: &[u8]| {
            bytes.extend_from_slice(piece);
            Ok(())
        };
        // What collects bytes cannot fail.
        let _ = self.serialize_to(store, name, collect);
        bytes
    }

    /// As [`WasmCoreDump::serialize`], piece by piece, so that no second copy of memories is made.
    ///
    /// ```
    /// use rwasm::{Config, Engine, Instance, Module, Store, WasmCoreDump};
    /// use std::io::Write;
    ///
    /// let engine = Engine::new(Config::new().coredump_on_trap(true))?;
    /// let module = Module::new(&engine, r#"(module (func (export "run") unreachable))"#)?;
    /// let mut store = Store::new(&engine, ());
    /// let instance = Instance::new(&mut store, &module, &[])?;
    /// let run = instance.get_typed_func::<(), ()>(&mut store, "run")?;
    /// let error = run.call(&mut store, ()).unwrap_err();
    ///
    /// let mut file = std::io::sink();
    /// if let Some(dump) = error.downcast_ref::<WasmCoreDump>() {
    ///     dump.serialize_to(&store, "example.wasm", |bytes| Ok(file.write_all(bytes)?))?;
    /// }
    /// # Ok::<(), rwasm::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// The first that `write` returns.
    ///
    /// # Panics
    ///
    /// If `store` is not the one in which the guest trapped.
    pub fn serialize_to(
        &self,
        store: impl AsContext,
        name: &str,
        mut write: impl FnMut(&[u8]) -> Result<()>,
    ) -> Result<()> {
        let store = store.as_context().inner;
        store.id.check(self.store);
        encode::encode(self, store, name, &mut write)
    }
}

impl fmt::Debug for WasmCoreDump {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WasmCoreDump").field("frames", &self.frames).finish_non_exhaustive()
    }
}

impl fmt::Display for WasmCoreDump {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "core dump of {} frames, {} instances and {} memories",
            self.frames.len(),
            self.instances.len(),
            self.memories.len()
        )
    }
}

impl core::error::Error for WasmCoreDump {}
