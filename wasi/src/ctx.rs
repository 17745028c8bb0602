//! [`WasiCtx`]: what one guest is given, and the builder for it.

use crate::ambient;
use crate::host::{
    Clock, Dir, DirPerms, Env, FilePerms, FixedEnv, Grant, HostSession, InputStream, Interrupt,
    Listener, OutputStream, Preopened, Random, Stdio, World,
};
use crate::p1::WasiP1Ctx;
use crate::real::RealDir;
use crate::stream::{ClosedInput, SinkOutput};
use std::io;
use std::mem;
use std::net::SocketAddr;
use std::path::Path;

/// What one guest is given, ready for a front end.
///
/// The default grants nothing: no arguments, environment or directories; input is at its end and
/// output is thrown away. Time and randomness are the host's.
///
/// ```
/// use rwasm_wasi::{WasiCtx, WasiP1Ctx};
///
/// let cx = WasiP1Ctx::new(WasiCtx::default());
/// cx.interrupt_handle().interrupt(); // Ends whatever the guest waits for.
/// ```
#[derive(Debug)]
pub struct WasiCtx {
    session: HostSession,
    max_descriptors: usize,
}

impl Default for WasiCtx {
    fn default() -> Self {
        WasiCtxBuilder::new().build()
    }
}

impl WasiCtx {
    /// How many descriptors a guest may have open unless it is said: half of what systems usually let
    /// a process have, because each may be one of the host.
    pub const MAX_DESCRIPTORS: usize = 512;

    /// A builder that grants nothing yet.
    pub fn builder() -> WasiCtxBuilder {
        WasiCtxBuilder::new()
    }

    /// A context whose guest reaches the world through `session`, with
    /// [`WasiCtx::MAX_DESCRIPTORS`].
    pub fn from_session(session: HostSession) -> Self {
        Self { session, max_descriptors: Self::MAX_DESCRIPTORS }
    }

    /// How many descriptors the guest may have open.
    pub fn max_descriptors(&self) -> usize {
        self.max_descriptors
    }

    /// The guest's access to the world, to be wrapped or used by a front end.
    pub fn into_session(self) -> HostSession {
        self.session
    }

    /// The handle that ends the guest's waits, from any thread.
    pub fn interrupt_handle(&self) -> Interrupt {
        self.session.interrupt_handle()
    }
}

/// Gathers what a guest is given. Names and meaning are those of `wasmtime_wasi`.
///
/// ```
/// use rwasm_wasi::{DirPerms, FilePerms, WasiCtxBuilder};
///
/// let cx = WasiCtxBuilder::new()
///     .args(&["tool", "--fast"])
///     .env("LANG", "C")
///     .inherit_stdio()
///     .preopened_dir(".", "/work", DirPerms::READ, FilePerms::READ)?
///     .build_p1();
/// # std::io::Result::Ok(())
/// ```
pub struct WasiCtxBuilder {
    env: FixedEnv,
    custom_env: Option<Box<dyn Env>>,
    stdin: Box<dyn InputStream>,
    stdout: Box<dyn OutputStream>,
    stderr: Box<dyn OutputStream>,
    preopened: Vec<Preopened>,
    listeners: Vec<Box<dyn Listener>>,
    clock: Option<Box<dyn Clock>>,
    random: Option<Box<dyn Random>>,
    interrupt: Interrupt,
    max_descriptors: usize,
}

impl Default for WasiCtxBuilder {
    fn default() -> Self {
        Self::new()
    }
}

impl WasiCtxBuilder {
    /// A builder that grants nothing yet.
    pub fn new() -> Self {
        Self {
            env: FixedEnv::default(),
            custom_env: None,
            stdin: Box::new(ClosedInput),
            stdout: Box::new(SinkOutput),
            stderr: Box::new(SinkOutput),
            preopened: Vec::new(),
            listeners: Vec::new(),
            clock: None,
            random: None,
            interrupt: Interrupt::new(),
            max_descriptors: WasiCtx::MAX_DESCRIPTORS,
        }
    }

    /// Adds an argument. The first is the program's name.
    pub fn arg(&mut self, arg: impl AsRef<[u8]>) -> &mut Self {
        self.env.args.push(arg.as_ref().to_vec());
        self
    }

