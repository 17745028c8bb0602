//! `rwasm run`

use crate::engine::{EngineArgs, engine};
use crate::entry::Entry;
use crate::exit::{Stop, guest_ended, say};
use crate::grants::{open_dir, set_variable};
use crate::limits::{Ended, MemoryLimit, Timeout, stop_after};
use crate::{coredump, imports, load, units};
use clap::Args;
use rwasm::wasi::threads::{self, WasiThreads};
use rwasm::wasi::{
    Interrupt, SeededRandom, SharedP1Ctx, VirtualClock, WasiCtxBuilder, WasiP1Ctx, ambient, p1,
};
use rwasm::{Engine, Features, ImportType, Linker, Module, Store};
use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::Arc;
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

    /// Let the guest use a directory, which it knows as GUEST (else as HOST); `ro` is read-only, with
    /// `cow` its changes stay in memory
    #[arg(
        long = "dir",
        value_name = "HOST[::GUEST][::ro|::cow]",
        help_heading = "What the guest gets"
    )]
    dirs: Vec<String>,

    /// Set an environment variable of the guest; without a value, to what it is here
    #[arg(long = "env", value_name = "NAME[=VALUE]", help_heading = "What the guest gets")]
    env: Vec<OsString>,

    /// Make the randomness that the guest gets from a number, the same in every run
    #[arg(long, value_name = "N", help_heading = "What the guest gets")]
    seed: Option<u64>,

    /// Give the guest clocks that do not look at the time: that start in 2000 and move on when it
    /// reads them or waits, or of which that for the time of day stays there
    #[arg(
        long,
        value_enum,
        value_name = "CLOCK",
        conflicts_with = "threads",
        help_heading = "What the guest gets"
    )]
    clock: Option<ClockArg>,

    /// Call this export with the guest's arguments, and print its results
    #[arg(long, value_name = "NAME")]
    pub(crate) invoke: Option<String>,

    /// Run a module with functions missing, up to the call of one of them
    #[arg(long)]
    trap_unknown_imports: bool,

    /// Check each function when it is first called, instead of all before the module runs
    #[arg(long, help_heading = "Engine")]
    lazy_validation: bool,

    /// Let the guest begin threads, with a memory in common (wasi-threads)
    #[arg(long, conflicts_with = "deterministic", help_heading = "What the guest gets")]
    threads: bool,

    /// If the guest traps, write a core dump to this file
    #[arg(long, value_name = "PATH")]
    coredump: Option<PathBuf>,

    /// Stop the guest after this much work: about one unit for each instruction
    #[arg(long, value_name = "N", conflicts_with = "threads", help_heading = "Limits")]
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

/// Clocks that are the same in every run.
#[derive(clap::ValueEnum, Clone, Copy, Debug)]
enum ClockArg {
    /// The time of day stays.
    Fixed,
    /// It goes on.
    Virtual,
}

/// What host functions and limits work on.
struct Host {
    wasi: Wasi,
    memory: MemoryLimit,
    threads: Option<Arc<WasiThreads<Host>>>,
}

/// The guest's WASI context.
enum Wasi {
    /// Of a guest with one thread.
    Own(WasiP1Ctx),
    /// Of a guest with several.
    Shared(SharedP1Ctx),
}

impl Wasi {
    fn interrupt_handle(&self) -> Interrupt {
        match self {
            Wasi::Own(cx) => cx.interrupt_handle(),
            Wasi::Shared(cx) => cx.interrupt_handle(),
        }
    }
}

impl Host {
    fn own(&mut self) -> &mut WasiP1Ctx {
        match &mut self.wasi {
            Wasi::Own(cx) => cx,
            Wasi::Shared(_) => unreachable!("functions for one thread were linked"),
        }
    }

    fn shared(&self) -> &SharedP1Ctx {
        match &self.wasi {
            Wasi::Shared(cx) => cx,
            Wasi::Own(_) => unreachable!("functions for several threads were linked"),
        }
    }

    /// What another thread of the guest works on.
    fn fork(&self) -> Host {
        let wasi = Wasi::Shared(self.shared().clone());
        Host { wasi, memory: self.memory.clone(), threads: self.threads.clone() }
    }
}

