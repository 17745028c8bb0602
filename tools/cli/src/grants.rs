//! What a guest gets: arguments, variables, streams, directories, clocks and randomness.

use crate::dir::Dir;
use crate::exit::Stop;
use clap::{Args, ValueEnum};
use rwasm::wasi::{SeededRandom, VirtualClock, WasiCtxBuilder, ambient};
use serde::Deserialize;
use std::ffi::{OsStr, OsString};
use std::io::{self, Write as _, stderr};
use std::net::ToSocketAddrs as _;
use std::path::{Path, PathBuf};

/// Options about what a guest gets.
#[derive(Args, Debug, Default)]
#[command(next_help_heading = "What the guest gets")]
pub struct GrantArgs {
    /// Let the guest use a directory, which it knows as GUEST (else as HOST); `ro` is read-only, with
    /// `cow` its changes stay in memory
    #[arg(long = "dir", value_name = "HOST[::GUEST][::ro|::cow]", value_parser = Dir::parse)]
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

    /// Let a terminal obey control sequences that the guest writes to it, such as those for colours;
    /// else they are shown
    #[arg(long)]
    pub(crate) raw_terminal: bool,

    /// Let the guest accept TCP connections at an address, such as `127.0.0.1:8080`; with port 0 the
    /// host chooses one, and says which
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub(crate) tcplisten: Vec<String>,

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
        for address in &self.tcplisten {
            listen(&mut wasi, address)?;
        }
        for dir in &self.dirs {
            dir.open(&mut wasi, self.clock.is_none().then(ambient::clock))?;
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
            Some(file) if self.raw_terminal => {
                wasi.stdout(ambient::raw_output_file(file).map_err(failed("stdout", file))?)
            }
            Some(file) => wasi.stdout_file(file).map_err(failed("stdout", file))?,
            None if self.raw_terminal => wasi.inherit_raw_stdout(),
            None => wasi.inherit_stdout(),
        };
        match &self.stderr {
            Some(file) if self.raw_terminal => {
                wasi.stderr(ambient::raw_output_file(file).map_err(failed("stderr", file))?)
            }
            Some(file) => wasi.stderr_file(file).map_err(failed("stderr", file))?,
            None if self.raw_terminal => wasi.inherit_raw_stderr(),
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

/// Listens where `--tcplisten` says.
fn listen(wasi: &mut WasiCtxBuilder, text: &str) -> Result<(), Stop> {
    let failed = |error: io::Error| {
        let mut message = format!("--tcplisten {text}: cannot listen there: {error}");
        if error.kind() == io::ErrorKind::InvalidInput {
            message +=
                "\nhelp: an address and a port are needed, such as 127.0.0.1:8080 or [::1]:8080";
        }
        Stop::error(message)
    };
    let mut addresses = text.to_socket_addrs().map_err(failed)?;
    let address = addresses.next().ok_or_else(|| failed(io::ErrorKind::NotFound.into()))?;
    let bound = wasi.preopened_tcp_listener(address).map_err(failed)?;
    if address.port() == 0 {
        // Nobody could connect who does not know.
        let _ = writeln!(stderr(), "listening at {bound}");
    }
    Ok(())
}
