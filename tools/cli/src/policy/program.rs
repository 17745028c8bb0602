//! [`Program`]: what one program is granted.

use super::value::{self, Variable};
use crate::backtrace::plain;
use crate::dir::Dir;
use crate::exit::Stop;
use crate::grants::ClockArg;
use crate::limits::Timeout;
use crate::run::RunArgs;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// What one program is granted. Keys and values are the options of `rwasm run`.
#[derive(Deserialize, Clone, Debug, Default, PartialEq)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Program {
    pub dir: Vec<Dir>,
    pub env: BTreeMap<String, Variable>,
    pub inherit_env: bool,
    pub tcplisten: Vec<String>,
    pub stdin: Option<PathBuf>,
    pub stdout: Option<PathBuf>,
    pub stderr: Option<PathBuf>,
    pub argv0: Option<String>,
    pub cwd: Option<String>,
    #[serde(deserialize_with = "value::number")]
    pub seed: Option<u64>,
    pub clock: Option<ClockArg>,
    pub threads: bool,
    #[serde(deserialize_with = "value::number")]
    pub fuel: Option<u64>,
    #[serde(deserialize_with = "value::timeout")]
    pub timeout: Option<Timeout>,
    #[serde(deserialize_with = "value::size")]
    pub max_memory: Option<u64>,
    #[serde(deserialize_with = "value::size")]
    pub max_written: Option<u64>,
    pub deterministic: bool,
    #[serde(deserialize_with = "value::features")]
    pub wasm: Vec<String>,
    pub trap_unknown_imports: bool,
    pub lazy_validation: bool,
}

impl Program {
    /// Adds all of this to `args`, whose own options come after it, or stand in its place where
    /// there can only be one. It stands in the file `policy`, whose folder paths begin at.
    ///
    /// # Errors
    ///
    /// If a variable is not there that is to be what it is here.
    pub fn grant(&self, args: &mut RunArgs, policy: &Path) -> Result<(), Stop> {
        let folder = policy.parent().unwrap_or(Path::new(""));
        let at = |path: &PathBuf| folder.join(path);

        let dirs = self.dir.iter().map(|dir| Dir {
            host: at(&dir.host),
            said: dir.said.replacen("--dir", &format!("{}: dir", policy.display()), 1),
            ..dir.clone()
        });
        args.grants.dirs.splice(..0, dirs);
        let variables = self.variables(&args.grants.env, policy)?;
        args.grants.env.splice(..0, variables);
        args.grants.tcplisten.splice(..0, self.tcplisten.iter().cloned());
        args.engine.wasm.splice(..0, self.wasm.iter().cloned());

        args.grants.inherit_env |= self.inherit_env;
        args.threads |= self.threads;
        args.engine.deterministic |= self.deterministic;
        args.trap_unknown_imports |= self.trap_unknown_imports;
        args.lazy_validation |= self.lazy_validation;

        default(&mut args.grants.stdin, self.stdin.as_ref().map(at));
        default(&mut args.grants.stdout, self.stdout.as_ref().map(at));
        default(&mut args.grants.stderr, self.stderr.as_ref().map(at));
        default(&mut args.grants.argv0, self.argv0.as_ref().map(Into::into));
        default(&mut args.grants.cwd, self.cwd.as_ref().map(Into::into));
        default(&mut args.grants.seed, self.seed);
        default(&mut args.grants.clock, self.clock);
        default(&mut args.fuel, self.fuel);
        default(&mut args.timeout, self.timeout.clone());
        default(&mut args.max_memory, self.max_memory);
        default(&mut args.max_written, self.max_written);
        Ok(())
    }

    /// The variables, as `--env` has them, without those that `given` sets as well.
    fn variables(&self, given: &[OsString], policy: &Path) -> Result<Vec<OsString>, Stop> {
        let mut variables = Vec::new();
        for (name, value) in &self.env {
            let path = policy.display();
            if name.is_empty() || name.contains(['=', '\0']) {
                let name = plain(name);
                return Err(Stop::error(format!(
                    "{path}: env: no variable can be called `{name}`"
                )));
            }
            let is_it = |option: &&OsString| {
                let option = option.as_encoded_bytes();
                option.split(|&byte| byte == b'=').next() == Some(name.as_bytes())
            };
            if given.iter().any(|option| is_it(&option)) {
                continue;
            }
            match value {
                Variable::Text(text) => variables.push(format!("{name}={text}").into()),
                Variable::Here if env::var_os(name).is_some() => variables.push(name.into()),
                Variable::Here => {
                    return Err(Stop::error(format!(
                        "{path}: env: {name} is to be as it is here, but there is no such \
                         variable; `--env {name}=VALUE` sets it"
                    )));
                }
            }
        }
        Ok(variables)
    }
}

/// Gives an option the value that it has unless the command line says otherwise.
fn default<T>(option: &mut Option<T>, value: Option<T>) {
    if option.is_none() {
        *option = value;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dir::Access;

    fn granted(program: &str, given: &[&str]) -> RunArgs {
        let words = ["rwasm", "run"].iter().chain(given).chain(&["tool.wasm"]);
        let command = crate::args::parse(words.map(Into::into).collect());
        let Ok(crate::args::Command::Run(mut args)) = command else { panic!("wrong arguments") };
        let program: Program = toml::from_str(program).unwrap();
        program.grant(&mut args, Path::new("folder/rwasm.toml")).unwrap();
        *args
    }

    #[test]
    fn lists_come_before_those_of_the_command_line() {
        let program =
            "dir = ['a', '../b::/b::ro', '/c']\nwasm = ['gc=n']\nenv = { A = '1', B = '2' }";
        let args = granted(program, &["--dir=d", "-Wsimd", "--env=A=3", "--env=C=4"]);
        let dirs: Vec<_> = args.grants.dirs.iter().map(|dir| dir.host.to_str().unwrap()).collect();
        assert_eq!(dirs, ["folder/a", "folder/../b", "/c", "d"]);
        assert_eq!(args.grants.dirs[0].guest, "a");
        assert!(args.grants.dirs[1].access == Access::ReadOnly);
        assert_eq!(args.engine.wasm, ["gc=n", "simd"]);
        assert_eq!(args.grants.env, ["B=2", "A=3", "C=4"]);
    }

    #[test]
    fn what_there_is_one_of_is_the_command_lines() {
        let program = "fuel = 1\nseed = '18446744073709551615'\nstdin = 'in'\nmax-memory = '1KiB'";
        let args = granted(program, &["--fuel=2"]);
        assert_eq!((args.fuel, args.grants.seed), (Some(2), Some(u64::MAX)));
        assert_eq!(args.grants.stdin.as_deref(), Some(Path::new("folder/in")));
        assert_eq!(args.max_memory, Some(1024));
        assert_eq!(granted(program, &[]).fuel, Some(1));
    }

    #[test]
    fn nothing_is_granted_that_is_not_said() {
        let args = granted("", &[]);
        assert!(args.grants.dirs.is_empty() && args.grants.env.is_empty());
        assert!(!args.grants.inherit_env && !args.threads && !args.trap_unknown_imports);
    }
}
