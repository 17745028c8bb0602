//! Modules: decoded, validated, and taken on by the engine's tier.

mod validate;

use crate::tier::Code;
use crate::ty::{ExportType, ExternType, ImportType, globalize_extern};
use crate::types::TypeId;
use crate::{Engine, Result};
use alloc::{boxed::Box, sync::Arc};
use rwasm_parser as syntax;
use rwasm_parser::{ExternIdx, TypeIdx};

/// A module, ready to be instantiated. Clones are the same module.
///
/// ```
/// use rwasm::{Engine, Module};
///
/// let engine = Engine::default();
/// let module = Module::new(&engine, r#"(module (func (export "f") (param i32)))"#)?;
/// let export = module.exports().next().unwrap();
/// assert_eq!((export.name(), export.ty().unwrap_func().params().len()), ("f", 1));
///
/// // What is not valid is an error that says where and why.
/// let error = Module::new(&engine, "(module (func i32.add))").unwrap_err();
/// assert!(error.to_string().contains("type mismatch"));
/// # Ok::<(), rwasm::Error>(())
/// ```
#[derive(Clone)]
pub struct Module(Arc<Inner>);

struct Inner {
    syntax: Arc<syntax::Module<'static>>,
    engine: Engine,
    type_ids: Arc<[TypeId]>,
    code: Arc<dyn Code>,
    /// Positions of the exports, sorted by their names.
    export_order: Box<[u32]>,
}

impl Module {
    /// Decodes and validates a module, and prepares it for execution.
    ///
    /// With the feature `wat`, `bytes` may be in the text format too.
    ///
    /// # Errors
    ///
    /// With a [`DecodeError`](crate::DecodeError) if `bytes` are no valid module, or
    /// [`Unsupported`](crate::Unsupported) if the module needs what this version cannot execute.
    pub fn new(engine: &Engine, bytes: impl AsRef<[u8]>) -> Result<Module> {
        #[cfg(feature = "wat")]
        if !bytes.as_ref().starts_with(b"\0asm") {
            return Module::from_binary(engine, &wat::parse_bytes(bytes.as_ref())?);
        }
        Module::from_binary(engine, bytes.as_ref())
    }

    /// As [`Module::new`], with the bytes of a file.
    ///
    /// # Errors
    ///
    /// As [`Module::new`], and if the file cannot be read.
    #[cfg(feature = "std")]
    pub fn from_file(engine: &Engine, file: impl AsRef<std::path::Path>) -> Result<Module> {
        let file = file.as_ref();
        let read = std::fs::read(file).map_err(crate::Error::from);
        #[cfg(feature = "wat")]
        let read = read.and_then(|bytes| match bytes.starts_with(b"\0asm") {
            true => Ok(bytes),
            false => Ok(wat::parse_bytes(&bytes)?.into_owned()),
        });
        read.and_then(|bytes| Module::from_owned_binary(engine, bytes))
            .map_err(|error| error.context(alloc::format!("failed to load {}", file.display())))
    }

    /// As [`Module::new`], for the binary format only.
    ///
    /// # Errors
    ///
    /// As [`Module::new`].
    pub fn from_binary(engine: &Engine, bytes: &[u8]) -> Result<Module> {
        Module::from_owned_binary(engine, bytes.to_vec())
    }

    /// As [`Module::from_binary`], keeping `bytes` instead of a copy of them: a `Vec<u8>` or
    /// `Box<[u8]>`, an `Arc<[u8]>`, or those of the program.
    ///
    /// ```
    /// use rwasm::{Engine, Module};
    ///
    /// // Those of a program, or what a file held, or what is shared with others.
    /// static EMPTY: &[u8] = b"\0asm\x01\0\0\0";
    /// let engine = Engine::default();
    /// let module = Module::from_owned_binary(&engine, EMPTY)?;
    /// let module = Module::from_owned_binary(&engine, EMPTY.to_vec())?;
    /// let module = Module::from_owned_binary(&engine, std::sync::Arc::<[u8]>::from(EMPTY))?;
    /// # Ok::<(), rwasm::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`Module::new`].
    pub fn from_owned_binary(
        engine: &Engine,
        bytes: impl Into<syntax::Bytes<'static>>,
    ) -> Result<Module> {
        let config = engine.config();
        // Compiling validates.
        let syntax = match config.eager_compilation || config.lazy_validation {
            true => syntax::Module::decode(bytes, &config.decode)?,
            false => validate::decode(bytes, &config.decode)?,
        };
        let syntax = Arc::new(syntax);
        let type_ids: Arc<[TypeId]> = engine.types().register(&syntax.types)?.into();
        let code = engine.tier().prepare(&syntax, &type_ids, config)?;
        if config.eager_compilation {
            code.compile_all()?;
        }
        let mut export_order: Box<[u32]> = (0..syntax.exports.len() as u32).collect();
        export_order.sort_unstable_by_key(|&at| &syntax.exports[at as usize].name);
        let engine = engine.clone();
        Ok(Module(Arc::new(Inner { syntax, engine, type_ids, code, export_order })))
    }

