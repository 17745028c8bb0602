//! The command line.

use std::path::PathBuf;
use std::time::Duration;

/// How to use it.
pub const USAGE: &str = "\
Usage: cargo xtask differential [OPTIONS]

  --time TIME    how long to go on: 90s, 10m, 2h (10m)
  --seed N       the first seed (one that depends on the time)
  --jobs N       how many modules are run at a time (1)
  --keep DIR     where modules that differ are kept (target/differential-found)
  --only SEED    run the module of this seed, show what differs, and keep it if --keep is there
  --module FILE  with --only: run this module, binary or text, instead
";

/// What to do.
pub struct Args {
    pub task: Task,
    pub time: Duration,
    pub seed: u64,
    pub jobs: u64,
    pub keep: Option<PathBuf>,
}

/// Which of the things that this program does.
pub enum Task {
    /// Runs workers for a time.
    Search,
    /// Runs seeds from `first` on, every `step`th, until somebody ends it.
    Worker { first: u64, step: u64 },
    /// Runs one case.
    One { seed: u64, module: Option<PathBuf> },
}

impl Args {
    /// Reads arguments.
    ///
    /// # Errors
    ///
    /// If they mean nothing.
    pub fn parse(args: impl Iterator<Item = String>) -> Result<Args, String> {
        let mut parsed = Args {
            task: Task::Search,
            time: Duration::from_secs(600),
            seed: by_time(),
            jobs: 1,
            keep: None,
        };
        let (mut only, mut module, mut worker) = (None, None, None);
        let mut args = args;
        while let Some(name) = args.next() {
            let value = args.next().ok_or_else(|| format!("{name} wants a value"))?;
            match name.as_str() {
                "--time" => parsed.time = time(&value)?,
                "--seed" => parsed.seed = number(&value)?,
                "--jobs" => parsed.jobs = number(&value)?.max(1),
                "--keep" => parsed.keep = Some(value.into()),
                "--only" => only = Some(number(&value)?),
                "--module" => module = Some(value.into()),
                "--worker" => worker = Some(number(&value)?),
                _ => return Err(format!("{name} is no option")),
            }
        }
        match (worker, only) {
            (Some(step), _) => parsed.task = Task::Worker { first: parsed.seed, step },
            (None, Some(seed)) => parsed.task = Task::One { seed, module },
            (None, None) if module.is_some() => return Err("--module wants --only".into()),
            (None, None) => {}
        }
        Ok(parsed)
    }
}

/// A seed that leaves room for more than anybody runs before the next one.
fn by_time() -> u64 {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    now.map_or(1, |since| since.as_secs() * 1000)
}

fn number(text: &str) -> Result<u64, String> {
    text.parse().map_err(|_| format!("{text} is no number"))
}

fn time(text: &str) -> Result<Duration, String> {
    let unit = text.trim_start_matches(|c: char| c.is_ascii_digit());
    let count = number(&text[..text.len() - unit.len()])?;
    let seconds = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3600,
        _ => return Err(format!("{text} is no time, which is as in 90s, 10m, 2h")),
    };
    Ok(Duration::from_secs(count * seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_units() {
        assert_eq!(time("90s"), Ok(Duration::from_secs(90)));
        assert_eq!(time("10m"), Ok(Duration::from_secs(600)));
        assert_eq!(time("2h"), Ok(Duration::from_secs(7200)));
        assert!(time("10").is_err() && time("m").is_err() && time("1.5h").is_err());
    }
}
