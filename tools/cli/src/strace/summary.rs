//! How often functions were called, and how long that took.

use rwasm::wasi::p1::trace::{Call, CallOutcome};
use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

/// Counts of calls.
#[derive(Debug, Default)]
pub struct Summary(BTreeMap<&'static str, Counts>);

#[derive(Clone, Copy, Debug, Default)]
struct Counts {
    calls: u64,
    errors: u64,
    time: Duration,
}

impl Summary {
    /// Counts a call.
    pub fn count(&mut self, call: &Call, took: Duration) {
        let counts = self.0.entry(call.name).or_default();
        counts.calls += 1;
        counts.errors += u64::from(matches!(call.outcome, CallOutcome::Failed(_)));
        counts.time += took;
    }
}

/// A table, what took longest first.
impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rows: Vec<_> = self.0.iter().collect();
        rows.sort_by_key(|(_, counts)| std::cmp::Reverse(counts.time));
        let total = rows.iter().fold(Counts::default(), |sum, (_, counts)| Counts {
            calls: sum.calls + counts.calls,
            errors: sum.errors + counts.errors,
            time: sum.time + counts.time,
        });
        writeln!(f, "% time     seconds  usecs/call     calls    errors  call")?;
        let mut row = |counts: &Counts, name: &str| {
            let seconds = counts.time.as_secs_f64();
            let share = 100.0 * seconds / total.time.as_secs_f64().max(1e-9);
            let each = 1e6 * seconds / (counts.calls.max(1) as f64);
            let Counts { calls, errors, .. } = counts;
            writeln!(f, "{share:6.2} {seconds:11.6} {each:11.3} {calls:9} {errors:9}  {name}")
        };
        rows.iter().try_for_each(|(name, counts)| row(counts, name))?;
        row(&total, "in all")
    }
}

#[test]
fn what_took_longest_comes_first() {
    let mut summary = Summary::default();
    let call = |name, outcome| Call { name, args: Vec::new(), outcome };
    let returned = CallOutcome::Returned(Vec::new());
    summary.count(&call("fd_read", returned.clone()), Duration::from_micros(100));
    summary.count(&call("fd_write", returned), Duration::from_micros(200));
    let failed = CallOutcome::Failed(rwasm::wasi::p1::Errno::Pipe);
    summary.count(&call("fd_write", failed), Duration::from_micros(100));
    assert_eq!(
        summary.to_string(),
        "% time     seconds  usecs/call     calls    errors  call\n \
         75.00    0.000300     150.000         2         1  fd_write\n \
         25.00    0.000100     100.000         1         0  fd_read\n\
         100.00    0.000400     133.333         3         1  in all\n"
    );
}