    /// Whether `bytes` are a valid module in the binary format.
    ///
    /// # Errors
    ///
    /// With a [`DecodeError`](crate::DecodeError) if they are none.
    pub fn validate(engine: &Engine, bytes: &[u8]) -> Result<()> {
        validate::decode(bytes, &engine.config().decode)?;
        Ok(())
    }

    /// The name that the module gives itself in its name section.
    pub fn name(&self) -> Option<&str> {
        self.0.syntax.names.module.as_deref()
    }

    /// The engine that the module was made for.
    pub fn engine(&self) -> &Engine {
        &self.0.engine
    }

    /// What the module imports.
    pub fn imports(&self) -> impl ExactSizeIterator<Item = ImportType<'_>> + '_ {
        self.0.syntax.imports.iter().map(|import| ImportType {
            module: &import.module,
            name: &import.name,
            ty: self.extern_type(&import.ty),
        })
    }

    /// What the module exports.
    pub fn exports(&self) -> impl ExactSizeIterator<Item = ExportType<'_>> + '_ {
        let exports = self.0.syntax.exports.iter();
        exports.map(|export| ExportType { name: &export.name, ty: self.index_type(export.index) })
    }

    /// The type of what the module exports as `name`.
    pub fn get_export(&self, name: &str) -> Option<ExternType> {
        self.export_index(name).map(|index| self.index_type(index))
    }

    /// The contents of the custom sections called `name`.
    pub fn custom_sections<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a [u8]> + 'a {
        let sections = self.0.syntax.customs.iter().filter(move |section| &*section.0 == name);
        sections.map(|section| &self.0.syntax.bytes()[section.1.clone()])
    }

    /// Checks the custom sections to which the specification and its proposals give a meaning, of
    /// which a module is valid whatever is in them.
    ///
    /// # Errors
    ///
    /// With the first mistake.
    pub fn check_custom_sections(&self) -> Result<()> {
        Ok(self.0.syntax.check_custom_sections()?)
    }

    /// What the export called `name` is.
    pub(crate) fn export_index(&self, name: &str) -> Option<ExternIdx> {
        let exports = &self.0.syntax.exports;
        let order = &self.0.export_order;
        let at = order.binary_search_by_key(&name, |&at| &exports[at as usize].name).ok()?;
        Some(exports[order[at] as usize].index)
    }

    fn index_type(&self, index: ExternIdx) -> ExternType {
        let syntax = &self.0.syntax;
        self.extern_type(&match index {
            ExternIdx::Func(idx) => syntax::ExternType::Func(syntax.funcs[idx.index()]),
            ExternIdx::Table(idx) => syntax::ExternType::Table(syntax.tables[idx.index()]),
            ExternIdx::Mem(idx) => syntax::ExternType::Mem(syntax.mems[idx.index()]),
            ExternIdx::Global(idx) => syntax::ExternType::Global(syntax.globals[idx.index()]),
            ExternIdx::Tag(idx) => syntax::ExternType::Tag(syntax.tags[idx.index()]),
        })
    }

    fn extern_type(&self, ty: &syntax::ExternType) -> ExternType {
        ExternType::from_syntax(&self.0.engine, &globalize_extern(&self.0.type_ids, ty))
    }

    /// What the module was decoded to.
    pub fn syntax(&self) -> &syntax::Module<'static> {
        &self.0.syntax
    }

    /// What the tier made of it.
    pub fn code(&self) -> &dyn Code {
        &*self.0.code
    }

    pub(crate) fn type_ids(&self) -> &[TypeId] {
        &self.0.type_ids
    }

    pub(crate) fn type_id(&self, idx: TypeIdx) -> TypeId {
        self.0.type_ids[idx.index()]
    }

    /// Whether two handles are the same module.
    pub fn same(a: &Module, b: &Module) -> bool {
        Arc::ptr_eq(&a.0, &b.0)
    }
}

impl core::fmt::Debug for Module {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Module").field("name", &self.name()).finish_non_exhaustive()
    }
}
