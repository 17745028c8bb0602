//! From arguments back to what they grant, and what of it a run has used.

use super::program::Program;
use super::text;
use super::value::Variable;
use crate::dir::{Access, Dir};
use crate::run::RunArgs;
use rwasm::wasi::usage::Used;
use std::ffi::OsStr;
use std::path::{Path, PathBuf, absolute};

impl Program {
    /// What `args` grant, with paths as they are seen from `folder`.
    ///
    /// # Errors
    ///
    /// If there is something among them that a policy cannot have, which is said.
    pub fn granted(args: &RunArgs, folder: &Path) -> Result<Self, String> {
        let grants = &args.grants;
        let path = |path: &Option<PathBuf>| match path {
            Some(path) => seen_from(folder, path).map(Some),
            None => Ok(None),
        };
        let text = |text: Option<&OsStr>| text.map(as_text).transpose();
        let mut program = Program {
            inherit_env: grants.inherit_env,
            tcplisten: grants.tcplisten.clone(),
            stdin: path(&grants.stdin)?,
            stdout: path(&grants.stdout)?,
            stderr: path(&grants.stderr)?,
            argv0: text(grants.argv0.as_deref())?,
            cwd: text(grants.cwd.as_deref())?,
            seed: grants.seed,
            clock: grants.clock,
            threads: args.threads,
            fuel: args.fuel,
            timeout: args.timeout.clone(),
            max_memory: args.max_memory,
            max_written: args.max_written,
            deterministic: args.engine.deterministic,
            wasm: args.engine.wasm.clone(),
            trap_unknown_imports: args.trap_unknown_imports,
            lazy_validation: args.lazy_validation,
            ..Program::default()
        };
        for dir in &grants.dirs {
            let seen = Dir { host: seen_from(folder, &dir.host)?, ..dir.clone() };
            let said = text::dir(&seen);
            match Dir::parse(&said) {
                Ok(read) if read == seen => program.dir.push(read),
                _ => return Err(format!("the directory `{said}`, which has `::` in its path")),
            }
        }
        for variable in &grants.env {
            let variable = as_text(variable)?;
            let (name, value) = match variable.split_once('=') {
                Some((name, value)) => (name.to_owned(), Variable::Text(value.to_owned())),
                None => (variable, Variable::Here),
            };
            program.env.insert(name, value);
        }
        Ok(program)
    }

    /// The same without what was not used, and directories read-only in which nothing was written.
    pub fn of_this_only(mut self, used: &Used) -> Self {
        // Each directory that is granted is one that is open at the start, in the same order.
        let mut dirs = used.dirs.iter();
        self.dir.retain_mut(|dir| {
            let how = dirs.next();
            if !how.is_some_and(|how| how.written) {
                dir.access = Access::ReadOnly;
            }
            how.is_some_and(|how| how.used)
        });
        if !used.vars {
            self.env.clear();
            self.inherit_env = false;
            self.cwd = None; // Which is a variable.
        }
        if !used.sockets {
            self.tcplisten.clear();
        }
        if !used.args {
            self.argv0 = None;
        }
        self
    }

    /// Adds what another run needed, so that both can run. What there can only be one of is the
    /// other's, where it has it. Paths begin at `folder`.
    pub fn join(&mut self, other: Program, folder: &Path) {
        // However it is written.
        let place = |host: &Path| {
            let host = folder.join(host);
            host.canonicalize().unwrap_or(host)
        };
        for dir in other.dir {
            let is_it = |known: &&mut Dir| {
                known.guest == dir.guest && place(&known.host) == place(&dir.host)
            };
            match self.dir.iter_mut().find(is_it) {
                Some(known) => known.access = known.access.max(dir.access),
                None => self.dir.push(dir),
            }
        }
        for address in other.tcplisten {
            if !self.tcplisten.contains(&address) {
                self.tcplisten.push(address);
            }
        }
        self.env.extend(other.env);
        for feature in other.wasm {
            // The last one counts, so it is not enough that it is there.
            self.wasm.retain(|known| *known != feature);
            self.wasm.push(feature);
        }
        self.inherit_env |= other.inherit_env;
        self.threads |= other.threads;
        self.deterministic |= other.deterministic;
        self.trap_unknown_imports |= other.trap_unknown_imports;
        self.lazy_validation |= other.lazy_validation;
        replace(&mut self.stdin, other.stdin);
        replace(&mut self.stdout, other.stdout);
        replace(&mut self.stderr, other.stderr);
        replace(&mut self.argv0, other.argv0);
        replace(&mut self.cwd, other.cwd);
        replace(&mut self.seed, other.seed);
        replace(&mut self.clock, other.clock);
        replace(&mut self.fuel, other.fuel);
        replace(&mut self.timeout, other.timeout);
        replace(&mut self.max_memory, other.max_memory);
        replace(&mut self.max_written, other.max_written);
    }
}

