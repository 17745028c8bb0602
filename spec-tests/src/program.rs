//! Programs of WASI 0.1, run to their end.

use rwasm::wasi::host::Readiness;
use rwasm::wasi::threads::{self, WasiThreads};
use rwasm::wasi::{
    DirPerms, FilePerms, I32Exit, InputStream, MemoryFs, MemoryInputPipe, MemoryOutputPipe,
    RealDir, SeededRandom, SharedP1Ctx, VirtualClock, WasiCtxBuilder, WasiP1Ctx, ambient, p1,
};
use rwasm::{Config, Dispatch, Engine, Features, Instance, Linker, Module, Result, Store, Trap};
use std::fs;
use std::io::{self, IoSliceMut, PipeReader, PipeWriter, Read};
use std::os::fd::AsFd;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

/// How much output is kept.
const OUTPUT: usize = 1 << 20;

/// A program, and what it is given.
#[derive(Clone, Debug, Default)]
pub struct Program {
    /// The file.
    pub file: PathBuf,
    /// Its arguments, without its name.
    pub args: Vec<String>,
    /// Its environment.
    pub env: Vec<(String, String)>,
    /// The folders that it may use, and what it knows them as.
    pub dirs: Vec<(PathBuf, String)>,
    /// What it reads.
    pub stdin: Vec<u8>,
    /// Whether imports that are not of WASI are functions that trap.
    pub trap_unknown: bool,
    /// Whether it may begin threads.
    pub threads: bool,
    /// What of WebAssembly there is.
    pub features: Features,
    /// What it finds outside.
    pub world: World,
}

/// What is behind what a program is given.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum World {
    /// The folders, clocks and randomness of the host.
    #[default]
    Host,
    /// Copies of the folders in memory; clocks and randomness that are the same in every run.
    Memory,
    /// The same, but for folders of which only what is changed is in memory.
    Over,
}

/// What became of a program.
#[derive(Clone, Debug)]
pub struct Ended {
    /// Its exit status; 134 if it trapped.
    pub status: i32,
    /// What it wrote to standard output.
    pub stdout: String,
    /// What it wrote to standard error.
    pub stderr: String,
}

impl Program {
    /// The program `file` with `args`.
    pub fn new(file: impl Into<PathBuf>, args: &[&str]) -> Self {
        let args = args.iter().map(|&arg| arg.to_owned()).collect();
        Program { file: file.into(), args, ..Program::default() }
    }

    /// Lets it use `folder`, which it knows as `name`.
    #[must_use]
    pub fn dir(mut self, folder: impl Into<PathBuf>, name: &str) -> Self {
        self.dirs.push((folder.into(), name.to_owned()));
        self
    }

    /// Runs it to its end.
    ///
    /// # Errors
    ///
    /// If it cannot be run, or ends otherwise than by a trap or an exit.
    pub fn run(&self, dispatch: Dispatch) -> Result<Ended> {
        let (stdout, stderr) = (MemoryOutputPipe::new(OUTPUT), MemoryOutputPipe::new(OUTPUT));
        let mut wasi = WasiCtxBuilder::new();
        wasi.stdin(MemoryInputPipe::new(self.stdin.clone()))
            .stdout(stdout.clone())
            .stderr(stderr.clone())
            .arg(self.file.file_name().unwrap_or_default().as_encoded_bytes())
            .args(&self.args)
            .envs(&self.env);
        let (dir, file) = (DirPerms::all(), FilePerms::all());
        for (folder, name) in &self.dirs {
            match self.world {
                World::Host => wasi.preopened_dir(folder, name, dir, file)?,
                World::Memory => {
                    let fs = MemoryFs::copy_of(&open(folder)?, MemoryFs::CAPACITY)?;
                    wasi.preopened_custom_dir(fs.root(), name, dir, file)
                }
                World::Over => {
                    let fs = MemoryFs::over(open(folder)?, MemoryFs::CAPACITY)?;
                    wasi.preopened_custom_dir(fs.root(), name, dir, file)
                }
            };
        }
        if self.world != World::Host {
            wasi.clock(VirtualClock::starting_at(VirtualClock::Y2K)).random(SeededRandom::new(0));
        }
        if self.threads {
            wasi.stdin(OpenPipe::new()?);
        }
        let wasi = wasi.build_p1();
        let ended = match self.threads {
            false => self.run_alone(dispatch, wasi),
            true => self.run_with_threads(dispatch, SharedP1Ctx::new(wasi)),
        };
        let status = match ended {
            Ok(()) => 0,
            Err(error) => match (error.downcast_ref(), error.is::<Trap>()) {
                (Some(I32Exit(status)), _) => *status,
                (None, true) => 134,
                (None, false) => return Err(error),
            },
        };
        let text = |pipe: &MemoryOutputPipe| String::from_utf8_lossy(&pipe.contents()).into_owned();
        Ok(Ended { status, stdout: text(&stdout), stderr: text(&stderr) })
    }
}

