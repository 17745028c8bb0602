//! `rwasm run`

use crate::engine::{EngineArgs, engine};
use crate::entry::Entry;
use crate::exit::{Stop, guest_ended, is_interruption, say};
use crate::grants::GrantArgs;
use crate::limits::{Ended, MemoryLimit, Timeout, stop_after};
use crate::policy::{Learner, PolicyArgs};
use crate::record::Recorder;
use crate::{coredump, imports, load, units};
use clap::Args;
use rwasm::wasi::host::HostSession;
use rwasm::wasi::threads::{self, WasiThreads};
use rwasm::wasi::{Interrupt, Quota, SharedP1Ctx, WasiCtx, WasiP1Ctx, p0, p1};
use rwasm::{Engine, Features, ImportType, Linker, Module, Store};
use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// Arguments of `rwasm run`.
#[derive(Args, Debug, Default)]
#[command(override_usage = "rwasm run [OPTIONS] FILE [OPTIONS] [--] [ARGS]...")]
pub struct RunArgs {
    /// The module, binary or text; `-` is standard input
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,

    /// What the guest gets as arguments, from the first that is no option or follows `--`
    #[arg(value_name = "ARGS", trailing_var_arg = true)]
    pub(crate) args: Vec<OsString>,

    /// Call this export with the guest's arguments, and print its results
    #[arg(long, value_name = "NAME")]
    pub(crate) invoke: Option<String>,

    /// Run a module with functions missing, up to the call of one of them
    #[arg(long)]
    pub(crate) trap_unknown_imports: bool,

    /// If the guest traps, write a core dump to this file
    #[arg(long, value_name = "PATH")]
    pub(crate) coredump: Option<PathBuf>,

    /// Write down everything that the guest asks of the world, and the answers, for `rwasm replay`
    #[arg(long, value_name = "RECORDING", conflicts_with = "threads")]
    pub(crate) record: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) policy: PolicyArgs,

    #[command(flatten)]
    pub(crate) grants: GrantArgs,

    /// Let the guest begin threads, with a memory in common (wasi-threads)
    #[arg(long, conflicts_with = "deterministic", help_heading = "What the guest gets")]
    pub(crate) threads: bool,

    /// Stop the guest after this much work: about one unit for each instruction
    #[arg(long, value_name = "N", conflicts_with = "threads", help_heading = "Limits")]
    pub(crate) fuel: Option<u64>,

    /// Stop the guest after this time, such as `1s` or `500ms`
    #[arg(long, value_name = "TIME", value_parser = Timeout::parse, help_heading = "Limits")]
    pub(crate) timeout: Option<Timeout>,

    /// Let the memories of the guest take this much together, such as `64MiB`
    #[arg(long, value_name = "SIZE", value_parser = units::size, help_heading = "Limits")]
    pub(crate) max_memory: Option<u64>,

    /// Let the guest write this much to files, streams and sockets together, such as `1GiB`
    #[arg(long, value_name = "SIZE", value_parser = units::size, help_heading = "Limits")]
    pub(crate) max_written: Option<u64>,

    /// Check each function when it is first called, instead of all before the module runs
    #[arg(long, help_heading = "Engine")]
    pub(crate) lazy_validation: bool,

    #[command(flatten)]
    pub(crate) engine: EngineArgs,
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

/// How a run went.
pub struct Done {
    /// What there is to print, or why it ended otherwise.
    pub result: Result<Option<String>, Stop>,
    /// How much fuel the guest used, if that was counted.
    pub fuel_used: Option<u64>,
    /// Whether it was ended because its time had passed.
    pub is_timed_out: bool,
}

impl Done {
    /// Says what there is to say, and gives the status.
    pub fn report(self) -> u8 {
        match self.result {
            Ok(results) => {
                if let Some(results) = results.filter(|results| !results.is_empty()) {
                    say(&results);
                }
                0
            }
            Err(stop) => stop.report(),
        }
    }
}

/// `rwasm run`: runs a module as its exports and the arguments ask for, and ends the program.
///
/// # Errors
///
/// If it does not come to running the module.
pub fn run(mut args: Box<RunArgs>) -> Result<(), Stop> {
    let bytes = args.prepare()?;
    let args = &*args;
    let learner = args.learner()?;
    let module = args.record.is_some().then(|| bytes.clone());
    let mut recorder = None;
    let done = args.execute(bytes, || {
        let session = args.session(learner.as_ref())?;
        let (Some(path), Some(module)) = (&args.record, module) else {
            return Ok(WasiP1Ctx::new(WasiCtx::from_session(session)));
        };
        let begun = Recorder::begin(path, args, module)?;
        let session = begun.recording.record(session);
        recorder = Some(begun);
        Ok(WasiP1Ctx::new(WasiCtx::from_session(session)))
    })?;
    let status = match recorder {
        Some(recorder) => recorder.finish(done),
        None => done.report(),
    };
    let status = learner.map_or(status, |learner| learner.finish(status));
    // Here, and not by returning: the system takes back at once what would be freed bit by bit.
    std::process::exit(status.into())
}

