//! Policies: files that say what programs are granted, in the words of the options.
//!
//! | file | what |
//! |---|---|
//! | `file` | a policy, and which of its programs one is |
//! | `program` | what a program is granted, and how the command line adds to it |
//! | `value` | values that are written as on the command line |
//! | `mistake` | what is wrong in a file, for people |
//! | `learn` | the policy that a run needed |
//! | `granted` | from arguments back to what they grant, and what of it was used |
//! | `text`, `edit` | a program as text, and a file with one program changed |

mod edit;
mod file;
mod granted;
mod learn;
mod mistake;
mod program;
mod text;
mod value;

pub use crate::exit::Stop;
use crate::run::RunArgs;
use clap::Args;
use file::Policy;
pub use learn::Learner;
use std::path::PathBuf;

/// Options about policies.
#[derive(Args, Debug, Default)]
#[command(next_help_heading = "What the guest gets")]
pub struct PolicyArgs {
    /// Give the guest what this file says of it; other options add to that or stand in its place
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,

    /// When the guest has ended, write to this file what it needed of what it was given, as a
    /// policy; what the file has already is kept
    #[arg(long, value_name = "FILE")]
    learn: Option<PathBuf>,

    /// Ask at the terminal what else the guest is to get of what it asks for
    #[arg(long)]
    pub ask: bool,
}

impl RunArgs {
    /// Adds what the policy grants the program, if there is one.
    ///
    /// # Errors
    ///
    /// If the policy is wrong or does not have the program, or what it says does not go together
    /// with the options.
    pub fn use_policy(&mut self) -> Result<(), Stop> {
        let Some(path) = self.policy.policy.clone() else { return Ok(()) };
        let policy = Policy::read(&path)?;
        policy.program(&self.file)?.grant(self, &path)?;
        match self.excludes_threads().filter(|_| self.threads) {
            Some(word) => Err(Stop::error(format!(
                "{}: `threads` and `{word}` do not go together, here or with options of the \
                 command line",
                path.display()
            ))),
            None => Ok(()),
        }
    }

    /// The option that was given and does not go together with `--threads`, if there is one.
    pub fn excludes_threads(&self) -> Option<&'static str> {
        let excluded = [
            (self.fuel.is_some(), "fuel"),
            (self.grants.clock.is_some(), "clock"),
            (self.engine.deterministic, "deterministic"),
            (self.record.is_some(), "record"),
        ];
        excluded.into_iter().find(|(is_given, _)| *is_given).map(|(_, option)| option)
    }

    /// What learns from the run, if something is to.
    ///
    /// # Errors
    ///
    /// As [`Learner::begin`].
    pub fn learner(&self) -> Result<Option<Learner>, Stop> {
        self.policy.learn.as_deref().map(|path| Learner::begin(path, self)).transpose()
    }
}