impl Program {
    fn run_alone(&self, dispatch: Dispatch, wasi: WasiP1Ctx) -> Result<()> {
        let engine = engine(dispatch, self.features)?;
        let module = Module::new(&engine, fs::read(&self.file)?)?;
        let mut linker = Linker::new(&engine);
        p1::add_to_linker(&mut linker, |cx: &mut WasiP1Ctx| cx)?;
        if self.trap_unknown {
            linker.define_unknown_imports_as_traps(&module)?;
        }
        let mut store = Store::new(&engine, wasi);
        let instance = linker.instantiate(&mut store, &module)?;
        instance.get_typed_func::<(), ()>(&mut store, "_start")?.call(&mut store, ())
    }

    /// Calls the export `name` of a guest with threads, a function of one `i32`.
    ///
    /// # Errors
    ///
    /// If it cannot be run, or does not return.
    pub fn call_with_threads(&self, dispatch: Dispatch, name: &str, argument: i32) -> Result<i64> {
        self.with_threads(
            dispatch,
            SharedP1Ctx::new(WasiCtxBuilder::new().build_p1()),
            |store, instance| {
                instance.get_typed_func::<i32, i64>(&mut *store, name)?.call(store, argument)
            },
        )
    }

    fn run_with_threads(&self, dispatch: Dispatch, wasi: SharedP1Ctx) -> Result<()> {
        self.with_threads(dispatch, wasi, |store, instance| {
            instance.get_typed_func::<(), ()>(&mut *store, "_start")?.call(store, ())
        })
    }

    fn with_threads<R>(
        &self,
        dispatch: Dispatch,
        wasi: SharedP1Ctx,
        run: impl FnOnce(&mut Store<Threaded>, Instance) -> Result<R>,
    ) -> Result<R> {
        let mut config = Config::new();
        config.dispatch(dispatch).epoch_interruption(true);
        let engine = Engine::new(&config)?;
        let module = Module::new(&engine, fs::read(&self.file)?)?;
        let interrupt = wasi.interrupt_handle();
        let mut store = Store::new(&engine, Threaded { wasi, threads: None });
        store.set_epoch_deadline(1);
        let mut linker = Linker::new(&engine);
        p1::add_shared_to_linker(&mut linker, |host: &mut Threaded| &host.wasi)?;
        threads::add_to_linker(&mut linker, &mut store, &module, |host| host.threads.as_ref())?;
        if module.get_export(threads::START).is_some() {
            let threads = WasiThreads::new(&linker, &module, Threaded::clone)?;
            store.data_mut().threads = Some(Arc::new(threads.interrupt(interrupt)));
        }
        let instance = linker.instantiate(&mut store, &module)?;
        let result = run(&mut store, instance);
        match store.data().threads.clone() {
            Some(threads) => threads.finish(result),
            None => result,
        }
    }
}

fn open(folder: &Path) -> io::Result<RealDir> {
    Ok(RealDir::new(ambient::open_dir(folder)?))
}

/// Input that does not end and never comes: threads may wait for it until they are stopped.
struct OpenPipe(PipeReader, #[expect(dead_code, reason = "it keeps the pipe open")] PipeWriter);

impl OpenPipe {
    fn new() -> io::Result<Self> {
        let (reader, writer) = io::pipe()?;
        Ok(OpenPipe(reader, writer))
    }
}

impl InputStream for OpenPipe {
    fn read(&mut self, bufs: &mut [IoSliceMut<'_>]) -> io::Result<usize> {
        self.0.read_vectored(bufs)
    }

    fn readiness(&self) -> Readiness<'_> {
        Readiness::Os(self.0.as_fd())
    }
}

/// What host functions work on where there are threads.
#[derive(Clone)]
struct Threaded {
    wasi: SharedP1Ctx,
    threads: Option<Arc<WasiThreads<Threaded>>>,
}

/// An engine with this dispatch.
///
/// # Errors
///
/// If there can be none.
pub fn engine(dispatch: Dispatch, features: Features) -> Result<Engine> {
    let mut config = Config::new();
    config.dispatch(dispatch).wasm_features(features, true);
    Engine::new(&config)
}

/// A fresh folder, gone when the test is over.
#[derive(Debug)]
pub struct TempDir(PathBuf);

impl TempDir {
    /// An empty one.
    ///
    /// # Panics
    ///
    /// If there can be none.
    #[expect(clippy::new_without_default, reason = "it makes a folder")]
    pub fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("rwasm-spec-tests-{}-{number}", std::process::id());
        let path = std::env::temp_dir().join(name);
        fs::create_dir_all(&path).expect("a temporary folder can be made");
        TempDir(path)
    }

    /// A copy of `folder`.
    ///
    /// # Panics
    ///
    /// If it cannot be copied.
    pub fn copy_of(folder: &Path) -> Self {
        let copy = TempDir::new();
        copy_folder(folder, &copy.0);
        copy
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for TempDir {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("folders can be made");
    for entry in fs::read_dir(from).expect("the folder is there") {
        let entry = entry.expect("the folder can be read");
        let copy = to.join(entry.file_name());
        match entry.path().is_dir() {
            true => copy_folder(&entry.path(), &copy),
            // Not `fs::copy`, which would keep it read-only if it is.
            false => fs::read(entry.path())
                .and_then(|bytes| fs::write(copy, bytes))
                .expect("files can be copied"),
        }
    }
}