/// Runs a module as its exports and the arguments ask for, and ends the program.
///
/// # Errors
///
/// If it does not come to running the module.
pub fn run(args: &RunArgs) -> Result<(), Stop> {
    let engine = args.engine()?;
    let module = load::module(&engine, &args.file, load::read(&args.file)?)?;
    let entry = Entry::of(&module, args)?;

    let wasi = args.wasi()?;
    let wasi = if args.threads { Wasi::Shared(SharedP1Ctx::new(wasi)) } else { Wasi::Own(wasi) };
    let interrupt = wasi.interrupt_handle();
    let memory = MemoryLimit::new(args.max_memory);
    let mut store = Store::new(&engine, Host { wasi, memory, threads: None });
    let failed = |error: rwasm::Error| Stop::error(format!("{error:#}"));
    if args.max_memory.is_some() {
        store.limiter(|host| &mut host.memory);
    }
    if let Some(fuel) = args.fuel {
        store.set_fuel(fuel).map_err(failed)?;
    }
    let linker = args.linker(&mut store, &module)?;
    if args.looks_at_epoch() {
        store.set_epoch_deadline(1);
    }
    let ended = Ended::default();
    if let Some(timeout) = &args.timeout {
        // How long it may take a guest to notice, and to have its frames read.
        let grace = Duration::from_millis(if args.coredump.is_some() { 2000 } else { 50 });
        stop_after(timeout.clone(), engine.clone(), interrupt, grace, ended.clone());
    }

    let result = linker
        .instantiate(&mut store, &module)
        .and_then(|instance| entry.call(&mut store, &instance));
    let result = match store.data().threads.clone() {
        Some(threads) => threads.finish(result),
        None => result,
    };
    ended.set();
    let status = match result.map_err(|error| args.ended(&error, &store)) {
        Ok(results) => {
            if let Some(results) = results.filter(|results| !results.is_empty()) {
                say(&results);
            }
            0
        }
        Err(stop) => stop.report(),
    };
    // Here, and not by returning: the system takes back at once what would be freed bit by bit.
    std::process::exit(status.into())
}

impl RunArgs {
    fn engine(&self) -> Result<Engine, Stop> {
        let mut config = self.engine.config(Features::default())?;
        config.consume_fuel(self.fuel.is_some()).epoch_interruption(self.looks_at_epoch());
        config.coredump_on_trap(self.coredump.is_some()).lazy_validation(self.lazy_validation);
        engine(&config)
    }

    /// Whether the guest may be stopped from outside.
    fn looks_at_epoch(&self) -> bool {
        self.timeout.is_some() || self.threads
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
        if let Some(seed) = self.seed {
            wasi.random(SeededRandom::new(seed));
        }
        match self.clock {
            Some(ClockArg::Fixed) => _ = wasi.clock(VirtualClock::fixed_at(VirtualClock::Y2K)),
            Some(ClockArg::Virtual) => _ = wasi.clock(VirtualClock::starting_at(VirtualClock::Y2K)),
            None => {}
        }
        for variable in &self.env {
            set_variable(&mut wasi, variable)?;
        }
        for dir in &self.dirs {
            open_dir(&mut wasi, dir, self.clock.is_none().then(ambient::clock))?;
        }
        Ok(wasi.build_p1())
    }

    /// What the module imports, as far as it can be had.
    fn linker(&self, store: &mut Store<Host>, module: &Module) -> Result<Linker<Host>, Stop> {
        let mut linker = Linker::new(store.engine());
        let failed = |error: rwasm::Error| Stop::error(format!("{error:#}"));
        match store.data().wasi {
            Wasi::Own(_) => p1::add_imports_to_linker(&mut linker, module, Host::own),
            Wasi::Shared(_) => {
                p1::add_shared_imports_to_linker(&mut linker, module, |host| host.shared())
            }
        }
        .map_err(failed)?;
        if self.threads {
            threads::add_to_linker(&mut linker, store, module, |host| host.threads.as_ref())
                .map_err(failed)?;
        }
        if self.trap_unknown_imports {
            linker.define_unknown_imports_as_traps(module).map_err(failed)?;
        }
        let is_missing =
            |import: &ImportType<'_>| linker.get_by_import(&mut *store, import).is_none();
        let missing: Vec<_> = module.imports().filter(is_missing).collect();
        if !missing.is_empty() {
            let path = self.file.display().to_string();
            return Err(Stop::Error(imports::explain(&path, &missing)));
        }
        if self.threads && module.get_export(threads::START).is_some() {
            let threads = WasiThreads::new(&linker, module, Host::fork).map_err(failed)?;
            let interrupt = store.data().wasi.interrupt_handle();
            let has_limit = self.max_memory.is_some();
            let threads = threads.interrupt(interrupt).prepare(move |store: &mut Store<Host>| {
                if has_limit {
                    store.limiter(|host| &mut host.memory);
                }
            });
            store.data_mut().threads = Some(Arc::new(threads));
        }
        Ok(linker)
    }

    fn ended(&self, error: &rwasm::Error, store: &Store<Host>) -> Stop {
        let timeout = self.timeout.as_ref().map(|timeout| timeout.text.as_str());
        let path = self.file.display();
        match guest_ended(error, self.fuel, timeout) {
            Stop::Error(message) if self.max_memory.is_some() && message.contains("limits") => {
                Stop::Error(format!("{path}: {message} (--max-memory)"))
            }
            Stop::Error(message) => Stop::Error(format!("{path}: {message}")),
            Stop::Trap(mut message) => {
                if let Some(file) = &self.coredump {
                    message += &coredump::write(error, store, &path.to_string(), file);
                }
                Stop::Trap(message)
            }
            stop => stop,
        }
    }
}
