//! `rwasm run`

use crate::engine::{EngineArgs, engine};
use crate::exit::{Stop, guest_ended, say, timed_out};
use crate::{imports, invoke, load, units};
use clap::Args;
use rwasm::wasi::{DirPerms, FilePerms, Interrupt, WasiCtxBuilder, WasiP1Ctx, p1};
use rwasm::{
    Engine, ExternType, Features, Func, FuncType, ImportType, Instance, Linker, Module,
    ResourceLimiter, Store,
};
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Arguments of `rwasm run`.
#[derive(Args, Debug)]
#[command(override_usage = "rwasm run [OPTIONS] FILE [OPTIONS] [--] [ARGS]...")]
pub struct RunArgs {
    /// The module, binary or text; `-` is standard input
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,

    /// What the guest gets as arguments, from the first that is no option or follows `--`
    #[arg(value_name = "ARGS", trailing_var_arg = true)]
    pub(crate) args: Vec<OsString>,

    /// Let the guest use a directory, which it knows as GUEST (else as HOST); `ro` is read-only
    #[arg(long = "dir", value_name = "HOST[::GUEST][::ro]", help_heading = "What the guest gets")]
    dirs: Vec<String>,

    /// Set an environment variable of the guest; without a value, to what it is here
    #[arg(long = "env", value_name = "NAME[=VALUE]", help_heading = "What the guest gets")]
    env: Vec<OsString>,

    /// Call this export with the guest's arguments, and print its results
    #[arg(long, value_name = "NAME")]
    invoke: Option<String>,

    /// Run a module with functions missing, up to the call of one of them
    #[arg(long)]
    trap_unknown_imports: bool,

    /// Stop the guest after this much work: about one unit for each instruction
    #[arg(long, value_name = "N", help_heading = "Limits")]
    fuel: Option<u64>,

    /// Stop the guest after this time, such as `1s` or `500ms`
    #[arg(long, value_name = "TIME", value_parser = Timeout::parse, help_heading = "Limits")]
    timeout: Option<Timeout>,

    /// Let the memories of the guest take this much together, such as `64MiB`
    #[arg(long, value_name = "SIZE", value_parser = units::size, help_heading = "Limits")]
    max_memory: Option<u64>,

    #[command(flatten)]
    engine: EngineArgs,
}

/// A time, and how it was written.
#[derive(Clone, Debug)]
struct Timeout(Duration, String);

impl Timeout {
    fn parse(text: &str) -> Result<Self, String> {
        Ok(Timeout(units::duration(text)?, text.to_owned()))
    }
}

/// What host functions and limits work on.
struct Host {
    wasi: WasiP1Ctx,
    memory: MemoryLimit,
}

/// Runs a module as its exports and the arguments ask for.
pub fn run(args: &RunArgs) -> Result<(), Stop> {
    let engine = args.engine()?;
    let bytes = load::read(&args.file)?;
    let module = load::module(&engine, &args.file, &bytes)?;
    drop(bytes);
    let entry = Entry::of(&module, args)?;

    let wasi = args.wasi()?;
    let interrupt = wasi.interrupt_handle();
    let mut store = Store::new(&engine, Host { wasi, memory: MemoryLimit::new(args.max_memory) });
    let failed = |error: rwasm::Error| Stop::error(format!("{error:#}"));
    if args.max_memory.is_some() {
        store.limiter(|host| &mut host.memory);
    }
    if let Some(fuel) = args.fuel {
        store.set_fuel(fuel).map_err(failed)?;
    }
    let linker = args.linker(&mut store, &module)?;
    if let Some(timeout) = &args.timeout {
        store.set_epoch_deadline(1);
        stop_after(timeout.clone(), engine.clone(), interrupt);
    }

    let printed = linker
        .instantiate(&mut store, &module)
        .and_then(|instance| entry.call(&mut store, &instance))
        .map_err(|error| args.ended(&error))?;
    if let Some(results) = printed.filter(|results| !results.is_empty()) {
        say(&results);
    }
    Ok(())
}

