//! [`Page`]: text for people, of parts with rows, that is not longer than it has to be.

use crate::backtrace::plain;
use std::fmt::Write as _;

/// How many rows of a kind are shown.
const SHOWN: usize = 20;
/// How many characters a row has at most.
const WIDTH: usize = 100;
/// How many of them are its first column's.
const COLUMN: usize = 40;
/// Where lines of words are broken.
const WORDS: usize = 80;

/// Text for people. Rows and words in it may be the module's.
pub struct Page {
    text: String,
    all: bool,
}

impl Page {
    /// An empty one, of which nothing is cut off if `all` is to be shown.
    pub fn new(all: bool) -> Self {
        Page { text: String::new(), all }
    }

    /// What it says.
    pub fn text(self) -> String {
        self.text
    }

    /// Adds a line as it is.
    pub fn line(&mut self, text: &str) {
        let _ = writeln!(self.text, "{text}");
    }

    /// Adds a line that begins a part.
    pub fn part(&mut self, text: &str) {
        let _ = writeln!(self.text, "\n{text}");
    }

    /// Adds rows of two columns, as many as are shown.
    pub fn rows(&mut self, rows: &[(String, String)]) {
        self.columns(&rows[..self.shown(rows.len())]);
        self.more(rows.len());
    }

    /// Adds rows of two columns, all of them.
    pub fn columns(&mut self, rows: &[(String, String)]) {
        let left: Vec<_> = rows.iter().map(|row| self.cut(&row.0, COLUMN)).collect();
        let width = left.iter().map(|left| left.chars().count()).max().unwrap_or(0);
        let width = width.min(COLUMN); // What is longer pushes the second column aside.
        for (left, (_, right)) in left.iter().zip(rows) {
            let line = self.cut(&format!("{left:width$}  {right}"), WIDTH);
            let _ = writeln!(self.text, "{line}");
        }
    }

    /// How many of `total` are shown.
    pub fn shown(&self, total: usize) -> usize {
        if self.all { total } else { total.min(SHOWN) }
    }

    /// Says how many of `total` are not shown.
    pub fn more(&mut self, total: usize) {
        let shown = self.shown(total);
        if shown < total {
            let _ = writeln!(self.text, "  … and {} more (`--all` shows them)", total - shown);
        }
    }

    /// Adds words in lines that begin with `indent` spaces.
    pub fn words(&mut self, indent: usize, words: &[String]) {
        let mut line = String::new();
        for (index, word) in words.iter().enumerate() {
            let comma = if index + 1 < words.len() { "," } else { "" };
            let word = format!("{}{comma}", self.cut(word, COLUMN));
            if indent + line.chars().count() + word.chars().count() >= WORDS && !line.is_empty() {
                let _ = writeln!(self.text, "{:indent$}{line}", "");
                line.clear();
            }
            line += if line.is_empty() { "" } else { " " };
            line += &word;
        }
        let _ = writeln!(self.text, "{:indent$}{line}", "");
    }

    /// A text of the module's on a line of its own, as it can be shown.
    pub fn quote(&mut self, before: &str, text: &str, after: &str) {
        let text = self.cut(text, WIDTH);
        self.line(&format!("{before}{text}{after}"));
    }

    /// A text of the module's as it can be shown, and not longer than `width`.
    fn cut(&self, text: &str, width: usize) -> String {
        let text = plain(text);
        if self.all || text.chars().count() <= width {
            return text;
        }
        text.chars().take(width - 1).chain(['…']).collect()
    }
}
