//! JSON, as much of it as is written here.

use std::fmt::{self, Write as _};

/// A value of JSON. `{}` writes it in one line, `{:#}` in many.
#[derive(Debug)]
pub enum Json {
    /// Nothing.
    Null,
    /// Yes or no.
    Bool(bool),
    /// A number.
    Number(u64),
    /// A number that can be negative.
    Signed(i64),
    /// A text.
    Text(String),
    /// Several values.
    List(Vec<Json>),
    /// Several values with names.
    Object(Vec<(&'static str, Json)>),
}

impl fmt::Display for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write(f, 0)
    }
}

impl Json {
    /// Writes the value where lines begin with `depth` steps of white space.
    fn write(&self, f: &mut fmt::Formatter<'_>, depth: usize) -> fmt::Result {
        match self {
            Json::Null => f.write_str("null"),
            Json::Bool(bool) => write!(f, "{bool}"),
            Json::Number(number) => write!(f, "{number}"),
            Json::Signed(number) => write!(f, "{number}"),
            Json::Text(text) => quoted(f, text),
            Json::List(items) => {
                several(f, ['[', ']'], depth, items, |f, item| item.write(f, depth + 1))
            }
            Json::Object(fields) => several(f, ['{', '}'], depth, fields, |f, (name, value)| {
                write!(f, "\"{name}\": ")?;
                value.write(f, depth + 1)
            }),
        }
    }
}

fn several<T>(
    f: &mut fmt::Formatter<'_>,
    [open, close]: [char; 2],
    depth: usize,
    items: &[T],
    write: impl Fn(&mut fmt::Formatter<'_>, &T) -> fmt::Result,
) -> fmt::Result {
    f.write_char(open)?;
    for (index, item) in items.iter().enumerate() {
        let comma = if index == 0 { "" } else { "," };
        match f.alternate() {
            true => write!(f, "{comma}\n{:1$}", "", 2 * (depth + 1))?,
            false if index == 0 => {}
            false => f.write_str(", ")?,
        }
        write(f, item)?;
    }
    if !items.is_empty() && f.alternate() {
        write!(f, "\n{:1$}", "", 2 * depth)?;
    }
    f.write_char(close)
}

fn quoted(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    f.write_char('"')?;
    for c in text.chars() {
        match c {
            '"' | '\\' => write!(f, "\\{c}")?,
            // All of these are below 2^16.
            c if c.is_control() => write!(f, "\\u{:04x}", u32::from(c))?,
            c => f.write_char(c)?,
        }
    }
    f.write_char('"')
}

#[test]
fn texts_are_quoted_and_nothing_controls_a_terminal() {
    let value = Json::List(vec![
        Json::Text("a\"b\\c\n\u{1b}[31m\u{9b}é".into()),
        Json::Object(vec![("a", Json::Signed(-1)), ("b", Json::Null)]),
        Json::List(vec![]),
    ]);
    let text = "\"a\\\"b\\\\c\\u000a\\u001b[31m\\u009bé\"";
    assert_eq!(value.to_string(), format!("[{text}, {{\"a\": -1, \"b\": null}}, []]"));
    let lines = "\n  {\n    \"a\": -1,\n    \"b\": null\n  },\n  []\n]";
    assert_eq!(format!("{value:#}"), format!("[\n  {text},{lines}"));
}
