//! One call, as a line for people or as JSON for programs.

use crate::json::Json;
use rwasm::wasi::p1::WasiTrap;
use rwasm::wasi::p1::trace::{Call, CallOutcome, Field, Value};
use std::time::Duration;

/// Of a set with more words than this, such as the thirty rights of a descriptor, two are shown.
const MANY_WORDS: usize = 4;

/// `path_open(fd=3, path="notes.txt", oflags=CREAT) = 4`
pub fn text(call: &Call) -> String {
    let args: Vec<_> =
        call.args.iter().map(|(name, value)| format!("{name}={}", shown(value))).collect();
    let outcome = match &call.outcome {
        CallOutcome::Returned(fields) => returned(fields),
        CallOutcome::Failed(errno) => errno.to_string(),
        CallOutcome::Ended(WasiTrap::Exit(_)) => "the guest exits".into(),
        CallOutcome::Ended(trap) => trap.to_string(),
    };
    format!("{}({}) = {outcome}", call.name, args.join(", "))
}

/// What a call gave; a number or a text alone needs no name.
fn returned(fields: &[Field]) -> String {
    match fields {
        [] => "ok".into(),
        [(_, value)] => shown(value),
        fields => self::fields(fields),
    }
}

fn fields(fields: &[Field]) -> String {
    let fields = fields.iter().map(|(name, value)| format!("{name}: {}", shown(value)));
    format!("{{{}}}", fields.collect::<Vec<_>>().join(", "))
}

fn shown(value: &Value) -> String {
    match value {
        Value::Number(number) => number.to_string(),
        Value::Signed(number) => number.to_string(),
        Value::Bytes(bytes, len) => {
            let more = if bytes.len() as u64 == *len {
                String::new()
            } else {
                format!("…({len} bytes)")
            };
            format!("\"{}\"{more}", escaped(bytes))
        }
        Value::Word(word) => (*word).to_owned(),
        Value::Words(words, rest) => {
            let most = if words.len() > MANY_WORDS { 2 } else { words.len() };
            let mut shown: Vec<_> = words[..most].iter().map(|&word| word.to_owned()).collect();
            if most < words.len() {
                shown.push(format!("…{} more", words.len() - most));
            }
            if *rest != 0 || words.is_empty() {
                shown.push(if *rest == 0 { "0".into() } else { format!("{rest:#x}") });
            }
            shown.join("|")
        }
        Value::List(items) => {
            format!("[{}]", items.iter().map(shown).collect::<Vec<_>>().join(", "))
        }
        Value::Record(record) => fields(record),
        Value::OutOfBounds => "(out of bounds)".into(),
    }
}

/// Bytes as text that controls no terminal.
fn escaped(bytes: &[u8]) -> String {
    let mut text = String::new();
    for chunk in bytes.utf8_chunks() {
        text.extend(chunk.valid().escape_debug());
        text.extend(chunk.invalid().iter().map(|byte| format!("\\x{byte:02x}")));
    }
    text
}

/// The same as JSON. Bytes are text, of which what is no UTF-8 is replaced.
pub fn json(call: &Call, took: Duration) -> Json {
    let object = |fields: &[Field]| {
        Json::Object(fields.iter().map(|(name, value)| (*name, json_value(value))).collect())
    };
    let (name, outcome) = match &call.outcome {
        CallOutcome::Returned(fields) => ("result", object(fields)),
        CallOutcome::Failed(errno) => ("errno", Json::Text(errno.name().into())),
        CallOutcome::Ended(trap) => ("ended", Json::Text(trap.to_string())),
    };
    let nanoseconds = u64::try_from(took.as_nanos()).unwrap_or(u64::MAX);
    Json::Object(vec![
        ("call", Json::Text(call.name.into())),
        ("args", object(&call.args)),
        (name, outcome),
        ("nanoseconds", Json::Number(nanoseconds)),
    ])
}

fn json_value(value: &Value) -> Json {
    match value {
        Value::Number(number) => Json::Number(*number),
        Value::Signed(number) => Json::Signed(*number),
        Value::Bytes(bytes, len) => {
            let text = Json::Text(String::from_utf8_lossy(bytes).into_owned());
            match bytes.len() as u64 == *len {
                true => text,
                false => Json::Object(vec![("begins", text), ("bytes", Json::Number(*len))]),
            }
        }
        Value::Word(word) => Json::Text((*word).into()),
        Value::Words(words, rest) => {
            let words = words.iter().map(|&word| Json::Text(word.into()));
            let rest = (*rest != 0).then_some(Json::Number(*rest));
            Json::List(words.chain(rest).collect())
        }
        Value::List(items) => Json::List(items.iter().map(json_value).collect()),
        Value::Record(fields) => {
            Json::Object(fields.iter().map(|(name, value)| (*name, json_value(value))).collect())
        }
        Value::OutOfBounds => Json::Null,
    }
}

#[test]
fn lines_show_what_is_meant() {
    let call = Call {
        name: "path_open",
        args: vec![
            ("fd", Value::Number(3)),
            ("path", Value::Bytes(b"a\n\xff\x1b".to_vec(), 9)),
            ("oflags", Value::Words(vec!["CREAT", "EXCL"], 0)),
            ("fdflags", Value::Words(vec![], 0)),
            ("rights", Value::Words(vec!["A", "B", "C", "D", "E", "F", "G"], 0x40)),
        ],
        outcome: CallOutcome::Returned(vec![("opened_fd", Value::Number(4))]),
    };
    assert_eq!(
        text(&call),
        r#"path_open(fd=3, path="a\n\xff\u{1b}"…(9 bytes), oflags=CREAT|EXCL, fdflags=0, "#
            .to_owned()
            + "rights=A|B|…5 more|0x40) = 4"
    );
    assert_eq!(
        json(&Call { args: call.args[..2].to_vec(), ..call }, Duration::from_micros(1)).to_string(),
        r#"{"call": "path_open", "args": {"fd": 3, "path": {"begins": "a\u000a"#.to_owned()
            + "\u{fffd}"
            + r#"\u001b", "bytes": 9}}, "result": {"opened_fd": 4}, "nanoseconds": 1000}"#
    );
}