fn replace<T>(value: &mut Option<T>, other: Option<T>) {
    if other.is_some() {
        *value = other;
    }
}

/// A path as it is seen from `folder`, if it is in it; else from the root.
fn seen_from(folder: &Path, path: &Path) -> Result<PathBuf, String> {
    let nowhere = |error| format!("the path `{}`: {error}", path.display());
    let path = absolute(path).map_err(nowhere)?;
    // The folder of a file without one has no path.
    let folder = absolute(Path::new(".").join(folder)).map_err(nowhere)?;
    let seen = match path.strip_prefix(folder) {
        Ok(rest) if rest.as_os_str().is_empty() => Path::new("."),
        Ok(rest) => rest,
        Err(_) => &path,
    };
    as_text(seen.as_os_str()).map(PathBuf::from)
}

fn as_text(text: &OsStr) -> Result<String, String> {
    let text = text.to_str().ok_or_else(|| format!("`{}`, which is no UTF-8", text.display()))?;
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use rwasm::wasi::usage::UsedDir;

    fn program(text: &str) -> Program {
        toml::from_str(text).unwrap()
    }

    fn used(dirs: &[(bool, bool)], vars: bool, args: bool) -> Used {
        let dir = |&(used, written): &(bool, bool)| UsedDir { used, written, name: Vec::new() };
        let mut all = Used::default();
        (all.dirs, all.vars, all.args) = (dirs.iter().map(dir).collect(), vars, args);
        all
    }

    #[test]
    fn what_was_not_used_is_left_out() {
        let all = program(
            "dir = ['a', 'b', 'c', 'd::ro']\nenv = { A = '1' }\ncwd = '/'\nargv0 = 'x'\nfuel = 1",
        );
        let ways = [(true, false), (false, false), (true, true), (true, true)];
        let left = all.clone().of_this_only(&used(&ways, false, false));
        assert_eq!(left, program("dir = ['a::ro', 'c', 'd::ro']\nfuel = 1"));
        let left = all.clone().of_this_only(&used(&[], true, true));
        assert_eq!(left, program("env = { A = '1' }\ncwd = '/'\nargv0 = 'x'\nfuel = 1"));
    }

    #[test]
    fn runs_are_joined() {
        let mut all = program(
            "dir = ['a::ro', 'b::ro', 'c']\nenv = { A = '1', B = '2' }\nfuel = 1\nseed = 2",
        );
        all.join(
            program(
                "dir = ['d', 'a', 'c::ro', 'b::/b']\nenv = { A = '3' }\nfuel = 4\nthreads = true",
            ),
            Path::new(""),
        );
        let both = "dir = ['a', 'b::ro', 'c', 'd', 'b::/b']\nenv = { A = '3', B = '2' }\n\
                    fuel = 4\nseed = 2\nthreads = true";
        assert_eq!(all, program(both));
        let mut again = all.clone();
        again.join(all.clone(), Path::new(""));
        assert_eq!(again, all);
    }

    #[test]
    fn paths_are_seen_from_the_folder() {
        let seen = |folder, path| seen_from(Path::new(folder), Path::new(path)).unwrap();
        assert_eq!(seen("", "data"), Path::new("data"));
        assert_eq!(seen("", "./data/.."), Path::new("data/.."));
        assert_eq!(seen("", "."), Path::new("."));
        assert_eq!(seen("sub", "sub/data"), Path::new("data"));
        assert_eq!(seen("sub", "sub/../data"), Path::new("../data"));
        assert_eq!(seen("sub", "/data"), Path::new("/data"));
        assert!(seen("sub", "data").is_absolute());
    }
}
