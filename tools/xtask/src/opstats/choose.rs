//! Which fusions save the most dispatches: the best pair is fused everywhere, then the best of
//! what there is then, and so on.

use super::counts::Counts;
use std::collections::BTreeMap;

/// How many instructions are fused at most.
const MOST_PARTS: usize = 4;

/// Runs of a smaller share are left out.
const LEAST: f64 = 0.0005;

/// Handlers that nothing can follow in a fused instruction, because they go elsewhere or a run can
/// be left and resumed behind them.
const LAST: &[&str] =
    &["Br", "BrIf", "BrCmp", "BrTable", "Return", "ReturnValue", "CallInternal", "CallDirect"];

/// Families that are part of fusions otherwise.
const PARTS: &[&str] = &[
    "Un",
    "Bin",
    "Join",
    "LoadMem",
    "StoreMem",
    "VUn",
    "VBin",
    "VTern",
    "VLoadMem",
    "VStoreMem",
    "VExtract",
    "VReplace",
    "VTestTo",
    "VSplat",
    "VShiftBy",
    "Select",
    "SelectV128",
    "Move",
    "Move32",
    "MoveV128",
    "Spill",
    "GlobalGet",
    "GlobalSet",
];

/// A pair that is not worth it: it made a kernel with unpredictable branches slower by a third,
/// and nothing faster by much.
const LEFT_ALONE: &[[&str; 2]] = &[["Bin<I32Add,S,I,ToBoth>", "Br"]];

/// A fusion.
pub struct Choice {
    /// What it consists of.
    pub parts: Vec<String>,
    /// What part of the dispatches is left when it and those before are made.
    pub left: f64,
}

/// What blocks begin with where fuel is counted. It goes on with the rest of its instruction unless
/// there is too little, and then it is executed again.
const FUEL: &str = "Fuel";

/// The best `count` fusions where those `given` are made already, either of those that begin with
/// [`FUEL`] or of the others.
pub fn choose(programs: &[Counts], count: usize, with_fuel: bool, given: &[Choice]) -> Vec<Choice> {
    let mut runs: Vec<(Vec<Vec<String>>, f64)> = Vec::new();
    for counts in programs {
        for (names, times) in &counts.runs {
            let share = *times as f64 / counts.total as f64;
            if share > LEAST {
                runs.push((names.iter().map(|name| vec![name.clone()]).collect(), share));
            }
        }
    }
    let dispatches = |runs: &[(Vec<Vec<String>>, f64)]| -> f64 {
        runs.iter().map(|(run, share)| run.len() as f64 * share).sum()
    };
    let all = dispatches(&runs);
    for Choice { parts, .. } in given {
        let Some((last, first)) = parts.split_last() else { continue };
        for (run, _) in &mut runs {
            fuse(run, first, last);
        }
    }
    let mut chosen = Vec::new();
    while chosen.len() < count {
        let mut sums = BTreeMap::<(&[String], &String), f64>::new();
        for (run, share) in &runs {
            for pair in run.windows(2) {
                if (pair[0][0] == FUEL) == with_fuel && may_fuse(&pair[0], &pair[1]) {
                    *sums.entry((&pair[0], &pair[1][0])).or_default() += share;
                }
            }
        }
        let best = sums.into_iter().max_by(|a, b| a.1.total_cmp(&b.1));
        let Some(((first, second), _)) = best else { break };
        let (first, second) = (first.to_vec(), second.clone());
        for (run, _) in &mut runs {
            fuse(run, &first, &second);
        }
        let parts = first.into_iter().chain([second]).collect();
        chosen.push(Choice { parts, left: dispatches(&runs) / all });
    }
    chosen
}

fn may_fuse(first: &[String], second: &[String]) -> bool {
    let [second] = second else { return false };
    let family = |name: &str| name.split('<').next().unwrap_or_default().to_owned();
    let last = first.last().expect("there is a part");
    first.len() < MOST_PARTS
        && (PARTS.contains(&&*family(last)) || last == FUEL)
        && (PARTS.contains(&&*family(second)) || LAST.contains(&&*family(second)))
        // Accesses of shared memories are rare.
        && !second.contains("Shared")
        && !(first.len() == 1 && LEFT_ALONE.contains(&[&**last, &**second]))
}

fn fuse(run: &mut Vec<Vec<String>>, first: &[String], second: &str) {
    let mut at = 1;
    while at < run.len() {
        if run[at - 1] == first && run[at] == [second] {
            run[at - 1].push(second.to_owned());
            run.remove(at);
        }
        at += 1;
    }
}

#[test]
fn the_pair_that_is_executed_most_is_fused_first() {
    let run = |names: &str, count| (names.split(' ').map(str::to_owned).collect(), count);
    let counts = Counts {
        total: 100,
        triples: Vec::new(),
        runs: vec![run("Move<S> Spill<u64> Br", 10), run("Br Move<S> Spill<u64> Spill<u64>", 5)],
    };
    let counts = [counts];
    let mut chosen = choose(&counts, 1, false, &[]);
    chosen.extend(choose(&counts, 9, false, &chosen));
    let parts: Vec<_> = chosen.iter().map(|choice| choice.parts.join("+")).collect();
    let expected = ["Move<S>+Spill<u64>", "Move<S>+Spill<u64>+Br", "Move<S>+Spill<u64>+Spill<u64>"];
    assert_eq!(parts, expected);
    assert_eq!((chosen[2].left * 50.0).round(), 20.0);
}