impl RunArgs {
    /// Reads the file, and completes what is granted: from the policy, and by asking.
    ///
    /// # Errors
    ///
    /// If the file cannot be read, or the policy, or nobody answers.
    pub fn prepare(&mut self) -> Result<Vec<u8>, Stop> {
        self.use_policy()?;
        let bytes = load::read(&self.file)?;
        if self.policy.ask {
            self.ask(&bytes)?;
        }
        Ok(bytes)
    }

    /// Runs the module in `bytes`, whose guest gets the context, which is made once all else is known to be
    /// well.
    ///
    /// # Errors
    ///
    /// If it does not come to running the module.
    pub fn execute(
        &self,
        bytes: Vec<u8>,
        context: impl FnOnce() -> Result<WasiP1Ctx, Stop>,
    ) -> Result<Done, Stop> {
        let engine = self.engine()?;
        let module = load::module(&engine, &self.file, bytes)?;
        let entry = Entry::of(&module, self)?;

        let wasi = context()?;
        let wasi =
            if self.threads { Wasi::Shared(SharedP1Ctx::new(wasi)) } else { Wasi::Own(wasi) };
        let interrupt = wasi.interrupt_handle();
        let memory = MemoryLimit::new(self.max_memory);
        let mut store = Store::new(&engine, Host { wasi, memory, threads: None });
        let failed = |error: rwasm::Error| Stop::error(format!("{error:#}"));
        if self.max_memory.is_some() {
            store.limiter(|host| &mut host.memory);
        }
        if self.counts_fuel() {
            store.set_fuel(self.fuel.unwrap_or(u64::MAX)).map_err(failed)?;
        }
        let fuel = store.get_fuel().ok();
        let linker = self.linker(&mut store, &module)?;
        if self.looks_at_epoch() {
            store.set_epoch_deadline(1);
        }
        let ended = Ended::default();
        if let Some(timeout) = &self.timeout {
            // How long it may take a guest to notice, and to have its frames read.
            let grace = Duration::from_millis(if self.coredump.is_some() { 2000 } else { 50 });
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
        let is_timed_out = self.timeout.is_some() && result.as_ref().is_err_and(is_interruption);
        let fuel_used = fuel.zip(store.get_fuel().ok()).map(|(before, left)| before - left);
        let result = result.map_err(|error| self.ended(&error, &store));
        Ok(Done { result, fuel_used, is_timed_out })
    }

    fn engine(&self) -> Result<Engine, Stop> {
        let mut config = self.engine.config(Features::default())?;
        config.consume_fuel(self.counts_fuel()).epoch_interruption(self.looks_at_epoch());
        config.coredump_on_trap(self.coredump.is_some()).lazy_validation(self.lazy_validation);
        // So that a recording is replayed alike by every machine.
        config.deterministic(self.engine.deterministic || self.record.is_some());
        engine(&config)
    }

    /// Whether the guest may be stopped from outside.
    fn looks_at_epoch(&self) -> bool {
        self.timeout.is_some() || self.threads
    }

    /// Whether to count the guest's work: to limit it, or to know where its time had passed.
    fn counts_fuel(&self) -> bool {
        self.fuel.is_some() || self.record.is_some() && self.timeout.is_some()
    }

    /// What the guest gets, watched by who learns from it.
    ///
    /// # Errors
    ///
    /// If something that it is to get is not there.
    pub fn session(&self, learner: Option<&Learner>) -> Result<HostSession, Stop> {
        // With `--invoke` the arguments are the function's.
        let args = self.args.iter().filter(|_| self.invoke.is_none());
        let session = self.grants.context(&self.file, args)?.build().into_session();
        let session = match self.max_written {
            Some(most) => Quota::new().written(most).limit(session),
            None => session,
        };
        Ok(match learner {
            Some(learner) => learner.watch(session),
            None => session,
        })
    }

    /// What the module imports, as far as it can be had.
    fn linker(&self, store: &mut Store<Host>, module: &Module) -> Result<Linker<Host>, Stop> {
        let mut linker = Linker::new(store.engine());
        let failed = |error: rwasm::Error| Stop::error(format!("{error:#}"));
        match store.data().wasi {
            Wasi::Own(_) => p1::add_imports_to_linker(&mut linker, module, Host::own)
                .and_then(|()| p0::add_imports_to_linker(&mut linker, module, Host::own)),
            Wasi::Shared(_) => {
                let shared: fn(&mut Host) -> &SharedP1Ctx = |host| host.shared();
                p1::add_shared_imports_to_linker(&mut linker, module, shared)
                    .and_then(|()| p0::add_shared_imports_to_linker(&mut linker, module, shared))
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
