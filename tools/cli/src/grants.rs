//! What a guest gets: arguments, variables, streams, directories, clocks and randomness.

use crate::exit::Stop;
use clap::{Args, ValueEnum};
use rwasm::wasi::{DirPerms, FilePerms, SeededRandom, VirtualClock, WasiCtxBuilder};
use serde::Deserialize;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

/// Options about what a guest gets.
#[derive(Args, Debug, Default)]
#[command(next_help_heading = "What the guest gets")]
pub struct GrantArgs {
    /// Let the guest use a directory, which it knows as GUEST (else as HOST); `ro` is read-only
    #[arg(long = "dir", value_name = "HOST[::GUEST][::ro]", value_parser = Dir::parse)]
    pub(crate) dirs: Vec<Dir>,

    /// Set an environment variable of the guest; without a value, to what it is here
    #[arg(long = "env", value_name = "NAME[=VALUE]")]
    pub(crate) env: Vec<OsString>,

    /// Give the guest all environment variables that there are here
    #[arg(long)]
    pub(crate) inherit_env: bool,

    /// What the guest gets as its own name, instead of that of its file
    #[arg(long, value_name = "NAME")]
    pub(crate) argv0: Option<OsString>,

    /// The directory in which the guest begins, as it knows it: the variable `PWD`
    #[arg(long, value_name = "GUEST")]
    pub(crate) cwd: Option<OsString>,

    /// Give the guest a file as its standard input
    #[arg(long, value_name = "FILE")]
    pub(crate) stdin: Option<PathBuf>,

    /// Write the guest's standard output to a file, which is emptied first
    #[arg(long, value_name = "FILE")]
    pub(crate) stdout: Option<PathBuf>,

    /// Write the guest's standard error to a file, which is emptied first; may be that of `--stdout`
    #[arg(long, value_name = "FILE")]
    pub(crate) stderr: Option<PathBuf>,

    /// Make the randomness that the guest gets from a number, the same in every run
    #[arg(long, value_name = "N")]
    pub(crate) seed: Option<u64>,

    /// Give the guest clocks that do not look at the time: that start in 2000 and move on when it
    /// reads them or waits, or of which that for the time of day stays there
    #[arg(long, value_enum, value_name = "CLOCK", conflicts_with = "threads")]
    pub(crate) clock: Option<ClockArg>,
}

/// Clocks that are the same in every run.
#[derive(ValueEnum, Deserialize, Clone, Copy, Debug, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum ClockArg {
    /// The time of day stays.
    Fixed,
    /// It goes on.
    Virtual,
}

impl GrantArgs {
    /// The context of a guest that is in `file` and gets `args`.
    ///
    /// # Errors
    ///
    /// If something that it is to get is not there.
    pub fn context<'a>(
        &self,
        file: &Path,
        args: impl Iterator<Item = &'a OsString>,
    ) -> Result<WasiCtxBuilder, Stop> {
        let mut wasi = WasiCtxBuilder::new();
        let name = self.argv0.as_deref().or(file.file_name()).unwrap_or(file.as_os_str());
        wasi.arg(name.as_encoded_bytes());
        for arg in args {
            wasi.arg(arg.as_encoded_bytes());
        }
        if self.inherit_env {
            wasi.inherit_env();
        }
        if let Some(cwd) = &self.cwd {
            wasi.env("PWD", cwd.as_encoded_bytes());
        }
        for variable in &self.env {
            set_variable(&mut wasi, variable)?;
        }
        self.set_streams(&mut wasi)?;
        if let Some(seed) = self.seed {
            wasi.random(SeededRandom::new(seed));
        }
        match self.clock {
            Some(ClockArg::Fixed) => _ = wasi.clock(VirtualClock::fixed_at(VirtualClock::Y2K)),
            Some(ClockArg::Virtual) => _ = wasi.clock(VirtualClock::starting_at(VirtualClock::Y2K)),
            None => {}
        }
        for dir in &self.dirs {
            open_dir(&mut wasi, dir)?;
        }
        Ok(wasi)
    }

    fn set_streams(&self, wasi: &mut WasiCtxBuilder) -> Result<(), Stop> {
        let failed = |option: &str, file: &Path| {
            let message = format!("--{option} {}: cannot open the file", file.display());
            move |error| Stop::error(format!("{message}: {error}"))
        };
        match &self.stdin {
            Some(file) => wasi.stdin_file(file).map_err(failed("stdin", file))?,
            None => wasi.inherit_stdin(),
        };
        match &self.stdout {
            Some(file) => wasi.stdout_file(file).map_err(failed("stdout", file))?,
            None => wasi.inherit_stdout(),
        };
        match &self.stderr {
            Some(file) => wasi.stderr_file(file).map_err(failed("stderr", file))?,
            None => wasi.inherit_stderr(),
        };
        Ok(())
    }
}

/// Sets what `--env` describes.
fn set_variable(wasi: &mut WasiCtxBuilder, variable: &OsStr) -> Result<(), Stop> {
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

/// Opens what `--dir` describes.
fn open_dir(wasi: &mut WasiCtxBuilder, dir: &Dir) -> Result<(), Stop> {
    let Dir { host, guest, read_only, said } = dir;
    let (dir, file) = match read_only {
        true => (DirPerms::READ, FilePerms::READ),
        false => (DirPerms::all(), FilePerms::all()),
    };
    match wasi.preopened_dir(host, guest, dir, file) {
        Ok(_) => Ok(()),
        Err(error) => {
            let host = host.display();
            Err(Stop::error(format!("{said}: cannot open the directory `{host}`: {error}")))
        }
    }
}

/// A directory as `--dir` describes it.
#[derive(Deserialize, Clone, Debug)]
#[serde(try_from = "String")]
pub struct Dir {
    /// Where it is.
    pub host: PathBuf,
    /// How the guest knows it.
    pub guest: String,
    /// Whether the guest may only read in it.
    pub read_only: bool,
    /// Who described it, for messages.
    pub said: String,
}

impl Dir {
    /// The directory that `text` describes, which is `HOST`, `HOST::GUEST`, and either with `::ro`.
    pub fn parse(text: &str) -> Result<Self, String> {
        let (paths, read_only) = match text.strip_suffix("::ro") {
            Some(paths) => (paths, true),
            None => (text, false),
        };
        let (host, guest) = paths.split_once("::").unwrap_or((paths, paths));
        if host.is_empty() {
            return Err("expected a directory such as `data`, `data::/d` or `data::/d::ro`".into());
        }
        let said = format!("--dir {text}");
        Ok(Dir { host: host.into(), guest: guest.into(), read_only, said })
    }
}

impl PartialEq for Dir {
    fn eq(&self, other: &Self) -> bool {
        let what = |dir: &Dir| (dir.host.clone(), dir.guest.clone(), dir.read_only);
        what(self) == what(other) // Whoever described it.
    }
}

#[test]
fn directories() {
    let dir = |text| {
        let Dir { host, guest, read_only, .. } = Dir::parse(text).ok()?;
        Some((host.into_os_string().into_string().ok()?, guest, read_only))
    };
    let is = |host: &str, guest: &str, read_only| Some((host.into(), guest.into(), read_only));
    assert_eq!(dir("."), is(".", ".", false));
    assert_eq!(dir("a::/b"), is("a", "/b", false));
    assert_eq!(dir("a::ro"), is("a", "a", true));
    assert_eq!(dir("a::/b::ro"), is("a", "/b", true));
    assert_eq!(dir("C:/x::/b"), is("C:/x", "/b", false));
    assert_eq!(dir("::/b"), None);
}
