//! [`Report`]: what there is to say of a module.

use super::capability::{CAPABILITIES, Capability};
use super::features;
use super::producers::{self, Field};
use crate::entry::{self, Kind};
use crate::exit::Stop;
use rwasm::wasi::{p0, p1, threads};
use rwasm::{Features, ImportType, Module};
use std::path::{Path, PathBuf};

/// What there is to say of a module.
pub struct Report<'m> {
    /// Where it is from.
    pub file: PathBuf,
    /// The module, for what it says itself.
    pub module: &'m Module,
    /// What is called in it.
    pub kind: Kind,
    /// The versions of WASI that it imports from.
    pub versions: Vec<&'static str>,
    /// What it asks for that rwasm has, and the imports by which it does.
    pub asks: Vec<(&'static Capability, Vec<ImportType<'m>>)>,
    /// Imports that nobody but its own embedder can have.
    pub foreign: Vec<ImportType<'m>>,
    /// The features of WebAssembly that it cannot do without.
    pub features: Features,
    /// What it was made with.
    pub producers: Vec<Field>,
    /// How many bytes its functions have.
    pub code: usize,
    /// How many bytes its data segments have.
    pub data: usize,
    /// Custom sections and how many bytes they have.
    pub customs: Vec<(&'m str, usize)>,
}

/// Modules that are imported from, and which version of WASI that is.
const VERSIONS: [(&str, &str); 3] =
    [(p1::MODULE, "WASI 0.1"), (p0::MODULE, "WASI before 0.1"), (threads::MODULE, "wasi-threads")];

impl<'m> Report<'m> {
    /// Reads a module.
    ///
    /// # Errors
    ///
    /// If there can be no engine to find out about features.
    pub fn of(file: &Path, module: &'m Module) -> Result<Self, Stop> {
        let syntax = module.syntax();
        let mut asks: Vec<_> = CAPABILITIES.iter().map(|asked| (asked, Vec::new())).collect();
        let mut foreign = Vec::new();
        let mut versions = Vec::new();
        for import in module.imports() {
            let Some(capability) = Capability::of(&import) else {
                foreign.push(import);
                continue;
            };
            let of_module = |version: &&(&str, _)| version.0 == import.module();
            let version = VERSIONS.iter().find(of_module).map(|version| version.1);
            versions.extend(version.filter(|version| !versions.contains(version)));
            let ask = asks.iter_mut().find(|ask| ask.0.name == capability.name);
            ask.into_iter().for_each(|ask| ask.1.push(import.clone()));
        }
        asks.retain(|ask| !ask.1.is_empty());
        for (capability, imports) in &mut asks {
            *capability = capability.used_by(imports);
        }
        let sections = module.custom_sections("producers");
        Ok(Report {
            file: file.to_owned(),
            module,
            kind: entry::kind(module),
            versions,
            asks,
            foreign,
            features: features::needed(syntax.bytes())?,
            producers: sections.flat_map(producers::fields).collect(),
            code: syntax.bodies.iter().map(|body| body.len()).sum(),
            data: syntax.datas.iter().map(|data| data.bytes.len()).sum(),
            customs: syntax.customs.iter().map(|(name, at)| (&**name, at.len())).collect(),
        })
    }

    /// Whether there are names of functions.
    pub fn has_names(&self) -> bool {
        !self.module.syntax().names.funcs.is_empty()
    }

    /// Whether there is debug information.
    pub fn has_dwarf(&self) -> bool {
        self.customs.iter().any(|(name, _)| *name == ".debug_info")
    }

    /// The features that it needs and that are off unless they are asked for.
    pub fn unusual_features(&self) -> Features {
        self.features.without(Features::default())
    }
}
