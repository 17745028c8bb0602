//! Scores by folder, as text.

use crate::suite::Script;
use rwasm_wast::{Counts, Report, Tally};
use std::collections::BTreeMap;
use std::fmt::Write;

/// What the scripts of a folder came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Score {
    /// How many scripts there are.
    pub files: usize,
    /// How many of them pass as a whole.
    pub files_passed: usize,
    /// How many the text parser does not know the language of.
    pub unread: usize,
    /// What became of their directives.
    pub counts: Counts,
}

/// Scores by folder.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scores(BTreeMap<String, Score>);

impl Scores {
    /// Adds what became of a script.
    pub fn add(&mut self, script: &Script, ran: &Result<Report, String>) {
        let score = self.0.entry(script.folder().to_owned()).or_default();
        score.files += 1;
        match ran {
            Ok(report) => {
                score.counts += report.counts();
                score.files_passed += usize::from(report.failures().next().is_none());
            }
            Err(_) => score.unread += 1,
        }
    }

    /// The sum over all folders.
    pub fn total(&self) -> Score {
        self.0.values().fold(Score::default(), |mut total, score| {
            total.files += score.files;
            total.files_passed += score.files_passed;
            total.unread += score.unread;
            total.counts += score.counts;
            total
        })
    }

    /// A table in Markdown, its columns aligned.
    pub fn table(&self) -> String {
        let header = [
            "folder",
            "files",
            "pass",
            "passed",
            "failed",
            "text parser",
            "valid",
            "malformed",
            "invalid",
        ];
        let mut rows = vec![header.map(String::from)];
        rows.extend(self.0.iter().map(|(folder, score)| row(folder, score)));
        rows.push(row("**all**", &self.total()));
        aligned(&rows)
    }
}

fn row(folder: &str, score: &Score) -> [String; 9] {
    let Score { files, files_passed, counts, .. } = score;
    let of = |tally: Tally| match tally {
        Tally { all: 0, .. } => "-".to_owned(),
        Tally { right, all } => format!("{right} of {all}"),
    };
    [
        folder.to_owned(),
        files.to_string(),
        files_passed.to_string(),
        counts.passed.to_string(),
        counts.failed.to_string(),
        counts.text_parser.to_string(),
        of(counts.valid),
        of(counts.malformed),
        of(counts.invalid),
    ]
}

fn aligned<const N: usize>(rows: &[[String; N]]) -> String {
    let widths: [usize; N] = std::array::from_fn(|column| {
        rows.iter().map(|row| row[column].len()).max().unwrap_or_default()
    });
    let mut text = String::new();
    for (i, row) in rows.iter().enumerate() {
        for (column, (cell, width)) in row.iter().zip(widths).enumerate() {
            let _ = match column {
                0 => write!(text, "| {cell:<width$} |"),
                _ => write!(text, " {cell:>width$} |"),
            };
        }
        text.push('\n');
        if i == 0 {
            let _ = write!(text, "|{}|", "-".repeat(widths[0] + 2));
            widths[1..].iter().for_each(|width| {
                let _ = write!(text, "{}:|", "-".repeat(width + 1));
            });
            text.push('\n');
        }
    }
    text
}
