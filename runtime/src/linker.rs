//! Names for what modules import.

use crate::error::LinkError;
use crate::handle::{Extern, Func, Instance};
use crate::host::{Caller, HostFunc, IntoFunc};
use crate::instantiate::instantiate;
use crate::matching::{check_import, check_imports};
use crate::store::{AsContext, AsContextMut, StoreInner};
use crate::val::{Ref, Val};
use crate::{Engine, Error, ExternType, FuncType, Global, ImportType, Memory, Module, Result};
use crate::{SharedMemory, Table, Tag, ValType};
use alloc::collections::BTreeMap;
use alloc::{boxed::Box, string::String, sync::Arc, vec::Vec};
use core::marker::PhantomData;
use rwasm_parser::{ExternType as SyntaxType, Import, TypeIdx};

/// Definitions by the two names that imports have, for stores over `T`.
///
/// Host functions belong to no store and can be used with many; what is in a store can be used
/// with that store only.
///
/// ```
/// use rwasm::{Engine, LinkError, Linker, Module, Store};
///
/// let engine = Engine::default();
/// let mut linker = Linker::new(&engine);
/// linker.func_wrap("math", "square", |n: i64| n * n)?;
///
/// let module = Module::new(
///     &engine,
///     r#"(module (import "math" "square" (func $square (param i64) (result i64)))
///         (func (export "run") (result i64) (call $square (i64.const 12))))"#,
/// )?;
/// let mut store = Store::new(&engine, ());
/// let instance = linker.instantiate(&mut store, &module)?;
/// let run = instance.get_typed_func::<(), i64>(&mut store, "run")?;
/// assert_eq!(run.call(&mut store, ())?, 144);
///
/// // What is missing is named.
/// let module = Module::new(&engine, r#"(module (import "math" "cube" (func)))"#)?;
/// let error = linker.instantiate(&mut store, &module).unwrap_err();
/// assert_eq!(error.downcast_ref::<LinkError>().unwrap().name, "cube");
/// # Ok::<(), rwasm::Error>(())
/// ```
pub struct Linker<T: 'static> {
    engine: Engine,
    shadowing: bool,
    modules: BTreeMap<Box<str>, BTreeMap<Box<str>, Definition>>,
    data: PhantomData<fn() -> T>,
}

/// What a name stands for.
#[derive(Clone)]
enum Definition {
    Item(Extern),
    Host(HostFunc),
}

impl Definition {
    /// The item, which a host function becomes now.
    fn to_item(&self, store: &mut StoreInner) -> Extern {
        match self {
            Definition::Item(item) => item.clone(),
            Definition::Host(host) => Extern::Func(Func::from_host(store, host)),
        }
    }
}

impl<T: 'static> Clone for Linker<T> {
    fn clone(&self) -> Self {
        Linker {
            engine: self.engine.clone(),
            shadowing: self.shadowing,
            modules: self.modules.clone(),
            data: PhantomData,
        }
    }
}

impl<T: 'static> core::fmt::Debug for Linker<T> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Linker").finish_non_exhaustive()
    }
}

