//! `rwasm run --learn`: what a run needed of what it was granted, as a policy.

use super::file::Policy;
use super::program::Program;
use super::{edit, text};
use crate::exit::Stop;
use crate::run::RunArgs;
use rwasm::wasi::host::HostSession;
use rwasm::wasi::usage::{Usage, Used};
use std::path::{Path, PathBuf};
use std::{fs, io};

/// A run from which a policy is learned.
pub struct Learner {
    path: PathBuf,
    program: PathBuf,
    granted: Program,
    usage: Usage,
}

impl Learner {
    /// Begins with a run of these arguments, from which the policy at `path` is made, or learns more.
    ///
    /// # Errors
    ///
    /// If there is something at `path` that is no policy, if it cannot be written, or if the arguments
    /// grant something that none can have.
    pub fn begin(path: &Path, args: &RunArgs) -> Result<Self, Stop> {
        Policy::parse(path, &read(path)?)?;
        // Nothing is written yet, but a run may be too long to find out at its end.
        let opened = fs::OpenOptions::new().append(true).create(true).open(path);
        opened.map_err(|error| unwritable(path, &error))?;
        let folder = path.parent().unwrap_or(Path::new(""));
        let granted = Program::granted(args, folder).map_err(|what| {
            Stop::Error(format!("--learn {}: a policy cannot have {what}", path.display()))
        })?;
        let (path, program) = (path.to_owned(), args.file.clone());
        Ok(Learner { path, program, granted, usage: Usage::default() })
    }

    /// The session, from now on watched.
    pub fn watch(&self, session: HostSession) -> HostSession {
        self.usage.watch(session)
    }

    /// Writes the policy. Gives the status: that of the run, unless all went well but this.
    pub fn finish(self, status: u8) -> u8 {
        match self.write() {
            Ok(()) => status,
            Err(stop) => {
                let said = stop.report();
                if status == 0 { said } else { status }
            }
        }
    }

    fn write(self) -> Result<(), Stop> {
        let Learner { path, program: file, granted, usage } = self;
        let used = usage.used();
        let before = read(&path)?; // Once more: others may have learned meanwhile.
        let mut policy = Policy::parse(&path, &before)?;
        let name = policy.name(&file).map(str::to_owned);
        let name = name.unwrap_or_else(|| {
            file.file_name().unwrap_or(file.as_os_str()).to_string_lossy().into_owned()
        });
        let mut program = policy.programs.remove(&name).unwrap_or_default();
        let folder = path.parent().unwrap_or(Path::new(""));
        program.join(granted.of_this_only(&used), folder);

        let table = text::table(&name, &program, &notes(&used));
        let after = edit::replace(&before, &name, &table, NOTES);
        policy.programs.insert(name, program);
        // What people have written may stand in places where nothing can be put beside it.
        if Policy::parse(&path, &after).ok().as_ref() != Some(&policy) {
            return Err(Stop::error(format!(
                "--learn {}: the file cannot be added to as it is written; another one can",
                path.display()
            )));
        }
        put(&path, &after).map_err(|error| unwritable(&path, &error))
    }
}

/// What no key says, in the order of `Used`.
const NOTES: &[&str] = &[
    "# It asks for its arguments.",
    "# It asks for environment variables.",
    "# It looks at clocks or waits.",
    "# It asks for randomness.",
];

fn notes(used: &Used) -> Vec<&'static str> {
    let is_noted = [used.args, used.vars, used.time, used.randomness];
    NOTES.iter().zip(is_noted).filter(|(_, is_noted)| *is_noted).map(|(note, _)| *note).collect()
}

/// Writes a file as a whole or not at all, since what it had may be somebody's only copy.
fn put(path: &Path, text: &str) -> io::Result<()> {
    let path = fs::canonicalize(path)?; // What a link leads to is replaced, and not the link.
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let beside = path.with_file_name(format!(".{name}.{}", std::process::id()));
    let permissions = fs::metadata(&path)?.permissions();
    let written = fs::write(&beside, text)
        .and_then(|()| fs::set_permissions(&beside, permissions))
        .and_then(|()| fs::rename(&beside, &path));
    if written.is_err() {
        let _ = fs::remove_file(&beside);
    }
    written
}

fn unwritable(path: &Path, error: &io::Error) -> Stop {
    Stop::error(format!("--learn {}: cannot write the policy: {error}", path.display()))
}

/// What the file has so far.
fn read(path: &Path) -> Result<String, Stop> {
    match fs::read_to_string(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(String::new()),
        result => result.map_err(|error| {
            Stop::error(format!("--learn {}: cannot read the policy: {error}", path.display()))
        }),
    }
}