    /// Adds arguments.
    pub fn args(&mut self, args: &[impl AsRef<[u8]>]) -> &mut Self {
        self.env.args.extend(args.iter().map(|arg| arg.as_ref().to_vec()));
        self
    }

    /// Adds the process's own arguments, its name included.
    pub fn inherit_args(&mut self) -> &mut Self {
        self.env.args.extend(ambient::args());
        self
    }

    /// Sets an environment variable, instead of an earlier one of that name.
    pub fn env(&mut self, name: impl AsRef<[u8]>, value: impl AsRef<[u8]>) -> &mut Self {
        let prefix = [name.as_ref(), b"="].concat();
        self.env.vars.retain(|var| !var.starts_with(&prefix));
        self.env.vars.push([&prefix, value.as_ref()].concat());
        self
    }

    /// Sets environment variables.
    pub fn envs(&mut self, vars: &[(impl AsRef<[u8]>, impl AsRef<[u8]>)]) -> &mut Self {
        vars.iter().fold(self, |builder, (name, value)| builder.env(name, value))
    }

    /// Gives the guest the process's own environment.
    pub fn inherit_env(&mut self) -> &mut Self {
        self.envs(&ambient::vars())
    }

    /// Answers for arguments and environment, instead of what was added one by one.
    pub fn environment(&mut self, env: impl Env + 'static) -> &mut Self {
        self.custom_env = Some(Box::new(env));
        self
    }

    /// Sets standard input.
    pub fn stdin(&mut self, stdin: impl InputStream + 'static) -> &mut Self {
        self.stdin = Box::new(stdin);
        self
    }

    /// Sets standard output.
    pub fn stdout(&mut self, stdout: impl OutputStream + 'static) -> &mut Self {
        self.stdout = Box::new(stdout);
        self
    }

    /// Sets standard error.
    pub fn stderr(&mut self, stderr: impl OutputStream + 'static) -> &mut Self {
        self.stderr = Box::new(stderr);
        self
    }

    /// Gives the guest the process's standard input.
    pub fn inherit_stdin(&mut self) -> &mut Self {
        self.stdin = ambient::stdin();
        self
    }

    /// Gives the guest the process's standard output, escaped if it is a terminal
    /// ([`EscapedOutput`](crate::EscapedOutput)).
    pub fn inherit_stdout(&mut self) -> &mut Self {
        self.stdout = ambient::stdout();
        self
    }

    /// Gives the guest the process's standard error, escaped if it is a terminal.
    pub fn inherit_stderr(&mut self) -> &mut Self {
        self.stderr = ambient::stderr();
        self
    }

    /// Gives the guest the process's standard output. If it is a terminal, it obeys what the guest
    /// writes to it.
    pub fn inherit_raw_stdout(&mut self) -> &mut Self {
        self.stdout = ambient::raw_stdout();
        self
    }

    /// Gives the guest the process's standard error, as [`WasiCtxBuilder::inherit_raw_stdout`].
    pub fn inherit_raw_stderr(&mut self) -> &mut Self {
        self.stderr = ambient::raw_stderr();
        self
    }

    /// Gives the guest a file of the host as standard input. Fails if it cannot be opened.
    pub fn stdin_file(&mut self, host_path: impl AsRef<Path>) -> io::Result<&mut Self> {
        self.stdin = ambient::input_file(host_path)?;
        Ok(self)
    }

    /// Writes the guest's standard output to a file of the host, which is made or emptied. Fails if
    /// it cannot be opened.
    pub fn stdout_file(&mut self, host_path: impl AsRef<Path>) -> io::Result<&mut Self> {
        self.stdout = ambient::output_file(host_path)?;
        Ok(self)
    }

    /// Writes the guest's standard error to a file of the host, as
    /// [`WasiCtxBuilder::stdout_file`]. It may be the same file.
    pub fn stderr_file(&mut self, host_path: impl AsRef<Path>) -> io::Result<&mut Self> {
        self.stderr = ambient::output_file(host_path)?;
        Ok(self)
    }

    /// Gives the guest the process's standard streams.
    pub fn inherit_stdio(&mut self) -> &mut Self {
        self.inherit_stdin().inherit_stdout().inherit_stderr()
    }