impl<T: 'static> Linker<T> {
    /// A linker without definitions.
    pub fn new(engine: &Engine) -> Self {
        Linker {
            engine: engine.clone(),
            shadowing: false,
            modules: BTreeMap::new(),
            data: PhantomData,
        }
    }

    /// The engine.
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// Whether a name may be defined again, which is an error otherwise.
    pub fn allow_shadowing(&mut self, allow: bool) -> &mut Self {
        self.shadowing = allow;
        self
    }

    fn insert(&mut self, module: &str, name: &str, definition: Definition) -> Result<&mut Self> {
        let names = match self.modules.get_mut(module) {
            Some(names) => names,
            None => self.modules.entry(module.into()).or_default(),
        };
        if !self.shadowing && names.contains_key(name) {
            return Err(Error::msg(alloc::format!("import of `{module}::{name}` defined twice")));
        }
        names.insert(name.into(), definition);
        Ok(self)
    }

    fn find(&self, module: &str, name: &str) -> Option<&Definition> {
        self.modules.get(module)?.get(name)
    }

    /// Defines an item of `store`.
    ///
    /// # Errors
    ///
    /// If the name is defined already.
    ///
    /// # Panics
    ///
    /// If `item` is of another store.
    pub fn define(
        &mut self,
        store: impl AsContext<Data = T>,
        module: &str,
        name: &str,
        item: impl Into<Extern>,
    ) -> Result<&mut Self> {
        let item = item.into();
        let is_ours = item.is_of(store.as_context().inner);
        assert!(is_ours, "an item of another store or engine is defined");
        self.insert(module, name, Definition::Item(item))
    }

    /// Defines a host function whose type is known at run time only; see [`Func::new`].
    ///
    /// # Errors
    ///
    /// If the name is defined already.
    ///
    /// # Panics
    ///
    /// If `ty` is of another engine.
    pub fn func_new(
        &mut self,
        module: &str,
        name: &str,
        ty: FuncType,
        func: impl Fn(Caller<'_, T>, &[Val], &mut [Val]) -> Result<()> + Send + Sync + 'static,
    ) -> Result<&mut Self> {
        ty.check_engine(&self.engine);
        self.insert(module, name, Definition::Host(HostFunc::dynamic(&ty, func)))
    }

    /// Defines a host function whose type is that of a closure; see [`Func::wrap`].
    ///
    /// # Errors
    ///
    /// If the name is defined already.
    pub fn func_wrap<Params, Results>(
        &mut self,
        module: &str,
        name: &str,
        func: impl IntoFunc<T, Params, Results>,
    ) -> Result<&mut Self> {
        let host = func.into_host(&self.engine);
        self.insert(module, name, Definition::Host(host))
    }

    /// Defines every export of `instance` under its own name in `module`.
    ///
    /// # Errors
    ///
    /// If a name is defined already.
    pub fn instance(
        &mut self,
        mut store: impl AsContextMut<Data = T>,
        module: &str,
        instance: Instance,
    ) -> Result<&mut Self> {
        let mut store = store.as_context_mut();
        for export in instance.exports(&mut store) {
            self.insert(module, export.name(), Definition::Item(export.into_extern()))?;
        }
        Ok(self)
    }

    /// Defines the exports of `module` under `module_name`.
    ///
    /// A *command*, which exports `_start`, is instantiated anew for each call of one of its
    /// functions. Any other is instantiated now, and its `_initialize` called if it exports that.
    ///
    /// # Errors
    ///
    /// If a name is defined already, or if instantiation or `_initialize` fails.
    pub fn module(
        &mut self,
        mut store: impl AsContextMut<Data = T>,
        module_name: &str,
        module: &Module,
    ) -> Result<&mut Self> {
        let takes_nothing = |name| match module.get_export(name) {
            Some(ExternType::Func(ty)) => ty.params().len() == 0 && ty.results().len() == 0,
            _ => false,
        };
        if takes_nothing("_start") {
            return self.command(module_name, module);
        }
        let instance = self.instantiate(&mut store, module)?;
        if takes_nothing("_initialize") {
            instance.get_typed_func::<(), ()>(&mut store, "_initialize")?.call(&mut store, ())?;
        }
        self.instance(store, module_name, instance)
    }

    fn command(&mut self, module_name: &str, module: &Module) -> Result<&mut Self> {
        let pre = self.instantiate_pre(module)?;
        for export in module.exports() {
            let ExternType::Func(ty) = export.ty() else { continue };
            let (pre, name) = (pre.clone(), String::from(export.name()));
            self.func_new(module_name, export.name(), ty, move |mut caller, params, results| {
                let instance = pre.instantiate(&mut caller)?;
                let func = instance.get_func(&mut caller, &name);
                let func = func.ok_or_else(|| Error::msg("an exported function is missing"))?;
                func.call(&mut caller, params, results)
            })?;
        }
        Ok(self)
    }

    /// Defines `as_module::as_name` as what `module::name` is.
    ///
    /// # Errors
    ///
    /// If that is not defined, or the new name is.
    pub fn alias(
        &mut self,
        module: &str,
        name: &str,
        as_module: &str,
        as_name: &str,
    ) -> Result<&mut Self> {
        let definition = self.find(module, name).cloned();
        let definition = definition.ok_or_else(|| {
            Error::msg(alloc::format!("no item named `{module}::{name}` defined"))
        })?;
        self.insert(as_module, as_name, definition)
    }

    /// Defines every name of `module` in `as_module` too.
    ///
    /// # Errors
    ///
    /// If a name is defined there already.
    pub fn alias_module(&mut self, module: &str, as_module: &str) -> Result<()> {
        for (name, definition) in self.modules.get(module).cloned().unwrap_or_default() {
            self.insert(as_module, &name, definition)?;
        }
        Ok(())
    }

    /// What `module::name` is.
    pub fn get(
        &self,
        mut store: impl AsContextMut<Data = T>,
        module: &str,
        name: &str,
    ) -> Option<Extern> {
        Some(self.find(module, name)?.to_item(store.as_context_mut().inner))
    }

    /// What is defined by the names of `import`, whether or not its type matches.
    pub fn get_by_import(
        &self,
        store: impl AsContextMut<Data = T>,
        import: &ImportType<'_>,
    ) -> Option<Extern> {
        self.get(store, import.module(), import.name())
    }

    /// All definitions, by module and name.
    pub fn iter<'a: 'p, 'p>(
        &'a self,
        mut store: impl AsContextMut<Data = T> + 'p,
    ) -> impl Iterator<Item = (&'a str, &'a str, Extern)> + 'p {
        let all = self.modules.iter().flat_map(|(module, names)| {
            names.iter().map(move |(name, definition)| (&**module, &**name, definition))
        });
        all.map(move |(module, name, definition)| {
            (module, name, definition.to_item(store.as_context_mut().inner))
        })
    }

    /// The function to call when a module is run: the one called "", or `_start`, or one that does
    /// nothing.
    ///
    /// # Errors
    ///
    /// If what has such a name is no function.
    pub fn get_default(
        &self,
        mut store: impl AsContextMut<Data = T>,
        module: &str,
    ) -> Result<Func> {
        for name in ["", "_start"] {
            if let Some(item) = self.get(&mut store, module, name) {
                return item.into_func().ok_or_else(|| {
                    Error::msg(alloc::format!("default export in '{module}' is not a function"))
                });
            }
        }
        Ok(Func::wrap(store, || {}))
    }

    /// Instantiates `module` with what its imports are defined as.
    ///
    /// # Errors
    ///
    /// With a [`LinkError`] if an import is not defined or does not match; else as
    /// [`Instance::new`].
    pub fn instantiate(
        &self,
        mut store: impl AsContextMut<Data = T>,
        module: &Module,
    ) -> Result<Instance> {
        let definitions: Vec<&Definition> = self.resolve(module).collect::<Result<_, _>>()?;
        instantiate_with(&mut store, module, definitions.into_iter())
    }

    /// Looks up the imports of `module` once for many instantiations.
    ///
    /// # Errors
    ///
    /// With a [`LinkError`] if an import is not defined, or a host function does not match.
    pub fn instantiate_pre(&self, module: &Module) -> Result<InstancePre<T>> {
        let mut definitions = Vec::with_capacity(module.syntax().imports.len());
        for (import, definition) in module.syntax().imports.iter().zip(self.resolve(module)) {
            let definition = definition?;
            if let Definition::Host(host) = definition {
                let found = SyntaxType::Func(TypeIdx(host.0.type_id.0));
                check_import(module, import, Some(&found))?;
            }
            definitions.push(definition.clone());
        }
        let definitions = definitions.into();
        Ok(InstancePre { module: module.clone(), definitions, data: PhantomData })
    }

    fn resolve<'a>(
        &'a self,
        module: &'a Module,
    ) -> impl Iterator<Item = Result<&'a Definition, LinkError>> {
        module.syntax().imports.iter().map(|import| self.resolve_one(module, import))
    }

    fn resolve_one(&self, module: &Module, import: &Import) -> Result<&Definition, LinkError> {
        match self.find(&import.module, &import.name) {
            Some(definition) => Ok(definition),
            None => Err(check_import(module, import, None).expect_err("nothing matches nothing")),
        }
    }

    /// Defines each function that `module` imports and nobody defined as one that ends the run
    /// with a [`LinkError`].
    ///
    /// # Errors
    ///
    /// If a definition fails.
    pub fn define_unknown_imports_as_traps(&mut self, module: &Module) -> Result<()> {
        for (import, ty) in module.syntax().imports.iter().zip(module.imports()) {
            let (Err(error), ExternType::Func(ty)) = (self.resolve_one(module, import), ty.ty())
            else {
                continue;
            };
            let trap = move |_: Caller<'_, T>, _: &[Val], _: &mut [Val]| Err(error.clone().into());
            self.func_new(&import.module, &import.name, ty, trap)?;
        }
        Ok(())
    }

    /// Defines each import of `module` that nobody defined: functions return zeros and nulls,
    /// globals hold them, tables and memories have their least size.
    ///
    /// # Errors
    ///
    /// If an import has a type without such a value, or the store cannot hold more.
    pub fn define_unknown_imports_as_default_values(
        &mut self,
        mut store: impl AsContextMut<Data = T>,
        module: &Module,
    ) -> Result<()> {
        for import in module.imports() {
            if self.find(import.module(), import.name()).is_some() {
                continue;
            }
            let item: Extern = match import.ty() {
                ExternType::Func(ty) => default_func(&mut store, ty)?.into(),
                ExternType::Global(ty) => {
                    let val = default_val(ty.content())?;
                    Global::new(&mut store, ty, val)?.into()
                }
                ExternType::Table(ty) => {
                    let null = Ref::null(ty.element().heap_type());
                    Table::new(&mut store, ty, null)?.into()
                }
                ExternType::Memory(ty) if ty.is_shared() => {
                    SharedMemory::new_in(&mut store, ty)?.into()
                }
                ExternType::Memory(ty) => Memory::new(&mut store, ty)?.into(),
                ExternType::Tag(ty) => Tag::new(&mut store, &ty)?.into(),
            };
            self.define(&store, import.module(), import.name(), item)?;
        }
        Ok(())
    }
}

