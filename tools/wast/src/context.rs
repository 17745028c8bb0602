//! The state of a script: a store, its instances by name, and what is registered.

use crate::{Options, spectest};
use rwasm::{Config, Engine, Extern, Features, Instance, Linker, Module, SharedMemory, Store, Val};
use std::collections::HashMap;
use wast::token::Id;
use wast::{WastArg, WastExecute, WastInvoke};

/// The state of a script.
pub struct Context {
    pub engine: Engine,
    pub store: Store<()>,
    linker: Linker<()>,
    /// Instances by their names in the script, and the last one as `None`.
    instances: HashMap<Option<String>, Instance>,
    /// What another thread shares of its instances: their shared memories, by name.
    shared: HashMap<String, Shared>,
    /// Modules of `module definition`, likewise.
    definitions: HashMap<Option<String>, Module>,
    options: Options,
}

/// Proposals that allow what the specification refuses.
const PROPOSALS: Features = Features::CUSTOM_DESCRIPTORS.with(Features::STACK_SWITCHING);

/// What assertions of older scripts refuse, and the feature that allows it today.
const OUTDATED: &[(&str, Features)] = &[
    ("multiple memories", Features::MULTI_MEMORY),
    ("multiple tables", Features::REFERENCE_TYPES),
];

/// The shared memories that an instance exports, by name.
type Shared = Vec<(String, SharedMemory)>;

/// Why a directive did not get to its result.
#[derive(Debug)]
pub enum Stop {
    /// The engine says so.
    Engine(rwasm::Error),
    /// The script cannot be followed.
    Script(String),
}

impl From<rwasm::Error> for Stop {
    fn from(error: rwasm::Error) -> Self {
        Stop::Engine(error)
    }
}

impl std::fmt::Display for Stop {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Stop::Engine(error) => write!(f, "{error:#}"),
            Stop::Script(message) => f.write_str(message),
        }
    }
}

type Result<T> = std::result::Result<T, Stop>;

impl Context {
    pub fn new(engine: &Engine, options: &Options) -> rwasm::Result<Self> {
        let mut store = Store::new(engine, ());
        let mut linker = Linker::new(engine);
        linker.allow_shadowing(true);
        spectest::define(&mut store, &mut linker, options.prints)?;
        Ok(Context {
            engine: engine.clone(),
            store,
            linker,
            instances: HashMap::new(),
            shared: HashMap::new(),
            definitions: HashMap::new(),
            options: options.clone(),
        })
    }

    /// The engine to ask about a module that a script refuses with `message` and that is accepted:
    /// one without the feature that allows it, if the script is older than that, and without
    /// proposals, which allow what the scripts of the specification refuse.
    pub fn stricter_engine(&self, message: &str) -> rwasm::Result<Engine> {
        let outdated = OUTDATED.iter().find(|(refusal, _)| *refusal == message);
        let without = outdated.map_or(PROPOSALS, |(_, feature)| *feature);
        let features = self.engine.config().decode.features.without(without);
        let mut config = Config::new();
        config.wasm_features(Features::ALL, false).wasm_features(features, true);
        Engine::new(&config)
    }

    /// The state of a thread, which has a store of its own. Of the script's instances it knows
    /// `shared`, of which it can reach shared memories.
    pub fn thread(&mut self, shared: Option<Id<'_>>) -> Result<Self> {
        let mut thread = Context::new(&self.engine, &self.options)?;
        if let Some(id) = shared {
            let memories = match self.shared.get(id.name()) {
                Some(memories) => memories.clone(),
                None => {
                    let instance = self.instance(shared)?;
                    let exports = instance.exports(&mut self.store);
                    let shared = exports.filter_map(|export| {
                        let name = export.name().to_owned();
                        Some((name, export.into_shared_memory()?))
                    });
                    shared.collect()
                }
            };
            thread.shared.insert(id.name().to_owned(), memories);
        }
        Ok(thread)
    }

