//! What a run executed, as `interp/src/dispatch/observe.rs` writes it.

use crate::Result;
use std::collections::BTreeMap;

/// The counts of a run.
#[derive(Default)]
pub struct Counts {
    /// Instructions executed.
    pub total: u64,
    /// How often three followed each other.
    pub triples: Vec<([String; 3], u64)>,
    /// Instructions that are always executed one after the other, and how often.
    pub runs: Vec<(Vec<String>, u64)>,
}

struct Site {
    count: u64,
    name: String,
    len: usize,
}

impl Counts {
    /// Reads the counts of a run.
    pub fn parse(text: &str) -> Result<Counts> {
        let mut counts = Counts::default();
        let mut sites = BTreeMap::new();
        for line in text.lines() {
            let fields: Vec<&str> = line.split(' ').collect();
            match fields[..] {
                ["total", total] => counts.total = total.parse()?,
                ["triple", count, a, b, c] => {
                    counts.triples.push(([a, b, c].map(str::to_owned), count.parse()?));
                }
                ["site", count, at, name, ref operands @ ..] => {
                    // Words of 2 bytes.
                    let len = 8 + 2 * operands.len();
                    let site = Site { count: count.parse()?, name: name.to_owned(), len };
                    sites.insert(usize::from_str_radix(at, 16)?, site);
                }
                _ => return Err(format!("what is `{line}`?").into()),
            }
        }
        counts.runs = runs(sites);
        Ok(counts)
    }
}

fn runs(sites: BTreeMap<usize, Site>) -> Vec<(Vec<String>, u64)> {
    let mut runs: Vec<(Vec<String>, u64)> = Vec::new();
    let mut end = 0;
    for (at, Site { count, name, len }) in sites {
        match runs.last_mut() {
            Some((names, known)) if end == at && *known == count => names.push(name),
            _ => runs.push((vec![name], count)),
        }
        end = at + len;
    }
    runs
}

#[test]
fn neighbours_that_are_executed_equally_often_are_a_run() {
    let text = "total 9\nsite 3 18 B<S> 1 2\nsite 3 c A 1 2\nsite 2 24 C\nsite 2 40 D\n";
    let counts = Counts::parse(text).expect("it is well formed");
    let runs: Vec<_> = counts.runs.iter().map(|(names, count)| (names.join("+"), *count)).collect();
    assert_eq!(runs, [("A+B<S>".into(), 3), ("C".into(), 2), ("D".into(), 2)]);
}
