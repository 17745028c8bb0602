//! Programs of WASI 0.1, run to their end.

use rwasm::wasi::{
    DirPerms, FilePerms, I32Exit, MemoryInputPipe, MemoryOutputPipe, WasiCtxBuilder, WasiP1Ctx, p1,
};
use rwasm::{Config, Dispatch, Engine, Linker, Module, Result, Store, Trap};
use std::fs;
use std::path::{Path, PathBuf};
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
        for (folder, name) in &self.dirs {
            wasi.preopened_dir(folder, name, DirPerms::all(), FilePerms::all())?;
        }
        let engine = engine(dispatch)?;
        let module = Module::new(&engine, fs::read(&self.file)?)?;
        let mut linker = Linker::new(&engine);
        p1::add_to_linker(&mut linker, |cx: &mut WasiP1Ctx| cx)?;
        if self.trap_unknown {
            linker.define_unknown_imports_as_traps(&module)?;
        }
        let mut store = Store::new(&engine, wasi.build_p1());
        let instance = linker.instantiate(&mut store, &module)?;
        let start = instance.get_typed_func::<(), ()>(&mut store, "_start")?;
        let status = match start.call(&mut store, ()) {
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

/// An engine with this dispatch.
///
/// # Errors
///
/// If there can be none.
pub fn engine(dispatch: Dispatch) -> Result<Engine> {
    let mut config = Config::new();
    config.dispatch(dispatch);
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
