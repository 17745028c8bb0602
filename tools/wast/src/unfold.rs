//! Folded `try`, which the text parser no longer knows, written out.
//!
//! Scripts from before WebAssembly 3.0 write `(try (do …) (catch $e …))`. What the parser does know
//! is `try … catch $e … end`, which means the same wherever an instruction may begin. Lines stay
//! where they are.

use std::borrow::Cow;

/// What an open parenthesis begins.
enum Open {
    /// Something that stays as it is.
    Plain,
    Try {
        /// Whether it ends with `delegate`, which needs no `end`.
        delegates: bool,
    },
    /// A part of a `try`, whose parentheses go.
    Part,
}

/// The text with every folded `try` written out.
pub fn unfold(text: &str) -> Cow<'_, str> {
    if !text.contains("(try") {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + text.len() / 8);
    let mut open = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let len = match first {
            '"' => string(rest),
            ';' if rest.starts_with(";;") => rest.find('\n').unwrap_or(rest.len()),
            '(' if rest.starts_with("(;") => comment(rest),
            '(' => {
                let (written, len, opened) = begin(rest, open.last_mut());
                out += written;
                open.push(opened);
                rest = &rest[len..];
                continue;
            }
            ')' => {
                out += match open.pop() {
                    Some(Open::Try { delegates: false }) => " end ",
                    Some(Open::Try { delegates: true } | Open::Part) => " ",
                    Some(Open::Plain) | None => ")",
                };
                rest = &rest[1..];
                continue;
            }
            first => first.len_utf8(),
        };
        out += &rest[..len];
        rest = &rest[len..];
    }
    Cow::Owned(out)
}

/// What is written for an open parenthesis, how much of the text that stands for, and what it is.
fn begin<'a>(text: &'a str, around: Option<&mut Open>) -> (&'a str, usize, Open) {
    let word = &text[1..];
    let end = word.find(|c: char| !(c.is_ascii_alphanumeric() || "_.".contains(c)));
    let word = &word[..end.unwrap_or(word.len())];
    match (word, around) {
        ("try", _) => (" try", 4, Open::Try { delegates: false }),
        ("do", Some(Open::Try { .. })) => (" ", 3, Open::Part),
        ("catch" | "catch_all", Some(Open::Try { .. })) => (word, 1 + word.len(), Open::Part),
        ("delegate", Some(Open::Try { delegates })) => {
            *delegates = true;
            (word, 9, Open::Part)
        }
        _ => ("(", 1, Open::Plain),
    }
}

/// The length of the string that `text` begins with.
fn string(text: &str) -> usize {
    let mut escaped = false;
    let end = text.char_indices().skip(1).find(|&(_, c)| {
        let ends = c == '"' && !escaped;
        escaped = c == '\\' && !escaped;
        ends
    });
    end.map_or(text.len(), |(at, _)| at + 1)
}

/// The length of the block comment that `text` begins with.
fn comment(text: &str) -> usize {
    let (mut depth, mut at) = (0, 0);
    while at < text.len() {
        let rest = &text.as_bytes()[at..];
        match rest {
            [b'(', b';', ..] => (depth, at) = (depth + 1, at + 2),
            [b';', b')', ..] => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
        if depth == 0 {
            break;
        }
    }
    at
}

#[test]
fn tries_are_written_out() {
    let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let is = |folded, written| assert_eq!(words(&unfold(folded)), written);
    is("(func (try (do (nop)) (catch $e (drop))))", "(func try (nop) catch $e (drop) end )");
    is(
        "(try $t (result i32) (do (try (do)(delegate $t))) (catch_all))",
        "try $t (result i32) try delegate $t catch_all end",
    );
    is(
        "(try_table (catch 0 0))(;(try;)\"(try (do))\\\"\" ;; (try",
        "(try_table (catch 0 0))(;(try;)\"(try (do))\\\"\" ;; (try",
    );
}
