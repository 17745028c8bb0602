//! The table of ratios.
//!
//! Each case runs in rounds, every engine once a round, one after the other, each round beginning
//! with another: what disturbs the machine for a while disturbs all of them. A ratio is an engine's
//! time divided by ours, so more than 1 means that we are faster; there is one of the minima, which
//! repeats best, and one of the medians.

use crate::cases::{Case, Entry};
use crate::engines::Work;
use crate::timing::{Clock, OneCore};
use crate::{Result, text};
use std::time::{Duration, Instant};

/// A sample that takes less is made of several runs.
const SHORTEST_SAMPLE: Duration = Duration::from_millis(2);

/// How much to measure.
pub struct Options {
    /// Cases whose `group/name` contains one of these; all if there are none.
    pub filters: Vec<String>,
    /// How long a case may take.
    pub seconds: f64,
    /// How many rounds a case has at most; it has at least five.
    pub rounds: usize,
}

impl Default for Options {
    fn default() -> Self {
        Options { filters: Vec::new(), seconds: 1.2, rounds: 40 }
    }
}

impl Options {
    /// Reads the arguments of `table`.
    pub fn parse(args: &[&str]) -> Result<Options> {
        let mut options = Options::default();
        let mut args = args.iter();
        while let Some(&arg) = args.next() {
            let mut value = || args.next().ok_or_else(|| format!("{arg} takes a number"));
            match arg {
                "--seconds" => options.seconds = value()?.parse().map_err(text)?,
                "--rounds" => options.rounds = value()?.parse().map_err(text)?,
                _ if arg.starts_with('-') => return Err(format!("no option is called {arg}")),
                _ => options.filters.push(arg.to_owned()),
            }
        }
        Ok(options)
    }

    fn wants(&self, case: &Case) -> bool {
        let name = format!("{}/{}", case.group, case.name);
        self.filters.is_empty() || self.filters.iter().any(|filter| name.contains(filter))
    }
}

/// An engine's times in a case.
struct Times {
    engine: &'static str,
    least: f64,
    median: f64,
}

/// A ratio of an engine to ours in one case.
struct Ratio {
    group: &'static str,
    engine: &'static str,
    least: f64,
    median: f64,
}

/// Measures and prints.
///
/// # Errors
///
/// With a list of what we or a peer that must work got wrong, after everything else is done.
pub fn print(cases: Vec<Case>, options: &Options) -> Result<()> {
    let mut clock = Clock::of_thread();
    println!("Times in {}; ratios are time / our time: above 1 we are faster.", clock.unit());
    let (mut ratios, mut failures, mut group) = (Vec::new(), Vec::new(), "");
    for case in cases.into_iter().filter(|case| options.wants(case)) {
        if case.group != group {
            group = case.group;
            println!("\n{group}");
        }
        let core = (!case.all_cores).then(OneCore::pin);
        let entries = (case.make)();
        let (times, reasons) = if case.all_cores {
            measure(entries, &mut Clock::Wall, options, &mut failures, &case)
        } else {
            measure(entries, &mut clock, options, &mut failures, &case)
        };
        drop(core);
        print_row(&case, &times, &reasons);
        let Some((ours, peers)) =
            times.split_first().filter(|(ours, _)| ours.engine.starts_with("rwasm"))
        else {
            continue;
        };
        ratios.extend(peers.iter().map(|peer| Ratio {
            group,
            engine: peer.engine,
            least: peer.least / ours.least,
            median: peer.median / ours.median,
        }));
    }
    print_means(&ratios);
    if failures.is_empty() { Ok(()) } else { Err(failures.join("\n")) }
}

