//! `cargo bench -p rwasm-benches`: criterion's groups, with the guests' kernels at their small
//! sizes, then the table of ratios.

use criterion::{BenchmarkId, Criterion, Throughput};
use rwasm_benches::cases::{self, Case, Sizes};
use rwasm_benches::{probe, table};
use std::process::ExitCode;
use std::time::Duration;

fn main() -> ExitCode {
    if let Some(status) = probe::child() {
        return status;
    }
    let mut criterion = Criterion::default()
        .sample_size(10)
        .warm_up_time(Duration::from_millis(30))
        .measurement_time(Duration::from_millis(120))
        .nresamples(5_000)
        .without_plots()
        .configure_from_args();
    let result = cases::all(Sizes::Small).and_then(|cases| {
        cases.iter().for_each(|case| bench(&mut criterion, case));
        criterion.final_summary();
        // `cargo test` runs this too, without the flag, to see that it works.
        if std::env::args().any(|arg| arg == "--bench") { print_table() } else { Ok(()) }
    });
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("{message}");
            ExitCode::FAILURE
        }
    }
}

fn bench(criterion: &mut Criterion, case: &Case) {
    let mut group = criterion.benchmark_group(case.group);
    if let Some(bytes) = case.bytes {
        group.throughput(Throughput::Bytes(bytes));
    }
    for entry in (case.make)() {
        let Ok(mut work) = entry.work else { continue };
        group.bench_function(BenchmarkId::new(&case.name, entry.engine), |bencher| {
            bencher.iter(&mut work);
        });
    }
    group.finish();
}

fn print_table() -> rwasm_benches::Result<()> {
    let filters = std::env::args().skip(1).filter(|arg| !arg.starts_with('-')).collect();
    let options = table::Options { filters, ..table::Options::default() };
    table::print(cases::all(Sizes::Full)?, &options)
}
