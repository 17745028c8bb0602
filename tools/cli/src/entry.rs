//! What is called in an instance.

use crate::backtrace::plain;
use crate::exit::Stop;
use crate::invoke;
use crate::run::RunArgs;
use rwasm::{ExternType, Func, FuncType, Instance, Module, Store, Val};
use std::path::Path;

/// What is called in an instance.
pub enum Entry<'a> {
    /// `_start` of a command.
    Command,
    /// `_initialize` of a reactor, and nothing else.
    Reactor,
    /// Nothing: instantiating the module has run its start function.
    Nothing,
    /// A function with these arguments.
    Invoke { name: &'a str, args: Vec<Val>, reactor: bool },
}

/// What runs in a module if nothing is named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `_start`.
    Command,
    /// `_initialize`, after which its functions can be called.
    Reactor,
    /// The start function, when it is instantiated.
    Start,
    /// Nothing.
    Library,
}

/// Which of these a module is.
pub fn kind(module: &Module) -> Kind {
    if takes_nothing(module, "_start") {
        Kind::Command
    } else if takes_nothing(module, "_initialize") {
        Kind::Reactor
    } else if module.syntax().start.is_some() {
        Kind::Start
    } else {
        Kind::Library
    }
}

/// Whether there is a function `name` without parameters and results.
fn takes_nothing(module: &Module, name: &str) -> bool {
    match module.get_export(name) {
        Some(ExternType::Func(ty)) => ty.params().len() == 0 && ty.results().len() == 0,
        _ => false,
    }
}

impl<'a> Entry<'a> {
    /// What a module and the arguments ask for.
    ///
    /// # Errors
    ///
    /// If there is nothing to call, or not so.
    pub fn of(module: &Module, args: &'a RunArgs) -> Result<Self, Stop> {
        if let Some(name) = &args.invoke {
            let ty = exported_function(module, &args.file, name)?;
            let texts: Vec<_> =
                args.args.iter().map(|arg| arg.to_string_lossy().into_owned()).collect();
            let args = invoke::arguments(name, &ty, &texts)?;
            let reactor = takes_nothing(module, "_initialize");
            return Ok(Entry::Invoke { name, args, reactor });
        }
        match kind(module) {
            Kind::Command => return Ok(Entry::Command),
            Kind::Reactor => return Ok(Entry::Reactor),
            Kind::Start => return Ok(Entry::Nothing),
            Kind::Library => {}
        }
        let path = args.file.display();
        let functions = functions(module);
        Err(Stop::error(match functions.is_empty() {
            true => format!("{path} is not a program: it exports no functions"),
            false => format!(
                "{path} is not a program: it exports no `_start`\n\
                 help: `--invoke NAME` calls one of its functions:{functions}"
            ),
        }))
    }

    /// Calls it, and gives what there is to print.
    pub fn call<T: 'static>(
        self,
        store: &mut Store<T>,
        instance: &Instance,
    ) -> rwasm::Result<Option<String>> {
        let start = |store: &mut Store<T>, name| {
            instance.get_typed_func::<(), ()>(&mut *store, name)?.call(&mut *store, ())
        };
        match self {
            Entry::Nothing => Ok(None),
            Entry::Command => start(store, "_start").map(|()| None),
            Entry::Reactor => start(store, "_initialize").map(|()| None),
            Entry::Invoke { name, args, reactor } => {
                if reactor && name != "_initialize" {
                    start(store, "_initialize")?;
                }
                let func: Option<Func> = instance.get_func(&mut *store, name);
                let func = func.ok_or_else(|| rwasm::format_err!("`{name}` is no function"))?;
                invoke::call(store, &func, &args).map(Some)
            }
        }
    }
}

fn exported_function(module: &Module, path: &Path, name: &str) -> Result<FuncType, Stop> {
    if let Some(ExternType::Func(ty)) = module.get_export(name) {
        return Ok(ty);
    }
    let path = path.display();
    let functions = functions(module);
    Err(Stop::error(match functions.is_empty() {
        true => format!("{path} exports no function `{name}`, nor any other"),
        false => {
            format!("{path} exports no function `{name}`; these are its functions:{functions}")
        }
    }))
}

/// The exported functions, one a line.
fn functions(module: &Module) -> String {
    const SHOWN: usize = 20;
    let functions = module.exports().filter_map(|export| match export.ty() {
        ExternType::Func(ty) => Some(format!("\n  {} {ty}", plain(export.name()))),
        _ => None,
    });
    let mut functions: Vec<_> = functions.collect();
    if functions.len() > SHOWN {
        let more = functions.len() - SHOWN;
        functions.truncate(SHOWN);
        functions.push(format!("\n  … and {more} more"));
    }
    functions.concat()
}
