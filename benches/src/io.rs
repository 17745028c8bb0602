//! Input and output of guests: whole processes of command lines, one after the other.

use crate::{Result, text};
use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

macro_rules! guests {
    ($($name:literal),*) => { &[$(($name, include_str!(concat!("../io/", $name, ".wat")))),*] };
}

/// What is done, and the guest that does it in a directory made by [`Work::new`].
const GUESTS: &[(&str, &str)] = guests!["writes", "output", "sequential", "random", "walk"];

/// Prints how long each command takes for each guest, as the ratio to the first command: medians of
/// the wall times of so many rounds. A command is `NAME=WORD WORD…`, with `{dir}` for the directory
/// that the guest is to have as its first and `{wasm}` for the guest's file.
///
/// # Errors
///
/// If a command cannot be run or fails.
pub fn table(commands: &[&str], rounds: usize) -> Result<()> {
    let commands: Vec<_> = commands
        .iter()
        .map(|command| command.split_once('=').ok_or(format!("{command}: no NAME=COMMAND")))
        .collect::<Result<_>>()?;
    if commands.is_empty() {
        return Err("there is no command to measure".into());
    }
    let work = Work::new().map_err(text)?;
    for (name, wat) in GUESTS {
        let wasm = work.0.join(name).with_extension("wasm");
        fs::write(&wasm, wat::parse_str(wat).map_err(text)?).map_err(text)?;
        let mut times = vec![Vec::new(); commands.len()];
        // The first round fills the page cache and counts for nothing.
        for round in 0..=rounds {
            for (index, (_, command)) in commands.iter().enumerate() {
                let seconds = run(command, &work.0.join("dir"), &wasm)?;
                if round > 0 {
                    times[index].push(seconds);
                }
            }
        }
        let medians: Vec<_> = times.into_iter().map(median).collect();
        let ratios = commands.iter().zip(&medians).skip(1);
        let ratios =
            ratios.map(|((name, _), median)| format!("  {name} {:.2}", median / medians[0]));
        println!("{name:12} {:8.1} ms{}", medians[0] * 1e3, ratios.collect::<String>());
    }
    Ok(())
}

fn run(command: &str, dir: &Path, wasm: &Path) -> Result<f64> {
    let words = command.split_whitespace().map(|word| {
        word.replace("{dir}", &dir.to_string_lossy()).replace("{wasm}", &wasm.to_string_lossy())
    });
    let words: Vec<_> = words.collect();
    let (program, args) = words.split_first().ok_or("a command has no words")?;
    let start = Instant::now();
    let status = Command::new(program).args(args).stdout(Stdio::null()).status();
    let seconds = start.elapsed().as_secs_f64();
    match status.map_err(|error| format!("{program}: {error}"))? {
        status if status.success() => Ok(seconds),
        status => Err(format!("{}: {status}", words.join(" "))),
    }
}

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times.get(times.len() / 2).copied().unwrap_or(f64::NAN)
}

/// A folder with what the guests read, gone when it is dropped.
struct Work(PathBuf);

impl Work {
    /// A file of 1 GiB, and 100 directories of 1000 files each.
    fn new() -> std::io::Result<Self> {
        let work = Work(std::env::temp_dir().join(format!("rwasm-io-{}", std::process::id())));
        let dir = work.0.join("dir");
        fs::create_dir_all(&dir)?;
        let mut large = File::create(dir.join("large"))?;
        let piece: Vec<u8> = (0..1 << 20).map(|index: u32| index as u8).collect();
        for _ in 0..1024 {
            large.write_all(&piece)?;
        }
        for folder in 0..100 {
            let folder = dir.join(format!("d{folder:02}"));
            fs::create_dir(&folder)?;
            for file in 0..1000 {
                File::create(folder.join(format!("file{file:03}.txt")))?;
            }
        }
        Ok(work)
    }
}

impl Drop for Work {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}