impl RunArgs {
    fn engine(&self) -> Result<Engine, Stop> {
        let mut config = self.engine.config(Features::default())?;
        config.consume_fuel(self.fuel.is_some()).epoch_interruption(self.timeout.is_some());
        engine(&config)
    }

    fn wasi(&self) -> Result<WasiP1Ctx, Stop> {
        let mut wasi = WasiCtxBuilder::new();
        wasi.inherit_stdio();
        let program = self.file.file_name().unwrap_or(self.file.as_os_str());
        wasi.arg(program.as_encoded_bytes());
        // With `--invoke` they are the function's.
        for arg in self.args.iter().filter(|_| self.invoke.is_none()) {
            wasi.arg(arg.as_encoded_bytes());
        }
        for variable in &self.env {
            set_variable(&mut wasi, variable)?;
        }
        for dir in &self.dirs {
            open_dir(&mut wasi, dir)?;
        }
        Ok(wasi.build_p1())
    }

    /// What the module imports, as far as it can be had.
    fn linker(&self, store: &mut Store<Host>, module: &Module) -> Result<Linker<Host>, Stop> {
        let mut linker = Linker::new(store.engine());
        let failed = |error: rwasm::Error| Stop::error(format!("{error:#}"));
        if module.imports().any(|import| import.module() == p1::MODULE) {
            p1::add_to_linker(&mut linker, |host: &mut Host| &mut host.wasi).map_err(failed)?;
        }
        if self.trap_unknown_imports {
            linker.define_unknown_imports_as_traps(module).map_err(failed)?;
        }
        let is_missing =
            |import: &ImportType<'_>| linker.get_by_import(&mut *store, import).is_none();
        let missing: Vec<_> = module.imports().filter(is_missing).collect();
        match missing.is_empty() {
            true => Ok(linker),
            false => {
                let path = self.file.display().to_string();
                Err(Stop::Error(imports::explain(&path, &missing)))
            }
        }
    }

    fn ended(&self, error: &rwasm::Error) -> Stop {
        let timeout = self.timeout.as_ref().map(|Timeout(_, text)| text.as_str());
        let path = self.file.display();
        match guest_ended(error, self.fuel, timeout) {
            Stop::Error(message) if self.max_memory.is_some() && message.contains("limits") => {
                Stop::Error(format!("{path}: {message} (--max-memory)"))
            }
            Stop::Error(message) => Stop::Error(format!("{path}: {message}")),
            stop => stop,
        }
    }
}

fn set_variable(wasi: &mut WasiCtxBuilder, variable: &OsString) -> Result<(), Stop> {
    let bytes = variable.as_encoded_bytes();
    let (name, value) = match bytes.iter().position(|&byte| byte == b'=') {
        Some(at) => (&bytes[..at], bytes[at + 1..].to_vec()),
        None => match std::env::var_os(variable) {
            Some(value) => (bytes, value.into_encoded_bytes()),
            None => {
                let name = variable.display();
                return Err(Stop::error(format!(
                    "--env {name}: there is no such variable here; `--env {name}=VALUE` sets it"
                )));
            }
        },
    };
    if name.is_empty() {
        return Err(Stop::Usage("--env: the variable has no name".into()));
    }
    wasi.env(name, value);
    Ok(())
}

fn open_dir(wasi: &mut WasiCtxBuilder, text: &str) -> Result<(), Stop> {
    let Dir { host, guest, read_only } = Dir::parse(text);
    let (dir, file) = match read_only {
        true => (DirPerms::READ, FilePerms::READ),
        false => (DirPerms::all(), FilePerms::all()),
    };
    match wasi.preopened_dir(host, guest, dir, file) {
        Ok(_) => Ok(()),
        Err(error) => {
            Err(Stop::error(format!("--dir {text}: cannot open the directory `{host}`: {error}")))
        }
    }
}

/// A directory as `--dir` describes it.
#[derive(Debug, PartialEq, Eq)]
struct Dir<'a> {
    host: &'a str,
    guest: &'a str,
    read_only: bool,
}

impl<'a> Dir<'a> {
    fn parse(text: &'a str) -> Self {
        let (paths, read_only) = match text.strip_suffix("::ro") {
            Some(paths) => (paths, true),
            None => (text, false),
        };
        let (host, guest) = paths.split_once("::").unwrap_or((paths, paths));
        Dir { host, guest, read_only }
    }
}