/// Engines that cannot take part, and why.
type Reasons = Vec<(&'static str, String)>;

fn measure(
    entries: Vec<Entry>,
    clock: &mut Clock,
    options: &Options,
    failures: &mut Vec<String>,
    case: &Case,
) -> (Vec<Times>, Reasons) {
    let mut reasons = Reasons::new();
    let mut works: Vec<(&'static str, Work, Vec<u64>)> = Vec::new();
    for entry in entries {
        match entry.work {
            Ok(work) => works.push((entry.engine, work, Vec::new())),
            Err(reason) => {
                if entry.required {
                    let Case { group, name, .. } = case;
                    failures.push(format!("{group}/{name}: {}: {reason}", entry.engine));
                }
                reasons.push((entry.engine, reason));
            }
        }
    }
    // The fastest decides how often each runs in a sample.
    let first_runs = works.iter_mut().map(|(_, work, _)| {
        let start = Instant::now();
        work();
        start.elapsed()
    });
    let fastest = first_runs.min().unwrap_or_default().max(Duration::from_nanos(1));
    let repeats = SHORTEST_SAMPLE.as_nanos().div_ceil(fastest.as_nanos());
    let start = Instant::now();
    let count = works.len();
    for round in 0..options.rounds.max(1) {
        if round >= 5 && start.elapsed().as_secs_f64() > options.seconds {
            break;
        }
        for at in 0..count {
            let (_, work, samples) = &mut works[(at + round) % count];
            samples.push(clock.time(|| (0..repeats).for_each(|_| work())));
        }
    }
    let times = works.into_iter().map(|(engine, _, mut samples)| {
        samples.sort_unstable();
        let per_run = |sample: u64| sample as f64 / repeats as f64;
        let median = per_run(samples[samples.len() / 2]);
        Times { engine, least: per_run(samples[0]), median }
    });
    (times.collect(), reasons)
}

fn print_row(case: &Case, times: &[Times], reasons: &Reasons) {
    print!("  {:24}", case.name);
    let ours = times.first().filter(|ours| ours.engine.starts_with("rwasm"));
    if let Some(ours) = ours {
        print!(" {:>14}", format!("{:.0}", ours.least));
        if let Some(bytes) = case.bytes {
            print!(" {:>7.2}/byte", ours.least / bytes as f64);
        }
    }
    for peer in times.iter().skip(usize::from(ours.is_some())) {
        match ours {
            Some(ours) => print!(
                "  {} {:.2} ({:.2})",
                peer.engine,
                peer.least / ours.least,
                peer.median / ours.median
            ),
            None => print!("  {} {:.0}", peer.engine, peer.least),
        }
    }
    for (engine, reason) in reasons {
        print!("  {engine} - ({reason})");
    }
    println!();
}

fn print_means(ratios: &[Ratio]) {
    let mut groups: Vec<&str> = ratios.iter().map(|ratio| ratio.group).collect();
    groups.dedup();
    let mut engines: Vec<&str> = ratios.iter().map(|ratio| ratio.engine).collect();
    engines.sort_unstable();
    engines.dedup();
    println!("\nGeometric means of the ratios, of the minima and (of the medians)");
    let row = |title: &str, wanted: &dyn Fn(&str) -> bool| {
        print!("  {title:24}");
        for engine in &engines {
            let of_engine: Vec<&Ratio> = ratios
                .iter()
                .filter(|ratio| ratio.engine == *engine && wanted(ratio.group))
                .collect();
            if of_engine.is_empty() {
                continue;
            }
            let mean = |of: &dyn Fn(&Ratio) -> f64| {
                let sum: f64 = of_engine.iter().map(|ratio| of(ratio).ln()).sum();
                (sum / of_engine.len() as f64).exp()
            };
            let (least, median) = (mean(&|ratio| ratio.least), mean(&|ratio| ratio.median));
            print!("  {engine} {least:.2} ({median:.2}, {})", of_engine.len());
        }
        println!();
    };
    for group in &groups {
        row(group, &|name| name == *group);
    }
    if groups.iter().any(|group| KERNEL_GROUPS.contains(group)) {
        row("all own kernels", &|name| KERNEL_GROUPS.contains(&name));
    }
    if groups.iter().any(|group| group.starts_with("guest-")) {
        row("all guest kernels", &|name| name.starts_with("guest-"));
    }
}

/// The groups of the kernels of this package.
const KERNEL_GROUPS: &[&str] =
    &["calls", "integer", "float", "memory", "branchy", "indirect", "simd"];