    /// Opens the host's directory `host_path` for the guest, which knows it as `guest_path`.
    /// Fails if it cannot be opened.
    pub fn preopened_dir(
        &mut self,
        host_path: impl AsRef<Path>,
        guest_path: impl AsRef<str>,
        dir_perms: DirPerms,
        file_perms: FilePerms,
    ) -> io::Result<&mut Self> {
        let dir = ambient::open_dir(host_path)?;
        Ok(self.preopened_cap_dir(dir, guest_path, dir_perms, file_perms))
    }

    /// Gives the guest a directory that is open already, as `guest_path`.
    pub fn preopened_cap_dir(
        &mut self,
        dir: cap_std::fs::Dir,
        guest_path: impl AsRef<str>,
        dir_perms: DirPerms,
        file_perms: FilePerms,
    ) -> &mut Self {
        self.preopened_custom_dir(RealDir::new(dir), guest_path, dir_perms, file_perms)
    }

    /// Gives the guest a directory of the embedder's own making, as `guest_path`.
    pub fn preopened_custom_dir(
        &mut self,
        dir: impl Dir,
        guest_path: impl AsRef<str>,
        dir_perms: DirPerms,
        file_perms: FilePerms,
    ) -> &mut Self {
        let grant = Grant { dir: dir_perms, file: file_perms };
        let name = guest_path.as_ref().as_bytes().to_vec();
        self.preopened.push(Preopened { dir: Box::new(dir), name, grant });
        self
    }

    /// Listens for TCP connections at an address of the host, which the guest may accept. A guest of
    /// WASI 0.1 has it as a descriptor behind those of its directories. Gives the address, whose
    /// port the host has chosen if it was 0. Fails if it cannot be had.
    pub fn preopened_tcp_listener(&mut self, address: SocketAddr) -> io::Result<SocketAddr> {
        let (listener, address) = ambient::tcp_listener(address)?;
        self.listeners.push(listener);
        Ok(address)
    }

    /// Gives the guest connections of the embedder's own making, as
    /// [`WasiCtxBuilder::preopened_tcp_listener`] does those of the host.
    pub fn preopened_listener(&mut self, listener: impl Listener + 'static) -> &mut Self {
        self.listeners.push(Box::new(listener));
        self
    }

    /// Sets the clocks, instead of the host's.
    pub fn clock(&mut self, clock: impl Clock + 'static) -> &mut Self {
        self.clock = Some(Box::new(clock));
        self
    }

    /// Sets the source of randomness, instead of the host's.
    pub fn random(&mut self, random: impl Random + 'static) -> &mut Self {
        self.random = Some(Box::new(random));
        self
    }

    /// Sets the handle that ends the guest's waits, to share one between guests.
    pub fn interrupt(&mut self, interrupt: Interrupt) -> &mut Self {
        self.interrupt = interrupt;
        self
    }

    /// Sets how many descriptors the guest may have open at once, standard streams and preopened
    /// directories included. Opening one more fails with `mfile`.
    pub fn max_descriptors(&mut self, most: usize) -> &mut Self {
        self.max_descriptors = most;
        self
    }

    /// The context. The builder is left as [`WasiCtxBuilder::new`] makes it.
    pub fn build(&mut self) -> WasiCtx {
        let Self {
            env,
            custom_env,
            stdin,
            stdout,
            stderr,
            preopened,
            listeners,
            clock,
            random,
            interrupt,
            max_descriptors,
        } = mem::take(self);
        let world = World::new(
            preopened,
            listeners,
            Stdio { stdin, stdout, stderr },
            clock.unwrap_or_else(ambient::clock),
            random.unwrap_or_else(ambient::random),
            custom_env.unwrap_or_else(|| Box::new(env)),
            interrupt.clone(),
        );
        WasiCtx { session: HostSession::new(world, interrupt), max_descriptors }
    }

    /// The context for a guest of WASI 0.1. The builder is left as [`WasiCtxBuilder::new`] makes
    /// it.
    pub fn build_p1(&mut self) -> WasiP1Ctx {
        WasiP1Ctx::new(self.build())
    }
}
