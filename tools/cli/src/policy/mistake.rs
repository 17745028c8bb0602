//! What is wrong in a policy, for people: where it is, and what was probably meant.

use crate::backtrace::plain;
use crate::exit::Stop;
use std::path::Path;
use toml::de::Error;

/// What is wrong in `text`, which the file `path` has, with its line.
pub fn explain(path: &Path, text: &str, error: &Error) -> Stop {
    let path = path.display();
    let message = plain(&in_words(error.message()));
    let Some(span) = error.span() else { return Stop::error(format!("{path}: {message}")) };
    let before = &text.as_bytes()[..span.start.min(text.len())];
    let number = before.iter().filter(|&&byte| byte == b'\n').count();
    let line = text.lines().nth(number).map(|line| plain(line.trim())).unwrap_or_default();
    let number = number + 1;
    match line.is_empty() {
        true => Stop::Error(format!("{path}, line {number}: {message}")),
        false => Stop::Error(format!("{path}, line {number}: {message}\n  {line}")),
    }
}

/// A message of the parser's as this program would say it.
fn in_words(message: &str) -> String {
    if message.starts_with("unknown field ") || message.starts_with("unknown variant ") {
        let mut words = message.split('`').skip(1).step_by(2);
        let word = words.next().unwrap_or_default();
        return match nearest(word, words.clone()) {
            Some(nearest) => format!("there is no `{word}`; there is `{nearest}`"),
            None => format!("there is no `{word}`; there are: {}", list(words)),
        };
    }
    let wrong =
        message.strip_prefix("invalid type: ").and_then(|rest| rest.split_once(", expected "));
    match wrong {
        Some((found, expected)) => {
            let expected = match expected {
                "a sequence" => "a list, such as `[\"…\"]`",
                "a map" => "a table",
                "a boolean" => "`true` or `false`",
                "a string" => "a text in quotes",
                expected if expected.starts_with("struct ") => "a table",
                expected => expected,
            };
            let found = match found {
                "sequence" => "a list",
                "map" => "a table",
                found => found,
            };
            format!("expected {expected}, found {found}")
        }
        None => message.to_owned(),
    }
}

/// The one of `names` that `word` was most probably meant to be.
pub fn nearest<'a>(word: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let distance = |name: &&str| strsim::damerau_levenshtein(word, name);
    let nearest = names.min_by_key(distance)?;
    (distance(&nearest) <= word.len().max(3) / 3).then_some(nearest)
}

/// Names after each other.
pub fn list<'a>(names: impl Iterator<Item = &'a str>) -> String {
    names.map(plain).collect::<Vec<_>>().join(", ")
}

#[test]
fn messages_of_the_parser_are_said_in_other_words() {
    let said = [
        (
            "unknown field `dirs`, expected one of `dir`, `env`, `stdin`",
            "there is no `dirs`; there is `dir`",
        ),
        (
            "unknown variant `real`, expected `fixed` or `virtual`",
            "there is no `real`; there are: fixed, virtual",
        ),
        (
            "invalid type: integer `3`, expected a string",
            "expected a text in quotes, found integer `3`",
        ),
        ("something else", "something else"),
    ];
    for (message, words) in said {
        assert_eq!(in_words(message), words);
    }
}
