//! Counts of what happened, per configuration.

use std::collections::BTreeMap;
use std::fmt;

/// What is counted, in the order of the columns.
pub const COLUMNS: [&str; 12] = [
    "generated",
    "executed",
    "fully compared",
    "not instantiated",
    "calls",
    "host calls",
    "returned",
    "trapped",
    "threw",
    "out of fuel",
    "out of stack",
    "out of heap",
];

/// Counts of all configurations.
#[derive(Default)]
pub struct Totals(BTreeMap<String, BTreeMap<String, u64>>);

impl Totals {
    /// Adds what a worker says of a case: its configuration, then `name=number`, separated by
    /// commas.
    pub fn add(&mut self, line: &str) {
        let mut parts = line.split(',');
        let counts = self.0.entry(parts.next().unwrap_or_default().to_owned()).or_default();
        for (name, number) in parts.filter_map(|part| part.split_once('=')) {
            *counts.entry(name.to_owned()).or_default() += number.parse().unwrap_or(0);
        }
    }

    /// The sum of one column.
    pub fn sum(&self, column: &str) -> u64 {
        self.0.values().filter_map(|counts| counts.get(column)).sum()
    }
}

/// A table: a row per column of counts, since there are fewer configurations.
impl fmt::Display for Totals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:18}", "")?;
        for configuration in self.0.keys() {
            write!(f, "{configuration:>11}")?;
        }
        writeln!(f, "{:>12}", "all")?;
        for column in COLUMNS {
            write!(f, "{column:18}")?;
            for counts in self.0.values() {
                write!(f, "{:>11}", counts.get(column).copied().unwrap_or(0))?;
            }
            writeln!(f, "{:>12}", self.sum(column))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_workers_add_up() {
        let mut totals = Totals::default();
        totals.add("gc,calls=3,threw=1");
        totals.add("gc,calls=4");
        totals.add("all,calls=5");
        assert_eq!((totals.sum("calls"), totals.sum("threw"), totals.sum("executed")), (12, 1, 0));
    }
}
