//! Instances of modules in a store. Spec: *Execution → Runtime Structure → Module Instances*.

use super::{Export, Extern, Func, Global, Memory, SharedMemory, Table, Tag, TypedFunc};
use crate::instantiate::instantiate;
use crate::store::{AsContextMut, StoreContext, StoreContextMut, StoreId, StoreInner};
use crate::vm::InstanceData;
use crate::wasm_ty::{WasmParams, WasmResults};
use crate::{Error, Module, Result};
use alloc::vec::Vec;
use rwasm_parser::ExternIdx;

/// An instance of a module.
///
/// ```
/// use rwasm::{Engine, Instance, Module, Store};
///
/// let engine = Engine::default();
/// let module = Module::new(
///     &engine,
///     r#"(module (func (export "add") (param i32 i32) (result i32)
///         (i32.add (local.get 0) (local.get 1))))"#,
/// )?;
/// let mut store = Store::new(&engine, ());
/// let instance = Instance::new(&mut store, &module, &[])?;
/// let add = instance.get_typed_func::<(i32, i32), i32>(&mut store, "add")?;
/// assert_eq!(add.call(&mut store, (40, 2))?, 42);
/// # Ok::<(), rwasm::Error>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Instance {
    pub(crate) store: StoreId,
    pub(crate) addr: u32,
}

impl Instance {
    /// An instance of `module` whose imports are `imports`, in the order of [`Module::imports`].
    ///
    /// Runs the module's start function.
    ///
    /// # Errors
    ///
    /// If the imports are too few or too many, or with
    /// - [`LinkError`](crate::LinkError) if one does not match,
    /// - a [`Trap`](crate::Trap) if a segment does not fit its table or memory, or the start
    ///   function traps,
    /// - the error of a host function that the start function called,
    /// - the store's limiter's refusal.
    pub fn new(
        mut store: impl AsContextMut,
        module: &Module,
        imports: &[Extern],
    ) -> Result<Instance> {
        let mut store = store.as_context_mut();
        crate::matching::check_imports(store.inner, module, imports)?;
        store.erased(|store| instantiate(store, module, imports))
    }

    fn inst<'s>(&self, store: &'s StoreInner) -> &'s InstanceData {
        store.id.check(self.store);
        &store.instances[self.addr as usize]
    }

    /// The module.
    pub fn module<'a, T: 'static>(&self, store: impl Into<StoreContext<'a, T>>) -> &'a Module {
        &self.inst(store.into().inner).module
    }

    /// What the instance exports as `name`.
    pub fn get_export(&self, mut store: impl AsContextMut, name: &str) -> Option<Extern> {
        let store = store.as_context_mut().inner;
        let index = self.inst(store).module.export_index(name)?;
        Some(self.item(store, index))
    }

    /// The item that an index of the module stands for.
    pub(crate) fn item(&self, store: &mut StoreInner, index: ExternIdx) -> Extern {
        let id = store.id;
        let addrs = &self.inst(store).addrs;
        match index {
            ExternIdx::Func(idx) => {
                let instance = store.instances[self.addr as usize].as_ptr();
                let func = crate::vm::instance_func(store, instance, idx);
                Extern::Func(Func::from_vm(store, func))
            }
            ExternIdx::Global(idx) => {
                Extern::Global(Global { store: id, addr: addrs.globals[idx.index()] })
            }
            ExternIdx::Table(idx) => {
                Extern::Table(Table { store: id, addr: addrs.tables[idx.index()] })
            }
            ExternIdx::Mem(idx) => {
                let addr = addrs.mems[idx.index()];
                match store.mems[addr as usize].as_shared() {
                    Some(inst) => SharedMemory::from_inst(&store.engine, inst).into(),
                    None => Extern::Memory(Memory { store: id, addr }),
                }
            }
            ExternIdx::Tag(idx) => Extern::Tag(Tag { store: id, addr: addrs.tags[idx.index()] }),
        }
    }

    /// Everything that the instance exports, in the order of the module.
    pub fn exports<'a, T: 'static>(
        &'a self,
        store: impl Into<StoreContextMut<'a, T>>,
    ) -> impl ExactSizeIterator<Item = Export<'a>> + 'a {
        let store = store.into().inner;
        let exports = self.inst(store).module.syntax().exports.len();
        let items: Vec<Extern> = (0..exports)
            .map(|i| {
                let index = self.inst(store).module.syntax().exports[i].index;
                self.item(store, index)
            })
            .collect();
        let exports = &self.inst(store).module.syntax().exports;
        exports.iter().zip(items).map(|(export, item)| Export { name: &export.name, item })
    }

    /// The function that the instance exports as `name`.
    pub fn get_func(&self, store: impl AsContextMut, name: &str) -> Option<Func> {
        self.get_export(store, name)?.into_func()
    }

    /// The function that the instance exports as `name`, with its type known to Rust.
    ///
    /// # Errors
    ///
    /// If there is none, or it is of another type.
    pub fn get_typed_func<Params: WasmParams, Results: WasmResults>(
        &self,
        mut store: impl AsContextMut,
        name: &str,
    ) -> Result<TypedFunc<Params, Results>> {
        let func = self
            .get_export(&mut store, name)
            .and_then(Extern::into_func)
            .ok_or_else(|| Error::msg(alloc::format!("failed to find function export `{name}`")))?;
        func.typed(store).map_err(|error| {
            error.context(alloc::format!("failed to convert function `{name}` to given type"))
        })
    }

    /// The table that the instance exports as `name`.
    pub fn get_table(&self, store: impl AsContextMut, name: &str) -> Option<Table> {
        self.get_export(store, name)?.into_table()
    }

    /// The shared memory that the instance exports as `name`.
    pub fn get_shared_memory(&self, store: impl AsContextMut, name: &str) -> Option<SharedMemory> {
        self.get_export(store, name)?.into_shared_memory()
    }

    /// The memory that the instance exports as `name`, if it is not shared.
    pub fn get_memory(&self, store: impl AsContextMut, name: &str) -> Option<Memory> {
        self.get_export(store, name)?.into_memory()
    }

    /// The global that the instance exports as `name`.
    pub fn get_global(&self, store: impl AsContextMut, name: &str) -> Option<Global> {
        self.get_export(store, name)?.into_global()
    }

    /// The tag that the instance exports as `name`.
    pub fn get_tag(&self, store: impl AsContextMut, name: &str) -> Option<Tag> {
        self.get_export(store, name)?.into_tag()
    }
}