fn default_val(ty: &ValType) -> Result<Val> {
    Val::default_for_ty(ty)
        .ok_or_else(|| Error::msg(alloc::format!("there is no default value of type {ty}")))
}

fn default_func<T: 'static>(store: impl AsContextMut<Data = T>, ty: FuncType) -> Result<Func> {
    let vals = ty.results().map(|ty| default_val(&ty)).collect::<Result<Vec<_>>>()?;
    Ok(Func::new(store, ty, move |_, _, results| {
        results.copy_from_slice(&vals);
        Ok(())
    }))
}

fn instantiate_with<'a, T: 'static>(
    store: &mut impl AsContextMut<Data = T>,
    module: &Module,
    definitions: impl Iterator<Item = &'a Definition>,
) -> Result<Instance> {
    let mut store = store.as_context_mut();
    let imports: Vec<Extern> =
        definitions.map(|definition| definition.to_item(store.inner)).collect();
    check_imports(store.inner, module, &imports)?;
    store.erased(|store| instantiate(store, module, &imports))
}

/// A module with its imports looked up, to be instantiated any number of times.
///
/// ```
/// use rwasm::{Engine, Linker, Module, Store};
///
/// let engine = Engine::default();
/// let module = Module::new(&engine, "(module (memory 1))")?;
/// let pre = Linker::new(&engine).instantiate_pre(&module)?;
/// for request in 0..3 {
///     let mut store = Store::new(&engine, request);
///     pre.instantiate(&mut store)?;
/// }
/// # Ok::<(), rwasm::Error>(())
/// ```
pub struct InstancePre<T: 'static> {
    module: Module,
    definitions: Arc<[Definition]>,
    data: PhantomData<fn() -> T>,
}

impl<T: 'static> Clone for InstancePre<T> {
    fn clone(&self) -> Self {
        InstancePre {
            module: self.module.clone(),
            definitions: self.definitions.clone(),
            data: PhantomData,
        }
    }
}

impl<T: 'static> InstancePre<T> {
    /// The module.
    pub fn module(&self) -> &Module {
        &self.module
    }

    /// Instantiates the module.
    ///
    /// # Errors
    ///
    /// As [`Linker::instantiate`].
    pub fn instantiate(&self, mut store: impl AsContextMut<Data = T>) -> Result<Instance> {
        instantiate_with(&mut store, &self.module, self.definitions.iter())
    }
}