    /// Instantiates `module`, as the last one and under its name if it has one.
    pub fn instantiate(&mut self, name: Option<Id<'_>>, module: &Module) -> Result<()> {
        // A module that cannot be instantiated must not leave the one before it in its place.
        self.instances.remove(&None);
        let instance = self.linker.instantiate(&mut self.store, module)?;
        remember(&mut self.instances, name, instance);
        Ok(())
    }

    /// Instantiates `module` for what happens meanwhile.
    pub fn try_instantiate(&mut self, module: &Module) -> Result<()> {
        self.linker.instantiate(&mut self.store, module)?;
        Ok(())
    }

    pub fn define(&mut self, name: Option<Id<'_>>, module: Module) {
        remember(&mut self.definitions, name, module);
    }

    pub fn instantiate_definition(
        &mut self,
        instance: Option<Id<'_>>,
        module: Option<Id<'_>>,
    ) -> Result<()> {
        let found = self.definitions.get(&key(module)).cloned();
        let module = found.ok_or_else(|| missing("module definition", module))?;
        self.instantiate(instance, &module)
    }

    pub fn register(&mut self, name: &str, module: Option<Id<'_>>) -> Result<()> {
        let shared = module.and_then(|module| self.shared.get(module.name()));
        if let Some(memories) = shared {
            for (export, memory) in memories {
                self.linker.define(&self.store, name, export, memory.clone())?;
            }
            return Ok(());
        }
        let instance = self.instance(module)?;
        self.linker.instance(&mut self.store, name, instance)?;
        Ok(())
    }

    fn instance(&self, name: Option<Id<'_>>) -> Result<Instance> {
        self.instances.get(&key(name)).copied().ok_or_else(|| missing("instance", name))
    }

    fn export(&mut self, module: Option<Id<'_>>, name: &str) -> Result<Extern> {
        let export = self.instance(module)?.get_export(&mut self.store, name);
        export.ok_or_else(|| Stop::Script(format!("there is no export {name:?}")))
    }

    /// Carries out an action and gives its results.
    pub fn execute(&mut self, action: WastExecute<'_>) -> Result<Vec<Val>> {
        match action {
            WastExecute::Invoke(invoke) => self.invoke(&invoke),
            WastExecute::Get { module, global, .. } => match self.export(module, global)? {
                Extern::Global(global) => Ok(vec![global.get(&mut self.store)]),
                _ => Err(Stop::Script(format!("the export {global:?} is no global"))),
            },
            WastExecute::Wat(_) => {
                Err(Stop::Script("only `assert_trap` can be about a module".into()))
            }
        }
    }

    pub fn invoke(&mut self, invoke: &WastInvoke<'_>) -> Result<Vec<Val>> {
        let Extern::Func(func) = self.export(invoke.module, invoke.name)? else {
            return Err(Stop::Script(format!("the export {:?} is no function", invoke.name)));
        };
        let ty = func.ty(&self.store);
        let mut args = Vec::with_capacity(invoke.args.len());
        for (i, arg) in invoke.args.iter().enumerate() {
            let WastArg::Core(arg) = arg else {
                return Err(Stop::Script("arguments have to be of core WebAssembly".into()));
            };
            args.push(self.argument(arg, ty.param(i))?);
        }
        let mut results = vec![Val::I32(0); ty.results().len()];
        func.call(&mut self.store, &args, &mut results)?;
        Ok(results)
    }
}

fn key(name: Option<Id<'_>>) -> Option<String> {
    name.map(|id| id.name().to_owned())
}

/// Puts `item` in `items` as the last one, and under its name if it has one.
fn remember<T: Clone>(items: &mut HashMap<Option<String>, T>, name: Option<Id<'_>>, item: T) {
    if name.is_some() {
        items.insert(key(name), item.clone());
    }
    items.insert(None, item);
}

fn missing(what: &str, name: Option<Id<'_>>) -> Stop {
    Stop::Script(match name {
        Some(id) => format!("there is no {what} ${}", id.name()),
        None => format!("there is no {what} yet"),
    })
}