/// Ends the guest when `time` has passed, wherever it is then.
fn stop_after(Timeout(time, text): Timeout, engine: Engine, interrupt: Interrupt) {
    /// How long it may take a guest to notice.
    const GRACE: Duration = Duration::from_millis(50);
    std::thread::spawn(move || {
        std::thread::sleep(time);
        engine.increment_epoch();
        interrupt.interrupt();
        // One instruction can take seconds, such as filling gigabytes.
        std::thread::sleep(GRACE);
        Stop::Trap(timed_out(&text)).exit();
    });
}

/// What is called in an instance.
enum Entry<'a> {
    /// `_start` of a command.
    Command,
    /// `_initialize` of a reactor, and nothing else.
    Reactor,
    /// Nothing: instantiating the module has run its start function.
    Nothing,
    /// A function with these arguments.
    Invoke { name: &'a str, args: Vec<rwasm::Val>, reactor: bool },
}

impl<'a> Entry<'a> {
    fn of(module: &Module, args: &'a RunArgs) -> Result<Self, Stop> {
        let takes_nothing = |name| match module.get_export(name) {
            Some(ExternType::Func(ty)) => ty.params().len() == 0 && ty.results().len() == 0,
            _ => false,
        };
        let reactor = takes_nothing("_initialize");
        if let Some(name) = &args.invoke {
            let ty = exported_function(module, &args.file, name)?;
            let texts: Vec<_> =
                args.args.iter().map(|arg| arg.to_string_lossy().into_owned()).collect();
            let args = invoke::arguments(name, &ty, &texts)?;
            return Ok(Entry::Invoke { name, args, reactor });
        }
        if takes_nothing("_start") {
            return Ok(Entry::Command);
        }
        if reactor {
            return Ok(Entry::Reactor);
        }
        if module.syntax().start.is_some() {
            return Ok(Entry::Nothing);
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
    fn call(self, store: &mut Store<Host>, instance: &Instance) -> rwasm::Result<Option<String>> {
        let start = |store: &mut Store<Host>, name| {
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
        ExternType::Func(ty) => Some(format!("\n  {} {ty}", export.name())),
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

/// How much all memories of the guest take, and may take.
struct MemoryLimit {
    used: usize,
    most: usize,
}

impl MemoryLimit {
    fn new(most: Option<u64>) -> Self {
        let most = most.map_or(usize::MAX, |most| usize::try_from(most).unwrap_or(usize::MAX));
        MemoryLimit { used: 0, most }
    }
}

impl ResourceLimiter for MemoryLimit {
    fn memory_growing(
        &mut self,
        current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> rwasm::Result<bool> {
        let used = self.used.saturating_add(desired.saturating_sub(current));
        let allowed = used <= self.most && maximum.is_none_or(|maximum| desired <= maximum);
        if allowed {
            self.used = used;
        }
        Ok(allowed)
    }

    fn table_growing(
        &mut self,
        _current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> rwasm::Result<bool> {
        Ok(maximum.is_none_or(|maximum| desired <= maximum))
    }
}

#[test]
fn directories() {
    let dir = |host, guest, read_only| Dir { host, guest, read_only };
    assert_eq!(Dir::parse("."), dir(".", ".", false));
    assert_eq!(Dir::parse("a::/b"), dir("a", "/b", false));
    assert_eq!(Dir::parse("a::ro"), dir("a", "a", true));
    assert_eq!(Dir::parse("a::/b::ro"), dir("a", "/b", true));
    assert_eq!(Dir::parse("C:/x::/b"), dir("C:/x", "/b", false));
}

#[test]
fn memory_is_limited_in_sum() {
    let mut limit = MemoryLimit::new(Some(100));
    assert!(limit.memory_growing(0, 60, None).unwrap());
    assert!(!limit.memory_growing(0, 60, None).unwrap());
    assert!(limit.memory_growing(60, 100, None).unwrap());
    assert!(!limit.memory_growing(100, 101, None).unwrap());
}
